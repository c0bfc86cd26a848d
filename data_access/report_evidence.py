"""What reports say of a place or an institution (暗访线索), counted; read with `evidence`.

The databases count: of ten million reports as many rows come as there are days, places and
hours of classes. Reports one by one are read of deregistered institutions alone.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    null,
    or_,
    select,
    union,
    union_all,
)

from data_access.corrections import VERIFIED
from data_access.frames import read_frame
from data_access.known import HISTORY, between, known_by, with_place_key
from data_access.schema import institution, violation_report
from data_access.scope import Scope
from data_access.violations import STILL_VERIFYING

_report: Final = violation_report.c
_SAID: Final = ("place_name", "address")
# A report that is tied to an institution says nothing of the place that it names besides.
_PLACE: Final = case((_report.institution_id.is_(None), _report.place_key))
_OF_ONE: Final = or_(_report.institution_id.is_not(None), _report.place_key.is_not(None))
_UNIT: Final = {"institution_id": "Int64", "place_key": "str"}


def reports(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date | None = None,
    by_verdict: bool = True,
) -> pd.DataFrame:
    """Count the reports received from ``since`` to the day, by their day.

    Those that are tied to no institution and name no place are left out. Without
    ``by_verdict`` so are the unsubstantiated, and the days of the verdicts.

    ==============  =============  =====================================================
    received_on     datetime64[s]
    institution_id  Int64          NA: tied to no institution of the ledger
    place_key       str            missing: tied to one
    state           str            ``substantiated``, ``unsubstantiated``, else
                                   ``verifying``: so is what was verified later
    verified_on     datetime64[s]  NaT: not by the day, or not asked for
    reports         int64
    ==============  =============  =====================================================
    """
    is_verdict = and_(
        _report.status.in_(VERIFIED),
        or_(_report.verified_on.is_(None), _report.verified_on <= as_of),
    )
    state = case((is_verdict, _report.status), else_=STILL_VERIFYING)
    verified_on = case((is_verdict, _report.verified_on)) if by_verdict else null()
    each = select(
        _report.received_on,
        _report.institution_id,
        _PLACE.label("place_key"),
        state.label("state"),
        verified_on.label("verified_on"),
    ).where(*_received(scope, as_of, since), _OF_ONE)
    if not by_verdict:
        each = each.where(state != "unsubstantiated")
    found = each.subquery()
    keys = list(found.c) if by_verdict else list(found.c)[:-1]
    stmt = (
        select(*found.c, func.count().label("reports"))
        .group_by(*keys)
        .order_by(*keys[:4], *([] if not by_verdict else [found.c.verified_on]))
    )
    return read_frame(
        conn,
        stmt,
        {
            "received_on": "datetime64[s]",
            **_UNIT,
            "state": "str",
            "verified_on": "datetime64[s]",
            "reports": "int64",
        },
    )


def places(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """List where reports from ``since`` to the day are about, by place.

    The places of reports that are tied to no institution, and the institutions of which the
    ledger does not know where they are. A place lies where its reports say on average.

    ====================  =============  =================================================
    institution_id        Int64          NA: a place
    place_key             str            missing: an institution
    county_code           str
    place_name, address   str            as the last report says that says any
    longitude, latitude   float64        WGS-84 degrees; NaN: no report has any
    first_on              datetime64[s]  the first day on which one was received
    ====================  =============  =================================================
    """
    mean = (
        func.avg(_report.longitude).label("longitude"),
        func.avg(_report.latitude).label("latitude"),
        func.min(_report.received_on).label("first_on"),
    )
    place = (
        select(_report.place_key, func.min(_report.county_code).label("county_code"), *mean)
        .where(
            *_received(scope, as_of, since),
            _report.institution_id.is_(None),
            _report.place_key.is_not(None),
        )
        .group_by(_report.place_key)
        .subquery()
    )
    said = (_last_said(name, place.c.place_key, scope, as_of, since) for name in _SAID)
    without_point = or_(institution.c.longitude.is_(None), institution.c.latitude.is_(None))
    nothing = (null().label(name) for name in ("place_key", "county_code", *_SAID))
    stmt = union_all(
        select(
            null().label("institution_id"),
            place.c.place_key,
            place.c.county_code,
            *said,
            place.c.longitude,
            place.c.latitude,
            place.c.first_on,
        ),
        select(institution.c.id, *nothing, *mean)
        .join(violation_report, _report.institution_id == institution.c.id)
        .where(scope.allows(institution), without_point, *_received(scope, as_of, since))
        .group_by(institution.c.id),
    )
    found = read_frame(
        conn,
        stmt,
        {
            **_UNIT,
            **dict.fromkeys(("county_code", *_SAID), "str"),
            **dict.fromkeys(("longitude", "latitude"), "float64"),
            "first_on": "datetime64[s]",
        },
    )  # To a centimetre: databases add up in an order of their own.
    found = found.round({"longitude": 7, "latitude": 7})
    return found.sort_values(["institution_id", "place_key"], ignore_index=True)


def hours(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """Count the reports from ``since`` to the day that say when classes begin and end.

    ``institution_id`` (Int64), ``place_key`` (str), both as :func:`reports` has them,
    ``class_starts_at``, ``class_ends_at`` (object: ``datetime.time``) and ``reports`` (int64).
    """
    each = (
        select(
            _report.institution_id,
            _PLACE.label("place_key"),
            _report.class_starts_at,
            _report.class_ends_at,
        )
        .where(
            *_received(scope, as_of, since),
            _OF_ONE,
            _report.class_starts_at.is_not(None),
            _report.class_ends_at.is_not(None),
        )
        .subquery()
    )
    stmt = select(*each.c, func.count().label("reports")).group_by(*each.c).order_by(*each.c)
    dtypes = {
        **_UNIT,
        **dict.fromkeys(("class_starts_at", "class_ends_at"), "object"),
        "reports": "int64",
    }
    return read_frame(conn, stmt, dtypes)


def of_deregistered(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """List the reports from ``since`` to the day that may say that a deregistered one teaches on.

    Received after its deregistration, and tied to it, or with its credit code, or tied to
    none and naming its place. By the day.

    ====================  =============  =================================================
    report_id             int64
    received_on           datetime64[s]
    county_code           str
    institution_id        Int64          NA: tied to no institution of the ledger
    credit_code           str            as reported
    place_key             str            missing: neither a place nor coordinates
    violation_type_group  str
    state                 str            as of the day; what was verified later is ``verifying``
    verified_on           datetime64[s]  NaT: not by the day
    ====================  =============  =================================================
    """
    own = institution.c
    over = [scope.allows(institution), own.deregistered_on <= as_of, own.found_on <= as_of]
    after = [*_received(scope, as_of, since), _report.received_on > own.deregistered_on]
    ids = [
        select(_report.id).join(institution, tied).where(*over, *after)
        for tied in (_report.institution_id == own.id, _report.credit_code == own.credit_code)
    ]
    there = _places_of(conn, over)
    at_place = [
        and_(_report.place_key == place, _report.received_on > day) for place, day in there.items()
    ]
    if at_place:
        ids.append(
            select(_report.id).where(
                *_received(scope, as_of, since), _report.institution_id.is_(None), or_(*at_place)
            )
        )
    verified_later = and_(_report.status.in_(VERIFIED), _report.verified_on > as_of)
    stmt = (
        select(
            _report.id.label("report_id"),
            _report.received_on,
            _report.county_code,
            _report.institution_id,
            _report.credit_code,
            _report.place_key,
            _report.violation_type_group,
            case((verified_later, STILL_VERIFYING), else_=_report.status).label("state"),
            known_by(_report.verified_on, as_of),
        )
        .where(scope.allows(violation_report), _report.id.in_(union(*ids)))
        .order_by(_report.received_on, _report.id)
    )
    return read_frame(
        conn,
        stmt,
        {
            "report_id": "int64",
            "received_on": "datetime64[s]",
            "county_code": "str",
            "institution_id": "Int64",
            **dict.fromkeys(("credit_code", "place_key", "violation_type_group", "state"), "str"),
            "verified_on": "datetime64[s]",
        },
    )


def _received(scope: Scope, as_of: date, since: date | None) -> list[ColumnElement[bool]]:
    return [
        scope.allows(violation_report),
        *between(_report.received_on, since or as_of - HISTORY, as_of, week=_report.week),
    ]


def _last_said(
    name: str, place_key: ColumnElement[str], scope: Scope, as_of: date, since: date | None
) -> ColumnElement[Any]:
    """Return what the last report of a place says that says any."""
    other = violation_report.alias("other")
    return (
        select(other.c[name])
        .where(
            scope.allows(other),
            other.c.place_key == place_key,
            other.c.received_on.between(since or as_of - HISTORY, as_of),
            other.c.institution_id.is_(None),
            other.c[name].is_not(None),
        )
        .order_by(other.c.received_on.desc(), other.c.id.desc())
        .limit(1)
        .scalar_subquery()
        .label(name)
    )


def _places_of(conn: Connection, over: list[ColumnElement[bool]]) -> dict[str, date]:
    """Return the places of deregistered institutions, and when the first of each was."""
    own = institution.c
    stmt = select(
        own.county_code, own.place_name, own.longitude, own.latitude, own.deregistered_on
    ).where(*over)
    found = with_place_key(
        read_frame(
            conn,
            stmt,
            {
                **dict.fromkeys(("county_code", "place_name"), "str"),
                **dict.fromkeys(("longitude", "latitude"), "float64"),
                "deregistered_on": "datetime64[s]",
            },
        )
    )
    first = found.groupby("place_key")["deregistered_on"].min()
    return {str(place): day.date() for place, day in first.items()}
