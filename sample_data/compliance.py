"""Special checks of institutions in five domains; what is found becomes an item."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data.compliance_words import ASPECTS, DOMAINS, EXAMINED, FINDINGS, POINTS
from sample_data.days import LAST_DAY, dice, summer_rhythm
from sample_data.institutions import Institution
from sample_data.planted_failure import FAILING
from sample_data.records import Record, Values, history, paperwork
from sample_data.rectification_words import DAYS_ALLOWED
from sample_data.units import LAGGARD

FIRST_CHECK = date(2022, 5, 5)
# How much of its due a county checks, where it is not all of it.
WEAK_UNITS = {LAGGARD: 0.3, "450226": 0.3, "450225": 0.6}
FOUND, FOUND_BY_LAGGARD = 0.08, 0.25


@dataclass
class Check:
    """A check of one domain at one institution; ``found`` says what was wrong, if anything."""

    institution: Institution
    domain: str
    aspect: str | None
    checked_on: date
    examined: int
    failed: int = 0
    found: str | None = None
    severity: int | None = None
    number: str = ""
    ready_on: date = LAST_DAY

    @property
    def due_on(self) -> date | None:
        """The last day allowed for what was found."""
        if self.severity is None:
            return None
        return self.checked_on + timedelta(days=DAYS_ALLOWED[self.severity])


def make_checks(seed: int, number: int, institutions: list[Institution]) -> list[Check]:
    """So many checks, numbered by the day: ZJ2022-0001 and so on."""
    rng = dice(seed, "compliance checks")
    checked = [each for each in institutions if not each.story and each.status == "operating"]
    weights = [WEAK_UNITS.get(each.unit, 1) for each in checked]
    rhythm = summer_rhythm(surge=1.5, weekend=0.1, first=FIRST_CHECK)
    made = [_of_the_failing(institutions)]
    while len(made) < number:
        institution = rng.choices(checked, weights)[0]
        day = rhythm.draw(rng)
        if day >= institution.known_on and institution.name != FAILING.name:
            made.append(_check(institution, day, rng))
    for position, check in enumerate(sorted(made, key=lambda check: check.checked_on), start=1):
        check.number = f"ZJ2022-{position:04d}"
        check.ready_on = _ready_on(check, rng)
    return made


def _ready_on(check: Check, rng: random.Random) -> date:
    if check.institution.name == FAILING.name:
        return check.checked_on
    ready = paperwork(check.checked_on, check.institution.unit, rng)
    return min(max(ready, check.institution.known_on), LAST_DAY)


def _of_the_failing(institutions: list[Institution]) -> Check:
    institution = next(
        each for each in institutions if (each.unit, each.name) == (FAILING.unit, FAILING.name)
    )
    said = f"{FAILING.teachers_gone} 名授课教师已离职，课程由未备案人员代上"
    return Check(
        institution, "staff", None, FAILING.teachers_checked_on, FAILING.teachers,
        FAILING.teachers_gone, said, 3,
    )  # fmt: skip


def _check(institution: Institution, day: date, rng: random.Random) -> Check:
    domain = rng.choices(list(DOMAINS), list(DOMAINS.values()))[0]
    aspect = None
    if domain == "safety":
        aspect = rng.choices(list(ASPECTS), list(ASPECTS.values()))[0]
    examined = rng.randint(*EXAMINED.get(domain, POINTS))
    if domain == "staff":
        examined = min(examined, institution.teachers)
    check = Check(institution, domain, aspect, day, examined)
    share = FOUND_BY_LAGGARD if institution.unit == LAGGARD else FOUND
    if rng.random() < share:
        check.failed = rng.randint(1, max(1, examined // 3))
        check.found = rng.choice(FINDINGS[aspect or domain]).format(failed=check.failed)
        check.severity = rng.choices((1, 2, 3), (0.6, 0.3, 0.1))[0]
    return check


def check_records(seed: int, checks: list[Check]) -> list[Record]:
    """One ledger line a check."""
    rng = dice(seed, "compliance check ledgers")
    return [_record(check, rng) for check in checks]


def _record(check: Check, rng: random.Random) -> Record:
    versions = history([(check.ready_on, _row(check, rng))])
    return Record("compliance_checks", check.number, check.institution.unit, versions)


def _row(check: Check, rng: random.Random) -> Values:
    institution = check.institution
    counted = rng.random() < 0.93 or check.found is not None
    return {
        "检查编号": check.number,
        "县区": institution.unit,
        "机构名称": institution.name,
        "统一社会信用代码": None,
        "检查类别": check.domain,
        "安全方面": check.aspect,
        "检查日期": check.checked_on,
        "检查数量": check.examined if counted else None,
        "不合规数量": check.failed if counted else None,
        "检查结果": "finding" if check.found else "clear",
        "问题说明": check.found,
        "严重程度": None if check.severity is None else str(check.severity),
        "整改期限": check.due_on,
    }
