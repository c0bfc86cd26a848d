"""One row of a ledger as it stands, and what was changed in it, by whom and when."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, String, Table, and_, cast, func, literal, select

from data_access.corrections import NUMBERED
from data_access.frames import read_frame
from data_access.reveals import ending_of
from data_access.schema import (
    compliance_check,
    county,
    import_batch,
    institution,
    rectification,
    refund_dispute,
    row_change,
)
from data_access.scope import Scope

_DAY: Final = "datetime64[s]"
_ITEM: Final = {
    "id": "int64",
    "ledger_no": "str",
    "county_code": "str",
    "institution_name": "str",
    "credit_code": "str",
    "place_name": "str",
    "source": "str",
    "issue_type": "str",
    "severity": "int64",
    "opened_on": _DAY,
    "due_on": _DAY,
    "status": "str",
    "closed_on": _DAY,
    "responsible_department": "str",
    "evidence": "str",
    "verified_by": "str",
    "public_accepted": "boolean",
    "row_version": "int64",
}
_DISPUTE: Final = {
    "id": "int64",
    "dispute_no": "str",
    "county_code": "str",
    "institution_name": "str",
    "credit_code": "str",
    "opened_on": _DAY,
    "students": "int64",
    "amount_yuan": "float64",
    "status": "str",
    "route": "str",
    "resolved_on": _DAY,
    "refunded_yuan": "float64",
    "plan_in_place": "boolean",
    "standard_contract": "boolean",
    "answer": "str",
    "row_version": "int64",
}
_INSTITUTION: Final = {
    "id": "int64",
    "county_code": "str",
    "name": "str",
    "credit_code": "str",
    "category": "str",
    "competent_department": "str",
    "licence_no": "str",
    "licence_valid_to": _DAY,
    "operating_status": "str",
    "found_on": _DAY,
    "deregistered_on": _DAY,
    "qualified_on": _DAY,
    "platform_registered_on": _DAY,
    "address": "str",
    "place_name": "str",
    "teachers": "Int64",
    "students": "Int64",
    "floor_area_m2": "float64",
    "fee_supervision": "str",
    "standard_contract": "boolean",
    "row_version": "int64",
}
_CHECK: Final = {
    "id": "int64",
    "check_no": "str",
    "county_code": "str",
    "institution_name": "str",
    "credit_code": "str",
    "domain": "str",
    "aspect": "str",
    "checked_on": _DAY,
    "examined": "Int64",
    "failed": "Int64",
    "outcome": "str",
    "finding": "str",
    "severity": "Int64",
    "due_on": _DAY,
    "rectification_id": "Int64",
    "row_version": "int64",
}
_TABLES: Final = {table.name: table for table in (rectification, refund_dispute, institution)}


def item(conn: Connection, *, scope: Scope, rectification_id: int) -> pd.DataFrame:
    """Return an item of the rectifications ledger as it stands: one row, none outside the scope.

    The columns of the table with its dtypes, codes as codes, and ``county`` (str), its full name.
    """
    return _record(conn, rectification, _ITEM, scope=scope, row_id=rectification_id)


def dispute(conn: Connection, *, scope: Scope, dispute_id: int) -> pd.DataFrame:
    """Return a refund dispute as it stands, as `item` does."""
    return _record(conn, refund_dispute, _DISPUTE, scope=scope, row_id=dispute_id)


def institution_row(conn: Connection, *, scope: Scope, institution_id: int) -> pd.DataFrame:
    """Return an institution as it stands, as `item` does.

    Of its telephone number there is but ``phone_ending`` (str): the last two digits, empty of a
    short one, unknown where there is none.
    """
    return _record(conn, institution, _INSTITUTION, scope=scope, row_id=institution_id)


def check(conn: Connection, *, scope: Scope, check_id: int) -> pd.DataFrame:
    """Return a check as it stands, as `item` does; with the item that it brought about."""
    return _record(conn, compliance_check, _CHECK, scope=scope, row_id=check_id)


def row_changes(conn: Connection, *, scope: Scope, table_name: str, row_id: int) -> pd.DataFrame:
    """List what was changed in one row of a ledger, the first change first.

    ``table_name`` is one of rectification, refund_dispute and institution. Of a row that was born
    of a visit plan, readers who may not know of unreleased ones are told what was changed since
    the release.

    ===========  =============  ============================================================
    changed_on   datetime64[s]  day of the change
    column_name  str            column of the database
    old_value    str            as kept: codes, days as 2022-08-25; telephone numbers hidden
    new_value    str            likewise; NaN: empty
    email        str            the account that changed it on a page; NaN: a file did
    imported_by  str            who imported that file, where the reader may know; else NaN
    batch_id     Int64          the file
    ===========  =============  ============================================================

    Raises:
        KeyError: no changes of that table are told.
    """
    table = _TABLES[table_name]
    number = table.c[NUMBERED.get(table_name, "id")]
    key = (
        select(cast(number, String))
        .where(table.c.id == row_id, scope.allows(table))
        .scalar_subquery()
    )
    change, batch = row_change.c, import_batch
    conditions = [
        scope.allows(row_change),
        change.table_name == table_name,
        change.row_key == key,
        change.column_name != "withheld",
    ]
    if "withheld" in table.c and not scope.unreleased:
        other = row_change.alias("released")
        released = select(func.coalesce(func.max(other.c.id), 0)).where(
            other.c.table_name == table_name,
            other.c.row_key == key,
            other.c.column_name == "withheld",
        )
        conditions.append(change.id > released.scalar_subquery())
    # Leaders, who read all counties and nothing unreleased, read of no files that came in.
    reads_files = scope.unreleased or scope.counties is not None
    known_file = and_(batch.c.id == change.batch_id, scope.allows(batch), literal(reads_files))
    stmt = (
        select(
            *(change[name] for name in ("changed_on", "column_name", "old_value", "new_value")),
            change.email,
            batch.c.imported_by,
            change.batch_id,
        )
        .outerjoin(batch, known_file)
        .where(*conditions)
        .order_by(change.id)
    )
    texts = dict.fromkeys(("column_name", "old_value", "new_value", "email", "imported_by"), "str")
    return read_frame(conn, stmt, {"changed_on": _DAY} | texts | {"batch_id": "Int64"})


def _record(
    conn: Connection, table: Table, dtypes: dict[str, str], *, scope: Scope, row_id: int
) -> pd.DataFrame:
    columns: list[Any] = [table.c[name] for name in dtypes]
    columns.append(county.c.name.label("county"))
    declared = dtypes | {"county": "str"}
    if "phone" in table.c:
        columns.append(ending_of(table.c.phone).label("phone_ending"))
        declared |= {"phone_ending": "str"}
    stmt = (
        select(*columns)
        .join(county, county.c.code == table.c.county_code)
        .where(table.c.id == row_id, scope.allows(table))
    )
    return read_frame(conn, stmt, declared)
