"""A change that a page makes: said once where it was made, or why it was not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from data_access.writing import WritingError
from ui.formatting import plain


def save(key: str, change: Callable[[], Any], said: str) -> None:
    """Make a change and start over, to say ``said`` by :func:`told`; or say why it cannot be."""
    try:
        change()
    except WritingError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state[key] = said
    st.rerun()


def told(key: str) -> None:
    """Say what was saved last, once."""
    said = st.session_state.pop(key, None)
    if said:
        st.success(plain(said), icon=":material/check_circle:")
