"""A county's Wednesday evening in a real browser, from what is to do to the city's return."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_journeys import drop, take
from tests.browser.test_violation_map import CHECKBOX, FIRST_ROW
from tests.browser.visits import address, wait_until_drawn
from tests.data_access.ledgers.files import saved

pytestmark = pytest.mark.browser

COUNTY, NAME = "450225", "融水苗族自治县"
LATE, DISPUTE, INSTITUTION = "ZG2022-0374", "TF2022-0602", "壬辰戏剧培训学校"
REASON = "照片看不清门牌，请补拍"
ROW = 35


def headline(page: Page) -> Locator:
    return page.get_by_role("heading", level=3).first


def put(book: openpyxl.Workbook, sheet: str, row: str, header: str, value: Any) -> None:
    """Fill in the cell under a header, in the row of a sheet in which a cell says ``row``."""
    page = book[sheet]
    column = [cell.value for cell in page[1]].index(header)
    [found] = [each for each in page.iter_rows(min_row=2) if row in [c.value for c in each]]
    found[column].value = value


def choose(page: Page, number: str) -> None:
    """Choose the item of that number in the list, which may not be the first."""
    table = page.get_by_test_id("stDataFrame").first
    for place in range(4):
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + CHECKBOX, box["y"] + FIRST_ROW + ROW * place)
        expect(page.get_by_text("全部经过", exact=True)).to_be_visible()
        wait_until_drawn(page)
        if page.get_by_text(number).count():
            return
    raise AssertionError(f"{number} is not in the list")


@pytest.mark.soak
def test_county_mends_its_ledgers_submits_an_item_and_sees_it_returned(
    context: BrowserContext, own_dashboard_url: str
) -> None:
    """Each of its steps `tests/pages` shows without a browser: 县区自查, 台账导入 and the rows."""
    clerk, supervisor = context.new_page(), context.new_page()
    clerk.goto(address(own_dashboard_url, f"{COUNTY}@demo", "self_review"))
    wait_until_drawn(clerk)
    expect(headline(clerk)).to_contain_text("整改销号 2 件（逾期 2 件）")
    expect(headline(clerk)).to_contain_text("平台登记 1 家")
    expect(headline(clerk)).to_contain_text("已申请销号 1 件")

    taken = take(clerk, clerk.get_by_role("button", name="下载待办工作簿（填好可再导入）"))
    assert taken.suggested_filename == f"{NAME}待办工作簿（2022-08-25）.xlsx"
    book = openpyxl.load_workbook(BytesIO(Path(taken.path()).read_bytes()))
    put(book, "机构台账", INSTITUTION, "平台登记日期", date(2022, 8, 24))
    put(book, "退费纠纷", DISPUTE, "一企一策", "是")

    clerk.goto(address(own_dashboard_url, f"{COUNTY}@demo", "ledger_import"))
    wait_until_drawn(clerk)
    clerk.get_by_role("combobox", name="台账种类").click()
    clerk.get_by_role("option", name="待办工作簿").click()
    wait_until_drawn(clerk)
    drop(clerk, taken.suggested_filename, saved(book))
    expect(clerk.get_by_text("读到 11 行 = 将新增 0 ＋ 已有 11 ＋ 将退回 0")).to_be_visible()
    clerk.get_by_role("button", name="确认导入 1 个文件").click()
    expect(clerk.get_by_text("已导入：读到 11 行 = 新增 0 ＋ 已有 11 ＋ 退回 0")).to_be_visible()

    clerk.goto(address(own_dashboard_url, f"{COUNTY}@demo", "rectification", rows="逾期"))
    wait_until_drawn(clerk)
    choose(clerk, LATE)
    clerk.get_by_label("佐证材料").fill("已停办，附现场照片 2 张")
    if clerk.get_by_role("radiogroup", name="群众认可").count():
        clerk.get_by_role("radiogroup", name="群众认可").get_by_text("是", exact=True).click()
    clerk.get_by_role("button", name="申请销号").click()
    expect(clerk.get_by_text("已提交，待市督查组复核")).to_be_visible()

    clerk.goto(address(own_dashboard_url, f"{COUNTY}@demo", "self_review"))
    wait_until_drawn(clerk)
    expect(headline(clerk)).to_contain_text("整改销号 1 件（逾期 1 件）")
    expect(headline(clerk)).to_contain_text("已申请销号 2 件，待市督查组复核")
    expect(headline(clerk)).not_to_contain_text("平台登记")

    queue = {"rows": "待复核", "county": NAME}
    supervisor.goto(address(own_dashboard_url, "supervisor@demo", "rectification", **queue))
    wait_until_drawn(supervisor)
    choose(supervisor, LATE)
    supervisor.get_by_label("复核说明").fill(REASON)
    supervisor.get_by_role("button", name="退回", exact=True).click()
    expect(supervisor.get_by_text("已退回，县区会看到退回的理由")).to_be_visible()

    clerk.reload()
    wait_until_drawn(clerk)
    expect(headline(clerk)).to_contain_text("整改销号 2 件（逾期 2 件）")
    clerk.goto(address(own_dashboard_url, f"{COUNTY}@demo", "rectification", rows="逾期"))
    wait_until_drawn(clerk)
    choose(clerk, LATE)
    expect(clerk.get_by_text(REASON).first).to_be_visible()
