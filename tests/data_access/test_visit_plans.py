"""Plans as they are stored: drawn once, changed under a lock, sealed for good, seen by few."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from data_access import migration, versions, visit_plans, visit_seals
from data_access.accounts import User
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.schema import (
    account,
    audit_event,
    visit_candidate,
    visit_plan,
    visit_stop,
    visit_team,
)
from data_access.scope import Scope
from data_access.visit_plan_changes import create, delete_draft, release, save_stops, seal, withdraw
from data_access.visit_plans import Booked, Plan
from data_access.visit_writing import PlanError
from tests import factories as make
from tests.data_access.visits import (
    ADMIN,
    COUNTY,
    FIRST,
    LAST,
    LEADER,
    LOT,
    OFFICERS,
    PARAMETERS,
    SUPERVISOR,
    an_office,
    candidates,
    draft,
    logged,
    sealed,
    stops,
    teams,
)
from tests.factories import CITY, SOUTH

WHY = "该处已经拆迁，现场无人"
TABLES = (visit_plan, visit_candidate, visit_team, visit_stop)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


def read(function: Callable[..., Any], *, scope: Scope = SUPERVISOR.scope, **asked: Any) -> Any:
    with reading(SUPERVISOR) as conn:
        return function(conn, scope=scope, **asked)


def plan_of(number: int) -> Plan:
    found = read(visit_plans.plan, plan_id=number)
    assert isinstance(found, Plan)
    return found


def current_version() -> int:
    with get_engine().connect() as conn:
        return versions.current(conn)


def how_many() -> dict[str, int]:
    with get_engine().connect() as conn:
        return {
            table.name: conn.scalar(select(func.count()).select_from(table)) or 0
            for table in TABLES
        }


class TestDraft:
    def test_is_read_as_it_was_drawn(self) -> None:
        number = draft()

        found = plan_of(number)
        assert (found.first_day, found.last_day, found.status) == (FIRST, LAST, "draft")
        assert (found.seed, found.parameters, found.row_version) == (7, PARAMETERS, 1)
        assert found.created_by == SUPERVISOR.email
        expected = candidates()
        stored = read(visit_plans.candidates, plan_id=number)
        assert_frame_equal(stored, expected.astype({"longitude": "float64"}), check_dtype=False)
        assert stored.dtypes.astype(str).to_dict() == visit_plans.CANDIDATE
        assert_frame_equal(read(visit_plans.teams, plan_id=number), teams())

    def test_parameters_are_kept_whatever_kind_of_number_or_day_they_are(self) -> None:
        chosen = {"first": date(2022, 8, 25), "at": time(8, 30), "share": np.float64(0.2)}
        chosen |= {"none": float("nan"), "codes": {CITY, SOUTH}}
        number = draft(parameters=PARAMETERS | chosen | {"stops_by_lot": np.int64(2)})

        kept = plan_of(number).parameters
        assert kept == PARAMETERS | {
            "first": "2022-08-25",
            "at": "08:30:00",
            "share": 0.2,
            "none": None,
            "codes": [CITY, SOUTH],
        }

    def test_seed_is_logged_at_the_draw_and_no_place(self) -> None:
        number = draft()

        [(who, action, target, detail)] = logged()
        assert (who, action, target) == (SUPERVISOR.email, "plan_draw", f"暗访计划 {number}")
        assert json.loads(str(detail)) == {"seed": "7"}

    def test_figures_are_not_asked_for_again_because_of_it(self) -> None:
        before = current_version()

        save_stops(SUPERVISOR, draft(), stops(*LOT), 1)

        assert current_version() == before

    @pytest.mark.parametrize(
        "wrong",
        [
            {"seed": -1},
            {"seed": 2**31},
            {"parameters": {k: v for k, v in PARAMETERS.items() if k != "officers"}},
            {"candidates": candidates().assign(ordinal=[1, 2, 3, 4, 5, 5])},
            {"candidates": candidates().assign(drawn_order=pd.Series([1, 2, 3, 4, 4, None]))},
            {"candidates": candidates().drop(columns="reasons")},
        ],
    )
    def test_what_was_not_drawn_is_no_plan(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError):  # noqa: PT011
            draft(**wrong)

        assert not any(how_many().values())

    def test_days_in_no_order_and_no_candidates_are_refused_in_words(self) -> None:
        with pytest.raises(PlanError, match="早于第一天"):
            draft(first_day=LAST, last_day=FIRST)
        with pytest.raises(PlanError, match="没有候选地点"):
            draft(candidates=candidates().iloc[:0])

    def test_seed_stays_what_it_was_whoever_writes(self) -> None:
        number = draft()
        stmt = update(visit_plan).where(visit_plan.c.id == number)

        for seed in (8, None):
            with (
                pytest.raises(IntegrityError, match=visit_seals.REFUSAL),
                get_engine().begin() as conn,
            ):
                conn.execute(stmt.values(seed=seed))

        assert plan_of(number).seed == 7

    def test_is_deleted_with_all_that_belongs_to_it(self) -> None:
        number, kept = draft(), draft()
        save_stops(SUPERVISOR, number, stops(*LOT), 1)

        delete_draft(SUPERVISOR, number)

        assert how_many() == {
            "visit_plan": 1,
            "visit_candidate": 6,
            "visit_team": 1,
            "visit_stop": 0,
        }
        assert plan_of(kept).status == "draft"
        assert logged()[-1][1:3] == ("plan_change", f"暗访计划 {number}")
        with pytest.raises(PlanError, match="没有这个暗访计划"):
            delete_draft(SUPERVISOR, number)


class TestStops:
    def test_are_read_as_they_were_saved_and_replace_the_earlier(self) -> None:
        number = draft()
        save_stops(SUPERVISOR, number, stops(*LOT, (3, "risk")), 1)

        version = save_stops(SUPERVISOR, number, stops(*LOT, (6, "must")), 2)

        assert version == plan_of(number).row_version == 3
        found = read(visit_plans.stops, plan_id=number)
        assert_frame_equal(found.drop(columns="stop_id"), stops(*LOT, (6, "must")))
        assert found["stop_id"].is_unique
        with get_engine().connect() as conn:
            row = conn.execute(select(visit_stop).where(visit_stop.c.ordinal == 2)).one()
        assert (row.county_code, row.name, row.score) == (SOUTH, "角宿2号楼", 5.0)
        assert row.reasons == ["属实举报 1 件（+1 分）"]

    def test_of_a_plan_that_has_changed_meanwhile_are_not_saved(self) -> None:
        number = draft()
        save_stops(SUPERVISOR, number, stops(*LOT), 1)

        with pytest.raises(PlanError, match="计划刚刚有改动"):
            save_stops(SUPERVISOR, number, stops((3, "risk")), 1)

        assert list(read(visit_plans.stops, plan_id=number)["ordinal"]) == [1, 2]

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            (stops((9, "risk")), "没有第 9 号"),
            (stops((1, "random"), (1, "random")), "排了两次"),
            (stops((1, "must")), "是否必到"),
            (stops((6, "risk")), "是否必到"),
            (stops((1, "random"), (2, "random")).assign(sequence=1), "次序相同"),
            (stops((1, "random")).assign(team=2), "没有第 2 组"),
            (stops((1, "random")).assign(visit_on=pd.Timestamp("2022-08-24")), "日期之内"),
            (stops((1, "random")).assign(visit_on=pd.Timestamp("2022-08-27")), "日期之内"),
        ],
    )
    def test_that_the_plan_does_not_hold_are_refused(self, wrong: pd.DataFrame, why: str) -> None:
        number = draft()

        with pytest.raises(PlanError, match=why):
            save_stops(SUPERVISOR, number, wrong, 1)

        assert plan_of(number).row_version == 1

    def test_must_is_not_drawn(self) -> None:
        with pytest.raises(PlanError, match="第 6 号"):
            save_stops(SUPERVISOR, draft(), stops((6, "random")), 1)


class TestWithdrawal:
    def test_keeps_its_reason_takes_the_stop_and_tells_the_log_neither(self) -> None:
        number = draft()
        save_stops(SUPERVISOR, number, stops(*LOT), 1)

        assert withdraw(SUPERVISOR, number, 2, f" {WHY}\n") == 3

        found = read(visit_plans.candidates, plan_id=number).set_index("ordinal")
        assert list(found["left_reason"].dropna().items()) == [(2, WHY)]
        assert list(read(visit_plans.stops, plan_id=number)["ordinal"]) == [1]
        _, action, target, detail = logged()[-1]
        assert (action, target) == ("plan_change", f"暗访计划 {number}")
        assert json.loads(str(detail)) == {"what": "撤出抽中的地点", "drawn_order": 1}

    @pytest.mark.parametrize("reason", ["", "拆迁了", " 拆 \n 迁 ", "拆" * 201])
    def test_reason_is_five_to_two_hundred_characters(self, reason: str) -> None:
        number = draft()

        with pytest.raises(PlanError, match="5 到 200 个字"):
            withdraw(SUPERVISOR, number, 2, reason)

        assert plan_of(number).row_version == 1

    def test_is_of_the_lot_alone_and_once(self) -> None:
        number = draft()
        withdraw(SUPERVISOR, number, 2, "拆迁了拆迁")

        for ordinal, why in ((6, "不是抽签"), (7, "不是抽签"), (2, "已经撤出")):
            with pytest.raises(PlanError, match=why):
                withdraw(SUPERVISOR, number, ordinal, WHY)
        with pytest.raises(PlanError, match="已写明理由撤出"):
            save_stops(SUPERVISOR, number, stops((2, "random")), 2)


class TestSeal:
    def test_is_logged_with_digest_and_seed(self) -> None:
        before = current_version()
        number = sealed((3, "risk"), (6, "must"))

        found = plan_of(number)
        assert (found.status, found.sealed_by) == ("sealed", SUPERVISOR.email)
        assert found.sealed_at is not None
        _, action, target, detail = logged()[-1]
        assert (action, target) == ("plan_seal", f"暗访计划 {number}")
        assert json.loads(str(detail)) == {"digest": found.digest, "seed": "7"}
        assert current_version() == before  # no figure is another than it was

    def test_digest_is_that_of_all_that_is_planned(self) -> None:
        same = [plan_of(sealed(**each)).digest for each in ({}, {})]
        others = [
            {"seed": 8},
            {"last_day": date(2022, 8, 27)},
            {"parameters": PARAMETERS | {"share": 0.2}},
            {"candidates": candidates().assign(score=1.0)},
            {"teams": teams().assign(start_name="教育局")},
        ]
        different = [plan_of(sealed(**each)).digest for each in others]
        another_stop = plan_of(sealed((3, "risk"))).digest

        assert same[0] == same[1]
        assert len({same[0], *different, another_stop}) == 7

    def test_plan_without_stops_is_not_sealed(self) -> None:
        with pytest.raises(PlanError, match="还没有停靠点"):
            seal(SUPERVISOR, draft(), 1)

    def test_plan_that_changed_meanwhile_is_not_sealed(self) -> None:
        number = draft()
        save_stops(SUPERVISOR, number, stops(*LOT), 1)

        with pytest.raises(PlanError, match="刚刚有改动"):
            seal(SUPERVISOR, number, 1)

        assert plan_of(number).status == "draft"

    @pytest.mark.parametrize(
        ("left", "chosen", "why"),
        [
            ([], [(1, "random")], "抽签第 1 个.*没有排入线路，也没有写明"),
            ([], [*LOT, (3, "random")], "而写明理由撤出的只有 0 个"),
            # Of ordinals 2 and 4, both of the south: 4 was drawn last, and nobody is before it.
            ([2], [(1, "random"), (4, "random")], None),
            ([2], [(1, "random")], None),
            # Of the city are 1, 3 and 5, drawn second, third and fourth.
            ([1], [(2, "random"), (3, "random")], None),
            ([1], [(2, "random"), (5, "random")], "递补的，但同县区先抽出的第 3 个"),
            ([1, 3], [(2, "random"), (5, "random")], None),
            ([1], [(2, "random"), (3, "risk"), (5, "random")], None),
            ([], [(1, "risk"), (2, "random")], None),
        ],
    )
    def test_lot_is_kept_to(
        self, left: list[int], chosen: list[tuple[int, str]], why: str | None
    ) -> None:
        number = draft()
        for ordinal in left:
            withdraw(SUPERVISOR, number, ordinal, WHY)
        version = save_stops(SUPERVISOR, number, stops(*chosen), 1 + len(left))

        if why is None:
            seal(SUPERVISOR, number, version)
        else:
            with pytest.raises(PlanError, match=why):
                seal(SUPERVISOR, number, version)

        assert plan_of(number).status == ("draft" if why else "sealed")

    def test_nothing_is_changed_by_the_dashboard_afterwards(self) -> None:
        number = sealed()
        before = plan_of(number)

        for change in (
            lambda: save_stops(SUPERVISOR, number, stops(*LOT), before.row_version),
            lambda: withdraw(SUPERVISOR, number, 1, WHY),
            lambda: seal(SUPERVISOR, number, before.row_version),
            lambda: delete_draft(SUPERVISOR, number),
        ):
            with pytest.raises(PlanError, match="已封存，不能再改动"):
                change()

        assert plan_of(number) == before


CHANGES = [
    "UPDATE visit_plan SET parameters = '{}'",
    "UPDATE visit_plan SET seed = 8",
    "UPDATE visit_plan SET digest = NULL, status = 'draft'",
    "UPDATE visit_plan SET status = 'draft'",
    "UPDATE visit_plan SET sealed_by = NULL",
    "UPDATE visit_plan SET status = 'released', first_day = '2022-01-01'",
    "DELETE FROM visit_plan",
    "UPDATE visit_candidate SET drawn_order = 9",
    "UPDATE visit_candidate SET left_reason = 'x'",
    "DELETE FROM visit_candidate",
    "UPDATE visit_team SET start_name = 'x'",
    "DELETE FROM visit_team",
    "UPDATE visit_stop SET chosen_by = 'risk'",
    "DELETE FROM visit_stop",
    "INSERT INTO visit_stop (visit_plan_id, visit_on, team, sequence, county_code, chosen_by)"
    " SELECT id, first_day, 9, 9, '450202', 'risk' FROM visit_plan",
    "INSERT INTO visit_candidate (visit_plan_id, ordinal, county_code)"
    " SELECT id, 9, '450202' FROM visit_plan",
]
ON_SQLITE = [
    "INSERT OR REPLACE INTO visit_plan SELECT * FROM visit_plan",
    "INSERT OR REPLACE INTO visit_team SELECT * FROM visit_team",
]


@pytest.mark.parametrize("status", ["sealed", "released"])
@pytest.mark.parametrize("change", [*CHANGES, *ON_SQLITE])
def test_database_itself_refuses_to_change_what_is_sealed(change: str, status: str) -> None:
    number = sealed()
    if status == "released":
        release(SUPERVISOR, number)
    before = plan_of(number), how_many()

    with pytest.raises(IntegrityError, match=visit_seals.REFUSAL), get_engine().begin() as conn:
        conn.execute(text(change))

    assert (plan_of(number), how_many()) == before


def test_stop_of_a_draft_cannot_be_moved_into_a_sealed_plan() -> None:
    number, other = sealed(), draft()
    save_stops(SUPERVISOR, other, stops((3, "risk")), 1)
    into = update(visit_stop).where(visit_stop.c.visit_plan_id == other)

    with pytest.raises(IntegrityError, match=visit_seals.REFUSAL), get_engine().begin() as conn:
        conn.execute(into.values(visit_plan_id=number, sequence=9))


def test_draft_cannot_be_released_whoever_writes() -> None:
    number = draft()

    with pytest.raises(PlanError, match="只有封存后的计划可以公布"):
        release(SUPERVISOR, number)
    released = {"status": "released", "digest": "0" * 64}
    with pytest.raises(IntegrityError, match=visit_seals.REFUSAL), get_engine().begin() as conn:
        conn.execute(update(visit_plan).values(released))


def test_seal_is_put_up_again_at_every_migration() -> None:
    sealed()
    with get_engine().begin() as conn:
        for name in conn.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            conn.execute(text(f"DROP TRIGGER {name}"))

    migration.upgrade(get_engine())
    migration.upgrade(get_engine())

    with pytest.raises(IntegrityError, match=visit_seals.REFUSAL), get_engine().begin() as conn:
        conn.execute(text("DELETE FROM visit_plan"))


class TestReaders:
    @pytest.mark.parametrize("scope", [LEADER.scope, COUNTY.scope, ADMIN.scope])
    def test_scope_without_what_is_unreleased_holds_no_plan(self, scope: Scope) -> None:
        number = sealed()
        release(SUPERVISOR, number)

        assert read(visit_plans.plan, scope=scope, plan_id=number) is None
        assert read(visit_plans.plans, scope=scope).empty
        for query in (visit_plans.candidates, visit_plans.teams, visit_plans.stops):
            assert read(query, scope=scope, plan_id=number).empty
            assert not read(query, plan_id=number).empty

    def test_list_has_the_newest_first(self) -> None:
        numbers = [sealed(), draft()]
        release(SUPERVISOR, numbers[0])

        found = read(visit_plans.plans)

        assert found[["id", "status", "stops"]].to_numpy().tolist() == [
            [numbers[1], "draft", 0],
            [numbers[0], "released", 2],
        ]
        assert list(found["released_at"].notna()) == [False, True]

    def test_counties_narrow_candidates_and_stops(self) -> None:
        number = sealed()
        scope = SUPERVISOR.scope.within((CITY,))

        for query in (visit_plans.candidates, visit_plans.stops):
            assert set(read(query, scope=scope, plan_id=number)["ordinal"]) <= {1, 3, 5}
        assert read(visit_plans.plans, scope=scope)["stops"].tolist() == [1]

    def test_number_of_no_plan_is_none(self) -> None:
        assert read(visit_plans.plan, plan_id=9) is None
        assert read(visit_plans.stops, plan_id=9).empty


class TestBooked:
    """Stops of a sealed plan are the first two candidates, the lot."""

    EVERYBODY = frozenset((each["name"], each["department"]) for each in OFFICERS)
    PLACES = frozenset({f"p:{CITY}:0", f"p:{CITY}:1"})

    def ask(self, first_day: date = FIRST, last_day: date = LAST, **scope: Any) -> Any:
        return read(visit_plans.booked, first_day=first_day, last_day=last_day, **scope)

    def test_sealed_plan_holds_its_officers_and_the_places_that_it_visits(self) -> None:
        sealed()

        assert self.ask() == Booked(self.EVERYBODY, self.PLACES)

    @pytest.mark.parametrize("end", ["draft", "released"])
    def test_draft_and_released_plan_hold_nobody(self, end: str) -> None:
        if end == "released":
            release(SUPERVISOR, sealed())
        else:
            save_stops(SUPERVISOR, draft(), stops(*LOT), 1)

        assert self.ask() == Booked(frozenset(), frozenset())

    def test_officers_are_held_on_its_days_and_places_until_the_release(self) -> None:
        sealed()
        day = timedelta(days=1)

        assert self.ask(FIRST - day, FIRST).officers == self.EVERYBODY
        assert self.ask(LAST, LAST + day).officers == self.EVERYBODY
        for days in ((FIRST - 2 * day, FIRST - day), (LAST + day, LAST + 2 * day)):
            assert self.ask(*days) == Booked(frozenset(), self.PLACES)

    def test_institution_is_held_by_its_number(self) -> None:
        with get_engine().begin() as conn:
            known = make.institution(conn)
        found = candidates()
        found.loc[0, "institution_id"] = known
        sealed(candidates=found)

        assert self.ask().units == {f"i:{known}", f"p:{CITY}:1"}

    @pytest.mark.parametrize("scope", [LEADER.scope, COUNTY.scope, ADMIN.scope])
    def test_others_are_told_of_nothing(self, scope: Scope) -> None:
        sealed()

        assert self.ask(scope=scope) == Booked(frozenset(), frozenset())


WRITES: list[Callable[[User, int], Any]] = [
    lambda who, number: create(
        who,
        first_day=FIRST,
        last_day=LAST,
        parameters=PARAMETERS,
        seed=7,
        candidates=candidates(),
        teams=teams(),
    ),
    lambda who, number: save_stops(who, number, stops(*LOT), 1),
    lambda who, number: withdraw(who, number, 2, WHY),
    lambda who, number: seal(who, number, 1),
    lambda who, number: delete_draft(who, number),
    lambda who, number: release(who, number),
]


@pytest.mark.parametrize("who", [LEADER, COUNTY, ADMIN], ids=lambda who: who.role)
@pytest.mark.parametrize("write", WRITES)
def test_others_are_refused_and_that_is_logged(write: Callable[..., Any], who: User) -> None:
    number = draft()
    before = plan_of(number), how_many()

    with pytest.raises(PlanError, match="账号已不能"):
        write(who, number)

    assert (plan_of(number), how_many()) == before
    assert [each[:2] for each in logged()] == [
        (SUPERVISOR.email, "plan_draw"),
        (who.email, "refused"),
    ]


@pytest.mark.parametrize("change", [{"active": False}, {"role": "leader"}])
def test_account_is_looked_up_at_the_moment_of_writing(change: dict[str, Any]) -> None:
    number = draft()
    with get_engine().begin() as conn:
        conn.execute(update(account).where(account.c.email == SUPERVISOR.email).values(**change))

    with pytest.raises(PlanError, match="账号已不能"):
        withdraw(SUPERVISOR, number, 2, WHY)


def test_nothing_is_kept_that_cannot_be_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("data_access.audit.add", fail)

    with pytest.raises(RuntimeError):
        draft()

    assert not any(how_many().values())
    with get_engine().connect() as conn:
        assert conn.scalar(select(func.count()).select_from(audit_event)) == 0


def test_officers_of_the_lot_are_kept_as_they_stood() -> None:
    assert plan_of(draft()).parameters["officers"] == OFFICERS
