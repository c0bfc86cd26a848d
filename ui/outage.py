"""What a session may still see while the database is away, and how it comes back by itself.

Nobody's account can be asked for then. So a session goes on as who it was when the account was
read last, for :data:`MINUTES` and no longer, and sees what was worked out before, nothing else:
see docs/decisions/0014-while-the-database-is-away.md.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as dt_time
from typing import Final

import streamlit as st

from data_access import clock, reachable, sign_ins
from data_access.accounts import User
from data_access.failures import NOT_SAVED, DatabaseAwayError
from data_access.sign_ins import SignIn
from ui import load
from ui.formatting import plain

MINUTES: Final = 10
LOOK_SECONDS: Final = 3
SEEN_KEY: Final = "outage.seen"
_UNSAVED_KEY: Final = "outage.unsaved"
_TYPED_KEY: Final = "outage.typed"
# What fields hold; a press of a button must not be kept, and a file cannot be.
_TYPED: Final = (str, int, float, date, dt_time)

AWAY: Final = "数据库暂时连不上，数据没有丢失。恢复后自动继续，不必刷新页面。"
NOT_HERE: Final = "这里的内容在断开之前没有算过，或要查数据库才能显示；恢复后自动更新。"

_seen_of_run: ContextVar[Seen | None] = ContextVar("seen_of_run", default=None)
# When what an account may was last taken away in this process, by its address (monotonic).
_taken_away: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Seen:
    """Who a session was when the account was last read, and the version of the data then.

    ``came`` is the sign-in, or which demonstration account the address names; ``moment`` is by a
    clock that nobody sets.
    """

    user: User
    came: SignIn | str | None
    version: int
    at: datetime
    moment: float


def begin_run() -> None:
    """Take it that the database answers, until it is known that it does not."""
    _seen_of_run.set(None)


def remember(user: User, came: SignIn | str | None, version: int) -> None:
    """Keep in the session that the account was read just now; fields hold again what they held."""
    st.session_state[SEEN_KEY] = Seen(user, came, version, clock.now(), time.monotonic())
    for key, value in st.session_state.pop(_TYPED_KEY, {}).items():
        if key not in st.session_state:
            st.session_state[key] = value


def forget(email: str) -> None:
    """Let nobody go on as this account without asking: it has signed out, or was changed."""
    _taken_away[email] = time.monotonic()


def go_on(came: SignIn | str | None) -> User:
    """Return who this session goes on as while the database is away; the run sees kept results.

    Raises:
        DatabaseAwayError: the account was read too long ago, or by somebody else, or not at all.
    """
    seen: Seen | None = st.session_state.get(SEEN_KEY)
    if seen is None or seen.came != came or not _still_holds(seen):
        raise DatabaseAwayError
    load.begin_run(seen.version, kept_only=True)
    _seen_of_run.set(seen)
    return seen.user


def _still_holds(seen: Seen) -> bool:
    if time.monotonic() - seen.moment > MINUTES * 60:
        return False
    if _taken_away.get(seen.user.email, -1.0) >= seen.moment:
        return False
    issued = seen.came.issued_at if isinstance(seen.came, SignIn) else None
    return issued is None or clock.now() - issued <= timedelta(hours=sign_ins.hours())


def is_on() -> bool:
    """Whether this run goes without the database."""
    return _seen_of_run.get() is not None


def tell() -> None:
    """Say above a page that its figures are those of before, and what was not saved; else nothing.

    What was not saved is said until the reader does something else after the recovery.
    """
    unsaved = st.session_state.get(_UNSAVED_KEY)
    seen = _seen_of_run.get()
    if seen is not None:
        if unsaved:
            st.error(plain(unsaved[0]), icon=":material/error:")
        st.warning(
            f"数据库暂时连不上。以下是 {_moment(seen.at)} 的数字，恢复后自动更新",
            icon=":material/cloud_off:",
        )
        watch()
    elif unsaved:
        words, was_told = unsaved
        if was_told:
            del st.session_state[_UNSAVED_KEY]
        else:
            st.session_state[_UNSAVED_KEY] = (words, True)
            st.error(plain(words), icon=":material/error:")


def keep_unsaved(words: str) -> None:
    """Keep what a reader was told of a write that failed: the recovery draws the page anew."""
    st.session_state[_UNSAVED_KEY] = (words, False)


def tell_not_here() -> None:
    """Say, where a page ends for want of the database, that it goes on by itself."""
    if keep_sent():
        st.error(plain(st.session_state[_UNSAVED_KEY][0]), icon=":material/error:")
    if is_on():  # the page begins with what is the matter
        st.info(NOT_HERE, icon=":material/hourglass_empty:")
    else:
        st.warning(AWAY, icon=":material/cloud_off:")
        watch()


def keep_sent() -> bool:
    """Keep what fields hold that this run does not draw: Streamlit forgets those.

    Returns whether a form was sent. That is kept too, to be said: nobody has stored it.
    """
    held = dict(st.session_state.items())
    typed = {key: value for key, value in held.items() if _is_typed(value)}
    st.session_state[_TYPED_KEY] = st.session_state.get(_TYPED_KEY, {}) | typed
    pressed = [str(key) for key, value in held.items() if value is True]
    is_sent = any(key.startswith("FormSubmitter:") for key in pressed)  # as Streamlit names them
    if is_sent:
        keep_unsaved(f"{NOT_SAVED}。")
    return is_sent


def _is_typed(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(type(each) in _TYPED for each in value)
    return type(value) in _TYPED


def _moment(at: datetime) -> str:
    return f"{at.month}月{at.day}日 {at:%H:%M}"


@st.fragment(run_every=LOOK_SECONDS)
def watch() -> None:
    """Look now and then whether the database is back, and draw everything anew when it is.

    It shows nothing and reads nothing of anybody, so it may run without the account.
    """
    if reachable.answers():
        st.rerun()
