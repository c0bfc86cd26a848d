"""Counties side by side on the four points of 专项督查, each share with its interval.

A county stands out only where its whole Wilson interval lies on the worse side of the share of
all counties together; one with fewer than ten cases is not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from analysis import wording
from analysis.indicators import SMALL_DENOMINATOR
from analysis.intervals import wilson
from analysis.week_figures import Figure


@dataclass(frozen=True, slots=True)
class Measure:
    """One share by which a point is judged, and whether more of it is worse."""

    point: str
    figure: Figure
    title: str
    more_is_worse: bool = False


MEASURES: Final = (
    Measure("暑期专项治理", Figure.COVERAGE, "登记覆盖率"),
    Measure("暑期专项治理", Figure.OVERDUE_ITEMS, "整改逾期占比", more_is_worse=True),
    Measure("安全风险隐患排查", Figure.PREMISES_CHECKED, "场地核查率"),
    Measure("群众监督举报处理", Figure.REPORTS_HANDLED, "举报核查完成率"),
    Measure("联合综合执法", Figure.JOINT_INSPECTIONS, "联合检查占比"),
)


def side_by_side(figures: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Judge each county on each measure.

    ``figures`` is ``analysis.week_figures`` of one day; ``units`` has ``county_code`` and
    ``county`` in the order of the city's documents.

    Returns one row per measure and county, measures first: ``county_code``, ``county``,
    ``measure`` (str, title), ``numerator``, ``denominator`` (int64), ``written`` (str) and
    ``is_behind`` (bool: clearly worse than all counties together).
    """
    parts = []
    for measure in MEASURES:
        rows = figures[figures["indicator"] == str(measure.figure)].set_index("county_code")
        known = rows.reindex(units["county_code"])[["numerator", "denominator"]].fillna(0)
        sums = known.sum()
        whole = wording.ratio(float(sums["numerator"]), float(sums["denominator"]))
        pairs = [(int(part), int(of)) for part, of in known.to_numpy()]
        parts.append(
            pd.DataFrame(
                {
                    "county_code": units["county_code"].to_numpy(),
                    "county": units["county"].to_numpy(),
                    "measure": measure.title,
                    "numerator": [part for part, _ in pairs],
                    "denominator": [of for _, of in pairs],
                    "written": [wording.share(part, of) for part, of in pairs],
                    "is_behind": [
                        len(units) > 1 and _is_behind(part, of, whole, measure.more_is_worse)
                        for part, of in pairs
                    ],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _is_behind(part: int, of: int, whole: float, more_is_worse: bool) -> bool:
    if of < SMALL_DENOMINATOR:
        return False
    low, high = wilson(part, of)
    return low > whole if more_is_worse else high < whole


def sentence(judged: pd.DataFrame) -> str:
    """Say which counties are clearly behind on which measures; ``judged`` as from side_by_side.

    The one with most measures comes first; at most three are named with theirs.
    """
    behind = judged[judged["is_behind"]]
    total = judged["measure"].nunique()
    if judged["county_code"].nunique() == 1:
        return _of_one(judged)
    if behind.empty:
        return f"四个方面 {total} 项指标，各县区之间看不出明显差别"
    by_county = behind.groupby("county", sort=False)["measure"].agg(list)
    ranked = sorted(by_county.items(), key=lambda each: -len(each[1]))
    named = [f"{county}{_listed(measures)}" for county, measures in ranked[:3]]
    said = f"{'，'.join(named)}明显落后于全市"
    if len(ranked) > 3:
        said += f"；另有 {len(ranked) - 3} 个县区各有落后项"
    return said


def _listed(measures: Sequence[str]) -> str:
    if len(measures) == 1:
        return measures[0]
    return f" {len(measures)} 项（{'、'.join(measures)}）"


def _of_one(judged: pd.DataFrame) -> str:
    first = judged.iloc[0]
    known = [
        f"{measure} {wording.percent(wording.ratio(part, of))}"
        for measure, part, of in zip(
            judged["measure"], judged["numerator"], judged["denominator"], strict=True
        )
        if of
    ]
    if not known:
        return f"{first['county']}四个方面还没有可比的数字"
    return f"{first['county']}{'，'.join(known)}"
