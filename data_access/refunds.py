"""Queries on refund disputes (退费纠纷).

A dispute is open on a day when it was opened by the day and not resolved by it; one that
went to court counts as open until it has its day of resolution.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    and_,
    case,
    column,
    func,
    or_,
    select,
    true,
    values,
)

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.schema import county, institution, refund_dispute
from data_access.scope import Scope
from data_access.weeks import reporting_week

_DISPUTE: Final = {
    "dispute_id": "int64",
    "dispute_no": "str",
    "county_code": "str",
    "county": "str",
    "institution_id": "Int64",
    "name_key": "str",
    "institution_name": "str",
    "opened_on": "datetime64[s]",
    "students": "int64",
    "amount_yuan": "float64",
    "state": "str",
    "route": "str",
    "resolved_on": "datetime64[s]",
    "refunded_yuan": "float64",
    "plan_in_place": "boolean",
    "standard_contract": "boolean",
}


def open_on_days(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    days: tuple[date, ...],
) -> pd.DataFrame:
    """Count the open disputes of each county on each of ``days``; days after ``as_of`` fall out.

    Returns one row per day and county in scope, zeros included, by day and in the order of
    the city's documents:

    ===========  =============  =================================
    day          datetime64[s]
    county_code  str
    county       str            its full name
    open         int64          disputes open on the day
    students     int64          concerned by these, persons
    amount_yuan  float64        concerned by these, yuan
    ===========  =============  =================================
    """
    dtypes = {
        "day": "datetime64[s]",
        "county_code": "str",
        "county": "str",
        "open": "int64",
        "students": "int64",
        "amount_yuan": "float64",
    }
    wanted = sorted({day for day in days if day <= as_of})
    if not wanted:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})
    day = values(column("day", Date), name="days").data([(one,) for one in wanted]).cte("days")
    was_open = (
        select(
            refund_dispute.c.county_code,
            refund_dispute.c.opened_on,
            refund_dispute.c.resolved_on,
            refund_dispute.c.students,
            refund_dispute.c.amount_yuan,
        )
        .where(
            *_allowed(scope, categories),
            refund_dispute.c.opened_on <= wanted[-1],
            _not_resolved_by(wanted[0]),
        )
        .subquery("was_open")
    )
    on_the_day = and_(
        was_open.c.county_code == county.c.code,
        was_open.c.opened_on <= day.c.day,
        or_(was_open.c.resolved_on.is_(None), was_open.c.resolved_on > day.c.day),
    )
    stmt = (
        select(
            day.c.day,
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            func.count(was_open.c.county_code).label("open"),
            func.coalesce(func.sum(was_open.c.students), 0).label("students"),
            func.coalesce(func.sum(was_open.c.amount_yuan), 0.0).label("amount_yuan"),
        )
        .select_from(county)
        .join(day, true())
        .outerjoin(was_open, on_the_day)
        .where(scope.allows(county))
        .group_by(day.c.day, county.c.code, county.c.name, county.c.ordinal)
        .order_by(day.c.day, county.c.ordinal)
    )
    return read_frame(conn, stmt, dtypes)


def open_disputes(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the disputes open on ``as_of``, in the order of counties and numbers.

    Returns the columns of a dispute:

    ========================  =============  ===============================================
    dispute_id                int64
    dispute_no                str
    county_code, county       str            code and full name
    institution_id            Int64          NA while not linked
    name_key                  str            the name it is known by while not linked
    institution_name          str            as the ledger of disputes names it
    opened_on                 datetime64[s]
    students                  int64          persons
    amount_yuan               float64        yuan
    state                     str            resolved by ``as_of``; else litigation where the
                                             ledger says so now; else open
    route                     str            code of 化解途径, of resolved ones
    resolved_on               datetime64[s]  NaT unless resolved by ``as_of``
    refunded_yuan             float64        yuan; NaN unless resolved by ``as_of`` and known
    plan_in_place             boolean        一企一策, as the ledger says now; NA unknown
    standard_contract         boolean        NA unknown
    ========================  =============  ===============================================
    """
    return _disputes(conn, _open_on(as_of), scope=scope, as_of=as_of, categories=categories)


