"""Reading and deleting stored rows by the keys of a file, a statement for some thousand keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete

# Far under what a statement of either database may bind.
CHUNK: Final = 5_000


def select_in(
    conn: Connection, stmt: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> list[Row[Any]]:
    """Run ``stmt`` for the rows whose ``column`` is one of ``values``; missing ones aside."""
    wanted = sorted({value for value in values if value is not None})
    rows: list[Row[Any]] = []
    for start in range(0, len(wanted), CHUNK):
        rows += conn.execute(stmt.where(column.in_(wanted[start : start + CHUNK]))).all()
    return rows


def delete_in(
    conn: Connection, table: Table, column: ColumnElement[Any], values: Iterable[Any]
) -> None:
    """Delete the rows whose ``column`` is one of ``values``."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), CHUNK):
        conn.execute(delete(table).where(column.in_(wanted[start : start + CHUNK])))
