"""Which weekly counts stand out of what was usual: EARS C1 and C2, and a negative binomial rule.

EARS holds a count against the ``baseline`` weeks before it: C1 against those just before, C2
leaves the last two out, so that what begins slowly does not raise its own bound (Hutwagner,
Thompson, Seeman and Treadwell, *The bioterrorism preparedness and response Early Aberration
Reporting System*, Journal of Urban Health 80, 2003; Fricker, Hegler and Dunfee, *Comparing
syndromic surveillance detection methods: EARS' versus a CUSUM-based methodology*, Statistics in
Medicine 27, 2008). The bounds are those of R's ``surveillance::earsC``: mean plus the normal
quantile times the standard deviation, which is at least ``min_sigma``. A count above its bound
is an alarm, one equal to it is none. C3 is left out: the bound that earsC 1.20.3 returns is
built on the count itself, and is not the one that its documentation states.

The third rule holds a count against a negative binomial distribution with the mean of the 13
weeks before it and their variance, never less than the mean, and more by a thirteenth for what
the mean itself is uncertain. Weeks without a case count as half a case in the 13: the first case
of a quiet series is no alarm.

What is shown as an alarm passes two bounds of the three. How often that happens without cause is
told from the series: :func:`false_alarms_a_year`. EARS' ``alpha`` is not that rate: the standard
deviation of seven weeks is so uncertain that of counts spread normally not one week in 1,000
passes the bound but 14, and of few cases it is again another.

Weeks that are not over are for the caller to leave out: a part of a week is no week.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

Floats = npt.NDArray[np.float64]

BASELINE: Final = 7
LAG: Final = {"C1": 0, "C2": 2}
# Burkom's advice in earsC for few cases: without it one case after seven quiet weeks is an alarm.
MIN_SIGMA: Final = 1.0
ALPHA: Final = 0.001
NB_WEEKS: Final = 13
NB_ALPHA: Final = float(stats.norm.sf(2.5))  # z > 2.5, one-sided: 0.6 % of the weeks
# Weeks over which the rate of false alarms is told, and all that must be read for them.
RATE_WEEKS: Final = 52
WEEKS: Final = RATE_WEEKS + NB_WEEKS
RULES: Final = ("c1", "c2", "nb")
LEAST_RULES: Final = 2  # that must agree
# What names a series.
COUNTY: Final = ("county_code", "county")
INSTITUTION: Final = (*COUNTY, "institution_id", "name_key", "institution_name")
_HALF_A_CASE: Final = 0.5
_LEAST_MEAN: Final = 1e-9  # of a series without a case
_LEAST_EXCESS: Final = 1.000_001  # of a variance over the mean: as good as Poisson's


def ears(
    counts: Floats,
    method: str,
    *,
    baseline: int = BASELINE,
    alpha: float = ALPHA,
    min_sigma: float = MIN_SIGMA,
) -> Floats:
    """Return the upper bound of each week and series by EARS C1 or C2.

    ``counts`` has a row a week, the oldest first, and a column a series. NaN in the weeks that
    have no whole baseline before them, and where one of the baseline is NaN, as in R.

    Raises:
        ValueError: the baseline is shorter than 3 weeks, or ``min_sigma`` is negative.
        KeyError: there is no such method.
    """
    if baseline < 3 or min_sigma < 0:
        raise ValueError(f"no baseline of {baseline} weeks, no deviation of {min_sigma}")
    before = _before(counts, baseline, LAG[method])
    deviation = np.maximum(before.std(axis=-1, ddof=1), min_sigma)
    bound: Floats = before.mean(axis=-1) + stats.norm.isf(alpha) * deviation
    return bound


def negative_binomial(counts: Floats, *, alpha: float = NB_ALPHA) -> Floats:
    """Return the upper bound of each week and series by the negative binomial rule.

    The bound is the smallest count that is passed with a probability of at most ``alpha``.
    ``counts`` and NaN as in :func:`ears`.
    """
    before = _before(counts, NB_WEEKS, 0)
    mean = np.maximum(before.mean(axis=-1), _HALF_A_CASE / NB_WEEKS)
    variance = np.maximum(mean, before.var(axis=-1, ddof=1)) * (1 + 1 / NB_WEEKS)
    size, chance = _parameters(mean, variance)
    bound: Floats = stats.nbinom.isf(alpha, size, chance)
    return bound


def bounds(counts: Floats) -> dict[str, Floats]:
    """Return the upper bounds by rule of :data:`RULES`."""
    return {
        "c1": ears(counts, "C1"),
        "c2": ears(counts, "C2"),
        "nb": negative_binomial(counts),
    }


def false_alarms_a_year(counts: Floats) -> float:
    """Return how many alarms a year all series together would give if nothing happened.

    Each series is taken to follow a negative binomial distribution with the mean and the variance
    of all its weeks. Of each of the last :data:`RATE_WEEKS` weeks it is the probability with
    which a count passes :data:`LEAST_RULES` of the bounds, added up over the series and brought
    to 52 weeks. NaN where no week has :data:`NB_WEEKS` before it.
    """
    recorded = counts[np.isfinite(counts).all(axis=1)]
    if len(recorded) <= NB_WEEKS or not recorded.size:
        return math.nan
    each = [bound[NB_WEEKS:][-RATE_WEEKS:] for bound in bounds(recorded).values()]
    to_pass = np.floor(np.sort(each, axis=0)[LEAST_RULES - 1])
    mean = np.maximum(recorded.mean(axis=0), _LEAST_MEAN)
    size, chance = _parameters(mean, np.maximum(mean, recorded.var(axis=0, ddof=1)))
    passed = stats.nbinom.sf(to_pass, size, chance)
    return float(passed.sum(axis=1).mean() * RATE_WEEKS)


def by_week(counts: pd.DataFrame, series: Sequence[str], *, weeks: Sequence[date]) -> pd.DataFrame:
    """Put counts into a row a week and a column a series; weeks without a case are 0.

    ``counts`` has ``week``, ``n`` and the columns of ``series``, which name a series together.
    The weeks before the first case of all are NaN: nothing was on record yet.
    """
    named = pd.Index(pd.to_datetime(pd.Series(list(weeks))).astype("datetime64[s]"), name="week")
    wide = counts.pivot_table(
        index="week", columns=list(series), values="n", aggfunc="sum", fill_value=0
    )
    wide = wide.reindex(named, fill_value=0).astype("float64")
    recorded = wide.sum(axis=1).cumsum() > 0
    return wide.where(recorded, axis=0)


def by_kind(counts: pd.DataFrame, *, weeks: Sequence[date]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put ``refund_weeks.institution_weeks`` into the weeks by county, and by institution."""
    return by_week(counts, COUNTY, weeks=weeks), by_week(counts, INSTITUTION, weeks=weeks)


