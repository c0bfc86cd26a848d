"""What a county has to do: institutions to verify or register, and the ledgers' rows behind it.

Items and disputes are listed by ``rectification_items`` and ``refunds``; documents to send by
``submissions``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Boolean, Connection, Date, Integer, Numeric, and_, case, or_, select

from data_access.frames import read_frame
from data_access.ledgers.kinds import Kind
from data_access.ledgers.queries import is_one_of
from data_access.schema import county, institution, verification
from data_access.scope import Scope
from data_access.vocabulary import VERIFICATION_ITEM

# What a clerk does not work through in a workbook: places and telephone numbers stay as they are.
_LEFT_OUT: Final = frozenset(("longitude", "latitude", "phone"))


def institutions_to_do(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the institutions in operation that are to be verified or registered, by county and name.

    To verify: found by the day, not found qualified by it, and at least one of the seven items
    without an outcome, pass or fail. To register: non-subject, found qualified by the day, and
    not on the national platform by it.

    =============  =============  ============================================================
    id             int64          number in the ledger of institutions
    county_code    str            reporting unit
    county         str            its full name
    name           str            institution
    credit_code    str            NaN: none
    category       str            code of ``vocabulary.CATEGORY``
    task           str            verify or register
    since          datetime64[s]  found, or found qualified, on that day
    missing        str            items without an outcome, codes with a comma between them;
                                  empty for those to register
    =============  =============  ============================================================
    """
    one = institution.c
    in_operation = and_(
        scope.allows(institution),
        one.found_on <= as_of,
        or_(one.deregistered_on.is_(None), one.deregistered_on > as_of),
    )
    is_qualified = one.qualified_on <= as_of
    unregistered = or_(one.platform_registered_on.is_(None), one.platform_registered_on > as_of)
    to_register = and_(is_qualified, unregistered, one.category != "subject")
    unqualified = or_(one.qualified_on.is_(None), one.qualified_on > as_of)
    stmt = (
        select(
            one.id,
            one.county_code,
            county.c.name.label("county"),
            one.name,
            one.credit_code,
            one.category,
            case((to_register, "register"), else_="verify").label("task"),
            case((to_register, one.qualified_on), else_=one.found_on).label("since"),
        )
        .join(county, county.c.code == one.county_code)
        .where(in_operation, or_(to_register, unqualified))
        .order_by(county.c.ordinal, one.name, one.id)
    )
    dtypes = {column.name: "str" for column in stmt.selected_columns}
    found = read_frame(conn, stmt, dtypes | {"id": "int64", "since": "datetime64[s]"})
    looked = verification.c
    outcomes = (
        select(looked.institution_id, looked.item)
        .join(institution, one.id == looked.institution_id)
        .where(
            scope.allows(verification),
            in_operation,
            unqualified,
            looked.verified_on <= as_of,
            looked.outcome != "pending",
        )
        .distinct()
    )
    known: dict[int, set[str]] = {}
    for number, item in conn.execute(outcomes):
        known.setdefault(number, set()).add(item)
    missing = [
        ""
        if task == "register"
        else ",".join(item for item in VERIFICATION_ITEM if item not in known.get(number, ()))
        for number, task in zip(found["id"], found["task"], strict=True)
    ]
    found = found.assign(missing=pd.Series(missing, index=found.index, dtype="str"))
    return found[(found["task"] == "register") | (found["missing"] != "")].reset_index(drop=True)


def ledger_rows(
    conn: Connection, *, scope: Scope, kind: Kind, numbers: Iterable[int]
) -> pd.DataFrame:
    """Return rows of a ledger as they stand now, by the columns that a file of it has.

    ``numbers`` are the rows' ids, and theirs is the order; those out of scope are left out.

    Returns ``id`` (int64), and the columns of ``kind`` but for places and telephone numbers, each
    by its database column: days as ``datetime64[s]``, counts as ``Int64``, yes and no as
    ``boolean``, amounts as ``float64``, words as their codes and the rest as text.
    """
    table = kind.table
    columns = [
        table.c[column.name]
        for column in kind.columns
        if column.name in table.c and column.name not in _LEFT_OUT
    ]
    wanted = list(numbers)
    stmt = select(table.c.id, *columns).where(
        scope.allows(table), is_one_of(conn, table.c.id, wanted)
    )
    dtypes = {"id": "int64"} | {column.name: _dtype(column.type) for column in columns}
    found = read_frame(conn, stmt, dtypes).set_index("id", drop=False)
    return found.loc[[number for number in wanted if number in found.index]].reset_index(drop=True)


def _dtype(kind: Any) -> str:
    for of, dtype in (
        (Date, "datetime64[s]"),
        (Boolean, "boolean"),
        (Integer, "Int64"),
        (Numeric, "float64"),
    ):
        if isinstance(kind, of):
            return dtype
    return "str"
