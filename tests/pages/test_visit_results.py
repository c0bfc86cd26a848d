"""暗访结果 on a plan of three stops: entered, corrected, released; and who sees what of it when."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, clock, migration, reachable, summaries
from data_access.engine import connect_to
from data_access.failures import NOT_SAVED
from tests import factories as make
from tests.data_access import visits
from tests.data_access.visits import FIRST, LAST
from tests.factories import CITY, SOUTH, THURSDAY
from tests.outages import without_file
from tests.pages.conftest import OpenPage
from tests.pages.elements import chart_rows, found_in

PAGE, ITEMS = "pages/enforcement/visit_results.py", "pages/ledgers/rectification.py"
ACCOUNT, LEADER, COUNTY = "supervisor@demo", "leader@demo", f"{CITY}@demo"
INSTITUTION, PLACE, NEXT = "甲子培训中心", "角宿2号楼", "角宿3号楼"
REASON = "属实举报 1 件"
OUTCOMES = {"clear": "未发现问题", "violation": "发现违规", "closed_door": "闭门未开"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An institution and a report of the Thursday. Not to be written to."""
    path = tmp_path_factory.mktemp("results") / "city.db"
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        visits.add_accounts(conn)
        make.institution(conn, name=INSTITUTION, name_key=INSTITUTION)
        make.report(conn)  # so that the first choice of day is the Thursday
        summaries.rebuild_all(conn)
    engine.dispose()
    return path


@pytest.fixture
def database_url(city: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(city, tmp_path / 'city.db')}"


def sealed(**changed: Any) -> int:
    """A sealed plan: an institution and a place drawn by lot, a place chosen by its score."""
    drawn = visits.candidates()
    drawn.loc[0, ["institution_id", "name", "category"]] = [1, INSTITUTION, "arts"]
    return visits.sealed((3, "risk"), candidates=drawn, **changed)


@pytest.fixture
def plan(open_page: OpenPage) -> int:
    return sealed()


