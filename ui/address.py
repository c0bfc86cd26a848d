"""What an address says holds, also when a link leads from one page to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def keep() -> None:
    """Let the widgets of this run begin with what the address says.

    On a change of page Streamlit strikes every parameter that a widget of the page before
    is bound to, also when the link itself names it: the filters that all pages share would
    lose what a link says. There is no public way to keep them (Streamlit 1.67).
    """
    context = get_script_run_ctx()
    if context is None:
        return
    # A link adds its parameters to those in the address bar already.
    said = dict.fromkeys(parse_qsl(context.query_string, keep_blank_values=True))
    with context.session_state.query_params() as parameters:
        if all(name in parameters for name, _ in said):
            return
        address = urlencode(list(said))
        parameters.set_initial_query_params(address)
        parameters.populate_from_query_string(address)
        parameters._send_query_param_msg()


def go(script: str, parameters: Mapping[str, Any]) -> None:
    """Go on to the page of a script, with these parameters in its address.

    Streamlit refuses to switch to an address that names a parameter which a widget of the
    page left is bound to; that widget is gone with its page (Streamlit 1.67).
    """
    context = get_script_run_ctx()
    if context is not None:
        with context.session_state.query_params() as bound:
            for name in [*bound, *parameters]:
                binding = bound.get_binding_for_param(name)
                if binding is not None:
                    bound.unbind_widget(binding.widget_id)
    st.switch_page(script, query_params=parameters)
