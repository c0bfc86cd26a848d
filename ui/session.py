"""The signed-in user of this browser session, read afresh at every run.

Identity comes from the issuer that is configured. With none, and on the built-in sample
database alone, a visitor chooses a demonstration account.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from data_access import audit, failures, reachable, sign_ins, versions
from data_access.accounts import DEMONSTRATION_DOMAIN, Permission, User, find_user
from data_access.audit import Action
from data_access.engine import get_engine, is_built_in_sample
from data_access.failures import DatabaseAwayError
from data_access.sign_ins import SignIn, Standing
from ui import errors, issuer, load, outage
from ui.formatting import plain

EMAIL_KEY: Final = "session.email"
REFUSED_KEY: Final = "session.refused"
AS_PARAMETER: Final = "as"
CONTACT_VARIABLE: Final = "CONTACT"
CONTACT: Final = "市“双减”办系统管理员"

# What nobody sees by an account that was not asked for just now, not even for minutes.
ASKED_EVERY_TIME: Final = frozenset(
    {
        Permission.ACCOUNT_MANAGE,
        Permission.AUDIT_VIEW,
        Permission.BACKTEST_VIEW,
        Permission.HOTSPOT_VIEW,
        Permission.VISIT_PLAN,
        Permission.VISIT_RECORD,
        Permission.VISIT_RESULT_VIEW,
    }
)

_user_of_run: ContextVar[User | None] = ContextVar("user_of_run", default=None)
_standing_of_run: ContextVar[Standing | None] = ContextVar("standing_of_run", default=None)


def current_user() -> User | None:
    """Return the signed-in user, read afresh so that a revoked account stops at once.

    The dashboard asks at the start of every run; what a page requires is held to that, and
    what it loads to the version of the data that is read here, too.
    """
    # Whatever goes wrong below, nobody is signed in then.
    _user_of_run.set(None)
    _standing_of_run.set(None)
    load.begin_run(None)
    outage.begin_run()
    user = _asked_for() if reachable.answers() else outage.go_on(_came())
    _user_of_run.set(user)
    return user


def _asked_for() -> User | None:
    """Ask the database who is there; where it is away, go on as ``ui.outage`` lets a session."""
    ask = _demonstration_user if is_demonstration() else _signed_in_user
    try:
        user = ask()
    except Exception as error:
        if not failures.is_away(error) or reachable.look():
            raise
        errors.logged(error)
        return outage.go_on(_came())
    version = load.version_of_run()
    if user is not None and version is not None:
        outage.remember(user, _came(), version)
    return user


def _came() -> SignIn | str | None:
    """Return what this session says it is, without asking whether it may be."""
    if is_demonstration():
        named: str | None = st.query_params.get(AS_PARAMETER) or st.session_state.get(EMAIL_KEY)
        return named
    return who_came()


def is_demonstration() -> bool:
    """Whether a visitor may choose who to be: on the built-in sample, without an issuer."""
    return not issuer.is_configured() and is_built_in_sample(get_engine())


def who_came() -> SignIn | None:
    """Return the sign-in that the browser's cookie tells of, whether or not it still holds."""
    claims = st.user.to_dict() if issuer.is_configured() else {}
    return sign_ins.sign_in_of(claims) if claims.get("is_logged_in") else None


def standing() -> Standing | None:
    """Return why nobody is signed in in this run; ``None``: nobody has tried."""
    return _standing_of_run.get()


def contact() -> str:
    """Return whom to ask for an account: ``CONTACT``, or the office's administrator."""
    return os.environ.get(CONTACT_VARIABLE) or CONTACT


def _signed_in_user() -> User | None:
    came = who_came()
    if came is None:
        _forget_all_but(None)
        return None
    with get_engine().connect() as conn:
        state, user = sign_ins.standing(conn, came)
        load.begin_run(versions.current(conn))
    if state is Standing.NEW:
        sign_ins.begin(came)
    elif state is Standing.EXPIRED:
        sign_ins.expire(came)
    _standing_of_run.set(state)
    if user is None:
        _forget_all_but(None)
        outage.forget(came.email)
        _log_refusal(came.email, state)
    else:
        _forget_all_but(user.email)
    return user


