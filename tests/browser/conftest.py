"""A running dashboard on the sample data, and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser.chromium import launch
from tests.browser.visits import LAPTOP, Requests, address, new_visitor, wait_until_drawn
from tests.canaries.city import build
from tests.databases import sample_database
from tests.servers import SAMPLE_SERVER, serve_warm
from tests.workers import shared_folder, skip_or_fail, turn

OpenAs = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except PlaywrightError as error:
            skip_or_fail("REQUIRE_BROWSER", f"no Chromium starts: {error.message.splitlines()[0]}")
            raise
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample database as it was built. Not to be written to."""
    return sample_database(shared_folder(tmp_path_factory))


@pytest.fixture(scope="session")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city of canaries. Not to be written to."""
    folder = shared_folder(tmp_path_factory)
    with turn(folder / "canaries.lock"):
        path = folder / "canaries.db"
        return path if path.exists() else build(path)


@pytest.fixture(scope="session")
def dashboard_url(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard on the sample data, for tests that only look."""
    with serve_copy(sample, tmp_path_factory.mktemp("dashboard")) as url:
        yield url


@pytest.fixture
def own_dashboard_url(sample: Path, tmp_path: Path) -> Iterator[str]:
    """A dashboard of this test's own on a copy of the sample data, for tests that write."""
    with serve_copy(sample, tmp_path) as url:
        yield url


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A new visitor's browser in Liuzhou."""
    context = new_visitor(browser)
    yield context
    context.close()


@pytest.fixture(scope="session")
def kept_tab(browser: Browser) -> Iterator[Page]:
    """The tab of a visitor who has come before: the frontend's scripts are read already."""
    context = new_visitor(browser)
    yield context.new_page()
    context.close()


@pytest.fixture
def tab(kept_tab: Page) -> Iterator[Page]:
    """A tab in which nothing is open and nothing is kept but the frontend's scripts.

    The test fails when anything in it asks another machine than this one.
    """
    context = kept_tab.context
    requests = Requests(context)
    requests.listen_to(kept_tab)
    yield kept_tab
    requests.stop()
    if kept_tab.url.startswith("http"):
        kept_tab.evaluate("localStorage.clear(); sessionStorage.clear()")
    kept_tab.goto("about:blank")
    kept_tab.set_viewport_size(LAPTOP)
    kept_tab.mouse.move(0, 0)
    context.clear_cookies()
    context.clear_permissions()
    assert requests.off_this_machine() == []


@pytest.fixture
def requests(context: BrowserContext) -> Requests:
    """All that the visitor's browser has asked for so far."""
    return Requests(context)


@pytest.fixture
def page(context: BrowserContext, requests: Requests) -> Iterator[Page]:
    """An empty tab. The test fails when anything in it asks another machine than this one."""
    yield context.new_page()
    assert requests.off_this_machine() == []


@pytest.fixture
def open_as(tab: Page, dashboard_url: str) -> OpenAs:
    """Open a page of the dashboard as a demonstration account, and wait until it is drawn."""

    def open_as(account: str | None, path: str = "", **params: str) -> Page:
        tab.goto(address(dashboard_url, account, path, **params))
        wait_until_drawn(tab)
        return tab

    return open_as


@contextmanager
def serve_copy(sample: Path, folder: Path) -> Iterator[str]:
    """Serve the dashboard on a copy of ``sample`` in ``folder``; its address."""
    copy = shutil.copy(sample, folder)
    environment = {"DATABASE_URL": f"sqlite:///{copy}"}
    with serve_warm(SAMPLE_SERVER, log=folder / "server.log", env=environment) as server:
        yield server.url