def rows_of(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as db:
        return db.execute(sql).fetchall()


def press(page: AppTest, label: str) -> AppTest:
    button = next(each for each in page.button if each.label == label)
    return button.click().run()


def choose(page: AppTest, outcome: str) -> AppTest:
    return page.main.button_group[0].set_value(outcome).run()


def field(page: AppTest, kind: str, label: str) -> Any:
    return next(each for each in getattr(page.main, kind) if each.label == label)


def choose_stop(page: AppTest, name: str) -> AppTest:
    stop = field(page, "selectbox", "哪一处")
    return stop.select(next(each for each in stop.options if name in each)).run()


def enter(page: AppTest, outcome: str, stop: str | None = None, **fields: Any) -> AppTest:
    """Enter what was found at a stop, or at the first without a result."""
    if stop:
        choose_stop(page, stop)
    choose(page, outcome)
    for said, value in fields.items():
        kind, label = FIELDS[said]
        field(page, kind, label).set_value(value)
    return press(page, "登记")


FIELDS = {
    "visited_on": ("date_input", "到访日期"),
    "people": ("number_input", "出动人次"),
    "type": ("selectbox", "违规类型"),
    "severity": ("selectbox", "严重程度"),
    "due_on": ("date_input", "整改期限"),
    "individuals": ("number_input", "查处个人（人次）"),
    "measures": ("text_input", "处理方式"),
    "note": ("text_area", "情况说明"),
}


def values(page: AppTest) -> dict[str, Any]:
    """What stands in the form."""
    return {
        said: field(page, kind, label).value
        for said, (kind, label) in FIELDS.items()
        if any(each.label == label for each in getattr(page.main, kind))
    }


def headings(page: AppTest) -> str:
    return "\n".join(heading.value for heading in page.subheader)


def table(page: AppTest, column: str) -> pd.DataFrame:
    """The table that has this column; without a row if the page has none."""
    found = (each.value for each in page.main.dataframe)
    return next((rows for rows in found if column in rows), pd.DataFrame({column: []}))


def items(open_page: OpenPage, account: str) -> list[str]:
    page = open_page(ITEMS, account, day=str(LAST))
    assert not page.exception
    return list(table(page, "台账编号")["台账编号"])


def test_stops_wait_for_their_results_in_the_order_of_the_visits(
    open_page: OpenPage, plan: int
) -> None:
    page = open_page(PAGE, ACCOUNT)

    assert not page.exception
    assert not page.error
    assert "登记结果：3 处中还有 3 处没有登记" in headings(page)
    assert "3 处暗访还没有查到结果" in headings(page)
    assert field(page, "selectbox", "哪一处").options == [
        f"8 月 25 日 1-1 未登记 · 城中 {INSTITUTION}",
        f"8 月 25 日 1-2 未登记 · 柳南 {PLACE}",
        f"8 月 25 日 1-3 未登记 · 城中 {NEXT}",
    ]
    assert not page.get("vega_lite_chart")


def test_violation_becomes_an_inspection_and_an_item_and_the_next_stop_is_asked_for(
    open_page: OpenPage, database_url: str, plan: int
) -> None:
    page = open_page(PAGE, ACCOUNT)
    enter(page, "violation", type="无证办学", severity=3, due_on=date(2022, 9, 1), individuals=1)

    assert not page.exception
    assert "结果已登记" in page.success[0].value
    assert "登记结果：3 处中还有 2 处没有登记" in headings(page)
    assert PLACE in field(page, "selectbox", "哪一处").options[1]
    assert field(page, "selectbox", "哪一处").index == 1
    inspections = "SELECT inspection_no, outcome, violation_type, individuals FROM inspection"
    [(number, *found)] = rows_of(database_url, inspections)
    assert number.startswith("XT-")
    assert found == ["violation", "无证办学", 1]
    item = "SELECT ledger_no, issue_type, severity, due_on, withheld FROM rectification"
    assert rows_of(database_url, item) == [(number, "无证办学", 3, "2022-09-01", 1)]
    listed = table(page, "检查结果").iloc[0]
    assert (listed["检查结果"], listed["严重程度"]) == ("发现违规", "严重")
    assert listed["台账编号"] == number


@pytest.mark.parametrize("outcome", ["clear", "closed_door"])
def test_anything_but_a_violation_becomes_an_inspection_alone(
    open_page: OpenPage, database_url: str, plan: int, outcome: str
) -> None:
    page = open_page(PAGE, ACCOUNT)
    choose(page, outcome)
    assert not {"type", "severity", "due_on", "individuals"} & set(values(page))
    enter(page, outcome, measures="现场告知", note="设施齐全")

    found = "SELECT outcome, measures, violation_type FROM inspection"
    assert rows_of(database_url, found) == [(outcome, "现场告知；设施齐全", None)]
    assert rows_of(database_url, "SELECT count(*) FROM rectification") == [(0,)]
    assert OUTCOMES[outcome] in field(page, "selectbox", "哪一处").options[0]


def test_item_is_the_supervisors_alone_until_the_release_and_everybodys_from_then_on(
    open_page: OpenPage, plan: int
) -> None:
    page = open_page(PAGE, ACCOUNT)
    enter(page, "violation")
    [item] = items(open_page, ACCOUNT)
    assert item.startswith("XT-")
    for account in (COUNTY, LEADER):
        assert items(open_page, account) == []
        assert found_in(open_page(ITEMS, account, day=str(LAST)), [item]) == {}

    press(page, "确认公布")

    assert "结果已公布" in page.success[0].value
    for account in (ACCOUNT, COUNTY, LEADER):
        assert items(open_page, account) == [item]
    assert items(open_page, f"{SOUTH}@demo") == []


def test_correcting_begins_with_what_was_entered(
    open_page: OpenPage, database_url: str, plan: int
) -> None:
    said = {
        "visited_on": LAST,
        "people": 5,
        "type": "学科类违规开班",
        "severity": 2,
        "due_on": date(2022, 10, 8),
        "individuals": 2,
        "measures": "责令停止",
        "note": "现场有学生 12 人",
    }
    page = enter(open_page(PAGE, ACCOUNT), "violation", **said)

    choose_stop(page, INSTITUTION)
    assert page.main.button_group[0].value == "violation"
    assert values(page) == said
    assert any("再次登记即为更正" in each.value for each in page.caption)

    field(page, *FIELDS["severity"]).set_value(3)
    press(page, "登记")
    assert rows_of(database_url, "SELECT severity FROM rectification") == [(3,)]
    assert rows_of(database_url, "SELECT count(*) FROM inspection") == [(1,)]
    kept = "SELECT old_value, new_value FROM row_change WHERE column_name = 'severity'"
    assert rows_of(database_url, kept) == [("2", "3")]


def test_violation_that_was_none_takes_its_item_back(open_page: OpenPage, plan: int) -> None:
    page = enter(open_page(PAGE, ACCOUNT), "violation")
    assert len(items(open_page, ACCOUNT)) == 1

    enter(page, "clear", INSTITUTION)

    assert not page.error
    assert items(open_page, ACCOUNT) == []
    assert table(page, "检查结果")["检查结果"].tolist()[0] == "未发现问题"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"visited_on": FIRST - timedelta(days=1)}, "到访日期早于计划的第一天，没有保存"),
        ({"due_on": FIRST - timedelta(days=1)}, "请填写整改期限，不早于到访日期"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(
    open_page: OpenPage, database_url: str, plan: int, fields: dict[str, date], said: str
) -> None:
    page = enter(open_page(PAGE, ACCOUNT), "violation", note="现场有学生", **fields)

    assert not page.exception
    assert said in page.error[0].value
    assert values(page)["note"] == "现场有学生"
    assert rows_of(database_url, "SELECT count(*) FROM inspection") == [(0,)]


def test_nothing_is_asked_for_before_the_first_day(open_page: OpenPage) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    stops = visits.stops
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            visits,
            "stops",
            lambda *chosen: stops(*chosen).assign(
                visit_on=pd.Series(pd.Timestamp(tomorrow), range(len(chosen))).astype(
                    "datetime64[s]"
                )
            ),
        )
        sealed(first_day=tomorrow, last_day=tomorrow)

    page = open_page(PAGE, ACCOUNT)

    assert not page.exception
    assert not page.main.button_group
    assert any("开始，到访之后再来登记" in each.value for each in page.info)


