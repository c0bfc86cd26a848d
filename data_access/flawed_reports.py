"""Reports in which rules find something: counted, the first that came, and listed by the page.

None of these looks at every report. What is wrong whatever the day is counted by the sums of
reports (``report_summaries``); reports that wait for too long are found by the index of open ones,
those outside their county by the index of places. Values are as they stand now: reports that
were changed since a day are counted by none, ``data_quality.findings`` has them as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Table,
    TextClause,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from data_access import schema
from data_access.frames import read_frame
from data_access.ledgers.queries import is_one_of
from data_access.quality_known import Condition, Known, Limits
from data_access.quality_reports import FLAW_OF, LATE, OUTSIDE, changed, is_late
from data_access.report_summaries import FLAWS
from data_access.schema import report_cell, report_week_summary, violation_report
from data_access.schema.report_indexes import FLAWED_REPORT, OPEN_REPORT
from data_access.scope import Scope

ANY_RULE: Final = "any"  # in place of a rule's code: reports in which any finds something
RULES: Final = (*FLAW_OF, LATE, OUTSIDE)
_report = violation_report.c
_COUNTS: Final = {
    "county_code": "str",
    "rule": "str",
    "rows": "int64",
    "first_on": "datetime64[s]",
}
Filter = Condition | TextClause
Way = list[Filter]
Counting = tuple[list[str], Select[Any] | CompoundSelect[Any]]
_COLUMN_OF: Final = {**FLAW_OF, ANY_RULE: "flawed"}


class Outside(NamedTuple):
    """Where reports lie outside their county: all of some H3 cells, and some places of others.

    ``cells`` are by county; ``places`` are county, cell (or ``None``), longitude and latitude.
    """

    cells: Mapping[str, Sequence[str]]
    places: Sequence[tuple[str, str | None, float, float]]


class Slice(NamedTuple):
    """So many of the reports that a rule finds in a county, from the nth in order of numbers."""

    rule: str
    county_code: str
    first: int
    rows: int


def cells(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """Return the H3 cells in which reports lie, and maybe some in which none lies any more.

    Returns ``county_code`` and ``cell`` (str), each pair once, in no order.
    """
    stmt = select(report_cell.c.county_code, report_cell.c.cell).where(scope.allows(report_cell))
    return read_frame(conn, stmt, {"county_code": "str", "cell": "str"})


def places(conn: Connection, *, scope: Scope, cells: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return the places of reports in some H3 ``cells`` by county, and those that have no cell.

    Returns ``county_code``, ``cell`` (str), ``longitude`` and ``latitude`` (float64, WGS-84
    degrees), each once, in no order.
    """
    counties = select(schema.county.c.code)
    within = [and_(_report.county_code.in_(counties), _report.cell.is_(None))]
    within += [_in_cells(conn, code, wanted) for code, wanted in cells.items()]
    names = ("county_code", "cell", "longitude", "latitude")
    arms = [
        select(*(_report[name] for name in names))
        .where(scope.allows(violation_report), _report.longitude.is_not(None), each)
        .distinct()
        for each in within
    ]
    dtypes = {"county_code": "str", "cell": "str", "longitude": "float64", "latitude": "float64"}
    return read_frame(conn, union_all(*arms), dtypes)


def counts(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    known_on: date | None = None,
    unchanged_since: date,
    limits: Limits,
    outside: Outside,
) -> pd.DataFrame:
    """Count the reports that each rule finds, by county, but those changed since a day.

    ``as_of`` is the day by which one waits for too long; ``known_on`` leaves out what was received
    by us later. Changed is what was replaced after ``unchanged_since``.

    ===========  =============  ================================================================
    county_code  str            reporting unit
    rule         str            code; ``ANY_RULE``: reports with any of them, each once
    rows         int64          reports, more than 0
    first_on     datetime64[s]  a day not after the one on which the first of them reached us
    ===========  =============  ================================================================
    """
    known = Known(conn, scope, as_of, categories, known_on)
    late, flawed = is_late(known, limits, violation_report), FLAWS["flawed"](_report)
    since = changed(known, unchanged_since)
    waits, lies = _waits(known, limits), _lies(known, outside)
    found = [
        *_read(conn, _flawed(known)),
        *_read(conn, _flawed_of(known, since), sign=-1),
        *_read(conn, _others(known, LATE, flawed, waits, ~since)),
        *_read(conn, _others(known, OUTSIDE, or_(flawed, late), lies, ~since)),
    ]
    frame = pd.DataFrame(found, columns=list(_COUNTS)).astype(_COUNTS)
    keys = ["county_code", "rule"]
    summed = frame.groupby(keys, as_index=False).agg({"rows": "sum", "first_on": "min"})
    return summed[summed["rows"] > 0].reset_index(drop=True)


