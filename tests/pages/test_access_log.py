"""访问日志: what people did is found, shown in words, counted honestly and exported."""

from __future__ import annotations

import ast
import shutil
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import insert, select
from streamlit.testing.v1 import AppTest

from data_access import audit, clock
from data_access.audit import Action
from data_access.engine import get_engine
from data_access.schema import audit_event
from data_access.sign_ins import Standing
from tests.pages.conftest import Files, OpenPage
from ui import access_log
from ui.access_log import TITLES, WHY, detail_in_words
from ui.labels import LABELS

PAGE, ADMIN = "pages/admin/access_log.py", "admin@demo"
NAMES = {"450224": "融安县"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def database_url(only_accounts: Path, tmp_path: Path) -> str:
    """A database of this test's own, with the demonstration accounts and an empty log."""
    return f"sqlite:///{shutil.copy(only_accounts, tmp_path)}"


def log(*rows: dict[str, Any], days_ago: int = 0) -> None:
    """Put events into the log, as if they had been logged some days ago at this hour."""
    moment = clock.now() - timedelta(days=days_ago)
    plain = {"email": "leader@demo", "action": "export", "target": None, "detail": None}
    with get_engine().begin() as conn:
        conn.execute(insert(audit_event), [{"at": moment, **plain, **row} for row in rows])


def logged(action: Action) -> list[Any]:
    with get_engine().connect() as conn:
        stmt = select(audit_event).where(audit_event.c.action == action)
        return list(conn.execute(stmt.order_by(audit_event.c.id)))


def rows(page: AppTest) -> list[list[Any]]:
    if not page.dataframe:
        return []
    table = page.dataframe[0].value.fillna("—")
    assert table.columns.tolist() == ["时间", "账号", "动作", "对象", "说明"]
    return table.drop(columns="时间").values.tolist()


def targets(page: AppTest) -> list[str]:
    assert not page.exception
    assert not page.error
    return [row[2] for row in rows(page)]


def headline(page: AppTest) -> str:
    return page.subheader[0].value


def test_events_of_the_last_week_are_shown_newest_first_in_words(open_page: OpenPage) -> None:
    open_page(PAGE, ADMIN)  # so that this test's own database is the one of the process
    log({"target": "八天前"}, days_ago=7)
    log({"target": "六天前"}, days_ago=6)
    log({"email": None, "action": "account_add", "target": "甲@example.org"}, days_ago=1)
    log({"action": "refused", "target": "overview", "detail": audit.as_text({"why": "page"})})

    page = open_page(PAGE, ADMIN)

    assert rows(page) == [
        ["leader@demo", "拒绝", "全市总览", "原因：没有该页面的权限"],
        ["命令行", "新增账号", "甲@example.org", "—"],
        ["leader@demo", "导出", "六天前", "—"],
    ]
    assert headline(page).endswith("共 3 条")


def test_log_is_as_it_is_now_at_every_run(open_page: OpenPage) -> None:
    page = open_page(PAGE, ADMIN)
    assert "没有符合条件的记录" in headline(page)

    log({"target": "甲"})

    assert targets(page.run()) == ["甲"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["d", "c", "b", "a"]),
        ({"by": "leader@demo"}, ["c", "a"]),
        ({"by": "命令行"}, ["d"]),
        ({"find": "nobody@example"}, ["b"]),
        ({"by": "nobody@example.org"}, ["d", "c", "b", "a"]),
        ({"by": "' OR 1=1 --"}, ["d", "c", "b", "a"]),
        ({"action": "登录"}, ["b"]),
        ({"action": ["登录", "导入"]}, ["d", "b"]),
        ({"action": "account_add"}, ["d", "c", "b", "a"]),
        ({"find": "家长来信"}, ["c"]),
        ({"find": "reason"}, []),
        ({"find": "institutions"}, []),
        ({"find": "融安"}, ["a"]),
        ({"find": "机构台账"}, ["d"]),
        ({"find": "%"}, []),
        ({"find": "来信 \x00a"}, ["c"]),
        ({"by": "leader@demo", "find": "融安"}, ["a"]),
        ({"span": "近 30 天"}, ["d", "c", "b", "a", "old"]),
        ({"span": "今天"}, ["d", "c", "b", "a"]),
        ({"span": "三百年"}, ["d", "c", "b", "a"]),
    ],
)
def test_log_is_narrowed_by_what_an_address_says(
    open_page: OpenPage, asked: dict[str, Any], found: list[str]
) -> None:
    open_page(PAGE, ADMIN)
    log({"target": "old"}, days_ago=20)
    log(
        {"target": "a", "detail": audit.as_text({"filters": {"县区": "融安县"}})},
        {"target": "b", "email": "nobody@example.org", "action": "sign_in"},
        {"target": "c", "action": "reveal", "detail": audit.as_text({"reason": "家长来信 a"})},
        {
            "target": "d",
            "email": None,
            "action": "import",
            "detail": audit.as_text({"kind": "institutions"}),
        },
    )

    page = open_page(PAGE, ADMIN, **asked)

    assert targets(page) == found


