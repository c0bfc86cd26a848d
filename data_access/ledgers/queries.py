"""Statements for many rows: reading and deleting by keys, inserting by columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    Table,
    any_,
    bindparam,
    column,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

_ROWS_AT_ONCE = 10_000


def select_in(
    conn: Connection, stmt: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> list[Row[Any]]:
    """Run ``stmt`` for the rows whose ``column`` is one of ``values``; missing ones aside."""
    wanted = {value for value in values if value is not None}
    if not wanted:
        return []
    return list(conn.execute(stmt.where(is_one_of(conn, column, wanted))).all())


def delete_in(
    conn: Connection, table: Table, column: ColumnElement[Any], values: Iterable[Any]
) -> None:
    """Delete the rows whose ``column`` is one of ``values``."""
    wanted = set(values)
    if wanted:
        conn.execute(delete(table).where(is_one_of(conn, column, wanted)))


def is_one_of(
    conn: Connection, column: ColumnElement[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Hold a column to texts or numbers, bound as one parameter however many they are."""
    if conn.dialect.name == "sqlite":
        listed = func.json_each(bindparam(None, json.dumps(list(values)), String))
        return column.in_(select(listed.table_valued("value").c.value))
    return column == any_(bindparam(None, list(values), ARRAY(column.type)))


def rows_of(
    conn: Connection,
    name: str,
    columns: Mapping[str, TypeEngine[Any]],
    rows: Sequence[Sequence[Any]],
) -> CTE:
    """Return rows to join, bound as few parameters however many they are; days as ``date``."""
    if conn.dialect.name == "sqlite":
        each = func.json_each(bindparam(None, json.dumps(rows, default=str), String))
        row = each.table_valued("value").c.value
        values = [
            func.json_extract(row, f"$[{at}]", type_=kind).label(told)
            for at, (told, kind) in enumerate(columns.items())
        ]
        return select(*values).cte(name)
    return select(*_unnested(columns, zip(*rows, strict=True)).c).cte(name)


def insert_columns(conn: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows that are given by column, all columns of one length."""
    if not len(next(iter(columns.values()))):
        return
    if conn.dialect.name != "sqlite":
        _insert_arrays(conn, table, columns)
        return
    # SQLAlchemy prepares parameters row by row, which takes as long as SQLite takes to
    # store them; by column, and once for each value, it is a fraction.
    statement = insert(table).compile(dialect=conn.dialect, column_keys=list(columns))
    prepared: list[Iterable[Any]] = []
    for name in statement.positiontup or ():
        process = table.c[name].type.dialect_impl(conn.dialect).bind_processor(conn.dialect)
        values = columns[name]
        if process is None:
            prepared.append(values)
        else:
            bound = {value: process(value) for value in set(values)}
            prepared.append(map(bound.get, values))
    conn.exec_driver_sql(str(statement), list(zip(*prepared, strict=True)))


def _insert_arrays(conn: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert rows as one array a column: a statement a row takes PostgreSQL twice as long."""
    kinds = {name: table.c[name].type for name in columns}
    for start in range(0, len(next(iter(columns.values()))), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        given = _unnested(kinds, [list(values[part]) for values in columns.values()])
        conn.execute(insert(table).from_select(list(columns), select(*given.c)))


def _unnested(
    kinds: Mapping[str, TypeEngine[Any]], values: Iterable[Sequence[Any]]
) -> TableValuedAlias:
    """Return rows that are given by column, each column bound as one array; on PostgreSQL."""
    arrays = [
        bindparam(None, list(each), ARRAY(kind))
        for kind, each in zip(kinds.values(), values, strict=True)
    ]
    named = (column(*each) for each in kinds.items())
    return func.unnest(*arrays).table_valued(*named).render_derived()