def opened_disputes(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the disputes opened from ``since`` to ``as_of``: columns of `open_disputes`."""
    opened = and_(
        refund_dispute.c.week >= reporting_week(since),
        refund_dispute.c.week <= reporting_week(as_of),
        refund_dispute.c.opened_on.between(since, as_of),
    )
    return _disputes(conn, opened, scope=scope, as_of=as_of, categories=categories)


def resolved_disputes(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the disputes resolved from ``since`` to ``as_of``: columns of `open_disputes`."""
    resolved = and_(
        refund_dispute.c.resolved_week >= reporting_week(since),
        refund_dispute.c.resolved_week <= reporting_week(as_of),
        refund_dispute.c.resolved_on.between(since, as_of),
    )
    return _disputes(conn, resolved, scope=scope, as_of=as_of, categories=categories)


def disputes_of(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    county_code: str,
    institution: int | str,
) -> pd.DataFrame:
    """List all disputes by ``as_of`` of one institution in one county, newest first.

    ``institution`` is its number in the ledger of institutions or, while it is not linked,
    the name it goes by: ``institution_id`` or ``name_key`` of `by_institution`.

    Returns the columns of `open_disputes`.
    """
    is_named = (
        refund_dispute.c.institution_id == institution
        if isinstance(institution, int)
        else and_(refund_dispute.c.institution_id.is_(None), _name_key() == institution)
    )
    found = _disputes(
        conn,
        and_(
            refund_dispute.c.county_code == county_code,
            is_named,
            refund_dispute.c.opened_on <= as_of,
        ),
        scope=scope,
        as_of=as_of,
        categories=categories,
    )
    return found.sort_values(["opened_on", "dispute_no"], ascending=False, ignore_index=True)


def by_institution(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    recent_days: int,
) -> pd.DataFrame:
    """Count by institution what is open, and what was opened in the last ``recent_days`` days.

    The last 30 days are ``as_of`` and the 29 days before it. Disputes not linked to an
    institution yet stand together by county and name. Institutions with neither an open nor
    a recent dispute are left out.

    Returns one row per county and institution, by open amount, the largest first:

    ===================  =============  =====================================================
    county_code, county  str            code and full name
    institution_id       Int64          NA while not linked
    name_key             str            the name it is known by while not linked, else unknown
    institution_name     str            as the ledger of institutions has it, else as reported
    recent               int64          disputes opened in the last days, resolved ones too
    open                 int64          disputes open
    students             int64          concerned by the open ones, persons
    amount_yuan          float64        concerned by the open ones, yuan
    oldest_on            datetime64[s]  day on which the oldest open one was opened
    plan_in_place        boolean        an open dispute has a plan (一企一策); NA unknown
    ===================  =============  =====================================================
    """
    dispute = refund_dispute
    first = as_of - timedelta(days=recent_days - 1)
    is_recent, is_open = dispute.c.opened_on >= first, _open_on(as_of)
    name_key = _name_key_while_unlinked()
    stmt = (
        select(
            dispute.c.county_code,
            county.c.name.label("county"),
            dispute.c.institution_id,
            name_key.label("name_key"),
            func.coalesce(func.max(institution.c.name), func.max(dispute.c.institution_name)).label(
                "institution_name"
            ),
            func.sum(case((is_recent, 1), else_=0)).label("recent"),
            func.sum(case((is_open, 1), else_=0)).label("open"),
            func.sum(case((is_open, dispute.c.students), else_=0)).label("students"),
            func.sum(case((is_open, dispute.c.amount_yuan), else_=0.0)).label("amount_yuan"),
            func.min(case((is_open, dispute.c.opened_on))).label("oldest_on"),
            func.max(
                case(
                    (and_(is_open, dispute.c.plan_in_place.is_(True)), 1),
                    (and_(is_open, dispute.c.plan_in_place.is_(False)), 0),
                )
            ).label("plan_in_place"),
        )
        .join(county, county.c.code == dispute.c.county_code)
        .outerjoin(
            institution,
            and_(institution.c.id == dispute.c.institution_id, scope.allows(institution)),
        )
        .where(
            *_allowed(scope, categories),
            dispute.c.opened_on <= as_of,
            or_(_not_resolved_by(as_of), dispute.c.week >= reporting_week(first)),
            or_(is_open, is_recent),
        )
        .group_by(
            dispute.c.county_code,
            county.c.name,
            county.c.ordinal,
            dispute.c.institution_id,
            name_key,
        )
        .order_by(
            func.sum(case((is_open, dispute.c.amount_yuan), else_=0.0)).desc(),
            county.c.ordinal,
            func.max(dispute.c.institution_name),
        )
    )
    dtypes = {
        "county_code": "str",
        "county": "str",
        "institution_id": "Int64",
        "name_key": "str",
        "institution_name": "str",
        "recent": "int64",
        "open": "int64",
        "students": "int64",
        "amount_yuan": "float64",
        "oldest_on": "datetime64[s]",
        "plan_in_place": "boolean",
    }
    return read_frame(conn, stmt, dtypes)


def _disputes(
    conn: Connection,
    condition: ColumnElement[bool],
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...],
) -> pd.DataFrame:
    dispute = refund_dispute
    is_resolved = dispute.c.resolved_on <= as_of
    stmt = (
        select(
            dispute.c.id.label("dispute_id"),
            dispute.c.dispute_no,
            dispute.c.county_code,
            county.c.name.label("county"),
            dispute.c.institution_id,
            _name_key_while_unlinked().label("name_key"),
            dispute.c.institution_name,
            dispute.c.opened_on,
            dispute.c.students,
            dispute.c.amount_yuan,
            case(
                (is_resolved, "resolved"),
                (dispute.c.status == "litigation", "litigation"),
                else_="open",
            ).label("state"),
            case((is_resolved, dispute.c.route)).label("route"),
            case((is_resolved, dispute.c.resolved_on)).label("resolved_on"),
            case((is_resolved, dispute.c.refunded_yuan)).label("refunded_yuan"),
            dispute.c.plan_in_place,
            dispute.c.standard_contract,
        )
        .join(county, county.c.code == dispute.c.county_code)
        .where(*_allowed(scope, categories), condition)
        .order_by(county.c.ordinal, dispute.c.dispute_no)
    )
    return read_frame(conn, stmt, _DISPUTE)


def _allowed(scope: Scope, categories: tuple[str, ...]) -> tuple[ColumnElement[bool], ...]:
    return (
        scope.allows(refund_dispute),
        of_categories(refund_dispute, categories, scope=scope),
    )


def _open_on(day: date) -> ColumnElement[bool]:
    return and_(refund_dispute.c.opened_on <= day, _not_resolved_by(day))


def _not_resolved_by(day: date) -> ColumnElement[bool]:
    """Whether a dispute lasted beyond the day, said so that both of its indexes serve."""
    dispute = refund_dispute
    return or_(
        dispute.c.resolved_on.is_(None),
        and_(dispute.c.resolved_week >= reporting_week(day), dispute.c.resolved_on > day),
    )


def _name_key() -> ColumnElement[str]:
    return func.coalesce(refund_dispute.c.institution_name_key, refund_dispute.c.institution_name)


def _name_key_while_unlinked() -> ColumnElement[str | None]:
    return case((refund_dispute.c.institution_id.is_(None), _name_key()))
