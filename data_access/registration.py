"""Queries on the registration of institutions on the national platform (登记覆盖).

Registration coverage is counted among non-subject institutions in operation on the day:
found by then and not deregistered by then; suspended and unlicensed ones count. Subject
institutions are counted apart (``subject=True``).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    and_,
    case,
    column,
    distinct,
    exists,
    func,
    or_,
    select,
    true,
    values,
)

from data_access.frames import read_frame
from data_access.schema import county, institution, verification
from data_access.scope import Scope
from data_access.vocabulary import VERIFICATION_ITEM

DAYS_A_WEEK = 7


def coverage_on_days(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    weeks: int = 13,
    subject: bool = False,
) -> pd.DataFrame:
    """Registration of each county on ``as_of`` and the same weekday of the weeks before.

    ``registered`` are the institutions in operation that the national platform held by
    the day, ``qualified`` those found qualified by then, ``qualified_registered`` both. A
    county without institutions is listed, with zeros.

    Returns one row per county and day, by the order of the city's documents and by day:

    ====================  ==============  =============================================
    county_code           str             reporting unit
    county                str             its name
    short_name            str             its short name
    boundary_code         str             its polygon; NaN for new areas
    day                   datetime64[s]   the day counted as of
    in_operation          int64           institutions in operation, count
    registered            int64           … registered on the platform, count
    qualified             int64           … found qualified, count
    qualified_registered  int64           … found qualified and registered, count
    ====================  ==============  =============================================
    """
    days = [as_of - timedelta(days=DAYS_A_WEEK * back) for back in range(weeks)]
    day = values(column("day", Date), name="days").data([(each,) for each in days]).cte("days")
    registered = institution.c.platform_registered_on <= day.c.day
    qualified = institution.c.qualified_on <= day.c.day
    stmt = (
        select(
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            county.c.short_name,
            county.c.boundary_code,
            day.c.day,
            func.count(institution.c.id).label("in_operation"),
            _count(registered).label("registered"),
            _count(qualified).label("qualified"),
            _count(and_(qualified, registered)).label("qualified_registered"),
        )
        .select_from(county)
        .join(day, onclause=true())
        .outerjoin(
            institution,
            and_(
                institution.c.county_code == county.c.code,
                scope.allows(institution),
                *_in_operation(day.c.day, categories, subject=subject),
            ),
        )
        .where(scope.allows(county))
        .group_by(county.c.code, day.c.day)  # the key: what else is of a county sorts no rows
        .order_by(county.c.ordinal, day.c.day)
    )
    return read_frame(
        conn,
        stmt,
        {
            "county_code": "str",
            "county": "str",
            "short_name": "str",
            "boundary_code": "str",
            "day": "datetime64[s]",
            "in_operation": "int64",
            "registered": "int64",
            "qualified": "int64",
            "qualified_registered": "int64",
        },
    )


def funnel(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Count the non-subject institutions in operation along 排查 → 核查 → 合格 → 登记.

    ``verified`` has an outcome, pass or fail, for each of the seven items by the day; an
    item that is still pending is not verified.

    Returns one row: ``found``, ``verified``, ``qualified``, ``registered`` (int64, counts).
    """
    complete = (
        select(verification.c.institution_id)
        .where(
            scope.allows(verification),
            verification.c.verified_on <= as_of,
            verification.c.outcome != "pending",
        )
        .group_by(verification.c.institution_id)
        .having(func.count(distinct(verification.c.item)) == len(VERIFICATION_ITEM))
        .subquery()
    )
    stmt = (
        select(
            func.count(institution.c.id).label("found"),
            func.count(complete.c.institution_id).label("verified"),
            _count(institution.c.qualified_on <= as_of).label("qualified"),
            _count(institution.c.platform_registered_on <= as_of).label("registered"),
        )
        .outerjoin(complete, complete.c.institution_id == institution.c.id)
        .where(scope.allows(institution), *_in_operation(as_of, categories, subject=False))
    )
    return read_frame(
        conn, stmt, dict.fromkeys(("found", "verified", "qualified", "registered"), "int64")
    )


