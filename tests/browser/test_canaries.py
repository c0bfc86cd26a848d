"""All that a real browser is sent while people walk through their pages is theirs to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Response, WebSocket, expect

from data_access.accounts import PERMISSIONS, Role
from tests.browser.conftest import serve_copy
from tests.browser.visits import address, go_by_the_menu, wait_until_drawn
from tests.canaries.markers import PLAN, SEALED, Marker, Reader, markers_in
from tests.canaries.readers import BY_ROLE, NEIGHBOUR, NOBODY
from tests.menu import entries
from ui.navigation import ENTRIES, HOTSPOTS, MENU, VISIT_PLANS, VISIT_RESULTS, MenuEntry

pytestmark = pytest.mark.browser

# Of the frontend itself; it is the same for everybody and comes before anybody is known.
SAME_FOR_ALL = re.compile(r"/(frontend|static|_stcore/(health|host-config))\b")


@pytest.fixture(scope="module")
def city_url(canaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_copy(canaries, tmp_path_factory.mktemp("canaries")) as url:
        yield url


class Received:
    """The body of every answer and every frame that a browser gets."""

    def __init__(self, context: BrowserContext) -> None:
        self._frames: list[bytes] = []
        self._responses: list[Response] = []
        self._bodies: list[bytes] = []
        context.on("response", lambda response: self._responses.append(response))
        for page in context.pages:
            page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._keep)

    def _keep(self, payload: str | bytes) -> None:
        self._frames.append(payload if isinstance(payload, bytes) else payload.encode())

    def keep_file(self, path: Path) -> None:
        self._bodies.append(path.read_bytes())

    def read(self) -> None:
        """Read the answers so far; the browser forgets them when it goes to another address."""
        self._bodies += [response.body() for response in self._responses if has_body(response)]
        self._responses.clear()

    def markers(self) -> set[Marker]:
        """Return the markers in all of it."""
        self.read()
        assert self._frames
        return {seen for body in (*self._frames, *self._bodies) for seen in markers_in(body)}


def has_body(response: Response) -> bool:
    """Whether an answer can be read here: files that were taken are kept apart."""
    is_file = "attachment" in response.headers.get("content-disposition", "")
    return response.ok and not is_file and not SAME_FOR_ALL.search(response.url)


@pytest.fixture
def received(context: BrowserContext, page: Page) -> Received:
    return Received(context)


def walk(page: Page, received: Received, url: str, reader: Reader, pages: list[MenuEntry]) -> None:
    """Go through pages by the menu; on each take a file, open lists, and choose a category."""
    page.goto(address(url, reader.account))
    wait_until_drawn(page)
    for entry in pages:
        go_by_the_menu(page, entry.title)
        expect(page.get_by_role("heading", level=1)).to_contain_text(entry.title)
        wait_until_drawn(page)
        take_first_file(page, received)
        options = page.get_by_test_id("stButtonGroup").get_by_role("radio")
        for place in range(options.count()):
            option = options.nth(place)
            if entry.url_path == "overview" or not option.is_visible():
                continue  # its figures lead to the pages that the menu leads to
            if option.is_checked():
                continue  # a click would take the choice back
            option.click()
            wait_until_drawn(page)
        category = page.get_by_test_id("stSidebar").get_by_label("机构类别")
        if category.count():
            category.press_sequentially("文化艺术")  # of which the items are
            category.press("Enter")
            category.press("Tab")  # closes the list: the next click would only do that
            wait_until_drawn(page)


def take_first_file(page: Page, received: Received) -> None:
    button = page.get_by_test_id("stDownloadButton").get_by_role("button").first
    if button.count():
        with page.expect_download() as taken:
            button.click()
        received.keep_file(Path(taken.value.path()))


def leaks(received: Received, reader: Reader) -> set[str]:
    return {str(seen) for seen in received.markers() if not reader.may_see(seen)}


def test_county_is_sent_nothing_but_its_own(page: Page, received: Received, city_url: str) -> None:
    reader = BY_ROLE[Role.COUNTY]
    walk(page, received, city_url, reader, entries(Role.COUNTY)[2:3])

    assert leaks(received, reader) == set()
    assert {seen.owner for seen in received.markers()} == {reader.county}


@pytest.mark.soak
@pytest.mark.parametrize("reader", [*BY_ROLE.values(), NEIGHBOUR], ids=lambda reader: reader.name)
def test_walk_through_all_pages_of_a_role_sends_nothing_that_is_not_its(
    page: Page, received: Received, city_url: str, reader: Reader
) -> None:
    assert reader.role
    walk(page, received, city_url, reader, entries(reader.role))

    assert leaks(received, reader) == set()
    assert received.markers()
    is_supervisor = reader.role is Role.SUPERVISOR
    assert any(seen.kind in {PLAN, SEALED} for seen in received.markers()) == is_supervisor


FIRST_OF_EACH_SECTION = [first for first, *_ in MENU.values()]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(FIRST_OF_EACH_SECTION, id="a page of each section"),
        pytest.param(ENTRIES, id="every page", marks=pytest.mark.soak),
    ],
)
def test_nobody_is_sent_anything_before_they_sign_in(
    page: Page, received: Received, city_url: str, asked: Iterable[MenuEntry]
) -> None:
    """Every page in a browser is left to the soak: `tests/canaries` asks for each without one."""
    for entry in asked:
        page.goto(address(city_url, None, entry.url_path))
        wait_until_drawn(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("登录")
        received.read()

    assert leaks(received, NOBODY) == set()


@pytest.mark.parametrize("reader", [BY_ROLE[Role.COUNTY], NOBODY], ids=lambda reader: reader.name)
def test_secret_address_looks_like_one_that_there_is_not(
    page: Page, received: Received, city_url: str, reader: Reader
) -> None:
    """The answer to the address, the dialog, the page behind it and the title of the window."""
    seen = []
    for name in (VISIT_PLANS.url_path, "no_such_page"):
        answer = page.goto(address(city_url, reader.account, name))
        assert answer
        wait_until_drawn(page)
        dialog = page.get_by_role("dialog")
        if reader.account:
            expect(dialog).to_be_visible()
        said = page.locator("body").inner_text()
        seen.append((answer.text(), page.title(), dialog.count(), said.replace(name, "…")))

    assert seen[0] == seen[1]
    assert VISIT_PLANS.title not in seen[0][3]


def test_nothing_that_every_browser_is_sent_names_a_secret_page(page: Page, city_url: str) -> None:
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    page.goto(address(city_url, BY_ROLE[Role.COUNTY].account, "violation_map"))
    wait_until_drawn(page)
    sent = b"".join(response.body() for response in responses if response.ok)

    assert len(sent) > 1_000_000  # with the frontend's scripts, and the boundaries
    for entry in (entry for entry in ENTRIES if entry.is_secret):
        assert entry.script.encode() not in sent
        assert entry.title.encode() not in sent
    for entry in (HOTSPOTS, VISIT_PLANS, VISIT_RESULTS):  # the other's is a word of English, too
        assert entry.url_path.encode() not in sent


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param([VISIT_PLANS], id="a secret page"),
        pytest.param(FIRST_OF_EACH_SECTION, id="a page of each section", marks=pytest.mark.soak),
    ],
)
def test_pages_are_refused_and_shown_by_address_on_a_server_that_nobody_has_visited(
    page: Page, canaries: Path, tmp_path: Path, asked: Iterable[MenuEntry]
) -> None:
    """The others are refused as `tests/pages/test_permissions` shows, role by role."""
    with serve_copy(canaries, tmp_path) as url:
        for first in asked:
            check_by_address(page, url, first)


@pytest.mark.soak
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.url_path)
def test_page_is_the_first_that_a_server_is_asked_for(
    page: Page, canaries: Path, tmp_path: Path, entry: MenuEntry
) -> None:
    with serve_copy(canaries, tmp_path) as url:
        check_by_address(page, url, entry)


def check_by_address(page: Page, url: str, entry: MenuEntry) -> None:
    """Open a page as somebody who may not, then as somebody who may."""
    may = [role for role in BY_ROLE if entry.permission in PERMISSIONS[role]]
    may_not = [role for role in BY_ROLE if role not in may]
    for role in [*may_not[:1], may[0]]:
        page.goto(address(url, BY_ROLE[role].account, entry.url_path))
        wait_until_drawn(page)
        refused = "没有这个页面" if entry.is_secret else "无权查看"
        title = entry.title if role in may else refused
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        said = page.get_by_text(re.compile("没有查看此页面的权限|请检查地址"))
        assert bool(said.count()) == (role not in may)
