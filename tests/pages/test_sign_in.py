"""What pages do with a sign-in: they ask for it at every run, and keep nothing of another one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text, update
from streamlit.testing.v1 import AppTest

from data_access.engine import get_engine
from data_access.schema import account, audit_event, sign_in
from tests.pages.conftest import OpenPage, claims

OVERVIEW = "pages/city/overview.py"
IMPORT = "pages/county/ledger_import.py"
CLERK = "450224@demo"
LEADER = "leader@demo"


def log() -> list[tuple[str, str, str | None]]:
    """What people did: action, account, detail. The sample's own imports are nobody's."""
    columns = (audit_event.c.action, audit_event.c.email, audit_event.c.detail)
    by_people = select(*columns).where(columns[1].is_not(None)).order_by(audit_event.c.id)
    with get_engine().connect() as conn:
        return [tuple(row) for row in conn.execute(by_people)]


def execute(statement: Any) -> None:
    with get_engine().begin() as conn:
        conn.execute(statement)


def is_out(page: AppTest) -> None:
    assert page.title[0].value == "登录"
    assert not page.exception
    for kind in ("metric", "dataframe", "subheader", "multiselect", "date_input"):
        assert not page.get(kind)


def test_with_an_issuer_nobody_may_choose_who_to_be(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, "", **{"as": LEADER})

    is_out(page)
    assert not page.selectbox
    assert [button.label for button in page.button] == ["登录"]


def test_who_has_not_signed_in_is_asked_to_and_nothing_is_logged(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, CLERK)
    execute(text("UPDATE account SET active = active"))
    page.user = {"is_logged_in": False}
    page.run()

    is_out(page)
    assert not page.error
    assert [action for action, _, _ in log()] == ["sign_in"]


def test_deactivated_account_is_told_so_and_whom_to_ask_and_logged_once(
    open_signed_in: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTACT", "张三 [0772](http://a.cn)")
    page = open_signed_in(OVERVIEW, CLERK)
    assert page.metric

    execute(update(account).where(account.c.email == CLERK).values(active=False))
    page.run()
    page.run()

    is_out(page)
    assert "这个账号已停用" in page.error[0].value
    assert r"张三 \[0772\]\(http\://a.cn\)" in page.error[0].value
    assert log()[1:] == [("refused", CLERK, '{"why": "inactive"}')]


def test_ended_sign_in_is_told_so(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, CLERK)
    execute(update(sign_in).values(ended_at=sign_in.c.at))
    page.run()

    is_out(page)
    assert [each.value for each in page.warning] == ["这次登录已经退出，请重新登录。"]
    assert log()[1:] == [("refused", CLERK, '{"why": "ended"}')]


def test_sign_in_out_of_its_hours_is_told_so(
    open_signed_in: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_signed_in(OVERVIEW, CLERK)
    execute(text("UPDATE sign_in SET at = datetime(at, '-13 hours')"))
    page.run()

    is_out(page)
    assert [each.value for each in page.warning] == ["登录已到时限，请重新登录。"]
    assert log()[1:] == [("refused", CLERK, '{"why": "expired"}')]


def test_changed_role_holds_from_the_next_run(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, LEADER)
    assert page.metric

    execute(update(account).where(account.c.email == LEADER).values(role="admin"))
    page.run()

    assert not page.metric
    assert "您没有查看此页面的权限" in page.error[0].value


def test_nothing_on_the_screen_of_one_person_is_left_to_the_next(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, LEADER)
    page.session_state["seen.by_the_leader"] = "融水苗族自治县"
    page.run()
    assert "seen.by_the_leader" in page.session_state

    page.user = claims(CLERK)
    page.run()

    assert "seen.by_the_leader" not in page.session_state
    assert "融安县" in page.subheader[0].value


def test_nothing_is_left_either_when_the_next_is_nobody(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, LEADER)
    page.session_state["seen.by_the_leader"] = "融水苗族自治县"
    page.user = {"is_logged_in": False}
    page.run()

    assert "seen.by_the_leader" not in page.session_state


def test_whoever_cannot_be_written_down_does_not_get_in(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, LEADER)
    execute(
        text("CREATE TRIGGER full BEFORE INSERT ON sign_in BEGIN SELECT RAISE(FAIL, 'full'); END")
    )
    page.user = claims(CLERK)
    page.run()

    assert not page.metric
    assert [CLERK for _, email, _ in log() if email == CLERK] == []


def test_signing_out_ends_the_sign_in_for_good(open_signed_in: OpenPage) -> None:
    page = open_signed_in(OVERVIEW, CLERK)
    page.button(key="session.leave").click().run()

    assert not page.metric
    assert [action for action, _, _ in log()] == ["sign_in", "sign_out"]
    page.run()
    is_out(page)


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email": ""}])
def test_without_a_verified_address_nobody_knows_who_it_is(
    open_signed_in: OpenPage, said: dict[str, Any]
) -> None:
    page = open_signed_in(OVERVIEW, LEADER)
    page.user = claims(CLERK) | said
    page.run()

    is_out(page)
    assert "没有给出经过核实的邮箱" in page.error[0].value
    assert [action for action, _, _ in log()] == ["sign_in"]