def of_week(wide: pd.DataFrame) -> pd.DataFrame:
    """Return the series that give an alarm in their last week, those of more rules first.

    ``wide`` is :func:`by_week` up to a week that is over.

    Returns, beside the columns that name a series:

    ========  ========  ===========================================================
    n         float64   cases in the week
    usual     float64   mean of the 13 weeks before; NaN: there are fewer
    c1        float64   bound by EARS C1; NaN: too few weeks before it
    c2        float64   bound by EARS C2; likewise
    nb        float64   bound by the negative binomial rule; likewise
    passed    int64     how many of the bounds are passed, 2 or 3
    ========  ========  ===========================================================
    """
    rows = judged(wide)
    rows["above"] = rows["n"] - rows["usual"].fillna(0)
    order = ["passed", "above", "n"]
    return (
        rows[rows["passed"] >= LEAST_RULES]
        .sort_values(order, ascending=False, kind="stable", ignore_index=True)
        .drop(columns="above")
    )


def judged(wide: pd.DataFrame) -> pd.DataFrame:
    """Return all series with their last week and its bounds: columns of :func:`of_week`."""
    counts = wide.to_numpy(dtype="float64")[-(NB_WEEKS + 1) :]
    if not len(counts):
        counts = np.full((1, wide.shape[1]), np.nan)
    found = {rule: bound[-1] for rule, bound in bounds(counts).items()}
    usual = _before(counts, NB_WEEKS, 0)[-1].mean(axis=-1)
    rows = wide.columns.to_frame(index=False).assign(n=counts[-1], usual=usual, **found)
    return rows.assign(passed=sum((rows["n"] > rows[rule]).astype("int64") for rule in RULES))


def course(wide: pd.DataFrame, series: int, *, weeks: int) -> pd.DataFrame:
    """Return the last ``weeks`` weeks of one series, by its place, with the bounds of each week.

    Columns ``week`` (datetime64[s]), ``n`` and the bounds by rule (float64), and ``passed``
    (int64), as :func:`of_week`.
    """
    counts = wide.iloc[:, [series]].to_numpy(dtype="float64")
    rows = pd.DataFrame({"week": wide.index, "n": counts[:, 0]})
    for rule, bound in bounds(counts).items():
        rows[rule] = bound[:, 0]
    rows["passed"] = sum((rows["n"] > rows[rule]).astype("int64") for rule in RULES)
    return rows.tail(weeks).reset_index(drop=True)


def _before(counts: Floats, weeks: int, lag: int) -> Floats:
    """Return the ``weeks`` before each week, without the last ``lag``; NaN where there are none."""
    missing = np.full((weeks + lag, counts.shape[1]), np.nan)
    padded = np.vstack([missing, counts])
    windows = np.lib.stride_tricks.sliding_window_view(padded, weeks, axis=0)
    before: Floats = windows[: len(counts)]
    return before


def _parameters(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return size and probability of the negative binomial distribution of mean and variance."""
    variance = np.maximum(variance, mean * _LEAST_EXCESS)
    return mean**2 / (variance - mean), mean / variance
