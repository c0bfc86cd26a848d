"""What a price is brought to before it is compared."""

from __future__ import annotations

import pytest

from analysis.price_units import (
    LARGE,
    MIDDLE,
    ONE_TO_ONE,
    OTHER,
    SMALL,
    name_key,
    size_of_words,
    standardised,
)
from tests.analysis.price_rows import frame, price


@pytest.mark.parametrize(
    ("minutes", "mode", "standard"),
    [
        (45, None, 90.0),
        (45, "offline", 90.0),
        (60, "offline", 67.5),
        (30, "online", 90.0),
        (45, "online", 60.0),
        (90, None, 45.0),
    ],
)
def test_price_is_that_of_45_minutes_offline_and_of_30_online(
    minutes: int, mode: str | None, standard: float
) -> None:
    [row] = standardised(frame(price(1, 90.0, lesson_minutes=minutes, teaching_mode=mode))).to_dict(
        "records"
    )

    assert row["standard"] == pytest.approx(standard)
    assert row["mode"] == (mode or "offline")


@pytest.mark.parametrize(("yuan", "minutes"), [(0.0, 45), (90.0, 0)])
def test_price_of_nothing_or_for_nothing_cannot_be_compared(yuan: float, minutes: int) -> None:
    assert standardised(frame(price(1, yuan, lesson_minutes=minutes))).empty


@pytest.mark.parametrize(
    ("students", "group"),
    [(1, ONE_TO_ONE), (2, SMALL), (9, SMALL), (10, MIDDLE), (35, MIDDLE), (36, LARGE)],
)
def test_number_of_students_says_the_group_whatever_the_words(students: int, group: str) -> None:
    for words in ("一对一", "大班"):
        rows = standardised(frame(price(1, 90.0, class_size=words, class_students=students)))

        assert rows["size_group"].tolist() == [group]


@pytest.mark.parametrize("students", [None, 0])
def test_words_say_the_group_where_the_number_is_not_known(students: int | None) -> None:
    rows = standardised(frame(price(1, 90.0, class_size="小班", class_students=students)))

    assert rows["size_group"].tolist() == [SMALL]


@pytest.mark.parametrize(
    ("words", "group"),
    [
        ("一对一", ONE_TO_ONE),
        ("１ 对 １", ONE_TO_ONE),
        ("1V1", ONE_TO_ONE),
        ("一对三", SMALL),
        ("1对12", MIDDLE),
        ("精品小组", SMALL),
        ("10人以下", SMALL),
        ("10—35人", MIDDLE),
        ("35人以上", LARGE),
        ("6-10人", MIDDLE),
        ("20人班", MIDDLE),
        ("中班", MIDDLE),
        ("大班课", LARGE),
        ("普通", OTHER),
        ("", OTHER),
    ],
)
def test_words_of_ledgers_name_a_group(words: str, group: str) -> None:
    assert size_of_words(words) == group


def test_names_are_compared_without_spaces_and_width() -> None:
    assert name_key(" 少儿 编程Ａ　班") == name_key("少儿编程a班")


def test_no_rows_keep_their_columns() -> None:
    assert {"standard", "item_key", "size_group", "mode"} <= set(standardised(frame()).columns)
