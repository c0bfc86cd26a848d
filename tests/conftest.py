"""A migrated database with the reference rows alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from data_access import migration
from data_access.engine import connect_to


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = connect_to(f"sqlite:///{tmp_path_factory.mktemp('database') / 'empty.db'}")
    migration.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """A connection whose writes are rolled back."""
    with engine.connect() as conn:
        yield conn
        conn.rollback()
