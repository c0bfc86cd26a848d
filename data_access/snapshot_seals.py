"""A frozen week stays what it was: the database itself refuses to change it.

A figure can be taken out of ``weekly_snapshot`` only where ``weekly_snapshot_history`` holds it
as it stood, and what that holds is never changed. So a week can be frozen again, and what was
reported before it can always be read. This stands before the owner of the tables, too.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

REFUSAL: Final = "已冻结的数字不能改动"

_KEY: Final = ("week", "indicator", "county_code")
_HISTORY: Final = "weekly_snapshot_history"


def protect(conn: Connection) -> None:
    """Let the database refuse to change what is frozen, or kept of it; again at no cost.

    A week that is frozen takes no further figure either: all of a week are of one moment.
    """
    take_down(conn)
    for statement in _on_sqlite() if conn.dialect.name == "sqlite" else _on_postgresql():
        conn.execute(text(statement))


def take_down(conn: Connection) -> None:
    """Let migrations change the tables, which SQLite would not while triggers name columns."""
    if conn.dialect.name != "sqlite":
        return
    named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'weekly%seal%'"
    for name in conn.scalars(text(named)).all():
        conn.execute(text(f"DROP TRIGGER {name}"))


def _kept(same: str) -> str:
    """Return the condition that an old row stands in the history as it is."""
    key = " AND ".join(f"h.{name} = OLD.{name}" for name in (*_KEY, "frozen_at"))
    values = " AND ".join(f"h.{name} {same} OLD.{name}" for name in ("numerator", "denominator"))
    return f"EXISTS (SELECT 1 FROM {_HISTORY} AS h WHERE {key} AND {values})"  # noqa: S608


def _taken(table: str) -> str:
    """Return the condition that a new row would take the place of one that is there."""
    key = (*_KEY, "frozen_at") if table == _HISTORY else _KEY
    same = " AND ".join(f"s.{name} = NEW.{name}" for name in key)
    return f"EXISTS (SELECT 1 FROM {table} AS s WHERE {same})"  # noqa: S608


# Two moments in one week would be two meetings.
_OTHER_MOMENT: Final = (
    "EXISTS (SELECT 1 FROM weekly_snapshot AS s"
    " WHERE s.week = NEW.week AND s.frozen_at <> NEW.frozen_at)"
)


def _on_sqlite() -> list[str]:
    abort = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    # INSERT OR REPLACE deletes without asking the trigger before deletions.
    return [
        f"CREATE TRIGGER weekly_snapshot_seal_update BEFORE UPDATE ON weekly_snapshot {abort}",
        f"CREATE TRIGGER weekly_snapshot_seal_delete BEFORE DELETE ON weekly_snapshot"
        f" WHEN NOT {_kept('IS')} {abort}",
        f"CREATE TRIGGER weekly_snapshot_seal_insert BEFORE INSERT ON weekly_snapshot"
        f" WHEN {_taken('weekly_snapshot')} OR {_OTHER_MOMENT} {abort}",
        f"CREATE TRIGGER {_HISTORY}_seal_update BEFORE UPDATE ON {_HISTORY} {abort}",
        f"CREATE TRIGGER {_HISTORY}_seal_delete BEFORE DELETE ON {_HISTORY} {abort}",
        f"CREATE TRIGGER {_HISTORY}_seal_insert BEFORE INSERT ON {_HISTORY}"
        f" WHEN {_taken(_HISTORY)} {abort}",
    ]


def _on_postgresql() -> list[str]:
    refuse = f"RAISE EXCEPTION '{REFUSAL}';"
    return [
        f"""
        CREATE OR REPLACE FUNCTION refuse_to_change_a_frozen_week() RETURNS trigger
        LANGUAGE plpgsql AS
        $$ BEGIN
            IF TG_OP = 'DELETE' THEN
                IF {_kept("IS NOT DISTINCT FROM")} THEN RETURN OLD; END IF;
            ELSIF TG_OP = 'INSERT' THEN
                IF NOT {_OTHER_MOMENT} THEN RETURN NEW; END IF;
            END IF;
            {refuse}
        END $$
        """,
        f"""
        CREATE OR REPLACE FUNCTION refuse_to_change_what_was_frozen() RETURNS trigger
        LANGUAGE plpgsql AS $$ BEGIN {refuse} END $$
        """,
        """
        CREATE OR REPLACE TRIGGER weekly_snapshot_seal
        BEFORE INSERT OR UPDATE OR DELETE ON weekly_snapshot
        FOR EACH ROW EXECUTE FUNCTION refuse_to_change_a_frozen_week()
        """,
        f"""
        CREATE OR REPLACE TRIGGER weekly_snapshot_seal
        BEFORE UPDATE OR DELETE OR TRUNCATE ON {_HISTORY}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_what_was_frozen()
        """,
        """
        CREATE OR REPLACE TRIGGER weekly_snapshot_seal_truncate
        BEFORE TRUNCATE ON weekly_snapshot
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_what_was_frozen()
        """,
    ]
