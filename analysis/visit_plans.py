"""Judgement on a plan of unannounced visits: who is a candidate, how each was chosen, what to say.

A place may be visited because its score is high (``risk``), because the lot fell on it
(``random``), or because somebody insists (``must``). The lot comes first, from all candidates
that nobody insists on; the highest scores are of the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from analysis import wording

CHOSEN_BY: Final = {"must": "指定", "random": "抽签", "risk": "风险"}
STATUS: Final = {"draft": "草稿", "sealed": "已封存", "released": "已公布"}


@dataclass(frozen=True, slots=True)
class Frame:
    """The candidates of a plan, and how many units are none, and why."""

    candidates: pd.DataFrame
    seen: int  # visited lately
    booked: int  # to be visited by another plan
    unplaced: int  # without coordinates: no route leads there


def candidates(
    scored: pd.DataFrame,
    *,
    seen: Collection[str],
    must: Collection[str],
    booked: Collection[str] = (),
) -> Frame:
    """Return who may be visited, in the order of their scores.

    ``scored`` is the result of ``risk.score``, ``seen`` are the keys of units checked lately,
    ``booked`` those that another plan is to visit, and ``must`` those that somebody insists on,
    seen and booked or not. Units without coordinates are none.
    ``ordinal`` numbers the candidates from 1; ``drawn_order`` and ``left_reason`` are empty.
    """
    is_must = scored["key"].isin(list(must))
    is_seen = scored["key"].isin(list(seen)) & ~is_must
    is_booked = scored["key"].isin(list(booked)) & ~is_must & ~is_seen
    is_unplaced = scored["longitude"].isna() | scored["latitude"].isna()
    found = scored[~is_seen & ~is_booked & ~is_unplaced].reset_index(drop=True)
    return Frame(
        found.assign(
            ordinal=pd.RangeIndex(1, len(found) + 1).astype("int64"),
            must=found["key"].isin(list(must)),
            drawn_order=pd.Series(pd.NA, index=found.index, dtype="Int64"),
            left_reason=pd.Series(None, index=found.index, dtype="object"),
        ),
        seen=int(is_seen.sum()),
        booked=int(is_booked.sum()),
        unplaced=int((is_unplaced & ~is_seen & ~is_booked).sum()),
    )


def called(units: pd.DataFrame) -> pd.Series:
    """Return what to call each unit: its name, else where it lies."""
    where = [
        f"东经 {x:.4f}° 北纬 {y:.4f}°" for x, y in zip(units.longitude, units.latitude, strict=True)
    ]
    return units["name"].where(units["name"].notna(), pd.Series(where, units.index, dtype="str"))


def chosen_by(drawn: pd.DataFrame, *, lots: int) -> pd.Series:
    """Return how each candidate is chosen, by the index of ``drawn``; who left is missing.

    ``drawn`` are candidates with their ``drawn_order``. The lot falls on the first ``lots`` of
    that order; for each of these that left, on the next one of its county that is not taken,
    else on the next of any county. All others are there by their score.
    """
    present = drawn["left_reason"].isna()
    in_lot = drawn[drawn["drawn_order"].notna()].sort_values("drawn_order")
    taken = list(in_lot.index[:lots])
    waiting = list(in_lot.index[lots:])
    for place, index in enumerate(taken):
        while index is not None and not present[index]:
            county = drawn.loc[index, "county_code"]
            near = (other for other in waiting if drawn.loc[other, "county_code"] == county)
            index = next(near, waiting[0] if waiting else None)
            if index is not None:
                waiting.remove(index)
                taken[place] = index
    ways = pd.Series("risk", index=drawn.index, dtype="str")
    ways.loc[[index for index in taken if present[index]]] = "random"
    ways.loc[drawn["must"]] = "must"
    return ways[present]


def headline(
    plan_id: int, status: str, days: tuple[date, date], stops: pd.DataFrame, teams: int
) -> str:
    """Say in one sentence what a plan is; ``stops`` are its stops, empty before routes."""
    first, last = days
    when = wording.day(first) if first == last else f"{wording.day(first)}至 {wording.day(last)}"
    said = f"{plan_id} 号计划（{STATUS[status]}）：{when}，{teams} 组"
    if stops.empty:
        return f"{said}，还没有排路线"
    ways = stops["chosen_by"].value_counts()
    parts = [f"{words} {ways[way]} 处" for way, words in CHOSEN_BY.items() if way in ways]
    return f"{said}，排入 {len(stops)} 处（{'、'.join(parts)}）"


def set_aside(frame: Frame, days: int) -> str:
    """Say how many units are no candidates, and why."""
    said = [f"候选 {wording.count(len(frame.candidates))} 处"]
    if frame.seen:
        said.append(f"近 {days} 天查过的 {wording.count(frame.seen)} 处不再去")
    if frame.booked:
        said.append(f"已排在其他封存计划里的 {wording.count(frame.booked)} 处不再排")
    if frame.unplaced:
        said.append(f"{wording.count(frame.unplaced)} 处没有坐标，排不进路线")
    return "；".join(said) + "。"


def before_drawing(scored: pd.DataFrame) -> str:
    """Say how many units there are to choose from; ``scored`` is the result of ``risk.score``."""
    if scored.empty:
        return "还没有可去的机构和地点"
    return f"可去的机构和地点 {wording.count(len(scored))} 处：按证据和抽签选点，抽签派人"


def team_sentences(teams: pd.DataFrame, units: Mapping[str, str]) -> list[str]:
    """Say of each team who goes, where from and when, and which counties it stays out of."""
    said = []
    for team in teams.to_dict("records"):
        names = "、".join(officer["name"] for officer in team["officers"])
        homes = [units[o["home_county"]] for o in team["officers"] if o["home_county"] in units]
        out = f"，回避{'、'.join(dict.fromkeys(homes))}" if homes else ""
        hours = f"{team['starts_at']:%H:%M}–{team['ends_at']:%H:%M}"
        said.append(f"第 {team['team']} 组 {names}（{team['start_name']} {hours}{out}）")
    return said