def of_weeks(conn: Connection, *, scope: Scope, weeks: tuple[date, ...]) -> pd.DataFrame:
    """Count the reports received in some reporting weeks in which rules find something.

    What is wrong whatever the day alone, as it stands now. Returns ``county_code``, ``rule`` (str),
    ``week`` (datetime64[s], the Thursday that names it) and ``rows`` (int64), more than 0.
    """
    summary = report_week_summary.c
    arms = [
        select(
            summary.county_code,
            literal(rule).label("rule"),
            summary.week,
            func.sum(summary[flaw]).label("rows"),
        )
        .where(scope.allows(report_week_summary), summary.week.in_(weeks), summary[flaw] > 0)
        .group_by(summary.county_code, summary.week)
        for rule, flaw in FLAW_OF.items()
    ]
    dtypes = {"county_code": "str", "rule": "str", "week": "datetime64[s]", "rows": "int64"}
    return read_frame(conn, union_all(*arms), dtypes)


def listed(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    limits: Limits,
    outside: Outside,
    slices: Sequence[Slice],
) -> pd.DataFrame:
    """Return the ids of the reports of some ``slices``, one after the other.

    Returns ``rule`` (str) and ``id`` (int64); within a slice in the order of numbers.
    """
    known = Known(conn, scope, as_of, categories, None)
    arms = []
    for nth, (rule, code, first, rows) in enumerate(slices):
        found = union_all(
            *(
                select(_report.id, _report.report_no).where(*way, _report.county_code == code)
                for way in _finds(known, rule, limits, outside)
            )
        ).subquery()
        one = select(found).order_by(found.c.report_no).limit(rows).offset(first).subquery()
        arms.append(select(literal(rule).label("rule"), literal(nth).label("nth"), *one.c))
    each = union_all(*arms).subquery()
    stmt = select(each.c.rule, each.c.id).order_by(each.c.nth, each.c.report_no)
    return read_frame(conn, stmt, {"rule": "str", "id": "int64"})


def first_come(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    limits: Limits,
    outside: Outside,
    received_until: Mapping[str, date],
) -> pd.DataFrame:
    """Return the reports that some rules find and that reached us by a day, the day itself too.

    ``received_until`` has the day of each rule. Returns ``rule`` (str) and ``id`` (int64), in no
    order. It costs what the days hold.
    """
    known = Known(conn, scope, as_of, categories, None)
    summary = report_week_summary.c
    arms = []
    for rule, day in received_until.items():
        stmt = select(literal(rule).label("rule"), _report.id).where(
            _report.received_by_us_on <= day
        )
        if rule in FLAW_OF:
            flaw = FLAW_OF[rule]
            weeks = (
                select(summary.week, summary.county_code, summary.received_by_us_on)
                .where(
                    scope.allows(report_week_summary),
                    summary[flaw] > 0,
                    summary.received_by_us_on <= day,
                )
                .distinct()
                .subquery()
            )
            stmt = stmt.join(weeks, and_(*(each == _report[each.name] for each in weeks.c))).where(
                scope.allows(violation_report), FLAWS[flaw](_report)
            )
            arms.append(stmt.where(_of_categories(known)))
        else:
            arms += [stmt.where(*way) for way in _finds(known, rule, limits, outside)]
    return read_frame(conn, union_all(*arms), {"rule": "str", "id": "int64"})


