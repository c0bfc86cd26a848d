"""Pictures of every page for people to look at: ``python -m tests.browser.screenshots``.

Each page as each role that may open it, on a meeting room's screen and on an office laptop, as
``ROLE-PAGE-SIZE.png``. Without ``--url`` the sample data is served for it.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from data_access.accounts import Role
from tests.browser.chromium import launch
from tests.browser.visits import address, wait_until_drawn
from tests.databases import sample_database
from tests.menu import ACCOUNTS, entries
from tests.servers import DASHBOARD, serve

SIZES = ((1920, 1080), (1366, 768))
STILL_TRIES = 20
STILL_MS = 250


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--url", help="a dashboard that runs already")
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"), help="folder")
    parser.add_argument("--page", action="append", help="only pages of this address (repeatable)")
    parser.add_argument("--role", action="append", help="only these roles (repeatable)")
    parser.add_argument("--full", action="store_true", help="the whole length of the page")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args.out.mkdir(parents=True, exist_ok=True)
    with dashboard(args.url) as url, sync_playwright() as playwright:
        browser = launch(playwright)
        for role in (role for role in Role if not args.role or role in args.role):
            for width, height in SIZES:
                with visitor(browser, width, height) as page:
                    for path in paths(role, args.page):
                        page.set_viewport_size({"width": width, "height": height})
                        page.goto(address(url, ACCOUNTS[role], path))
                        target = args.out / f"{role}-{path}-{width}x{height}.png"
                        target.write_bytes(still_picture(page, full=args.full))
                        logging.info("%s", target)
        browser.close()


def paths(role: Role, wanted: list[str] | None) -> list[str]:
    """Return the addresses of the pages that a role may open."""
    permitted = [entry.url_path for entry in entries(role)]
    return [path for path in permitted if not wanted or path in wanted]


@contextmanager
def dashboard(url: str | None) -> Iterator[str]:
    """Give the address of a dashboard; serve the sample data where there is none."""
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="screenshots-") as name:
        folder = Path(name)
        database = {"DATABASE_URL": f"sqlite:///{sample_database(folder)}"}
        with serve(*DASHBOARD, log=folder / "server.log", env=database) as server:
            yield server.url


@contextmanager
def visitor(browser: Browser, width: int, height: int) -> Iterator[Page]:
    """Give a tab of a visitor with a screen of that size."""
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": height},
    )
    yield context.new_page()
    context.close()


def still_picture(page: Page, *, full: bool) -> bytes:
    """Return a picture of the page once nothing on it moves any more.

    ``full``: of its whole length. The page scrolls inside the window, so the window grows.
    """
    wait_until_drawn(page)
    if full and page.viewport_size:
        length = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": length})
        wait_until_drawn(page)
    before = b""
    for _ in range(STILL_TRIES):
        picture = page.screenshot(animations="disabled")
        if picture == before:
            break
        before = picture
        page.wait_for_timeout(STILL_MS)
    return before


if __name__ == "__main__":
    main()
