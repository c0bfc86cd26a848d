"""On PostgreSQL migrations do the same as on SQLite, and the same rows are kept out."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from data_access import migration
from data_access.engine import connect_to
from data_access.schema import metadata
from tests.databases import PostgresServer, postgres_database
from tests.schema_of import differences, reflected, tables
from tests.wrong_rows import WrongRow, add_right_rows, add_wrong_row, wrong_rows

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def migrated(postgres: PostgresServer) -> Iterator[Engine]:
    with postgres_database(postgres) as database:
        engine = connect_to(database.superuser_url)
        migration.upgrade(engine)
        yield engine
        engine.dispose()


@pytest.fixture
def conn(migrated: Engine) -> Iterator[Connection]:
    """A connection whose writes are rolled back."""
    with migrated.connect() as conn:
        yield conn
        conn.rollback()


def test_migrated_database_is_the_one_that_the_code_describes(
    migrated: Engine, postgres: PostgresServer
) -> None:
    with postgres_database(postgres) as database:
        engine = connect_to(database.superuser_url)
        metadata.create_all(engine)
        described = reflected(engine)
        engine.dispose()
    found = reflected(migrated)

    assert differences(migrated) == []
    assert found.pop("alembic_version")
    assert found == described


def test_down_leaves_nothing_and_up_again_is_the_same(postgres: PostgresServer) -> None:
    with postgres_database(postgres) as database:
        engine = connect_to(database.superuser_url)
        migration.upgrade(engine)
        before = reflected(engine)
        migration.downgrade(engine)
        assert tables(engine) == {"alembic_version"}
        assert not migration.is_current(engine)

        migration.upgrade(engine)
        assert reflected(engine) == before
        assert migration.is_current(engine)
        engine.dispose()


def test_right_rows_are_taken(conn: Connection) -> None:
    add_right_rows(conn)


@pytest.mark.parametrize("wrong", wrong_rows(), ids=str)
def test_row_that_breaks_one_rule_is_refused_by_it(conn: Connection, wrong: WrongRow) -> None:
    with pytest.raises(IntegrityError) as refused:
        add_wrong_row(conn, wrong)

    assert isinstance(refused.value.orig, psycopg.Error)
    assert refused.value.orig.diag.constraint_name == wrong.rule
