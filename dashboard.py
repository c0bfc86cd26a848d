"""Entry point: sign the user in and offer the pages their role may open."""

from contextlib import nullcontext

import streamlit as st

from ui import address, downloads, errors, outage, presenting
from ui.formatting import plain
from ui.navigation import pages_for, shown_at_once
from ui.session import current_user, is_demonstration, leave
from ui.sign_in import framed

# An address that holds the picture: icon names would be fetched from the internet.
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Crect width='16' height='16' rx='3' fill='%231f4e79'/%3E"
    "%3Cpath d='M4 12V8m4 4V4m4 8V6' stroke='white' stroke-width='2'/%3E%3C/svg%3E"
)

SIDEBAR_PIXELS = 232  # room for the menu and the filters, the rest for the picture

st.set_page_config(
    page_title="柳州市校外培训监管",
    page_icon=ICON,
    layout="wide",
    initial_sidebar_state=SIDEBAR_PIXELS,
)

with errors.told():
    address.keep()
    user = current_user()
    # Slides take the whole screen and say for themselves what they are.
    is_slide = user is not None and presenting.is_on(user)
    is_bare = user is None or is_slide
    page = st.navigation(
        pages_for(user),
        position="hidden" if is_bare else "sidebar",
        expanded=shown_at_once(user),
    )
    downloads.begin_run(page.title)
    badge = f" {presenting.DEMONSTRATION}" if is_demonstration() else ""
    with framed() if user is None else nullcontext():
        if not is_slide:
            st.title(f"{page.title}{badge}", anchor=False)
        if not is_bare and st.sidebar.button(
            plain(user.email),
            icon=":material/switch_account:" if badge else ":material/logout:",
            help="换一个账号" if badge else "退出登录",
            type="tertiary",
            key="session.leave",
        ):
            leave()
        outage.tell()
        page.run()
