"""Queries on what is charged in advance (预收费).

What breaks a rule is judged by ``analysis.prepaid``. The database only leaves out, by the limits
it is given, the charges that cannot break any, so that what is read grows with what may be wrong
and not with all that was charged. Amounts and refunds stand as the ledger has them now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    or_,
    select,
)

from data_access.categories import of_categories
from data_access.fee_supervision import state_on
from data_access.frames import read_frame
from data_access.schema import county, fee_charge, institution
from data_access.scope import Scope

# A charge without its last day is taken to be taught after so long.
LONGEST_COURSE: Final = timedelta(days=3 * 365)
_CHARGE: Final = {
    "charge_id": "int64",
    "receipt_no": "str",
    "county_code": "str",
    "county": "str",
    "institution_id": "int64",
    "institution_name": "str",
    "category": "str",
    "state": "str",
    "fee_supervision": "str",
    "course": "str",
    "charged_on": "datetime64[s]",
    "months": "float64",
    "lessons": "Int64",
    "amount_yuan": "float64",
    "refunded_yuan": "float64",
    "course_starts_on": "datetime64[s]",
    "course_ends_on": "datetime64[s]",
    "into_escrow": "boolean",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The least that a rule of any time or category allows; ``None``: no rule is about it.

    ``months`` and ``lessons`` of one charge, whole ``months_ahead`` of the course,
    ``amount_yuan`` of one charge, and whether there is a rule about the supervised account.
    """

    months: float | None = None
    lessons: float | None = None
    months_ahead: float | None = None
    amount_yuan: float | None = None
    outside_account: bool = False


def suspects(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
    charge_limits: Limits,
) -> pd.DataFrame:
    """List the charges from ``since`` to ``as_of`` that go beyond one of the limits.

    None that breaks a rule is left out; ``analysis.prepaid.findings`` says which do, by the rule
    in force on their own day. An account that is not known is no breach.

    Returns, in the order of the city's documents, institutions and days:

    ====================  =============  ===================================================
    charge_id             int64
    receipt_no            str
    county_code, county   str            code and full name
    institution_id        int64
    institution_name      str            as the ledger of institutions has it
    category              str            code of ``vocabulary.CATEGORY``
    state                 str            code of ``vocabulary.OPERATING_STATUS`` on the day:
                                         deregistration has its day, the rest is as of now
    fee_supervision       str            code of ``vocabulary.FEE_SUPERVISION``; missing unknown
    course                str
    charged_on            datetime64[s]
    months                float64        NaN where not stated
    lessons               Int64          NA where not stated
    amount_yuan           float64        yuan
    refunded_yuan         float64        yuan; NaN where none is known
    course_starts_on      datetime64[s]  NaT unknown
    course_ends_on        datetime64[s]  its last day; NaT unknown
    into_escrow           boolean        into the supervised account; NA unknown
    ====================  =============  ===================================================
    """
    asked = and_(fee_charge.c.charged_on.between(since, as_of), _beyond(charge_limits))
    return _charges(conn, asked, scope=scope, as_of=as_of, categories=categories)


def outstanding(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    states: tuple[str, ...] = (),
) -> pd.DataFrame:
    """List the charges by ``as_of`` that may not be taught to the end, nor paid back, on the day.

    Their last day is after ``as_of``; or not known, and they were charged within three years.
    ``states`` are those of the institutions on the day, none for all. It takes about 2 CPU
    seconds for 90,000 such charges, a season of a city of a million.

    Returns the columns of `suspects`.
    """
    charge = fee_charge.c
    asked = and_(
        charge.charged_on <= as_of,
        or_(
            charge.course_ends_on > as_of,
            and_(charge.course_ends_on.is_(None), charge.charged_on > as_of - LONGEST_COURSE),
        ),
        func.coalesce(charge.refunded_yuan, 0) < charge.amount_yuan,
        *([state_on(as_of).in_(states)] if states else []),
    )
    return _charges(conn, asked, scope=scope, as_of=as_of, categories=categories)


def charges_of(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    institution_id: int,
) -> pd.DataFrame:
    """List all charges of one institution by ``as_of``, the newest first: columns of `suspects`."""
    asked = and_(fee_charge.c.institution_id == institution_id, fee_charge.c.charged_on <= as_of)
    found = _charges(conn, asked, scope=scope, as_of=as_of, categories=categories)
    return found.sort_values(["charged_on", "charge_id"], ascending=False, ignore_index=True)


