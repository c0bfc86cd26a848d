"""What a seal holds fast: the digest of a plan, and a database that refuses to change it.

Whoever has the digest of the day, which the access log keeps, can tell whether anything of
the plan is another than it was.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, time
from typing import Any, Final

from sqlalchemy import Connection, Table, select, text

from data_access.schema import visit_candidate, visit_plan, visit_stop, visit_team

REFUSAL: Final = "暗访计划封存后不能改动"

# What is sealed of each table, and in which order: a digest once given is made of these for
# good, whatever columns are added later.
_PLAN: Final = ("first_day", "last_day", "seed", "parameters")
_SEALED: Final[tuple[tuple[Table, tuple[str, ...], tuple[str, ...]], ...]] = (
    (
        visit_candidate,
        (
            *("ordinal", "county_code", "institution_id", "name", "category", "place_key"),
            *("place_name", "address", "longitude", "latitude", "opens_at", "closes_at"),
            *("score", "reasons", "must", "left_reason", "drawn_order"),
        ),
        ("ordinal",),
    ),
    (
        visit_team,
        (
            *("team", "officers", "start_name", "longitude", "latitude"),
            *("starts_at", "ends_at"),
        ),
        ("team",),
    ),
    (
        visit_stop,
        (
            *("visit_on", "team", "sequence", "ordinal", "arrives_at", "leaves_at", "pinned"),
            *("county_code", "institution_id", "name", "address", "place_name"),
            *("longitude", "latitude", "chosen_by", "score", "reasons"),
        ),
        ("visit_on", "team", "sequence"),
    ),
)


def digest(conn: Connection, plan_id: int) -> str:
    """Return the SHA-256 of a plan as it is stored: JSON in one order, whichever the database.

    Raises:
        NoResultFound: there is no such plan.
    """
    columns = (visit_plan.c[name] for name in _PLAN)
    plan = conn.execute(select(*columns).where(visit_plan.c.id == plan_id)).one()
    content: dict[str, Any] = {"plan": plan._asdict()}
    for table, names, order in _SEALED:
        stmt = (
            select(*(table.c[name] for name in names))
            .where(table.c.visit_plan_id == plan_id)
            .order_by(*(table.c[name] for name in order))
        )
        content[table.name] = [row._asdict() for row in conn.execute(stmt)]
    said = json.dumps(
        content,
        allow_nan=False,
        default=_plain,
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    return hashlib.sha256(said.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be sealed")


_CHILDREN: Final = tuple(table.name for table, _, _ in _SEALED)
_MAY_CHANGE: Final = frozenset({"status", "released_by", "released_at", "row_version"})


def protect(conn: Connection) -> None:
    """Let the database itself refuse to change a plan that is sealed; again at no cost.

    Of a sealed plan nothing may change but that it is released, and of a released one
    nothing; its candidates, teams and stops can be neither added to, changed nor deleted. A
    plan's seed stays what it was at the first draw, and only a draft can be sealed or
    deleted. This stands before the owner of the tables, too.
    """
    take_down(conn)
    for statement in _on_sqlite() if conn.dialect.name == "sqlite" else _ON_POSTGRESQL:
        conn.execute(text(statement))


def take_down(conn: Connection) -> None:
    """Let migrations change the tables, which SQLite would not while triggers name columns."""
    if conn.dialect.name != "sqlite":
        return
    stmt = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'visit%seal%'")
    for name in conn.scalars(stmt).all():
        conn.execute(text(f"DROP TRIGGER {name}"))


def _on_sqlite() -> list[str]:
    abort = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    is_sealed = "visit_plan WHERE id IN ({}) AND status <> 'draft'"
    kept = " OR ".join(
        f"NEW.{name} IS NOT OLD.{name}"
        for name in visit_plan.c.keys()  # noqa: SIM118 - not a dict
        if name not in _MAY_CHANGE
    )
    is_release = f"OLD.status = 'sealed' AND NEW.status = 'released' AND NOT ({kept})"
    is_draft = (
        "OLD.status = 'draft' AND NEW.status IN ('draft', 'sealed')"
        " AND (OLD.seed IS NULL OR NEW.seed IS OLD.seed)"
    )
    statements = [
        f"CREATE TRIGGER visit_plan_seal_update BEFORE UPDATE ON visit_plan"
        f" WHEN NOT ({is_release}) AND NOT ({is_draft}) {abort}",
        f"CREATE TRIGGER visit_plan_seal_delete BEFORE DELETE ON visit_plan"
        f" WHEN OLD.status <> 'draft' {abort}",
        # INSERT OR REPLACE deletes without asking the trigger before.
        "CREATE TRIGGER visit_plan_seal_insert BEFORE INSERT ON visit_plan"  # noqa: S608 - our own
        f" WHEN EXISTS (SELECT 1 FROM {is_sealed.format('NEW.id')}) {abort}",
    ]
    for table in _CHILDREN:
        for what, rows in (("INSERT", "NEW"), ("UPDATE", "OLD NEW"), ("DELETE", "OLD")):
            plans = ", ".join(f"{row}.visit_plan_id" for row in rows.split())
            statements.append(
                f"CREATE TRIGGER {table}_seal_{what.lower()} BEFORE {what} ON {table}"  # noqa: S608
                f" WHEN EXISTS (SELECT 1 FROM {is_sealed.format(plans)}) {abort}"
            )
    return statements


_LESS: Final = " - ".join(f"'{name}'" for name in sorted(_MAY_CHANGE))
_ON_POSTGRESQL: Final = [
    f"""
    CREATE OR REPLACE FUNCTION refuse_to_change_a_sealed_plan() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF OLD.status = 'draft' AND (TG_OP = 'DELETE' OR (
            NEW.status IN ('draft', 'sealed')
            AND (OLD.seed IS NULL OR NEW.seed IS NOT DISTINCT FROM OLD.seed)
        )) THEN
            RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.status = 'sealed' AND NEW.status = 'released'
            AND to_jsonb(NEW) - {_LESS} = to_jsonb(OLD) - {_LESS}
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{REFUSAL}';
    END $$
    """,
    # The plan is locked, so that it cannot be sealed while something is added to it.
    """
    CREATE OR REPLACE FUNCTION refuse_to_change_what_is_sealed() RETURNS trigger
    LANGUAGE plpgsql AS
    $$ DECLARE
        state text;
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            SELECT status INTO state FROM visit_plan WHERE id = OLD.visit_plan_id FOR SHARE;
            IF state <> 'draft' THEN RAISE EXCEPTION '%', TG_ARGV[0]; END IF;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            SELECT status INTO state FROM visit_plan WHERE id = NEW.visit_plan_id FOR SHARE;
            IF state <> 'draft' THEN RAISE EXCEPTION '%', TG_ARGV[0]; END IF;
            RETURN NEW;
        END IF;
        RETURN OLD;
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION refuse_to_empty_the_plans() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
    """,
    """
    CREATE OR REPLACE TRIGGER visit_plan_seal BEFORE UPDATE OR DELETE ON visit_plan
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_a_sealed_plan()
    """,
    *(
        f"""
        CREATE OR REPLACE TRIGGER {table}_seal BEFORE INSERT OR UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION refuse_to_change_what_is_sealed('{REFUSAL}')
        """
        for table in _CHILDREN
    ),
    *(
        f"""
        CREATE OR REPLACE TRIGGER {table}_seal_truncate BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_empty_the_plans()
        """
        for table in ("visit_plan", *_CHILDREN)
    ),
]
