"""The signed-in user of this browser session.

For now a visitor chooses a demonstration account; only the ``sample`` command makes such
accounts, so there is nobody to choose on any other database.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

import streamlit as st

from data_access import versions
from data_access.accounts import DEMONSTRATION_DOMAIN, Permission, User, find_user
from data_access.engine import get_engine
from ui import load

EMAIL_KEY: Final = "session.email"
AS_PARAMETER: Final = "as"


_user_of_run: ContextVar[User | None] = ContextVar("user_of_run", default=None)


def current_user() -> User | None:
    """Return the signed-in user, read afresh so that a revoked account stops at once.

    The dashboard asks at the start of every run; what a page requires is held to that, and
    what it loads to the version of the data that is read here, too.
    """
    named = st.query_params.get(AS_PARAMETER)
    if named and named != st.session_state.get(EMAIL_KEY):
        enter(named)
    email: str | None = st.session_state.get(EMAIL_KEY)
    with get_engine().connect() as conn:
        load.begin_run(versions.current(conn))
        user = find_user(conn, email) if email and email.endswith(DEMONSTRATION_DOMAIN) else None
    _user_of_run.set(user)
    if user is not None and not named:
        # Links within the dashboard drop it, and a reload would ask for sign-in again.
        st.query_params[AS_PARAMETER] = user.email
    return user


def enter(email: str) -> None:
    """Go on as a demonstration account, with nothing left of the account before."""
    if EMAIL_KEY in st.session_state:
        st.session_state.clear()
    st.session_state[EMAIL_KEY] = email


def leave() -> None:
    """Forget who this was, and all that they had on their screen."""
    st.session_state.clear()
    if AS_PARAMETER in st.query_params:
        del st.query_params[AS_PARAMETER]


def require(permission: Permission) -> User:
    """Return the user if they hold the permission; otherwise end the page here."""
    user = _user_of_run.get()
    if user is None or not user.may(permission):
        refuse()
        st.stop()
    return user


def refuse() -> None:
    """Say that this page is not for the reader, and whom to ask."""
    st.error("您没有查看此页面的权限。如需开通，请联系市“双减”办。", icon=":material/lock:")
