"""The rectification ledger: items from what was found, each with its steps."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from sample_data import inspections as checks
from sample_data import names, planted
from sample_data.days import FIRST_DAY, LAST_DAY, dice, summer_rhythm
from sample_data.inspections import Inspection
from sample_data.institutions import Institution
from sample_data.records import Record, Values, Version, history, paperwork
from sample_data.rectification_words import (
    DAYS_ALLOWED,
    DEPARTMENTS,
    EVIDENCE,
    ISSUES,
    NOTES,
    SHARES,
)
from sample_data.reports import Directory, Report
from sample_data.units import LAGGARD, UNITS

# A few days more than the thirty that make a relapse, so that none comes about by chance.
QUIET_DAYS = 33
# Shares of the items that nobody takes up.
NEVER, NEVER_OF_LAGGARD = 0.03, 0.4
REOPENED, REPORTED_AGAIN, FOUND_AGAIN = 9, 9, 7
COULD_COME_BACK = (date(2022, 5, 16), date(2022, 7, 22))


@dataclass(frozen=True)
class Step:
    """A step of an item: who did what on which day."""

    day: date
    step: str
    actor: str


@dataclass
class Item:
    """Something to be put right."""

    unit: str
    institution: Institution | None
    source: str
    issue_type: str
    severity: int
    opened_on: date
    place: str | None = None
    steps: list[Step] = field(default_factory=list)
    came_back: str = ""
    number: str = ""
    # Not before this day, where another ledger has to come first.
    first_ready_on: date | None = None

    @property
    def due_on(self) -> date:
        """The last day allowed, by severity."""
        return self.opened_on + timedelta(days=DAYS_ALLOWED[self.severity])

    @property
    def closed_on(self) -> date | None:
        """The day it was first closed."""
        return next((step.day for step in self.steps if step.step == "close"), None)


@dataclass(frozen=True)
class Findings:
    """What items come from and what is found later at the same institutions."""

    reports: list[Report]
    inspections: list[Inspection]

    def bad_days(self) -> dict[str, list[date]]:
        """Days of true reports and of violations, by the name of institution and of place."""
        days: dict[str, list[date]] = defaultdict(list)
        for report in self.reports:
            if report.substantiated and report.verified_on:
                for name in _names_of(report):
                    days[name] += [report.received_on, report.verified_on]
        for check in self.inspections:
            if check.outcome == "violation":
                for name in _names_of(check):
                    days[name].append(check.inspected_on)
        return days


def _names_of(fact: Report | Inspection) -> list[str]:
    names_known = [fact.institution.name] if fact.institution else []
    return names_known + ([fact.site.place.name] if fact.site.place else [])


def make_items(seed: int, number: int, findings: Findings, directory: Directory) -> list[Item]:
    """So many items, numbered by the day they were opened: ZG2022-0001 and so on.

    Those that came back add their later reports and checks to ``findings``.
    """
    rng = dice(seed, "rectifications")
    items = list(_opened(number, findings, directory, rng))
    bad_days = findings.bad_days()
    for item in items:
        name = item.institution.name if item.institution else item.place or ""
        run_course(item, bad_days.get(name, []), rng)
    _bring_back(items, findings, rng)
    for position, item in enumerate(sorted(items, key=lambda i: i.opened_on), start=1):
        item.number = f"ZG2022-{position:04d}"
    return items


def _opened(
    number: int, findings: Findings, directory: Directory, rng: random.Random
) -> Iterator[Item]:
    true = [r for r in findings.reports if r.substantiated and r.verified_on]
    violations = [c for c in findings.inspections if c.outcome == "violation" and not c.report]
    by_report = rng.sample(true, min(len(true), round(number * SHARES["report"])))
    by_check = rng.sample(violations, min(len(violations), round(number * SHARES["inspection"])))
    for report in by_report:
        day = report.verified_on or LAST_DAY
        yield _item(report, "report", report.violation_type, day, rng)
    for check in by_check:
        issue = check.violation_type or "其他"
        yield _item(check, "inspection", issue, check.inspected_on, rng)
    yield from _from_campaign(number - len(by_report) - len(by_check), directory, rng)


def _from_campaign(number: int, directory: Directory, rng: random.Random) -> Iterator[Item]:
    """Items of the stock-taking, of special checks and of the city's own supervision."""
    units = list(UNITS.values())
    rhythm = summer_rhythm(surge=2, weekend=0)
    made = 0
    while made < number:
        unit = rng.choices(units, [unit.institutions for unit in units])[0]
        day = rhythm.draw(rng)
        institution = directory.pick(unit.code, day, rng)
        if institution is None:
            continue
        made += 1
        source = rng.choices(("verification", "check", "supervision"), (0.5, 0.25, 0.25))[0]
        issue = rng.choice(ISSUES[source])
        yield Item(unit.code, institution, source, issue, _severity(rng), day)


