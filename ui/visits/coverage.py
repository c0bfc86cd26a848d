"""Who has been looked at in the last three months, by county, and who has not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import visit_results as judgement
from data_access import visit_coverage, vocabulary
from data_access.scope import Scope
from ui import tables
from ui.formatting import plain
from ui.labels import LABELS
from ui.rows import in_words
from ui.tables import Table, table

SEASON: Final = timedelta(days=91)
PLACES: Final = "places"  # reported, and without a registered institution
_KINDS: Final = (*vocabulary.CATEGORY, PLACES)


class View(NamedTuple):
    """The sentence, the counties, and every unit that nobody has looked at."""

    headline: str
    counties: Table
    unseen: pd.DataFrame


def build(
    conn: Any,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...],
    counties: tuple[str, ...],
) -> View:
    """Count who has been looked at.

    ``counties`` narrow what is counted, and not the scope: in one of some counties no visit is
    known to come of a plan. ``categories`` narrow, and leave places out, which have none. Where
    nobody registered teaches is the supervision team's to know: others get institutions alone.
    """
    units = visit_coverage.units(conn, scope=scope, as_of=as_of, since=as_of - SEASON)
    if counties:
        units = units[units["county_code"].isin(counties)]
    if categories:
        units = units[units["category"].isin(categories)]
    elif not scope.unreleased:
        units = units[units["category"].notna()]
    unseen = units[units["looked_on"].isna()]
    return View(
        judgement.unseen(judgement.by_county(units)), _counties(units, unseen), _named(unseen)
    )


def show(view: View) -> None:
    """Draw the counties; of the chosen one, list who has not been looked at."""
    st.subheader(plain(view.headline), anchor=False)
    row = tables.show(
        view.counties,
        key="visits.coverage",
        alt="各县区查过多少，选中一行看没有查过的",
        file_name="检查覆盖",
        height=480,
        select=True,
    )
    if row is None:
        st.caption("已查 = 近三个月有人检查过（含闭门未开）。选中一个县区，看那里没有查过的名单。")
        return
    chosen = view.counties.frame.iloc[row]
    listed = view.unseen[view.unseen["county_code"] == chosen["county_code"]]
    name = f"{chosen['county']}没有查过的 {len(listed)} 处"
    st.subheader(plain(name), anchor=False)
    tables.show(
        table(listed.reset_index(drop=True), ["county", "visited", "category"]),
        key=f"visits.unseen.{chosen['county_code']}",
        alt="没有查过的机构和地点",
        file_name=name,
        height=320,
    )


def _counties(units: pd.DataFrame, unseen: pd.DataFrame) -> Table:
    rows = judgement.by_county(units)
    kinds = unseen["category"].fillna(PLACES)
    never = {}
    for kind in _KINDS if PLACES in set(units["category"].fillna(PLACES)) else vocabulary.CATEGORY:
        counts = unseen.loc[kinds == kind, "county_code"].value_counts()
        never[f"never_{kind}"] = rows["county_code"].map(counts).fillna(0).astype("int64")
    shares = rows["looked_at"] / rows["units"].where(rows["units"] > 0)
    return table(
        rows.assign(seen_share=shares, **never),
        ["county", "units", "looked_at", "seen_share", "by_plan", *never],
        shares=["seen_share"],
    )


def _named(unseen: pd.DataFrame) -> pd.DataFrame:
    words = in_words(unseen["category"], vocabulary.CATEGORY)
    return unseen.assign(visited=unseen["name"], category=words.fillna(LABELS["no_institution"]))
