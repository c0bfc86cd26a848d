"""No official reads English on any page, nor in what the frontend opens over it."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from data_access.accounts import PERMISSIONS, Role
from tests.browser.conftest import OpenAs
from tests.browser.visits import TIMEOUT_MS, address, new_visitor, wait_until_drawn
from tests.menu import ACCOUNTS
from tests.servers import SAMPLE_SERVER, serve_warm
from ui import navigation
from ui.navigation import ENTRIES, LEDGER_IMPORT, OVERVIEW, REGISTRATION_COVERAGE, MenuEntry

pytestmark = pytest.mark.browser

SUPERVISOR = "supervisor@demo"
TRIES: Final = 5
ALLOWED = re.compile(
    r"\w+@demo"  # demonstration accounts
    r"|[^\s]+\.(xlsx|xls|csv|pdf)\b"  # files
    r"|\b[0-9a-f]{64}\b|\b[0-9A-Z]{18}\b|\b[A-Z]{2,4}\d{4,}\b"  # digests, codes and numbers
    r"|\.?\b(xlsx|xls|csv)\b|\b(Excel|PDF|PPT|Word)\b|\bSHA-256\b|\bWGS-84\b|\bGCJ-02\b|\bBD-09\b|\bEsc\b",
    re.IGNORECASE,
)
LATIN = re.compile(r"[A-Za-z]{3,}")
# Every text that is drawn or read out, but the names of icons, which their font draws as pictures,
# and what Vega says of single marks: charts have a description of their own.
WORDS = """() => {
  const found = [];
  const left_out = 'script, style, noscript, [data-testid="stIconMaterial"],'
    + ' [data-testid="stAlertDynamicIcon"]';
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    if (!texts.currentNode.parentElement.closest(left_out)) {
      found.push(texts.currentNode.textContent);
    }
  }
  for (const name of ['title', 'placeholder', 'aria-label', 'alt']) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (!element.closest('.vega-embed')) found.push(element.getAttribute(name));
    }
  }
  return found;
}"""


def english(page: Page) -> list[str]:
    """The texts of a page with a Latin word of three letters or more that is not allowed."""
    texts: list[str] = page.evaluate(WORDS)
    return sorted({text for text in texts if LATIN.search(ALLOWED.sub("", text))})


def table(page: Page) -> Locator:
    """The first table of a page, with its buttons shown."""
    found = page.get_by_test_id("stDataFrame").first
    found.scroll_into_view_if_needed()
    found.hover()
    return found


def open_column_menu(page: Page, left: int) -> Locator:
    """Open the menu of the column whose header is ``left`` pixels from the table's left edge."""
    box = table(page).bounding_box()
    assert box
    menu = page.get_by_test_id("stDataFrameColumnMenu")
    for offset in range(left, int(box["width"]), 12):  # the button is drawn, not an element
        page.mouse.click(box["x"] + offset, box["y"] + 18)
        page.wait_for_timeout(200)
        if menu.count():
            return menu
    raise AssertionError("no column of the table opens a menu")


def open_options(page: Page, box: Locator) -> None:
    """Open the options of a box; a chart that gets its size just then closes them again."""
    everything = page.get_by_role("option", name="全选")
    for _ in range(TRIES):
        box.click()
        with contextlib.suppress(PlaywrightError):
            everything.wait_for(timeout=TIMEOUT_MS / TRIES)
            return
    raise AssertionError("the options do not stay open")


# Between them they have every element that pages are made of.
ELEMENTS: Final = (
    *(navigation.ACCESS_LOG, navigation.COMPLIANCE_CHECKS, navigation.DATA_QUALITY),
    *(navigation.HOTSPOTS, navigation.SUBMISSIONS, navigation.VISIT_PLANS, LEDGER_IMPORT, OVERVIEW),
)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(
            entry, id=entry.url_path, marks=[] if entry in ELEMENTS else [pytest.mark.soak]
        )
        for entry in ENTRIES
    ],
)
def test_page_and_its_filters_are_in_chinese(open_as: OpenAs, entry: MenuEntry) -> None:
    """The other pages are left to the soak."""
    may = entry.permission in PERMISSIONS[Role.SUPERVISOR]
    page = open_as(SUPERVISOR if may else ACCOUNTS[Role.ADMIN], entry.url_path)

    assert page.get_by_role("heading", level=1).inner_text().startswith(entry.title)
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    assert english(page) == []

    if entry in (navigation.ACCOUNTS, navigation.BACKTEST):  # ask for no day
        return
    if entry is navigation.ACCESS_LOG:
        page.get_by_text("自定起止").click()
    page.get_by_test_id("stDateInputCalendarButton").first.click()
    expect(page.get_by_test_id("stDateInputCalendar").first).to_contain_text("月")
    assert english(page) == []


