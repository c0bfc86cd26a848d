"""The menu: every page in order, by section, and the permission each needs.

Page scripts stay in subfolders of ``pages/``. Streamlit serves scripts that lie directly
in ``pages/`` by address, without ``dashboard.py`` and its sign-in, until the first visitor
of a fresh server has opened ``dashboard.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from copy import copy
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final, NamedTuple

import streamlit as st

from data_access.accounts import PERMISSIONS, Permission, Role, User
from ui.session import page_asked_for, refuse, refuse_silently
from ui.sign_in import sign_in

ENFORCEMENT: Final = "enforcement"
AT_ONCE: Final = 10  # entries of a long menu; the filters below it stay in sight


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

    @property
    def is_secret(self) -> bool:
        """Whether even its address is told to nobody who may not open it."""
        return PurePath(self.script).parts[1] == ENFORCEMENT


OVERVIEW = MenuEntry(
    "pages/city/overview.py", "全市总览", ":material/dashboard:", Permission.OVERVIEW_VIEW
)
WEEKLY_REPORT = MenuEntry(
    "pages/city/weekly_report.py",
    "每周报表",
    ":material/table_view:",
    Permission.WEEKLY_REPORT_VIEW,
)
BRIEFING = MenuEntry(
    "pages/city/briefing.py", "会议简报", ":material/description:", Permission.BRIEFING_VIEW
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
FEES = MenuEntry("pages/ledgers/fees.py", "收费监管", ":material/sell:", Permission.FEE_VIEW)
PREPAID_FEES = MenuEntry(
    "pages/ledgers/prepaid_fees.py",
    "预收费监管",
    ":material/account_balance:",
    Permission.FEE_VIEW,
)
COMPLIANCE_CHECKS = MenuEntry(
    "pages/ledgers/compliance_checks.py",
    "专项检查",
    ":material/health_and_safety:",
    Permission.CHECK_VIEW,
)
VIOLATION_MAP = MenuEntry(
    "pages/ledgers/violation_map.py", "违规地图", ":material/map:", Permission.VIOLATION_VIEW
)
HOTSPOTS = MenuEntry(
    "pages/enforcement/hotspots.py",
    "重点区域",
    ":material/crisis_alert:",
    Permission.HOTSPOT_VIEW,
)
VISIT_PLANS = MenuEntry(
    "pages/enforcement/visit_plans.py", "暗访计划", ":material/route:", Permission.VISIT_PLAN
)
VISIT_RESULTS = MenuEntry(
    "pages/enforcement/visit_results.py",
    "暗访结果",
    ":material/flag:",
    Permission.VISIT_RESULT_VIEW,
)
BACKTEST = MenuEntry(
    "pages/enforcement/backtest.py", "选点检验", ":material/rule:", Permission.BACKTEST_VIEW
)
SELF_REVIEW = MenuEntry(
    "pages/county/self_review.py", "县区自查", ":material/checklist:", Permission.SELF_REVIEW_VIEW
)
COUNTY_ACTIONS = MenuEntry(
    "pages/county/county_actions.py",
    "行动机制",
    ":material/campaign:",
    Permission.COUNTY_ACTION_VIEW,
)
SUBMISSIONS = MenuEntry(
    "pages/county/submissions.py", "材料报送", ":material/send:", Permission.SUBMISSION_VIEW
)
RECONCILIATION = MenuEntry(
    "pages/county/reconciliation.py",
    "底数比对",
    ":material/join_inner:",
    Permission.RECONCILIATION_VIEW,
)
DATA_QUALITY = MenuEntry(
    "pages/county/data_quality.py",
    "数据质量",
    ":material/troubleshoot:",
    Permission.DATA_QUALITY_VIEW,
)
LEDGER_IMPORT = MenuEntry(
    "pages/county/ledger_import.py",
    "台账导入",
    ":material/upload_file:",
    Permission.LEDGER_IMPORT,
)
ACCOUNTS = MenuEntry(
    "pages/admin/accounts.py", "账号", ":material/group:", Permission.ACCOUNT_MANAGE
)
ACCESS_LOG = MenuEntry(
    "pages/admin/access_log.py", "访问日志", ":material/history:", Permission.AUDIT_VIEW
)

MENU = {
    "市级会商": [OVERVIEW, BRIEFING, WEEKLY_REPORT],
    "监管台账": [
        REGISTRATION_COVERAGE,
        RECTIFICATION,
        REFUND_DISPUTES,
        VIOLATION_MAP,
        FEES,
        PREPAID_FEES,
        COMPLIANCE_CHECKS,
    ],
    "督查暗访": [HOTSPOTS, VISIT_PLANS, VISIT_RESULTS, BACKTEST],
    # Only administrators see it, and it is what they come for: so it is their first page.
    "系统管理": [ACCOUNTS, ACCESS_LOG],
    # What is done every week first.
    "县区工作": [
        SELF_REVIEW,
        LEDGER_IMPORT,
        SUBMISSIONS,
        COUNTY_ACTIONS,
        RECONCILIATION,
        DATA_QUALITY,
    ],
}

ENTRIES = [entry for section in MENU.values() for entry in section]
# A browser shows ten pages and the others when asked to: what a role came for stands among them.
_FIRST: Final = {Role.COUNTY: ["县区工作"], Role.SUPERVISOR: ["市级会商", "督查暗访"]}


def menu_of(role: Role) -> dict[str, list[MenuEntry]]:
    """Return every page, by section, in the order of a role's menu: its own work first."""
    return {section: MENU[section] for section in [*_FIRST.get(role, []), *MENU]}


