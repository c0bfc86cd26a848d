"""A hotspot in words: its buildings, types and hours, how much it exceeds, how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

import pandas as pd

from analysis import wording
from analysis.hotspots import WEEK, Found, Settings
from analysis.violations import address_within, called

SURE: Final = ((0.001, "很有把握"), (0.01, "较有把握"), (1.0, "有一定把握"))
CHANCES: Final = (
    (1e-8, "不到亿分之一"),
    (1e-6, "不到百万分之一"),
    (1e-4, "不到万分之一"),
    (1e-3, "不到千分之一"),
    (1e-2, "不到百分之一"),
)
NAMED: Final = 3
UNNAMED: Final = "未写明地点"
_WORDS: Final = (
    "county_code",
    "county",
    "short_name",
    "place",
    "places_written",
    "main_type",
    "types_written",
    "hours",
    "excess_written",
    "certainty",
    "sentence",
)


def describe(found: Found, gathered: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Add to each hotspot of ``found`` where it is, what is reported, when, and how sure that is.

    ``gathered`` is the result of ``hotspots.gathered``; of it the reports of the window count.
    A hotspot is the county's that most of its reports are of, and is called by the place with
    the most reports, an address or, without either, its coordinates.

    Adds, all of them str: ``county_code``, ``county``, ``short_name``, ``place``,
    ``places_written`` (角宿花园 22 件、…), ``main_type``, ``types_written``, ``hours`` (the most
    frequent, 19:00–21:30; missing: none given), ``excess_written`` (比预期多 14 件), ``certainty``
    and ``sentence``.
    """
    of_window = gathered[
        (gathered["week"] <= found.week) & (gathered["week"] > found.week - settings.window * WEEK)
    ]
    number = found.cells.set_index("cell")["hotspot"]
    inside = of_window.assign(hotspot=of_window["cell"].map(number)).dropna(subset=["hotspot"])
    parts = dict(iter(inside.groupby("hotspot")))
    rows = [
        _described(hotspot, parts[hotspot["hotspot"]])
        for hotspot in found.hotspots.to_dict("records")
    ]
    words = pd.DataFrame(rows, columns=list(_WORDS), index=found.hotspots.index)
    return found.hotspots.join(words.astype("str"))


def _described(hotspot: Mapping[Any, Any], reports: pd.DataFrame) -> dict[str, str | None]:
    code = next(iter(_most(reports, "county_code")))
    unit = reports[reports["county_code"] == code].iloc[0]
    addresses = [
        UNNAMED if wording.is_missing(address) else address_within(county, address)
        for county, address in zip(reports["county"], reports["address"], strict=True)
    ]
    names = reports["place_name"].fillna(pd.Series(addresses, index=reports.index, dtype="str"))
    places = _most(reports.assign(named=names), "named")
    types = _most(reports, "violation_type_group")
    hours = hours_of(reports["class_starts_at"], reports["class_ends_at"], reports["reports"])
    named = [name for name in places if name != UNNAMED]
    place = called(
        unit["county"],
        named[0] if named else None,
        None,
        hotspot["longitude"],
        hotspot["latitude"],
    )
    excess = excess_written(hotspot["excess"])
    places_written = _counted(places)
    types_written = _counted(types)
    said = [
        f"举报 {wording.count(hotspot['reports'])} 件，{excess}，"
        f"其中属实 {wording.count(hotspot['substantiated'])} 件",
        f"地点：{places_written}",
        f"类型：{types_written}",
        f"上课多在 {hours}" if hours else "举报没有写上课时间",
        _institutions(hotspot["institutions"]),
        f"{first_written(hotspot['first_week'], is_first=hotspot['is_first_seen'])}突出",
        f"若与往常一样，出现这么多举报的可能{chance(hotspot['tail'])}，{certainty(hotspot['q'])}",
    ]
    return {
        "county_code": code,
        "county": unit["county"],
        "short_name": unit["short_name"],
        "place": place,
        "places_written": places_written,
        "main_type": next(iter(types)),
        "types_written": types_written,
        "hours": hours,
        "excess_written": excess,
        "certainty": certainty(hotspot["q"]),
        "sentence": "；".join(said) + "。",
    }


def _most(reports: pd.DataFrame, name: str) -> dict[str, int]:
    """Add reports up by a column, the most first, of equals the first in the alphabet."""
    counted = reports.groupby(name)["reports"].sum().sort_index()
    ordered = counted.sort_values(ascending=False, kind="stable")
    return {str(word): int(n) for word, n in ordered.items()}


def _counted(counts: dict[str, int]) -> str:
    written = [f"{name} {wording.count(n)} 件" for name, n in counts.items()]
    rest = sum(list(counts.values())[NAMED:])
    return "、".join(written[:NAMED]) + (f"，其余 {wording.count(rest)} 件" if rest else "")


def hours_of(starts: pd.Series, ends: pd.Series, reports: pd.Series) -> str | None:
    """Return the most frequent hours as ``19:00–21:30``; ``None`` where none are given."""
    spans = [
        f"{start:%H:%M}–{end:%H:%M}" if isinstance(start, time) and isinstance(end, time) else None
        for start, end in zip(starts, ends, strict=True)
    ]
    counted = reports.groupby(pd.Series(spans, index=reports.index, dtype="object")).sum()
    return None if counted.empty else str(counted.sort_index().idxmax())


def _institutions(number: int) -> str:
    return f"区域内有登记机构 {wording.count(number)} 家" if number else "区域内没有登记机构"


def excess_written(excess: float) -> str:
    """Write an excess as ``比预期多 14 件``."""
    return f"比预期多 {wording.count(max(round(excess), 1))} 件"


def certainty(q: float) -> str:
    """Say how sure a discovery is, from the rate of false ones at which it still is one."""
    return next(words for most, words in SURE if q <= most)


def chance(tail: float) -> str:
    """Say in words how likely as many reports are by chance."""
    for most, words in CHANCES:
        if tail < most:
            return words
    return f"约 {wording.percent(tail)}"


def first_written(week: pd.Timestamp, *, is_first: bool) -> str:
    """Say since when a hotspot stands out; ``is_first``: nothing is known of before."""
    return f"{wording.day(week)}或更早起" if is_first else f"自 {wording.day(week)}起"


def headline(described: pd.DataFrame, new_places: int | None, *, window: int) -> str:
    """Say in one sentence where most is to be found; ``described`` by :func:`describe`.

    Of ``new_places`` that are not counted, ``None``, nothing is said.
    """
    new = ""
    if new_places is not None:
        many = f"新增无登记地点 {wording.count(new_places)} 处"
        new = f"；{many if new_places else '没有新增无登记地点'}"
    if described.empty:
        return f"没有举报明显多于预期的区域{new}"
    first = described.iloc[0]
    return (
        f"{len(described)} 处举报明显多于预期，最多的是{first['county']}{first['place']}："
        f"近 {window} 周 {wording.count(first['reports'])} 件，{first['excess_written']}{new}"
    )
