"""An unannounced visit from the first choice to the county's item, in a real browser."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import serve_copy
from tests.browser.maps import click_until, picture, point_at
from tests.browser.test_reporters import received
from tests.browser.test_violation_map import CHECKBOX, FIRST_ROW
from tests.browser.visits import LAPTOP, Requests, address, new_visitor, wait_until_drawn
from tests.servers import SAMPLE_SERVER, serve_warm

pytestmark = pytest.mark.browser

SUPERVISOR, COUNTY, NEIGHBOUR = "supervisor@demo", "450224@demo", "450225@demo"
PLANS, RESULTS, ITEMS = "visit_plans", "visit_results", "rectification"
BORN_OF_VISITS = "XT-AF"  # how their numbers begin
NOTE = "现场有学生十二人"
PHONE = ViewportSize(width=390, height=844)
TOO_WIDE = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  return Math.max(main.scrollWidth - main.clientWidth,
                  document.documentElement.scrollWidth - window.innerWidth);
}"""


@pytest.fixture
def office(sample: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A dashboard of this test's own: its address and its database."""
    copy = Path(shutil.copy(sample, tmp_path))
    environment = {"DATABASE_URL": f"sqlite:///{copy}"}
    with serve_warm(SAMPLE_SERVER, log=tmp_path / "server.log", env=environment) as server:
        yield server.url, copy


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, browser: Browser, url: str, account: str) -> None:
        self._context = new_visitor(browser)
        self.requests = Requests(self._context)
        self.page = self._context.new_page()
        self.frames = received(self.page)
        self._url, self._account = url, account

    def open(self, path: str) -> Page:
        self.page.goto(address(self._url, self._account, path))
        wait_until_drawn(self.page)
        return self.page

    def was_sent(self, words: str) -> bool:
        return any(words.encode() in frame for frame in self.frames)

    def close(self) -> None:
        self._context.close()


