"""Plans and what they find behind both walls, and a seal that stands before the owner, too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, func, select, text, update
from sqlalchemy.exc import DBAPIError

from data_access import migration, schema, summaries, visit_plans, visit_seals
from data_access.__main__ import main
from data_access.accounts import User
from data_access.connections import reading
from data_access.schema import visit_plan, visit_stop
from data_access.scope import Scope
from data_access.visit_plan_changes import delete_draft, release, save_stops, seal
from data_access.visit_results import record, results
from data_access.visit_writing import PlanError
from data_access.weekly import weekly_counts
from tests.data_access.test_visit_plans import CHANGES
from tests.data_access.visits import (
    ADMIN,
    COUNTY,
    FIRST,
    LEADER,
    LOT,
    SUPERVISOR,
    add_accounts,
    an_office,
    candidates,
    draft,
    sealed,
    stop_ids,
    stops,
    teams,
)
from tests.databases import PostgresDatabase, PostgresServer, forget_engines, postgres_database
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres

EVERYTHING = Scope.city(unreleased=True)
AS_OF = date(2022, 9, 1)
TABLES = (schema.visit_plan, schema.visit_candidate, schema.visit_team, schema.visit_stop)
BORN = (schema.inspection, schema.rectification, schema.rectification_event)


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[PostgresDatabase]:
    """A database of each test's own: what is sealed cannot be taken back."""
    with postgres_database(postgres) as database:
        yield database


