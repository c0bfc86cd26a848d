"""A change that a page makes: said once where it was made, or why it was not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from data_access.writing import WritingError
from ui import errors, outage
from ui.formatting import plain


def save(key: str, change: Callable[[], Any], said: str) -> None:
    """Make a change and start over, to say ``said`` by :func:`told`; or say why it cannot be."""
    try:
        change()
    except WritingError as error:
        refused(error)
        return
    st.session_state[key] = said
    st.rerun()


def refused(error: Exception) -> None:
    """Say why a change was not made; while the database is away, until after the recovery."""
    number = f"（编号 {errors.logged(error.__cause__)}）" if error.__cause__ else ""
    words = f"{error}{number}"
    if outage.is_on():
        outage.keep_unsaved(words)
    st.error(plain(words), icon=":material/error:")


def told(key: str) -> bool:
    """Say what was saved last, once; return whether anything was.

    The place stays where nothing is said: or else what lies below would be drawn anew on the next
    run, and what is open there would close under the hand.
    """
    said = st.session_state.pop(key, None)
    place = st.container()
    if said:
        place.success(plain(said), icon=":material/check_circle:")
    return bool(said)
