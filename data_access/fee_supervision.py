"""Queries on how the prepaid money of institutions is supervised (预收费监管方式)."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from data_access.frames import read_frame
from data_access.schema import county, institution
from data_access.scope import Scope

# 教监管函〔2021〕2号: prepaid money is under supervision by a bank's custody or by a deposit.
SUPERVISED: Final = ("escrow", "deposit")


def supervision(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Count the institutions in operation by how their prepaid money is supervised.

    In operation are those found by the day and not deregistered by it. 预收费监管方式 has no
    day: it counts as it stands now.

    Returns one row per county in scope and category that has any, and per county without any
    one row of no category and zeros; in the order of the city's documents and of categories:

    =============  =====  ====================================================================
    county_code    str
    county         str    its full name
    category       str    code of ``vocabulary.CATEGORY``; missing where the county has none
    in_operation   int64  institutions
    supervised     int64  of these: :func:`is_supervised`
    escrow         int64  … 银行托管
    deposit        int64  … 风险保证金
    unsupervised   int64  … 未监管
    unknown        int64  … nothing on record
    =============  =====  ====================================================================
    """
    one = institution.c
    stmt = (
        select(
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            one.category,
            func.count(one.id).label("in_operation"),
            _count(is_supervised()).label("supervised"),
            _count(one.fee_supervision == "escrow").label("escrow"),
            _count(one.fee_supervision == "deposit").label("deposit"),
            _count(one.fee_supervision == "none").label("unsupervised"),
            _count(and_(one.id.is_not(None), one.fee_supervision.is_(None))).label("unknown"),
        )
        .select_from(county)
        .outerjoin(
            institution,
            and_(one.county_code == county.c.code, *operating(scope, as_of, categories)),
        )
        .where(scope.allows(county))
        .group_by(county.c.code, county.c.name, county.c.ordinal, one.category)
        .order_by(county.c.ordinal, one.category)
    )
    dtypes = dict.fromkeys(("county_code", "county", "category"), "str") | dict.fromkeys(
        ("in_operation", "supervised", "escrow", "deposit", "unsupervised", "unknown"), "int64"
    )
    return read_frame(conn, stmt, dtypes)


def not_supervised(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the institutions in operation that are under no supervision, or nothing is known of.

    Returns, in the order of the city's documents: ``institution_id`` (int64), ``county_code``,
    ``county``, ``institution_name``, ``category``, ``state`` (on the day: `state_on`),
    ``fee_supervision`` (``none``, or missing where unknown) and ``place_name`` (str).
    """
    one = institution.c
    stmt = (
        select(
            one.id.label("institution_id"),
            one.county_code,
            county.c.name.label("county"),
            one.name.label("institution_name"),
            one.category,
            state_on(as_of).label("state"),
            one.fee_supervision,
            one.place_name,
        )
        .join(county, county.c.code == one.county_code)
        .where(
            *operating(scope, as_of, categories),
            or_(one.fee_supervision.is_(None), one.fee_supervision == "none"),
        )
        .order_by(county.c.ordinal, one.name, one.id)
    )
    names = (
        *("county_code", "county", "institution_name", "category", "state"),
        *("fee_supervision", "place_name"),
    )
    return read_frame(conn, stmt, {"institution_id": "int64"} | dict.fromkeys(names, "str"))


def is_supervised() -> ColumnElement[bool]:
    """Whether the prepaid money of an institution is in custody or covered by a deposit."""
    return institution.c.fee_supervision.in_(SUPERVISED)


def operating(
    scope: Scope, as_of: date, categories: tuple[str, ...]
) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of an institution in scope that was in operation on the day."""
    one = institution.c
    conditions: list[ColumnElement[bool]] = [
        scope.allows(institution),
        one.found_on <= as_of,
        or_(one.deregistered_on.is_(None), one.deregistered_on > as_of),
    ]
    if categories:
        conditions.append(one.category.in_(categories))
    return tuple(conditions)


def state_on(as_of: date) -> ColumnElement[str]:
    """Return the operating status on the day: one that is deregistered later was in operation."""
    one = institution.c
    return case(
        (one.deregistered_on <= as_of, "deregistered"),
        (one.operating_status == "deregistered", "operating"),
        else_=one.operating_status,
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