def test_release_says_how_many_are_without_a_result_and_ends_the_entering(
    open_page: OpenPage, plan: int
) -> None:
    page = enter(open_page(PAGE, ACCOUNT), "clear")
    assert "还有 2 处没有登记结果，公布后不能再登记" in page.warning[0].value

    press(page, "确认公布")

    assert not page.exception
    assert not page.main.button_group
    assert "登记结果" not in headings(page)
    assert "查了 1 处，0 处发现违规" in headings(page)


def test_release_of_all_results_warns_of_nothing(open_page: OpenPage, plan: int) -> None:
    page = open_page(PAGE, ACCOUNT)
    for _ in range(3):
        enter(page, "clear")

    assert "登记结果：3 处都已登记" in headings(page)
    assert not page.warning


def test_two_who_enter_at_a_time_do_not_undo_each_other(
    open_page: OpenPage, database_url: str, plan: int
) -> None:
    page = choose(open_page(PAGE, ACCOUNT), "clear")
    other = open_page(PAGE, ACCOUNT)
    press(enter(other, "clear"), "确认公布")

    press(page, "登记")

    assert not page.exception
    assert rows_of(database_url, "SELECT count(*) FROM inspection") == [(1,)]


def test_draft_is_no_plan_to_enter_results_of(open_page: OpenPage) -> None:
    visits.draft()
    page = open_page(PAGE, ACCOUNT)

    assert not page.main.button_group
    assert any("还没有封存的暗访计划" in each.value for each in page.info)


def test_leader_reads_released_results_and_nothing_of_how_they_came_about(
    open_page: OpenPage, plan: int
) -> None:
    page = open_page(PAGE, ACCOUNT)
    enter(page, "violation")
    before = open_page(PAGE, LEADER, day=str(LAST))
    assert "还没有暗访结果" in headings(before)
    assert found_in(before, [INSTITUTION, PLACE, NEXT, "XT-"]) == {}

    press(page, "确认公布")

    after = open_page(PAGE, LEADER, day=str(LAST))
    assert not after.exception
    assert "查了 1 处，1 处发现违规" in headings(after)
    listed = table(after, "检查结果")
    assert listed["检查结果"].tolist()[0] == "发现违规"
    assert len(listed) == 3
    for kind in ("selectbox", "button_group", "text_area", "number_input"):
        assert not getattr(after.main, kind), kind
    assert {each.label for each in after.button} <= {LEADER, "退出"}
    assert found_in(after, [REASON, "风险分", "得分理由", "确认公布", "登记结果"]) == {}