def _item(
    fact: Report | Inspection, source: str, issue: str, day: date, rng: random.Random
) -> Item:
    opened_on = min(LAST_DAY, max(FIRST_DAY, day) + timedelta(days=rng.randrange(0, 3)))
    item = Item(fact.unit, fact.institution, source, issue, _severity(rng), opened_on)
    if item.institution is None and fact.site.place:
        item.place = fact.site.place.name
    return item


def _severity(rng: random.Random) -> int:
    return rng.choices((1, 2, 3), (0.62, 0.28, 0.1))[0]


def run_course(item: Item, bad_days: list[date], rng: random.Random) -> None:
    """Register, assign, submit, perhaps return, close, as far as the last day lets it."""
    handler = names.person("经办人", rng)
    assigned_on = item.opened_on + timedelta(days=rng.randrange(0, 3))
    steps = [Step(item.opened_on, "register", handler), Step(assigned_on, "assign", handler)]
    closes_on = _closing_day(item, bad_days, rng)
    if closes_on:
        steps += _submissions(item.opened_on, closes_on, handler, rng)
        steps.append(Step(closes_on, "close", names.person("复核人", rng)))
    item.steps = [step for step in steps if step.day <= LAST_DAY]


def _closing_day(item: Item, bad_days: list[date], rng: random.Random) -> date | None:
    """When it will be closed, possibly after the last day; some are never taken up."""
    slow = 3.0 if item.unit == LAGGARD else 1.0
    if rng.random() < (NEVER_OF_LAGGARD if item.unit == LAGGARD else NEVER):
        return None
    took = max(5, min(60, int(rng.lognormvariate(2.45, 0.5) * slow)))
    day = item.opened_on + timedelta(days=took)
    for bad in sorted(bad_days):
        if day - timedelta(days=1) <= bad <= day + timedelta(days=QUIET_DAYS):
            day = bad + timedelta(days=2)
    return day


def _submissions(
    opened_on: date, closes_on: date, handler: str, rng: random.Random
) -> Iterator[Step]:
    reviewer = names.person("复核人", rng)
    if (closes_on - opened_on).days >= 12 and rng.random() < 0.2:
        yield Step(closes_on - timedelta(days=8), "submit", handler)
        yield Step(closes_on - timedelta(days=6), "return", reviewer)
    yield Step(closes_on - timedelta(days=rng.randrange(1, 3)), "submit", handler)


def _bring_back(items: list[Item], findings: Findings, rng: random.Random) -> None:
    """Of the items closed in early summer, let twenty-five come back within thirty days."""
    held = Counter(item.institution.name for item in items if item.institution)
    first, last = COULD_COME_BACK
    closed = [
        item
        for item in items
        if item.institution
        and not item.institution.story
        and held[item.institution.name] == 1
        and not item.institution.deregistered_on
        and item.closed_on
        and first <= item.closed_on <= last
    ]
    chosen = rng.sample(closed, REOPENED + REPORTED_AGAIN + FOUND_AGAIN)
    for item in chosen[:REOPENED]:
        _reopen(item, rng)
    for item in chosen[REOPENED:]:
        institution, closed_on = item.institution, item.closed_on
        if institution is None or closed_on is None:
            continue
        day = closed_on + timedelta(days=rng.randrange(7, 19))
        if item in chosen[-FOUND_AGAIN:]:
            item.came_back = "inspection"
            findings.inspections.append(checks.follow_up(institution, day, rng))
        else:
            item.came_back = "report"
            findings.reports.append(planted.follow_up(institution, day, rng))


