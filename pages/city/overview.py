"""全市总览: what is worth a decision today, the six figures, every county beside the others."""

from types import SimpleNamespace

import streamlit as st

from analysis import overview as judgement
from analysis.concerns import worst_first
from analysis.refunds import WATCH, watch_list
from analysis.registration import projection
from data_access import inspections, rectification, reference, refunds, registration, weeks
from data_access.accounts import Permission
from data_access.weekly import weekly_counts
from ui import cards, concerns, filters, overview, tables
from ui.load import load
from ui.rows import inspection_rows
from ui.session import require

ALL, WEEK = "各县区一览", "本周检查"
TABLE = "overview.counties"


def build(conn, **asked):
    """Count every subject once, judge and lay out."""
    as_of = asked["as_of"]
    last_week = {**asked, "as_of": as_of - weeks.WEEK, "weeks": 1}
    days = tuple(as_of - weeks.WEEK * back for back in range(13))
    ends_on = reference.newest_campaign(conn).ends_on
    counted = judgement.Counted(
        course=registration.coverage_on_days(conn, **asked),
        items=rectification.open_on_days(conn, **asked, days=days),
        disputes=refunds.open_on_days(conn, **asked, days=days),
        reports=weekly_counts(conn, **asked, subject="violation_report"),
        reports_before=weekly_counts(conn, **last_week, subject="violation_report"),
        verified=weekly_counts(conn, **asked, subject="violation_report_verified", weeks=1),
        inspections=weekly_counts(conn, **asked, subject="inspection"),
        inspections_before=weekly_counts(conn, **last_week, subject="inspection"),
    )
    season = weeks.last_weeks(as_of, 13)
    projected = projection(counted.course, ends_on=ends_on)
    counties = judgement.by_county(counted, projected, season[-1])
    watched = watch_list(refunds.by_institution(conn, **asked, recent_days=WATCH.days))
    relapse = rectification.relapse(conn, **asked)
    found = worst_first(counties, relapse, watched, ends_on=ends_on)
    figures = judgement.figures(counted, season)
    where = reference.scope_name(conn, scope=asked["scope"])
    return SimpleNamespace(
        headline=overview.headline(where, found, figures, as_of),
        concerns=found,
        cards=overview.cards(figures),
        counties=overview.county_table(counties),
        names=dict(zip(counties["county_code"], counties["county"], strict=True)),
    )


def build_inspections(conn, **asked):
    """List the inspections of the week."""
    return inspection_rows(inspections.inspections_of_week(conn, **asked))


user = require(Permission.OVERVIEW_VIEW)
chosen = filters.shared(user)
everything = load(build, user, chosen)
focused = filters.narrowed(
    chosen, everything.counties, tables.chosen_row(everything.counties, key=TABLE)
)
view = load(build, user, focused) if focused != chosen else everything
address = filters.address(user, focused)

st.subheader(view.headline, anchor=False)
concerns.show(view.concerns, address, view.names)
if cards.show(view.cards, address):
    rows = load(build_inspections, user, focused)
    tables.show(rows, key="overview.inspections", file_name=WEEK, alt=WEEK, height=420)
else:
    tables.show(everything.counties, key=TABLE, file_name=ALL, alt=ALL, select=True)
