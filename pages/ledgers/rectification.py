"""整改销号: what is open, what is late, what came back."""

import streamlit as st

from analysis import rectification as judgement
from data_access import rectification, rectification_items, reference
from data_access.accounts import Permission
from data_access.weekly import weekly_counts
from data_access.weeks import WEEK, first_day, last_weeks, reporting_week
from ui import filters, metrics
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
    ages = judgement.ageing(rectification_items.open_items(conn, **asked), as_of=as_of)
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
    )


def build_list(conn, *, rows, **asked):
    """List the items that ``rows`` names."""
    week = reporting_week(asked["as_of"])
    if rows == "closed":
        since = first_day(week)
        return screen.closed_rows(rectification_items.closed_items(conn, **asked, since=since))
    if rows == "relapsed":
        return screen.relapsed_rows(rectification_items.relapsed_items(conn, **asked))
    items = rectification_items.open_items(conn, **asked)
    ranked = judgement.by_urgency(items, as_of=asked["as_of"], week_ends_on=week)
    return screen.open_rows(ranked if rows == "open" else ranked[ranked["stage"] == rows])


def build_history(conn, **asked):
    """Tell what happened to one item."""
    events = rectification_items.events(conn, **asked)
    return screen.history_rows(judgement.history(events, rectification.incidents(conn, **asked)))


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
    rows = filters.one_of("名单", screen.ROWS, key="rows")
    item = screen.show_list(load(build_list, user, focused, rows=rows), rows)
    screen.show_history(item, lambda id_: load(build_history, user, focused, rectification_id=id_))
