"""Which database is opened, and how."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import IntegrityError

from data_access import migration, schema
from data_access.accounts import add_demonstration_accounts
from data_access.engine import (
    SAMPLE_URL,
    connect_to,
    database_url,
    get_engine,
    get_import_engine,
    is_built_in_sample,
)
from tests.databases import forget_engines

A_MOMENT = 0.5


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    engine = connect_to(f"sqlite:///{tmp_path / 'city.db'}")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 30_000), ("synchronous", 1)],
)
def test_every_sqlite_connection_is_prepared(sqlite: Engine, pragma: str, value: object) -> None:
    with sqlite.connect() as first, sqlite.connect() as second:
        assert first.scalar(text(f"PRAGMA {pragma}")) == value
        assert second.scalar(text(f"PRAGMA {pragma}")) == value


def test_readers_do_not_wait_for_the_writer(sqlite: Engine) -> None:
    with sqlite.begin() as conn:
        conn.execute(text("CREATE TABLE number (n)"))
    with sqlite.connect() as writer, sqlite.connect() as reader:
        writer.execute(text("INSERT INTO number VALUES (1)"))
        assert reader.scalar(text("SELECT count(*) FROM number")) == 0
        writer.commit()


def test_sqlite_refuses_a_row_that_points_at_nothing(sqlite: Engine) -> None:
    migration.upgrade(sqlite)
    row = {"email": "甲@example.org", "role": "county", "county_code": "999999", "active": True}

    with sqlite.connect() as conn, pytest.raises(IntegrityError, match="FOREIGN KEY"):
        conn.execute(insert(schema.account).values(row))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:secret@host:5433/city?sslmode=require",
        "postgres://user:secret@host:5433/city?sslmode=require",
        "postgresql+psycopg://user:secret@host:5433/city?sslmode=require",
    ],
)
def test_plain_postgresql_goes_to_psycopg(url: str) -> None:
    engine = connect_to(url)

    assert engine.driver == "psycopg"
    assert engine.url.render_as_string(hide_password=False) == (
        "postgresql+psycopg://user:secret@host:5433/city?sslmode=require"
    )


@pytest.mark.parametrize(
    ("configured", "expected"),
    [("sqlite:///other.db", "sqlite:///other.db"), ("", SAMPLE_URL), (None, SAMPLE_URL)],
)
def test_sample_is_opened_unless_the_environment_names_a_database(
    monkeypatch: pytest.MonkeyPatch, configured: str | None, expected: str
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if configured is not None:
        monkeypatch.setenv("DATABASE_URL", configured)

    assert database_url() == expected


def test_sample_is_built_in_where_the_command_puts_it_and_nowhere_else(
    sqlite: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.upgrade(sqlite)
    with sqlite.begin() as conn:
        add_demonstration_accounts(conn)
    assert not is_built_in_sample(sqlite), "a file elsewhere that looks like the sample"

    is_built_in_sample.cache_clear()
    monkeypatch.setattr("data_access.engine.SAMPLE_PATH", Path(str(sqlite.url.database)))
    assert is_built_in_sample(sqlite)
    is_built_in_sample.cache_clear()


def test_office_database_in_the_place_of_the_sample_is_no_sample(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.upgrade(sqlite)
    monkeypatch.setattr("data_access.engine.SAMPLE_PATH", Path(str(sqlite.url.database)))

    assert not is_built_in_sample(sqlite)


def test_imports_have_an_address_of_their_own_where_one_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setenv("IMPORT_DATABASE_URL", "postgresql://owner@127.0.0.1/city")
    forget_engines()
    assert get_import_engine().url.username == "owner"
    assert get_engine().dialect.name == "sqlite"

    monkeypatch.delenv("IMPORT_DATABASE_URL")
    assert get_import_engine() is get_engine()
    forget_engines()


def test_two_who_ask_at_once_get_one_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    both = threading.Barrier(2)

    def make(url: str) -> Engine:
        made.append(url)
        with suppress(threading.BrokenBarrierError):
            both.wait(A_MOMENT)  # for a second maker, who must not come
        return connect_to(url)

    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    monkeypatch.setattr("data_access.engine.connect_to", make)
    forget_engines()
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: get_engine(), range(2))

    assert first is second
    assert made == ["sqlite://"]
    forget_engines()
