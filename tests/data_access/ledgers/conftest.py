"""Store ledgers written by hand, on a connection whose writes are rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row, select

from data_access import migration, schema
from data_access.engine import connect_to
from data_access.ledgers.storing import Sender, Stored, store
from tests.data_access.ledgers.understandings import understood
from tests.databases import PostgresServer, postgres_migrated, postgres_server
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


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A migrated database with the reference rows alone, of either make."""
    if request.param == "sqlite":
        yield from migrated(f"sqlite:///{tmp_path_factory.mktemp('ledgers') / 'empty.db'}")
        return
    yield from migrated_postgres(request, tmp_path_factory)


def migrated(url: str) -> Iterator[Engine]:
    """Give an engine on the database at ``url``, brought to the newest schema."""
    engine = connect_to(url)
    migration.upgrade(engine)
    yield engine
    engine.dispose()


def migrated_postgres(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Give an engine on a PostgreSQL with the newest schema that is there for nobody else."""
    server: PostgresServer = request.getfixturevalue("postgres")
    with postgres_migrated(server, shared_folder(tmp_path_factory)) as database:
        engine = connect_to(database.superuser_url)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """An empty migrated database that can be written for good."""
    if request.param == "sqlite":
        yield from migrated(f"sqlite:///{tmp_path / 'city.db'}")
    else:
        yield from migrated_postgres(request, tmp_path_factory)
