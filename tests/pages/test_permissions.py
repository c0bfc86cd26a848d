"""Each role opens its own pages and no others, by the menu or by address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import update
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest

from data_access.accounts import PERMISSIONS, Role, User, scope_of
from data_access.engine import get_engine
from data_access.schema import account
from tests.canaries.visitor import EveryFile, Screen, recorded
from tests.menu import ACCOUNTS, entries
from tests.pages.conftest import OpenPage, ask_for, visit
from tests.pages.elements import elements
from ui.navigation import ACCOUNTS as ACCOUNTS_PAGE
from ui.navigation import ENTRIES, MENU, SUBMISSIONS, MenuEntry

ROOT = Path(__file__).parents[2]
UNKNOWN = "没有这个页面"
REFUSED = "您没有查看此页面的权限。如需开通，请联系市“双减”办系统管理员。"

each_role = pytest.mark.parametrize("role", list(ACCOUNTS))
each_page = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.url_path)


@pytest.mark.parametrize(
    ("role", "entry"),
    [
        pytest.param(role, entry, id=f"{entry.url_path}-{role}")
        for role in ACCOUNTS
        for entry in ENTRIES
        if entry.permission not in PERMISSIONS[role]
    ],
)
def test_account_opens_no_page_but_those_of_its_role(
    open_page: OpenPage, entry: MenuEntry, role: Role
) -> None:
    page = open_page(entry.script, ACCOUNTS[role])

    assert not page.exception
    if entry.is_secret:
        assert page.title[0].value.startswith(UNKNOWN)
        assert {element.type for element in elements(page)} <= {
            "title",
            "markdown",
            "button",
            "info",
        }
    else:
        assert [error.value for error in page.error] == [REFUSED]
        assert page.title[0].value.startswith("无权查看")
        assert {element.type for element in elements(page)} <= {
            "title",
            "markdown",
            "button",
            "error",
        }


OPENS = {entry: role for role in (Role.ADMIN, *ACCOUNTS, Role.COUNTY) for entry in entries(role)}
FIRST_OF_EACH_SECTION = [first for first, *_ in MENU.values()]


@each_role
@pytest.mark.parametrize(
    "opens",
    [
        pytest.param(
            lambda role, entry: OPENS[entry] is role and entry in FIRST_OF_EACH_SECTION,
            id="a page of each section",
        ),
        pytest.param(lambda _role, _entry: True, id="every page", marks=pytest.mark.soak),
    ],
)
def test_menu_offers_exactly_the_pages_of_the_role_and_each_opens_from_it(
    open_page: OpenPage, role: Role, opens: Callable[[Role, MenuEntry], bool]
) -> None:
    """Every page, as each role that has it in its menu, is opened in the soak."""
    with recorded(EveryFile()) as home:
        page = visit({"as": ACCOUNTS[role]}).run()
    offered = [entry for entry in menu(home) if not entry.is_hidden]

    assert [(each.url_pathname, each.page_name) for each in offered] == [
        (entry.url_path, entry.title) for entry in entries(role)
    ]
    assert page.title[0].value.startswith(offered[0].page_name)
    for entry in (each for each in entries(role) if opens(role, each)):
        page.switch_page(entry.script).run()
        assert not page.exception
        assert not page.error
        assert page.title[0].value.startswith(entry.title)


def menu(screen: Screen) -> list[Any]:
    """The pages that the browser was told of last, those not in its menu too."""
    [*_, last] = [body for kind, body in screen.parts if kind == "navigation"]
    return list(ForwardMsg.FromString(last).navigation.app_pages)


def quickest(role: Role) -> MenuEntry:
    """The page of a role that takes least, where it makes no difference which."""
    return next(each for each in (SUBMISSIONS, ACCOUNTS_PAGE) if each in entries(role))


@each_role
def test_pages_that_are_not_in_the_menu_do_not_even_say_their_name(
    open_page: OpenPage, role: Role
) -> None:
    with recorded(EveryFile()) as screen:
        open_page(quickest(role).script, ACCOUNTS[role])

    hidden = [each for each in menu(screen) if each.is_hidden and each.url_pathname]
    assert {each.url_pathname for each in hidden} == {
        entry.url_path for entry in ENTRIES if entry not in entries(role) and not entry.is_secret
    }
    assert {each.page_name for each in hidden} <= {"无权查看"}


@each_role
@pytest.mark.parametrize(
    "entry", [entry for entry in ENTRIES if entry.is_secret], ids=lambda entry: entry.url_path
)
def test_who_may_not_open_a_secret_page_is_told_what_an_unknown_address_is_told(
    open_page: OpenPage, entry: MenuEntry, role: Role
) -> None:
    if entry in entries(role):
        return
    with recorded() as secret:
        open_page(entry.script, ACCOUNTS[role])
    with recorded() as unknown:
        open_page("pages/no_such_page.py", ACCOUNTS[role])

    renamed = [
        (kind, body.replace(entry.url_path.encode(), b"no_such_page"))
        for kind, body in secret.comparable()
    ]
    assert renamed == unknown.comparable()


@each_page
def test_page_is_refused_from_a_menu_that_was_drawn_for_another_role(
    open_page: OpenPage, entry: MenuEntry
) -> None:
    """From the page of the other role that takes least: what is on it makes no difference."""
    holder = next(role for role in ACCOUNTS if entry in entries(role))
    loser = next((role for role in ACCOUNTS if entry not in entries(role)), None)
    first = quickest(holder)
    page = open_page(first.script, ACCOUNTS[holder])
    assert page.title[0].value.startswith(first.title)
    county = ACCOUNTS[Role.COUNTY].split("@")[0]
    now = User(ACCOUNTS[holder], loser, county, scope_of(loser, county)) if loser else None
    ask_for(page, entry.script)
    with patch("ui.session.find_user", lambda conn, email: now):
        page.run()

    assert not page.exception
    assert not page.metric
    assert not page.dataframe
    expected = (UNKNOWN if entry.is_secret else "无权查看") if now else "登录"
    assert page.title[0].value.startswith(expected)


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
    said = [warning.value for warning in page.warning]
    assert said == (["这个演示账号不存在或已停用，请另选一个。"] if account else [])


def test_account_that_is_deactivated_is_told_as_one_that_there_is_not(
    open_page: OpenPage,
) -> None:
    with get_engine().begin() as conn:
        conn.execute(update(account).where(account.c.email == "450224@demo").values(active=False))

    screens = []
    for email in ("450224@demo", "nobody@demo"):
        page = open_page("pages/city/overview.py", email)
        screens.append([(element.type, element.value) for element in elements(page)])

    assert screens[0] == screens[1]
    assert ("warning", "这个演示账号不存在或已停用，请另选一个。") in screens[0]


def test_visitor_chooses_another_account_than_the_address_names(open_page: OpenPage) -> None:
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    page.query_params["as"] = "nobody@demo"
    page.run()
    page.selectbox[0].set_value("450224@demo")
    page.button[0].click().run()

    assert page.title[0].value.startswith("县区自查")
    assert not page.warning


def test_visitor_chooses_a_demonstration_account(open_page: OpenPage) -> None:
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()

    assert page.selectbox[0].label == "演示账号"
    page.selectbox[0].set_value("450224@demo")
    page.button[0].click().run()

    assert page.title[0].value.startswith("县区自查")
    assert page.button[0].label == "450224@demo"


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
