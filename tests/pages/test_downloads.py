"""Files are handed out to accounts that still hold, and never before the access log has a line."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import delete, select, text, update

from data_access import clock
from data_access.engine import get_engine
from data_access.schema import account, audit_event, sign_in
from tests.pages.conftest import Files, OpenPage
from ui.downloads import NotHandedOutError
from ui.navigation import (
    LEDGER_IMPORT,
    OVERVIEW,
    RECTIFICATION,
    REGISTRATION_COVERAGE,
    VIOLATION_MAP,
)

LEADER, OWN = "leader@demo", "450224@demo"
LISTED = "未登记机构.xlsx"


def logged(action: str = "export") -> list[dict[str, Any]]:
    """The lines of the access log about one kind of action, the detail read."""
    with get_engine().connect() as conn:
        rows = conn.execute(
            select(audit_event).where(audit_event.c.action == action).order_by(audit_event.c.id)
        ).mappings()
        return [{**row, "detail": json.loads(row["detail"] or "{}")} for row in rows]


def change(**values: Any) -> None:
    """Change the account that the page was opened as."""
    with get_engine().begin() as conn:
        conn.execute(update(account).where(account.c.email == OWN).values(**values))


def test_download_is_logged_with_who_what_how_many_and_the_filters(
    open_page: OpenPage, files: Files
) -> None:
    open_page(
        REGISTRATION_COVERAGE.script,
        LEADER,
        day="2022-08-18",
        county=["融安县", "三江侗族自治县"],
        category="体育",
    )
    assert logged() == []

    data = files[LISTED]()

    [page] = openpyxl.load_workbook(BytesIO(data)).worksheets
    [event] = logged()
    assert event["email"] == LEADER
    assert event["target"] == "登记覆盖"
    assert event["detail"] == {
        "what": "未登记机构",
        "rows": page.max_row - 1,
        "filters": {
            "统计日期": "2022-08-18",
            "县区": "融安县、三江侗族自治县",
            "机构类别": "体育",
        },
    }


def test_every_click_is_logged_by_itself(open_page: OpenPage, files: Files) -> None:
    open_page(REGISTRATION_COVERAGE.script, LEADER)

    files[LISTED]()
    files[LISTED]()

    assert len(logged()) == 2


def test_filters_of_one_page_are_not_told_of_another(open_page: OpenPage, files: Files) -> None:
    open_page(REGISTRATION_COVERAGE.script, LEADER, county="融安县")
    open_page(RECTIFICATION.script, LEADER, rows="逾期")

    files["整改事项（逾期）.xlsx"]()

    [event] = logged()
    assert event["target"] == "整改销号"
    assert event["detail"]["what"] == "整改事项名单：逾期"
    assert event["detail"]["filters"] == {"统计日期": "2022-08-25"}


def test_list_that_tells_how_to_choose_from_it_is_logged_by_its_name(
    open_page: OpenPage, files: Files
) -> None:
    open_page(VIOLATION_MAP.script, LEADER)

    files["举报地点.xlsx"]()

    [event] = logged()
    assert event["detail"]["what"] == "举报地点"


@pytest.mark.parametrize(
    "changed",
    [{"active": False}, {"county_code": "450225"}, {"role": "leader", "county_code": None}],
    ids=["inactive", "another county", "another role"],
)
def test_account_that_is_not_what_it_was_gets_no_file(
    open_page: OpenPage, files: Files, changed: dict[str, Any]
) -> None:
    open_page(REGISTRATION_COVERAGE.script, OWN)
    change(**changed)

    with pytest.raises(NotHandedOutError):
        files[LISTED]()

    assert logged() == []
    [refusal] = logged("refused")
    assert (refusal["email"], refusal["target"]) == (OWN, "登记覆盖")


def test_account_that_is_gone_gets_no_file(open_page: OpenPage, files: Files) -> None:
    open_page(REGISTRATION_COVERAGE.script, OWN)
    with get_engine().begin() as conn:
        conn.execute(delete(account).where(account.c.email == OWN))

    with pytest.raises(NotHandedOutError):
        files[LISTED]()


@pytest.mark.parametrize("end", ["ended", "all ended", "expired"])
def test_sign_in_that_does_not_hold_any_more_gets_no_file(
    open_signed_in: OpenPage, files: Files, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_signed_in(REGISTRATION_COVERAGE.script, OWN)
    files[LISTED]()
    with get_engine().begin() as conn:
        if end == "ended":
            conn.execute(update(sign_in).values(ended_at=clock.now()))
        elif end == "all ended":
            conn.execute(update(account).values(signed_out_at=clock.now()))
    if end == "expired":
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now.replace(year=now.year + 1))

    with pytest.raises(NotHandedOutError):
        files[LISTED]()

    assert len(logged()) == 1


def test_what_cannot_be_logged_is_not_handed_out(
    open_page: OpenPage, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    open_page(OVERVIEW.script, LEADER)
    with get_engine().begin() as conn:
        conn.execute(text("ALTER TABLE audit_event RENAME TO audit_event_away"))

    with pytest.raises(NotHandedOutError, match="number") as refused:
        files["各县区一览.xlsx"]()

    number = str(refused.value).rsplit(" ", 1)[-1]
    assert number in caplog.text  # the trace is found by it
    assert "audit_event" in caplog.text
    assert refused.value.__suppress_context__  # Streamlit logs what it gets


def test_file_that_cannot_be_made_is_not_logged_as_taken(
    open_page: OpenPage, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(OVERVIEW.script, LEADER)

    def fail(*_args: object, **_named: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr("ui.tables.to_excel", fail)
    with pytest.raises(NotHandedOutError):
        files["各县区一览.xlsx"]()

    assert logged() == []


def test_rejected_rows_are_handed_out_like_any_other_file(
    open_page: OpenPage, files: Files
) -> None:
    page = open_page(LEDGER_IMPORT.script, OWN)
    rows = "县区,机构名称,机构类别,经营状态,排查日期\n融安县,甲,编程类,在营,2022-07-05\n"
    page.file_uploader[0].set_value([("台账.csv", rows.encode(), "")]).run()
    [button] = [button for button in page.button if button.label.startswith("确认导入")]
    button.click().run()

    files["台账_退回.xlsx"]()

    [event] = logged()
    assert event["target"] == "台账导入"
    assert event["detail"] == {"what": "导入时退回的行", "rows": 1, "filters": {}}

    change(active=False)
    with pytest.raises(NotHandedOutError):
        files["台账_退回.xlsx"]()
