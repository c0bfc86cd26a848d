"""An error shows a number that finds it in the log, and nothing of what went wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import wait_until_drawn
from tests.servers import Server, serve_warm
from ui.frontend_words import NOT_HANDED_OUT

pytestmark = pytest.mark.browser

NUMBER = re.compile(r"编号 ([0-9a-f]{8}) 告诉系统管理员")
UNSEEN = "莫某某 13900001111 SELECT phone FROM /var/lib/liuzhou.db"
PARTS = [*UNSEEN.split(), "ValueError", "Traceback", "failing.py"]


@pytest.fixture(scope="module")
def failing(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose one page fails at every button."""
    folder = tmp_path_factory.mktemp("failing")
    copy = shutil.copy(sample, folder)
    environment = {"DATABASE_URL": f"sqlite:///{copy}", "SCRIPT": "failing", "UNSEEN": UNSEEN}
    with serve_warm(
        "tests.browser.script_server", log=folder / "server.log", env=environment
    ) as server:
        yield server


@pytest.mark.parametrize("place", ["页面", "回调", "片段"])
def test_error_shows_a_number_and_nothing_else(page: Page, failing: Server, place: str) -> None:
    page.goto(failing.url)
    wait_until_drawn(page)

    page.get_by_role("button", name=place, exact=True).click()

    alert = page.get_by_test_id("stAlertContentError")
    expect(alert).to_have_count(1)
    number = NUMBER.search(alert.inner_text())
    assert number
    assert page.get_by_test_id("stException").count() == 0
    shown = page.content()
    assert [part for part in PARTS if part in shown] == []
    log = failing.log.read_text(encoding="utf-8")
    assert number.group(1) in log
    assert "failing.py" in log
    assert "ValueError" in log


def test_download_that_fails_says_what_to_do(page: Page, failing: Server) -> None:
    page.goto(failing.url)
    wait_until_drawn(page)

    page.get_by_test_id("stDownloadButton").get_by_role("button").click()

    expect(page.get_by_test_id("stDownloadButtonError")).to_have_text(NOT_HANDED_OUT)
    shown = page.content()
    assert [part for part in PARTS if part in shown] == []


def test_log_holds_no_names_and_no_numbers_of_persons(page: Page, failing: Server) -> None:
    test_error_shows_a_number_and_nothing_else(page, failing, "回调")
    test_download_that_fails_says_what_to_do(page, failing)

    log = failing.log.read_text(encoding="utf-8")

    assert "莫某某" not in log
    assert "13900001111" not in log
    assert "raise ValueError(UNSEEN)" in log
