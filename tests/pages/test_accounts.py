"""账号: an administrator changes accounts, and sees what each did and what was done to it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from data_access import accounts, audit, schema
from data_access.account_changes import Account, save
from data_access.accounts import Role
from data_access.audit import Action
from data_access.engine import get_engine
from tests.pages.conftest import OpenPage
from ui.formatting import plain

PAGE, ADMIN, CLERK = "pages/admin/accounts.py", "admin@demo", "450224@demo"


@pytest.fixture
def database_url(only_accounts: Path, tmp_path: Path) -> str:
    """A database of this test's own, with the demonstration accounts and nothing else."""
    return f"sqlite:///{shutil.copy(only_accounts, tmp_path)}"


def stored(email: str) -> Any:
    with get_engine().connect() as conn:
        account = schema.account
        return conn.execute(select(account).where(account.c.email == email)).one_or_none()


def log() -> list[tuple[str, str, str]]:
    with get_engine().connect() as conn:
        event = schema.audit_event.c
        rows = conn.execute(select(event.email, event.action, event.target).order_by(event.id))
        return [tuple(row) for row in rows]


def listed(page: AppTest) -> dict[str, list[str]]:
    table = page.dataframe[0].value.fillna("—")
    return {row[0]: row[1:] for row in table.to_numpy().tolist()}


def box(page: AppTest, label: str) -> Any:
    [found] = [each for each in page.selectbox if each.label == label]
    return found


def press(page: AppTest, label: str) -> AppTest:
    [found] = [each for each in page.button if each.label == label]
    return found.click().run()


def add(page: AppTest, email: str, role: Role, county: str | None = None) -> AppTest:
    page.text_input[0].set_value(email)
    box(page, "角色").set_value(role).run()
    if county:
        box(page, "县区").set_value(county)
    return press(page, "新增")


def test_administrators_begin_with_the_accounts(open_page: OpenPage) -> None:
    page = open_page("", ADMIN)

    assert page.title[0].value.startswith("账号")


def test_every_account_is_listed_as_it_is(open_page: OpenPage) -> None:
    page = open_page(PAGE, ADMIN)

    assert page.subheader[0].value == "15 个账号可用，其中管理员 1 个"
    assert page.dataframe[0].value.columns.tolist() == ["账号", "角色", "县区", "状态", "最近登录"]
    rows = listed(page)
    assert rows[ADMIN] == ["管理员", "—", "可用", "—"]
    assert rows["4502LD@demo"] == ["县区", "柳东新区", "可用", "—"]


def test_new_account_is_in_the_list_at_once_and_chosen(open_page: OpenPage) -> None:
    page = add(open_page(PAGE, ADMIN), " Li.Lei@Example.org", Role.COUNTY, "450224")

    assert not page.exception
    assert [each.value for each in page.success] == [
        r"已新增账号 li.lei@example.org：角色 县区；县区 融安县；状态 可用"
    ]
    assert listed(page)["li.lei@example.org"] == ["县区", "融安县", "可用", "—"]
    assert box(page, "选择账号").value == "li.lei@example.org"
    assert log() == [(ADMIN, "account_add", "li.lei@example.org")]
    assert not page.run().success, "said twice"


def test_what_was_filled_in_stays_when_it_may_not_be(open_page: OpenPage) -> None:
    page = add(open_page(PAGE, ADMIN), "li_lei@example.org", Role.COUNTY)

    assert [each.value for each in page.error] == ["县区账号必须指定县区。"]
    assert page.text_input[0].value == "li_lei@example.org"
    assert (box(page, "角色").value, box(page, "县区").value) == (Role.COUNTY, None)
    assert stored("li_lei@example.org") is None
    assert log() == []

    box(page, "县区").set_value("450225")
    assert not press(page, "新增").error
    assert stored("li_lei@example.org").county_code == "450225"


def test_county_is_asked_of_county_accounts_alone(open_page: OpenPage) -> None:
    page = open_page(PAGE, ADMIN, email=CLERK)
    assert box(page, "县区").value == "450224"

    box(page, "角色").set_value(Role.LEADER).run()
    assert [each.label for each in page.selectbox] == ["选择账号", "角色"]
    press(page, "保存修改")

    assert stored(CLERK)[1:3] == ("leader", None)
    assert [each.value for each in page.success] == [
        r"已修改账号 450224@demo：角色 县区 → 市领导；县区 融安县 → —"
    ]


