"""Reporters' words in a real browser: on the screen and on the wire for one who gives a reason."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_violation_map import CHECKBOX, FIRST_ROW, PATH
from tests.browser.visits import address, wait_until_drawn

pytestmark = pytest.mark.browser

WHY = "核实举报内容，联系举报人"


def received(page: Page) -> list[bytes]:
    """All that the page is sent from now on."""
    frames: list[bytes] = []

    def keep(payload: str | bytes) -> None:
        frames.append(payload.encode() if isinstance(payload, str) else payload)

    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    return frames


def choose_first_report(page: Page) -> None:
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + CHECKBOX, box["y"] + FIRST_ROW)
    expect(page.get_by_test_id("stText").filter(has_text="内容已隐去")).to_be_visible()
    wait_until_drawn(page)


def words_of(number: str, sample: Path) -> bytes:
    with closing(sqlite3.connect(sample)) as db:
        statement = "SELECT summary FROM violation_report WHERE report_no = ?"
        words: str = db.execute(statement, [number]).fetchone()[0]
    return words.encode()


def number_on(page: Page) -> str:
    return page.get_by_test_id("stText").first.inner_text().removeprefix("线索 ")


@pytest.mark.soak
def test_words_come_over_the_wire_once_a_supervisor_gives_a_reason(
    context: BrowserContext, own_dashboard_url: str, sample: Path
) -> None:
    """That these are the words, and are sent for a reason alone, `tests/canaries` shows, too."""
    page = context.new_page()
    frames = received(page)
    page.goto(address(own_dashboard_url, "supervisor@demo", PATH))
    wait_until_drawn(page)
    choose_first_report(page)
    words = words_of(number_on(page), sample)
    assert not [frame for frame in frames if words in frame]

    page.get_by_label("查看原因").fill(WHY)
    page.get_by_role("button", name="查看原文").click()

    expect(page.get_by_text(words.decode())).to_be_visible()
    assert [frame for frame in frames if words in frame]
    page.get_by_role("button", name="隐去原文").click()
    expect(page.get_by_text(words.decode())).to_have_count(0)


def test_words_never_come_over_the_wire_to_a_county(
    context: BrowserContext, dashboard_url: str, sample: Path
) -> None:
    page = context.new_page()
    frames = received(page)
    page.goto(address(dashboard_url, "450203@demo", PATH))
    wait_until_drawn(page)
    choose_first_report(page)

    expect(page.get_by_text("只有市督查组可以查看")).to_be_visible()
    assert frames
    assert not [frame for frame in frames if words_of(number_on(page), sample) in frame]