def unregistered(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the non-subject institutions in operation that the platform does not hold.

    Returns one row each, qualified ones first (合格一家登记一家), then by county and name:

    ================  =============  ====================================================
    id                int64          number in the institution ledger
    county_code       str            reporting unit
    county            str            its name
    name              str            institution
    category          str            code of ``vocabulary.CATEGORY``
    operating_status  str            code of ``vocabulary.OPERATING_STATUS``
    found_on          datetime64[s]  day it was found
    qualified_on      datetime64[s]  day it was found qualified; NaT if not by the day
    address           str            address; NaN if not known
    ================  =============  ====================================================
    """
    qualified_on = case((institution.c.qualified_on <= as_of, institution.c.qualified_on))
    stmt = (
        select(
            institution.c.id,
            institution.c.county_code,
            county.c.name.label("county"),
            institution.c.name,
            institution.c.category,
            institution.c.operating_status,
            institution.c.found_on,
            qualified_on.label("qualified_on"),
            institution.c.address,
        )
        .join(county, county.c.code == institution.c.county_code)
        .where(scope.allows(institution), *_unregistered(as_of, categories))
        .order_by(qualified_on.is_(None), county.c.ordinal, institution.c.name)
    )
    return read_frame(
        conn,
        stmt,
        {
            "id": "int64",
            "county_code": "str",
            "county": "str",
            "name": "str",
            "category": "str",
            "operating_status": "str",
            "found_on": "datetime64[s]",
            "qualified_on": "datetime64[s]",
            "address": "str",
        },
    )


def institutions(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List every institution found by ``as_of``, in operation or not, by county and name.

    Returns the columns of `unregistered` and, both NaT where not by the day,
    ``platform_registered_on`` and ``deregistered_on`` (datetime64[s]).
    """
    one = institution.c
    days = [
        case((one[name] <= as_of, one[name])).label(name)
        for name in ("qualified_on", "platform_registered_on", "deregistered_on")
    ]
    stmt = (
        select(
            *(one.id, one.county_code, county.c.name.label("county"), one.name, one.category),
            *(one.operating_status, one.found_on, days[0], one.address, *days[1:]),
        )
        .join(county, county.c.code == one.county_code)
        .where(
            scope.allows(institution),
            one.found_on <= as_of,
            *([one.category.in_(categories)] if categories else []),
        )
        .order_by(county.c.ordinal, one.name, one.id)
    )
    names = [column.name for column in stmt.selected_columns]
    dtypes = {name: "datetime64[s]" if name.endswith("_on") else "str" for name in names}
    return read_frame(conn, stmt, dtypes | {"id": "int64"})


def verification_states(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Find the latest outcome of each item of the unregistered institutions, by the day.

    Returns one row per institution and item that was looked at: ``institution_id``
    (int64), ``item`` and ``outcome`` (str, codes).
    """
    is_wanted = exists().where(
        institution.c.id == verification.c.institution_id,
        scope.allows(institution),
        *_unregistered(as_of, categories),
    )
    latest = (
        select(
            verification.c.institution_id,
            verification.c.item,
            verification.c.outcome,
            func.row_number()
            .over(
                partition_by=(verification.c.institution_id, verification.c.item),
                order_by=verification.c.verified_on.desc(),
            )
            .label("place"),
        )
        .where(scope.allows(verification), verification.c.verified_on <= as_of, is_wanted)
        .subquery()
    )
    stmt = select(latest.c.institution_id, latest.c.item, latest.c.outcome).where(
        latest.c.place == 1
    )
    return read_frame(conn, stmt, {"institution_id": "int64", "item": "str", "outcome": "str"})


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, institution.c.id)))


def _in_operation(
    day: Any, categories: tuple[str, ...], *, subject: bool
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        institution.c.found_on <= day,
        or_(institution.c.deregistered_on.is_(None), institution.c.deregistered_on > day),
        institution.c.category == "subject" if subject else institution.c.category != "subject",
    ]
    if categories:
        conditions.append(institution.c.category.in_(categories))
    return conditions


def _unregistered(as_of: date, categories: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [
        *_in_operation(as_of, categories, subject=False),
        or_(
            institution.c.platform_registered_on.is_(None),
            institution.c.platform_registered_on > as_of,
        ),
    ]
