"""A meeting put together: what is counted, judged by the rules, as now known or as frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import briefing as content
from analysis import decisions as followed
from analysis import (
    fee_figures,
    four_points,
    frozen,
    overview,
    refunds,
    registration,
    week_figures,
)
from analysis.briefing_content import Briefing
from analysis.concerns import Concern, worst_first
from analysis.overview import Figures
from analysis.refunds import Watched
from analysis.signs import Signs
from data_access import (
    decisions,
    meeting_counts,
    reference,
    snapshots,
    visit_results,
    vocabulary,
    weeks,
)
from data_access.accounts import Permission, User
from data_access.scope import Scope
from ui import downloads, fees, refund_alarms
from ui.arriving import DISPUTES, REPORTS, arriving
from ui.filters import Filters
from ui.load import run
from ui.rows import in_words
from ui.session import is_demonstration

CITY: Final = "柳州市"
BASES: Final = (content.NOW, content.FROZEN)
BASIS_HELP: Final = "会上冻结：那一周周四冻结的数字，不随迟报、更正改变，也不分机构类别。"
BASIS_KEY: Final = "basis"
SEASON: Final = 13


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a day and what follows from it; the overview and the meeting share it.

    ``watch_list`` is ``None`` where only its sums were frozen; ``flow`` and ``points`` are what
    a briefing has besides, ``None`` where it is not asked for. ``standing`` are the decisions of
    meetings with their state. ``fees`` are the figures on prepaid money and checks; a week that
    was frozen before there were any has none. ``signs`` are known of a day as now known alone.
    """

    basis: str
    as_of: date
    ends_on: date
    counties: pd.DataFrame
    figures: Figures
    found: Sequence[Concern]
    relapse: pd.DataFrame
    watched: Watched
    watch_list: pd.DataFrame | None
    flow: pd.DataFrame | None
    points: pd.DataFrame | None
    standing: pd.DataFrame
    where: str
    fees: pd.DataFrame
    signs: Signs | None = None
    frozen_at: pd.Timestamp | None = None


def now_known(
    conn: Any,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    for_briefing: bool,
    signs: Signs | None = None,
) -> Judged:
    """Count every subject once and judge."""
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of, "categories": categories}
    count = meeting_counts.counts if for_briefing else meeting_counts.overview_counts
    counts = count(conn, **asked, **week_figures.limits())
    counted = overview.Counted(**{name: counts[name] for name in overview.Counted.__slots__})
    ends_on = reference.newest_campaign(conn).ends_on
    season = weeks.last_weeks(as_of, SEASON)
    projected = registration.projection(counted.course, ends_on=ends_on)
    watch_list = refunds.watch_list(counts["institutions"], counts["plans"])
    of_fees = week_figures.fee_figures(counts, as_of=as_of)
    return _judged(
        conn,
        basis=content.NOW,
        scope=scope,
        as_of=as_of,
        ends_on=ends_on,
        counties=fee_figures.beside(overview.by_county(counted, projected, season[-1]), of_fees),
        fees=of_fees,
        figures=overview.figures(counted, season),
        relapse=counts["relapse"],
        watched=Watched.of(watch_list),
        watch_list=watch_list,
        signs=signs,
        flow=_flow(counts, season) if for_briefing else None,
        points=four_points.side_by_side(week_figures.week_figures(counts, as_of=as_of), projected)
        if for_briefing
        else None,
    )


def _flow(counts: dict[str, pd.DataFrame], season: Sequence[date]) -> pd.DataFrame:
    """Put the disputes opened and resolved, by whatever route, of each week beside each other."""
    named = refunds.weekly_flow(
        counts["disputes_opened"], counts["disputes_resolved"], weeks=season
    )
    is_opened = named["flow"] == "opened"
    sums = named.assign(flow=is_opened.map({True: "opened", False: "resolved"}))
    wide = sums.pivot_table(index="week", columns="flow", values="n", aggfunc="sum")
    return wide.astype("float64").reset_index()


