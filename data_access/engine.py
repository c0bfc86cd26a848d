"""The one engine of the process."""

from __future__ import annotations

import os
import sqlite3
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from data_access.accounts import demonstration_accounts

SAMPLE_PATH: Final = Path(__file__).parents[1] / "var" / "liuzhou.db"
SAMPLE_URL: Final = f"sqlite:///{SAMPLE_PATH}"
BUSY_TIMEOUT_MS: Final = 30_000
# Of libpq: seconds for a connection, milliseconds for what was sent, seconds of silence.
PATIENCE: Final = {
    "connect_timeout": 3,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}

# Of two who ask at the same moment neither may leave behind an engine with its connections open.
_MAKING: Final = threading.Lock()


def database_url() -> str:
    """Return ``DATABASE_URL``, or the address of the embedded sample database."""
    return os.environ.get("DATABASE_URL") or SAMPLE_URL


def connect_to(url: str) -> Engine:
    """Return an engine for ``url``, with the settings that each database needs.

    SQLite: write-ahead log, so that readers and the one writer do not wait for each
    other; a busy timeout instead of an error at once; foreign keys, which are off by
    default. A file that was there and is gone is not made anew. A plain ``postgresql://`` address
    is taken to psycopg 3, a server that is silent is given up after :data:`PATIENCE`, unless
    the address says otherwise, and arrays are sent in binary, not as text for the server to read.
    """
    parsed = make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    is_server = parsed.get_backend_name() == "postgresql"
    patience = {name: value for name, value in PATIENCE.items() if name not in parsed.query}
    engine = create_engine(
        parsed,
        connect_args=patience if is_server else {},
        pool_pre_ping=parsed.get_backend_name() != "sqlite",
        hide_parameters=True,  # errors are logged, and parameters are names and telephone numbers
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        if parsed.database and Path(parsed.database).is_absolute():
            _hold_to_file(engine, parsed.database)
    elif is_server:
        event.listen(engine, "connect", _send_arrays_in_binary)
    return engine


def _hold_to_file(engine: Engine, path: str) -> None:
    """Let every connection be to the file that lies at ``path`` now.

    SQLite itself would go on with a file that was moved away or replaced, and its next connection
    would leave an empty database where there was a full one.
    """
    was_there = False

    def which() -> tuple[int, int] | None:
        try:
            status = os.stat(path)  # noqa: PTH116  at every checkout
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def refuse_empty(*_given: object) -> None:
        if was_there and which() is None:
            raise sqlite3.OperationalError("unable to open database file")

    def note(_connection: object, record: Any) -> None:
        nonlocal was_there
        was_there = True
        record.info["file"] = which()

    def hold(_connection: object, record: Any, _proxy: object) -> None:
        if record.info["file"] != which():
            raise DisconnectionError

    event.listen(engine, "do_connect", refuse_empty)
    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", hold)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _send_arrays_in_binary(connection: Any, _record: object) -> None:
    from psycopg.types.array import ListBinaryDumper  # not where the database is SQLite

    connection.adapters.register_dumper(list, ListBinaryDumper)


def get_engine() -> Engine:
    """Return the engine of :func:`database_url`, made at the first call."""
    with _MAKING:
        return _engine()


def get_import_engine() -> Engine:
    """Return the engine that imports write with: of ``IMPORT_DATABASE_URL``, else the one engine.

    On PostgreSQL the dashboard's own role may not write ledgers; the address names the role
    that owns the tables.
    """
    url = os.environ.get("IMPORT_DATABASE_URL")
    if not url:
        return get_engine()
    with _MAKING:
        return _import_engine(url)


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return connect_to(database_url())


@lru_cache(maxsize=1)
def _import_engine(url: str) -> Engine:
    return connect_to(url)


@lru_cache(maxsize=8)
def is_built_in_sample(engine: Engine) -> bool:
    """Whether this is the sample database where the ``sample`` command puts it.

    Only there may a visitor choose who to be. A database elsewhere that looks like the sample
    may hold anything.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return False
    if Path(engine.url.database).resolve() != SAMPLE_PATH.resolve():
        return False
    with engine.connect() as conn:
        return bool(demonstration_accounts(conn))
