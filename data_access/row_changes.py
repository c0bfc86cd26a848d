"""How a person changes a row: what it was is kept, and its version tells that it has changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, update

from data_access import clock
from data_access.schema import row_change


def change_row(
    conn: Connection, table: Table, known: Row[Any], fields: dict[str, Any], *, email: str
) -> int:
    """Let a row of ``table`` hold ``fields``; return its row version, one higher if it changed.

    ``known`` is the whole row as it stands. The values that are replaced are kept in
    ``row_change`` under the row's id, and whose they are.
    """
    changed = {name: value for name, value in fields.items() if known._mapping[name] != value}
    version: int = known.row_version
    if not changed:
        return version
    kept = [
        {
            "table_name": table.name,
            "row_key": str(known.id),
            "county_code": known.county_code,
            "column_name": name,
            "old_value": as_text(known._mapping[name]),
            "new_value": as_text(value),
            "email": email,
            "changed_on": clock.today(),
        }
        for name, value in changed.items()
    ]
    conn.execute(insert(row_change), kept)
    is_it = table.c.id == known.id
    conn.execute(update(table).where(is_it).values(**changed, row_version=version + 1))
    return version + 1


def as_text(value: Any) -> str | None:
    """Return a value as ``row_change`` keeps it."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)