def as_frozen(conn: Any, *, scope: Scope, week: date) -> Judged | None:
    """Judge the figures that were frozen for the meeting of ``week``; ``None``: nobody did."""
    season = weeks.last_weeks(week, SEASON)
    history = snapshots.figures(conn, scope=scope, week_from=season[0], week_to=week)
    this_week = history[history["week"] == pd.Timestamp(week)]
    if this_week.empty:
        return None
    ends_on = reference.newest_campaign(conn).ends_on
    known = snapshots.weeks(conn, scope=scope)
    units = pd.DataFrame(
        [
            {
                "county_code": unit.code,
                "county": unit.name,
                "short_name": unit.short_name,
                "boundary_code": unit.boundary_code,
            }
            for unit in reference.counties(conn, scope=scope)
        ]
    )
    return _judged(
        conn,
        basis=content.FROZEN,
        scope=scope,
        as_of=week,
        ends_on=ends_on,
        frozen_at=known.loc[known["week"] == pd.Timestamp(week), "frozen_at"].iloc[0],
        counties=_frozen_counties(history, week, units, ends_on),
        fees=this_week[this_week["indicator"].isin(fee_figures.CODES)],
        figures=frozen.figures(history, season),
        relapse=frozen.relapse(history, week, units),
        watched=frozen.watched(history, week),
        watch_list=None,
        flow=frozen.flow(history, season),
        points=four_points.side_by_side(this_week, units),
    )


def _frozen_counties(
    history: pd.DataFrame, week: date, units: pd.DataFrame, ends_on: date
) -> pd.DataFrame:
    """Turn a frozen week into the overview's table, compared with what was frozen before it."""
    this_week = history[history["week"] == pd.Timestamp(week)]
    counties = week_figures.as_counties(this_week, units, as_of=week, ends_on=ends_on)
    before = frozen.reports_before(history, week, counties["county_code"])
    # Nobody froze the week before: nothing surges.
    counties = fee_figures.beside(counties, this_week)
    return counties.assign(reports_before=before.fillna(counties["reports"]).astype("int64"))


def _judged(conn: Any, *, scope: Scope, as_of: date, ends_on: date, **known: Any) -> Judged:
    rows = decisions.decisions(conn, scope=scope, as_of=as_of)
    standing = followed.standing(rows, as_of=as_of)
    standing["kind_word"] = in_words(standing["kind"], vocabulary.DECISION_KIND)
    found = worst_first(
        known["counties"],
        known["relapse"],
        known["watched"],
        ends_on=ends_on,
        as_of=as_of,
        decisions=standing,
        fees=known["fees"],
        signs=known.get("signs"),
    )
    where = reference.scope_name(conn, scope=scope)
    return Judged(
        as_of=as_of, ends_on=ends_on, found=found, standing=standing, where=where, **known
    )


def judged(
    conn: Any,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    basis: str,
    for_briefing: bool = False,
    signs: Signs | None = None,
) -> Judged | None:
    """Judge a day on a basis; ``None``: its week was not frozen.

    ``signs`` is :func:`standing_out` of the day, of which no frozen week tells.
    Frozen figures are those of the Thursday that names the week, of all categories.
    """
    if basis == content.FROZEN:
        found = as_frozen(conn, scope=scope, week=weeks.reporting_week(as_of))
        kept = "全部类别"
    else:
        found = now_known(
            conn,
            scope=scope,
            as_of=as_of,
            categories=categories,
            for_briefing=for_briefing,
            signs=signs,
        )
        words = vocabulary.first_words(vocabulary.CATEGORY)
        kept = "、".join(words[code] for code in categories)
    if found is None or not categories:
        return found
    return replace(found, where=f"{found.where}（{kept}）")


def briefing(
    conn: Any,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    basis: str,
    with_results: bool,
    signs: Signs | None = None,
) -> Briefing | None:
    """Write the briefing of a day; ``None``: its week was not frozen.

    ``with_results`` is whether the reader reads what visits found; ``signs`` as :func:`judged`.
    """
    known = judged(
        conn,
        scope=scope,
        as_of=as_of,
        categories=categories,
        basis=basis,
        for_briefing=True,
        signs=signs,
    )
    if known is None or known.flow is None:
        return None
    week = weeks.reporting_week(known.as_of)
    later = {
        subject: arriving(conn, subject, scope=scope, as_of=known.as_of, categories=categories)
        for subject in (REPORTS, DISPUTES)
        if basis == content.NOW  # frozen figures wait for nothing
    }
    return content.briefing(
        content.Meeting(
            city=CITY,
            where=known.where,
            as_of=known.as_of,
            week=week,
            ends_on=known.ends_on,
            basis=basis,
            counties=known.counties,
            figures=known.figures,
            found=known.found,
            relapse=known.relapse,
            watched=known.watched,
            watch_list=known.watch_list,
            flow=known.flow,
            frozen_at=known.frozen_at,
            late=tuple(each.sentence for each in later.values() if each.sentence),
            provisional=later[DISPUTES].weeks if later else 0,
            results=visit_results.results(conn, scope=scope, as_of=known.as_of)
            if with_results
            else None,
            points=known.points,
            fees=known.fees,
            signs=known.signs,
            decisions=_latest(known.standing, week),
            followed_up=_followed_up(known.standing, known.as_of, week),
        )
    )


