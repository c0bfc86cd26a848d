"""The institution that is about to fail: still open, and everything points to its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data.charges import Charge
from sample_data.fee_words import SMALL
from sample_data.fees import Course, Price
from sample_data.institutions import Institution


@dataclass(frozen=True)
class Failing:
    """Its money, its price, its teachers and its first disputes, day by day."""

    unit: str
    name: str
    course: str
    item: str
    # First day, last day, charges, lessons of each, yuan of each, into the account.
    charged: tuple[tuple[date, date, int, int, int, bool], ...]
    prices: tuple[Price, ...]
    teachers_checked_on: date
    teachers: int
    teachers_gone: int
    disputes: tuple[tuple[date, int, int], ...]


FAILING = Failing(
    "450203", "鱼峰区戊戌少儿编程培训学校", "编程长训小班", "少儿编程",
    (
        (date(2022, 5, 24), date(2022, 6, 26), 6, 16, 1920, True),
        (date(2022, 7, 1), date(2022, 7, 31), 22, 48, 4560, False),
        (date(2022, 8, 1), date(2022, 8, 24), 30, 60, 4980, False),
    ),
    (Price(date(2021, 9, 1), 60, 120), Price(date(2022, 7, 1), 60, 95),
     Price(date(2022, 8, 1), 60, 83)),
    date(2022, 8, 17), 21, 9,
    # Opened on, students, yuan.
    (
        (date(2022, 8, 9), 1, 4560),
        (date(2022, 8, 15), 1, 4560), (date(2022, 8, 17), 1, 4560),
        (date(2022, 8, 19), 1, 4560), (date(2022, 8, 22), 1, 4980), (date(2022, 8, 23), 2, 9540),
        (date(2022, 8, 24), 1, 4980),
    ),
)  # fmt: skip
STORY = "about to fail"


def failing_course(institutions: list[Institution]) -> Course:
    """Make its course: the price is cut as the charges swell."""
    institution = next(
        each for each in institutions if (each.unit, each.name) == (FAILING.unit, FAILING.name)
    )
    return Course(institution, FAILING.course, FAILING.item, SMALL, FAILING.prices, story=STORY)


def failing_charges(institution: Institution) -> Iterator[Charge]:
    """Make its charges: legal in length, and since July none of them in the account."""
    for first, last, number, lessons, amount, into_account in FAILING.charged:
        span = (last - first).days
        for place in range(number):
            day = first + timedelta(days=place * span // (number - 1))
            starts = day + timedelta(days=10)
            yield Charge(
                institution, FAILING.course, day, amount, 3 if lessons > 16 else 1, lessons,
                starts, starts + timedelta(days=89 if lessons > 16 else 28), into_account,
                story=STORY,
            )  # fmt: skip
