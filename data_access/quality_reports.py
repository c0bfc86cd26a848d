"""What is wrong with a report: the rules, and what the sums of reports know of them.

Which reports a rule looks at, and in which it finds something whatever the day, is counted by week
(``report_summaries``).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, not_, select, true

from data_access.as_known import changed_rows
from data_access.quality_known import Condition, Known, Ledger, Limits, Rule
from data_access.report_summaries import FLAWS, LOOKED_AT
from data_access.schema import report_week_summary, violation_report

OUTSIDE: Final = "report_outside"  # judged by its borders, not here; looked at are the located
LATE: Final = "report_open_long"
_DAY: Final = "datetime64[s]"
_summary = report_week_summary.c
# The other rules find the same whatever the day: by their codes the columns of the sums.
FLAW_OF: Final = {f"report_{name}": name for name in FLAWS if name != "flawed"}
_LOOKED_AT: Final[dict[str, ColumnElement[int]]] = {
    "report_verified_early": _summary.with_verified_day,
    "report_closed_early": _summary.with_closed_day,
    "report_no_verified_day": _summary.concluded,
    "report_no_place": _summary.n,
    "report_unknown_institution": _summary.named,
    LATE: _summary.n - _summary.concluded,
    OUTSIDE: _summary.located,
}


def ledger(known: Known, limits: Limits) -> Ledger:
    """Return the reports with their rules."""
    one = known.rows(violation_report)
    c = one.c
    looks_at = {
        "report_verified_early": LOOKED_AT["with_verified_day"](c),
        "report_closed_early": LOOKED_AT["with_closed_day"](c),
        "report_no_verified_day": LOOKED_AT["concluded"](c),
        "report_no_place": true(),
        "report_unknown_institution": LOOKED_AT["named"](c),
    }
    rules = (
        *(Rule(code, looks_at[code], FLAWS[name](c)) for code, name in FLAW_OF.items()),
        Rule(LATE, not_(LOOKED_AT["concluded"](c)), is_late(known, limits, one)),
    )
    values = {
        **dict.fromkeys(("received_on", "verified_on", "closed_on"), _DAY),
        **dict.fromkeys(("status", "institution_name"), "str"),
        **dict.fromkeys(("longitude", "latitude"), "float64"),
    }
    name = func.coalesce(c.institution_name, c.place_name)
    outside = {OUTSIDE: LOOKED_AT["located"](c)}
    return Ledger(violation_report, one, c.report_no, name, values, rules, outside)


def is_late(known: Known, limits: Limits, rows: FromClause) -> Condition:
    """Whether a report has waited for its conclusion for too long by the day."""
    return and_(
        not_(LOOKED_AT["concluded"](rows.c)),
        rows.c.received_on < known.before(limits.open_report_days),
    )


def looked_at(known: Known) -> Select[Any]:
    """Count what each rule looks at from the sums: ``county_code``, all reports, a column a rule.

    Of all reports as they stand now: sums know of no category and no earlier day.
    """
    return (
        select(
            _summary.county_code,
            func.sum(_summary.n),
            *(func.sum(number).label(rule) for rule, number in _LOOKED_AT.items()),
        )
        .where(known.scope.allows(report_week_summary))
        .group_by(_summary.county_code)
    )


def counts(known: Known) -> Select[Any]:
    """Count the reports known by the day from the sums, of every category: by county."""
    stmt = select(_summary.county_code, func.sum(_summary.n))
    if known.known_on is not None:
        stmt = stmt.where(_summary.received_by_us_on <= known.known_on)
    return stmt.where(known.scope.allows(report_week_summary)).group_by(_summary.county_code)


def changed(known: Known, since: date) -> Condition:
    """Keep the reports in which anything that ``as_known`` undoes was replaced after ``since``."""
    return violation_report.c.id.in_(changed_rows(violation_report, scope=known.scope, day=since))
