"""Looking and clicking at what deck.gl draws: in its own time, and it tells nobody when."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO

from PIL import Image
from playwright.sync_api import FloatRect, Page, expect

from tests.browser.visits import TIMEOUT_MS, wait_until_drawn

CLICKS = 6
TAKEN_MS = 10_000  # within which a browser tells the server of a click
LOOK_MS = 250
EMPTY = 50  # as many colours has a map on which nothing is drawn yet, at most
BESIDE = 30  # pixels


def map_box(page: Page) -> FloatRect:
    chart = page.get_by_test_id("stDeckGlJsonChart")
    expect(chart.locator("canvas").first).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    return box


def picture(page: Page) -> Image.Image:
    """The map once it has been drawn: there is something on it, and it moves no more."""
    before = b""
    for _ in range(TIMEOUT_MS // LOOK_MS):
        now = page.screenshot(clip=map_box(page))
        image = Image.open(BytesIO(now)).convert("RGB")
        if now == before and len(colours(image)) > EMPTY:
            return image
        before = now
        page.wait_for_timeout(LOOK_MS)
    raise AssertionError("the map is not drawn, or does not keep still")


def colours(image: Image.Image) -> set[tuple[int, int, int]]:
    return {colour for _, colour in image.getcolors(maxcolors=1 << 24) or []}


def point_at(page: Page, right: float, down: float) -> tuple[float, float]:
    """Come from beside to a part of the map's width and height, until it tells what is there.

    Then deck.gl has found it once, and finds it soon where it is clicked. Returns the place.
    """
    tooltip = page.locator(".deck-tooltip")
    for _ in range(CLICKS):
        box = map_box(page)
        x, y = box["x"] + right * box["width"], box["y"] + down * box["height"]
        page.mouse.move(x - BESIDE, y)
        page.mouse.move(x - 4, y)
        page.mouse.move(x, y)
        if soon(page, tooltip.is_visible):
            return x, y
    raise AssertionError("the map does not tell what lies there")


def click_until(
    page: Page, point: Callable[[], tuple[float, float]], happened: Callable[[], bool]
) -> None:
    """Click at a point until that is told to the server, and wait for what comes of it.

    A click that is taken is not repeated, however long the answer takes: a second one takes the
    choice back.
    """
    told = _Told(page)
    for _ in range(CLICKS):
        before = told.messages
        click_shortly(page, *point())
        if soon(page, lambda seen=before: told.messages > seen):
            wait_until_drawn(page)
            assert soon(page, happened, TIMEOUT_MS), "a click was taken, and nothing came of it"
            return
    raise AssertionError("no click is taken")


def click_shortly(page: Page, x: float, y: float) -> None:
    """Click as a hand does, in no time.

    deck.gl looks for what lies there while the button is down, and takes it for no click when that
    lasts for more than a quarter of a second, as it does where there is no graphics card and much
    else to do. So its clock stands still meanwhile.
    """
    page.evaluate(
        "() => { const now = Date.now(); window.moving = Date.now; Date.now = () => now }"
    )
    page.mouse.click(x, y)
    page.evaluate("() => { Date.now = window.moving }")


def soon(page: Page, happened: Callable[[], bool], milliseconds: int = TAKEN_MS) -> bool:
    """Whether it happens within a while."""
    deadline = time.monotonic() + milliseconds / 1000
    while not happened():
        if time.monotonic() > deadline:
            return False
        page.wait_for_timeout(50)
    return True


class _Told:
    """Counts what a page tells its server, also by a connection that it has had before."""

    def __init__(self, page: Page) -> None:
        self.messages = 0
        session = page.context.new_cdp_session(page)
        session.on("Network.webSocketFrameSent", self._count)
        session.send("Network.enable")

    def _count(self, _message: object) -> None:
        self.messages += 1
