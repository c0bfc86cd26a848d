"""The page of plans: drawn, routed, changed, sealed; and nothing of it for anybody else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Files, OpenPage
from ui.visits import board, drafting, routing

SCRIPT, ACCOUNT = "pages/enforcement/visit_plans.py", "supervisor@demo"
SEED = 7
REASON = "已经停业搬走，另有佐证"


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Routes are sought for half a second, good ones are not asked for here; one lot for all."""
    monkeypatch.setattr(routing, "SECONDS", 0.5)
    monkeypatch.setattr(drafting.secrets, "randbelow", lambda limit: SEED)


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> dict[str, int | None]:
    """Which stop is chosen in the list; AppTest can choose none in a table."""
    rows: dict[str, int | None] = {"row": None}
    show = board.tables.show

    class Tables:
        @staticmethod
        def show(built: Any, *, select: bool = False, **options: Any) -> int | None:
            show(built, select=select, **options)
            return rows["row"] if select else None

    monkeypatch.setattr(board, "tables", Tables)
    return rows


def rows_of(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as db:
        return db.execute(sql).fetchall()


def press(page: AppTest, label: str) -> AppTest:
    button = next(each for each in page.button if each.label == label)
    return button.click().run()


def draw(open_page: OpenPage, **asked: Any) -> AppTest:
    page = open_page(SCRIPT, ACCOUNT)
    for key, value in {"stops": 6, **asked}.items():
        kind = page.multiselect if key == "from" else page.number_input
        kind(key=f"visits.{key}").set_value(value)
    return press(page, "抽签并建立计划")


def routed(open_page: OpenPage) -> AppTest:
    return press(draw(open_page), "排路线")


def stops(database_url: str) -> pd.DataFrame:
    columns = ["ordinal", "team", "sequence", "chosen_by", "pinned"]
    rows = rows_of(database_url, f"SELECT {', '.join(columns)} FROM visit_stop ORDER BY 2, 3")  # noqa: S608
    return pd.DataFrame(rows, columns=columns)


def test_draft_is_drawn_with_a_logged_seed_and_says_who_goes(
    open_page: OpenPage, database_url: str
) -> None:
    page = draw(open_page)

    assert not page.exception
    assert not page.error
    assert "1 号计划（草稿）" in page.subheader[0].value
    assert "还没有排路线" in page.subheader[0].value
    assert "第 1 组" in page.text[0].value
    assert "第 2 组" in page.text[0].value
    [(seed,)] = rows_of(database_url, "SELECT seed FROM visit_plan")
    [(target, detail)] = rows_of(
        database_url, "SELECT target, detail FROM audit_event WHERE action = 'plan_draw'"
    )
    assert target == "暗访计划 1"
    assert json.loads(detail)["seed"] == str(seed)


def test_candidates_are_listed_by_rank_with_a_reason_for_their_points(open_page: OpenPage) -> None:
    page = draw(open_page)
    listed = page.dataframe[-1].value

    assert listed["次序"].tolist() == list(range(1, len(listed) + 1))
    assert listed["风险分"].is_monotonic_decreasing
    assert listed["得分理由"].iloc[0].count("分）") >= 2
    assert sorted(listed["抽签次序"]) == list(range(1, len(listed) + 1))


def test_opening_a_plan_is_logged_once_and_names_no_place(
    open_page: OpenPage, database_url: str
) -> None:
    page = draw(open_page)
    page.run()

    opened = rows_of(database_url, "SELECT target FROM audit_event WHERE action = 'plan_open'")
    assert opened == [("暗访计划 1",)]


def test_routes_take_in_the_drawn_and_the_best_and_say_how_each_was_chosen(
    open_page: OpenPage, database_url: str
) -> None:
    page = routed(open_page)
    found = stops(database_url)

    assert not page.exception
    assert "排入 6 处（抽签 2 处、风险 4 处）" in page.subheader[0].value
    assert sorted(found["chosen_by"].value_counts().items()) == [("random", 2), ("risk", 4)]
    drawn = rows_of(database_url, "SELECT ordinal FROM visit_candidate WHERE drawn_order <= 2")
    assert set(found.loc[found["chosen_by"] == "random", "ordinal"]) == {n for (n,) in drawn}


def test_stop_that_is_held_stays_where_it_is_when_routes_are_sought_again(
    open_page: OpenPage, database_url: str, chosen: dict[str, int | None]
) -> None:
    page = routed(open_page)
    chosen["row"] = 0
    page.run()

    press(page, "固定在此组此日")
    held = stops(database_url)
    assert held["pinned"].sum() == 1
    [ordinal], [team] = (held.loc[held["pinned"] == 1, name] for name in ("ordinal", "team"))
    press(page, "重排路线")

    again = stops(database_url).set_index("ordinal")
    assert again.loc[ordinal, "team"] == team
    assert again["pinned"].sum() == 1


def test_stop_that_cannot_be_held_where_it_should_be_stays_and_is_told(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any]
) -> None:
    page = routed(open_page)
    before = stops(database_url)
    chosen["row"] = 0
    page.run()
    nowhere = pd.DataFrame(columns=["ordinal", "visit_on", "team", "why"])

    def lose_it(*_: Any, **__: Any) -> Any:
        return routing.Routes(nowhere[["ordinal", "visit_on", "team"]], nowhere, (), 0.0, 0.0)

    monkeypatch.setattr(routing, "plan_routes", lose_it)
    press(page, "换过去并重排")

    assert "不能由第" in page.error[0].value
    assert stops(database_url).equals(before)


