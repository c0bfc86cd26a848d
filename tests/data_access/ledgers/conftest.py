"""Store ledgers written by hand, on a connection whose writes are rolled back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select

from data_access import schema
from data_access.ledgers.storing import Sender, Stored, store
from tests.data_access.ledgers.understandings import understood
from tests.databases import PostgresServer, postgres_server
from tests.workers import shared_folder, skip_or_fail

CITY = Sender("supervisor@demo")
RECEIVED = date(2022, 7, 7)
Load = Callable[..., Stored]
Rows = Callable[..., list[Row[Any]]]


@pytest.fixture
def load(conn: Connection) -> Load:
    """Store a file of the kind with the rows; the city sends it unless said otherwise."""

    def load(
        kind: str, *rows: dict[str, Any], sender: Sender = CITY, received_on: date = RECEIVED
    ) -> Stored:
        return store(conn, understood(kind, *rows), received_on=received_on, sender=sender)

    return load


@pytest.fixture
def rows(conn: Connection) -> Rows:
    """Return the rows of a table, in the order of their first columns."""

    def rows(table: str) -> list[Row[Any]]:
        columns = schema.metadata.tables[table]
        return list(conn.execute(select(columns).order_by(*list(columns.c)[:2])))

    return rows


def reasons(stored: Stored, severity: str = "error") -> list[str | None]:
    """Return the column and the text of each problem of the severity."""
    return [f"{p.column}：{p.problem}" for p in stored.problems if p.severity == severity]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    try:
        return postgres_server(shared_folder(tmp_path_factory))
    except Exception as error:
        skip_or_fail("REQUIRE_POSTGRES", f"PostgreSQL does not start: {error}")
        raise