def test_account_is_deactivated_and_let_in_again(open_page: OpenPage) -> None:
    page = press(open_page(PAGE, ADMIN, email=CLERK), "确认停用")

    assert not stored(CLERK).active
    assert listed(page)[CLERK] == ["县区", "融安县", "停用", "—"]
    assert page.subheader[0].value == "14 个账号可用，其中管理员 1 个；另有 1 个已停用"
    assert not [each for each in page.button if each.label == "确认停用"]

    press(page, "保存并启用")
    assert stored(CLERK).active
    assert [action for _, action, _ in log()] == ["account_deactivate", "account_change"]


def test_ended_sign_ins_are_said_and_logged(open_page: OpenPage) -> None:
    page = press(open_page(PAGE, ADMIN, email=CLERK), "确认结束登录")

    assert [each.value for each in page.success] == ["账号 450224@demo 的登录已全部失效。"]
    assert stored(CLERK).signed_out_at is not None
    assert log() == [(ADMIN, "account_sign_out", CLERK)]


@pytest.mark.parametrize("how", ["deactivate", "role"])
def test_last_administrator_stays(open_page: OpenPage, how: str) -> None:
    page = open_page(PAGE, ADMIN, email=ADMIN)
    if how == "deactivate":
        press(page, "确认停用")
    else:
        box(page, "角色").set_value(Role.LEADER).run()
        press(page, "保存修改")

    assert "是最后一个可用的管理员账号" in page.error[0].value
    assert (stored(ADMIN).role, stored(ADMIN).active) == ("admin", True)


def test_who_was_deactivated_meanwhile_changes_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(PAGE, ADMIN, email=CLERK)
    known = accounts.find_user

    def deactivated_after_it_was_looked_up(conn: Any, email: str) -> Any:
        found = known(conn, email)
        with get_engine().begin() as other:
            save(other, Account("other@example.org", Role.ADMIN), by=None)
            account = schema.account
            other.execute(update(account).where(account.c.email == ADMIN).values(active=False))
        return found

    monkeypatch.setattr("ui.session.find_user", deactivated_after_it_was_looked_up)
    press(page, "确认停用")

    assert [each.value for each in page.error] == ["您的账号已停用或不再是管理员，没有作任何改动。"]
    assert stored(CLERK).active


def test_history_is_what_the_account_did_and_what_was_done_to_it(open_page: OpenPage) -> None:
    page = open_page(PAGE, ADMIN, email=CLERK)
    assert [each.value for each in page.info] == ["还没有记录。"]

    audit.record(Action.EXPORT, email=CLERK, target="退费纠纷：退费纠纷.xlsx", rows=12)
    audit.record(Action.EXPORT, email="450225@demo", target="别人的.xlsx")
    press(page, "确认停用")

    history = page.dataframe[1].value
    assert history[["账号", "动作", "对象", "说明"]].values.tolist() == [
        [ADMIN, "停用账号", CLERK, "状态 可用 → 停用"],
        [CLERK, "导出", "退费纠纷：退费纠纷.xlsx", "行数：12"],
    ]


@pytest.mark.parametrize("email", ["nobody@example.org", "' OR 1=1 --", "<b>"])
def test_address_that_names_no_account_offers_a_new_one(open_page: OpenPage, email: str) -> None:
    page = open_page(PAGE, ADMIN, email=email)

    assert not page.exception
    assert not page.error
    assert box(page, "选择账号").value == "新增账号"


def test_addresses_are_shown_as_text(open_page: OpenPage) -> None:
    email = "*boss*_`x`_~~a~~@example.org"
    page = add(open_page(PAGE, ADMIN), email, Role.LEADER)

    assert stored(email)
    shown = r"\*boss\*\_\`x\`\_\~\~a\~\~@example.org"
    assert [each.value for each in page.success] == [f"已新增账号 {shown}：角色 市领导；状态 可用"]
    assert [each.value for each in page.markdown if "失效" in each.value] == [
        f"{shown} 在各处的登录立即失效，可以重新登录。",
        f"{shown} 不能再登录，已有的登录立即失效。记录都保留，以后可以再启用。",
    ]


@pytest.mark.parametrize("email", ["<script>alert(1)</script>@example.org", "[a](http://evil.cn)"])
def test_what_is_no_address_is_told_as_text(open_page: OpenPage, email: str) -> None:
    page = add(open_page(PAGE, ADMIN), email, Role.LEADER)

    assert not page.exception
    [said] = [each.value for each in page.error]
    assert "不是邮箱" in said
    assert plain(email) in said
