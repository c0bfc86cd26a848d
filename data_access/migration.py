"""Bring a database to the newest schema, and say whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from data_access import audit, row_security, snapshot_seals, summaries, visit_seals
from data_access.reference import add_reference_rows
from data_access.shards import shards

_SCRIPTS: Final = Path(__file__).parent / "migrations"
SHARDED_IS_BEHIND: Final = (
    "数据库已分片，这次升级要改表的结构，没有升级，数据未变。请先用升级前的程序运行\n"
    "    python -m data_access shard --back\n"
    "把数据移回协调库，再用新程序运行 migrate，然后重新分片（见 docs/deployment.md）"
)


class MigrationError(Exception):
    """The database stays as it is; the message says what to do, in Chinese."""


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, put up the walls and put in the reference rows.

    Raises:
        RowSecurityError: the dashboard's role is missing on PostgreSQL and may not be made.
        MigrationError: a table that lies on shards would have to change.
    """
    if engine.url.get_backend_name() == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with engine.begin() as conn:
        if shards(conn) and not _is_current(conn):
            raise MigrationError(SHARDED_IS_BEHIND)
        _take_down_seals(conn)
        command.upgrade(_config(conn), "head")
        audit.protect(conn)
        visit_seals.protect(conn)
        snapshot_seals.protect(conn)
        row_security.put_up(conn)
    with engine.begin() as conn:
        add_reference_rows(conn)
        summaries.fill(conn)


def downgrade(engine: Engine) -> None:
    """Take every table away."""
    with engine.begin() as conn:
        _take_down_seals(conn)
        row_security.take_down(conn)
        command.downgrade(_config(conn), "base")


def _take_down_seals(conn: Connection) -> None:
    visit_seals.take_down(conn)
    snapshot_seals.take_down(conn)


def is_current(engine: Engine) -> bool:
    """Whether the database has the newest schema."""
    with engine.connect() as conn:
        return _is_current(conn)


def _is_current(conn: Connection) -> bool:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return MigrationContext.configure(conn).get_current_revision() == head
