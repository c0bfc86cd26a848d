"""Refund disputes: a steady trickle everywhere, and the waves of the stories."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data.days import LAST_DAY, days_between, dice, summer_rhythm
from sample_data.institutions import Institution
from sample_data.planted_failure import FAILING
from sample_data.records import Milestone, Record, history, paperwork
from sample_data.reports import Directory
from sample_data.stories import WAVES, Wave
from sample_data.units import UNITS

# Without a story, no institution comes near the watch list.
QUIET_DAYS = 45
ROUTES = {"refund": 0.7, "course_exchange": 0.22, "legal": 0.08}


@dataclass
class Dispute:
    """One family's or one group's dispute with an institution."""

    institution: Institution
    opened_on: date
    students: int
    amount: int
    status: str = "open"
    route: str | None = None
    settled_on: date | None = None
    refunded: int | None = None
    plan: bool = False
    number: str = ""


def make_disputes(
    seed: int, number: int, directory: Directory, institutions: dict[str, Institution]
) -> list[Dispute]:
    """So many disputes, numbered by the day they were opened: TF2022-0001 and so on."""
    rng = dice(seed, "refunds")
    made = [dispute for wave in WAVES for dispute in _of_wave(wave, institutions[wave.name], rng)]
    rising = [
        Dispute(institutions[FAILING.name], day, students, amount)
        for day, students, amount in FAILING.disputes
    ]
    made += _background(number - len(made) - len(rising), directory, rng)
    made += rising
    for position, dispute in enumerate(sorted(made, key=lambda d: d.opened_on), start=1):
        dispute.number = f"TF2022-{position:04d}"
    return made


def _of_wave(wave: Wave, institution: Institution, rng: random.Random) -> Iterator[Dispute]:
    days = days_between(wave.first, wave.last)
    for position in range(wave.disputes):
        dispute = Dispute(
            institution,
            days[position * len(days) // wave.disputes],
            rng.randint(*wave.students),
            rng.randint(*wave.amounts) // 10 * 10,
            plan=position % 3 > 0,
        )
        if position >= round(wave.disputes * wave.still_open):
            _settle(dispute, dispute.opened_on + timedelta(days=rng.randrange(3, 9)), rng)
        yield dispute


def _background(number: int, directory: Directory, rng: random.Random) -> list[Dispute]:
    rhythm = summer_rhythm(surge=1.9, weekend=0.4)
    units = list(UNITS.values())
    sizes = [unit.institutions for unit in units]
    earlier: dict[int, list[date]] = defaultdict(list)
    made: list[Dispute] = []
    while len(made) < number:
        day = rhythm.draw(rng)
        institution = directory.pick(rng.choices(units, sizes)[0].code, day, rng)
        if institution is None:
            continue
        near = [other for other in earlier[id(institution)] if abs((other - day).days) < QUIET_DAYS]
        if len(near) >= 2 or len(earlier[id(institution)]) >= 5:
            continue
        earlier[id(institution)].append(day)
        made.append(_everyday(institution, day, rng))
    return made


def _everyday(institution: Institution, day: date, rng: random.Random) -> Dispute:
    amount = min(18000, max(300, rng.lognormvariate(8.1, 0.75)))
    students = rng.choices((1, 2, 3, 6), (0.82, 0.12, 0.04, 0.02))[0]
    dispute = Dispute(institution, day, students, int(amount) // 10 * 10)
    if rng.random() < 0.05:
        dispute.status, dispute.route = "litigation", "legal"
    elif rng.random() < 0.94:
        _settle(dispute, day + timedelta(days=2 + int(rng.lognormvariate(2.7, 0.8))), rng)
    return dispute


def _settle(dispute: Dispute, day: date, rng: random.Random) -> None:
    """Resolve it on a day, if that comes by the last one."""
    if day > LAST_DAY:
        return
    dispute.status = "resolved"
    dispute.settled_on = day
    dispute.route = rng.choices(list(ROUTES), list(ROUTES.values()))[0]
    share = {"refund": rng.choice((1, 1, 0.9, 0.8)), "course_exchange": 0, "legal": 0.7}
    dispute.refunded = int(dispute.amount * share[dispute.route]) // 10 * 10


def dispute_records(seed: int, disputes: list[Dispute]) -> list[Record]:
    """One ledger line a dispute."""
    rng = dice(seed, "refund ledgers")
    return [
        Record("refund_disputes", d.number, d.institution.unit, history(_milestones(d, rng)))
        for d in disputes
    ]


def _milestones(dispute: Dispute, rng: random.Random) -> Iterator[Milestone]:
    opened = paperwork(dispute.opened_on, dispute.institution.unit, rng)
    start = min(max(opened, dispute.institution.known_on), LAST_DAY)
    wrong = rng.random() < 0.03
    yield (
        start,
        {
            "纠纷编号": dispute.number,
            "县区": dispute.institution.unit,
            "机构名称": dispute.institution.name,
            "登记日期": dispute.opened_on,
            "涉及学生数": dispute.students,
            "涉及金额": dispute.amount * 10 if wrong else dispute.amount,
            "处理状态": "open",
            "化解途径": None,
            "化解日期": None,
            "已退金额": None,
            "一企一策": False,
            "使用示范合同": dispute.institution.contract,
        },
    )
    if wrong:
        yield start + timedelta(days=7), {"涉及金额": dispute.amount}
    if dispute.plan:
        yield start + timedelta(days=7), {"一企一策": True}
    if dispute.status == "litigation":
        yield (
            start + timedelta(days=20),
            {"处理状态": "litigation", "化解途径": "legal"},
        )
    if dispute.settled_on:
        settled = paperwork(dispute.settled_on, dispute.institution.unit, rng)
        yield (
            max(start, settled),
            {
                "处理状态": "resolved",
                "化解途径": dispute.route,
                "化解日期": dispute.settled_on,
                "已退金额": dispute.refunded,
            },
        )
