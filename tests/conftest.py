"""The order of the tests, and a migrated database with the reference rows alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from data_access import migration
from data_access.engine import connect_to

# Folders whose files take long, those first that need no sample database: while one worker builds
# it, the other has something to do. Workers are handed files in this order, so that none is left
# with a long one at the end.
LONG = ("canaries", "browser", "postgres", "pages", "sample_data")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long."""
    folders = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: folders.get(item.path.parent.name, len(LONG)))


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
