"""What is written while a backup is made, and what a restored database has to have."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, func, select

from data_access import audit, schema, versions
from data_access.__main__ import main
from data_access.audit import Action

Contents = dict[str, list[str]]


def run(monkeypatch: object, url: str, *arguments: str) -> int:
    monkeypatch.setenv("DATABASE_URL", url)  # type: ignore[attr-defined]
    return main(arguments)


def rows(engine: Engine) -> Contents:
    """Every row of every table; of sign-ins not when they ended, which a restore ends."""
    left_out = {schema.account.c.signed_out_at, schema.sign_in.c.ended_at}
    with engine.connect() as conn:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in conn.execute(select(*(c for c in table.c if c not in left_out)))
            )
            for table in schema.metadata.sorted_tables
        }


@contextmanager
def written_meanwhile(engine: Engine) -> Iterator[list[int]]:
    """Let somebody write until the block ends: each transaction is a line of the log and a version.

    Gives the number of transactions so far.
    """
    stop, done = threading.Event(), [0]

    def write() -> None:
        while not stop.is_set():
            with engine.begin() as conn:
                versions.bump(conn)
                audit.add(conn, Action.EXPORT, email="leader@demo")
            done[0] += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while not done[0] and thread.is_alive():  # it has begun
            stop.wait(0.01)
        yield done
    finally:
        stop.set()
        thread.join()


def is_of_one_moment(engine: Engine, since: tuple[int, int]) -> bool:
    """Whether what one transaction writes together is there together; ``since``: as it began."""
    version, lines = counted(engine)
    return version - since[0] == lines - since[1]


def counted(engine: Engine) -> tuple[int, int]:
    """Return the version and the number of lines in the access log."""
    with engine.connect() as conn:
        lines = conn.scalar(select(func.count()).select_from(schema.audit_event))
        return versions.current(conn), int(lines or 0)
