"""No page asks anything of any host but the server it came from.

Every test holds its tab to this machine, and `test_frontend_words` opens every page: what each
page asks as everybody who may open it is the long way.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from data_access.accounts import Role
from tests.browser.visits import Requests, address, wait_until_drawn
from tests.menu import ACCOUNTS, entries
from ui.navigation import MenuEntry

pytestmark = pytest.mark.browser

VISITS = [
    pytest.param(role, entry, id=f"{entry.url_path}-{role}")
    for role in Role
    for entry in entries(role)
]


@pytest.mark.soak
@pytest.mark.parametrize(("role", "entry"), VISITS)
def test_page_asks_its_own_server_alone(
    page: Page, requests: Requests, dashboard_url: str, role: Role, entry: MenuEntry
) -> None:
    page.goto(address(dashboard_url, ACCOUNTS[role], entry.url_path))
    wait_until_drawn(page)

    assert page.get_by_role("heading", level=1).inner_text().startswith(entry.title)
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    assert page.get_by_role("dialog").count() == 0  # such as the one that knows no such page
    assert set(requests.by_host()) == {urlsplit(dashboard_url).netloc}


def test_sign_in_asks_its_own_server_alone(
    page: Page, requests: Requests, dashboard_url: str
) -> None:
    page.goto(address(dashboard_url))
    wait_until_drawn(page)

    assert page.get_by_label("演示账号").count() == 1
    assert set(requests.by_host()) == {urlsplit(dashboard_url).netloc}