def rows(database: Path, sql: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(sql).fetchall()


def said(page: Page, words: str) -> None:
    expect(page.get_by_test_id("stAlert").filter(has_text=words)).to_be_visible()
    wait_until_drawn(page)


def press(page: Page, name: str, *, then: str) -> None:
    """Press a button, and read what was done."""
    page.get_by_role("button", name=name, exact=True).click()
    said(page, then)


def confirm(page: Page, ask: str, name: str, *, then: str) -> None:
    """Press a button that asks once more, and confirm where it stays open."""
    page.get_by_role("button", name=ask).click()
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    wait_until_drawn(page)
    press(page, name, then=then)


def click_first_stop(page: Page, pin: Locator, *, is_there: bool) -> None:
    """Click beside the first stop; what can be done to it comes, or is gone again."""

    def beside() -> tuple[float, float]:
        table = page.get_by_test_id("stDataFrame").first
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        assert box is not None
        x, y = box["x"] + CHECKBOX, box["y"] + FIRST_ROW
        page.mouse.move(x, y + 2)
        return x, y

    click_until(page, beside, lambda: pin.is_visible() == is_there)


def choose_middle_of_map(page: Page, pin: Locator) -> None:
    """Choose the stop there."""
    click_until(page, lambda: point_at_stop(page), pin.is_visible)


def point_at_stop(page: Page) -> tuple[float, float]:
    """Point at the middle of the map; there lies a stop."""
    place = point_at(page, 0.5, 0.5)
    expect(page.locator(".deck-tooltip")).to_contain_text("到达")
    return place


def find_in_first_table(page: Page, words: str) -> None:
    """Search the first table, and see the one row that has the words."""
    table = page.get_by_test_id("stDataFrame").first
    table.hover()
    page.get_by_role("button", name="查找").first.click()
    page.keyboard.type(words)
    expect(page.get_by_text("1 条结果")).to_be_visible()


def headline(page: Page) -> str:
    return page.get_by_role("heading", level=3).first.inner_text()


@pytest.mark.soak
def test_visit_from_the_choice_to_the_item_of_the_county(
    page: Page, browser: Browser, office: tuple[str, Path]
) -> None:
    """The pages by themselves `tests/pages` shows, and that nobody is told `tests/canaries`."""
    url, database = office
    county = Visitor(browser, url, COUNTY)
    before = headline(county.open(ITEMS))

    choose_and_draw(page, url)
    choose_a_stop_and_hold_it(page)
    assert rows(database, "SELECT count(*) FROM visit_stop WHERE pinned") == [(1,)]

    confirm(page, "封存计划", "确认封存", then="计划已封存")
    expect(page.get_by_role("button", name="重排路线")).to_have_count(0)
    [(team,)] = rows(database, "SELECT min(team) FROM visit_stop")
    printed = print_sheet(page, team)
    stops = rows(database, f"SELECT name FROM visit_stop WHERE team = {team}")  # noqa: S608
    assert stops
    assert [name for (name,) in stops if "".join(name.split()) not in printed] == []
    assert not re.search("风险|得分|抽签|举报", printed)

    enter_on_a_phone(page, url)
    [(number,)] = rows(database, "SELECT ledger_no FROM rectification WHERE withheld")
    assert number.startswith(BORN_OF_VISITS)
    page.goto(address(url, SUPERVISOR, ITEMS, county="融安县"))
    wait_until_drawn(page)
    find_in_first_table(page, number)

    assert headline(county.open(ITEMS)) == before
    for path in (PLANS, RESULTS):
        county.open(path)
    expect(county.page.get_by_role("heading", name="没有这个页面", level=1)).to_be_visible()
    assert county.frames
    assert [words for words in (BORN_OF_VISITS, NOTE) if county.was_sent(words)] == []

    page.goto(address(url, SUPERVISOR, RESULTS))
    wait_until_drawn(page)
    confirm(page, "公布结果", "确认公布", then="结果已公布")
    assert headline(county.open(ITEMS)) != before
    find_in_first_table(county.page, number)
    assert county.was_sent(number)
    assert not county.was_sent("风险分")

    neighbour = Visitor(browser, url, NEIGHBOUR)
    neighbour.open(ITEMS)
    assert neighbour.frames
    assert not neighbour.was_sent(BORN_OF_VISITS)
    for visitor in (county, neighbour):
        assert visitor.requests.off_this_machine() == []
        visitor.close()


def test_page_on_which_results_are_entered_is_no_wider_than_a_phone(
    page: Page, canaries: Path, tmp_path: Path
) -> None:
    with serve_copy(canaries, tmp_path) as url:
        page.set_viewport_size(PHONE)
        page.goto(address(url, SUPERVISOR, RESULTS))
        wait_until_drawn(page)

        outcome = page.get_by_test_id("stMain").get_by_role("radio", name="发现违规")
        expect(outcome.first).to_be_visible()
        assert page.evaluate(TOO_WIDE) <= 0


def choose_and_draw(page: Page, url: str) -> None:
    """Ask for a plan of 融安 from there, where whatever is drawn can be reached; have it routed."""
    page.goto(address(url, SUPERVISOR, PLANS, county="融安县"))
    wait_until_drawn(page)
    page.get_by_label("最多查几处").fill("5")
    start = page.get_by_test_id("stMultiSelect").filter(has_text="出发地")
    start.get_by_role("button", name="去掉城中区").click()
    start.get_by_role("combobox").fill("融安县")
    page.get_by_role("option", name="融安县（长安镇）").click()
    page.keyboard.press("Escape")  # while a list is open, it is all that there is
    press(page, "抽签并建立计划", then="候选 ")
    press(page, "排路线", then="路线已排好")


def choose_a_stop_and_hold_it(page: Page) -> None:
    """Choose a stop in the list, no longer, then on the map, which went there and stayed."""
    pin = page.get_by_role("button", name="固定在此组此日")
    click_first_stop(page, pin, is_there=True)
    picture(page)  # once it is there, it has stayed
    point_at_stop(page)
    click_first_stop(page, pin, is_there=False)
    choose_middle_of_map(page, pin)
    wait_until_drawn(page)
    press(page, "固定在此组此日", then="已记下")


def print_sheet(page: Page, team: str) -> str:
    """Take the sheet of a team; return its words, without the spaces between them."""
    with page.expect_download() as taken:
        page.get_by_role("button", name=f"第 {team} 组工作单").click()
    assert taken.value.suggested_filename == f"暗访计划1_第{team}组工作单.pdf"
    with closing(pypdfium2.PdfDocument(Path(taken.value.path()))) as printed:
        return "".join("".join(sheet.get_textpage().get_text_range().split()) for sheet in printed)


def enter_on_a_phone(page: Page, url: str) -> None:
    """Enter a violation at the first stop; the page is no wider than the phone."""
    page.set_viewport_size(PHONE)
    page.goto(address(url, SUPERVISOR, RESULTS))
    wait_until_drawn(page)
    page.get_by_test_id("stMain").get_by_role("radio", name="发现违规").click()
    page.get_by_label("情况说明").fill(NOTE)
    wait_until_drawn(page)
    assert page.evaluate(TOO_WIDE) <= 0
    press(page, "登记", then="结果已登记")
    page.set_viewport_size(LAPTOP)