def _finds(known: Known, rule: str, limits: Limits, outside: Outside) -> list[Way]:
    """Return the ways in which indexes have what a rule finds; none is found in two."""
    if rule == LATE:
        ways = _waits(known, limits)
    elif rule == OUTSIDE:
        ways = _lies(known, outside)
    else:
        ways = [[FLAWED_REPORT, FLAWS[FLAW_OF[rule]](_report)]]
    every = (known.scope.allows(violation_report), _of_categories(known))
    return [[*every, *way] for way in ways]


def _waits(known: Known, limits: Limits) -> list[Way]:
    """Keep the reports that wait for too long: county by county, by the index of open ones."""
    counties = select(schema.county.c.code)
    late = is_late(known, limits, violation_report)
    return [[OPEN_REPORT, _report.county_code.in_(counties), late]]


def _of_categories(known: Known) -> Condition:
    """Keep the reports of the categories, by no index: what is wrong is found by another."""
    if not known.categories:
        return true()
    return func.coalesce(known.of_categories(violation_report, violation_report), false())


def _lies(known: Known, outside: Outside) -> list[Way]:
    """Keep the reports that lie outside: each cell and each place is looked up in the index.

    A place is of a cell that lies outside in part, so no report is of both.
    """
    found = [_in_cells(known.conn, code, wanted) for code, wanted in outside.cells.items()]
    at = [each for each in outside.places if each[1] is not None]
    if at:
        columns = tuple_(_report.county_code, _report.cell, _report.longitude, _report.latitude)
        found.append(columns.in_(at))
    at = [each for each in outside.places if each[1] is None]
    if at:
        columns = tuple_(_report.county_code, _report.longitude, _report.latitude)
        nowhere = columns.in_([(code, *point) for code, _, *point in at])
        found.append(and_(_report.cell.is_(None), nowhere))
    return [[_report.longitude.is_not(None), each] for each in found or [false()]]


def _in_cells(conn: Connection, code: str, wanted: Sequence[str]) -> Condition:
    return and_(_report.county_code == code, is_one_of(conn, _report.cell, wanted))


def _flawed(known: Known) -> Counting:
    """Count what is wrong whatever the day: by the sums, which know of no category."""
    if known.categories:
        return _flawed_of(known, true())
    summary = report_week_summary.c
    found = {
        rule: (func.sum(summary[name]), case((summary[name] > 0, summary.received_by_us_on)))
        for rule, name in _COLUMN_OF.items()
    }
    return _counting(known, report_week_summary, found)


def _flawed_of(known: Known, only: Condition) -> Counting:
    found = {
        rule: (
            func.count(case((FLAWS[name](_report), 1))),
            case((FLAWS[name](_report), _report.received_by_us_on)),
        )
        for rule, name in _COLUMN_OF.items()
    }
    return _counting(known, violation_report, found, FLAWED_REPORT, only)


def _others(
    known: Known, rule: str, otherwise: Condition, ways: list[Way], only: Condition
) -> Counting:
    """Count what else a rule finds, and of it what no rule before has ``otherwise``."""
    alone, day = func.sum(case((otherwise, 0), else_=1)), _report.received_by_us_on
    found = {rule: (func.count(), day), ANY_RULE: (alone, day)}
    each = [_counting(known, violation_report, found, *way, only)[1] for way in ways]
    return list(found), union_all(*each)


def _counting(
    known: Known,
    table: Table,
    found: Mapping[str, tuple[ColumnElement[int], ColumnElement[date]]],
    *only: Filter,
) -> Counting:
    """Count by county, each rule's rows by its first expression and the least of the other."""
    columns = [each for n, day in found.values() for each in (n, func.min(day))]
    conditions: list[Filter] = [known.scope.allows(table), *only]
    if known.known_on is not None:
        conditions.append(table.c.received_by_us_on <= known.known_on)
    if table is violation_report:
        conditions.append(_of_categories(known))
    return list(found), select(table.c.county_code, *columns).where(*conditions).group_by(
        table.c.county_code
    )


def _read(conn: Connection, counting: Counting, sign: int = 1) -> list[tuple[Any, ...]]:
    """Return lines of a county and rule: code, rule, reports, first day."""
    rules, stmt = counting
    return [
        (row[0], rule, sign * int(row[2 * nth + 1]), row[2 * nth + 2])
        for row in conn.execute(stmt)
        for nth, rule in enumerate(rules)
    ]
