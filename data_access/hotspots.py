"""Queries on where reports gather (重点区域): counts by cell and week, and what lies there.

For the supervision team alone: no page of a county or a leader calls them. The reporter's
words and phone are in none of them.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.ledgers.places import h3_cells, place_keys
from data_access.report_weeks import weeks
from data_access.schema import (
    county,
    institution,
    report_cell_summary,
    report_place_summary,
    violation_report,
)
from data_access.scope import Scope
from data_access.weeks import first_day, reporting_week

_CELL_WEEKS: Final = {
    "county_code": "str",
    "cell": "str",
    "week": "datetime64[s]",
    "substantiated_week": "datetime64[s]",
    "reports": "int64",
}
_GATHERED: Final = {
    "county_code": "str",
    "county": "str",
    "short_name": "str",
    "cell": "str",
    "place_key": "str",
    "place_name": "str",
    "address": "str",
    "week": "datetime64[s]",
    "violation_type_group": "str",
    "class_starts_at": "object",
    "class_ends_at": "object",
    "reports": "int64",
}
_UNTIED: Final = {
    "county_code": "str",
    "county": "str",
    "short_name": "str",
    "place_key": "str",
    "place_name": "str",
    "address": "str",
    "week": "datetime64[s]",
    "substantiated_week": "datetime64[s]",
    "violation_type_group": "str",
    "longitude": "float64",
    "latitude": "float64",
    "reported_name": "str",
    "reports": "int64",
    "tied": "int64",
    "first_on": "datetime64[s]",
    "latest_on": "datetime64[s]",
}
_INSTITUTION: Final = {
    "id": "int64",
    "county_code": "str",
    "place_name": "str",
    "longitude": "float64",
    "latitude": "float64",
    "found_on": "datetime64[s]",
    "deregistered_on": "datetime64[s]",
}


def cell_weeks(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date,
    categories: tuple[str, ...] = (),
    by: tuple[date, ...] = (),
) -> pd.DataFrame:
    """Count reports by H3 cell (resolution 9), week received and week found to be true.

    Counted are reports received from the week of ``since`` to ``as_of`` that have coordinates
    of their own; found to be true when that is so by ``as_of``. With ``by``, Thursdays in order,
    ``substantiated_week`` is the first of them by which that was known; without it or with
    categories the reports themselves are counted, else sums of weeks.

    Returns ``county_code``, ``cell`` (str), ``week``, ``substantiated_week`` (datetime64[s], the
    Thursday; NaT: not found to be true) and ``reports`` (int64), by cell and week.
    """
    if by and not categories:
        return _by_thursdays(conn, scope, as_of, since, by)
    report = violation_report
    of_the_time = _received(scope, since, as_of)
    if categories:
        # Said of the day as well: by their institution and the day its reports are found.
        of_the_time.append(report.c.received_on >= first_day(reporting_week(since)))
        of_the_time.append(of_categories(report, categories, scope=scope))
    found_true = _by_day(by, as_of) if by else _substantiated_week(as_of)
    found_true = found_true.label("substantiated_week")
    return _in_order(read_frame(conn, _of_cells(of_the_time, found_true), _CELL_WEEKS))


def _by_thursdays(
    conn: Connection, scope: Scope, as_of: date, since: date, by: tuple[date, ...]
) -> pd.DataFrame:
    """Count whole weeks by their sums, and the reports of others."""
    asked = weeks(conn, scope=scope, as_of=as_of, since=first_day(reporting_week(since)))
    # A sum has the week of a verdict, so on a Thursday a later one is told from it.
    is_thursday = as_of == reporting_week(as_of)
    apart = asked.edges if is_thursday else (*asked.edges, *asked.late)
    of, rows = report_cell_summary.c, asked.whole(report_cell_summary, but=apart)
    cell = (of.county_code, of.cell, of.week)
    # Most verdicts came before the first Thursday: they are added up, and later ones told apart.
    early = func.sum(case((of.substantiated_week <= by[0], of.n), else_=0))
    stmt = select(*cell, func.sum(of.n).label("reports"), early.label("early")).where(*rows)
    dtypes = {name: dtype for name, dtype in _CELL_WEEKS.items() if name != "substantiated_week"}
    every = read_frame(
        conn, stmt.group_by(of.week, of.county_code, of.cell), {**dtypes, "early": "int64"}
    )
    since_then = and_(of.substantiated_week > by[0], of.substantiated_week <= by[-1])
    stmt = select(*cell, of.substantiated_week, of.n.label("reports")).where(*rows, since_then)
    late = read_frame(conn, stmt, _CELL_WEEKS)
    days = pd.DatetimeIndex(by).astype("datetime64[s]")
    known_on = days[days.searchsorted(late["substantiated_week"])]
    parts = [
        every.assign(substantiated_week=days[0], reports=every["early"]),
        late.assign(substantiated_week=known_on),
        every.assign(substantiated_week=None, reports=every["reports"] - every["early"]),
        late.assign(substantiated_week=None, reports=-late["reports"]),
    ]
    if apart:
        later = [*asked.received(), violation_report.c.week.in_(apart)]
        found_true = _by_day(by, as_of).label("substantiated_week")
        parts.append(read_frame(conn, _of_cells(later, found_true), _CELL_WEEKS))
    found = pd.concat([part[[*_CELL_WEEKS]].astype(_CELL_WEEKS) for part in parts])
    keys = [name for name in _CELL_WEEKS if name != "reports"]
    found = found.groupby(keys, dropna=False)["reports"].sum().reset_index().astype(_CELL_WEEKS)
    return _in_order(found[found["reports"] > 0])


def _of_cells(
    conditions: list[ColumnElement[bool]], substantiated_week: ColumnElement[Any]
) -> Select[Any]:
    """Count reports one by one."""
    report = violation_report.c
    each = (
        select(report.county_code, report.cell, report.week, substantiated_week)
        .where(*conditions, report.cell.is_not(None))
        .subquery()
    )
    return select(*each.c, func.count().label("reports")).group_by(*each.c)


def _by_day(by: tuple[date, ...], as_of: date) -> ColumnElement[Any]:
    """Return the first of the Thursdays by which a report was known to be true."""
    report = violation_report.c
    is_true = and_(report.status == "substantiated", report.verified_on <= as_of)
    known = (((and_(is_true, report.verified_week <= day)), day) for day in by)
    return case(*known)


def _in_order(found: pd.DataFrame) -> pd.DataFrame:
    keys = ["cell", "week", "substantiated_week", "county_code"]
    return found.sort_values(keys, na_position="first", ignore_index=True)


def gathered(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date,
    categories: tuple[str, ...] = (),
    cells: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Count reports of cells by place, week, type and hours, as :func:`cell_weeks` counts them.

    No cell named counts all of them.

    Returns one row per kind of report, by cell, place and week:

    ====================  =============  =================================================
    county_code           str
    county                str
    short_name            str            of the county
    cell                  str            H3, resolution 9
    place_key             str            missing: names no place
    place_name            str            missing where the place is known by coordinates
    address               str            one of the addresses given
    week                  datetime64[s]  the Thursday that names the week received
    violation_type_group  str            a listed word
    class_starts_at       object         ``datetime.time`` or ``None``
    class_ends_at         object         the same
    reports               int64
    ====================  =============  =================================================
    """
    report = violation_report
    columns = (
        report.c.cell,
        report.c.place_key,
        report.c.week,
        report.c.violation_type_group,
        report.c.class_starts_at,
        report.c.class_ends_at,
    )
    conditions = [
        *_received(scope, since, as_of),
        report.c.cell.is_not(None),
        of_categories(report, categories, scope=scope),
    ]
    if cells:
        conditions.append(report.c.cell.in_(cells))
    unit = (report.c.county_code, county.c.name, county.c.short_name)
    stmt = (
        select(
            report.c.county_code,
            county.c.name.label("county"),
            county.c.short_name,
            report.c.cell,
            report.c.place_key,
            func.max(report.c.place_name).label("place_name"),
            func.max(report.c.address).label("address"),
            report.c.week,
            report.c.violation_type_group,
            report.c.class_starts_at,
            report.c.class_ends_at,
            func.count().label("reports"),
        )
        .join(county, county.c.code == report.c.county_code)
        .where(*conditions)
        .group_by(*unit, *columns)
        .order_by(*columns[:4], report.c.county_code)
    )
    return read_frame(conn, stmt, _GATHERED)


