"""The databases that the other tests here stand on."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from tests.databases import PostgresDatabase, PostgresServer, postgres_database

pytestmark = pytest.mark.postgres


def test_superuser_writes_and_plain_role_reads_only_what_it_is_granted(
    database: PostgresDatabase,
) -> None:
    owner = create_engine(database.superuser_url, poolclass=NullPool)
    plain = create_engine(database.plain_url, poolclass=NullPool)
    with owner.begin() as conn:
        conn.execute(text("CREATE TABLE county (code text)"))
        conn.execute(text("CREATE TABLE secret (word text)"))
        conn.execute(text("INSERT INTO county VALUES ('450202')"))
        conn.execute(text(f"GRANT SELECT ON county TO {database.plain_role}"))

    with plain.connect() as conn:
        assert conn.scalar(text("SELECT code FROM county")) == "450202"
        assert conn.scalar(text("SELECT current_setting('is_superuser')")) == "off"
        with pytest.raises(ProgrammingError, match="permission denied"):
            conn.execute(text("SELECT * FROM secret"))


def test_each_database_is_empty_and_gone_afterwards(postgres: PostgresServer) -> None:
    count = text("SELECT count(*) FROM pg_database WHERE datname = :name")
    server = create_engine(postgres.url, poolclass=NullPool)
    with postgres_database(postgres) as first, postgres_database(postgres) as second:
        assert first.superuser_url != second.superuser_url
        with create_engine(first.superuser_url, poolclass=NullPool).begin() as conn:
            conn.execute(text("CREATE TABLE county (code text)"))
        with create_engine(second.superuser_url, poolclass=NullPool).connect() as conn:
            assert conn.scalar(text("SELECT to_regclass('county')")) is None
    with server.connect() as conn:
        name = make_url(first.superuser_url).database
        assert conn.scalar(count, {"name": name}) == 0
        assert conn.scalar(count, {"name": "postgres"}) == 1
