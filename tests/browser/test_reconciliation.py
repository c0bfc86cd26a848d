"""A county clerk decides pairs by keys alone, takes one back, and reads them on a telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visits import address, wait_until_drawn

pytestmark = pytest.mark.browser


def queue(page: Page) -> Locator:
    return page.get_by_text(re.compile(r"还有 \d+ 对。"))


def left(page: Page) -> int:
    found = re.search(r"还有 (\d+) 对", queue(page).inner_text())
    assert found
    return int(found[1])


def test_clerk_answers_pair_after_pair_by_keys(page: Page, own_dashboard_url: str) -> None:
    page.goto(address(own_dashboard_url, "450225@demo", "reconciliation", rows="已判定"))
    wait_until_drawn(page)
    pair = page.get_by_test_id("stTable")
    first, before = pair.inner_text(), left(page)

    page.keyboard.press("1")
    expect(queue(page)).to_contain_text(f"还有 {before - 1} 对")
    page.keyboard.press("2")
    expect(queue(page)).to_contain_text(f"还有 {before - 2} 对")
    expect(page.get_by_text("已判定 2 行")).to_be_visible()
    third = pair.inner_text()
    page.keyboard.press("3")
    expect(pair).not_to_have_text(third, use_inner_text=True)
    page.keyboard.press("0")
    expect(queue(page)).to_contain_text(f"还有 {before - 1} 对")
    expect(page.get_by_text("已判定 1 行")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    wait_until_drawn(page)
    assert left(page) == before - 1
    assert pair.inner_text() != first
    for label in ("是同一家", "不是同一家", "先跳过"):
        box = page.get_by_role("button", name=label, exact=False).first.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
