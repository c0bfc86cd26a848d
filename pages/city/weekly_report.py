"""每周报表: the weekly form, the bulletin's table, every cell with its rows, before and during."""

import streamlit as st

from analysis import effect as comparison
from analysis import weekly_form as judgement
from data_access import effect, rectification_items, reference, refunds, weekly_form
from data_access.accounts import Permission
from data_access.weeks import first_day, reporting_week
from ui import filters
from ui import weekly_form as screen
from ui.formatting import plain
from ui.load import load
from ui.session import require


def outside(asked):
    """Return what the forms ask for: all categories, and nothing of an unreleased plan."""
    return {"scope": asked["scope"].released(), "as_of": asked["as_of"]}


def rows_of(conn, period, asked):
    """Classify the rows of this week, or of the campaign until the day or its own end."""
    asked = outside(asked)
    since = first_day(reporting_week(asked["as_of"]))
    if period == screen.SEASON:
        campaign = reference.newest_campaign(conn)
        since = campaign.starts_on
        asked["as_of"] = min(asked["as_of"], campaign.ends_on)
    return judgement.classify(
        weekly_form.visits(conn, **asked, since=since),
        refunds.resolved_disputes(conn, **asked, since=since),
    )


def build(conn, **asked):
    """Fill in the forms, compare, and put into words."""
    campaign, released = reference.newest_campaign(conn), outside(asked)
    since = comparison.since(campaign.starts_on)
    scope, as_of = released["scope"], released["as_of"]
    return screen.view(
        rows_of(conn, screen.WEEK, asked),
        rows_of(conn, screen.SEASON, asked),
        comparison.compare(
            effect.counts(conn, **released, since=since),
            rectification_items.closed_items(conn, **released, since=since),
            effect.records_begin(conn, **released),
            starts_on=campaign.starts_on,
            ends_on=campaign.ends_on,
            as_of=as_of,
        ),
        counties={unit.code: unit.name for unit in reference.counties(conn, scope=scope)},
        where=reference.scope_name(conn, scope=scope),
        as_of=as_of,
        campaign=campaign,
    )


def build_rows(conn, *, period, measure, county_code, **asked):
    """List the rows that a cell counts."""
    found = judgement.counted(rows_of(conn, period, asked), measure, county_code or None)
    return found, screen.rows_behind(found)


user = require(Permission.WEEKLY_REPORT_VIEW)
chosen = filters.shared(user)
view = load(build, user, chosen)


def behind(cell):
    """Return the rows of a cell of this page's tables."""
    of = {"period": cell.period, "measure": cell.measure, "county_code": cell.county_code}
    return load(build_rows, user, chosen, **of)


st.subheader(plain(view.headline), anchor=False)
screen.notes(view, sees_unreleased=user.scope.unreleased, categories=chosen.categories)
screen.show_form(view, behind)
screen.show_bulletin(view, behind)
screen.show_effect(view)