def entries_of(role: Role) -> list[MenuEntry]:
    """Return the pages that a role may open, in its menu's order: it arrives at the first."""
    granted = PERMISSIONS[role]
    return [
        entry
        for section in menu_of(role).values()
        for entry in section
        if entry.permission in granted
    ]


def shown_at_once(user: User | None) -> int:
    """Return how many entries a long menu shows before a click, that of the open page included."""
    asked = page_asked_for()
    paths = [entry.url_path for entry in entries_of(user.role)] if user else []
    return max(AT_ONCE, paths.index(asked) + 1 if asked in paths else 0)


def pages_for(user: User | None) -> dict[str, list[Any]]:
    """Return the pages to offer, by section: those the user's role may open.

    Every page keeps its address for everybody. Where nobody is signed in, each asks for
    sign-in first and is then itself; those a role may not open are not in the menu and
    say so when they are opened by address. The server's own address leads to the first
    page of the role.

    All these addresses travel to every browser. Those of secret pages do not: to who may
    not open them they are addresses like any other that there is not. Before anybody is
    signed in, an address that there is not asks for sign-in like one that there is.
    """
    asked = page_asked_for()
    if user is None:
        home = st.Page(sign_in, title="登录", default=True)
        known = dict.fromkeys(entry.url_path for entry in ENTRIES if not entry.is_secret)
        # Whatever else was asked for, is it a page or not: that is said after the sign-in.
        known |= dict.fromkeys(filter(None, [asked.strip()]))
        return {"": [home, *(_in_place_of(each, sign_in, "登录") for each in known)]}
    pages = {
        entry: copy(_page(entry))
        if user.may(entry.permission)
        else _in_place_of(entry.url_path, refuse, "无权查看", visibility="hidden")
        for entry in ENTRIES
        if user.may(entry.permission) or not entry.is_secret
    }
    _pages_of_run.set(pages)
    first = entries_of(user.role)[0]

    # An address that no page has leads to the default page. It stays there: a change of page
    # would close the frontend's dialog, often before anybody has seen it.
    is_lost = asked not in {"", *(entry.url_path for entry in pages)}

    def home_page() -> None:
        if not is_lost:
            st.switch_page(pages[first], query_params=st.query_params.to_dict())
        if asked in {entry.url_path for entry in ENTRIES}:
            refuse_silently()
        st.info("请检查地址，或从左边的菜单选一个页面。")

    title = "没有这个页面" if is_lost else first.title
    home = st.Page(home_page, title=title, default=True, visibility="hidden")
    offered = {
        section: found
        for section, entries in menu_of(user.role).items()
        if (found := [pages[entry] for entry in entries if entry in pages])  # or it is told of
    }
    return {first.title: [home], **offered}


@lru_cache
def _page(entry: MenuEntry) -> Any:
    """Return a page as it is before a run has taken it: making one looks for its script."""
    return st.Page(entry.script, title=entry.title, icon=entry.icon)


_pages_of_run: ContextVar[dict[MenuEntry, Any] | None] = ContextVar("pages_of_run", default=None)


def page_of(entry: MenuEntry) -> Any:
    """Return a page as links take it; one that this run offers costs no look at the disk."""
    return (_pages_of_run.get() or {}).get(entry, entry.script)


def _in_place_of(
    address: str, function: Callable[[], None], title: str, visibility: Any = "visible"
) -> Any:
    return st.Page(function, title=title, url_path=address, visibility=visibility)