def test_days_of_an_address_are_both_in(open_page: OpenPage) -> None:
    open_page(PAGE, ADMIN)
    for days in range(4):
        log({"target": f"{days} 天前"}, days_ago=days)
    today = clock.today()
    asked = {
        "span": "自定起止",
        "log_since": (today - timedelta(days=2)).isoformat(),
        "log_until": (today - timedelta(days=1)).isoformat(),
    }

    assert targets(open_page(PAGE, ADMIN, **asked)) == ["1 天前", "2 天前"]
    turned = {**asked, "log_since": asked["log_until"], "log_until": asked["log_since"]}
    assert targets(open_page(PAGE, ADMIN, **turned)) == ["1 天前", "2 天前"]


def test_long_log_says_how_much_of_it_is_shown_and_is_exported_whole(
    open_page: OpenPage, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "SHOWN", 3)
    open_page(PAGE, ADMIN)
    log(*({"target": f"{number} 号", "detail": '{"why": "page"}'} for number in range(1_002)))

    page = open_page(PAGE, ADMIN, by="leader@demo")
    assert headline(page).endswith("共 1,002 条，显示前 3 条")
    assert targets(page) == ["1001 号", "1000 号", "999 号"]
    assert page.get("download_button")[1].proto.label == "导出全部 1,002 条"
    assert logged(Action.EXPORT)[-1].email == "leader@demo"

    content = files["访问日志_全部.xlsx"]()

    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["时间", "账号", "动作", "对象", "说明"]
    assert sheet.max_row == 1_003
    assert [cell.value for cell in sheet[1_003]][1:] == [
        *("leader@demo", "导出", "0 号", "原因：没有该页面的权限"),
    ]
    export = logged(Action.EXPORT)[-1]
    assert (export.email, export.target) == (ADMIN, "访问日志")
    words = detail_in_words(export.detail, {})
    assert words is not None
    assert words.startswith("内容：访问日志；行数：1,002；筛选：")
    assert "账号 leader@demo" in words


def test_export_stops_at_its_limit_and_says_so(
    open_page: OpenPage, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "SHOWN", 3)
    monkeypatch.setattr(access_log, "MOST_EXPORTED", 5)
    open_page(PAGE, ADMIN)
    log(*({"target": f"{number} 号"} for number in range(7)))

    page = open_page(PAGE, ADMIN)
    assert page.get("download_button")[1].proto.label == "导出前 5 条"
    sheet = openpyxl.load_workbook(BytesIO(files["访问日志_全部.xlsx"]())).worksheets[0]

    assert [cell.value for cell in sheet["D"]][1:] == ["6 号", "5 号", "4 号", "3 号", "2 号"]


def test_whole_log_on_the_page_needs_no_second_export(open_page: OpenPage) -> None:
    open_page(PAGE, ADMIN)
    log({"target": "甲"})

    assert len(open_page(PAGE, ADMIN).get("download_button")) == 1