def charge_counts(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """Count the charges from ``since`` to ``as_of``: what findings are out of, and what is unknown.

    Returns one row per county in scope, zeros included, in the order of the city's documents:

    ===========  =======  ===================================================================
    county_code  str
    county       str      its full name
    charges      int64    all of them
    amount_yuan  float64  charged, yuan
    inside       int64    into the supervised account
    outside      int64    not into it
    unsaid       int64    not known
    measured     int64    whose months, lessons or both ends of the course are known
    dated        int64    whose course's first day is known
    ===========  =======  ===================================================================
    """
    charge = fee_charge.c
    has_ends = and_(charge.course_starts_on.is_not(None), charge.course_ends_on.is_not(None))
    is_measured = or_(charge.months.is_not(None), charge.lessons.is_not(None), has_ends)
    counted = (
        select(
            charge.county_code,
            func.count().label("charges"),
            func.sum(charge.amount_yuan).label("amount_yuan"),
            _count(charge.into_escrow.is_(True)).label("inside"),
            _count(charge.into_escrow.is_(False)).label("outside"),
            _count(charge.into_escrow.is_(None)).label("unsaid"),
            _count(is_measured).label("measured"),
            _count(charge.course_starts_on.is_not(None)).label("dated"),
        )
        .where(
            scope.allows(fee_charge),
            of_categories(fee_charge, categories, scope=scope),
            charge.charged_on.between(since, as_of),
        )
        .group_by(charge.county_code)
        .subquery("counted")
    )
    names = [each.name for each in counted.c if each.name != "county_code"]
    stmt = (
        select(
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            *(func.coalesce(counted.c[name], 0).label(name) for name in names),
        )
        .select_from(county)
        .outerjoin(counted, counted.c.county_code == county.c.code)
        .where(scope.allows(county))
        .order_by(county.c.ordinal)
    )
    dtypes = {"county_code": "str", "county": "str"} | dict.fromkeys(names, "int64")
    return read_frame(conn, stmt, dtypes | {"amount_yuan": "float64"})


def _charges(
    conn: Connection,
    condition: ColumnElement[bool],
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...],
) -> pd.DataFrame:
    charge, one = fee_charge.c, institution.c
    stmt = (
        select(
            charge.id.label("charge_id"),
            charge.receipt_no,
            charge.county_code,
            county.c.name.label("county"),
            charge.institution_id,
            one.name.label("institution_name"),
            one.category,
            state_on(as_of).label("state"),
            one.fee_supervision,
            charge.course,
            charge.charged_on,
            charge.months,
            charge.lessons,
            charge.amount_yuan,
            charge.refunded_yuan,
            charge.course_starts_on,
            charge.course_ends_on,
            charge.into_escrow,
        )
        .join(county, county.c.code == charge.county_code)
        .join(institution, and_(one.id == charge.institution_id, scope.allows(institution)))
        .where(
            scope.allows(fee_charge),
            *([one.category.in_(categories)] if categories else []),
            condition,
        )
        .order_by(county.c.ordinal, charge.institution_id, charge.charged_on, charge.id)
    )
    return read_frame(conn, stmt, _CHARGE)


def _beyond(limits: Limits) -> ColumnElement[bool]:
    """Whether a charge goes beyond a limit, in words that both databases understand."""
    charge = fee_charge.c
    conditions: list[ColumnElement[bool]] = [false()]
    if limits.months is not None:
        spans = _more_months(charge.course_starts_on, charge.course_ends_on, limits.months)
        conditions += [charge.months > limits.months, and_(charge.months.is_(None), spans)]
    if limits.lessons is not None:
        conditions.append(charge.lessons > limits.lessons)
    if limits.months_ahead is not None:
        conditions.append(
            _more_months(charge.charged_on, charge.course_starts_on, limits.months_ahead)
        )
    if limits.amount_yuan is not None:
        conditions.append(charge.amount_yuan > limits.amount_yuan)
    if limits.outside_account:
        conditions.append(charge.into_escrow.is_(False))
    return or_(*conditions)


def _more_months(first: Any, last: Any, months: float) -> ColumnElement[bool]:
    """Whether there are more than so many calendar months between two days, or perhaps so.

    The months' ends are left to who judges: the 30th of a month goes before the 31st of another.
    """
    apart = _months(last) - _months(first)
    whole = int(months)
    return or_(apart > whole, and_(apart == whole, extract("day", last) > extract("day", first)))


def _months(day: Any) -> ColumnElement[int]:
    return cast(extract("year", day), Integer) * 12 + cast(extract("month", day), Integer)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
