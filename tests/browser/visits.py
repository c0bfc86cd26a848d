"""What a visit to the dashboard needs: an address, waiting until it is drawn, and whom it asked."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    ViewportSize,
    WebSocket,
    expect,
)

TIMEOUT_MS = 30_000  # a loaded CI machine draws the first chart slowly
LAPTOP = ViewportSize(width=1366, height=768)
LOCAL_SCHEMES = {"about", "blob", "data"}
SETTLED = (
    '[data-testid="stApp"][data-test-script-state="notRunning"]'
    '[data-test-connection-state="CONNECTED"]'
)

expect.set_options(timeout=TIMEOUT_MS)


def new_visitor(browser: Browser, **options: Any) -> BrowserContext:
    """Return a new visitor's browser in Liuzhou; ``options`` are Playwright's.

    They want nothing to move that need not: while a page waits, a picture that moves takes longer
    to draw than the page itself.
    """
    usual: dict[str, Any] = {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": LAPTOP,
        "reduced_motion": "reduce",
    }
    context = browser.new_context(**usual | options)
    context.set_default_timeout(TIMEOUT_MS)
    return context


def address(base: str, account: str | None = None, path: str = "", **params: str) -> str:
    """Return the address of a page, entered as a demonstration account such as ``leader@demo``."""
    query = urlencode({**({"as": account} if account else {}), **params})
    return f"{base}/{path.strip('/')}" + (f"?{query}" if query else "")


def wait_until_drawn(page: Page) -> None:
    """Return once the script has run and nothing on the page waits for its code or data."""
    expect(page.locator(SETTLED)).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def go_by_the_menu(page: Page, title: str) -> None:
    """Follow the menu to a page; the last of a long menu are shown when asked for."""
    link = page.get_by_role("link", name=title, exact=True)
    more = page.get_by_test_id("stSidebarNavViewButton")
    expect(link.or_(more).first).to_be_visible()
    if not link.count():
        more.click()
    link.click()


class Requests:
    """The address of everything a browser context asks for, its websockets included."""

    def __init__(self, context: BrowserContext) -> None:
        self.urls: list[str] = []
        self._context = context
        context.on("request", self._asked)
        context.on("page", self.listen_to)

    def listen_to(self, page: Page) -> None:
        """Hear of the websockets of a tab, as of those of every tab that is opened later."""
        page.on("websocket", self._opened)

    def stop(self) -> None:
        """Hear of nothing more."""
        self._context.remove_listener("request", self._asked)
        self._context.remove_listener("page", self.listen_to)
        for page in self._context.pages:
            with contextlib.suppress(KeyError):
                page.remove_listener("websocket", self._opened)

    def _asked(self, request: Request) -> None:
        self.urls.append(request.url)

    def _opened(self, socket: WebSocket) -> None:
        self.urls.append(socket.url)

    def by_host(self) -> dict[str, list[str]]:
        """Return the addresses asked for by host and port, such as ``127.0.0.1:8501``."""
        found: dict[str, list[str]] = {}
        for url in self.urls:
            part = urlsplit(url)
            if part.scheme not in LOCAL_SCHEMES:
                found.setdefault(part.netloc, []).append(url)
        return found

    def off_this_machine(self) -> list[str]:
        """Return the addresses asked for on any other machine than this one."""
        return [
            url
            for host, urls in self.by_host().items()
            if urlsplit(f"//{host}").hostname != "127.0.0.1"
            for url in urls
        ]
