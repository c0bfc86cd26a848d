"""Rows go to PostgreSQL as one array a column, in binary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

import pytest
from psycopg.adapt import PyFormat
from psycopg.pq import Format
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    select,
)

from data_access.ledgers.queries import insert_columns, is_one_of
from tests.databases import PostgresDatabase

pytestmark = pytest.mark.postgres

VALUES: dict[str, tuple[Any, list[Any]]] = {
    "name": (String(32), ["一", "", None, '"引号", {括号}, \\反斜线', "NULL"]),
    "words": (Text, ["很长" * 9000, "换\n行", None, "'", "%s"]),
    "number": (Integer, [0, -1, None, 40_000, 2**31 - 1]),
    "day": (Date, [date(2022, 8, 25), None, date(1, 1, 1), date(9999, 12, 31), date(2000, 2, 29)]),
    "hour": (Time, [time(0), time(23, 59, 59), None, None, time(8, 30)]),
    "degrees": (Float, [109.4126, -0.0, None, 1e-300, 24.0]),
    "amount": (Numeric(14, 2, asdecimal=False), [26900.0, 0.01, None, 99_999_999_999.99, 0.0]),
    "is_open": (Boolean, [True, False, None, None, True]),
    "nothing": (Date, [None] * 5),
}
TABLE = Table(
    "every_kind",
    MetaData(),
    Column("at", Integer),
    *(Column(name, kind) for name, (kind, _) in VALUES.items()),
    prefixes=["TEMPORARY"],
)


@pytest.fixture
def conn(database: PostgresDatabase, connect: Callable[[str], Engine]) -> Iterator[Connection]:
    with connect(database.owner_url).connect() as conn:
        TABLE.create(conn)
        yield conn
        conn.rollback()


def test_every_kind_of_value_comes_back_as_it_was_sent(conn: Connection) -> None:
    insert_columns(
        conn, TABLE, {"at": [*range(5)], **{name: sent for name, (_, sent) in VALUES.items()}}
    )
    rows = conn.execute(select(TABLE).order_by(TABLE.c.at)).all()
    for name, (_, sent) in VALUES.items():
        assert [getattr(row, name) for row in rows] == sent, name


@pytest.mark.parametrize("wanted", ["一", '"引号", {括号}, \\反斜线', "NULL", ""])
def test_rows_are_found_by_words_with_signs_of_arrays_in_them(
    conn: Connection, wanted: str
) -> None:
    insert_columns(conn, TABLE, {"name": VALUES["name"][1]})
    stmt = select(TABLE.c.name).where(is_one_of(conn, TABLE.c.name, [wanted, "别的"]))
    assert conn.scalars(stmt).all() == [wanted]


def test_arrays_travel_in_binary(conn: Connection) -> None:
    adapters = conn.connection.driver_connection.adapters  # type: ignore[union-attr]
    assert adapters.get_dumper(list, PyFormat.AUTO).format is Format.BINARY
