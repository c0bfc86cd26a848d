"""A connection that is used again keeps nothing of its last reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from data_access.accounts import Role, User, scope_of
from data_access.connections import reading, writing
from data_access.row_security import tell
from data_access.schema import account, audit_event, institution, sign_in
from tests.databases import PostgresDatabase

pytestmark = pytest.mark.postgres

SUPERVISOR = User("supervisor@demo", Role.SUPERVISOR, None, scope_of(Role.SUPERVISOR, None))
COUNTY = User("450224@demo", Role.COUNTY, "450224", scope_of(Role.COUNTY, "450224"))
ADMIN = User("admin@demo", Role.ADMIN, None, scope_of(Role.ADMIN, None))
_BACKEND = text("SELECT pg_backend_pid()")
_SETTINGS = text(
    "SELECT current_setting('app.email', true), current_setting('app.role', true),"
    " current_setting('app.counties', true), current_setting('app.unreleased', true)"
)


@pytest.fixture
def engine(sample: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The dashboard's engine, with one connection for all."""
    engine = create_engine(sample.plain_url, pool_size=1, max_overflow=0, pool_timeout=5)
    monkeypatch.setattr("data_access.connections.get_engine", lambda: engine)
    yield engine
    engine.dispose()


def rows(conn: Connection) -> int:
    return conn.scalar(select(func.count()).select_from(institution)) or 0


def assert_nothing_is_kept(conn: Connection) -> None:
    assert not any(conn.execute(_SETTINGS).one())
    assert rows(conn) == 0
    for table in (account, audit_event, sign_in):
        assert conn.scalar(select(func.count()).select_from(table)) == 0


def test_next_reader_of_the_same_connection_is_shown_their_own(engine: Engine) -> None:
    with reading(SUPERVISOR) as conn:
        first, everything = conn.scalar(_BACKEND), rows(conn)
    with reading(COUNTY) as conn:
        assert conn.scalar(_BACKEND) == first
        assert 0 < rows(conn) < everything
    with reading(ADMIN) as conn:
        assert rows(conn) == 0
        assert conn.scalar(select(func.count()).select_from(account)) == 15
    with engine.connect() as conn:
        assert conn.scalar(_BACKEND) == first
        assert_nothing_is_kept(conn)


def test_nothing_is_kept_of_a_reader_whose_page_failed(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), reading(SUPERVISOR) as conn:
        assert rows(conn) / 0
    with engine.connect() as conn:
        assert_nothing_is_kept(conn)

    with pytest.raises(DBAPIError), reading(SUPERVISOR) as conn:
        conn.execute(text("SELECT 1 / 0"))
    with engine.connect() as conn:
        assert_nothing_is_kept(conn)


def test_nothing_is_kept_of_somebody_who_has_written(engine: Engine) -> None:
    with writing(ADMIN) as conn:
        assert conn.scalar(select(func.count()).select_from(account)) == 15
    with engine.connect() as conn:
        assert_nothing_is_kept(conn)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_what_was_told_ends_with_the_transaction(engine: Engine, end: str) -> None:
    with engine.connect() as conn:
        tell(conn, email=SUPERVISOR.email, role=SUPERVISOR.role, scope=SUPERVISOR.scope)
        assert rows(conn) > 0
        getattr(conn, end)()
        assert_nothing_is_kept(conn)


def test_what_was_told_in_a_savepoint_ends_with_it(engine: Engine) -> None:
    with engine.connect() as conn:
        tell(conn, email=COUNTY.email, role=COUNTY.role, scope=COUNTY.scope)
        own = rows(conn)
        with conn.begin_nested() as savepoint:
            tell(conn, email=SUPERVISOR.email, role=SUPERVISOR.role, scope=SUPERVISOR.scope)
            assert rows(conn) > own
            savepoint.rollback()
        assert rows(conn) == own


def test_without_a_transaction_nothing_is_shown_at_all(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        tell(conn, email=SUPERVISOR.email, role=SUPERVISOR.role, scope=SUPERVISOR.scope)
        assert_nothing_is_kept(conn)
    with engine.connect() as conn:
        assert_nothing_is_kept(conn)


def test_telling_less_takes_back_what_was_told_before(engine: Engine) -> None:
    with reading(SUPERVISOR) as conn:
        tell(conn, email=SUPERVISOR.email)
        assert rows(conn) == 0
        assert list(conn.scalars(select(account.c.email))) == [SUPERVISOR.email]
