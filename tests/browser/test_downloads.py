"""Rows leave the dashboard through its own button alone, which asks and logs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.visits import address, wait_until_drawn
from tests.servers import SAMPLE_SERVER, serve_warm
from ui.frontend_words import NOT_HANDED_OUT
from ui.navigation import OVERVIEW, REGISTRATION_COVERAGE

pytestmark = pytest.mark.browser

COUNTY = "450224@demo"
LEADER = "leader@demo"


@pytest.fixture
def served(sample: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A dashboard of this test's own: its address and its database."""
    copy = Path(shutil.copy(sample, tmp_path))
    environment = {"DATABASE_URL": f"sqlite:///{copy}"}
    with serve_warm(SAMPLE_SERVER, log=tmp_path / "server.log", env=environment) as server:
        yield server.url, copy


def exports(database: Path) -> list[tuple[str, str]]:
    """Who took files away, from which pages."""
    with closing(sqlite3.connect(database)) as db:
        return db.execute(
            "SELECT email, target FROM audit_event WHERE action = 'export'"
        ).fetchall()


def test_download_is_logged_until_the_account_is_deactivated(
    page: Page, served: tuple[str, Path]
) -> None:
    url, database = served
    page.goto(address(url, COUNTY, REGISTRATION_COVERAGE.url_path))
    wait_until_drawn(page)
    button = page.get_by_role("button", name="下载 Excel")

    with page.expect_download() as download:
        button.click()
    assert download.value.suggested_filename == "未登记机构.xlsx"
    assert exports(database) == [(COUNTY, "登记覆盖")]

    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE account SET active = 0 WHERE email = ?", (COUNTY,))
    button.click()

    expect(page.get_by_test_id("stDownloadButtonError")).to_have_text(NOT_HANDED_OUT)
    assert len(exports(database)) == 1


def test_table_can_be_searched_and_enlarged_but_not_taken_away(tab: Page, open_as: OpenAs) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_as(LEADER, OVERVIEW.url_path)
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.hover()

    labels = {
        label.split(":")[0]
        for button in table.get_by_test_id("stElementToolbarButton").all()
        if (label := button.get_by_role("button").get_attribute("aria-label"))
    }
    assert {"查找", "全屏"} <= labels
    assert not any("下载" in label or "CSV" in label for label in labels)

    page.evaluate("navigator.clipboard.writeText('以前的')")
    table.click(position={"x": 120, "y": 60})
    wait_until_drawn(page)
    # Without the focus, keys would copy what stands on the page around the table.
    table.locator("canvas").first.focus()
    expect(table.locator("canvas:focus")).to_have_count(1)
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+C")
    page.wait_for_timeout(500)
    assert page.evaluate("navigator.clipboard.readText()") == "以前的"


def test_data_of_a_chart_can_be_looked_at_but_not_taken_away(open_as: OpenAs) -> None:
    page = open_as(LEADER, REGISTRATION_COVERAGE.url_path)
    chart = page.get_by_test_id("stFullScreenFrame").filter(
        has=page.get_by_test_id("stVegaLiteChart")
    )
    chart.first.hover()
    page.get_by_role("button", name="看数据").first.click()
    table = page.get_by_test_id("stDataFrame").first
    table.hover()

    expect(page.get_by_role("button", name="看图").first).to_be_attached()
    assert page.get_by_role("button", name="下载 CSV").count() == 0
