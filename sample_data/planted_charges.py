"""Charges planted to be found, those just inside the rules, and money that is at risk."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data.charges import Charge
from sample_data.days import dice
from sample_data.fees import Course, own_item
from sample_data.institutions import Institution
from sample_data.planted_failure import FAILING, failing_charges

OF_EACH = 12
MONTHS, LESSONS, EARLY, OUTSIDE, LARGE = (
    "over three months",
    "over sixty lessons",
    "more than a month before the course",
    "outside the supervised account",
    "over 5,000 yuan",
)
EDGE = "just inside the rule"
STOPPED = "taken before it stopped"
FAILED = "壬午舞蹈培训中心"


@dataclass(frozen=True)
class Stop:
    """An institution that stopped with so many charges not used up; ``into_account`` or not."""

    unit: str
    institution: str
    first: date
    last: date
    charges: int
    amount: int
    into_account: bool


STOPS = (
    Stop("450204", FAILED, date(2022, 6, 6), date(2022, 7, 13), 24, 4680, into_account=False),
    Stop("450202", "城中区庚申游泳俱乐部", date(2022, 6, 20), date(2022, 7, 16), 6, 2400,
         into_account=True),
    Stop("450203", "鱼峰区辛卯航模培训学校", date(2022, 6, 24), date(2022, 7, 18), 5, 2880,
         into_account=True),
    Stop("450204", "柳州市癸酉书法培训有限公司", date(2022, 7, 4), date(2022, 8, 5), 8, 1980,
         into_account=True),
)  # fmt: skip
_HALF_STOPPED = ("450205", "柳州市戊午舞蹈培训有限公司")


def planted_charges(
    seed: int, institutions: list[Institution], courses: list[Course]
) -> list[Charge]:
    """Make twelve of each kind, the ones just inside, those of who stopped and of who will."""
    rng = dice(seed, "planted charges")
    known = {(each.unit, each.name): each for each in institutions}
    offered = _offered(courses)
    hosts = [course for course in offered if course.institution.fee_supervision != "none"]
    rng.shuffle(hosts)
    unsupervised = [c for c in offered if c.institution.fee_supervision == "none"]
    pick = iter(hosts)
    made = [
        *(_over_months(next(pick), place, rng) for place in range(OF_EACH)),
        *(_over_lessons(next(pick), place, rng) for place in range(OF_EACH)),
        *(_too_early(next(pick), place, rng) for place in range(OF_EACH)),
        *(_outside(next(pick), rng) for _ in range(8)),
        *(_outside(course, rng) for course in rng.sample(unsupervised, 2)),
        *_of_the_half_stopped(known[_HALF_STOPPED]),
        *(_too_much(next(pick), place, rng) for place in range(OF_EACH)),
        *_just_inside(pick),
    ]
    for stop in STOPS:
        made += _before_it_stopped(stop, known[stop.unit, stop.institution])
    return [*made, *failing_charges(known[FAILING.unit, FAILING.name])]


def _offered(courses: list[Course]) -> list[Course]:
    """One course each of the institutions that no other story is about."""
    stories = {id(course.institution) for course in courses if course.story}
    first: dict[int, Course] = {}
    for course in courses:
        institution = course.institution
        is_told = id(institution) in stories or institution.name == FAILING.name
        if not is_told and institution.known_on <= date(2022, 4, 14):
            first.setdefault(id(institution), course)
    return list(first.values())


def _usual(course: Course, day: date, story: str) -> Charge:
    """Make a charge that breaks no rule: twenty lessons, two months, begins after a week."""
    starts = day + timedelta(days=7)
    return Charge(
        course.institution, course.name, day, 1200, 2, 20, starts, starts + timedelta(days=58),
        story=story,
    )  # fmt: skip


def _day(rng: random.Random) -> date:
    return date(2022, 6, 6) + timedelta(days=rng.randrange(70))


def _over_months(course: Course, place: int, rng: random.Random) -> Charge:
    """Four months to a year, half of them with few lessons."""
    charge = _usual(course, _day(rng), MONTHS)
    charge.months = (4, 6, 12, 5, 6, 4)[place % 6]
    charge.lessons = None if place % 2 else 12 * charge.months if charge.months < 6 else 60
    charge.amount = rng.randrange(2400, 4900) // 20 * 20
    charge.ends_on = _months_on(charge.starts_on, charge.months)
    return charge


def _over_lessons(course: Course, place: int, rng: random.Random) -> Charge:
    """Sixty-one lessons to a hundred and twenty; half of them say three months besides."""
    charge = _usual(course, _day(rng), LESSONS)
    charge.lessons = (61, 72, 80, 96, 64, 120)[place % 6]
    charge.months = 3 if place % 2 else None
    charge.amount = charge.lessons * 40
    charge.ends_on = _months_on(charge.starts_on, 3)
    return charge


def _too_early(course: Course, place: int, rng: random.Random) -> Charge:
    """Charge a month and a day ahead, or up to two months."""
    charge = _usual(course, date(2022, 5, 24) + timedelta(days=rng.randrange(60)), EARLY)
    ahead = (1, 3, 8, 14, 21, 29)[place % 6]
    charge.starts_on = _months_on(charge.charged_on, 1) + timedelta(days=ahead)
    charge.ends_on = charge.starts_on + timedelta(days=58)
    return charge


def _outside(course: Course, rng: random.Random) -> Charge:
    charge = _usual(course, _day(rng), OUTSIDE)
    charge.into_account = False
    charge.amount = rng.randrange(900, 3600) // 10 * 10
    return charge


def _of_the_half_stopped(institution: Institution) -> Iterator[Charge]:
    """Two more outside, of one that stopped since."""
    for day in (date(2022, 6, 21), date(2022, 7, 5)):
        starts = day + timedelta(days=4)
        ends = _months_on(starts, 3)
        yield Charge(institution, f"{own_item(institution)}暑期班", day, 2640, 3, 36, starts, ends,
                     into_account=False, story=OUTSIDE)  # fmt: skip


def _too_much(course: Course, place: int, rng: random.Random) -> Charge:
    """More than 5,000 yuan, which no rule forbade before 2022-12-29."""
    charge = _usual(course, _day(rng), LARGE)
    charge.amount = (5001, 5200, 5800, 6400, 7200, 9600)[place % 6]
    charge.lessons, charge.months = 48, 3
    charge.ends_on = _months_on(charge.starts_on, 3)
    return charge


def _just_inside(pick: Iterator[Course]) -> Iterator[Charge]:
    """Three of each: three months, sixty lessons, a month ahead, 5,000 yuan, all to the point."""
    for day in (date(2022, 6, 15), date(2022, 7, 6), date(2022, 7, 21)):
        months, lessons, early, large = (_usual(next(pick), day, EDGE) for _ in range(4))
        months.months, months.lessons = 3, None
        months.ends_on = _months_on(months.starts_on, 3)
        lessons.months, lessons.lessons, lessons.amount = None, 60, 2700
        lessons.ends_on = _months_on(lessons.starts_on, 3)
        early.starts_on = _months_on(early.charged_on, 1)
        early.ends_on = early.starts_on + timedelta(days=58)
        large.amount, large.lessons = 5000, 50
        yield from (months, lessons, early, large)


def _before_it_stopped(stop: Stop, institution: Institution) -> Iterator[Charge]:
    span = (stop.last - stop.first).days
    for place in range(stop.charges):
        day = stop.first + timedelta(days=place * span // (stop.charges - 1))
        starts = day + timedelta(days=3)
        yield Charge(
            institution, f"{own_item(institution)}暑期班", day, stop.amount, 3, 48, starts,
            _months_on(starts, 3), into_account=stop.into_account, story=STOPPED,
        )  # fmt: skip


def _months_on(day: date | None, months: int) -> date:
    """Return the day so many months later; no day here is later than the 28th's equal."""
    assert day is not None  # noqa: S101 - planted charges have their days
    above = day.month - 1 + months
    year, month = day.year + above // 12, above % 12 + 1
    return date(year, month, min(day.day, 28) if month == 2 else min(day.day, 30))
