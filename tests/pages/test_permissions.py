"""Each role opens its own pages and no others, by the menu or by address."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_access.accounts import PERMISSIONS, Role
from tests.menu import ACCOUNTS
from tests.pages.conftest import OpenPage
from tests.pages.elements import elements
from ui.navigation import ENTRIES, MenuEntry

ROOT = Path(__file__).parents[2]
REFUSED = "您没有查看此页面的权限。如需开通，请联系市“双减”办。"

each_role = pytest.mark.parametrize("role", list(ACCOUNTS))
each_page = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.url_path)


@each_role
@each_page
def test_account_opens_exactly_the_pages_of_its_role(
    open_page: OpenPage, entry: MenuEntry, role: Role
) -> None:
    page = open_page(entry.script, ACCOUNTS[role])

    assert not page.exception
    if entry.permission in PERMISSIONS[role]:
        assert not page.error
        assert page.title[0].value.startswith(entry.title)
    else:
        assert [error.value for error in page.error] == [REFUSED]
        assert page.title[0].value.startswith("无权查看")
        assert {element.type for element in elements(page)} <= {
            "title",
            "markdown",
            "button",
            "error",
        }


@each_page
def test_page_run_without_the_dashboard_shows_nothing(
    open_page: OpenPage, entry: MenuEntry
) -> None:
    page = AppTest.from_file(str(ROOT / entry.script), default_timeout=20).run()

    assert [error.value for error in page.error] == [REFUSED]
    assert not page.dataframe
    assert not page.metric


@pytest.mark.parametrize("account", ["nobody@demo", "leader@example.org", "' OR 1=1 --", ""])
def test_an_address_that_names_no_account_asks_for_sign_in(
    open_page: OpenPage, account: str
) -> None:
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=20)
    page.query_params["as"] = account
    page.run()

    assert page.title[0].value.startswith("登录")
    assert not page.dataframe


def test_visitor_chooses_a_demonstration_account(open_page: OpenPage) -> None:
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()

    assert page.selectbox[0].label == "演示账号"
    page.selectbox[0].set_value("450224@demo")
    page.button[0].click().run()

    assert page.title[0].value.startswith("全市总览")
    assert "融安县" in page.subheader[0].value


def test_inactive_account_stops_at_its_next_action(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("pages/city/overview.py", "leader@demo")
    monkeypatch.setattr("ui.session.find_user", lambda conn, email: None)

    page.run()

    assert page.title[0].value.startswith("登录")
    assert not page.metric


def test_nothing_of_an_account_is_left_to_the_next_one(open_page: OpenPage) -> None:
    page = open_page("pages/county/ledger_import.py", "450224@demo")
    page.session_state["ledger_import.done"] = "what the first account imported"

    page.query_params["as"] = "450226@demo"
    page.run()

    assert not page.exception
    assert not page.error
    assert "ledger_import.done" not in page.session_state


def test_leaving_forgets_all_that_was_on_the_screen(open_page: OpenPage) -> None:
    page = open_page("pages/county/ledger_import.py", "450224@demo")
    page.session_state["ledger_import.done"] = "what the first account imported"

    page.button(key="session.leave").click().run()

    assert page.title[0].value.startswith("登录")
    assert "ledger_import.done" not in page.session_state
