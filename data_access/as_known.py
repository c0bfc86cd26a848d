"""Rows as they were known on a day: what came later left out, what changed later undone.

Every value that a file or a person replaced is kept in ``row_change``, so that no table needs to
be copied every week. What is undone are the columns of ``data_access.corrections.READABLE``; of
all others the value of now is taken, and of links: a row that has found its institution since
had it already.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    type_coerce,
)

from data_access.corrections import NUMBERED, READABLE
from data_access.schema import row_change
from data_access.scope import Scope

_MOVES: Final = "county_code"  # a row counts where it stands now


def changed_after(conn: Connection, *, scope: Scope, day: date) -> frozenset[str]:
    """Return the tables in which anything that `as_known` undoes was replaced after ``day``."""
    change = row_change.c
    stmt = select(change.table_name).where(
        scope.allows(row_change), change.table_name.in_(READABLE), change.changed_on > day
    )
    return frozenset(conn.scalars(stmt.distinct()))


def as_known(
    conn: Connection,
    table: Table,
    *,
    scope: Scope,
    day: date,
    changed: frozenset[str],
    only: ColumnElement[bool],
) -> Subquery:
    """Return the rows of a table that were known on ``day``, as they were, every column of them.

    Its rows are those that the scope allows now; one that was born of a visit plan not yet
    released on the day is left out unless the scope holds these. ``changed`` is `changed_after`
    of the day: in other tables nothing is to be undone. ``only`` keeps rows by what they are now.
    """
    undone = [name for name in READABLE.get(table.name, ()) if name != _MOVES]
    if table.name not in changed:
        undone = []
    known_by_then = and_(scope.allows(table), table.c.received_by_us_on <= day, only)
    if not undone:
        return select(table).where(known_by_then).subquery(table.name)
    later = _later_changes(table.name, undone, scope=scope, day=day)
    values = {
        column.name: case(
            (later.c[f"{column.name}_changed"] == 1, _read(conn, later.c[column.name], column)),
            else_=column,
        )
        if column.name in undone
        else column
        for column in table.c
    }
    if "withheld" in values and not scope.unreleased:
        known_by_then = and_(known_by_then, values["withheld"].is_(False))
    return (
        select(*(value.label(name) for name, value in values.items()))
        .select_from(table)
        .outerjoin(later, later.c.row_key == row_key(table.name, table))
        .where(known_by_then)
        .subquery(table.name)
    )


def changed_rows(table: Table, *, scope: Scope, day: date) -> Select[Any]:
    """Return the ids of the rows in which anything that `as_known` undoes was replaced since.

    Of a table with a number, by which ``row_change`` names its rows.

    Raises:
        KeyError: the table's rows are named by their ids.
    """
    change, number = row_change.c, table.c[NUMBERED[table.name]]
    return (
        select(table.c.id)
        .join(row_change, change.row_key == number)
        .where(
            scope.allows(table),
            scope.allows(row_change),
            change.table_name == table.name,
            change.column_name.in_(READABLE[table.name]),
            change.changed_on > day,
        )
    )


def row_key(table: str, rows: FromClause) -> ColumnElement[str]:
    """Return by what ``row_change`` names a row; ``rows`` are the table's, or hold its columns."""
    number = NUMBERED.get(table)
    return rows.c[number] if number else cast(rows.c.id, String)


def _later_changes(table: str, columns: list[str], *, scope: Scope, day: date) -> Subquery:
    """Return for each row the oldest value that was replaced after the day, by column."""
    change = row_change.c
    nth = func.row_number().over(
        partition_by=(change.row_key, change.column_name), order_by=change.id
    )
    replaced = (
        select(change.row_key, change.column_name, change.old_value, nth.label("nth"))
        .where(
            scope.allows(row_change),
            change.table_name == table,
            change.column_name.in_(columns),
            change.changed_on > day,
        )
        .subquery()
    )
    values = []
    for name in columns:
        is_it = replaced.c.column_name == name
        values.append(func.max(case((is_it, replaced.c.old_value))).label(name))
        values.append(func.max(case((is_it, 1), else_=0)).label(f"{name}_changed"))
    return (
        select(replaced.c.row_key, *values)
        .where(replaced.c.nth == 1)
        .group_by(replaced.c.row_key)
        .subquery()
    )


def _read(conn: Connection, kept: ColumnElement[Any], column: Column[Any]) -> ColumnElement[Any]:
    """Return a kept text as the column's type holds it."""
    if isinstance(column.type, Boolean):
        return case((kept.is_(None), null()), else_=or_(kept == "True", kept == "1"))
    if isinstance(column.type, String):
        return kept
    if isinstance(column.type, Date) and conn.dialect.name == "sqlite":
        return type_coerce(kept, Date())  # which keeps days as text
    return cast(kept, column.type)
