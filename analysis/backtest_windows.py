"""What each Thursday knew, beside what came to light after it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from analysis.evidence import CLOSED_DOOR, VIOLATION, Evidence, as_known
from analysis.risk import components, units
from analysis.risk_rows import rows_of
from analysis.risk_weights import Weights

SCORE, REPORTS = "score", "reports"
LEAD_IN: Final = timedelta(weeks=6)
WEEK: Final = timedelta(days=7)
MOST_ORIGINS: Final = 26
THURSDAY: Final = 3


def weekly_capacity(evidence: Evidence) -> int:
    """Return the median number of distinct units inspected in a reporting week; 0: none were."""
    checks = evidence.inspections
    tied = checks["institution_id"].astype("str").where(checks["institution_id"].notna())
    where = tied.fillna(checks["place_key"])
    weeks = checks["inspected_on"].dt.to_period("W-THU")
    counts = where[where.notna()].groupby(weeks).nunique()
    return int(counts.median()) if len(counts) else 0


def origins(checks: pd.DataFrame, as_of: date, horizon: int) -> list[date]:
    """Return the Thursdays to look back from, oldest first; ``checks`` are the inspections."""
    first = checks["inspected_on"].min()
    if pd.isna(first):
        return []
    last = as_of - timedelta(days=horizon)
    last -= timedelta(days=(last.weekday() - THURSDAY) % 7)
    number = ((last - first.date() - LEAD_IN) // WEEK) + 1
    return [last - back * WEEK for back in reversed(range(min(max(number, 0), MOST_ORIGINS)))]


def look_back(evidence: Evidence, origin: date, horizon: int, given: Weights) -> pd.DataFrame:
    """Hold what was known on a day against what came to light after it.

    Returns one row per unit that was looked at within ``horizon`` days after the origin:
    ``origin`` (datetime64[s]), ``key``, ``score`` and ``reports`` (float64, reports so far),
    a column ``points:<component>`` (float64) for each piece of evidence, ``is_hit`` (bool),
    ``found_after`` (float64, days; NaN: nothing found) and ``officers`` (str, who inspected
    it first; missing: nobody did). The horizon is of whole weeks: reports are known by these.
    """
    known = as_known(evidence, origin)
    candidates = units(known, origin)
    found = components(known, candidates, origin, given)
    seen_reports = rows_of(candidates, known.reports)
    table = pd.DataFrame(
        {
            "origin": pd.Series([origin] * len(candidates), dtype="datetime64[s]"),
            "key": candidates["key"],
            SCORE: sum((each.points for each in found), np.zeros(len(candidates))),
            REPORTS: np.bincount(
                seen_reports[seen_reports >= 0],
                weights=known.reports["reports"].to_numpy()[seen_reports >= 0],
                minlength=len(candidates),
            ).astype("float64"),
            **{f"points:{each.name}": each.points for each in found},
        }
    )
    checks, reports = evidence.inspections, evidence.reports
    checks = checks[checks["outcome"] != CLOSED_DOOR]
    events = pd.concat(
        [
            pd.DataFrame(
                {
                    "row": rows_of(candidates, facts),
                    "after": (facts[day] - pd.Timestamp(origin)).dt.days,
                    "is_hit": is_hit,
                    "officers": facts.get("officers"),
                }
            ).astype({"officers": "str"})
            for facts, day, is_hit in (
                (checks, "inspected_on", checks["outcome"] == VIOLATION),
                (reports[reports["verified_on"].notna()], "verified_on", False),
                (reports[reports["found_on"].notna()], "found_on", True),
            )
        ],
        ignore_index=True,
    )
    events = events[(events["row"] >= 0) & events["after"].between(1, horizon)]
    events = events.sort_values("after", kind="stable")
    by_unit = events.groupby("row")
    table = table.loc[sorted(events["row"].unique())]
    return table.assign(
        is_hit=by_unit["is_hit"].any(),
        found_after=events[events["is_hit"]].groupby("row")["after"].min().astype("float64"),
        officers=by_unit["officers"].first(),
    ).reset_index(drop=True)
