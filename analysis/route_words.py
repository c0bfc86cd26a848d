"""What is said of a plan of routes: why a candidate is left out, and what could not be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import wording
from analysis.route_search import Problem

NO_COORDINATES: Final = "没有坐标，排不进路线"
WAYS: Final = {"random": "抽签抽中", "must": "指定必到"}
LEFT: Final = "已撤出"
AVOIDED: Final = "赶得到的组都有人须回避"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a plan was asked for."""

    candidates: pd.DataFrame
    teams: pd.DataFrame
    days: tuple[date, ...]
    chosen_by: pd.Series
    most_stops: int
    counties: Mapping[str, str]
    pinned: Collection[int]  # ordinals

    def county(self, code: str) -> str:
        """Return the name of a county, as far as it is known."""
        return self.counties.get(code, "所在县区")


def not_asked(candidates: pd.DataFrame) -> dict[int, str]:
    """Return who is no candidate for a route at all, by ordinal: who left, who lies nowhere."""
    whys: dict[int, str] = {}
    left = candidates.get("left_reason", pd.Series(None, index=candidates.index, dtype=object))
    for ordinal, reason, longitude, latitude in zip(
        candidates["ordinal"], left, candidates["longitude"], candidates["latitude"], strict=True
    ):
        if not wording.is_missing(reason):
            whys[int(ordinal)] = f"{LEFT}：{reason}"
        elif wording.is_missing(longitude) or wording.is_missing(latitude):
            whys[int(ordinal)] = NO_COORDINATES
    return whys


def out_of_reach(
    problem: Problem, placed: pd.DataFrame, asked: Asked, pinned: Mapping[int, int | None]
) -> dict[int, str]:
    """Return the places that no team reaches even if it drives there alone, and why."""
    size = len(placed)
    if not size:
        return {}
    if not problem.vehicles:
        return dict.fromkeys(range(size), "没有可派的组或日期")
    alone = [_Alone(problem, number) for number in range(len(problem.vehicles))]
    can = np.array([one.on_time & one.is_back for one in alone])
    may = ~np.array([vehicle.is_forbidden for vehicle in problem.vehicles])
    lost = ~(can & may).any(axis=0)
    whys: dict[int, str] = {}
    for place in np.flatnonzero(lost):
        where = int(place)
        row = placed.iloc[where]
        if where in pinned:
            whys[where] = _pin_fails(problem, alone, pinned[where], where, row, asked)
        elif can[:, where].any():
            whys[where] = f"{AVOIDED}{asked.county(row['county_code'])}"
        else:
            whys[where] = _too_far(problem, alone, where, row)
    return whys


class _Alone:
    """How one vehicle fares that drives to each place alone, home county or not."""

    def __init__(self, problem: Problem, number: int) -> None:
        vehicle = problem.vehicles[number]
        there = problem.legs[vehicle.start, problem.starts :]
        back = problem.legs[problem.starts :, vehicle.start]
        arrives = np.maximum(vehicle.starts_at + there, problem.opens)
        self.is_open: NDArray[np.bool_] = np.maximum(
            problem.opens, vehicle.starts_at
        ) <= np.minimum(problem.closes, vehicle.ends_at)
        self.on_time: NDArray[np.bool_] = arrives <= problem.closes
        self.is_back: NDArray[np.bool_] = arrives + problem.service + back <= vehicle.ends_at
        self.minutes: NDArray[np.int64] = there + problem.service + back
        self.has: int = vehicle.ends_at - vehicle.starts_at

    def why(self, place: int, hours: str) -> str | None:
        """Say what keeps the vehicle from the place; None when nothing does."""
        if not self.is_open[place]:
            return f"{hours}不在工作时间内"
        if self.minutes[place] > self.has:
            return (
                f"来回连检查约要 {_duration(int(self.minutes[place]))}，"
                f"一天只有 {_duration(self.has)}"
            )
        if not self.on_time[place]:
            return f"{hours}赶不到"
        if not self.is_back[place]:
            return f"{hours}去，收队前回不来"
        return None


def _too_far(problem: Problem, alone: list[_Alone], place: int, row: pd.Series) -> str:
    if problem.opens[place] > problem.closes[place]:
        return "上课时间的起止前后颠倒，排不出到访时间"
    # Of several teams the one that comes closest tells why.
    hours = _hours(row)
    closest = max(
        alone,
        key=lambda one: (one.is_open[place], one.has - one.minutes[place], one.on_time[place]),
    )
    return f"{closest.why(place, hours)}（各组都是如此）"


def _pin_fails(
    problem: Problem,
    alone: list[_Alone],
    vehicle: int | None,
    place: int,
    row: pd.Series,
    asked: Asked,
) -> str:
    if vehicle is None:
        return "固定的日期或组不在计划里"
    day, team = divmod(vehicle, len(asked.teams))
    who = f"固定在{wording.day(asked.days[day])}第 {asked.teams['team'].iloc[team]} 组"
    if problem.opens[place] > problem.closes[place]:
        return f"{who}，但上课时间的起止前后颠倒"
    why = alone[vehicle].why(place, _hours(row))
    county = asked.county(row["county_code"])
    return f"{who}，但{why or f'组里有人须回避{county}'}"


