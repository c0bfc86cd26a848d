"""Queries on refund disputes by week and institution, and by standard contract."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.schema import county, institution, refund_dispute
from data_access.scope import Scope
from data_access.weeks import reporting_week

_GROUPS: Final = {
    "contract": "str",
    "institutions": "int64",
    "disputes": "int64",
    "squares": "int64",
    "students": "int64",
}


def institution_weeks(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    weeks: tuple[date, ...],
) -> pd.DataFrame:
    """Count the disputes opened by institution in each of ``weeks``, up to ``as_of``.

    Returns one row per week and institution with a dispute, by week:

    ================  =============  ========================================================
    week              datetime64[s]  the Thursday that names the reporting week
    county_code       str            reporting unit
    county            str            its full name
    institution_id    int64          0 while not linked
    name_key          str            the name it is known by while not linked; '' if linked
    institution_name  str            as the ledger of institutions has it, else as reported
    n                 int64          disputes opened
    ================  =============  ========================================================
    """
    dispute = refund_dispute.c
    key = func.coalesce(dispute.institution_name_key, dispute.institution_name)
    name_key = case((dispute.institution_id.is_(None), key), else_="")
    number = func.coalesce(dispute.institution_id, 0)
    stmt = (
        select(
            dispute.week,
            dispute.county_code,
            county.c.name.label("county"),
            number.label("institution_id"),
            name_key.label("name_key"),
            func.coalesce(func.max(institution.c.name), func.max(dispute.institution_name)).label(
                "institution_name"
            ),
            func.count().label("n"),
        )
        .join(county, county.c.code == dispute.county_code)
        .outerjoin(
            institution,
            and_(institution.c.id == dispute.institution_id, scope.allows(institution)),
        )
        .where(
            scope.allows(refund_dispute),
            of_categories(refund_dispute, categories, scope=scope),
            dispute.week.in_(weeks),
            dispute.opened_on <= as_of,
        )
        .group_by(dispute.week, dispute.county_code, county.c.name, number, name_key)
        .order_by(dispute.week, dispute.county_code, number, name_key)
    )
    dtypes = {column.name: "str" for column in stmt.selected_columns}
    return read_frame(
        conn, stmt, dtypes | {"week": "datetime64[s]", "institution_id": "int64", "n": "int64"}
    )


def by_contract(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """Count institutions and their disputes opened from ``since`` to ``as_of``, by contract.

    An institution counts that was found by ``as_of`` and not deregistered before ``since``,
    whether it had a dispute or not; whether it uses the standard contract is as its ledger says
    now. Disputes that are not linked to an institution are counted in a row of their own.

    Returns one row per group that has any:

    ============  =====  ==================================================================
    contract      str    yes, no, unknown (the ledger does not say), or unlinked
    institutions  int64  institutions; 0 of unlinked
    disputes      int64  disputes opened
    squares       int64  sum over the institutions of their disputes squared; 0 of unlinked
    students      int64  concerned by the disputes, persons
    ============  =====  ==================================================================
    """
    mine = (scope.allows(institution), _of_institution(categories))
    opened = (
        scope.allows(refund_dispute),
        refund_dispute.c.week.between(reporting_week(since), reporting_week(as_of)),
        refund_dispute.c.opened_on.between(since, as_of),
    )
    each = (
        select(
            refund_dispute.c.institution_id,
            func.count().label("n"),
            func.sum(refund_dispute.c.students).label("students"),
        )
        .where(*opened, refund_dispute.c.institution_id.is_not(None))
        .group_by(refund_dispute.c.institution_id)
        .subquery()
    )
    uses = institution.c.standard_contract
    contract = case((uses.is_(True), "yes"), (uses.is_(False), "no"), else_="unknown")
    n = func.coalesce(each.c.n, 0)
    linked = (
        select(
            contract.label("contract"),
            func.count().label("institutions"),
            func.sum(n).label("disputes"),
            func.sum(n * n).label("squares"),
            func.coalesce(func.sum(each.c.students), 0).label("students"),
        )
        .select_from(institution)
        .outerjoin(each, each.c.institution_id == institution.c.id)
        .where(
            *mine,
            institution.c.found_on <= as_of,
            or_(institution.c.deregistered_on.is_(None), institution.c.deregistered_on >= since),
        )
        .group_by(contract)
        .order_by(contract.desc())
    )
    rows = read_frame(conn, linked, _GROUPS)
    if categories:
        return rows  # of what is not linked nobody knows the category
    unlinked = select(
        func.count().label("disputes"),
        func.coalesce(func.sum(refund_dispute.c.students), 0).label("students"),
    ).where(*opened, refund_dispute.c.institution_id.is_(None))
    rest = read_frame(conn, unlinked, {"disputes": "int64", "students": "int64"})
    rest = rest[rest["disputes"] > 0].assign(contract="unlinked", institutions=0, squares=0)
    return pd.concat([rows, rest], ignore_index=True)[list(_GROUPS)].astype(_GROUPS)


def _of_institution(categories: tuple[str, ...]) -> ColumnElement[bool]:
    return institution.c.category.in_(categories) if categories else institution.c.id.is_not(None)
