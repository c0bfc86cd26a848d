"""Items that the system opens of what special checks found, as counties work on them."""

from __future__ import annotations

from sample_data.compliance import Check
from sample_data.days import dice
from sample_data.rectifications import Findings, Item, run_course
from sample_data.routes import arrival
from sample_data.units import LAGGARD

# The system's own number of an item: it begins like this and ends with the check's.
PREFIX = "XT-ZX-"
# What an item of each domain and aspect is about, as the system words it.
ISSUES = {
    "staff": "从业人员",
    "materials": "培训材料",
    "fire": "安全（消防）",
    "building": "安全（建筑）",
    "food": "安全（食品）",
    "epidemic": "疫情防控",
    "contest": "违规竞赛",
}
# Shares of the items that no county says more of.
NOT_TAKEN_UP, NOT_BY_LAGGARD = 0.04, 0.6


def make_check_items(seed: int, checks: list[Check], findings: Findings) -> list[Item]:
    """Make the items that counties took up; of the others no ledger says more.

    None of them comes back: none is closed shortly before something bad at its institution.
    """
    rng = dice(seed, "check items")
    bad_days = findings.bad_days()
    made = []
    for check in checks:
        name, unit = check.institution.name, check.institution.unit
        not_taken_up = NOT_BY_LAGGARD if unit == LAGGARD else NOT_TAKEN_UP
        if check.severity is None or rng.random() < not_taken_up:
            continue
        issue = ISSUES[check.aspect or check.domain]
        item = Item(unit, check.institution, "check", issue, check.severity, check.checked_on)
        item.number = f"{PREFIX}{check.number}"
        item.first_ready_on = arrival("compliance_checks", unit, check.ready_on)
        run_course(item, bad_days.get(name, []), rng)
        made.append(item)
    return made
