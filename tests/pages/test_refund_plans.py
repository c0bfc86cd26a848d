"""退费纠纷: plans of an institution, alarms of a week, and contracts side by side, as each role."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY
from tests.pages.conftest import OpenPage
from tests.pages.elements import found_in
from ui.row_panel import list_key

PAGE = "pages/ledgers/refund_disputes.py"
CLERK, NEIGHBOUR = f"{CITY}@demo", f"{SOUTH}@demo"
FORMS = {"done", "add", "step", "aim", "close"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "city.db"
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        planned = make.institution(conn, name="示例有方案", standard_contract=False)
        bare = make.institution(conn, name="示例无方案", standard_contract=True)
        for week in range(20):
            make.dispute(
                conn,
                institution_id=bare,
                institution_name="示例无方案",
                opened_on=THURSDAY - timedelta(weeks=week),
                resolved_on=THURSDAY - timedelta(weeks=week),
                status="resolved",
                plan_in_place=True,
            )
        for _ in range(9):
            make.dispute(
                conn,
                institution_id=planned,
                institution_name="示例有方案",
                amount_yuan=20_000.0,
                plan_in_place=False,
            )
        make.dispute(conn, institution_id=bare, amount_yuan=120_000.0, plan_in_place=True)
        make.dispute(conn, county_code=SOUTH, institution_name="示例南边", amount_yuan=100_000.0)
        make.refund_plan(
            conn,
            {"what": "约谈举办者", "due_on": date(2022, 8, 20)},
            {"what": "退清余额", "due_on": date(2022, 9, 5)},
            institution_id=planned,
            institution_name="示例有方案",
            opened_on=date(2022, 8, 15),
            owner="责任人甲",
            aim="分批退费",
        )
        make.refund_plan(conn, county_code=SOUTH, institution_name="示例南边", aim="南边的办法")
        summaries.rebuild_all(conn)
    engine.dispose()
    return path


@pytest.fixture
def database_url(built: Path, tmp_path: Path) -> str:
    copy = tmp_path / "city.db"
    with closing(sqlite3.connect(built)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)
    return f"sqlite:///{copy}"


def asked(database_url: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(str(make_url(database_url).database))) as db:
        rows = db.execute(sql).fetchall()
        db.commit()
        return rows


def choose(page: AppTest, name: str, *, rows: str = "watched") -> AppTest:
    """Choose the row of an institution in the list as it is drawn."""
    listed = page.dataframe[0].value
    column = "机构名称" if rows == "watched" else "县区或机构"
    known = {"示例有方案": (CITY, 1), "示例无方案": (CITY, 2), "示例南边": (SOUTH, None)}
    parts: list[object] = []
    for each in listed.to_dict("records"):
        code, number = known.get(each[column], (CITY, None))
        is_county = each[column] not in known
        week = [each["报送周"].isoformat()] if rows == "alarms" else []
        unlinked = each[column] if rows == "watched" else "nan"
        linked = "nan" if rows == "watched" else ""
        named = unlinked if number is None or is_county else linked
        parts += [*week, code, "nan" if number is None else str(number), named]
    row = listed[column].tolist().index(name)
    key = list_key(f"refunds.{rows}", parts)
    page.session_state[key] = {"selection": {"rows": [row], "columns": []}}
    return page.run()


def said(page: AppTest) -> str:
    shown = (*page.markdown, *page.caption, *page.success, *page.warning, *page.error)
    return "\n".join(element.value.replace("\\", "") for element in shown)


def forms_of(page: AppTest) -> set[str]:
    """Return which forms a plan is changed by."""
    forms = [_form_of(button) for button in page.button]
    return {form.rsplit(".", 1)[-1] for form in forms if form.startswith("row.refund_plan.")}


def _form_of(button: Any) -> str:
    """The form that a button sends, as Streamlit names it."""
    return (button.key or "").removeprefix("FormSubmitter:").rsplit("-", 1)[0]


def fill(page: AppTest, kind: str, name: str, value: Any) -> None:
    [field] = [one for one in page.get(kind) if (one.key or "").endswith(name)]
    field.set_value(value)


def press(page: AppTest, form: str) -> AppTest:
    [button] = [one for one in page.button if _form_of(one).endswith(f".{form}")]
    return button.click().run()


def test_watch_list_says_who_has_a_plan_what_is_next_and_what_the_county_reports(
    open_page: OpenPage,
) -> None:
    page = open_page(PAGE, "leader@demo")
    listed = page.dataframe[0].value.set_index("机构名称")

    assert not page.exception
    assert listed["系统内方案"].to_dict() == {
        "示例有方案": "逾期 1 步（县区报无）",
        "示例无方案": "无方案（县区报有）",
        "示例南边": "在办",
    }
    assert listed["下一步"]["示例有方案"] == "约谈举办者"
    assert listed["下一步期限"]["示例有方案"] == date(2022, 8, 20)
    assert (
        "须一企一策的 3 家中，系统内在办方案 2 家（1 家有逾期步骤：示例有方案）；"
        "县区报有方案 1 家，其中 1 家没有在系统内登记；方案均已到位。"
    ) in said(page)


@pytest.mark.parametrize(
    ("account", "forms"),
    [
        ("leader@demo", set()),
        ("supervisor@demo", FORMS),
        (CLERK, FORMS),
    ],
)
def test_plan_is_shown_to_whoever_reads_and_its_forms_to_whoever_writes(
    open_page: OpenPage, account: str, forms: set[str]
) -> None:
    page = choose(open_page(PAGE, account), "示例有方案")

    assert "**一企一策：在办**，2 步完成 0 步；责任人 责任人甲，8 月 15 日制定" in said(page)
    assert "县区在台账中报无方案" in said(page)
    assert ":red[第 1 步　约谈举办者（期限 8 月 20 日）　逾期 5 天]" in said(page)
    assert "第 2 步　退清余额（期限 9 月 5 日）　未完成" in said(page)
    assert forms_of(page) == forms


def test_administrator_has_no_such_page(open_page: OpenPage) -> None:
    page = open_page(PAGE, "admin@demo")

    assert not page.dataframe
    assert found_in(page, ["示例有方案", "分批退费"]) == {}


def test_county_sees_no_plan_of_another(open_page: OpenPage) -> None:
    page = open_page(PAGE, NEIGHBOUR)
    assert found_in(page, ["示例有方案", "约谈举办者"]) == {}

    page = choose(page, "示例南边")
    assert "目标和办法：南边的办法" in said(page)
    assert found_in(page, ["责任人甲", "分批退费"]) == {}


def test_clerk_records_a_step_as_done_with_its_evidence(
    open_page: OpenPage, database_url: str
) -> None:
    page = choose(open_page(PAGE, CLERK), "示例有方案")

    page = press(page, "done")
    assert [each.value for each in page.error] == ["请填写完成的佐证"]
    fill(page, "text_area", ".done.evidence", "约谈笔录 13800138000")
    fill(page, "date_input", ".done.on", date(2022, 8, 24))
    page = press(page, "done")

    assert [each.value for each in page.success] == ["第 1 步已登记完成。"]
    [(done_on, evidence)] = asked(
        database_url, "SELECT done_on, evidence FROM refund_plan_step WHERE done_on IS NOT NULL"
    )
    assert (done_on, evidence) == ("2022-08-24", "约谈笔录 （电话已隐去）")
    assert "8 月 24 日完成，佐证：约谈笔录" in said(page)
    assert page.dataframe[0].value.set_index("机构名称")["系统内方案"]["示例有方案"] == (
        "在办（县区报无）"
    )


def test_supervisor_makes_a_plan_where_there_is_none(
    open_page: OpenPage, database_url: str
) -> None:
    page = choose(open_page(PAGE, "supervisor@demo"), "示例无方案")
    assert "**一企一策：无方案**；县区在台账中报有方案" in said(page)
    assert forms_of(page) == {"make"}

    fill(page, "text_input", ".make.owner", "副局长")
    fill(page, "text_area", ".make.aim", "逐户签订退费协议")
    fill(page, "date_input", ".make.opened_on", date(2022, 8, 25))
    fill(page, "text_input", ".make.2.what", "退清余额")
    page = press(page, "make")

    assert [each.value for each in page.error] == ["请选“第 2 步”的期限，还没有保存"]
    assert page.success == []

    fill(page, "date_input", ".make.2.due_on", date(2022, 9, 8))
    page = press(page, "make")

    assert [each.value for each in page.success] == ["方案已登记。"]
    assert asked(
        database_url,
        "SELECT p.owner, p.created_by, s.step_no, s.what, s.due_on FROM refund_plan p"
        " JOIN refund_plan_step s ON s.refund_plan_id = p.id WHERE p.institution_id = 2",
    ) == [("副局长", "supervisor@demo", 1, "退清余额", "2022-09-08")]
    assert "责任人 副局长" in said(page)


def test_days_of_steps_are_chosen_by_somebody_or_stay_as_they_were(
    open_page: OpenPage, database_url: str
) -> None:
    page = choose(open_page(PAGE, "supervisor@demo"), "示例有方案")
    days = {one.key.rsplit(".", 2)[-2]: one.value for one in page.date_input if "due_on" in one.key}
    assert days == {"add": None, "step": None}

    fill(page, "text_input", ".step.what", "约谈并立据")
    page = press(page, "step")
    assert [each.value for each in page.success] == ["已修改。"]

    fill(page, "date_input", ".step.due_on", date(2022, 8, 27))
    fill(page, "text_input", ".step.what", "约谈并立据")
    page = press(page, "step")
    fill(page, "date_input", ".add.due_on", date(2022, 9, 9))
    page = press(page, "add")
    assert [each.value for each in page.error] == ["请填写做什么"]
    fill(page, "text_input", ".add.what", "回访")
    page = press(page, "add")

    assert asked(
        database_url,
        "SELECT what, due_on FROM refund_plan_step WHERE refund_plan_id = 1 ORDER BY step_no",
    ) == [("约谈并立据", "2022-08-27"), ("退清余额", "2022-09-05"), ("回访", "2022-09-09")]
    assert asked(
        database_url,
        "SELECT old_value FROM row_change WHERE column_name = 'due_on'",
    ) == [("2022-08-20",)]


def test_second_of_two_is_told_and_writes_only_after_having_seen(
    open_page: OpenPage, database_url: str
) -> None:
    page = choose(open_page(PAGE, CLERK), "示例有方案")
    fill(page, "text_area", ".done.evidence", "约谈笔录")
    asked(
        database_url,
        "UPDATE refund_plan_step SET what = '约谈股东', row_version = 2 WHERE step_no = 1"
        " AND refund_plan_id = 1",
    )
    asked(database_url, "UPDATE data_version SET version = version + 1")

    page = press(page, "done")

    assert "刚刚有人改动了这个方案" in page.warning[0].value
    assert not page.success
    [field] = [one for one in page.text_area if (one.key or "").endswith(".done.evidence")]
    assert field.value == "约谈笔录"
    assert "约谈股东" in said(page)
    page = press(page, "done")
    assert [each.value for each in page.success] == ["第 1 步已登记完成。"]


def test_plan_is_closed_when_its_steps_are_done(open_page: OpenPage, database_url: str) -> None:
    page = choose(open_page(PAGE, CLERK), "示例有方案")
    page = press(page, "close")
    assert "还有 2 步没有登记完成" in page.error[0].value

    asked(database_url, "UPDATE refund_plan_step SET done_on = '2022-08-24', evidence = '协议'")
    asked(database_url, "UPDATE data_version SET version = version + 1")
    page = choose(open_page(PAGE, CLERK), "示例有方案")
    assert forms_of(page) == {"add", "aim", "close"}
    fill(page, "date_input", ".close.on", date(2022, 8, 25))
    page = press(page, "close")

    assert [each.value for each in page.success] == ["方案已办结。"]
    assert "8 月 25 日办结" in said(page)
    assert forms_of(page) == {"make"}


def test_alarm_names_who_passes_which_bounds_and_how_often_that_is_chance(
    open_page: OpenPage,
) -> None:
    page = open_page(PAGE, "leader@demo", rows="预警")
    listed = page.dataframe[0].value

    assert page.subheader[0].value.endswith("1 个县区、1 家机构的登记数异常增多，见“预警”。")
    assert listed["县区或机构"].tolist() == ["城中区（全县区）", "示例有方案"]
    assert listed["登记（件）"].tolist() == [11, 9]
    assert listed["平时每周（件）"].tolist() == [1.0, 0.0]
    assert listed["越过的规则和界限"].tolist()[1] == "C1 3.1；C2 3.1；负二项 1.0"
    assert "8 月 25 日这一周有 1 个县区、1 家机构的登记数越过界限。" in said(page)
    assert "即使没有异常，所选范围一年也会误报县区约" in said(page)
    assert "规则后的数是它的界限（件）：一周登记的多于它，即为越界" in said(page)


@pytest.mark.parametrize("name", ["城中区（全县区）", "示例有方案"])
def test_course_of_the_weeks_stands_behind_an_alarm(open_page: OpenPage, name: str) -> None:
    page = open_page(PAGE, "leader@demo", rows="预警")
    charts = len(page.get("vega_lite_chart"))

    page = choose(page, name, rows="alarms")

    assert not page.exception
    assert "每周登记的纠纷与三条界限" in said(page)
    assert len(page.get("vega_lite_chart")) == charts + 1
    assert ("**一企一策：在办**" in said(page)) is (name == "示例有方案")


def test_week_that_is_not_over_gives_no_alarm(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", rows="预警", day=str(THURSDAY + timedelta(days=1)))
    assert "8 月 25 日这一周有" in said(page)

    page = open_page(PAGE, "leader@demo", rows="预警", day=str(THURSDAY - timedelta(days=1)))
    assert "8 月 18 日这一周没有县区或机构的登记数越过界限。" in said(page)
    assert "没有“预警”的记录" in page.info[0].value


def test_county_sees_its_own_alarms_alone(open_page: OpenPage) -> None:
    page = open_page(PAGE, NEIGHBOUR, rows="预警")

    assert not page.exception
    assert found_in(page, ["示例有方案", "城中区（全县区）"]) == {}


def test_contracts_are_put_side_by_side_without_saying_why(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo")
    [table] = [one.value for one in page.dataframe if "每百家纠纷（件）" in one.value]

    assert table["示范合同"].tolist() == ["使用", "未使用", "纠纷未对上机构"]
    assert table["机构（家）"].tolist() == [1, 1, 0]
    assert table["登记纠纷（件）"].tolist() == [21, 9, 1]
    assert table["每百家纠纷（件）"].tolist() == ["21 件 / 1 家", "9 件 / 1 家", "—"]
    assert "有一类机构不足 10 家，只列件数和家数，不作比较。" in said(page)
