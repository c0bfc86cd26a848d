"""访问日志: who signed in, was refused, took what away or changed an account."""

import streamlit as st

from data_access.accounts import Permission
from ui import access_log, tables
from ui.session import require

user = require(Permission.AUDIT_VIEW)

wanted = access_log.ask(user)
number, shown = access_log.found(user, wanted)
st.subheader(access_log.headline(wanted, number, len(shown.frame)), anchor=False)
if shown.empty:
    st.info("请放宽时间或其他条件。")
else:
    tables.show(shown, key="access_log.events", file_name="访问日志", alt="访问日志", height=493)
    if number > len(shown.frame):
        access_log.offer_all(user, wanted, number)
