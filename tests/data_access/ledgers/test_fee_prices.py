"""What a quoted price comes to for one person and one lesson."""

from __future__ import annotations

from typing import Any

import pytest

from data_access.ledgers.fee_prices import NoPriceError, Quote, per_person_and_lesson, students_of
from data_access.vocabulary import PRICE_UNIT

QUOTE = Quote(yuan=1200.0, unit=None, minutes=45, lessons=None, students=None, class_size="小班")


def price(**says: Any) -> float:
    return per_person_and_lesson(QUOTE._replace(**says))


@pytest.mark.parametrize(
    ("says", "yuan"),
    [
        ({}, 1200.0),  # no unit is a lesson's price
        ({"unit": "lesson"}, 1200.0),
        ({"unit": "lesson", "lessons": 10, "students": 5}, 1200.0),  # of no account here
        ({"unit": "hour"}, 900.0),  # 45 of 60 minutes
        ({"unit": "hour", "minutes": 90}, 1800.0),
        ({"unit": "term", "lessons": 16}, 75.0),
        ({"unit": "class_lesson", "students": 8}, 150.0),
        ({"unit": "class_hour", "students": 8}, 112.5),
        ({"unit": "class_term", "lessons": 16, "students": 8}, 9.38),  # 9.375
        ({"yuan": 0.0}, 0.0),
    ],
)
def test_price_of_one_person_and_lesson(says: dict[str, Any], yuan: float) -> None:
    assert price(**says) == yuan


@pytest.mark.parametrize("unit", PRICE_UNIT)
def test_every_unit_comes_to_a_price_where_all_is_said(unit: str) -> None:
    assert price(unit=unit, lessons=10, students=4) > 0


@pytest.mark.parametrize(
    ("says", "column"),
    [
        ({"minutes": 0}, "lesson_minutes"),
        ({"unit": "hour", "minutes": 0}, "lesson_minutes"),
        ({"unit": "term"}, "quoted_lessons"),
        ({"unit": "term", "lessons": 0}, "quoted_lessons"),
        ({"unit": "class_lesson"}, "class_students"),
        ({"unit": "class_lesson", "students": 0, "class_size": "一对一"}, "class_students"),
        ({"unit": "class_hour"}, "class_students"),
        ({"unit": "class_term", "lessons": 10}, "class_students"),
        ({"unit": "class_term", "students": 10}, "quoted_lessons"),
    ],
)
def test_what_is_missing_is_named(says: dict[str, Any], column: str) -> None:
    with pytest.raises(NoPriceError) as refused:
        price(**says)

    assert refused.value.column == column
    assert "请" in str(refused.value)


def test_class_size_stands_in_for_students_that_are_not_stated() -> None:
    assert price(unit="class_lesson", class_size="1对4") == 300.0
    assert price(unit="class_lesson", class_size="1对4", students=3) == 400.0  # stated


@pytest.mark.parametrize(
    ("size", "students"),
    [
        *[("一对一", 1), ("1对1", 1), ("1v1", 1), ("1V4", 4), ("１对４", 4), ("一对三小班", 3)],
        *[("1 对 4", 4), ("1对12", 12), ("6人班", 6), ("六人班", 6), ("30人大班", 30), ("8人", 8)],
    ],
)
def test_class_size_that_names_one_number(size: str, students: int) -> None:
    assert students_of(size) == students


@pytest.mark.parametrize(
    "size",
    [
        *[
            "小班",
            "大班",
            "精品班",
            "1对2-4",
            "1对2～4",
            "一对多",
            "10人以内",
            "不超过10人",
            "5-8人",
        ],
        *["10人以上", "5至8人", "1对0", "2对4", "一对十二", "小班（6人以下）", "", "35", "1班"],
    ],
)
def test_no_number_is_guessed_from_a_range_or_a_word(size: str) -> None:
    assert students_of(size) is None
