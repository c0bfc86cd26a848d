"""Entry point: sign the user in and offer the pages their role may open."""

import streamlit as st

from ui import address, errors
from ui.navigation import pages_for
from ui.session import current_user, leave

# An address that holds the picture: icon names would be fetched from the internet.
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%231f4e79'/%3E"
    "%3Cpath d='M4 12V8m4 4V4m4 8V6' stroke='white' stroke-width='2'/%3E%3C/svg%3E"
)

DEMONSTRATION = ":small[:orange-badge[演示数据：机构、人员、事件均为虚构]]"
SIDEBAR_PIXELS = 232  # room for the menu and the filters, the rest for the picture

st.set_page_config(
    page_title="柳州市校外培训监管",
    page_icon=ICON,
    layout="wide",
    initial_sidebar_state=SIDEBAR_PIXELS,
)

address.keep()
user = current_user()
page = st.navigation(pages_for(user), position="sidebar" if user else "hidden")

st.title(f"{page.title} {DEMONSTRATION}", anchor=False)
if user is not None:
    st.sidebar.button(
        user.email,
        on_click=leave,
        icon=":material/switch_account:",
        help="换一个账号",
        type="tertiary",
        key="session.leave",
    )
with errors.told():
    page.run()