def untied_places(conn: Connection, *, scope: Scope, as_of: date, since: date) -> pd.DataFrame:
    """Count the reports of places first reported since the week of ``since``.

    A place is a building or estate (``place_key``). Reports without coordinates count, too.
    ``tied`` are those that an institution of the ledger is known for. A place lies where its
    reports of a row say on average.

    Returns one row per place, week received, week found to be true and type:

    ====================  =============  =================================================
    county_code           str
    county                str
    short_name            str            of the county
    place_key             str
    place_name            str            missing where the place is known by coordinates
    address               str            one of the addresses given
    week                  datetime64[s]  the Thursday that names the week received
    substantiated_week    datetime64[s]  the same of the verdict; NaT: not found to be true
    violation_type_group  str            a listed word
    longitude             float64        WGS-84 degrees; NaN: no report of the row has any
    latitude              float64        the same
    reported_name         str            a name of an institution as reported, if any
    reports               int64
    tied                  int64          of these: linked to an institution
    first_on              datetime64[s]  the first day on which one was received
    latest_on             datetime64[s]  the last
    ====================  =============  =================================================
    """
    report, fresh = violation_report, _first_reported(scope, since, as_of).subquery("fresh")
    columns = (
        report.c.place_key,
        report.c.week,
        _substantiated_week(as_of).label("substantiated_week"),
        report.c.violation_type_group,
    )
    is_there = and_(
        report.c.place_key == fresh.c.place_key, report.c.county_code == fresh.c.county_code
    )
    # By the day alone, which the index of places has: with the week, PostgreSQL reads all reports
    # of these weeks again for each place.
    received = report.c.received_on.between(first_day(reporting_week(since)), as_of)
    stmt = (
        select(
            report.c.county_code,
            county.c.name.label("county"),
            county.c.short_name,
            report.c.place_key,
            func.max(report.c.place_name).label("place_name"),
            func.max(report.c.address).label("address"),
            *columns[1:],
            func.avg(report.c.longitude).label("longitude"),
            func.avg(report.c.latitude).label("latitude"),
            func.max(report.c.institution_name).label("reported_name"),
            func.count().label("reports"),
            func.count(report.c.institution_id).label("tied"),
            func.min(report.c.received_on).label("first_on"),
            func.max(report.c.received_on).label("latest_on"),
        )
        .join(county, county.c.code == report.c.county_code)
        .join(fresh, is_there)
        .where(scope.allows(report), received)
        .group_by(report.c.county_code, county.c.name, county.c.short_name, *columns)
        .order_by(report.c.place_key, report.c.week, report.c.violation_type_group)
    )
    found = read_frame(conn, stmt, _UNTIED)
    return found.round({"longitude": 7, "latitude": 7})


