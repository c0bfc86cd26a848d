"""Registers of what counties sent and have in place, as files bring them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from data_access import schema
from data_access.ledgers.storing import Sender
from tests.data_access.ledgers.conftest import RECEIVED, Load, Rows, reasons
from tests.data_access.ledgers.files import read_rows, said
from tests.data_access.ledgers.understandings import CLEAR, MONDAY, NORTH, SOUTH, action, submission

OF_NORTH = Sender("county@demo", NORTH, is_county_account=True)
FORM = {
    "材料种类": "每周报表",
    "所属期": "2022-07-07",
    "县区": "城中区",
    "应报日期": "",
    "报送日期": "2022-07-06",
    "文件名": "汇总表.xlsx",
    "文件摘要": "0" * 64,
}
CONTACT = {
    "职责": "联系人",
    "县区": "城中区",
    "内容": "联系人甲 0772-0001234",
    "完成日期": "2022-07-20",
    "佐证": "回执",
}


def test_file_of_submissions_is_understood() -> None:
    understood = read_rows(FORM, {**FORM, "材料种类": "周报表", "县区": "融水"}, kind="submissions")

    assert said(understood) == []
    row = understood.rows.iloc[0]
    assert (row["document"], row["period"], row["county_code"]) == (
        "weekly_form",
        "2022-07-07",
        "450202",
    )
    assert row["sha256"] == "0" * 64


def test_row_of_the_same_county_document_and_period_repeats() -> None:
    again = {**FORM, "报送日期": "2022-07-05"}
    understood = read_rows(FORM, {**FORM, "县区": "融水"}, again, kind="submissions")

    assert understood.rejected.tolist() == [False, False, True]
    assert said(understood) == [
        "4 所属期：与第 2 行重复（所属期、材料种类、县区都相同），请核对后只留一行"
    ]


@pytest.mark.parametrize(
    ("kind", "row", "problem"),
    [
        ("submissions", {**FORM, "材料种类": "简报"}, "2 材料种类：不是能识别的用词"),
        ("submissions", {**FORM, "所属期": "第一期"}, "2 所属期：不是能识别的所属期"),
        ("submissions", {**FORM, "所属期": ""}, "2 所属期：必填项没有填"),
        ("submissions", {**FORM, "报送日期": "2202-07-06"}, "2 报送日期：日期晚于收到的那天"),
        ("county_actions", {**CONTACT, "职责": "值班"}, "2 职责：不是能识别的用词"),
        ("county_actions", {**CONTACT, "完成日期": "2022-08-26"}, "2 完成日期：日期晚于收到的那天"),
    ],
)
def test_what_cannot_be_understood_is_told(kind: str, row: dict[str, Any], problem: str) -> None:
    understood = read_rows(row, kind=kind)

    assert understood.rejected.tolist() == [True]
    assert said(understood)[0].startswith(problem)


def test_telephone_of_an_office_stays_and_a_pupil_s_does_not() -> None:
    pupil = {**CONTACT, "佐证": "家长 13800138000 来电", "内容": "联系人甲 0772-0001234"}
    understood = read_rows(CONTACT, {**pupil, "县区": "融水"}, kind="county_actions")

    assert understood.rows["detail"].tolist() == ["联系人甲 0772-0001234"] * 2
    assert "13800138000" not in str(understood.rows["evidence"].tolist())


def test_due_day_comes_from_the_period(load: Load, rows: Rows) -> None:
    load("submissions", submission(), submission(document="case", period="2022-07-29-2"))

    assert [row.due_on for row in rows("submission")] == [date(2022, 7, 7), date(2022, 7, 29)]
    assert [row.received_by_us_on for row in rows("submission")] == [RECEIVED] * 2


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"due_on": date(2022, 7, 8)}, "应报日期：应报日期与所属期不一致"),
        ({"period": "2022-07-08"}, "所属期：2022-07-08 不是周四。.*应为 2022-07-14"),
        ({"document": "summary", "period": "2022-07-29-2"}, "所属期：只有典型案例可以有第二个"),
        ({"sha256": "00"}, "文件摘要：不是 SHA-256 文件摘要"),
    ],
)
def test_submission_that_contradicts_itself_is_refused(
    load: Load, rows: Rows, cells: dict[str, Any], problem: str
) -> None:
    stored = load("submissions", submission(**cells))

    [reason] = reasons(stored)
    assert str(reason).startswith(problem.split(".*")[0])
    assert str(reason).endswith(problem.split(".*")[-1]) or ".*" not in problem
    assert rows("submission") == []


def test_submission_sent_again_changes_and_keeps_what_it_was(
    conn: Connection, load: Load, rows: Rows
) -> None:
    load("submissions", submission(sha256="A" * 64, file_name="表.xlsx"))

    same = load("submissions", submission(sha256="a" * 64))
    assert (same.rows_updated, same.changed) == (1, False)
    load("submissions", submission(submitted_on=CLEAR))

    [row] = rows("submission")
    assert (row.submitted_on, row.sha256, row.row_version) == (None, "a" * 64, 2)
    change = schema.row_change.c
    kept = conn.execute(select(change.column_name, change.old_value, change.county_code)).all()
    assert kept == [("submitted_on", "2022-07-06", NORTH)]


@pytest.mark.parametrize(
    ("kind", "row", "changed"),
    [
        ("submissions", submission(), {"submitted_on": date(2022, 7, 7)}),
        ("county_actions", action(), {"detail": "0772-0005678"}),
    ],
)
def test_workbook_that_has_grown_old_overwrites_nothing(
    load: Load, rows: Rows, kind: str, row: dict[str, Any], changed: dict[str, Any]
) -> None:
    load(kind, row)
    load(kind, row | changed)

    stale = load(kind, {**row, "row_version": 1})

    assert (stale.rows_rejected, stale.changed) == (1, False)
    assert "该行在下载之后已被改动" in str(reasons(stale))
    fresh = load(kind, {**row, "row_version": 2})
    assert (fresh.rows_updated, fresh.changed) == (1, True)


@pytest.mark.parametrize(
    ("kind", "row"), [("submissions", submission()), ("county_actions", action())]
)
def test_county_writes_its_own_rows_alone(
    load: Load, rows: Rows, kind: str, row: dict[str, Any]
) -> None:
    table = {"submissions": "submission", "county_actions": "county_action"}[kind]
    stored = load(kind, row, {**row, "county_code": SOUTH}, sender=OF_NORTH)

    assert (stored.rows_loaded, stored.rows_rejected) == (1, 1)
    assert [each.county_code for each in rows(table)] == [NORTH]


def test_due_day_of_a_duty_is_the_plan_s_where_the_cell_is_empty(load: Load, rows: Rows) -> None:
    load(
        "county_actions",
        action(),
        action(duty="contact", detail="联系人甲 0772-0001234"),
        action(duty="plan", due_on=date(2022, 8, 1)),
    )
    load("county_actions", action(duty="plan", detail="方案"))

    assert {row.duty: row.due_on for row in rows("county_action")} == {
        "hotline": date(2022, 9, 30),
        "contact": date(2022, 7, 29),
        "plan": date(2022, 8, 1),
    }


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"done_on": MONDAY}, "佐证：登记完成须填佐证"),
        ({"done_on": MONDAY, "evidence": "公告", "detail": None}, "内容：登记完成须填内容"),
        ({"duty": "contact"}, "内容：联系人须写姓名和电话"),
        ({"duty": "mailbox", "detail": "0772-0001234"}, "内容：举报邮箱须写邮箱地址"),
        ({"duty": "mailbox", "detail": "jubao@example"}, "内容：举报邮箱须写邮箱地址"),
    ],
)
def test_duty_that_says_too_little_is_refused(
    load: Load, rows: Rows, cells: dict[str, Any], problem: str
) -> None:
    stored = load("county_actions", action(**cells))

    [reason] = reasons(stored)
    assert str(reason).startswith(problem)
    assert rows("county_action") == []


def test_mailbox_may_stand_among_other_words(load: Load) -> None:
    detail = "邮箱：jubao@example.gov.cn（工作日查收）"

    assert load("county_actions", action(duty="mailbox", detail=detail)).rows_loaded == 1


def test_evidence_that_is_on_record_stands_for_a_cell_left_empty(load: Load, rows: Rows) -> None:
    load("county_actions", action(evidence="公告"))
    load("county_actions", action(done_on=MONDAY))

    [row] = rows("county_action")
    assert (row.done_on, row.evidence) == (MONDAY, "公告")


def test_numbers_that_are_no_office_s_are_taken_out_of_a_duty(load: Load, rows: Rows) -> None:
    load("county_actions", action(duty="publicity", detail="家长 13800138000 来电"))

    [row] = rows("county_action")
    assert "13800138000" not in row.detail


def test_row_recorded_on_the_page_is_known_again(conn: Connection, load: Load, rows: Rows) -> None:
    row = {"county_code": NORTH, "duty": "hotline", "received_by_us_on": MONDAY}
    conn.execute(insert(schema.county_action).values({**row, "recorded_by": "county@demo"}))

    assert load("county_actions", action()).rows_updated == 1
    [stored] = rows("county_action")
    assert (stored.detail, stored.recorded_by) == ("0772-0001234", "county@demo")
