"""专项检查: who was checked for what, what was found, what is still open."""

import streamlit as st

from data_access.accounts import Permission
from ui import class_hours, filters, metrics
from ui import compliance_checks as screen
from ui.formatting import plain
from ui.load import load
from ui.session import require

user = require(Permission.CHECK_VIEW)
chosen = filters.shared(user)
top = st.container()
left, right = st.columns(2)
wall = left.vega_lite_chart(
    spec=load(screen.build, user, chosen).wall,
    on_select="rerun",
    key="checks.wall",
    alt="各县区各类检查查过的占比和未销号的问题",
)
focused = filters.focus(chosen, wall)
view = load(screen.build, user, focused)
with top:
    st.subheader(plain(view.headline), anchor=False)
    metrics.show(view.figures)
left.caption(plain(view.notes))
with right:
    rows = filters.one_of("名单", screen.ROWS, key="rows")
    if rows == screen.HOURS:
        class_hours.show(user, focused)
        st.stop()
    domain = filters.one_of("检查类别", screen.DOMAINS, key="domain")
    listed = load(screen.build_list, user, focused, rows=rows, domain=domain)
    check = screen.show_list(listed, rows, domain, asked=focused)
screen.show_check(user, check)
