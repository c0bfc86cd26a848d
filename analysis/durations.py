"""How long disputes last, those still open counted as lasting at least until the day.

Who looks at resolved disputes alone sees the quick ones: what takes long is still open. The
estimate of Kaplan and Meier (*Nonparametric estimation from incomplete observations*, Journal of
the American Statistical Association 53, 1958) takes the open ones in: on each day on which some
are resolved, the share still open is multiplied by what is left of those that were open until
then. Of a tie, what is resolved on a day comes before what is last seen open on it. The band is
Greenwood's variance on the log-log scale (Kalbfleisch and Prentice), as ``scipy.stats.ecdf`` has
it, so that it stays between 0 and 1.

It holds as far as those still open go on as others did that were once as old.
"""

from __future__ import annotations

import math
import warnings
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from analysis.wording import count, percent

HALF: Final = 0.5
LATELY: Final = timedelta(days=26 * 7 - 1)  # the half year of which disputes are looked at
SHOWN_DAYS: Final = 30  # the share open after so many days is said


class Median(NamedTuple):
    """Days until half are resolved, with its 95 % interval; NaN: not reached."""

    days: float
    low: float
    high: float


def still_open(disputes: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Estimate the share that is still open so many days after it was opened.

    ``disputes`` is ``refunds.opened_disputes``: all that were opened in a time, not those resolved
    in it. Of those whose days are in the wrong order (:func:`turned_round`) nobody knows how long
    they lasted; they are left out.

    Returns one row per day on which any was resolved, one for day 0, and one for the longest that
    any was seen:

    ========  =======  ==============================================================
    days      int64    days since a dispute was opened
    share     float64  still open after that day, 0 to 1
    low       float64  its 95 % interval; NaN where the formula has none (share 0)
    high      float64  likewise
    at_risk   int64    disputes that were open until that day, seen so long
    resolved  int64    of these resolved on it
    ========  =======  ==============================================================
    """
    lasted, is_resolved = _lasted(disputes[~turned_round(disputes)], as_of)
    if not len(lasted):
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _CURVE.items()})
    sample = stats.CensoredData(uncensored=lasted[is_resolved], right=lasted[~is_resolved])
    open_share = stats.ecdf(sample).sf
    with warnings.catch_warnings():  # none where the share is 0 or 1
        warnings.simplefilter("ignore", RuntimeWarning)
        band = open_share.confidence_interval(method="log-log")
    rows = pd.DataFrame(
        {
            "days": open_share.quantiles,
            "share": open_share.probabilities,
            "low": band.low.probabilities,
            "high": band.high.probabilities,
        }
    )
    rows["at_risk"] = [(lasted >= days).sum() for days in rows["days"]]
    rows["resolved"] = [(lasted[is_resolved] == days).sum() for days in rows["days"]]
    # Before the first is resolved all are open, and nothing is uncertain about it.
    rows.loc[rows["share"] == 1, ["low", "high"]] = 1.0
    kept = rows[(rows["resolved"] > 0) | (rows["days"] == rows["days"].max())]
    if kept["days"].iloc[0] > 0:
        start = pd.DataFrame(
            {"days": [0], "share": 1.0, "low": 1.0, "high": 1.0, "at_risk": len(lasted)}
        ).assign(resolved=0)
        kept = pd.concat([start, kept], ignore_index=True)
    curve: pd.DataFrame = kept.reset_index(drop=True).astype(_CURVE)
    return curve


_CURVE: Final = {
    "days": "int64",
    "share": "float64",
    "low": "float64",
    "high": "float64",
    "at_risk": "int64",
    "resolved": "int64",
}


def turned_round(disputes: pd.DataFrame) -> pd.Series:
    """Return which disputes (bool) are said to be resolved before they were opened."""
    return disputes["resolved_on"] < disputes["opened_on"]


def median(curve: pd.DataFrame) -> Median:
    """Return the first day after which half or fewer are open, and its interval.

    The interval is where the band of ``curve`` (:func:`still_open`) passes a half (Brookmeyer and
    Crowley, *A confidence interval for the median survival time*, Biometrics 38, 1982).
    """
    return Median(*(_first(curve, column) for column in ("share", "low", "high")))


def share_after(curve: pd.DataFrame, days: int) -> float:
    """Return the share still open after so many days; NaN where nothing was seen so long."""
    if curve.empty or curve["days"].iloc[-1] < days:
        return math.nan
    return float(curve.loc[curve["days"] <= days, "share"].iloc[-1])


def answer(curve: pd.DataFrame, *, left_out: int = 0) -> str:
    """Say how long it takes until half are resolved; ``left_out`` are :func:`turned_round`."""
    if curve.empty:
        return "这段时间登记的退费纠纷都算不出用时" if left_out else "这段时间没有登记退费纠纷"
    days = median(curve).days
    if math.isnan(days):
        return f"化解的还不到一半（最长已等 {count(curve['days'].iloc[-1])} 天）"
    return f"一半在 {count(days)} 天内化解"


def details(curve: pd.DataFrame) -> str:
    """Say how sure the answer is, and what is still open after 30 days; empty without disputes."""
    if curve.empty:
        return ""
    found, after = median(curve), share_after(curve, SHOWN_DAYS)
    parts = []
    if math.isnan(found.days):
        parts.append("中位用时尚未达到")
    else:
        high = "未达到" if math.isnan(found.high) else f"{count(found.high)} 天"
        parts.append(f"95% 区间 {count(found.low)}–{high}")
    if not math.isnan(after):
        parts.append(f"{SHOWN_DAYS} 天后约 {percent(after)} 未化解")
    return "；".join(parts)


def _first(curve: pd.DataFrame, column: str) -> float:
    passed = curve.loc[curve[column] <= HALF, "days"]
    if not passed.empty:
        return float(passed.iloc[0])
    return math.nan


def _lasted(disputes: pd.DataFrame, as_of: date) -> tuple[np.ndarray, np.ndarray]:
    """Return how many days each lasted or was seen open, and whether it was resolved."""
    resolved = disputes["resolved_on"].notna().to_numpy()
    until = disputes["resolved_on"].fillna(pd.Timestamp(as_of))
    return (until - disputes["opened_on"]).dt.days.to_numpy(), resolved
