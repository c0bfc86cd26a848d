"""The menu: every page in order, by section, and the permission each needs.

Page scripts stay in subfolders of ``pages/``. Streamlit serves scripts that lie directly
in ``pages/`` by address, without ``dashboard.py`` and its sign-in, until the first visitor
of a fresh server has opened ``dashboard.py``.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

from data_access.accounts import Permission


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
