"""What courses cost, and since when: as each institution made its prices known."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from sample_data.days import LAST_DAY, dice
from sample_data.fee_words import (
    CLASS_SIZES,
    COUNTY_LEVELS,
    COURSE_SPREAD,
    INSTITUTION_SPREAD,
    INSTRUMENTS,
    LESSONS_OF_A_TERM,
    LEVELS,
    MINUTES,
    ONLINE_LEVEL,
    SHARES,
    SHARES_OF_INSTRUMENTS,
    SMALL,
    STEPS,
    STUDENTS,
    TAUGHT_ONLINE,
    UNITS_OF_PRICE,
)
from sample_data.institutions import Institution
from sample_data.names import TEACHES
from sample_data.records import Record, Values, Version, paperwork

PRICED_FROM = date(2021, 3, 1)
RISES_A_YEAR = 0.3
CHANGES_LATELY = 0.12
STATES_COST = 0.2
NEW_COURSES = 0.05


@dataclass(frozen=True)
class Price:
    """What is asked from a day on, as it is written: ``unit`` and ``quoted`` belong together."""

    effective_on: date
    minutes: int
    quoted: int
    unit: str = "lesson"
    lessons: int | None = None
    students: int | None = None
    cost: int | None = None

    @property
    def per_lesson(self) -> float:
        """Yuan per person and lesson, however it is written."""
        if self.unit == "hour":
            return self.quoted * self.minutes / 60
        if self.unit == "term" and self.lessons:
            return self.quoted / self.lessons
        if self.unit == "class_lesson" and self.students:
            return self.quoted / self.students
        return float(self.quoted)

    @property
    def per_standard_lesson(self) -> float:
        """Yuan per person and 45 minutes."""
        return self.per_lesson * 45 / self.minutes


@dataclass(frozen=True)
class Course:
    """A course of an institution with its prices in the order of their days."""

    institution: Institution
    name: str
    item: str
    class_size: str
    prices: tuple[Price, ...]
    mode: str | None = "offline"
    story: str = field(default="")

    def price_on(self, day: date) -> Price:
        """Return the price in force on the day; the first one before it."""
        known = [price for price in self.prices if price.effective_on <= day]
        return known[-1] if known else self.prices[0]


def own_item(institution: Institution) -> str | None:
    """Return what the institution's name says that it teaches, None for school subjects."""
    if institution.is_subject:
        return None
    taught = TEACHES[institution.category]
    return next((item for item in taught if item in institution.name), None)


def make_courses(seed: int, institutions: list[Institution], planted: list[Course]) -> list[Course]:
    """List the courses of every institution in operation that teaches no school subject.

    Where a course is planted, the institution has no other courses of that item.
    """
    rng = dice(seed, "course fees")
    taken = {(id(course.institution), course.item) for course in planted}
    made: list[Course] = []
    for institution in institutions:
        if own_item(institution) is None or institution.status != "operating":
            continue
        made += [
            course
            for course in _courses_of(institution, rng)
            if (id(institution), course.item) not in taken
        ]
    return [*made, *planted]


def _courses_of(institution: Institution, rng: random.Random) -> Iterator[Course]:
    """Two to five, most of them of what the institution is named after."""
    own = own_item(institution) or ""
    others = [item for item in TEACHES[institution.category] if item != own]
    level = rng.lognormvariate(0, INSTITUTION_SPREAD) * COUNTY_LEVELS[institution.unit]
    states_cost = rng.random() < STATES_COST
    seen: set[tuple[str, str]] = set()
    other = rng.choice(others)
    for _ in range(rng.choices((2, 3, 4, 5), (0.08, 0.29, 0.35, 0.28))[0]):
        item = own if rng.random() < 0.75 else other
        shares = SHARES_OF_INSTRUMENTS if item in INSTRUMENTS else SHARES
        class_size = rng.choices(list(CLASS_SIZES), shares)[0]
        step = rng.choice(STEPS)
        if (item, class_size) in seen:
            continue
        seen.add((item, class_size))
        yield _course(institution, item, class_size, step, level, states_cost, rng)