def test_drawn_place_leaves_for_a_reason_alone_and_the_next_of_its_lot_comes(
    open_page: OpenPage, database_url: str, chosen: dict[str, int | None]
) -> None:
    page = routed(open_page)
    before = stops(database_url)
    chosen["row"] = int(before.index[before["chosen_by"] == "random"][0])
    left = int(before["ordinal"].iloc[chosen["row"]])
    page.run()

    press(page, "撤下并重排")
    assert "理由" in page.error[0].value
    assert left in set(stops(database_url)["ordinal"])

    drop = next(each for each in page.text_input if each.key.endswith("drop.reason"))
    drop.set_value(REASON)
    chosen["row"] = int(before.index[before["ordinal"] == left][0])
    press(page, "撤下并重排")

    after = stops(database_url)
    assert left not in set(after["ordinal"])
    assert (after["chosen_by"] == "random").sum() == 2
    stored = rows_of(
        database_url, "SELECT left_reason FROM visit_candidate WHERE left_reason IS NOT NULL"
    )
    assert stored == [(REASON,)]
    log = rows_of(database_url, "SELECT target, detail FROM audit_event")
    assert REASON not in str(log)


def test_sealed_plan_gives_its_sheets_and_takes_no_change(
    open_page: OpenPage, database_url: str, files: Files
) -> None:
    page = press(routed(open_page), "确认封存")

    assert "已封存" in page.subheader[0].value
    assert not {"排路线", "重排路线", "确认封存"} & {each.label for each in page.button}
    assert files["暗访计划1_第1组工作单.pdf"]().startswith(b"%PDF")
    assert files["暗访计划1_工作单.xlsx"]().startswith(b"PK")
    exported = rows_of(
        database_url, "SELECT target, detail FROM audit_event WHERE action = 'export'"
    )
    assert [(target, json.loads(detail)["what"]) for target, detail in exported] == [
        ("暗访计划 1", "暗访工作单"),
        ("暗访计划 1", "暗访工作单"),
    ]


def test_draft_that_is_given_up_leaves_nothing_but_its_line_in_the_log(
    open_page: OpenPage, database_url: str
) -> None:
    page = press(draw(open_page), "确认删除草稿")

    assert "草稿已删除" in page.success[0].value
    assert page.selectbox(key="plan").value == "新计划"
    assert rows_of(database_url, "SELECT count(*) FROM visit_candidate") == [(0,)]


def test_plan_after_a_draft_that_was_given_up_shows_nothing_of_it(
    open_page: OpenPage, database_url: str
) -> None:
    page = press(draw(open_page), "确认删除草稿")
    page.multiselect(key="county").set_value(["450224"]).run()
    page.number_input(key="visits.stops").set_value(3)
    page = press(page, "抽签并建立计划")

    assert rows_of(database_url, "SELECT id FROM visit_plan") == [(2,)]
    assert set(page.dataframe[-1].value["县区"]) == {"融安县"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"from": []}, "至少选一个出发地"), ({"teams": 8, "size": 6}, "可派人员只有 30 人")],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(
    open_page: OpenPage, database_url: str, asked: dict[str, Any], said: str
) -> None:
    page = draw(open_page, **asked)

    assert said in page.error[0].value
    assert rows_of(database_url, "SELECT count(*) FROM visit_plan") == [(0,)]


def test_change_by_somebody_else_meanwhile_is_told_and_nothing_is_lost(
    open_page: OpenPage, database_url: str
) -> None:
    page = routed(open_page)
    other = open_page(SCRIPT, ACCOUNT, plan=page.query_params["plan"])
    press(other, "重排路线")

    press(page, "确认封存")

    assert "刚刚有人改动" in page.warning[0].value
    assert rows_of(database_url, "SELECT status FROM visit_plan") == [("draft",)]
    press(page, "确认封存")
    assert rows_of(database_url, "SELECT status FROM visit_plan") == [("sealed",)]


def test_officer_is_added_changed_and_stood_down(
    open_page: OpenPage, database_url: str, chosen: dict[str, int | None]
) -> None:
    page = open_page(SCRIPT, ACCOUNT)
    page.text_input[0].set_value("检查员癸")
    page.text_input[1].set_value("教育局")
    press(page, "保存")

    assert "人员名单已保存" in page.success[0].value
    added = "SELECT home_county, active FROM officer WHERE name = '检查员癸'"
    assert (None, 1) in rows_of(database_url, added)
