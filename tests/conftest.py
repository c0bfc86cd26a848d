"""The order of the tests, a migrated database with the reference rows alone, kept statements."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, create_engine, inspect
from sqlalchemy.util import LRUCache

from data_access import migration
from data_access.engine import connect_to

# A file that asks for the sample database, and the folders whose files take long, those first that
# need none: while one worker builds it, the other has something to do. Workers are handed files in
# this order, so that none is left with a long one at the end.
FIRST = "test_downloads.py"
LONG = ("canaries", "browser", "postgres", "pages", "sample_data")


def pytest_configure(config: pytest.Config) -> None:
    """Let what holds for any input try the same ones at every short run, new ones at the long.

    A change is told whether it breaks something, not what chance finds of old.
    """
    if config.option.markexpr == "not soak":
        settings.register_profile("repeatable", derandomize=True)
        settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long."""
    folders = {name: place for place, name in enumerate(LONG)}

    def place(path: Path) -> int:
        if path.parent.name == "browser" and path.name == FIRST:
            return -1
        return folders.get(path.parent.name, len(LONG))

    items.sort(key=lambda item: place(item.path))


def pytest_collection_finish() -> None:
    """Leave what was collected out of every search for garbage.

    Ten thousand tests and their modules stay to the end; searching them took a tenth of the time.
    """
    gc.collect()
    gc.freeze()


class Statements(LRUCache[Any, Any]):
    """Statements as they were compiled for any engine of a dialect.

    SQLAlchemy keeps them by engine. Nearly every test has a database of its own, and compiling was
    a quarter of what many take.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(self._of_all(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(self._of_all(key), compiled)

    def _of_all(self, key: Any) -> Any:
        dialect, *others = key
        return (dialect.name, *others)


@pytest.fixture(scope="session", autouse=True)
def statements_are_kept() -> Iterator[None]:
    """Compile a statement once for all engines of the product."""
    statements = Statements(5_000)

    def create(*arguments: Any, **options: Any) -> Engine:
        engine = create_engine(*arguments, **options)
        engine._compiled_cache = statements
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data_access.engine.create_engine", create)
        yield


@pytest.fixture(scope="session", autouse=True)
def migrate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Engine], None]]:
    """Bring a SQLite database with nothing in it to the newest schema by copying one that is there.

    The tests ask for hundreds, and each migration takes half a second. What is given is the
    migration itself, for tests of that.
    """
    migrated = tmp_path_factory.mktemp("migrated") / "empty.db"
    upgrade = migration.upgrade

    def copy(engine: Engine) -> None:
        if engine.dialect.name == "sqlite" and engine.url.database:
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        if engine.dialect.name != "sqlite" or inspect(engine).get_table_names():
            upgrade(engine)
            return
        if not migrated.exists():
            first = connect_to(f"sqlite:///{migrated}")
            upgrade(first)
            first.dispose()
        to = engine.raw_connection()
        with closing(to), closing(sqlite3.connect(migrated)) as newest:
            newest.backup(to.driver_connection)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migration, "upgrade", copy)
        yield upgrade


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
