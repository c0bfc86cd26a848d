"""收费监管: whose prices may have been raised, and what lessons cost in the city."""

from dataclasses import replace

import streamlit as st

from data_access.accounts import Permission
from ui import fees as screen
from ui import filters, metrics, price_monitor, tables
from ui.formatting import plain
from ui.load import load
from ui.session import require

user = require(Permission.FEE_VIEW)
chosen = filters.shared(user)
# Peers are all that the reader may see: a choice narrows what is told, not who they are.
whole = replace(chosen, counties=(), categories=())
narrowed = {"counties": chosen.counties, "kinds": chosen.categories}
view = load(screen.build, user, whole, **narrowed)
st.subheader(plain(view.headline), anchor=False)
metrics.show(view.figures)
left, right = st.columns([11, 9])
with left:
    row = screen.show_list(view, key="fees.suspected")
    st.caption(plain(view.notes))
if row is not None:
    here = replace(whole, counties=(row["county_code"],))
    which = screen.evidence_of(row, baseline_on=view.baseline_on)
    drawn = load(screen.build_evidence, user, here, **which)
    with right:
        screen.show_evidence(row, drawn, as_of=chosen.as_of, baseline_on=view.baseline_on)
st.subheader(plain(screen.monitor_title(view)), anchor=False)
if not view.published.empty:
    alt, height = "各培训项目的价格中位数和范围", 330
    tables.show(view.monitor, key="fees.monitor", file_name="价格监测", alt=alt, height=height)
    price_monitor.show_downloads(view.published, where=view.where, as_of=chosen.as_of)
