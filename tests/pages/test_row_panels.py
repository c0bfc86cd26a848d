"""The panel of a chosen row: who sees what, who may do what, and what the second of two is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, make_url
from streamlit.testing.v1 import AppTest

from data_access import accounts, clock, migration, reachable, schema, summaries
from data_access.engine import connect_to
from data_access.failures import NOT_SAVED
from tests import factories as make
from tests.data_access import clerks
from tests.factories import CITY, SOUTH, THURSDAY
from tests.outages import without_file
from tests.pages.conftest import OpenPage
from tests.pages.elements import found_in
from ui.row_panel import list_key

ITEMS = "pages/ledgers/rectification.py"
DISPUTES = "pages/ledgers/refund_disputes.py"
INSTITUTIONS = "pages/ledgers/registration_coverage.py"
Choose = Callable[[AppTest, str, list[int]], AppTest]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("panels") / "city.db"
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        make.report(conn)  # so that the first choice of day is the Thursday
        clerks.item(conn, ledger_no="ZG-OWN", source="report")
        clerks.item(conn, ledger_no="ZG-SOUTH", county_code=SOUTH)
        clerks.item(conn, ledger_no="XT-HIDDEN", withheld=True)
        clerks.item(conn, ledger_no="ZG-WAITS", status="submitted", evidence="照片")
        make.dispute(conn, dispute_no="TF-OWN", institution_name="示例机构甲")
        make.institution(conn, name="示例中心", name_key="示例中心", phone="07721234567")
        summaries.rebuild_all(conn)
    engine.dispose()
    return path


@pytest.fixture
def database_url(built: Path, tmp_path: Path) -> str:
    copy = tmp_path / "city.db"
    with closing(sqlite3.connect(built)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)
    return f"sqlite:///{copy}"


def ids(database_url: str, table: str, column: str, *numbers: str) -> list[int]:
    with closing(sqlite3.connect(str(make_url(database_url).database))) as db:
        found = dict(db.execute(f"SELECT {column}, id FROM {table}"))  # noqa: S608
    return [found[number] for number in numbers]


def choose(page: AppTest, key: str, listed: list[int], row: int = 0) -> AppTest:
    """Choose a row of the list of these rows."""
    page.session_state[list_key(key, listed)] = {"selection": {"rows": [row], "columns": []}}
    return page.run()


def said(page: AppTest) -> str:
    shown = (*page.markdown, *page.caption, *page.text, *page.success, *page.warning, *page.error)
    return "\n".join(element.value.replace("\\", "") for element in shown)


def press(page: AppTest, words: str) -> AppTest:
    [button] = [button for button in page.button if button.label == words]
    return button.click().run()


def fill(page: AppTest, kind: str, name: str, value: Any) -> None:
    [field] = [one for one in page.get(kind) if (one.key or "").endswith(f".{name}")]
    field.set_value(value)


def test_a_county_submits_and_is_told_what_happens_next(
    open_page: OpenPage, database_url: str
) -> None:
    listed = ids(database_url, "rectification", "ledger_no", "ZG-OWN", "ZG-WAITS")
    page = choose(open_page(ITEMS, f"{CITY}@demo"), "rectification.open", listed)
    assert "现为“整改中”" in said(page)
    assert "待复核 " not in said(page)

    press(page, "申请销号")
    assert "请填写佐证材料" in said(page)
    fill(page, "text_area", "evidence", "已停办，附照片")
    fill(page, "button_group", "public_accepted", "是")
    press(page, "申请销号")

    assert not page.exception
    assert "已提交，待市督查组复核" in said(page)
    assert "现为“申请销号”" in said(page)
    assert "申请销号" not in [button.label for button in page.button]
    history = page.dataframe[1].value
    assert history["经办人"].tolist()[1:] == [f"{CITY}@demo"] * 2
    assert "整改状态：整改中 → 申请销号" in history["说明"].tolist()[-1]


def test_the_supervisor_returns_what_waits_and_the_county_reads_why(
    open_page: OpenPage, database_url: str
) -> None:
    waits = ids(database_url, "rectification", "ledger_no", "ZG-WAITS")
    page = open_page(ITEMS, "supervisor@demo", rows="待复核")
    assert page.info[0].value.startswith("现在待复核 1 件")
    choose(page, "rectification.submitted", waits)
    press(page, "退回")
    assert "请填写退回的理由" in said(page)
    fill(page, "text_area", "note", "请补拍门牌")
    press(page, "退回")
    assert not page.exception
    assert "已退回，县区会看到退回的理由" in said(page)

    listed = ids(database_url, "rectification", "ledger_no", "ZG-OWN", "ZG-WAITS")
    county = choose(open_page(ITEMS, f"{CITY}@demo"), "rectification.open", listed, row=1)
    assert "请补拍门牌" in said(county)
    assert "申请销号" in [button.label for button in county.button]


@pytest.mark.parametrize(
    ("day", "waited"),
    [
        (THURSDAY, "8 月 25 日时待复核 1 件。"),
        (THURSDAY - timedelta(days=5), "8 月 20 日时待复核 1 件。"),
        (THURSDAY - timedelta(days=6), "8 月 19 日时待复核 0 件。"),
    ],
)
def test_what_waits_is_told_as_of_now_and_as_of_the_day(
    open_page: OpenPage, database_url: str, day: date, waited: str
) -> None:
    [waits] = ids(database_url, "rectification", "ledger_no", "ZG-WAITS")
    engine = connect_to(database_url)
    with engine.begin() as conn:
        handed_in = {"happened_on": THURSDAY - timedelta(days=5), "step": "submit"}
        row = {"rectification_id": waits, "county_code": CITY, "received_by_us_on": THURSDAY}
        conn.execute(insert(schema.rectification_event).values(row | handed_in))
    engine.dispose()

    page = open_page(ITEMS, "supervisor@demo", rows="待复核", day=str(day))

    assert page.info[0].value == "现在待复核 1 件，最早的 8 月 20 日提交"
    assert waited in said(page)
    assert page.dataframe[0].value["台账编号"].tolist() == ["ZG-WAITS"]


def test_a_leader_reads_the_record_and_its_history_alone(
    open_page: OpenPage, database_url: str
) -> None:
    page = open_page(ITEMS, "leader@demo")
    numbers = page.dataframe[0].value["台账编号"].tolist()
    assert "XT-HIDDEN" not in numbers
    listed = ids(database_url, "rectification", "ledger_no", *numbers)
    choose(page, "rectification.open", listed, row=numbers.index("ZG-WAITS"))

    assert "ZG-WAITS" in said(page)
    assert len(page.dataframe) == 2
    assert not {"申请销号", "复核通过，销号", "退回"} & {one.label for one in page.button}
    assert not page.text_area


def test_no_choice_leads_a_county_to_a_row_that_is_not_its_own(
    open_page: OpenPage, database_url: str
) -> None:
    other, hidden = ids(database_url, "rectification", "ledger_no", "ZG-SOUTH", "XT-HIDDEN")
    page = open_page(ITEMS, f"{CITY}@demo")
    for forged in (other, hidden):
        asked, key, _ = page.session_state["row_panel.chosen"]
        page.session_state["row_panel.chosen"] = (asked, "another", forged)
        page.run()
        assert "已不在您能查看的范围内" in "".join(each.value for each in page.info)
        assert found_in(page, ["ZG-SOUTH", "XT-HIDDEN"]) == {}
        assert key


def test_what_was_filled_in_while_the_database_was_away_is_there_to_be_sent_again(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachable, "SECONDS", 0.0)
    listed = ids(database_url, "rectification", "ledger_no", "ZG-OWN", "ZG-WAITS")
    page = choose(open_page(ITEMS, f"{CITY}@demo"), "rectification.open", listed)
    fill(page, "text_area", "evidence", "已停办，附照片")
    fill(page, "button_group", "public_accepted", "是")
    with without_file(database_url):
        press(page, "申请销号")
        assert NOT_SAVED in said(page)

    page.run()
    assert NOT_SAVED in said(page)
    press(page, "申请销号")
    assert not page.exception
    assert "已提交，待市督查组复核" in said(page)


def test_the_second_sees_what_the_first_changed_and_keeps_what_was_filled_in(
    open_page: OpenPage, database_url: str
) -> None:
    [own] = ids(database_url, "refund_dispute", "dispute_no", "TF-OWN")
    page = choose(open_page(DISPUTES, f"{CITY}@demo", rows="未化解"), "refunds.open", [own])
    engine = connect_to(database_url)
    with engine.begin() as conn:  # somebody else answers meanwhile
        conn.exec_driver_sql(
            "UPDATE refund_dispute SET refunded_yuan = 300, row_version = 2 WHERE id = ?", (own,)
        )
        conn.exec_driver_sql(
            "INSERT INTO row_change (table_name, row_key, county_code, column_name, new_value,"
            " email, changed_on) VALUES ('refund_dispute', 'TF-OWN', ?, 'refunded_yuan', '300.0',"
            " 'other@example.org', ?)",
            (CITY, clock.today().isoformat()),
        )
        conn.exec_driver_sql("UPDATE data_version SET version = version + 1")
    fill(page, "text_area", "answer", "已约谈举办者")
    press(page, "保存答复")

    assert "other@example.org 于" in said(page)
    assert "已退金额：空 → 300" in said(page)
    assert "没有提交" in said(page)
    press(page, "保存答复")

    assert not page.exception
    assert "已保存" in said(page)
    with engine.connect() as conn:
        row = conn.exec_driver_sql(
            "SELECT refunded_yuan, answer, row_version FROM refund_dispute WHERE id = ?", (own,)
        ).one()
    assert tuple(row) == (300, "已约谈举办者", 3)
    engine.dispose()


def test_a_county_corrects_an_institution_whose_number_stays_hidden(
    open_page: OpenPage, database_url: str
) -> None:
    [own] = ids(database_url, "institution", "name", "示例中心")
    page = open_page(INSTITUTIONS, f"{CITY}@demo", rows="全部机构")
    choose(page, "coverage.all", [own])
    assert found_in(page, ["07721234567", "1234567"]) == {}
    assert "入账以后没有改动" in said(page)
    fill(page, "text_input", "students", "三十")
    press(page, "保存更正")
    assert "学生人数" in said(page)
    fill(page, "text_input", "students", "30")
    press(page, "保存更正")

    assert not page.exception
    assert "学生人数：空 → 30" in page.dataframe[1].value["说明"].tolist()