def did_not_fit(
    problem: Problem, planned: Collection[int], dropped: Collection[int]
) -> dict[int, str]:
    """Return why places are left out that a team could reach if it had nothing else to do."""
    risks = [problem.score[place] for place in planned if not problem.is_first[place]]
    lowest = min(risks, default=np.inf)
    is_full = len(planned) >= problem.most_stops
    whys = {}
    for place in dropped:
        score = problem.score[place]
        if problem.is_first[place]:
            whys[place] = (
                f"已排满 {problem.most_stops} 处"
                if is_full
                else "与其他抽中、指定或固定的地点时间排不开"
            )
        elif is_full:
            whys[place] = f"只排 {problem.most_stops} 处，" + (
                f"得分 {score:.1f} 低于排入的地点"
                if score < lowest
                else f"得分 {score:.1f}，与得分合计更高的一组地点时间排不开"
            )
        elif score < lowest:
            whys[place] = f"时间排满，得分 {score:.1f} 低于排入的地点"
        else:
            whys[place] = f"得分 {score:.1f}，同样的时间可查得分合计更高的其他地点"
    return whys


def explained(asked: Asked, stops: int, left_out: Mapping[int, str]) -> tuple[str, ...]:
    """Say in sentences what was asked for and could not be done."""
    if asked.candidates.empty:
        return ("没有候选地点，排不出路线：请放宽县区、类别或不再去的天数",)
    if not len(asked.teams) or not asked.days:
        return ("没有可派的组或日期，排不出路线",)
    if asked.most_stops < 1:
        return ("要排的处数是 0，没有排路线",)
    said = [_fewer(asked, stops, left_out)] if stops < asked.most_stops else []
    said += _dropped_firsts(asked, left_out)
    whys = Counter(left_out.values())
    if nowhere := whys[NO_COORDINATES]:
        said.append(f"{wording.count(nowhere)} 处候选没有坐标，排不进路线")
    said += [
        f"{why}：{wording.count(places)} 处去不了"
        for why, places in sorted(whys.items())
        if why.startswith(AVOIDED)
    ]
    return tuple(said)


def _dropped_firsts(asked: Asked, left_out: Mapping[int, str]) -> list[str]:
    """Name who was to come first and is left out; who has left is known already."""
    candidates = asked.candidates
    ways = asked.chosen_by.reindex(candidates.index, fill_value="risk")
    said = []
    for ordinal, name, way in zip(candidates["ordinal"], candidates["name"], ways, strict=True):
        why = left_out.get(int(ordinal))
        if why is None or why.startswith(LEFT):
            continue
        if int(ordinal) in asked.pinned:
            said.append(f"固定的{_called(name)}没有排入：{why}")
        elif way in WAYS:
            said.append(f"{WAYS[way]}的{_called(name)}没有排入：{why}")
    return said


def _fewer(asked: Asked, reached: int, left_out: Mapping[int, str]) -> str:
    if reached and all(why.startswith((LEFT, NO_COORDINATES)) for why in left_out.values()):
        wanted = wording.count(asked.most_stops)
        return f"候选地点只有 {reached} 处，都已排入，少于要求的 {wanted} 处"
    codes = sorted(asked.candidates["county_code"].unique())
    known = [asked.counties[code] for code in codes if code in asked.counties]
    where = wording.listed(known, unit="个县区") if known else "所选县区"
    hours = {
        _minutes(end) - _minutes(start)
        for start, end in zip(asked.teams["starts_at"], asked.teams["ends_at"], strict=True)
    }
    each = "、".join(_duration(minutes) for minutes in sorted(hours))
    often = f" {len(asked.days)} 天、每天" if len(asked.days) > 1 else ""
    can = f"只能到 {reached} 处" if reached else "一处也到不了"
    return (
        f"{where} {len(asked.teams)} 队{often} {each}内{can}，"
        f"少于要求的 {wording.count(asked.most_stops)} 处"
    )


def _called(name: object) -> str:
    return "一处" if wording.is_missing(name) else f"“{name}”"


def _hours(row: pd.Series) -> str:
    opens, closes = row["opens_at"], row["closes_at"]
    start = "" if wording.is_missing(opens) else f"{opens:%H:%M}"
    end = "" if wording.is_missing(closes) else f"{closes:%H:%M}"
    if start and end:
        return f"上课时间 {start}–{end} "
    if start or end:
        return f"上课时间 {start} 起 " if start else f"上课时间 {end} 止 "
    return ""


def _minutes(value: Any) -> int:
    return int(value.hour) * 60 + int(value.minute)


def _duration(minutes: int) -> str:
    """Write 90 as ``1.5 小时`` and 40 as ``40 分钟``."""
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes / 60:.1f}".removesuffix(".0") + " 小时"
