"""Migrations and the schema in the code say the same, there and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from data_access import migration, schema
from data_access.engine import connect_to
from data_access.schema import metadata
from tests.schema_of import differences, reflected, tables


@pytest.fixture(autouse=True)
def in_earnest(migrate: Callable[[Engine], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """No schema is copied here."""
    monkeypatch.setattr(migration, "upgrade", migrate)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    engine = connect_to(f"sqlite:///{tmp_path / 'new folder' / '100%.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def described(tmp_path: Path) -> Iterator[Engine]:
    """A database made straight from the schema in the code."""
    engine = connect_to(f"sqlite:///{tmp_path / 'described.db'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def test_migrated_database_is_the_one_that_the_code_describes(
    empty: Engine, described: Engine
) -> None:
    migration.upgrade(empty)
    migrated = reflected(empty)

    assert differences(empty) == []
    assert migrated.pop("alembic_version")
    assert migrated == reflected(described)


def test_down_leaves_nothing_and_up_again_is_the_same(empty: Engine) -> None:
    migration.upgrade(empty)
    before = reflected(empty)

    migration.downgrade(empty)
    assert tables(empty) == {"alembic_version"}

    migration.upgrade(empty)
    assert reflected(empty) == before


def test_migrating_twice_changes_nothing(empty: Engine) -> None:
    migration.upgrade(empty)
    migration.upgrade(empty)

    with empty.connect() as conn:
        assert conn.scalar(select(func.count()).select_from(schema.county)) == 12


def test_database_is_current_from_the_newest_migration_on(empty: Engine) -> None:
    migration.upgrade(empty)
    assert migration.is_current(empty)

    migration.downgrade(empty)
    assert not migration.is_current(empty)


def test_database_of_an_older_schema_is_not_current(empty: Engine) -> None:
    migration.upgrade(empty)
    with empty.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    assert not migration.is_current(empty)
