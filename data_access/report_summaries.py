"""Reports summed up by the week received: by the day they reached us, and by place; their cells.

A row tells, besides its counts, the first and the last day received and the last day of a
verdict. By these it is known whether all of a week is to be counted by a day, or whether the
reports themselves must be asked (``data_access.report_weeks``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import String

from data_access.corrections import VERIFIED
from data_access.report_unit_summaries import statements
from data_access.schema import (
    report_cell,
    report_place_summary,
    report_week_summary,
    violation_report,
)
from data_access.schema.summaries import TYPE_COLUMNS

_report = violation_report.c
Columns = ReadOnlyColumnCollection[str, Any]
# Written out and not bound: PostgreSQL must see the same expression in GROUP BY.
_BLANK: Final = literal_column("''", String())
_HAS_VERDICT: Final = and_(
    _report.status.in_(("substantiated", "unsubstantiated")), _report.verified_on.is_not(None)
)
_IS_TRUE: Final = and_(_report.status == "substantiated", _report.verified_on.is_not(None))
_IS_UNLINKED: Final = _report.institution_id.is_(None)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


# Which reports rules of data quality look at, by the columns of a report: of every other rule all
# reports, or all that are not concluded.
LOOKED_AT: Final[dict[str, Callable[[Columns], ColumnElement[bool]]]] = {
    "with_verified_day": lambda c: c.verified_on.is_not(None),
    "with_closed_day": lambda c: c.closed_on.is_not(None),
    "concluded": lambda c: c.status.in_(VERIFIED),
    "named": lambda c: c.institution_name.is_not(None),
    "located": lambda c: c.longitude.is_not(None),
}
# In which reports rules find something whatever the day, and in which any of them does.
_FLAWS: Final[dict[str, Callable[[Columns], ColumnElement[bool]]]] = {
    "verified_early": lambda c: c.verified_on < c.received_on,
    "closed_early": lambda c: c.closed_on < c.received_on,
    "no_verified_day": lambda c: and_(c.status.in_(VERIFIED), c.verified_on.is_(None)),
    "no_place": lambda c: and_(c.place_name.is_(None), c.longitude.is_(None)),
    "unknown_institution": lambda c: and_(
        c.institution_name.is_not(None), c.institution_id.is_(None)
    ),
}
FLAWS: Final = _FLAWS | {"flawed": lambda c: or_(*(is_it(c) for is_it in _FLAWS.values()))}
_REPORTS: Final[dict[str, ColumnElement[Any]]] = {
    "n": func.count(),
    "verified": _count(_HAS_VERDICT),
    "substantiated": _count(_IS_TRUE),
    "first_on": func.min(_report.received_on),
    "last_on": func.max(_report.received_on),
    "last_verified_on": func.max(case((_HAS_VERDICT, _report.verified_on))),
}
_SUMMARIES: Final[
    dict[Table, tuple[dict[str, ColumnElement[Any]], dict[str, ColumnElement[Any]]]]
] = {
    report_week_summary: (
        {
            "week": _report.week,
            "county_code": _report.county_code,
            "received_by_us_on": _report.received_by_us_on,
            "batch_id": func.coalesce(_report.first_batch_id, literal_column("0")),
        },
        {
            **_REPORTS,
            **{name: _count(is_it(_report)) for name, is_it in (LOOKED_AT | FLAWS).items()},
        },
    ),
    report_place_summary: (
        {
            "week": _report.week,
            "county_code": _report.county_code,
            "place_key": func.coalesce(_report.place_key, _BLANK),
            "place_name": func.coalesce(_report.place_name, _BLANK),
        },
        {
            **_REPORTS,
            "address": func.max(_report.address),
            "first_town": func.min(_report.town_code),
            "last_town": func.max(_report.town_code),
            "located": func.count(_report.longitude),
            "longitude_sum": func.coalesce(func.sum(_report.longitude), 0.0),
            "latitude_sum": func.coalesce(func.sum(_report.latitude), 0.0),
            "unlinked": _count(_IS_UNLINKED),
            "unlinked_address": func.max(
                case((and_(_IS_UNLINKED, _report.place_name.is_(None)), _report.address))
            ),
            **{
                name: _count(_report.violation_type_group == word)
                for name, word in TYPE_COLUMNS.items()
            },
        },
    ),
}


def rebuild(conn: Connection, weeks: Sequence[date] | None = None) -> None:
    """Sum up the named weeks afresh, all of them where none are named."""
    for table, columns, stmt in _sums(conn, weeks):
        gone = delete(table)
        conn.execute(gone if weeks is None else gone.where(table.c.week.in_(weeks)))
        conn.execute(insert(table).from_select(columns, stmt))
    _add_cells(conn, weeks)


def fill(conn: Connection) -> None:
    """Sum up all weeks in the tables that have no row: those that a migration has made."""
    for table, columns, stmt in _sums(conn, None):
        if conn.scalar(select(table.c.week).limit(1)) is None:
            conn.execute(insert(table).from_select(columns, stmt))


def _sums(
    conn: Connection, weeks: Sequence[date] | None
) -> Iterator[tuple[Table, list[str], Select[Any]]]:
    """Yield each table by week, its columns, and what fills them for the weeks."""
    received = [] if weeks is None else [_report.week.in_(weeks)]
    for table, (keys, values) in _SUMMARIES.items():
        stmt = select(*keys.values(), *values.values()).where(*received)
        yield table, [*keys, *values], stmt.group_by(*keys.values())
    for table, (columns, stmt) in statements(conn, received):
        yield table, columns, stmt


def _add_cells(conn: Connection, weeks: Sequence[date] | None) -> None:
    """Note in which cells reports lie. Whether a cell has lost its last one, weeks do not tell."""
    new = select(_report.county_code, _report.cell).where(
        _report.longitude.is_not(None), _report.cell.is_not(None)
    )
    if weeks is None:
        conn.execute(delete(report_cell))
    else:
        known = report_cell.c
        is_known = exists().where(
            known.county_code == _report.county_code, known.cell == _report.cell
        )
        new = new.where(_report.week.in_(weeks), ~is_known)
    conn.execute(insert(report_cell).from_select(["county_code", "cell"], new.distinct()))
