"""Refund disputes of institutions with and without the standard contract (示范合同), side by side.

A plain comparison of two kinds of institutions, which differ in more than their contract: it says
nothing of what the contract does.
"""

from __future__ import annotations

import math
from typing import Final

import pandas as pd
from scipy import stats

from analysis.intervals import Z_95
from analysis.wording import count

LEAST: Final = 10  # institutions; a rate of fewer is not told
PER: Final = 100  # institutions


def rates(groups: pd.DataFrame) -> pd.DataFrame:
    """Add to each group its disputes per 100 institutions, with a 95 % interval.

    ``groups`` is ``refund_weeks.by_contract``. One institution may have many disputes, so the
    interval is that of a mean of counts that spread as they do, on the logarithmic scale; where
    there is no dispute, it is Poisson's exact one.

    Returns ``groups`` with ``per_100``, ``low`` and ``high`` (float64, disputes per 100
    institutions), NaN in groups of fewer than ten institutions.
    """
    found = [
        _rate(n, squares, institutions)
        for n, squares, institutions in zip(
            groups["disputes"], groups["squares"], groups["institutions"], strict=True
        )
    ]
    told = pd.DataFrame(
        found, columns=["per_100", "low", "high"], index=groups.index, dtype="float64"
    )
    return pd.concat([groups, told], axis=1)


def sentence(rated: pd.DataFrame) -> str:
    """Say what the disputes would be, had those without the contract the rate of those with.

    ``rated`` is :func:`rates`.
    """
    kinds = {str(row["contract"]): row for row in rated.to_dict("records")}
    if "yes" not in kinds or "no" not in kinds:
        return "使用与未使用示范合同的机构，至少有一类在所选范围内没有，无从比较。"
    used, unused = kinds["yes"], kinds["no"]
    if math.isnan(used["per_100"]) or math.isnan(unused["per_100"]):
        return f"有一类机构不足 {LEAST} 家，只列件数和家数，不作比较。"
    as_used, low, high = (
        used[name] * unused["institutions"] / PER for name in ("per_100", "low", "high")
    )
    return (
        f"未使用示范合同的 {count(unused['institutions'])} 家登记纠纷 "
        f"{count(unused['disputes'])} 件；若与使用的机构同样每百家 {used['per_100']:.1f} 件，"
        f"则约 {count(as_used)} 件（95% 区间 {count(low)}–{count(high)} 件）。"
        "两类机构本身不同，不能据此说是合同的作用。"
    )


def _rate(n: int, squares: int, institutions: int) -> tuple[float, float, float]:
    if institutions < LEAST:
        return math.nan, math.nan, math.nan
    mean = n / institutions
    if not n:
        return 0.0, 0.0, float(stats.chi2.ppf(0.975, 2) / 2 / institutions * PER)
    variance = max((squares - n * mean) / (institutions - 1), mean)  # never surer than Poisson
    factor = math.exp(Z_95 * math.sqrt(variance / institutions) / mean)
    return mean * PER, mean / factor * PER, mean * factor * PER
