"""How much of a week is still to be reported, judged by how late earlier weeks were.

What is known of a week is truncated: rows that will come late are not there yet, and the newest
week lacks most. The delays of what is known look shorter than they are. Reverse-time hazards take
that into account: among rows with a delay of at most d days, the share with a delay of just d can
be told from every week that is at least d days old, and the product of what is left gives the share
that has arrived by a week's age (Lawless, *Adjustments for reporting delays and the prediction of
occurred but not reported events*, Canadian Journal of Statistics 22, 1994; Brookmeyer and Liao,
*The analysis of delays in disease reporting*, American Journal of Epidemiology 132, 1990).
Actuaries know the same as the chain ladder.

It holds as far as units go on reporting as they did. Those that send every second week are
behind in one week and not in the next; among others they are evened out.
"""

from __future__ import annotations

import math
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from analysis import wording

LONGEST_DAYS: Final = 56  # rows that come later than that are expected of no week
LEAST_ROWS: Final = 30
PROVISIONAL: Final = 0.02  # from so large a share still to come a week is said to be provisional
_DAYS_A_WEEK: Final = 7
_COLUMNS: Final = {
    "week": "datetime64[s]",
    "n_known": "int64",
    "share_later": "float64",
    "provisional": "bool",
    "estimate": "float64",
}


def expected_later(delays: pd.DataFrame, *, known_on: date) -> pd.DataFrame:
    """Estimate for each week the share of its rows that is still to come.

    ``delays`` is ``arrivals.delays`` as of ``known_on``. Weeks that were over before anything had
    reached us came with the first files, not late, and teach nothing. The estimate is unknown
    where the weeks that can teach reach back less than :data:`LONGEST_DAYS` or hold fewer than
    :data:`LEAST_ROWS` rows, and of a week that has not ended: what has not happened yet is not
    late.

    Returns one row per week from the first one with a row to that of ``known_on``:

    ===========  =============  ============================================================
    week         datetime64[s]  the Thursday that names it
    n_known      int64          rows that have reached us
    share_later  float64        of all its rows those still to come, 0 to 1; NaN unknown
    provisional  bool           a share of 2 % or more is to come, or the week has not ended
    estimate     float64        rows in the end: known ÷ (1 − share_later); NaN unknown
    ===========  =============  ============================================================
    """
    if delays.empty:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _COLUMNS.items()})
    today = pd.Timestamp(known_on)
    last = today + pd.Timedelta(days=(3 - today.weekday()) % _DAYS_A_WEEK)
    weeks = pd.date_range(delays["week"].min(), last, freq="7D", unit="s")
    known = delays.groupby("week")["n"].sum().reindex(weeks, fill_value=0)
    ages = np.asarray((today - weeks).days)
    arrived = _arrived_by(_teaching(delays), today)
    later = np.array(
        [
            math.nan if age < 0 or arrived is None else 1 - arrived[min(age, LONGEST_DAYS)]
            for age in ages
        ]
    )
    found = pd.DataFrame({"week": weeks, "n_known": known.to_numpy(), "share_later": later})
    found["provisional"] = (later >= PROVISIONAL) | (ages < 0)
    found["estimate"] = found["n_known"] / (1 - found["share_later"])
    return found.astype(_COLUMNS)


def _teaching(delays: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of weeks that ended when something had reached us already."""
    came_on = delays["week"] + pd.to_timedelta(delays["delay_days"], unit="D")
    taught: pd.DataFrame = delays[delays["week"] >= came_on.min()]
    return taught


def _arrived_by(delays: pd.DataFrame, today: pd.Timestamp) -> np.ndarray | None:
    """Return the share of a week's rows that has arrived by each day of its age, to the longest.

    ``None``: there is too little to say.
    """
    ages = (today - delays["week"]).dt.days.to_numpy()
    late, n = delays["delay_days"].to_numpy(), delays["n"].to_numpy()
    is_over = (ages >= 0) & (late <= LONGEST_DAYS)
    ages, late, n = ages[is_over], late[is_over], n[is_over]
    if not len(ages) or ages.max() < LONGEST_DAYS or n.sum() < LEAST_ROWS:
        return None
    arrived = np.ones(LONGEST_DAYS + 1)
    for delay in range(LONGEST_DAYS, 0, -1):
        # Weeks old enough to have shown such a delay, and of them what had none longer.
        seen = (ages >= delay) & (late <= delay)
        hazard = n[seen & (late == delay)].sum() / max(n[seen].sum(), 1)
        arrived[delay - 1] = arrived[delay] * (1 - hazard)
    # Nothing at all in time would leave nothing to estimate by.
    return arrived if arrived[0] > 0 else None


def sentence(expected: pd.DataFrame, *, title: str, unit: str = "件") -> str:
    """Say how far the newest week is from complete; empty where it is.

    ``expected`` is :func:`expected_later`, ``title`` what is counted. As in ``8 月 25 日这一周的
    举报通常还有约 6% 以后才报来：现有 131 件，预计约 139 件。``
    """
    if expected.empty or not expected["provisional"].iloc[-1]:
        return ""
    week = expected.iloc[-1]
    named = f"{wording.day(week['week'])}这一周"
    if wording.is_missing(week["share_later"]):
        return f"{named}还没有结束，{title}数还会增加。"
    share = f"{week['share_later']:.0%}"
    said = f"{named}的{title}通常还有约 {share} 以后才报来"
    if not week["n_known"]:
        return f"{said}，现在还没有报来的。"
    return (
        f"{said}：现有 {wording.count(week['n_known'])} {unit}，"
        f"预计约 {wording.count(week['estimate'])} {unit}。"
    )
