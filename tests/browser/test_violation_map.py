"""违规地图 in a real browser: the map is drawn, and what is chosen on it narrows the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.maps import click_shortly, click_until, colours, map_box, picture, point_at
from tests.browser.visits import wait_until_drawn

pytestmark = pytest.mark.browser

PATH = "violation_map"
RED = (184, 50, 31)
CHECKBOX, FIRST_ROW, ROW = 18, 38 + 17, 35  # pixels in a table


def click_map(page: Page, right: float, down: float) -> None:
    """Click at a part of the map's width and height, slowly, as a hand does."""
    box = map_box(page)
    x, y = box["x"] + right * box["width"], box["y"] + down * box["height"]
    page.mouse.move(x - 4, y)
    page.wait_for_timeout(500)
    page.mouse.move(x, y)
    page.wait_for_timeout(500)
    click_shortly(page, x, y)
    page.wait_for_timeout(1_500)
    wait_until_drawn(page)


def click_map_until(page: Page, right: float, down: float, happened: Callable[[], bool]) -> None:
    click_until(page, lambda: point_at(page, right, down), happened)


def choose_row(page: Page, row: int) -> None:
    """Choose a row of the list beside the map; the map goes there."""
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table is not None
    page.mouse.click(table["x"] + CHECKBOX, table["y"] + FIRST_ROW + row * ROW)
    page.wait_for_timeout(2_000)
    wait_until_drawn(page)


def shown(page: Page) -> str:
    """The heading over the reports below the map."""
    return page.get_by_role("heading").last.inner_text()


def test_place_is_chosen_in_the_list_and_on_the_map(open_as: OpenAs) -> None:
    page = open_as("supervisor@demo", PATH)
    picture(page)
    assert shown(page).startswith("全部举报")

    choose_row(page, 1)
    of_row = shown(page)
    assert re.match(r".+：举报 \d+ 件，属实 \d+ 件，核实率", of_row)

    choose_row(page, 1)  # no longer
    assert shown(page).startswith("全部举报")
    picture(page)
    # The map went to the place and stayed there: it lies in the middle.
    click_map_until(page, 0.5, 0.5, lambda: shown(page) == of_row)


def test_places_are_drawn_and_a_county_chosen_narrows_the_page_and_the_address(
    open_as: OpenAs,
) -> None:
    page = open_as("leader@demo", PATH)
    drawn = colours(picture(page))
    near_red = [c for c in drawn if sum(abs(a - b) for a, b in zip(c, RED, strict=True)) < 40]
    assert len(drawn) > 100
    assert near_red

    # In the mountains of 融水, where there is no place.
    click_map_until(page, 0.42, 0.36, lambda: "county=" in page.url)

    expect(page.get_by_test_id("stSidebar").get_by_text("融水苗族自治县")).to_be_visible()
    expect(page.get_by_role("heading", level=3).first).to_contain_text("融水苗族自治县")


def test_county_account_cannot_choose_its_neighbour(open_as: OpenAs) -> None:
    page = open_as("450224@demo", PATH)
    picture(page)

    click_map(page, 0.05, 0.1)

    assert "county=" not in page.url
    assert shown(page).startswith("全部举报")
