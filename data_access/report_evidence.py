"""What single reports say of a place or an institution (暗访线索); read with `evidence`.

What they weigh together is in `report_units`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    func,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.types import TypeEngine

from data_access.corrections import VERIFIED
from data_access.day_math import days_after
from data_access.frames import read_frame
from data_access.known import HISTORY, between, known_by, with_place_key
from data_access.ledgers.queries import rows_of
from data_access.rectification import allowed
from data_access.report_unit_summaries import OF_ONE
from data_access.schema import (
    institution,
    rectification,
    rectification_spell,
    violation_report,
)
from data_access.scope import Scope
from data_access.violations import STILL_VERIFYING

_report: Final = violation_report.c
# A report that is tied to an institution says nothing of the place that it names besides.
_PLACE: Final = case((_report.institution_id.is_(None), _report.place_key))
_UNIT: Final = {"institution_id": "Int64", "place_key": "str"}
_LISTED: Final = {
    "report_id": "int64",
    "received_on": "datetime64[s]",
    "county_code": "str",
    "institution_id": "Int64",
    **dict.fromkeys(("credit_code", "place_key", "violation_type_group", "state"), "str"),
    "verified_on": "datetime64[s]",
}
_RETURNED: Final = {
    "rectification_id": "int64",
    "closed_on": "datetime64[s]",
    "known_on": "datetime64[s]",
    "received_on": "datetime64[s]",
}


def hours(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """Count the reports from ``since`` to the day that say when classes begin and end.

    They are counted one by one: this is for the drawing of a plan, not for looking at places.
    ``institution_id`` (Int64) and ``place_key`` (str, missing: tied to an institution),
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
            OF_ONE,
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
    """List the reports from ``since`` to the day that say that a deregistered one teaches on.

    Received after its deregistration, and tied to it, or with its credit code. By the day.

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
    stmt = _listed(as_of).where(scope.allows(violation_report), _report.id.in_(union(*ids)))
    return read_frame(conn, stmt, _LISTED)


def at_places(
    conn: Connection, *, scope: Scope, as_of: date, places: Mapping[str, date], latest: int
) -> pd.DataFrame:
    """List the reports that name one of ``places`` and are tied to no institution, by the day.

    Received after the day that stands by the place. Of each place the ``latest`` ones, and what
    came in on the day of the oldest of these. Columns as in :func:`of_deregistered`.
    """
    since = _since(conn, scope, as_of, places, latest)
    place = rows_of(conn, "place", {"place_key": String(), "since": Date()}, since).c
    stmt = (
        _listed(as_of)
        .join(place.since.table, _report.place_key == place.place_key)
        .where(
            scope.allows(violation_report),
            _report.institution_id.is_(None),
            # One lower bound: of two SQLite would look up by either, and read what the other bars.
            _report.received_on.between(place.since, as_of),
        )
    )
    return read_frame(conn, stmt, _LISTED)


def _since(
    conn: Connection, scope: Scope, as_of: date, places: Mapping[str, date], latest: int
) -> list[tuple[str, date]]:
    """Return of each place the first day of which its reports are listed."""
    ended = list(places.items())
    over = rows_of(conn, "ended", {"place_key": String(), "day": Date()}, ended).c
    oldest = (
        select(_report.received_on)
        .where(
            *_received(scope, as_of, None),
            _report.institution_id.is_(None),
            _report.place_key == over.place_key,
            _report.received_on > over.day,
        )
        .order_by(_report.received_on.desc())
        .limit(1)
        .offset(latest - 1)
        .scalar_subquery()
    )
    rows = conn.execute(select(over.place_key, over.day, oldest)).all()
    day_after = timedelta(days=1)
    return [(place, nth or max(day + day_after, as_of - HISTORY)) for place, day, nth in rows]


def _listed(as_of: date) -> Select[Any]:
    verified_later = and_(_report.status.in_(VERIFIED), _report.verified_on > as_of)
    return select(
        _report.id.label("report_id"),
        _report.received_on,
        _report.county_code,
        _report.institution_id,
        _report.credit_code,
        _report.place_key,
        _report.violation_type_group,
        case((verified_later, STILL_VERIFYING), else_=_report.status).label("state"),
        known_by(_report.verified_on, as_of),
    ).order_by(_report.received_on, _report.id)


def after_close_outs(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date | None = None,
    repeat_days: int,
    first_known: bool = False,
) -> pd.DataFrame:
    """List the close-outs by the day after which a report that proved true came in.

    Received from ``since`` on, within ``repeat_days`` after the close-out and not on its own
    day, and verified by the day; at the item's institution, or where it is tied to none, by
    reports that are tied to none at its place. Close-outs before ``since`` are left out.

    ================  =============  =====================================================
    rectification_id  int64
    closed_on         datetime64[s]
    known_on          datetime64[s]  when it was first received and verified; NaT: unless
                                     ``first_known``, which reads all such reports
    received_on       datetime64[s]  the last day on which one was received
    ================  =============  =====================================================
    """
    item, spell = rectification.c, rectification_spell.c
    closed = (
        select(item.id.label("rectification_id"), spell.closed_on, item.institution_id)
        .add_columns(item.county_code, item.place_name)
        .join(rectification_spell, spell.rectification_id == item.id)
        .where(*allowed(scope, ()), spell.closed_on.between(since or as_of - HISTORY, as_of))
    )
    linked = closed.where(item.institution_id.is_not(None)).subquery()
    named = _at_places(conn, closed.where(item.institution_id.is_(None)))
    arms: list[tuple[FromClause, ColumnElement[bool]]] = [
        (linked, _report.institution_id == linked.c.institution_id)
    ]
    if named is not None:
        at_place = and_(_report.institution_id.is_(None), _report.place_key == named.c.place_key)
        arms.append((named, at_place))
    found = union_all(
        *(
            _proven_after(
                table,
                [
                    scope.allows(violation_report),
                    at_one,
                    _report.received_on > table.c.closed_on,
                    _report.received_on <= days_after(conn, table.c.closed_on, repeat_days),
                    _report.received_on <= as_of,
                    _report.status == "substantiated",
                    or_(_report.verified_on.is_(None), _report.verified_on <= as_of),
                ],
                first_known=first_known,
            )
            for table, at_one in arms
        )
    ).subquery()
    stmt = select(*found.c).where(found.c.received_on.is_not(None)).order_by(*found.c)
    return read_frame(conn, stmt, _RETURNED)


def _at_places(conn: Connection, closed: Select[Any]) -> CTE | None:
    """Return the close-outs that name a place with the key of it; ``None``: there are none."""
    dtypes = {
        "rectification_id": "int64",
        "closed_on": "datetime64[s]",
        "institution_id": "Int64",
        **dict.fromkeys(("county_code", "place_name"), "str"),
    }
    found = with_place_key(read_frame(conn, closed, dtypes))
    found = found[found["place_key"].notna()]
    if found.empty:
        return None
    columns: dict[str, TypeEngine[Any]] = {
        "rectification_id": Integer(),
        "closed_on": Date(),
        "place_key": String(),
    }
    rows = zip(
        found["rectification_id"].tolist(),
        found["closed_on"].dt.date,
        found["place_key"],
        strict=True,
    )
    return rows_of(conn, "closed_at", columns, list(rows))


def _proven_after(
    closed: FromClause, conditions: list[ColumnElement[bool]], *, first_known: bool
) -> Select[Any]:
    """Return of each close-out when the first report after it was known, and the last came in."""
    known_on = case(
        (_report.verified_on > _report.received_on, _report.verified_on), else_=_report.received_on
    )
    first: Any = select(func.min(known_on)).where(*conditions).scalar_subquery()
    last = (
        select(_report.received_on)
        .where(*conditions)
        .order_by(_report.received_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(
        closed.c.rectification_id,
        closed.c.closed_on,
        (first if first_known else null().cast(Date)).label("known_on"),
        last.label("received_on"),
    )


def _received(scope: Scope, as_of: date, since: date | None) -> list[ColumnElement[bool]]:
    return [
        scope.allows(violation_report),
        # Without the week: institutions and places have an index of the day, and not of the week.
        *between(_report.received_on, since or as_of - HISTORY, as_of),
    ]
