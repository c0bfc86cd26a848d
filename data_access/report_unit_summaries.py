"""Fill the sums of reports by what can be visited, by verdict, by cell and by conclusion.

Reports are first counted by their day, and these counts laid out by the days of the week: that
is a fraction of the work that twenty conditions a report would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    Subquery,
    Table,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.types import String

from data_access.corrections import VERIFIED
from data_access.day_math import day_of_week
from data_access.schema import (
    report_cell_summary,
    report_conclusion_summary,
    report_unit_summary,
    report_verdict_summary,
    violation_report,
)
from data_access.schema.unit_summaries import WEEKDAYS

# Later than any verdict, in the key of a sum, which nothing may be missing from.
NEVER: Final = date.max
_report: Final = violation_report.c
_NEVER: Final = literal_column(f"'{NEVER}'", Date())
# Written out: PostgreSQL must see the same expression in GROUP BY.
_IS_PROVEN: Final = _report.status == literal_column("'substantiated'")
_IS_OPEN: Final = _report.status.not_in(VERIFIED)
# A report tied to an institution says nothing of the place that it names besides.
PLACE: Final = case(
    (_report.institution_id.is_(None), _report.place_key), else_=literal_column("''", String())
)
INSTITUTION: Final = func.coalesce(_report.institution_id, literal_column("0"))
# Its own week, where a report was verified by the end of it.
VERDICT_WEEK: Final = case(
    (_report.verified_week > _report.week, _report.verified_week), else_=_report.week
)
OF_ONE: Final = or_(_report.institution_id.is_not(None), _report.place_key.is_not(None))
Statement = tuple[list[str], Select[Any]]


def statements(conn: Connection) -> Iterator[tuple[Table, Statement]]:
    """Yield each table, its columns, and what fills them from all reports."""
    yield report_unit_summary, _units(conn)
    yield report_verdict_summary, _verdicts(conn)
    yield report_cell_summary, _cells()
    yield report_conclusion_summary, _conclusions(conn)


def _units(conn: Connection) -> Statement:
    by_day = (
        select(
            *_unit(),
            _report.received_on,
            _report.status,
            func.count().label("n"),
            func.count(_report.longitude).label("located"),
            func.coalesce(func.sum(_report.longitude), 0.0).label("longitude_sum"),
            func.coalesce(func.sum(_report.latitude), 0.0).label("latitude_sum"),
            func.count(_report.place_name).label("named"),
            func.count(_report.address).label("addressed"),
        )
        .where(OF_ONE)
        .group_by(*_unit(), _report.received_on, _report.status)
        .subquery()
    )
    day = by_day.c
    is_proven, is_open = day.status == "substantiated", day.status.not_in(VERIFIED)
    values = {
        **{name: func.sum(day[name]) for name in ("n", "located", "longitude_sum")},
        **{name: func.sum(day[name]) for name in ("latitude_sum", "named", "addressed")},
        "first_on": func.min(day.received_on),
        "proven": _sum(day.n, is_proven),
        "proven_on": func.max(case((is_proven, day.received_on))),
        "open": _sum(day.n, is_open),
        "open_on": func.max(case((is_open, day.received_on))),
        **_by_weekday(conn, by_day, day.received_on, {"proven": is_proven, "open": is_open}),
        **_by_weekday(conn, by_day, day.received_on, {"n": true()}),
    }
    return _summed_up(by_day, 4, values)


def _verdicts(conn: Connection) -> Statement:
    keys = [*_unit(), VERDICT_WEEK.label("verified_week")]
    by_day = (
        select(
            *keys,
            _report.received_on,
            _report.status,
            func.count().label("n"),
            func.min(_report.verified_on).label("verified_on"),
        )
        .where(OF_ONE, ~_IS_OPEN)
        .group_by(*keys, _report.received_on, _report.status)
        .subquery()
    )
    day = by_day.c
    is_proven = day.status == "substantiated"
    values = {
        "n": func.sum(day.n),
        "proven": _sum(day.n, is_proven),
        "verified_on": func.min(day.verified_on),
        "found_on": func.min(case((is_proven, day.verified_on))),
        **_by_weekday(conn, by_day, day.received_on, {"proven": is_proven, "untrue": ~is_proven}),
    }
    return _summed_up(by_day, 5, values)


def _cells() -> Statement:
    is_true = and_(_IS_PROVEN, _report.verified_week.is_not(None))
    substantiated_week = case((is_true, _report.verified_week), else_=_NEVER)
    keys = [_report.week, _report.county_code, _report.cell, substantiated_week]
    stmt = select(*keys, func.count()).where(_report.cell.is_not(None)).group_by(*keys)
    return ["week", "county_code", "cell", "substantiated_week", "n"], stmt


def _conclusions(conn: Connection) -> Statement:
    keys = (
        *(_report.week, _report.verified_week, _report.county_code),
        *(_report.status, _report.violation_type_group),
    )
    by_day = (
        select(*keys, _report.verified_on, func.count().label("n"))
        .where(_report.verified_on.is_not(None), ~_IS_OPEN)
        .group_by(*keys, _report.verified_on)
        .subquery()
    )
    verified = _by_weekday(conn, by_day, by_day.c.verified_on, {"verified": true()})
    return _summed_up(by_day, len(keys), {"n": func.sum(by_day.c.n), **verified})


def _unit() -> list[ColumnElement[Any]]:
    return [
        _report.week,
        _report.county_code,
        INSTITUTION.label("institution_id"),
        PLACE.label("place_key"),
    ]


def _summed_up(by_day: Subquery, keys: int, values: Mapping[str, ColumnElement[Any]]) -> Statement:
    columns = list(by_day.c)[:keys]
    stmt = select(*columns, *values.values()).group_by(*columns)
    return [*(column.name for column in columns), *values], stmt


def _by_weekday(
    conn: Connection,
    by_day: Subquery,
    day: ColumnElement[Any],
    counted: Mapping[str, ColumnElement[bool]],
) -> dict[str, ColumnElement[Any]]:
    at = day_of_week(conn, day)
    return {
        f"{name}_{number}": _sum(by_day.c.n, and_(at == literal_column(str(number)), condition))
        for name, condition in counted.items()
        for number in WEEKDAYS
    }


def _sum(n: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, n), else_=literal_column("0")))
