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

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def upgrade(engine: Engine) -> None:
    """Run the migrations that are missing, put up the walls and put in the reference rows.

    Raises:
        RowSecurityError: the dashboard's role is missing on PostgreSQL and may not be made.
    """
    if engine.url.get_backend_name() == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with engine.begin() as conn:
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
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision() == head
