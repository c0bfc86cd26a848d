"""``verify-plan`` finds an honest plan honest, and whatever was done to another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from data_access import migration, visit_seals
from data_access.__main__ import main
from data_access.engine import get_engine
from data_access.visit_plan_changes import delete_draft, release, save_stops, seal, withdraw
from tests.data_access.visits import (
    OFFICERS,
    PARAMETERS,
    SUPERVISOR,
    an_office,
    candidates,
    draft,
    sealed,
    stops,
    teams,
)

HONEST = (
    *("计划的内容与封存时的摘要", "访问日志中的抽签", "访问日志中的封存"),
    *("按种子重抽地点（6 个候选）", "按种子重抽小组（1 组）", "线路与抽签结果"),
)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Draw what the plans of these tests hold, and keep what was asked for."""
    asked: dict[str, Any] = {}

    def draw_places(found: pd.DataFrame, *, number: int, seed: int) -> pd.Series[Any]:
        asked["places"] = (number, seed, found["must"].tolist())
        return candidates()["drawn_order"]

    def draw_teams(officers: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
        known = officers.astype(object).where(officers.notna(), None)
        asked["teams"] = (known.to_dict("records"), wanted)
        return teams()[["team", "officers"]]

    draws = ModuleType("analysis.draws")
    draws.draw_places, draws.draw_teams = draw_places, draw_teams  # type: ignore[attr-defined]
    draws.DrawError = type("DrawError", (Exception,), {})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "analysis.draws", draws)
    return asked


Said = Callable[[int], tuple[int, str]]


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Said:
    """Run the command; return its exit code and what it said, there or here."""

    def verify(plan: int) -> tuple[int, str]:
        code = main(["verify-plan", str(plan)])
        said = capsys.readouterr()
        assert bool(said.out) == (code == 0)
        return code, said.out + said.err

    return verify


def forge(statement: str) -> None:
    """Change what is sealed, as somebody may who takes the triggers down."""
    with get_engine().begin() as conn:
        visit_seals.take_down(conn)
        for name in ("audit_event_no_update", "audit_event_no_delete"):
            conn.execute(text(f"DROP TRIGGER {name}"))
        conn.execute(text(statement))
        visit_seals.protect(conn)


def wrong_in(said: str) -> list[str]:
    lines = said.splitlines()
    return [line.removeprefix("不符：") for line in lines if line.startswith("不符：")]


@pytest.mark.parametrize("is_released", [False, True])
def test_honest_plan_is_found_honest(verify: Said, is_released: bool) -> None:
    plan = sealed((3, "risk"), (6, "must"))
    if is_released:
        release(SUPERVISOR, plan)

    code, said = verify(plan)

    assert code == 0
    assert [line for line in said.splitlines() if line.startswith("相符：")] == [
        f"相符：{title}" for title in HONEST
    ]
    assert f"暗访计划 {plan}" in said
    assert ("已公布" if is_released else "已封存") in said
    assert said.endswith("全部相符：抽签如实，封存后没有改动。\n")


def test_drafts_that_were_drawn_and_given_up_before_are_named(verify: Said) -> None:
    given_up = draft()
    delete_draft(SUPERVISOR, given_up)
    plan = sealed()

    code, said = verify(plan)

    assert plan != given_up
    assert code == 0
    hint = said.split("提示：")[1]
    assert f"暗访计划 {given_up}，" in hint
    assert f"暗访计划 {plan}，" not in hint


def test_lots_are_drawn_again_by_what_is_stored(verify: Said, asked: dict[str, Any]) -> None:
    verify(sealed())

    assert asked["places"] == (PARAMETERS["stops_by_lot"], 7, [False] * 5 + [True])
    officers, wanted = asked["teams"]
    assert officers == [{**each, "active": True} for each in OFFICERS]
    assert wanted == {"teams": 1, "size": 2, "seed": 7, "counties": PARAMETERS["counties"]}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE visit_candidate SET score = 99 WHERE ordinal = 3", [0]),
        ("UPDATE visit_stop SET arrives_at = '10:00:00.000000' WHERE sequence = 1", [0]),
        ("UPDATE visit_team SET ends_at = '21:00:00.000000'", [0]),
        ("UPDATE visit_plan SET last_day = '2022-08-27'", [0]),
        ("UPDATE visit_plan SET digest = 'x'", [0, 2]),
        ("UPDATE visit_plan SET seed = 8", [0, 1, 2]),
        ("UPDATE visit_candidate SET drawn_order = 9 - drawn_order", [0, 3, 5]),
        ("UPDATE visit_candidate SET left_reason = 'x' WHERE ordinal = 1", [0, 5]),
        ("""UPDATE visit_team SET officers = '[{"name":"甲","department":"乙"}]'""", [0, 4]),
        ("DELETE FROM visit_stop WHERE ordinal = 1", [0, 5]),
        ("DELETE FROM audit_event WHERE action = 'plan_draw'", [1]),
        ("DELETE FROM audit_event WHERE action = 'plan_seal'", [2]),
        ("UPDATE audit_event SET detail = replace(detail, '7', '8')", [1, 2]),
    ],
)
def test_whatever_was_done_is_found(verify: Said, statement: str, found: list[int]) -> None:
    plan = sealed()
    forge(statement)

    code, said = verify(plan)

    assert code == 2
    assert wrong_in(said) == [HONEST[at] for at in found]
    assert f"有 {len(found)} 项不符" in said


def test_other_lot_is_named(
    verify: Said, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    other = candidates()["drawn_order"].replace({1: 2, 2: 1})
    monkeypatch.setattr(sys.modules["analysis.draws"], "draw_places", lambda *_, **__: other)

    _, said = verify(sealed())

    assert "候选第 1 号：存为抽签第 2 个，重抽为抽签第 1 个" in said


def test_teams_that_cannot_be_drawn_are_told(
    verify: Said, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    draws = sys.modules["analysis.draws"]

    def fail(*_: object, **__: object) -> None:
        raise draws.DrawError("人员不够")

    monkeypatch.setattr(draws, "draw_teams", fail)

    assert "按留存的名单抽不出小组：人员不够" in verify(sealed())[1]


def test_who_left_for_a_reason_is_honest(verify: Said) -> None:
    plan = draft()
    withdraw(SUPERVISOR, plan, 1, "该处已经拆迁")
    save_stops(SUPERVISOR, plan, stops((2, "random"), (3, "random")), 2)
    seal(SUPERVISOR, plan, 3)

    assert verify(plan)[0] == 0


def test_number_of_a_deleted_draft_says_nothing_of_the_plan_that_has_it_now(
    verify: Said,
) -> None:
    first = draft(seed=9)
    delete_draft(SUPERVISOR, first)

    assert verify(sealed())[0] == 0


def test_draft_and_number_of_no_plan_are_refused(verify: Said) -> None:
    assert verify(draft()) == (2, "暗访计划 1 还是草稿，封存后才能核对\n")
    assert verify(9) == (2, "没有编号为 9 的暗访计划\n")


def test_database_that_is_not_current_is_refused(
    verify: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migration.downgrade(get_engine())
    assert verify(1) == (2, "数据库不是最新结构。请先运行 python -m data_access migrate\n")

    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert verify(1)[0] == 2
    assert not (tmp_path / "none.db").exists()


def test_what_is_no_number_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify-plan", "甲"])

    assert ended.value.code == 2
    assert "ID 应为数字，不能是 '甲'" in capsys.readouterr().err