def _reopen(item: Item, rng: random.Random) -> None:
    """Open it again; about half of these were closed a second time since."""
    closed = item.steps[-1]
    item.came_back = "reopen"
    again = closed.day + timedelta(days=rng.randrange(8, 26))
    item.steps.append(Step(again, "reopen", closed.actor))
    if rng.random() < 0.45 and again + timedelta(days=16) <= LAST_DAY:
        item.steps.append(Step(again + timedelta(days=12), "submit", item.steps[0].actor))
        item.steps.append(Step(again + timedelta(days=14), "close", closed.actor))


def item_records(
    seed: int, items: Iterable[Item], subject: str = "rectification ledgers"
) -> list[Record]:
    """One ledger line an item and one an event, the two sent on the same days."""
    rng = dice(seed, subject)
    records: list[Record] = []
    for item in items:
        lag = _lag(item, rng)
        versions = history((day + lag, values) for day, values in _course(item, rng))
        records.append(Record("rectifications", item.number, item.unit, versions))
        records += _events(item, lag)
    return records


def _lag(item: Item, rng: random.Random) -> timedelta:
    ready = paperwork(item.opened_on, item.unit, rng)
    if item.came_back:
        # The story is to be seen by the last day, so its paperwork isn't late.
        ready = item.opened_on + timedelta(days=2)
    if item.institution:
        ready = max(ready, item.institution.known_on)
    if item.first_ready_on:
        ready = max(ready, item.first_ready_on)
    return min(ready, LAST_DAY) - item.opened_on


def _course(item: Item, rng: random.Random) -> Iterator[tuple[date, Values]]:
    """Yield the row after each step; work begins two days after it was assigned."""
    submitted = min((step.day for step in item.steps if step.step == "submit"), default=date.max)
    for step in item.steps:
        if step.step == "register":
            yield step.day, _first_row(item)
        elif step.step == "assign":
            if step.day + timedelta(days=2) < submitted:
                yield step.day + timedelta(days=2), {"整改状态": "in_progress"}
        elif step.step == "submit":
            yield step.day, {"整改状态": "submitted", "佐证材料": rng.choice(EVIDENCE)}
        elif step.step == "return":
            refused = {"群众认可": False} if item.source == "report" else {}
            yield step.day, {"整改状态": "returned", **refused}
        elif step.step == "close":
            yield (
                step.day,
                {
                    "整改状态": "closed",
                    "销号日期": step.day,
                    "复核人": step.actor,
                    "群众认可": True if item.source == "report" else None,
                },
            )
        else:
            yield step.day, {"整改状态": "reopened", "销号日期": None}


def _first_row(item: Item) -> Values:
    return {
        "台账编号": item.number,
        "县区": item.unit,
        "机构名称": item.institution.name if item.institution else None,
        "统一社会信用代码": None,
        "楼宇小区": item.place,
        "问题来源": item.source,
        "问题类型": item.issue_type,
        "严重程度": item.severity,
        "登记日期": item.opened_on,
        "整改期限": item.due_on,
        "整改状态": "assigned",
        "销号日期": None,
        "责任部门": DEPARTMENTS.get(
            item.institution.category if item.institution else "", "教育局"
        ),
        "佐证材料": None,
        "复核人": None,
        "群众认可": None,
    }


def _events(item: Item, lag: timedelta) -> Iterator[Record]:
    for position, step in enumerate(item.steps):
        ready = step.day + lag
        if ready > LAST_DAY and position:
            continue
        values: Values = {
            "台账编号": item.number,
            "县区": item.unit,
            "发生日期": step.day,
            "环节": step.step,
            "经办人": step.actor,
            "备注": NOTES.get(step.step),
        }
        key = f"{item.number}-{position:02d}"
        version = Version(min(ready, LAST_DAY), values)
        yield Record("rectification_events", key, item.unit, (version,))
