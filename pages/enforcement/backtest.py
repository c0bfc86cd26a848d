"""选点检验: whether the points would have led to where something was found."""

import streamlit as st

from analysis import backtest
from analysis.backtest_windows import origins
from analysis.risk import Evidence, weights
from data_access import calendar, clock, evidence
from data_access.accounts import Permission
from ui import backtest as screen
from ui import filters
from ui.formatting import plain
from ui.load import run
from ui.session import require


def build(conn, *, scope, as_of, horizon):
    """Look back from every Thursday, put into words and draw."""
    of = {"scope": scope, "as_of": as_of}
    days = origins(evidence.inspections(conn, **of), as_of, horizon)
    known = Evidence(**evidence.everything(conn, **of, **weights().of_reports(), days=days))
    return screen.lay_out(backtest.run(known, as_of, horizon=horizon))


user = require(Permission.BACKTEST_VIEW)
top = st.container()
horizon = int(filters.one_of("看多久", screen.SPANS, key="horizon"))
scope = {"scope": user.scope}
latest, _ = run(calendar.choices, user, {**scope, "today": clock.today()})
view = run(build, user, {**scope, "as_of": latest, "horizon": horizon})
top.subheader(plain(view.headline), anchor=False)
screen.show(view)