def _course(
    institution: Institution,
    item: str,
    class_size: str,
    step: str,
    level: float,
    states_cost: bool,
    rng: random.Random,
) -> Course:
    online = item in TAUGHT_ONLINE and rng.random() < 0.12
    mode = "online" if online else rng.choices(("offline", None), (0.85, 0.15))[0]
    minutes = 30 if online else rng.choices(list(MINUTES), list(MINUTES.values()))[0]
    standard = LEVELS[item] * CLASS_SIZES[class_size] * level
    standard *= rng.lognormvariate(0, COURSE_SPREAD)
    standard *= ONLINE_LEVEL * 45 / 30 if online else 1
    first = _quoted(standard * minutes / 45, minutes, class_size, rng)
    if states_cost:
        first = _with(first, cost=round(first.per_lesson * rng.uniform(0.62, 0.9)))
    prices = tuple(_over_the_years(first, rng))
    name = f"{'线上' if online else ''}{item}{step}{class_size}"
    return Course(institution, name, item, class_size, prices, mode)


def _with(price: Price, **changes: int) -> Price:
    return Price(**{**vars(price), **changes})


def _quoted(per_lesson: float, minutes: int, class_size: str, rng: random.Random) -> Price:
    """Write the price of a lesson in the unit that the institution uses."""
    fewest, most = STUDENTS[class_size]
    students = rng.randint(fewest, most)
    units = dict(UNITS_OF_PRICE)
    if class_size != SMALL:
        del units["class_lesson"]
    unit = rng.choices(list(units), list(units.values()))[0]
    lessons = rng.choice(LESSONS_OF_A_TERM) if unit == "term" else None
    times = {"hour": 60 / minutes, "term": lessons or 1, "class_lesson": students}.get(unit, 1)
    nearest = 1 if per_lesson * times < 300 else 10
    quoted = round(per_lesson * times / nearest) * nearest
    told = students if unit == "class_lesson" or rng.random() < 0.7 else None
    return Price(_first_day(rng), minutes, quoted, unit, lessons, told)


def _first_day(rng: random.Random) -> date:
    """Draw the day of a first price: last year, of a few new courses this summer."""
    if rng.random() < NEW_COURSES:
        return date(2022, 5, 9) + timedelta(days=rng.randrange(100))
    return PRICED_FROM + timedelta(days=rng.randrange(300))


def _over_the_years(first: Price, rng: random.Random) -> Iterator[Price]:
    """Let some rise a little in winter, and a few change in summer, up or down."""
    yield first
    last = first
    if first.effective_on >= date(2022, 1, 1):
        return
    if rng.random() < RISES_A_YEAR:
        day = date(2022, 1, 4) + timedelta(days=rng.randrange(80))
        last = _raised(last, day, rng.uniform(1.02, 1.06))
        yield last
    if rng.random() < CHANGES_LATELY:
        day = date(2022, 4, 20) + timedelta(days=rng.randrange(115))
        yield _raised(last, day, rng.choice((0.92, 0.95, 0.97, 1.02, 1.03, 1.05)))


def _raised(price: Price, day: date, factor: float) -> Price:
    nearest = 1 if price.quoted < 300 else 10
    quoted = round(price.quoted * factor / nearest) * nearest
    return Price(**{**vars(price), "effective_on": day, "quoted": quoted})


def fee_records(seed: int, courses: list[Course]) -> Iterator[Record]:
    """One ledger line a price."""
    rng = dice(seed, "course fee ledgers")
    for number, course in enumerate(courses):
        for place, price in enumerate(course.prices):
            ready = paperwork(price.effective_on, course.institution.unit, rng)
            ready = min(max(ready, course.institution.known_on), LAST_DAY)
            key = f"{number:05d}-{place}"
            version = Version(ready, _row(course, price))
            yield Record("course_fees", key, course.institution.unit, (version,))


def _row(course: Course, price: Price) -> Values:
    institution = course.institution
    return {
        "县区": institution.unit,
        "机构名称": institution.name,
        "统一社会信用代码": None if institution.code_sent_on else institution.credit_code,
        "课程名称": course.name,
        "培训项目": course.item,
        "班型": course.class_size,
        "班额": price.students,
        "授课方式": course.mode,
        "课时时长": price.minutes,
        "收费标准": price.quoted,
        "计价单位": price.unit,
        "每期课时数": price.lessons,
        "执行日期": price.effective_on,
        "每课时成本": price.cost,
    }
