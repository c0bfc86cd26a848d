"""Reports summed up by the week received: by the day they reached us, and by place.

A row tells, besides its counts, the first and the last day received and the last day of a
verdict. By these it is known whether all of a week is to be counted by a day, or whether the
reports themselves must be asked (``data_access.report_weeks``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.types import String

from data_access.report_unit_summaries import statements
from data_access.schema import report_place_summary, report_week_summary, violation_report
from data_access.schema.summaries import TYPE_COLUMNS

_report = violation_report.c
# Written out and not bound: PostgreSQL must see the same expression in GROUP BY.
_BLANK: Final = literal_column("''", String())
_HAS_VERDICT: Final = and_(
    _report.status.in_(("substantiated", "unsubstantiated")), _report.verified_on.is_not(None)
)
_IS_TRUE: Final = and_(_report.status == "substantiated", _report.verified_on.is_not(None))
_IS_UNLINKED: Final = _report.institution_id.is_(None)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


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
        _REPORTS,
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
    for table, (keys, values) in _SUMMARIES.items():
        gone, stmt = delete(table), select(*keys.values(), *values.values())
        if weeks is not None:
            gone = gone.where(table.c.week.in_(weeks))
            stmt = stmt.where(_report.week.in_(weeks))
        conn.execute(gone)
        columns = [*keys, *values]
        conn.execute(insert(table).from_select(columns, stmt.group_by(*keys.values())))
    received = None if weeks is None else _report.week.in_(weeks)
    for table, (columns, stmt) in statements(conn, received):
        gone = delete(table)
        conn.execute(gone if weeks is None else gone.where(table.c.week.in_(weeks)))
        conn.execute(insert(table).from_select(columns, stmt))
