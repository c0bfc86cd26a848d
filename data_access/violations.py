"""Queries on violation reports (举报线索): the places they point at, and the reports themselves.

A place is a building or estate: reports of one ``place_key`` are one place. The reporter's
words and phone are in none of these queries.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    select,
)

from data_access import report_places
from data_access.frames import read_frame
from data_access.report_places import COUNTS, EVERYTHING, STILL_VERIFYING, Asked
from data_access.schema import county, institution, violation_report
from data_access.scope import Scope

__all__ = [
    "EVERYTHING",
    "PAGE",
    "STILL_VERIFYING",
    "Asked",
    "cells",
    "place_types",
    "places",
    "reports",
]

PAGE: Final = 200
_REPORT: Final = {
    "report_no": "str",
    "received_on": "datetime64[s]",
    "county_code": "str",
    "county": "str",
    "short_name": "str",
    "place_key": "str",
    "place_name": "str",
    "address": "str",
    "institution_name": "str",
    "channel": "str",
    "violation_type": "str",
    "state": "str",
    "verified_on": "datetime64[s]",
    "class_starts_at": "object",
    "class_ends_at": "object",
}


def places(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    asked: Asked = EVERYTHING,
) -> pd.DataFrame:
    """Count the reports of each place.

    Counted are reports received by ``as_of`` that ``asked`` names. A report is verified when
    its day of verification is not after ``as_of``; a verdict without a day is not counted.
    A place lies where its reports say on average; where none of those counted has
    coordinates, where the other reports of the same place say.

    Returns one row per place, and one per county for the reports that name neither a place
    nor coordinates (no ``place_key``), last; in the order of the city's documents:

    =============  =============  ========================================================
    county_code    str
    county         str
    short_name     str
    place_key      str            missing: the reports without a place
    place_name     str            missing where the place is known by coordinates alone
    address        str            one of the addresses given
    longitude      float64        WGS-84 degrees; NaN where no report has coordinates
    latitude       float64        the same
    reports        int64          reports
    located        int64          of these: with coordinates of their own
    verified       int64          of these: verified by the day
    substantiated  int64          of the verified: found to be true
    latest_on      datetime64[s]  the last day on which one was received
    =============  =============  ========================================================
    """
    other = violation_report.alias("other")
    counted = report_places.counted(
        conn, scope=scope, as_of=as_of, categories=categories, asked=asked
    )

    def elsewhere(coordinate: str) -> ColumnElement[float]:
        known = select(func.avg(other.c[coordinate])).where(
            scope.allows(other),
            other.c.county_code == counted.c.county_code,
            other.c.place_key == counted.c.place_key,
            other.c.received_on <= as_of,
        )
        return func.coalesce(counted.c[coordinate], known.scalar_subquery()).label(coordinate)

    stmt = (
        select(
            counted.c.county_code,
            county.c.name.label("county"),
            county.c.short_name,
            counted.c.place_key,
            counted.c.place_name,
            counted.c.address,
            elsewhere("longitude"),
            elsewhere("latitude"),
            counted.c.reports,
            counted.c.located,
            counted.c.verified,
            counted.c.substantiated,
            counted.c.latest_on,
        )
        .join(county, county.c.code == counted.c.county_code)
        .order_by(county.c.ordinal, counted.c.place_key.is_(None), counted.c.place_key)
    )
    found = read_frame(
        conn,
        stmt,
        {
            "county_code": "str",
            "county": "str",
            "short_name": "str",
            "place_key": "str",
            "place_name": "str",
            "address": "str",
            "longitude": "float64",
            "latitude": "float64",
            "reports": "int64",
            "located": "int64",
            "verified": "int64",
            "substantiated": "int64",
            "latest_on": "datetime64[s]",
        },
    )  # To a centimetre: databases add up in an order of their own.
    return found.round({"longitude": 7, "latitude": 7})


def place_types(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    asked: Asked = EVERYTHING,
) -> pd.DataFrame:
    """Count the reports of each place by type of violation, as :func:`places` counts them.

    Returns ``county_code``, ``place_key`` (str), ``violation_type_group`` (str, a listed
    word) and ``reports`` (int64), by county, place and type; reports without a place left out.
    """
    return report_places.types(conn, scope=scope, as_of=as_of, categories=categories, asked=asked)


def cells(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    asked: Asked = EVERYTHING,
) -> pd.DataFrame:
    """Count the reports of each H3 cell (resolution 9), as :func:`places` counts them.

    Returns ``county_code``, ``cell`` (str), ``reports``, ``verified`` and ``substantiated``
    (int64), by cell; reports without coordinates of their own left out.
    """
    report = violation_report
    stmt = (
        select(report.c.county_code, report.c.cell, *report_places.counts(as_of))
        .where(
            *report_places.conditions(scope, as_of, categories, asked), report.c.cell.is_not(None)
        )
        .group_by(report.c.county_code, report.c.cell)
        .order_by(report.c.cell, report.c.county_code)
    )
    return read_frame(conn, stmt, {"county_code": "str", "cell": "str", **COUNTS})


def reports(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    asked: Asked = EVERYTHING,
    place_key: str = "",
    cells: tuple[str, ...] = (),
    unplaced: bool = False,
    first: int = 0,
    limit: int = PAGE,
) -> pd.DataFrame:
    """List reports, the latest first: from the ``first`` on, counted from 0, at most ``limit``.

    All that ``asked`` names, or of these the ones of one place, the ones in H3 cells
    (resolution 9), or the ``unplaced`` ones, which no map can show: neither they nor any
    other report of the same place received by ``as_of`` have coordinates.

    Returns one row per report:

    ================  =============  =====================================================
    report_no         str
    received_on       datetime64[s]
    county_code       str
    county            str
    short_name        str            of the county
    place_key         str            missing: names neither a place nor coordinates
    place_name        str
    address           str
    institution_name  str            as reported, else as the institution ledger says
    channel           str            as written
    violation_type    str            as written
    state             str            as of the day; what was verified later is ``verifying``
    verified_on       datetime64[s]  NaT when not verified by the day
    class_starts_at   object         ``datetime.time`` or ``None``
    class_ends_at     object         the same
    ================  =============  =====================================================
    """
    report = violation_report
    conditions = report_places.conditions(scope, as_of, categories, asked)
    if place_key:
        conditions.append(report.c.place_key == place_key)
    if cells:
        conditions.append(report.c.cell.in_(cells))
    if unplaced:
        conditions.append(_nowhere(scope, as_of))
    # Found before anything is looked up of them: those of the pages before this one need not be.
    order = (report.c.received_on.desc(), report.c.report_no.desc())
    of_page = select(report.c.id).where(*conditions).order_by(*order).limit(limit).offset(first)
    verified_by_then = case((report.c.verified_on <= as_of, report.c.verified_on))
    known = and_(institution.c.id == report.c.institution_id, scope.allows(institution))
    stmt = (
        select(
            report.c.report_no,
            report.c.received_on,
            report.c.county_code,
            county.c.name.label("county"),
            county.c.short_name,
            report.c.place_key,
            report.c.place_name,
            report.c.address,
            func.coalesce(report.c.institution_name, institution.c.name).label("institution_name"),
            report.c.channel,
            report.c.violation_type,
            report_places.state(report, as_of).label("state"),
            verified_by_then.label("verified_on"),
            report.c.class_starts_at,
            report.c.class_ends_at,
        )
        .join(county, county.c.code == report.c.county_code)
        .outerjoin(institution, known)
        .where(scope.allows(report), report.c.id.in_(select(of_page.subquery().c.id)))
        .order_by(*order)
    )
    return read_frame(conn, stmt, _REPORT)


def _nowhere(scope: Scope, as_of: date) -> ColumnElement[bool]:
    """Return the condition of a report that has no coordinates and whose place has none."""
    report, other = violation_report, violation_report.alias("other")
    known_place = (
        select(other.c.id)
        .where(
            scope.allows(other),
            other.c.county_code == report.c.county_code,
            other.c.place_key == report.c.place_key,
            other.c.longitude.is_not(None),
            other.c.received_on <= as_of,
        )
        .exists()
    )
    return and_(report.c.longitude.is_(None), ~known_place)