def _forget_all_but(email: str | None) -> None:
    """Leave nothing to a user that another one had on their screen."""
    had = st.session_state.get(EMAIL_KEY)
    if had is not None and had != email:
        st.session_state.clear()
    if email is not None:
        st.session_state[EMAIL_KEY] = email


def _demonstration_user() -> User | None:
    named = st.query_params.get(AS_PARAMETER)
    if named and named != st.session_state.get(EMAIL_KEY):
        enter(named)
    email: str | None = st.session_state.get(EMAIL_KEY)
    with get_engine().connect() as conn:
        load.begin_run(versions.current(conn))
        user = find_user(conn, email) if email and email.endswith(DEMONSTRATION_DOMAIN) else None
    if user is not None and not named:
        # Links within the dashboard drop it, and a reload would ask for sign-in again.
        st.query_params[AS_PARAMETER] = user.email
    return user


def enter(email: str) -> None:
    """Go on as a demonstration account, with nothing left of the account before."""
    if EMAIL_KEY in st.session_state:
        st.session_state.clear()
    st.session_state[EMAIL_KEY] = email


def leave() -> NoReturn:
    """End this sign-in for good, forget all that they had on their screen, and end the run."""
    came = who_came()
    if came is not None and standing() is not Standing.NO_ACCOUNT:
        sign_ins.end(came)
        outage.forget(came.email)
    st.session_state.clear()
    if issuer.is_configured():
        st.logout()
        st.stop()  # another run would throw away the message that leads the browser away
    if AS_PARAMETER in st.query_params:
        del st.query_params[AS_PARAMETER]
    st.rerun()


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a page was drawn for, to be looked up again where no run is under way."""

    user: User
    came: SignIn | None

    def still_holds(self) -> bool:
        """Whether the account still is what it was, and the sign-in has not ended or expired."""
        with get_engine().connect() as conn:
            if self.came is None:
                now = find_user(conn, self.user.email)
            else:
                _, now = sign_ins.standing(conn, self.came)
        return now == self.user


def reader() -> Reader:
    """Return whom this run draws its page for.

    Raises:
        PermissionError: nobody is signed in.
    """
    user = _user_of_run.get()
    if user is None:
        raise PermissionError("nobody is signed in")
    return Reader(user, who_came())


def require(permission: Permission) -> User:
    """Return the user if they hold the permission; otherwise end the page here."""
    user = _user_of_run.get()
    if outage.is_on() and permission in ASKED_EVERY_TIME:
        raise DatabaseAwayError
    if user is None or not user.may(permission):
        refuse()
        st.stop()
    return user


def refuse() -> None:
    """Say that this page is not for the reader, and whom to ask; log that they tried."""
    refuse_silently()
    st.error(
        f"您没有查看此页面的权限。如需开通，请联系{plain(contact())}。", icon=":material/lock:"
    )


def _log_refusal(email: str, why: str, target: str | None = None) -> None:
    """Log a refusal, once for the same in one session: every run would refuse again."""
    refused = (email, why, target)
    if st.session_state.get(REFUSED_KEY) != refused:
        audit.record(Action.REFUSED, email=email, target=target, why=why)
        st.session_state[REFUSED_KEY] = refused


def refuse_silently() -> None:
    """Log that the reader tried a page whose very address is kept from them."""
    user = _user_of_run.get()
    if user is not None:
        _log_refusal(user.email, "page", target=page_asked_for())


def page_asked_for() -> str:
    """Return the page that the browser's address names; empty for the server's own address.

    ``st.context.url`` leaves out the name of a page that this session was offered before.
    """
    context = get_script_run_ctx()
    url = context.context_info.url if context and context.context_info else None
    return urlsplit(url or "").path.rsplit("/", 1)[-1]
