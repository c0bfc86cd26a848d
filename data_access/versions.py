"""The version of the data: what pages cache by, bumped by every write that figures read."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select, update

from data_access.schema import data_version

_CURRENT: Final = select(data_version.c.version)


def current(conn: Connection) -> int:
    """Return the version of the data."""
    version: int = conn.scalars(_CURRENT).one()
    return version


def bump(conn: Connection) -> None:
    """Say, in the transaction of the write itself, that figures may have changed."""
    conn.execute(update(data_version).values(version=data_version.c.version + 1))
