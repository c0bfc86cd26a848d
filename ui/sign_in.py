"""The sign-in page: the issuer's button, or on the sample a choice of demonstration accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from data_access import reference
from data_access.accounts import DEMONSTRATION_DOMAIN, demonstration_accounts
from data_access.engine import get_engine
from data_access.scope import Scope
from data_access.sign_ins import Standing
from ui import session
from ui.formatting import plain

ROLE_TITLES = {"leader": "市领导会商", "supervisor": "市督查组", "admin": "系统管理员"}

WHY_NOT: Final = {
    Standing.EXPIRED: "登录已到时限，请重新登录。",
    Standing.ENDED: "这次登录已经退出，请重新登录。",
}


PRODUCT: Final = "柳州市校外培训监管"
FRAME_PIXELS: Final = 560


@contextmanager
def framed() -> Iterator[None]:
    """Draw in the middle of the screen, under the product's name: for who is not signed in."""
    with st.container(horizontal_alignment="center"), st.container(width=FRAME_PIXELS):
        st.space("large")
        st.write(f":blue[**{PRODUCT}**]")
        yield


def sign_in() -> None:
    """Ask who it is: through the issuer, or which demonstration account to go on as."""
    if session.is_demonstration():
        _choose()
        return
    why = session.standing()
    came = session.who_came()
    if came is not None and why in {Standing.NO_ACCOUNT, Standing.INACTIVE}:
        state = "已停用" if why is Standing.INACTIVE else "还没有开通"
        st.error(
            f"您已登录为 {plain(came.email)}，但这个账号{state}。"
            f"如需使用本系统，请联系{plain(session.contact())}。",
            icon=":material/lock:",
        )
        if st.button("换一个账号登录", key="sign_in.leave"):
            session.leave()
        return
    if why in WHY_NOT:
        st.warning(WHY_NOT[why], icon=":material/schedule:")
    elif st.user.get("is_logged_in"):
        st.error(
            "统一身份认证没有给出经过核实的邮箱，不能确定您是谁。"
            f"请联系{plain(session.contact())}。",
            icon=":material/lock:",
        )
    st.write("请用统一身份认证登录。本系统不保存密码。")
    st.button("登录", type="primary", on_click=st.login, key="sign_in.login")
    st.caption(f"没有账号或登录不了，请联系{plain(session.contact())}。")


def _choose() -> None:
    with get_engine().connect() as conn:
        accounts = demonstration_accounts(conn)
        names = {unit.code: unit.name for unit in reference.counties(conn, scope=Scope.city())}
    titles = {
        email: ROLE_TITLES.get(holder) or f"{names.get(holder, holder)}“双减”办"
        for email in accounts
        if (holder := email.removesuffix(DEMONSTRATION_DOMAIN))
    }
    if st.query_params.get(session.AS_PARAMETER):  # it would have let in an account that there is
        st.warning("这个演示账号不存在或已停用，请另选一个。", icon=":material/lock:")
    st.write("当前为演示数据，机构、人员、事件均为虚构。请选择一个演示账号查看对应角色的页面。")
    with st.form("sign_in"):
        email = st.selectbox(
            "演示账号",
            accounts,
            format_func=lambda account: f"{titles[account]}（{account}）",
            key="sign_in.email",
        )
        if st.form_submit_button("进入", type="primary", key="sign_in.submit"):
            session.enter(email)
            # The address still names who could not be let in.
            st.query_params[session.AS_PARAMETER] = email
            st.rerun()
