"""Reports summed up by the week received: by the day they reached us, and by place; their cells.

A row tells, besides its counts, the first and the last day received and the last day of a
verdict. By these it is known whether all of a week is to be counted by a day, or whether the
reports themselves must be asked (``data_access.report_weeks``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    MetaData,
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
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import String

from data_access.corrections import VERIFIED
from data_access.report_unit_summaries import statements
from data_access.schema import (
    place_week_summary,
    report_cell,
    report_place_summary,
    report_week_summary,
    violation_report,
)
from data_access.schema.summaries import TYPE_COLUMNS

_report = violation_report.c
# As many weeks as are copied at once: some 500,000 reports of a country.
_AT_ONCE: Final = 13
# All that is asked of a report by the sums of this module and of ``report_unit_summaries``.
_COUNTED: Final = (
    *("week", "county_code", "received_on", "received_by_us_on", "first_batch_id", "status"),
    *("verified_on", "verified_week", "closed_on", "violation_type_group", "institution_id"),
    *("institution_name", "place_key", "place_name", "address", "town_code", "cell"),
    *("longitude", "latitude"),
)
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
# Of which reports, by what, and which counts and days.
_SUMMARIES: Final[
    dict[
        Table,
        tuple[
            dict[str, ColumnElement[Any]], dict[str, ColumnElement[Any]], list[ColumnElement[bool]]
        ],
    ]
] = {
    place_week_summary: (
        {
            **{name: _report[name] for name in ("place_key", "week", "county_code", "status")},
            "kind": _report.violation_type_group,
        },
        {"n": func.count()},
        [_report.place_key.is_not(None)],
    ),
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
        [],
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
        [],
    ),
}


def rebuild(conn: Connection, weeks: Sequence[date] | None = None) -> None:
    """Sum up the named weeks afresh, all of them where none are named."""
    if weeks is None:
        for table, columns, stmt in _sums(conn):
            conn.execute(delete(table))
            conn.execute(insert(table).from_select(columns, stmt))
        conn.execute(delete(report_cell))
        _add_cells(conn, violation_report)
        return
    for start in range(0, len(weeks), _AT_ONCE):
        _rebuild_weeks(conn, weeks[start : start + _AT_ONCE])


def _rebuild_weeks(conn: Connection, weeks: Sequence[date]) -> None:
    with _copied(conn, weeks) as reports:
        for table, columns, stmt in _sums(conn):
            conn.execute(delete(table).where(table.c.week.in_(weeks)))
            conn.execute(insert(table).from_select(columns, _asked_of(reports, stmt)))
        _add_cells(conn, reports)


def fill(conn: Connection) -> None:
    """Sum up all weeks in the tables that have no row: those that a migration has made."""
    for table, columns, stmt in _sums(conn):
        if conn.scalar(select(table.c.week).limit(1)) is None:
            conn.execute(insert(table).from_select(columns, stmt))


def _sums(conn: Connection) -> Iterator[tuple[Table, list[str], Select[Any]]]:
    """Yield each table by week, its columns, and what fills them from all reports."""
    for table, (keys, values, where) in _SUMMARIES.items():
        stmt = select(*keys.values(), *values.values()).where(*where).group_by(*keys.values())
        yield table, [*keys, *values], stmt
    for table, (columns, stmt) in statements(conn):
        yield table, columns, stmt


@contextmanager
def _copied(conn: Connection, weeks: Sequence[date]) -> Iterator[Table]:
    """Copy what is counted of the reports of some weeks, until the block ends.

    All sums ask the copy: a report has many more columns and lies among those of other weeks,
    or on a shard.
    """
    columns = [_report[name] for name in _COUNTED]
    copy = Table(
        "report_of_weeks",
        MetaData(),
        *(Column(column.name, column.type) for column in columns),
        prefixes=["TEMPORARY"],
    )
    copy.create(conn, checkfirst=False)
    wanted = select(*columns).where(_report.week.in_(weeks))
    conn.execute(insert(copy).from_select(_COUNTED, wanted))
    yield copy
    copy.drop(conn, checkfirst=False)  # after an error the caller's rollback takes it away


def _asked_of(reports: Table, stmt: Select[Any]) -> Select[Any]:
    """Return the statement with each column of a report taken from ``reports``."""

    def of_copy(element: Any, **_: Any) -> ColumnElement[Any] | None:
        is_report = isinstance(element, Column) and element.table is violation_report
        return reports.c[element.name] if is_report else None

    return cast("Select[Any]", visitors.replacement_traverse(stmt, {}, of_copy))


def _add_cells(conn: Connection, reports: Table) -> None:
    """Note in which cells reports lie. Whether a cell has lost its last one, weeks do not tell."""
    of, known = reports.c, report_cell.c
    is_known = exists().where(known.county_code == of.county_code, known.cell == of.cell)
    new = (
        select(of.county_code, of.cell)
        .where(of.longitude.is_not(None), of.cell.is_not(None), ~is_known)
        .distinct()
    )
    conn.execute(insert(report_cell).from_select(["county_code", "cell"], new))