def _first_reported(scope: Scope, since: date, as_of: date) -> Select[Any]:
    """Return the places of reports since the week of ``since`` that none was of before."""
    place, earlier = report_place_summary.c, violation_report.alias("earlier")
    there = (
        select(place.county_code, place.place_key)
        .where(
            scope.allows(report_place_summary),
            place.week.between(reporting_week(since), reporting_week(as_of)),
            place.place_key != "",
        )
        .distinct()
        .subquery("there")
    )
    was_known = (
        select(earlier.c.id)
        .where(
            scope.allows(earlier),
            earlier.c.county_code == there.c.county_code,
            earlier.c.place_key == there.c.place_key,
            earlier.c.received_on < first_day(reporting_week(since)),
        )
        .exists()
    )
    # Distinct once more: else PostgreSQL may ask this of each report and not of each place.
    return select(there).where(~was_known).distinct()


def institutions(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the institutions of the ledger found by ``as_of``, whatever became of them since.

    Returns one row each, by number:

    ================  =============  =====================================================
    id                int64
    county_code       str
    place_name        str            building or estate; NaN if not known
    longitude         float64        WGS-84 degrees; NaN if not known
    latitude          float64        the same
    found_on          datetime64[s]
    deregistered_on   datetime64[s]  NaT: still there
    place_key         str            as reports have it; NaN: neither name nor coordinates
    cell              str            H3 cell (resolution 9); NaN: no coordinates
    ================  =============  =====================================================
    """
    conditions = [scope.allows(institution), institution.c.found_on <= as_of]
    if categories:
        conditions.append(institution.c.category.in_(categories))
    stmt = (
        select(*(institution.c[name] for name in _INSTITUTION))
        .where(*conditions)
        .order_by(institution.c.id)
    )
    found = read_frame(conn, stmt, _INSTITUTION)
    names = [name if isinstance(name, str) else None for name in found["place_name"]]
    points = found["longitude"].to_numpy(np.float64), found["latitude"].to_numpy(np.float64)
    keys = place_keys(list(found["county_code"]), names, *points)
    return found.assign(
        place_key=pd.Series(keys, index=found.index, dtype="str"),
        cell=pd.Series(h3_cells(*points), index=found.index, dtype="str"),
    )


def _received(scope: Scope, since: date, as_of: date) -> list[ColumnElement[bool]]:
    report = violation_report
    return [
        scope.allows(report),
        report.c.week.between(reporting_week(since), reporting_week(as_of)),
        report.c.received_on <= as_of,
    ]


def _substantiated_week(as_of: date) -> ColumnElement[date]:
    """Return the week in which a report was found to be true, if that was by the day."""
    report = violation_report
    is_true = and_(report.c.status == "substantiated", report.c.verified_on <= as_of)
    return case((is_true, report.c.verified_week))
