"""The overview's figures read back from frozen weeks, by the very same rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analysis.indicators import count_indicator, share_indicator
from analysis.overview import Figures
from analysis.refunds import Watched
from analysis.week_figures import Figure


def figures(history: pd.DataFrame, weeks: Sequence[date]) -> Figures:
    """Work the six figures out of frozen weeks, all counties in ``history`` added up.

    ``history`` is ``snapshots.figures`` (``week``, ``indicator``, ``county_code``, ``numerator``,
    ``denominator``); ``weeks`` are the thirteen reporting weeks, the last one frozen. A week that
    nobody froze is unknown in the course, and so is the change after it.
    """
    parts, wholes = (_by_week(history, weeks, name) for name in ("numerator", "denominator"))

    def last(figure: Figure) -> float:
        return float(parts[figure].iloc[-1])

    return Figures(
        coverage=share_indicator(parts[Figure.COVERAGE], wholes[Figure.COVERAGE]),
        qualified_share=share_indicator(
            parts[Figure.QUALIFIED_SHARE], wholes[Figure.QUALIFIED_SHARE]
        ),
        open_items=count_indicator(parts[Figure.OPEN_ITEMS], more_is_worse=None),
        overdue_items=count_indicator(parts[Figure.OVERDUE_ITEMS], more_is_worse=True),
        open_disputes=count_indicator(parts[Figure.OPEN_DISPUTES], more_is_worse=None),
        disputed_yuan=last(Figure.DISPUTED_YUAN),
        # With what the meeting before was told: what came in since would make this week look small.
        reports=count_indicator(parts[Figure.REPORTS], more_is_worse=None),
        substantiated=_whole(last(Figure.SUBSTANTIATED)),
        verified=_whole(float(wholes[Figure.SUBSTANTIATED].iloc[-1])),
        inspections=count_indicator(parts[Figure.INSPECTIONS], more_is_worse=None),
    )


def watched(history: pd.DataFrame, week: date) -> Watched:
    """Read the sums of the watch list of a frozen week."""
    rows = history[history["week"] == pd.Timestamp(week)]
    sums = rows.groupby("indicator")["numerator"].sum()
    return Watched(
        _whole(sums.get("watch_list", 0.0)),
        _whole(sums.get("watch_list_unplanned", 0.0)),
        _whole(sums.get("watch_list_students", 0.0)),
        float(sums.get("watch_list_yuan", 0.0)),
    )


def reports_before(history: pd.DataFrame, week: date, codes: pd.Series) -> pd.Series:
    """Return the reports of the week before as its own meeting was told; NaN: nobody froze it."""
    before = pd.Timestamp(week) - pd.Timedelta(days=7)
    is_its = (history["week"] == before) & (history["indicator"] == str(Figure.REPORTS))
    return codes.map(history[is_its].set_index("county_code")["numerator"])


def relapse(history: pd.DataFrame, week: date, units: pd.DataFrame) -> pd.DataFrame:
    """Return ``rectification.relapse`` as it was frozen: one row per county of ``units``."""
    rows = history[(history["week"] == pd.Timestamp(week)) & (history["indicator"] == "relapse")]
    found = rows.set_index("county_code").reindex(units["county_code"])
    return pd.DataFrame(
        {
            "county_code": units["county_code"].to_numpy(),
            "county": units["county"].to_numpy(),
            "closed_before": found["denominator"].fillna(0).astype("int64").to_numpy(),
            "relapsed": found["numerator"].fillna(0).astype("int64").to_numpy(),
        }
    )


def flow(history: pd.DataFrame, weeks: Sequence[date]) -> pd.DataFrame:
    """Return the disputes opened and resolved in each week: NaN where nobody froze it."""
    parts = _by_week(history, weeks, "numerator")
    return pd.DataFrame(
        {
            "week": parts.index,
            "opened": parts[Figure.DISPUTES_OPENED].to_numpy(),
            "resolved": parts[Figure.DISPUTES_RESOLVED].to_numpy(),
        }
    )


def _by_week(history: pd.DataFrame, weeks: Sequence[date], name: str) -> pd.DataFrame:
    """Add the counties up: one row a week, one column a figure; NaN where nobody froze it."""
    sums = history.pivot_table(
        index="week", columns="indicator", values=name, aggfunc=lambda each: each.sum(min_count=1)
    )
    return sums.reindex(index=pd.to_datetime(list(weeks)), columns=[str(each) for each in Figure])


def _whole(value: float) -> int:
    return 0 if value != value else int(value)