def test_county_is_told_that_there_is_no_such_page(open_page: OpenPage, plan: int) -> None:
    page = open_page(PAGE, COUNTY)

    assert page.title[0].value.startswith("没有这个页面")
    assert found_in(page, [INSTITUTION, PLACE, NEXT, "暗访"]) == {}


def test_hit_rates_of_each_way_of_choosing_leave_closed_doors_out(
    open_page: OpenPage, plan: int
) -> None:
    page = open_page(PAGE, ACCOUNT)
    enter(page, "violation", INSTITUTION)
    enter(page, "closed_door", PLACE)
    enter(page, "clear", NEXT)

    assert "查了 2 处，1 处发现违规" in headings(page)
    assert "样本还少，不下结论" in headings(page)
    said = [each.value for each in page.main.markdown]
    [lot] = [each for each in said if each.startswith("抽签：去了 2/2 处")]
    assert "1/1" in lot
    assert "闭门未开 1 处（不计入命中率）" in lot
    [risk] = [each for each in said if each.startswith("风险：去了 1/1 处")]
    assert "0/1" in risk
    [chart] = page.get("vega_lite_chart")
    assert {row["way"]: row["rate"] for row in chart_rows(chart)} == {"抽签": 1, "风险": 0}


def test_coverage_tells_what_nobody_has_looked_at(open_page: OpenPage, plan: int) -> None:
    page = open_page(PAGE, ACCOUNT)
    assert "可查的 1 处中有 1 处近三个月没有人查过；城中区一处也没有查过" in headings(page)

    enter(page, "clear")

    assert "可查的 1 处近三个月都有人查过" in headings(page)
    [row] = table(page, "已查占比").to_dict("records")
    assert (row["县区"], row["未查：文化艺术"]) == ("城中区", 0)
    assert (row["可查地点（处）"], row["已查（处）"], row["其中暗访（处）"]) == (1, 1, 1)


def test_without_a_plan_both_are_told_what_will_stand_there(open_page: OpenPage) -> None:
    for account in (ACCOUNT, LEADER):
        page = open_page(PAGE, account)

        assert not page.exception
        assert "还没有暗访结果" in headings(page)
        assert any("登记的结果列在这里" in each.value for each in page.info)
    assert any(
        "先在“暗访计划”中排好路线并封存" in each.value for each in open_page(PAGE, ACCOUNT).info
    )


def test_as_many_went_as_the_team_has_officers_unless_it_is_said(
    open_page: OpenPage, database_url: str
) -> None:
    three = visits.teams()
    three.loc[0, "officers"].append({"name": "检查员丙", "department": "公安局"})
    sealed(teams=three)
    page = enter(open_page(PAGE, ACCOUNT), "clear")
    enter(page, "clear", people=7)

    assert rows_of(database_url, "SELECT people FROM inspection ORDER BY id") == [(3,), (7,)]


def test_what_is_entered_for_a_later_day_moves_the_day_of_the_filters(
    open_page: OpenPage, plan: int
) -> None:
    page = open_page(PAGE, ACCOUNT, day=str(THURSDAY))
    enter(page, "clear", visited_on=LAST)

    assert page.sidebar.date_input[0].value == LAST
    assert "查了 1 处" in headings(page)


def test_what_was_typed_while_the_database_was_away_is_there_to_be_sent_again(
    open_page: OpenPage, plan: int, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachable, "SECONDS", 0.0)
    page = choose(open_page(PAGE, ACCOUNT), "violation")
    typed = {"note": "门口有学生进出", "people": 3, "severity": 2, "visited_on": FIRST}
    with without_file(database_url):
        for said, value in typed.items():
            kind, label = FIELDS[said]
            field(page, kind, label).set_value(value)
        press(page, "登记")
        assert any(NOT_SAVED in each.value for each in page.error)
        assert not page.main.text_area
        page.run()
        assert any(NOT_SAVED in each.value for each in page.error), "still said"

    page.run()  # as the page does by itself
    assert any(NOT_SAVED in each.value for each in page.error)
    assert values(page) | typed == values(page)
    press(page, "登记")
    assert not page.error
    [(note,)] = rows_of(database_url, "SELECT note FROM rectification_event")
    assert note == "门口有学生进出"
