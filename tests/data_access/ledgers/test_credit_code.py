from __future__ import annotations

import pytest

from data_access.ledgers.credit_code import ALPHABET, check_digit_holds

RIGHT = "914403001922038216"


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        (RIGHT, True),
        ("91440300708461136T", True),
        (RIGHT[:-1] + "7", False),
        (RIGHT[:3] + RIGHT[4] + RIGHT[3] + RIGHT[5:], False),
        ("9144O3001922038216", False),
        ("SVZIO3001922038216", False),
    ],
)
def test_check_digit_is_the_one_the_standard_asks_for(code: str, *, holds: bool) -> None:
    assert check_digit_holds([code]).tolist() == [holds]


def test_one_digit_changed_never_goes_unnoticed() -> None:
    changed = [
        RIGHT[:at] + letter + RIGHT[at + 1 :]
        for at in range(len(RIGHT))
        for letter in ALPHABET
        if letter != RIGHT[at]
    ]

    assert not check_digit_holds(changed).any()


def test_no_codes_are_no_answers() -> None:
    assert check_digit_holds([]).tolist() == []
