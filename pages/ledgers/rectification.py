"""整改销号: what is open, what is late, what came back."""

from dataclasses import replace

import streamlit as st

from analysis import rectification as judgement
from data_access import clock, rectification, rectification_items, reference
from data_access.accounts import Permission
from data_access.weekly import weekly_counts
from data_access.weeks import WEEK, last_weeks
from ui import filters, item_panel, metrics
from ui import rectification as screen
from ui.arriving import ITEMS, arriving
from ui.charts import rectification as charts
from ui.charts.base import spec
from ui.formatting import plain
from ui.load import load
from ui.session import require


def build(conn, **asked):
    """Count, judge and draw."""
    as_of, ends_on = asked["as_of"], reference.newest_campaign(conn).ends_on
    counts = rectification.open_on_days(conn, **asked, days=(as_of - WEEK, as_of))
    is_now = counts["day"].dt.date == as_of
    closures = rectification.closures(conn, **asked)
    names = counts.loc[is_now, ["county_code", "county"]]
    items = rectification_items.open_items(conn, **asked)
    ages = judgement.ageing(items, as_of=as_of)
    opened = weekly_counts(conn, **asked, subject="rectification_opened")
    closed = weekly_counts(conn, **asked, subject="rectification_closed")
    flow = judgement.weekly_flow(opened, closed, weeks=last_weeks(as_of, 13))
    late = arriving(conn, ITEMS, **asked)
    return screen.View(
        headline=judgement.headline(counts[is_now], counts[~is_now], as_of=as_of, beside=ends_on),
        figures=screen.figures(counts, closures, as_of=as_of, beside=ends_on),
        ageing=spec(charts.ageing_bars(ages, counts[is_now], as_of=as_of)),
        flow=spec(charts.flow_lines(flow, as_of=as_of, provisional=late.weeks)),
        relapse=judgement.relapse_sentence(names.merge(rectification.relapse_on(closures, as_of))),
        waiting=screen.waiting(items),
    )


user = require(Permission.RECTIFICATION_VIEW)
chosen = filters.shared(user)
top = st.container()
left, right = st.columns([9, 11])
bars = left.vega_lite_chart(
    spec=load(build, user, chosen).ageing,
    on_select="rerun",
    key="rectification.ageing",
    alt="各县区未销号事项，按未销号天数，其中逾期标红",
)
focused = filters.focus(chosen, bars)
view = load(build, user, focused)
with top:
    st.subheader(plain(view.headline), anchor=False)
    metrics.show(view.figures)
left.vega_lite_chart(spec=view.flow, key="rectification.flow", alt="每周登记与销号")
left.caption(plain(view.relapse))
with right:
    now = replace(focused, as_of=clock.today())
    if user.may(Permission.ITEM_VERIFY):
        screen.tell_of_queue(load(screen.build_list, user, now, rows="submitted"))
    rows = filters.one_of("名单", screen.ROWS, key="rows")
    listed = load(screen.build_list, user, now if rows == "submitted" else focused, rows=rows)
    item = screen.show_list(listed, rows, asked=focused, waiting=view.waiting)
    item_panel.show(user, item)
