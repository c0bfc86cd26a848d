"""What a reader has sent while the database was away, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data_access.failures import NOT_SAVED
from tests.browser.visits import address, wait_until_drawn
from tests.outages import without_file

pytestmark = pytest.mark.browser


def test_form_holds_what_was_sent_when_the_database_is_back(
    page: Page, own_dashboard_url: str, sample: Path, tmp_path: Path
) -> None:
    page.goto(address(own_dashboard_url, "supervisor@demo", "visit_plans"))
    wait_until_drawn(page)
    teams = page.get_by_label("小组数")
    teams.fill("4")
    with without_file(f"sqlite:///{tmp_path / sample.name}"):
        page.get_by_role("button", name="抽签并建立计划").click()
        expect(page.get_by_text(NOT_SAVED)).to_be_visible()
        expect(teams).to_have_count(0)

    expect(teams).to_have_value("4", timeout=20_000)
    expect(page.get_by_text(NOT_SAVED)).to_be_visible()
    page.get_by_role("button", name="抽签并建立计划").click()
    expect(page.get_by_text("，4 组，还没有排路线")).to_be_visible(timeout=20_000)
