"""A real PostgreSQL for the session, and for each module databases of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.engine import connect_to
from tests.databases import (
    PostgresDatabase,
    PostgresServer,
    postgres_database,
    postgres_sample,
    postgres_server,
)
from tests.workers import shared_folder, skip_or_fail

Connect = Callable[[str], Engine]


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    try:
        return postgres_server(shared_folder(tmp_path_factory))
    except Exception as error:
        skip_or_fail("REQUIRE_POSTGRES", f"PostgreSQL does not start: {error}")
        raise


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_folder(tmp_path_factory)


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Iterator[PostgresDatabase]:
    """An empty database."""
    with postgres_database(postgres) as database:
        yield database


@pytest.fixture(scope="module")
def sample(postgres: PostgresServer, folder: Path) -> Iterator[PostgresDatabase]:
    """The sample database, as the role built it that owns it."""
    with postgres_sample(postgres, folder) as database:
        yield database


@pytest.fixture(scope="module")
def connect() -> Iterator[Connect]:
    """Return an engine for an address, disposed of when the module is done."""
    engines: list[Engine] = []

    def connect(url: str) -> Engine:
        engines.append(connect_to(url))
        return engines[-1]

    yield connect
    for engine in engines:
        engine.dispose()
