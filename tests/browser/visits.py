"""What a visit to the dashboard needs: an address, waiting until it is drawn, and whom it asked."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from playwright.sync_api import BrowserContext, Page, WebSocket, expect

TIMEOUT_MS = 30_000  # a loaded CI machine draws the first chart slowly
LOCAL_SCHEMES = {"about", "blob", "data"}
SETTLED = (
    '[data-testid="stApp"][data-test-script-state="notRunning"]'
    '[data-test-connection-state="CONNECTED"]'
)

expect.set_options(timeout=TIMEOUT_MS)


def address(base: str, account: str | None = None, path: str = "", **params: str) -> str:
    """Return the address of a page, entered as a demonstration account such as ``leader@demo``."""
    query = urlencode({**({"as": account} if account else {}), **params})
    return f"{base}/{path.strip('/')}" + (f"?{query}" if query else "")


def wait_until_drawn(page: Page) -> None:
    """Return once the script has run and nothing on the page waits for its code or data."""
    expect(page.locator(SETTLED)).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_load_state("networkidle")


class Requests:
    """The address of everything a browser context asks for, its websockets included."""

    def __init__(self, context: BrowserContext) -> None:
        self.urls: list[str] = []
        context.on("request", lambda request: self.urls.append(request.url))
        context.on("page", lambda page: page.on("websocket", self._opened))

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
