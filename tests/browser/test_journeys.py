"""What people come for, from the first click to what they take away, in a real browser."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Browser, Download, Locator, Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.visits import address, new_visitor, wait_until_drawn
from tests.data_access.ledgers.files import saved, xlsx

pytestmark = pytest.mark.browser

HEADER = ["县区", "机构名称", "机构类别", "经营状态", "排查日期"]
GOOD = ["融安县", "样例书法培训中心", "文化艺术", "在营", "2022-07-05"]
BAD = ["融安县", "样例编程工作室", "编程类", "在营", "2022-07-06"]


def said(page: Page) -> dict[str, list[str]]:
    """What the address says, but who is reading."""
    parameters = parse_qs(urlsplit(page.url).query)
    parameters.pop("as", None)
    return parameters


def headline(page: Page) -> Locator:
    return page.get_by_role("heading", level=3).first


def filters(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


def figures(page: Page) -> list[str]:
    return page.get_by_test_id("stMetric").all_inner_texts()


def workbook(download: Download) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(Path(download.path()).read_bytes()))


def take(page: Page, button: Locator) -> Download:
    with page.expect_download() as taken:
        button.click()
    return taken.value


def test_leader_follows_a_concern_to_its_rows_and_a_reload_keeps_the_view(
    open_as: OpenAs,
) -> None:
    page = open_as("leader@demo")
    expect(page.get_by_role("heading", level=1)).to_contain_text("全市总览")
    # Decisions of meetings come before it and are of no county.
    concern = page.get_by_test_id("stPageLink-NavLink").filter(has_text="占未销号的").first
    county = re.match(r"\w+?[县区]", concern.inner_text())
    assert county, "that concern of the sample is of one county"

    concern.click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("全市总览")
    wait_until_drawn(page)

    assert said(page)["county"] == [county[0]]
    expect(filters(page)).to_contain_text(county[0])
    seen = (headline(page).inner_text(), figures(page), said(page))
    page.reload()
    wait_until_drawn(page)
    expect(filters(page)).to_contain_text(county[0])
    assert (headline(page).inner_text(), figures(page), said(page)) == seen


@pytest.mark.soak
@pytest.mark.parametrize(
    ("figure", "title", "rows"),
    [("其中逾期", "整改销号", "逾期"), ("涉及", "退费纠纷", "未化解")],
)
def test_figure_of_the_overview_leads_to_its_rows(
    open_as: OpenAs, figure: str, title: str, rows: str
) -> None:
    """Where each of them leads `tests/pages/test_overview` shows, without a browser."""
    page = open_as("leader@demo", "overview", county="柳南区")

    page.get_by_test_id("stButtonGroup").get_by_text(figure).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    wait_until_drawn(page)

    assert said(page)["county"] == ["柳南区"]
    assert said(page)["rows"] == [rows]
    assert page.get_by_test_id("stAlert").count() == 0


def test_bar_of_a_county_narrows_the_list_another_replaces_it_and_again_widens_it(
    open_as: OpenAs,
) -> None:
    page = open_as("leader@demo", "registration_coverage")
    count = page.get_by_role("heading", name="卡在哪一项")
    whole = count.inner_text()
    bars = page.get_by_test_id("stVegaLiteChart").first.locator(".mark-rect path")

    bars.nth(0).click()
    expect(count).not_to_have_text(whole)
    first = count.inner_text()
    bars.nth(1).click()
    expect(count).not_to_have_text(first)
    second = count.inner_text()
    bars.nth(1).click()
    expect(count).to_have_text(whole)

    assert number(first) + number(second) < number(whole)


def number(words: str) -> int:
    found = re.search(r"(\d+) 家", words)
    assert found
    return int(found[1])


def test_county_clerk_imports_a_file_and_mends_what_came_back(
    page: Page, own_dashboard_url: str
) -> None:
    page.goto(address(own_dashboard_url, "450224@demo", "ledger_import"))
    wait_until_drawn(page)
    drop(page, "机构台账.xlsx", xlsx([["融安县机构台账"], HEADER, GOOD, BAD]))
    expect(page.get_by_text("读到 2 行 = 将新增 1 ＋ 已有 0 ＋ 将退回 1")).to_be_visible()
    expect(page.get_by_text("第 2 行是表头，认出 5 列")).to_be_visible()

    page.get_by_role("button", name="确认导入 1 个文件").click()
    expect(page.get_by_text("已导入：读到 2 行 = 新增 1 ＋ 已有 0 ＋ 退回 1")).to_be_visible()

    taken = take(page, page.get_by_role("button", name="下载退回的 1 行"))
    assert taken.suggested_filename == "机构台账_退回.xlsx"
    book = workbook(taken)
    rows = [[cell.value for cell in row] for row in book.active.rows]
    assert rows[-1][: len(BAD)] == BAD
    assert "编程" not in rows[-1][-1]
    assert "科技" in rows[-1][-1]

    book.active.cell(len(rows), HEADER.index("机构类别") + 1, "科技")
    drop(page, taken.suggested_filename, saved(book))
    page.get_by_role("button", name="确认导入 1 个文件").click()
    expect(page.get_by_text("读到 1 行 = 新增 1 ＋ 已有 0 ＋ 退回 0")).to_be_visible()
    expect(page.get_by_test_id("stFileChip")).to_have_count(0)


def drop(page: Page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files([file])


def test_table_is_taken_away_as_a_workbook_with_chinese_headers(open_as: OpenAs) -> None:
    page = open_as("450224@demo", "registration_coverage")
    listed = number(page.get_by_role("heading", name="卡在哪一项").inner_text())

    taken = take(page, page.get_by_role("button", name="下载 Excel").first)

    assert taken.suggested_filename == "未登记机构.xlsx"
    rows = list(workbook(taken).active.values)
    assert rows[0][:3] == ("县区", "机构名称", "卡在哪一项")
    assert all(re.search("[\u4e00-\u9fff]", str(label)) for label in rows[0])
    assert {row[0] for row in rows[1:]} == {"融安县"}
    assert len(rows) - 1 == listed


@pytest.mark.soak
@pytest.mark.parametrize("path", ["overview", "refund_disputes"])
def test_link_with_filters_shows_the_same_figures_to_another_reader(
    open_as: OpenAs, browser: Browser, path: str
) -> None:
    """What an address opens `tests/pages` shows of each page, without a browser."""
    page = open_as("leader@demo", path, day="2022-08-10", county="柳南区", category="文化艺术")
    expect(filters(page)).to_contain_text("柳南区")
    expect(filters(page)).to_contain_text("文化艺术")
    seen = (headline(page).inner_text(), figures(page))
    assert len(seen[1]) >= 5

    other = new_visitor(browser)
    again = other.new_page()
    again.goto(page.url)
    wait_until_drawn(again)

    assert (headline(again).inner_text(), figures(again)) == seen
    other.close()
