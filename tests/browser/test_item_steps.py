"""A county's item in a real browser: submitted, returned, submitted again, closed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_violation_map import CHECKBOX, FIRST_ROW
from tests.browser.visits import address, wait_until_drawn

pytestmark = pytest.mark.browser

COUNTY = "450226"  # it has one open item, and nothing waits to be verified
REASON = "照片看不清门牌，请补拍"


def choose_first_item(page: Page) -> None:
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + CHECKBOX, box["y"] + FIRST_ROW)
    expect(page.get_by_text("全部经过", exact=True)).to_be_visible()
    wait_until_drawn(page)


def submit(page: Page, evidence: str) -> None:
    page.get_by_label("佐证材料").fill(evidence)
    page.get_by_role("button", name="申请销号").click()


@pytest.mark.soak
def test_submitted_returned_submitted_again_and_closed(
    context: BrowserContext, own_dashboard_url: str, tmp_path: Path
) -> None:
    clerk, colleague, supervisor = (context.new_page() for _ in range(3))
    for page in (clerk, colleague):
        page.goto(address(own_dashboard_url, f"{COUNTY}@demo", "rectification"))
        wait_until_drawn(page)
        choose_first_item(page)
    clerk.get_by_role("radiogroup", name="群众认可").get_by_text("是", exact=True).click()
    submit(clerk, "已停办，附现场照片 2 张")
    expect(clerk.get_by_text("已提交，待市督查组复核")).to_be_visible()

    submit(colleague, "另一份佐证")  # the page is as it was before
    expect(colleague.get_by_text("现在不能再这样办理")).to_be_visible()
    expect(colleague.get_by_text("佐证材料：另一份佐证")).to_be_visible()

    queue = {"rows": "待复核", "county": "三江侗族自治县"}
    supervisor.goto(address(own_dashboard_url, "supervisor@demo", "rectification", **queue))
    wait_until_drawn(supervisor)
    choose_first_item(supervisor)
    supervisor.get_by_label("复核说明").fill(REASON)
    supervisor.get_by_role("button", name="退回", exact=True).click()
    expect(supervisor.get_by_text("已退回，县区会看到退回的理由")).to_be_visible()

    clerk.reload()
    wait_until_drawn(clerk)
    choose_first_item(clerk)
    submit(clerk, "补拍了门牌和教室，附照片 4 张")
    expect(clerk.get_by_text("已提交，待市督查组复核")).to_be_visible()

    supervisor.reload()
    wait_until_drawn(supervisor)
    choose_first_item(supervisor)
    supervisor.get_by_role("button", name="复核通过，销号").click()
    expect(supervisor.get_by_text("已销号，销号日期为今天")).to_be_visible()

    with closing(sqlite3.connect(tmp_path / "liuzhou.db")) as db:
        told = db.execute(
            "SELECT e.step, e.actor, e.note FROM rectification_event AS e"
            " WHERE e.county_code = ? AND e.recorded_at IS NOT NULL ORDER BY e.id",
            (COUNTY,),
        ).fetchall()
    assert [step for step, _, _ in told] == ["submit", "return", "submit", "close"]
    assert told[1][1:] == ("supervisor@demo", REASON)
