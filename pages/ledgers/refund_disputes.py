"""退费纠纷: what is still open, whom to watch, how long it takes."""

from functools import partial

import streamlit as st

from analysis import durations
from analysis import refunds as judgement
from data_access import reference, refunds
from data_access.accounts import Permission
from data_access.weekly import weekly_counts
from data_access.weeks import WEEK, last_weeks
from ui import filters, metrics, refund_alarms, refund_contracts, refund_plans, row_corrections
from ui import refunds as screen
from ui.arriving import DISPUTES, arriving
from ui.charts import refunds as charts
from ui.charts.base import spec
from ui.formatting import plain
from ui.load import load
from ui.session import require

FLOWS = ("refund_dispute_opened", "refund_dispute_resolved")


def build(conn, **asked):
    """Count, judge and draw."""
    as_of, ends_on = asked["as_of"], reference.newest_campaign(conn).ends_on
    weeks, days = last_weeks(as_of, 13), tuple(as_of - WEEK * back for back in range(13))
    counts = refunds.open_on_days(conn, **asked, days=days)
    now, before = (counts[counts["day"].dt.date == day] for day in days[:2])
    course = counts.groupby("day", as_index=False)[["open", "students", "amount_yuan"]].sum()
    last_week = {**asked, "as_of": days[1]}
    season = [weekly_counts(conn, **asked, subject=each) for each in FLOWS]
    week_before = [weekly_counts(conn, **last_week, subject=each) for each in FLOWS]
    lately = refunds.opened_disputes(conn, **asked, since=as_of - durations.LATELY)
    everywhere = refunds.by_institution(conn, **asked, recent_days=judgement.WATCH.days)
    watched = refund_plans.watched(conn, everywhere, **asked)
    alarms = refund_alarms.of_last_week(conn, **asked)
    flow, late = judgement.weekly_flow(*season, weeks=weeks), arriving(conn, DISPUTES, **asked)
    age = judgement.median_age(refunds.open_disputes(conn, **asked), as_of=as_of)
    return screen.View(
        headline=judgement.headline(
            now, before, len(watched), as_of=as_of, beside=ends_on, alarms=alarms
        ),
        figures=screen.figures(course, season, week_before, age, as_of=as_of, beside=ends_on),
        counties=spec(charts.county_bars(now, as_of=as_of)),
        flow=spec(charts.flow_bars(flow, as_of=as_of, provisional=late.weeks)),
        course=spec(charts.open_course(course)),
        durations=spec(charts.duration_steps(durations.still_open(lately, as_of=as_of), lately)),
        notes=screen.notes(everywhere, watched),
        units=len(now),
    )


user = require(Permission.REFUND_VIEW)
chosen = filters.shared(user)
top = st.container()
left, right = st.columns([5, 7])
whole = load(build, user, chosen)
words = "各县区未化解的退费纠纷"
bars = left.vega_lite_chart(whole.counties, on_select="rerun", key="refunds.counties", alt=words)
focused = filters.focus(chosen, bars)
view = load(build, user, focused)
with top:
    st.subheader(plain(view.headline), anchor=False)
    metrics.show(view.figures)
with right:
    rows = filters.one_of("名单", screen.ROWS, key="rows")
    listed = load(screen.build_list, user, focused, rows=rows)
    row, dispute = screen.show_list(listed, rows, asked=focused)
panel = st.container()
if rows == "alarms":
    refund_alarms.show_course(user, focused, row)
refund_plans.show(user, focused, row)
of = partial(load, screen.build_institution, user, focused)
dispute = screen.show_institution(row, of, dispute)
with panel:
    row_corrections.show_dispute(user, dispute)
screen.show_charts(view, left if whole.units == 1 else None)
refund_contracts.show(user, focused)
