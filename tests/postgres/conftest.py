"""A real PostgreSQL for the session, and an empty database for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import PostgresDatabase, PostgresServer, postgres_database, postgres_server
from tests.workers import shared_folder, skip_or_fail


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> PostgresServer:
    try:
        return postgres_server(shared_folder(tmp_path_factory))
    except Exception as error:
        skip_or_fail("REQUIRE_POSTGRES", f"PostgreSQL does not start: {error}")
        raise


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Iterator[PostgresDatabase]:
    with postgres_database(postgres) as database:
        yield database
