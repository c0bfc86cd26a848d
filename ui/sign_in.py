"""The sign-in page: for now a choice of demonstration accounts, on sample data only."""

from __future__ import annotations

import streamlit as st

from data_access import reference
from data_access.accounts import DEMONSTRATION_DOMAIN, demonstration_accounts
from data_access.engine import get_engine
from data_access.scope import Scope
from ui.session import enter

ROLE_TITLES = {"leader": "市领导会商", "supervisor": "市督查组", "admin": "系统管理员"}


def sign_in() -> None:
    """Ask which demonstration account to go on as."""
    with get_engine().connect() as conn:
        accounts = demonstration_accounts(conn)
        names = {unit.code: unit.name for unit in reference.counties(conn, scope=Scope.city())}
    if not accounts:
        st.error(
            "这个数据库没有演示账号，也还没有接入统一身份认证。请联系系统管理员。",
            icon=":material/lock:",
        )
        return
    titles = {
        email: ROLE_TITLES.get(holder) or f"{names.get(holder, holder)}“双减”办"
        for email in accounts
        if (holder := email.removesuffix(DEMONSTRATION_DOMAIN))
    }
    st.write("当前为演示数据，机构、人员、事件均为虚构。请选择一个演示账号查看对应角色的页面。")
    with st.form("sign_in", width=420):
        email = st.selectbox(
            "演示账号",
            accounts,
            format_func=lambda account: f"{titles[account]}（{account}）",
            key="sign_in.email",
        )
        if st.form_submit_button("进入", type="primary", key="sign_in.submit"):
            enter(email)
            st.rerun()
