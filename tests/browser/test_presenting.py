"""Slides on the wall: keys move them, they fit a 1920×1080 screen, and leaving keeps the choice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.visits import wait_until_drawn
from ui.navigation import OVERVIEW

pytestmark = pytest.mark.browser

LEADER = "leader@demo"
SLIDES = 7


def number(page: Page) -> str:
    """Which slide is shown, as the slide itself says."""
    return page.get_by_test_id("stMarkdown").first.inner_text().split("\n")[0]


def turn(page: Page, key: str, to: int) -> None:
    page.keyboard.press(key)
    expect(page.get_by_test_id("stMarkdown").first).to_contain_text(f"{to}/{SLIDES}")
    wait_until_drawn(page)


def test_keys_turn_the_slides_and_each_fits_the_wall(open_as: OpenAs) -> None:
    page = open_as(LEADER, OVERVIEW.url_path, present="1", day="2022-08-18")
    page.set_viewport_size({"width": 1920, "height": 1080})
    wait_until_drawn(page)
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    assert f"1/{SLIDES}" in number(page)

    for to in range(2, SLIDES + 1):
        turn(page, "ArrowRight" if to % 2 else "PageDown", to)
        assert f"slide={to}" in page.url
        # The last thing on a slide is the row of buttons.
        last = page.get_by_role("button", name="退出投屏").bounding_box()
        assert last is not None
        assert last["y"] + last["height"] <= 1080, f"slide {to} runs off the wall"
    turn(page, "ArrowLeft", SLIDES - 1)
    turn(page, "PageUp", SLIDES - 2)

    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_contain_text(OVERVIEW.title)
    wait_until_drawn(page)
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    assert "present" not in page.url
    assert "day=2022-08-18" in page.url


def test_words_of_a_slide_can_be_read_from_four_metres(open_as: OpenAs) -> None:
    page = open_as(LEADER, OVERVIEW.url_path, present="1", slide="2")
    page.set_viewport_size({"width": 1920, "height": 1080})
    wait_until_drawn(page)

    sizes = page.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMain] text, h5, h6')]
            .filter(each => each.textContent.trim())
            .map(each => parseFloat(getComputedStyle(each).fontSize))"""
    )
    assert len(sizes) > 20
    assert min(sizes) >= 20
