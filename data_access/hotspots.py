"""Queries on where reports gather (重点区域): counts by cell and week, and what lies there.

For the supervision team alone: no page of a county or a leader calls them. The reporter's
words and phone are in none of them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.ledgers.places import h3_cells, place_keys
from data_access.schema import county, institution, violation_report
from data_access.scope import Scope
from data_access.weeks import reporting_week

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
) -> pd.DataFrame:
    """Count reports by H3 cell (resolution 9), week received and week found to be true.

    Counted are reports received from the week of ``since`` to ``as_of`` that have coordinates
    of their own; found to be true when that is so by ``as_of``.

    Returns ``county_code``, ``cell`` (str), ``week``, ``substantiated_week`` (datetime64[s], the
    Thursday; NaT: not found to be true) and ``reports`` (int64), by cell and week.
    """
    report = violation_report
    columns = (
        report.c.county_code,
        report.c.cell,
        report.c.week,
        _substantiated_week(as_of).label("substantiated_week"),
    )
    stmt = (
        select(*columns, func.count().label("reports"))
        .where(
            *_received(scope, since, as_of),
            report.c.cell.is_not(None),
            of_categories(report, categories, scope=scope),
        )
        .group_by(*columns)
        .order_by(report.c.cell, report.c.week, columns[-1].is_not(None), columns[-1])
    )
    return read_frame(
        conn,
        stmt,
        {
            "county_code": "str",
            "cell": "str",
            "week": "datetime64[s]",
            "substantiated_week": "datetime64[s]",
            "reports": "int64",
        },
    )


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
    report, earlier = violation_report, violation_report.alias("earlier")
    columns = (
        report.c.place_key,
        report.c.week,
        _substantiated_week(as_of).label("substantiated_week"),
        report.c.violation_type_group,
    )
    was_known = (
        select(earlier.c.id)
        .where(
            scope.allows(earlier),
            earlier.c.county_code == report.c.county_code,
            earlier.c.place_key == report.c.place_key,
            earlier.c.week < reporting_week(since),
        )
        .exists()
    )
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
        .where(*_received(scope, since, as_of), report.c.place_key.is_not(None), ~was_known)
        .group_by(report.c.county_code, county.c.name, county.c.short_name, *columns)
        .order_by(report.c.place_key, report.c.week, report.c.violation_type_group)
    )
    found = read_frame(conn, stmt, _UNTIED)
    return found.round({"longitude": 7, "latitude": 7})


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
