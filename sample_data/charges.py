"""What families paid in advance over the summer: legal, and in the account or not said."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from sample_data.days import LAST_DAY, dice, summer_rhythm
from sample_data.fees import Course
from sample_data.institutions import Institution
from sample_data.records import Milestone, Record, history, paperwork

FIRST_CHARGE = date(2022, 5, 20)
LARGEST = 5000
LESSONS = (8, 10, 12, 16, 20, 24, 30, 36, 40, 48, 60)
NOT_SAID, SAID_LATER = 0.14, 0.3
REFUNDED = 0.03


@dataclass
class Charge:
    """One payment in advance. ``story`` names what is planted about it."""

    institution: Institution
    course: str
    charged_on: date
    amount: int
    months: int | None
    lessons: int | None
    starts_on: date | None
    ends_on: date | None
    into_account: bool | None = True
    refunded: int | None = None
    story: str = ""
    receipt: str = field(default="")


def make_charges(
    seed: int, number: int, courses: list[Course], planted: list[Charge]
) -> list[Charge]:
    """So many charges with the planted ones; the others break no rule.

    Only institutions in operation whose prepaid money is supervised take any, but for the
    planted ones; those of the stories take no others.
    """
    rng = dice(seed, "fee charges")
    told = {id(charge.institution) for charge in planted}
    charging = [
        course
        for course in courses
        if course.institution.fee_supervision != "none"
        and id(course.institution) not in told
        and not course.story
    ]
    weights = [course.institution.students**0.5 for course in charging]
    rhythm = summer_rhythm(surge=2.5, weekend=1.2, first=FIRST_CHARGE)
    made: list[Charge] = []
    while len(made) < number - len(planted):
        course = rng.choices(charging, weights)[0]
        day = rhythm.draw(rng)
        if day >= course.institution.found_on:
            made.append(_charge(course, day, rng))
    made += planted
    _number(made)
    return made


def _charge(course: Course, day: date, rng: random.Random) -> Charge:
    price = course.price_on(day).per_lesson
    lessons = rng.choice([n for n in LESSONS if n * price <= LARGEST] or [LESSONS[0]])
    lessons = min(lessons, int(LARGEST // price))
    # One to three lessons a week.
    months = min(3, max(1, round(lessons / (4.3 * rng.randint(1, 3)) + 0.3)))
    starts = day + timedelta(days=rng.randrange(0, 28))
    says = rng.choices(("both", "lessons", "months"), (0.5, 0.33, 0.17))[0]
    known = rng.random() >= 0.03
    charge = Charge(
        course.institution,
        course.name,
        day,
        round(lessons * price),
        None if says == "lessons" else months,
        None if says == "months" else lessons,
        starts if known else None,
        starts + timedelta(days=30 * months - rng.randrange(1, 6)) if known else None,
        into_account=None if rng.random() < NOT_SAID else True,
    )
    if rng.random() < REFUNDED:
        charge.refunded = round(charge.amount * rng.uniform(0.2, 0.9))
    return charge


def _number(charges: list[Charge]) -> None:
    """Give each its receipt, by institution and day: SJ0001 and so on."""
    today: Counter[int] = Counter()
    for charge in sorted(charges, key=lambda charge: charge.charged_on):
        today[id(charge.institution)] += 1
        charge.receipt = f"SJ{today[id(charge.institution)]:04d}"


def charge_records(seed: int, charges: list[Charge]) -> Iterator[Record]:
    """One ledger line a charge."""
    rng = dice(seed, "fee charge ledgers")
    for number, charge in enumerate(charges):
        unit = charge.institution.unit
        key = f"{number:05d}"
        yield Record("fee_charges", key, unit, history(_milestones(charge, rng)))


def _milestones(charge: Charge, rng: random.Random) -> Iterator[Milestone]:
    institution = charge.institution
    ready = paperwork(charge.charged_on, institution.unit, rng)
    start = min(max(ready, institution.known_on), LAST_DAY)
    row: Milestone = (
        start,
        {
            "县区": institution.unit,
            "机构名称": institution.name,
            "统一社会信用代码": None if institution.code_sent_on else institution.credit_code,
            "票据号": charge.receipt,
            "课程名称": charge.course,
            "收费日期": charge.charged_on,
            "收费金额": charge.amount,
            "收费月数": charge.months,
            "收费课时数": charge.lessons,
            "开课日期": charge.starts_on,
            "结课日期": charge.ends_on,
            "进入监管账户": charge.into_account,
            "已退金额": None,
        },
    )
    yield row
    if charge.into_account is None and rng.random() < SAID_LATER:
        yield start + timedelta(days=14), {"进入监管账户": True}
    if charge.refunded:
        yield start + timedelta(days=rng.randrange(10, 40)), {"已退金额": charge.refunded}