def _followed_up(standing: pd.DataFrame, as_of: date, week: date) -> str:
    """Say what became of what the last meeting before this week's decided; empty: there is none."""
    before = standing.loc[standing["week"] < pd.Timestamp(week), "week"]
    if before.empty:
        return ""
    return followed.sentence(standing, as_of=as_of, week=before.max().date()).rstrip("。")


def _latest(standing: pd.DataFrame, week: date) -> pd.DataFrame:
    """Return the decisions still to be followed: those of the last meeting, and what is open."""
    if standing.empty:
        return standing
    before = standing[standing["week"] < pd.Timestamp(week)]
    last = before["week"].max()
    latest: pd.DataFrame = before[
        (before["week"] == last) | (before["state"] != followed.State.DONE)
    ]
    return latest


def standing_out(user: User, chosen: Filters, basis: str) -> Signs | None:
    """Return what has begun to stand out, by the results of the pages that list it.

    Of released rows; as the page 收费监管 does, prices are held against all that the reader may
    see, whatever is chosen. ``None`` of a frozen week.
    """
    if basis == content.FROZEN:
        return None
    day = {"as_of": chosen.as_of}
    whole = {"scope": user.scope.released(), "categories": ()}
    narrowed = {"scope": released(user, chosen), "categories": chosen.categories}
    chose = {"counties": chosen.counties, "kinds": chosen.categories}
    prices = run(fees.build, user, {**whole, **day, **chose})
    alarms = run(refund_alarms.signs, user, {**narrowed, **day})
    return Signs(prices.rises, weeks.last_full_week(chosen.as_of), alarms)


def released(user: User, chosen: Filters) -> Scope:
    """Return what a meeting may be shown: the chosen counties, and nothing that is withheld.

    Whoever prepares it sees more; on the wall and on paper stands what leaders may read.
    """
    return user.scope.within(chosen.counties).released()


def written(user: User, chosen: Filters, basis: str) -> Briefing | None:
    """Return the briefing that the reader may see, kept for all who ask the same."""
    asked = {
        "scope": released(user, chosen),
        "as_of": chosen.as_of,
        "categories": chosen.categories,
        "basis": basis,
        "with_results": user.may(Permission.VISIT_RESULT_VIEW),
        "signs": standing_out(user, chosen, basis),
    }
    result: Briefing | None = run(briefing, user, asked)
    if result is not None and is_demonstration():
        return replace(result, title=f"{result.title}（演示数据，均为虚构）")
    return result


def choose_basis() -> str:
    """Ask whether figures are read as now known or as frozen for the meeting of their week.

    Addresses carry the choice as ``?basis=会上冻结``.
    """
    with st.sidebar:
        chosen = st.radio("口径", list(BASES), key=BASIS_KEY, bind="query-params", help=BASIS_HELP)
    downloads.narrowed("口径", chosen if chosen != content.NOW else "")
    return chosen or content.NOW


def basis_of_address() -> str:
    """Return the basis that the address names, where it is not to be asked for."""
    said = st.query_params.get(BASIS_KEY, content.NOW)
    return said if said in BASES else content.NOW


def not_frozen(chosen: Filters) -> str:
    """Say that the week of the day was not frozen, and what to do."""
    week = weeks.reporting_week(chosen.as_of)
    return (
        f"{week.month} 月 {week.day} 日这一周的数字还没有冻结。"
        "请改看“现在所知”，或由督查组在会议简报页冻结。"
    )
