"""A database with accounts and reference rows alone: every page opens and says what is missing."""

from __future__ import annotations

import pytest

from data_access import accounts, migration
from data_access.accounts import Role
from data_access.engine import connect_to
from tests.menu import ACCOUNTS, entries
from tests.pages.conftest import OpenPage
from ui.navigation import MenuEntry

# What an official reads first on a page that has nothing to show.
SAID = {
    "overview": "没有台账数据",
    "briefing": "没有台账数据",
    "weekly_report": "没有检查记录",
    "registration_coverage": "没有在营的非学科类机构",
    "rectification": "没有未销号的整改事项",
    "prepaid_fees": "近一年没有预收费台账记录",
    "refund_disputes": "没有未化解的退费纠纷",
    "violation_map": "没有举报",
    "compliance_checks": "行动以来没有专项检查记录",
    "fees": "没有课程收费台账",
    "hotspots": "没有举报明显多于预期的区域",
    "accounts": "个账号可用",
    "visit_plans": "还没有可去的机构和地点",
    "visit_results": "还没有暗访结果",
    "backtest": "历史太短",
    "access_log": "没有符合条件的记录",
    "self_review": "对照 38 条",
    "ledger_import": "还没有导入过文件",
    "county_actions": "逾期",
    "submissions": "逾期未报",
    "data_quality": "没有台账数据",
    "reconciliation": "还没有底数名单",
}
# Each page once in short, as who is shown least of it: without rows all are shown the same.
LEAST = {
    entry: role
    for role in (Role.ADMIN, Role.SUPERVISOR, Role.LEADER, Role.COUNTY)
    for entry in entries(role)
}
VISITS = [
    pytest.param(
        role,
        entry,
        id=f"{entry.url_path}-{role}",
        marks=[pytest.mark.soak] if LEAST[entry] is not role else [],
    )
    for role in Role
    for entry in entries(role)
]


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'empty.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
    engine.dispose()
    return url


@pytest.mark.parametrize(("role", "entry"), VISITS)
def test_page_explains_that_there_is_nothing_yet(
    open_page: OpenPage, role: Role, entry: MenuEntry
) -> None:
    page = open_page(entry.script, ACCOUNTS[role])

    assert not page.exception
    assert not page.error
    said = [element.value for element in (*page.subheader, *page.info)]
    assert any(SAID[entry.url_path] in words for words in said), said


@pytest.mark.parametrize(("role", "entry"), VISITS)
def test_no_figure_is_made_up(open_page: OpenPage, role: Role, entry: MenuEntry) -> None:
    page = open_page(entry.script, ACCOUNTS[role])

    assert {card.value.split(" ")[0] for card in page.metric} <= {"0", "—"}
    assert {card.delta for card in page.metric} <= {"", "—", "持平"}
    assert not any(words in text.value for text in page.caption for words in ("nan", "None"))