def test_what_was_logged_outlives_a_page_that_fails(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        audit.record(Action.REVEAL, email=ADMIN, target="JB-1", reason="核实")
        raise RuntimeError("the page fails after what it logged")

    monkeypatch.setattr(access_log, "found", fail)
    page = open_page(PAGE, ADMIN)

    assert "页面出错" in page.error[0].value
    assert [event.target for event in logged(Action.REVEAL)] == ["JB-1"]


def test_refused_pages_are_in_the_log(open_page: OpenPage) -> None:
    open_page(PAGE, "450224@demo")

    [(_, _, email, _, _, detail)] = logged(Action.REFUSED)
    assert (email, detail_in_words(detail, {})) == ("450224@demo", "原因：没有该页面的权限")


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        (
            {
                "rows": 1234,
                "what": "退费纠纷",
                "filters": {"统计日期": "2022-08-25", "县区": "融安县、柳南区"},
            },
            "内容：退费纠纷；行数：1,234；筛选：统计日期 2022-08-25，县区 融安县、柳南区",
        ),
        ({"reason": "核实"}, "理由：核实"),
        ({"why": "no_account"}, "原因：没有账号"),
        (
            {"kind": "institutions", "county": "450224", "rows_read": 3, "rows_rejected": 0},
            "台账：机构台账；县区：融安县；读到行数：3；退回：0",
        ),
        (
            {"new": {"role": "county", "county_code": "450224", "active": True}},
            "角色 县区；县区 融安县；状态 可用",
        ),
        (
            {"old": {"role": "leader", "active": True}, "new": {"role": "admin", "active": False}},
            "角色 市领导 → 管理员；状态 可用 → 停用",
        ),
        ({"what": "甲", "filters": {}}, "内容：甲"),
        ({"nobody_named_this": "甲"}, "甲"),
        ({}, None),
    ],
)
def test_detail_is_read_as_words(detail: dict[str, Any], words: str | None) -> None:
    assert detail_in_words(audit.as_text(detail), NAMES) == words


@pytest.mark.parametrize("detail", ["{", "[1]", "null", "甲"])
def test_detail_that_is_none_of_ours_is_shown_as_it_stands(detail: str) -> None:
    assert detail_in_words(detail, NAMES) == detail


def test_everything_that_is_logged_has_its_words() -> None:
    calls = [
        node
        for path in [*ROOT.glob("data_access/**/*.py"), *ROOT.glob("ui/**/*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"audit.record", "audit.add", "_log"}
    ]
    said = [keyword for call in calls for keyword in call.keywords if keyword.arg]
    names = {keyword.arg for keyword in said} - {"email", "target", "old", "new"}
    reasons = {
        keyword.value.value
        for keyword in said
        if keyword.arg == "why" and isinstance(keyword.value, ast.Constant)
    }

    assert len(calls) > 5
    assert names - {*TITLES, *LABELS} == set()
    refused = set(Standing) - {Standing.HOLDS, Standing.NEW}
    assert (reasons | refused) - set(WHY) == set()


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "甲\u202egpj.exe", "**粗** $x$"]
)
def test_names_that_do_harm_are_shown_and_exported_as_text(
    open_page: OpenPage, files: Files, name: str
) -> None:
    open_page(PAGE, ADMIN)
    audit.record(Action.IMPORT, email=name, target=name, reason=name)

    page = open_page(PAGE, ADMIN)
    [row] = rows(page)
    [button] = page.get("download_button")
    sheet = openpyxl.load_workbook(BytesIO(files["访问日志.xlsx"]())).worksheets[0]

    assert row == [name, "导入", name, f"理由：{name}"]
    assert button.proto.label == "下载 Excel"
    assert not [text.value for text in (*page.markdown, *page.caption) if name in text.value]
    assert sheet["D2"].data_type == "s"
    assert sheet["D2"].value.replace("\u202e", "") == name.replace("\u202e", "")


def test_moments_are_written_to_the_second(open_page: OpenPage) -> None:
    open_page(PAGE, ADMIN)
    log({"at": datetime.combine(clock.today(), datetime.min.time()).replace(second=5)})

    page = open_page(PAGE, ADMIN)

    assert page.dataframe[0].value["时间"].tolist() == [f"{clock.today()} 00:00:05"]
