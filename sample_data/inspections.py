"""Checks on the ground: of reports, of institutions in turn, and the planted ones."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data import city, names
from sample_data.city import Place, Site
from sample_data.days import LAST_DAY, Rhythm, dice, summer_rhythm
from sample_data.institutions import Institution
from sample_data.records import Record, Values, history, paperwork
from sample_data.reports import Directory, Report
from sample_data.stories import GHOSTS
from sample_data.units import UNITS

CITES_A_REPORT = 0.42
VIOLATION_SHARE = 0.15
CLOSED_DOOR_SHARE = 0.06
DEPARTMENTS = ("教育", "市场监管", "公安", "消防", "文旅", "体育", "科技", "街道")
MEASURES = ("责令停止办学", "下达整改通知书", "约谈负责人", "移交市场监管部门", "责令退还费用")
TYPES = {
    "subject": ("学科类违规开班", "从业人员", "培训材料"),
    "nobody": ("学科类违规开班", "一对一", "住家教师", "无证办学"),
    "other": ("预收费违规", "安全隐患", "从业人员", "虚假宣传", "培训材料"),
}


@dataclass
class Inspection:
    """One check of one place."""

    unit: str
    inspected_on: date
    site: Site
    institution: Institution | None
    method: str
    outcome: str
    people: int
    violation_type: str | None = None
    individuals: int | None = None
    measures: str | None = None
    report: Report | None = None
    number: str = ""
    story: str = ""


def make_inspections(
    seed: int,
    number: int,
    reports: list[Report],
    directory: Directory,
    institutions: dict[str, Institution],
    places: dict[str, list[Place]],
) -> list[Inspection]:
    """So many checks in all: those of the stories, those that verify reports, the rest in turn."""
    rng = dice(seed, "inspections")
    made = [check for ghost in GHOSTS for check in _of_ghost(institutions[ghost.name], rng)]
    made += [_of_report(r, rng) for r in reports if r.verified_on and _is_visited(r, rng)]
    rhythm = summer_rhythm(surge=1.8, weekend=0.35)
    while len(made) < number:
        made.append(_in_turn(rhythm, directory, places, rng))
    return made


def _is_visited(report: Report, rng: random.Random) -> bool:
    return not report.story.startswith("庚") and rng.random() < CITES_A_REPORT


def _of_ghost(institution: Institution, rng: random.Random) -> Iterator[Inspection]:
    ghost = next(ghost for ghost in GHOSTS if ghost.name == institution.name)
    for day, outcome in (
        (ghost.found_shut, "closed_door"),
        (ghost.found_teaching, "violation"),
    ):
        check = Inspection(
            institution.unit, day, institution.site, institution, "unannounced", outcome, 3
        )
        check.story = ghost.name
        yield _penalise(check, rng, "假注销真运营") if outcome == "violation" else check


def _of_report(report: Report, rng: random.Random) -> Inspection:
    """Check what a report says, on the day of its verification."""
    method = rng.choices(("unannounced", "routine", "joint"), (0.5, 0.2, 0.3))[0]
    check = Inspection(
        report.unit,
        report.checked_on or LAST_DAY,
        report.site,
        report.institution,
        method,
        "violation" if report.substantiated else "clear",
        rng.randrange(2, 7),
        report=report,
    )
    return _penalise(check, rng, report.violation_type) if report.substantiated else check


def _in_turn(
    rhythm: Rhythm, directory: Directory, places: dict[str, list[Place]], rng: random.Random
) -> Inspection:
    units = list(UNITS.values())
    unit = rng.choices(units, [unit.institutions for unit in units])[0]
    day = rhythm.draw(rng)
    institution = directory.pick(unit.code, day, rng) if rng.random() < 0.88 else None
    if institution:
        site = institution.site
    else:
        site = city.place_site(unit, rng.choice(places[unit.code]), rng)
    method = rng.choices(("unannounced", "routine", "joint"), (0.2, 0.58, 0.22))[0]
    outcome = rng.choices(
        ("violation", "closed_door", "clear"),
        (VIOLATION_SHARE, CLOSED_DOOR_SHARE, 1 - VIOLATION_SHARE - CLOSED_DOOR_SHARE),
    )[0]
    check = Inspection(unit.code, day, site, institution, method, outcome, rng.randrange(2, 9))
    if outcome != "violation":
        return check
    kind = institution.category if institution else "nobody"
    return _penalise(check, rng, rng.choice(TYPES.get(kind, TYPES["other"])))


def _penalise(check: Inspection, rng: random.Random, violation_type: str) -> Inspection:
    check.violation_type = violation_type
    check.individuals = rng.choices((0, 1, 2, 3), (0.45, 0.35, 0.15, 0.05))[0]
    check.measures = rng.choice(MEASURES)
    return check


def follow_up(institution: Institution, day: date, rng: random.Random) -> Inspection:
    """Make a later check that finds a violation again: something came back."""
    check = Inspection(
        institution.unit, day, institution.site, institution, "unannounced", "violation", 3
    )
    check.story = "came back"
    kinds = TYPES.get(institution.category, TYPES["other"])
    return _penalise(check, rng, rng.choice(kinds))


def number_inspections(inspections: list[Inspection]) -> None:
    """Give each its number by day: JC20220705-001 and so on."""
    today: Counter[date] = Counter()
    for check in sorted(inspections, key=lambda check: check.inspected_on):
        today[check.inspected_on] += 1
        check.number = f"JC{check.inspected_on:%Y%m%d}-{today[check.inspected_on]:03d}"


def inspection_records(seed: int, inspections: list[Inspection]) -> list[Record]:
    """One ledger line a check."""
    rng = dice(seed, "inspection ledgers")
    return [_record(check, rng) for check in inspections]


def _record(check: Inspection, rng: random.Random) -> Record:
    row = _row(check, rng)
    ready = paperwork(check.inspected_on, check.unit, rng)
    if check.report:
        ready = max(ready, check.report.known_on)
    milestones = [(ready, row)]
    if rng.random() < 0.02:
        wrong: Values = {**row, "出动人次": check.people * 10}
        milestones = [(ready, wrong), (ready + timedelta(days=rng.randrange(7, 21)), row)]
    return Record("inspections", check.number, check.unit, history(milestones))


def _row(check: Inspection, rng: random.Random) -> Values:
    joint = rng.sample(DEPARTMENTS, 3) if check.method == "joint" else ["教育"]
    officers = sorted({names.person("检查员", rng) for _ in range(2)})
    return {
        "检查编号": check.number,
        "检查日期": check.inspected_on,
        "县区": check.unit,
        "机构名称": check.institution.name if check.institution else None,
        "统一社会信用代码": None,
        "楼宇小区": check.site.place.name if check.site.place else None,
        "地址": check.site.address,
        "检查方式": check.method,
        "参与部门": "、".join(joint),
        "检查人员": "、".join(officers),
        "出动人次": check.people,
        "检查结果": check.outcome,
        "违规类型": check.violation_type,
        "查处个人人次": check.individuals,
        "处理方式": check.measures,
        "线索编号": check.report.number if check.report else None,
    }
