"""The parts of the accounts page: who may sign in, and what an administrator changes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
import streamlit as st

from data_access import account_changes, reference
from data_access.account_changes import Account, AccountError, deactivate, end_sign_ins, save
from data_access.accounts import ROLE_WORDS, Role, User
from data_access.connections import reading, writing
from data_access.failures import WritingError
from ui import outage, saving
from ui.formatting import count, plain
from ui.load import run
from ui.tables import Table, table

CHOSEN_KEY: Final = "email"
NEW: Final = "新增账号"
_NEXT: Final = "accounts.next"
_SAID: Final = "accounts.said"
_ROUND: Final = "accounts.round"
_STATES: Final = {True: "可用", False: "停用"}


def everyone(user: User) -> pd.DataFrame:
    """Return all accounts as they are now."""
    with reading(user) as conn:
        return account_changes.accounts(conn, by=user)


def headline(rows: pd.DataFrame) -> str:
    """Return how many accounts may sign in, and how many of them are administrators'."""
    active = rows[rows["active"]]
    admins = int((active["role"] == Role.ADMIN).sum())
    stopped = len(rows) - len(active)
    return f"{count(len(active))} 个账号可用，其中管理员 {count(admins)} 个" + (
        f"；另有 {count(stopped)} 个已停用" if stopped else ""
    )


def account_table(rows: pd.DataFrame) -> Table:
    """List accounts; ``rows`` is ``account_changes.accounts``."""
    return table(
        rows.assign(
            role=rows["role"].map(ROLE_WORDS),
            account_state=rows["active"].map(_STATES),
            last_sign_in=rows["last_sign_in"].dt.strftime("%Y-%m-%d %H:%M"),
        ),
        ["email", "role", "county", "account_state", "last_sign_in"],
    )


def choose(rows: pd.DataFrame) -> Account | None:
    """Ask which account is meant, bound to the address; ``None``: a new one."""
    if _NEXT in st.session_state:
        st.session_state[CHOSEN_KEY] = st.session_state.pop(_NEXT)
    email = st.selectbox("选择账号", [NEW, *rows["email"]], key=CHOSEN_KEY, bind="query-params")
    found = rows[rows["email"] == email]
    if found.empty:
        return None
    one = found.iloc[0]
    code = None if pd.isna(one["county_code"]) else str(one["county_code"])
    return Account(str(one["email"]), Role(one["role"]), code, bool(one["active"]))


def edit(user: User, chosen: Account | None) -> None:
    """Ask for what the account is to be, and make it so; what was filled in stays on an error."""
    # What another administrator changes meanwhile is shown, not kept as it was.
    key = f"accounts.{st.session_state.get(_ROUND, 0)}.{chosen}"
    email = chosen.email if chosen else st.text_input("邮箱", key=f"{key}.email", max_chars=255)
    left, right = st.columns(2)
    roles = list(ROLE_WORDS)
    role = Role(
        left.selectbox(
            "角色",
            roles,
            index=roles.index(chosen.role) if chosen else roles.index(Role.COUNTY),
            format_func=ROLE_WORDS.__getitem__,
            key=f"{key}.role",
        )
    )
    names = county_names(user)
    county = None
    if role is Role.COUNTY:
        county = right.selectbox(
            "县区",
            list(names),
            index=list(names).index(chosen.county_code) if chosen and chosen.county_code else None,
            format_func=names.__getitem__,
            placeholder="请选择",
            key=f"{key}.county",
        )
    label = "新增" if chosen is None else "保存修改" if chosen.active else "保存并启用"
    if st.button(label, type="primary", key=f"{key}.save"):
        wanted = Account(email, role, county)
        _do(user, lambda conn: account_changes.told(save(conn, wanted, by=user), names), email)


def stop(user: User, chosen: Account) -> None:
    """Offer to end the account's sign-ins, and to deactivate it; each is asked for twice."""
    shown = plain(chosen.email)
    left, right = st.columns(2)
    with left.popover("结束登录", width="stretch"):
        st.write(f"{shown} 在各处的登录立即失效，可以重新登录。")
        if st.button("确认结束登录", key=f"accounts.sign_out.{chosen.email}"):
            _do(user, lambda conn: end_sign_ins(conn, chosen.email, by=user), chosen.email)
    if chosen.active:
        with right.popover("停用账号", width="stretch"):
            st.write(f"{shown} 不能再登录，已有的登录立即失效。记录都保留，以后可以再启用。")
            if st.button("确认停用", key=f"accounts.deactivate.{chosen.email}"):
                _do(
                    user,
                    lambda conn: account_changes.told(deactivate(conn, chosen.email, by=user), {}),
                    chosen.email,
                )


def told() -> None:
    """Say what was done last, once."""
    saving.told(_SAID)


def county_names(user: User) -> dict[str, str]:
    """Return the counties' names by their codes, for those who manage accounts of all."""
    units = run(reference.counties, user, {"scope": user.import_scope})
    return {unit.code: unit.name for unit in units}


def _do(user: User, change: Callable[[Any], str], email: str) -> None:
    """Change an account in one transaction and start over, or say why it cannot be."""
    try:
        with writing(user) as conn:
            said = change(conn)
    except (AccountError, WritingError) as error:
        saving.refused(error)
        return
    outage.forget(email.strip().lower())
    st.session_state[_SAID] = said
    st.session_state[_NEXT] = email.strip().lower()
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()
