"""Entry point: sign the user in and offer the pages their role may open."""

import streamlit as st

from ui.navigation import MENU
from ui.session import current_user, leave
from ui.sign_in import sign_in

st.set_page_config(page_title="柳州市校外培训监管", page_icon=":material/policy:", layout="wide")

user = current_user()
if user is None:
    page = st.navigation([st.Page(sign_in, title="登录", icon=":material/login:")])
else:
    page = st.navigation(
        {
            section: pages
            for section, entries in MENU.items()
            if (
                pages := [
                    st.Page(entry.script, title=entry.title, icon=entry.icon)
                    for entry in entries
                    if user.may(entry.permission)
                ]
            )
        }
    )

with st.container(horizontal=True, vertical_alignment="center"):
    st.title(page.title, width="content", anchor=False)
    st.markdown(":orange-badge[演示数据] 机构、人员、事件均为虚构", width="stretch")
    if user is not None:
        st.caption(user.email, width="content")
        st.button("换账号", on_click=leave, type="tertiary", key="session.leave")

page.run()