@pytest.fixture
def owner(
    database: PostgresDatabase, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The owner's way into it; the dashboard reads in its own role, and imports as the owner."""
    owner = connect(database.owner_url)
    migration.upgrade(owner)
    with owner.begin() as conn:
        add_accounts(conn)
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    monkeypatch.setenv("IMPORT_DATABASE_URL", database.owner_url)
    forget_engines()
    yield owner
    forget_engines()
    owner.dispose()


def with_results() -> int:
    """A sealed plan with a violation in the city and a closed door in the south."""
    plan = sealed((3, "risk"))
    city, south, _ = stop_ids(plan)
    violation: dict[str, Any] = {"violation_type": "一对一", "severity": 2, "due_on": AS_OF}
    record(SUPERVISOR, city, "violation", visited_on=FIRST, **violation)
    record(SUPERVISOR, south, "closed_door", visited_on=FIRST)
    return plan


def shown(who: User, *tables: Any) -> list[int]:
    """How many rows of tables the database shows somebody who asks without any condition."""
    with reading(who) as conn:
        return [conn.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def figures(who: User, scope: Scope) -> dict[str, int]:
    with reading(who) as conn:
        return {
            subject: int(weekly_counts(conn, scope=scope, as_of=AS_OF, subject=subject)["n"].sum())
            for subject in ("inspection", "rectification_opened")
        }


def results_of(who: User, scope: Scope) -> pd.DataFrame:
    with reading(who) as conn:
        return results(conn, scope=scope, as_of=AS_OF)


NONE = {"inspection": 0, "rectification_opened": 0}


def test_until_the_release_nobody_else_is_shown_anything(owner: Engine) -> None:
    with_results()

    for who in (LEADER, COUNTY, ADMIN):
        assert shown(who, *TABLES, *BORN, schema.rectification_spell) == [0] * 8
        assert figures(who, who.scope) == figures(who, EVERYTHING) == NONE
        assert results_of(who, EVERYTHING).empty
    assert figures(SUPERVISOR, EVERYTHING) == {"inspection": 2, "rectification_opened": 1}
    assert len(results_of(SUPERVISOR, SUPERVISOR.scope)) == 3


def test_after_it_leaders_read_plan_and_stops_and_a_county_its_own_rows_alone(
    owner: Engine,
) -> None:
    plan = with_results()
    sealed()

    release(SUPERVISOR, plan)

    own = {"inspection": 1, "rectification_opened": 1}
    assert figures(COUNTY, COUNTY.scope) == figures(COUNTY, EVERYTHING) == own
    assert shown(COUNTY, *TABLES) == [0] * 4
    assert shown(COUNTY, *BORN) == [1, 1, 1]
    assert results_of(COUNTY, EVERYTHING).empty
    # Of the two plans the one that is released, and never whom the lot fell on.
    assert shown(LEADER, *TABLES) == [1, 0, 0, 3]
    assert shown(LEADER, *BORN) == [2, 1, 1]
    assert figures(LEADER, LEADER.scope) == {"inspection": 2, "rectification_opened": 1}
    for scope in (LEADER.scope, EVERYTHING):
        found = results_of(LEADER, scope)
        assert found["outcome"].fillna("").tolist() == ["violation", "closed_door", ""]
        assert set(found["plan_id"]) == {plan}
    assert shown(ADMIN, *TABLES, *BORN) == [0] * 7
    with owner.begin() as conn:
        kept = summary(conn)
        summaries.rebuild_all(conn)
        assert summary(conn) == kept


def summary(conn: Connection) -> list[str]:
    return sorted(map(str, conn.execute(select(schema.weekly_summary))))


def test_dashboard_without_the_owner_s_address_writes_nothing_and_says_why(
    owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_engines()
    monkeypatch.delenv("IMPORT_DATABASE_URL")

    with pytest.raises(PlanError, match=r"没有保存。数据库账号 .* 不是表的所有者"):
        draft()

    with owner.connect() as conn:
        assert conn.scalar(select(func.count()).select_from(visit_plan)) == 0


@pytest.mark.parametrize("status", ["sealed", "released"])
def test_database_itself_refuses_to_change_what_is_sealed(owner: Engine, status: str) -> None:
    plan = sealed()
    if status == "released":
        release(SUPERVISOR, plan)
    truncations = [f"TRUNCATE {table.name} CASCADE" for table in TABLES]

    for change in (*CHANGES, *truncations):
        with owner.connect() as conn, pytest.raises(DBAPIError, match=visit_seals.REFUSAL):
            conn.execute(text(change))


def test_drafts_are_changed_and_deleted_with_all_that_belongs_to_them(owner: Engine) -> None:
    kept, plan = sealed(), draft()
    save_stops(SUPERVISOR, plan, stops(*LOT, (3, "risk")), 1)
    save_stops(SUPERVISOR, plan, stops(*LOT), 2)

    delete_draft(SUPERVISOR, plan)

    with owner.connect() as conn:
        assert conn.scalars(select(visit_plan.c.id)).all() == [kept]
        assert set(conn.scalars(select(visit_stop.c.visit_plan_id))) == {kept}


def test_seed_of_a_draft_stays_and_a_draft_is_not_released(owner: Engine) -> None:
    draft()

    for change in ("seed = 8", "seed = NULL", f"status = 'released', digest = '{'0' * 64}'"):
        with owner.connect() as conn, pytest.raises(DBAPIError, match=visit_seals.REFUSAL):
            conn.execute(text(f"UPDATE visit_plan SET {change}"))  # noqa: S608


def test_stop_that_is_added_while_a_plan_is_sealed_waits_and_is_refused(owner: Engine) -> None:
    plan = draft()
    save_stops(SUPERVISOR, plan, stops(*LOT), 1)
    add = text(
        "INSERT INTO visit_stop (visit_plan_id, visit_on, team, sequence, county_code, chosen_by)"
        " SELECT id, first_day, 9, 9, '450202', 'risk' FROM visit_plan"
    )

    def add_it() -> None:
        with owner.begin() as conn:
            conn.execute(add)

    with ThreadPoolExecutor(1) as other:
        with owner.begin() as conn:
            conn.execute(update(visit_plan).values(status="sealed", digest="0" * 64))
            waiting = other.submit(add_it)
            while not conn.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                assert not waiting.done()
        with pytest.raises(DBAPIError, match=visit_seals.REFUSAL):
            waiting.result()


def test_two_who_seal_at_once_seal_once(owner: Engine) -> None:
    plan = draft()
    version = save_stops(SUPERVISOR, plan, stops(*LOT), 1)

    with ThreadPoolExecutor(2) as both:
        tried = [both.submit(seal, SUPERVISOR, plan, version) for _ in range(2)]
    failed = [each.exception() for each in tried if each.exception()]

    assert [type(each) for each in failed] == [PlanError]
    with owner.connect() as conn:
        sealings = select(func.count()).where(schema.audit_event.c.action == "plan_seal")
        assert conn.scalar(sealings) == 1


def test_digest_is_the_same_on_either_database_and_verified_by_the_owner(
    owner: Engine,
    database: PostgresDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def digest(plan: int) -> str | None:
        with reading(SUPERVISOR) as conn:
            found = visit_plans.plan(conn, scope=EVERYTHING, plan_id=plan)
        assert found is not None
        return found.digest

    plan = sealed((6, "must"))
    here = digest(plan)
    draws = ModuleType("analysis.draws")
    draws.DrawError = Exception  # type: ignore[attr-defined]
    draws.draw_places = lambda *_, **__: candidates()["drawn_order"]  # type: ignore[attr-defined]
    draws.draw_teams = lambda *_, **__: teams()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "analysis.draws", draws)
    monkeypatch.setenv("DATABASE_URL", database.owner_url)

    assert main(["verify-plan", str(plan)]) == 0
    assert "全部相符" in capsys.readouterr().out

    forget_engines()
    monkeypatch.delenv("IMPORT_DATABASE_URL")
    with an_office(tmp_path, monkeypatch):
        assert digest(sealed((6, "must"))) == here
