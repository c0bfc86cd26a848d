"""预收费监管: whose prepaid money is supervised, what broke the rules, what is at risk."""

from functools import partial

import streamlit as st

from data_access.accounts import Permission
from ui import filters, metrics
from ui import prepaid as screen
from ui.formatting import plain
from ui.load import load
from ui.session import require

user = require(Permission.FEE_VIEW)
chosen = filters.shared(user)
top = st.container()
left, right = st.columns([9, 11])
whole = load(screen.build, user, chosen)
words = "各县区预收费监管率，由低到高"
bars = left.vega_lite_chart(whole.counties, on_select="rerun", key="prepaid.counties", alt=words)
focused = filters.focus(chosen, bars)
view = load(screen.build, user, focused)
with top:
    st.subheader(plain(view.headline), anchor=False)
    metrics.show(view.figures)
with right:
    rows = filters.one_of("名单", screen.ROWS, key="rows")
    row = screen.show_list(load(screen.build_list, user, focused, rows=rows), rows)
screen.show_institution(row, partial(load, screen.build_charges, user, focused))
screen.show_charts(view, left if whole.units == 1 else None)
