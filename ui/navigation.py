"""The menu: every page in order, by section, and the permission each needs.

Page scripts stay in subfolders of ``pages/``. Streamlit serves scripts that lie directly
in ``pages/`` by address, without ``dashboard.py`` and its sign-in, until the first visitor
of a fresh server has opened ``dashboard.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from pathlib import PurePath
from typing import Any, NamedTuple

import streamlit as st

from data_access.accounts import Permission, User
from ui.session import refuse
from ui.sign_in import sign_in


class MenuEntry(NamedTuple):
    """One page: its script, Chinese title, icon and permission."""

    script: str
    title: str
    icon: str
    permission: Permission

    @property
    def url_path(self) -> str:
        """The page's address below the server's own."""
        return PurePath(self.script).stem


OVERVIEW = MenuEntry(
    "pages/city/overview.py", "全市总览", ":material/dashboard:", Permission.OVERVIEW_VIEW
)
REGISTRATION_COVERAGE = MenuEntry(
    "pages/ledgers/registration_coverage.py",
    "登记覆盖",
    ":material/fact_check:",
    Permission.REGISTRATION_VIEW,
)
RECTIFICATION = MenuEntry(
    "pages/ledgers/rectification.py",
    "整改销号",
    ":material/task_alt:",
    Permission.RECTIFICATION_VIEW,
)
REFUND_DISPUTES = MenuEntry(
    "pages/ledgers/refund_disputes.py",
    "退费纠纷",
    ":material/currency_yen:",
    Permission.REFUND_VIEW,
)
VIOLATION_MAP = MenuEntry(
    "pages/ledgers/violation_map.py", "违规地图", ":material/map:", Permission.VIOLATION_VIEW
)
LEDGER_IMPORT = MenuEntry(
    "pages/county/ledger_import.py",
    "台账导入",
    ":material/upload_file:",
    Permission.LEDGER_IMPORT,
)

MENU = {
    "市级会商": [OVERVIEW],
    "监管台账": [REGISTRATION_COVERAGE, RECTIFICATION, REFUND_DISPUTES, VIOLATION_MAP],
    "县区工作": [LEDGER_IMPORT],
}

ENTRIES = [entry for section in MENU.values() for entry in section]


def pages_for(user: User | None) -> dict[str, list[Any]]:
    """Return the pages to offer, by section: those the user's role may open.

    Every page keeps its address for everybody. Where nobody is signed in, each asks for
    sign-in first and is then itself; those a role may not open are not in the menu and
    say so when they are opened by address. The server's own address leads to the first
    page of the role.
    """
    if user is None:
        home = st.Page(sign_in, title="登录", default=True)
        return {"": [home, *(_in_place_of(entry, sign_in, "登录") for entry in ENTRIES)]}
    pages = {
        entry: st.Page(entry.script, title=entry.title, icon=entry.icon)
        if user.may(entry.permission)
        else _in_place_of(entry, refuse, "无权查看", visibility="hidden")
        for entry in ENTRIES
    }
    _pages_of_run.set(pages)
    first = next(entry for entry in ENTRIES if user.may(entry.permission))

    def home_page() -> None:
        st.switch_page(pages[first], query_params=st.query_params.to_dict())

    home = st.Page(home_page, title=first.title, default=True, visibility="hidden")
    offered = {section: [pages[entry] for entry in entries] for section, entries in MENU.items()}
    return {first.title: [home], **offered}


_pages_of_run: ContextVar[dict[MenuEntry, Any] | None] = ContextVar("pages_of_run", default=None)


def page_of(entry: MenuEntry) -> Any:
    """Return a page as links take it; one that this run offers costs no look at the disk."""
    return (_pages_of_run.get() or {}).get(entry, entry.script)


def _in_place_of(
    entry: MenuEntry, function: Callable[[], None], title: str, visibility: Any = "visible"
) -> Any:
    return st.Page(function, title=title, url_path=entry.url_path, visibility=visibility)
