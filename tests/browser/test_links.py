"""A link inside the dashboard opens what it says, as its address does for a new visitor."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import address, wait_until_drawn
from ui.navigation import AT_ONCE

pytestmark = pytest.mark.browser


def test_link_to_the_rows_of_a_figure_keeps_day_county_and_rows(
    open_as: Callable[..., Page], dashboard_url: str
) -> None:
    page = open_as("leader@demo", "overview", day="2022-08-10")
    link = page.locator('[data-testid="stPageLink-NavLink"][href^="rectification"]').first
    said = parse_qs(urlsplit(link.get_attribute("href") or "").query)
    link.click()
    expect(page.get_by_role("heading", name=re.compile("^整改销号"), level=1)).to_be_visible()
    wait_until_drawn(page)
    headline = page.get_by_role("heading", level=3).first.inner_text()

    assert said["day"] == ["2022-08-10"]
    assert said["county"]
    assert parse_qs(urlsplit(page.url).query) == said | {"as": ["leader@demo"]}

    page.goto(address(dashboard_url, "leader@demo", "rectification", **flat(said)))
    wait_until_drawn(page)
    assert page.get_by_role("heading", level=3).first.inner_text() == headline


@pytest.mark.parametrize("path", ["nosuch/deep", "overview/x"])
def test_address_below_a_page_says_that_there_is_no_such_page(
    open_as: Callable[..., Page], path: str
) -> None:
    page = open_as("leader@demo", path)

    expect(page.get_by_role("heading", name=re.compile("^没有这个页面"), level=1)).to_be_visible()


def test_page_that_is_open_is_marked_in_a_long_menu_whatever_its_place(
    open_as: Callable[..., Page],
) -> None:
    links = open_as("450202@demo", "self_review").get_by_test_id("stSidebarNavLink")
    expect(links).to_have_count(AT_ONCE)
    expect(links.filter(has_text="退费纠纷")).to_have_count(0)

    page = open_as("450202@demo", "refund_disputes")
    current = page.locator('[data-testid="stSidebarNavLink"][aria-current="page"]')
    expect(current).to_contain_text("退费纠纷")
    expect(page.get_by_test_id("stSidebarNavViewButton")).to_be_visible()


def flat(said: dict[str, list[str]]) -> dict[str, str]:
    return {name: value for name, [value] in said.items()}