def test_sign_in_is_in_chinese(open_as: OpenAs) -> None:
    page = open_as(None)

    assert english(page) == []


def test_box_that_finds_nothing_says_so_in_chinese(open_as: OpenAs) -> None:
    page = open_as(SUPERVISOR, REGISTRATION_COVERAGE.url_path)
    box = page.get_by_test_id("stMultiSelect").first.get_by_role("combobox")

    open_options(page, box)
    assert english(page) == []

    box.fill("天津")
    expect(page.get_by_role("listbox")).to_have_text("没有匹配的选项")
    assert english(page) == []


def test_buttons_above_a_table_are_in_chinese(open_as: OpenAs) -> None:
    page = open_as(SUPERVISOR, OVERVIEW.url_path)
    buttons = table(page).get_by_test_id("stElementToolbarButton")

    for place, words in enumerate(("显示或隐藏列", "查找", "全屏")):
        buttons.nth(place).hover()
        expect(page.get_by_test_id("stTooltipContent")).to_have_text(words)
    assert english(page) == []

    buttons.nth(0).click()
    expect(page.get_by_test_id("stDataFrameColumnVisibilityMenu")).to_contain_text("全选")
    assert english(page) == []


def test_search_in_a_table_is_in_chinese(open_as: OpenAs) -> None:
    page = open_as(SUPERVISOR, OVERVIEW.url_path)
    found = table(page)

    found.get_by_test_id("stElementToolbarButton").nth(1).click()
    expect(found).to_contain_text("输入要找的文字")
    assert english(page) == []

    found.get_by_test_id("search-input").fill("柳")
    expect(found).to_contain_text("条结果")
    found.get_by_role("button", name="下一条").click()
    expect(found).to_contain_text("第 1 条，共")
    assert english(page) == []


@pytest.mark.parametrize("left", [60, 620], ids=["words", "numbers"])
def test_menu_of_a_column_is_in_chinese(open_as: OpenAs, left: int) -> None:
    page = open_as(SUPERVISOR, OVERVIEW.url_path)
    menu = open_column_menu(page, left)

    expect(menu).to_contain_text("升序排列")
    menu.get_by_text("统计").hover()
    expect(page.get_by_test_id("stDataFrameStatisticsMenu")).to_contain_text("不同的值")
    assert english(page) == []


def test_uploader_refuses_a_file_in_chinese(open_as: OpenAs) -> None:
    page = open_as(SUPERVISOR, LEDGER_IMPORT.url_path)
    uploader = page.get_by_test_id("stFileUploader")
    expect(uploader).to_contain_text("每个文件不超过 100MB")

    uploader.locator("input[type=file]").set_input_files(
        [{"name": "台账.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}]
    )

    expect(uploader).to_contain_text("不接受这种类型的文件。")
    page.get_by_test_id("stFileChip").hover()
    expect(page.get_by_role("tooltip")).to_have_text("不接受这种类型的文件。")
    assert english(page) == []


def test_unknown_address_is_told_in_chinese(open_as: OpenAs) -> None:
    page = open_as(SUPERVISOR, "no_such_page")

    expect(page.get_by_role("dialog")).to_contain_text("没有这个页面")
    assert english(page) == []
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("没有这个页面")
    page.get_by_test_id("stSidebarNav").get_by_text(OVERVIEW.title).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(OVERVIEW.title)


def test_lost_connection_is_told_in_chinese(page: Page, sample: Path, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": f"sqlite:///{shutil.copy(sample, tmp_path)}"}
    with serve_warm(SAMPLE_SERVER, log=tmp_path / "server.log", env=environment) as server:
        page.goto(address(server.url))  # the page with the least to it
        wait_until_drawn(page)

    expect(page.get_by_role("dialog")).to_contain_text("与服务器的连接已中断")
    assert english(page) == []


def test_browser_in_english_makes_no_difference(browser: Browser, dashboard_url: str) -> None:
    context = new_visitor(browser, locale="en-US")
    page = context.new_page()
    page.goto(address(dashboard_url, SUPERVISOR, OVERVIEW.url_path))
    wait_until_drawn(page)

    page.get_by_test_id("stDateInputCalendarButton").first.click()

    expect(page.get_by_test_id("stDateInputCalendar").first).to_contain_text("八月")
    assert english(page) == []
    context.close()
