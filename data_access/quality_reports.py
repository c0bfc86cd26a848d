"""What is wrong with a report, found and counted without looking at every one of them.

Which reports a rule looks at is counted by week (``report_summaries``); those that may be wrong are
found by indexes. The rules themselves are asked of these alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    not_,
    select,
    true,
    union_all,
)

from data_access import schema
from data_access.as_known import changed_rows
from data_access.ledgers.queries import is_one_of
from data_access.quality_known import (
    Condition,
    Known,
    Ledger,
    Limits,
    Rule,
    knows_its_institution,
)
from data_access.report_summaries import LOOKED_AT
from data_access.schema import report_week_summary, violation_report
from data_access.schema.report_indexes import FLAWED_REPORT, OPEN_REPORT

OUTSIDE: Final = "report_outside"  # judged by its borders, not here; looked at are the located
_DAY: Final = "datetime64[s]"
_summary = report_week_summary.c
_LOOKED_AT: Final[dict[str, ColumnElement[int]]] = {
    "report_verified_early": _summary.with_verified_day,
    "report_closed_early": _summary.with_closed_day,
    "report_no_verified_day": _summary.concluded,
    "report_no_place": _summary.n,
    "report_unknown_institution": _summary.named,
    "report_open_long": _summary.n - _summary.concluded,
    OUTSIDE: _summary.located,
}


def ledger(known: Known, limits: Limits) -> Ledger:
    """Return the reports with their rules."""
    one = known.rows(violation_report)
    c = one.c
    concluded = LOOKED_AT["concluded"](c)
    rules = (
        Rule(
            "report_verified_early",
            LOOKED_AT["with_verified_day"](c),
            c.verified_on < c.received_on,
        ),
        Rule("report_closed_early", LOOKED_AT["with_closed_day"](c), c.closed_on < c.received_on),
        Rule("report_no_verified_day", concluded, c.verified_on.is_(None)),
        Rule("report_no_place", true(), and_(c.place_name.is_(None), c.longitude.is_(None))),
        knows_its_institution("report_unknown_institution", one),
        Rule(
            "report_open_long",
            not_(concluded),
            c.received_on < known.before(limits.open_report_days),
        ),
    )
    values = {
        **dict.fromkeys(("received_on", "verified_on", "closed_on"), _DAY),
        **dict.fromkeys(("status", "institution_name"), "str"),
    }
    name = func.coalesce(c.institution_name, c.place_name)
    return Ledger(
        violation_report,
        one,
        c.report_no,
        name,
        values,
        rules,
        {OUTSIDE: LOOKED_AT["located"](c)},
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


def suspects(known: Known, limits: Limits, judged: Sequence[int]) -> Condition:
    """Keep the reports in which a rule may find something, and the ``judged``.

    Those that are wrong as they stand, by what index ever, and all that were changed since the
    day as on which they are asked for.
    """
    report = violation_report.c
    mine = known.scope.allows(violation_report)
    late = report.received_on < known.before(limits.open_report_days)
    arms = [
        select(report.id).where(mine, FLAWED_REPORT),
        select(report.id).where(mine, OPEN_REPORT, late),
        *_changed(known),
    ]
    if judged:
        arms.append(select(report.id).where(mine, is_one_of(known.conn, report.id, judged)))
    return report.id.in_(union_all(*arms))


def located_in(known: Known, cells: Mapping[str, Sequence[str]]) -> Condition:
    """Keep the reports with a place in one of the cells named for their county.

    Besides those with a place and no cell, and all that were changed since the day.
    """
    report = violation_report.c
    placed = and_(known.scope.allows(violation_report), report.longitude.is_not(None))
    counties = select(schema.county.c.code)
    arms = [
        select(report.id).where(placed, report.county_code.in_(counties), report.cell.is_(None)),
        *_changed(known),
    ]
    for code, wanted in cells.items():
        in_cells = is_one_of(known.conn, report.cell, wanted)
        arms.append(select(report.id).where(placed, report.county_code == code, in_cells))
    return report.id.in_(union_all(*arms))


def cells_of(known: Known) -> Select[Any]:
    """Return each county's cells that hold a report, from one to the next along the index."""
    report, county = violation_report.c, schema.county.c

    def first(code: ColumnElement[str], *beyond: Condition) -> ColumnElement[str]:
        return (
            select(func.min(report.cell))
            .where(
                known.scope.allows(violation_report),
                report.county_code == code,
                report.longitude.is_not(None),
                *beyond,
            )
            .scalar_subquery()
        )

    begin = select(county.code.label("county_code"), first(county.code).label("cell")).where(
        known.scope.allows(schema.county)
    )
    cells = begin.cte("cells", recursive=True)
    following = first(cells.c.county_code, report.cell > cells.c.cell)
    cells = cells.union_all(select(cells.c.county_code, following).where(cells.c.cell.is_not(None)))
    return select(cells.c.county_code, cells.c.cell).where(cells.c.cell.is_not(None))


def _changed(known: Known) -> list[Select[Any]]:
    if known.known_on is None:
        return []
    return [changed_rows(violation_report, scope=known.scope, day=known.known_on)]
