"""Judgement on what unannounced visits found: hit rates of the two arms, and what nobody has seen.

A hit is a visit that found a violation. Of the visits whose door stayed closed nothing is known:
they are counted beside the rate and not in it. The arm drawn by lot tells how common violations
are; the arm of high scores is worth its name where it finds more of them than the lot does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from analysis import wording
from analysis.indicators import SMALL_DENOMINATOR
from analysis.intervals import wilson
from analysis.visit_plans import CHOSEN_BY

ARMS: Final = ("risk", "random", "must")


@dataclass(frozen=True, slots=True)
class Arm:
    """What visits of one way of choosing found; ``low`` and ``high`` bound the rate (95 %)."""

    chosen_by: str
    stops: int
    hits: int
    checked: int  # found in order or in violation
    closed: int
    low: float
    high: float

    @property
    def waiting(self) -> int:
        """How many stops have no result yet."""
        return self.stops - self.checked - self.closed


def arms(results: pd.DataFrame) -> list[Arm]:
    """Count the visits of each way of choosing, in the order of ``ARMS``; those without left out.

    ``results`` is the result of ``visit_results.results``: ``chosen_by`` and ``outcome``
    (clear, violation, closed_door; missing where nothing is entered yet).
    """
    found = []
    for way in ARMS:
        rows = results.loc[results["chosen_by"] == way, "outcome"]
        if rows.empty:
            continue
        hits, clear = int((rows == "violation").sum()), int((rows == "clear").sum())
        low, high = wilson(hits, hits + clear)
        found.append(
            Arm(way, len(rows), hits, hits + clear, int((rows == "closed_door").sum()), low, high)
        )
    return found


def headline(results: pd.DataFrame) -> str:
    """Say what the visits found, and whether high scores found more than the lot did."""
    if results.empty:
        return "还没有暗访结果"
    by_way = {arm.chosen_by: arm for arm in arms(results)}
    checked = sum(arm.checked for arm in by_way.values())
    hits = sum(arm.hits for arm in by_way.values())
    if not checked:
        closed = sum(arm.closed for arm in by_way.values())
        shut = f"，{closed} 处闭门未开" if closed else ""
        return f"{len(results)} 处暗访还没有查到结果{shut}"
    said = f"查了 {checked} 处，{hits} 处发现违规"
    risk, lot = by_way.get("risk"), by_way.get("random")
    if risk is None or lot is None or not risk.checked or not lot.checked:
        return said
    rates = f"按风险选的 {_rate(risk)}，抽签的 {_rate(lot)}"
    if min(risk.checked, lot.checked) < SMALL_DENOMINATOR:
        return f"{said}；{rates}，样本还少，不下结论"
    if risk.low > lot.high:
        return f"{said}；{rates}，按风险选点确实更容易查到"
    if lot.low > risk.high:
        return f"{said}；{rates}，按风险选点反而更少查到，请检查权重"
    return f"{said}；{rates}，两者差别还不能确定"


def _rate(arm: Arm) -> str:
    if arm.checked < SMALL_DENOMINATOR:
        return wording.fraction(arm.hits, arm.checked)
    return wording.share(arm.hits, arm.checked)


def arm_sentence(arm: Arm) -> str:
    """Say how often one way of choosing hit, with its interval."""
    said = f"{CHOSEN_BY[arm.chosen_by]}：去了 {arm.stops - arm.waiting}/{arm.stops} 处"
    if arm.checked:
        bounds = f"{wording.percent(arm.low)}–{wording.percent(arm.high)}"
        said += f"，命中率 {_rate(arm)}，95% 区间 {bounds}"
    if arm.closed:
        said += f"，闭门未开 {arm.closed} 处（不计入命中率）"
    return said


def by_county(units: pd.DataFrame) -> pd.DataFrame:
    """Count the units of each county, how many were looked at, and how many on a visit.

    ``units`` is the result of ``visit_coverage.units``. Returns ``county_code``, ``county`` (str),
    ``units``, ``looked_at`` and ``by_plan`` (int64), in the order in which counties come.
    """
    return (
        units.assign(looked_at=units["looked_on"].notna())
        .groupby(["county_code", "county"], sort=False, as_index=False)
        .agg(units=("unit", "size"), looked_at=("looked_at", "sum"), by_plan=("by_plan", "sum"))
        .astype({"units": "int64", "looked_at": "int64", "by_plan": "int64"})
    )


def unseen(counted: pd.DataFrame) -> str:
    """Say how many units nobody has looked at; ``counted`` is the result of :func:`by_county`."""
    total, seen = int(counted["units"].sum()), int(counted["looked_at"].sum())
    if not total:
        return "所选范围内没有可查的机构和地点"
    if seen == total:
        return f"可查的 {wording.count(total)} 处近三个月都有人查过"
    nobody = counted.loc[(counted["looked_at"] == 0) & (counted["units"] > 0), "county"]
    said = (
        f"可查的 {wording.count(total)} 处中有 {wording.count(total - seen)} 处近三个月没有人查过"
    )
    return f"{said}；{wording.listed(nobody.tolist())}一处也没有查过" if len(nobody) else said
