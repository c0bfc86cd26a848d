"""The lots of an unannounced check (双随机): which places, and which officers.

A draw depends on the seed and on what is drawn from, never on the order of rows. It reads the raw
numbers of PCG64, which numpy promises to keep, and not those of ``Generator``, which it does not:
whoever checks a sealed plan years later gets the same lot.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.random import PCG64, SeedSequence
from numpy.typing import NDArray

from analysis import wording

SHARE_BY_LOT: Final = 0.20
_TRIES_AT_ONCE: Final = (1, 16, 256, 4096, 4096, 4096)
_SWAPS: Final = 20_000
# Officers are drawn from another stream than places, so that one lot says nothing of the other.
_OFFICERS: Final = 1


class DrawError(Exception):
    """What cannot be drawn, and why, in words for the person who asked."""


def share_by_lot(stops: int, share: float = SHARE_BY_LOT) -> int:
    """Return how many of so many stops are drawn by lot: rounded up, at least one of any.

    Raises:
        ValueError: ``share`` does not lie between 0 and 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share")
    if stops <= 0:
        return 0
    # 0.07 × 100 is 7.000000000000001: what is a whole number up to rounding stays one.
    return max(1, math.ceil(round(stops * share, 9)))


def draw_places(candidates: pd.DataFrame, *, number: int, seed: int) -> pd.Series:
    """Draw ``number`` candidates by lot, spread over the counties, and put the others behind.

    The frame is every candidate that is not ``must``; who has since left (``left_reason``) still
    counts, so that a stored plan draws the same again. Each of its N is equally likely to be
    among the first ``number``: exactly number ÷ N. Candidates are shuffled within their county
    and the counties among each other, then every (N ÷ number)-th is taken from a random start,
    so each county has its share of the lot, rounded up or down. The drawn come first, in random
    order; the others follow in random order, as replacements (:func:`next_drawn`). More than N
    draws all.

    Args:
        candidates: ``ordinal`` (distinct), ``county_code``, ``must``.
        number: how many are drawn, 0 or more.
        seed: of the plan; the same seed over the same candidates draws the same.

    Returns:
        ``drawn_order`` (Int64, 1…N; NA outside the frame), aligned to ``candidates``.

    Raises:
        ValueError: ``number`` is negative.
    """
    if number < 0:
        raise ValueError(f"{number} cannot be drawn")
    frame = candidates.loc[~candidates["must"].astype(bool), ["ordinal", "county_code"]]
    frame = frame.sort_values("ordinal")
    size = len(frame)
    number = min(number, size)
    bits = PCG64(seed)
    codes, counties = pd.factorize(frame["county_code"], sort=True)
    place_keys, order_keys = bits.random_raw(size), bits.random_raw(size)
    line = np.lexsort((place_keys, bits.random_raw(len(counties))[codes]))
    is_drawn = np.zeros(size, dtype=bool)
    if number:
        # Of the size × number whole numbers each is hit once over all starts, and each
        # candidate owns `number` of them: nobody gains by rounding.
        start = _below(bits, size)
        picks = [(start + step * size) // number for step in range(number)]
        is_drawn[line[picks]] = True
    order = np.lexsort((order_keys, ~is_drawn))
    drawn = pd.Series(pd.NA, index=candidates.index, dtype="Int64", name="drawn_order")
    drawn.loc[frame.index[order]] = np.arange(1, size + 1)
    return drawn


def next_drawn(
    candidates: pd.DataFrame, *, county_code: str, used: Collection[int] = ()
) -> int | None:
    """Return the ordinal of who replaces a drawn candidate of a county that has left.

    That is the next in drawn order of the same county, else of any county. Neither the ordinals
    in ``used`` (whoever stands in the lot's arm or anywhere else in the plan) nor candidates that
    have left are taken. None when nobody is left.

    Args:
        candidates: ``ordinal``, ``county_code``, ``drawn_order``, ``left_reason``.
        county_code: of the candidate to replace.
        used: ordinals not to be taken.
    """
    free = candidates[
        candidates["drawn_order"].notna()
        & candidates["left_reason"].isna()
        & ~candidates["ordinal"].isin(list(used))
    ]
    same = free[free["county_code"] == county_code]
    waiting = (free if same.empty else same).sort_values("drawn_order")
    return None if waiting.empty else int(waiting["ordinal"].iloc[0])


def draw_teams(
    officers: pd.DataFrame,
    *,
    teams: int,
    size: int,
    seed: int,
    counties: Collection[str] | Mapping[str, str],
) -> pd.DataFrame:
    """Draw teams of officers by lot.

    Only active officers are drawn, each into one team. Nobody visits their home county (回避), so
    every county of ``counties`` has at least one team in which nobody is at home there. A team of
    two or more has officers of at least two departments, unless the active ones are all of one.
    Teams are shuffled until these hold, so two officers with the same department and home county
    are equally likely to be drawn.

    Args:
        officers: ``id``, ``name``, ``department``, ``home_county`` (missing: none), ``active``.
        teams: how many, 1 or more.
        size: officers in each, 1 or more.
        seed: of the plan; the same seed over the same officers draws the same.
        counties: codes of the counties to visit; with their names, an error can say which.

    Returns:
        One row per team: ``team`` (int64, 1…), ``officers`` (list of dictionaries ``name``,
        ``department``, ``home_county``: a code or None).

    Raises:
        DrawError: the constraints cannot be met.
    """
    active = officers[officers["active"].astype(bool)].sort_values("id", ignore_index=True)
    _refuse_the_impossible(active, teams, size, counties)
    departments = pd.factorize(active["department"])[0]
    homes = pd.Index(sorted(set(counties))).get_indexer_for(pd.Index(active["home_county"]))
    rules = _Rules(departments, homes, len(set(counties)), size)
    bits = PCG64(SeedSequence((seed, _OFFICERS)))
    for tries in _TRIES_AT_ONCE:
        lots = bits.random_raw((tries, len(active))).argsort(axis=1, kind="stable")
        seats = lots[:, : teams * size].reshape(tries, teams, size)
        good = np.flatnonzero(rules.faults(seats) == 0)
        if len(good):
            return _team_rows(active, seats[good[0]])
    return _team_rows(active, _swapped(lots[0], teams, size, rules, bits))


class _Rules:
    """What is wrong with many ways to seat officers at once."""

    def __init__(
        self, departments: NDArray[Any], homes: NDArray[Any], counties: int, size: int
    ) -> None:
        self._departments = departments
        self._homes = homes
        self._counties = counties
        self._must_mix = size > 1 and len(set(departments)) > 1

    def faults(self, seats: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count teams of one department and counties without a team; seats: tries, teams, size."""
        faults = np.zeros(len(seats), dtype=np.int64)
        if self._must_mix:
            departments = self._departments[seats]
            faults += (departments == departments[:, :, :1]).all(axis=2).sum(axis=1)
        homes = self._homes[seats]
        for county in range(self._counties):
            faults += (homes == county).any(axis=2).all(axis=1)
        return faults


def _swapped(
    lot: NDArray[np.int64], teams: int, size: int, rules: _Rules, bits: PCG64
) -> NDArray[np.int64]:
    """Mend a lot by random swaps that make nothing worse, where good lots are rare."""
    seated = teams * size

    def faults(order: NDArray[np.int64]) -> int:
        return int(rules.faults(order[:seated].reshape(1, teams, size))[0])

    wrong = faults(lot)
    for _ in range(_SWAPS):
        one, other = _below(bits, seated), _below(bits, len(lot))
        tried = lot.copy()
        tried[[one, other]] = tried[[other, one]]
        if (left := faults(tried)) <= wrong:
            lot, wrong = tried, left
        if wrong == 0:
            return lot[:seated].reshape(teams, size)
    raise DrawError(
        "抽不出合适的小组：没有一种分法能让每个要去的县区都有无须回避的组、每组都有两个部门的人；"
        "请增加可派人员、减少组数或县区"
    )


def _refuse_the_impossible(
    active: pd.DataFrame, teams: int, size: int, counties: Collection[str]
) -> None:
    if teams < 1 or size < 1:
        raise DrawError("至少要有 1 组，每组至少 1 人")
    if len(active) < teams * size:
        raise DrawError(
            f"可派人员只有 {wording.count(len(active))} 人，"
            f"不够 {teams} 组、每组 {size} 人；请增加可派人员或减少组数"
        )
    of_departments = active["department"].value_counts()
    outside = len(active) - int(of_departments.iloc[0])
    if size > 1 and 0 < outside < teams:
        raise DrawError(
            f"{of_departments.index[0]}以外的可派人员只有 {outside} 人，"
            f"不够 {teams} 组各有两个部门的人；请增加其他部门的人员或减少组数"
        )
    at_home = active["home_county"].isin(list(counties))
    if teams == 1 and (~at_home).sum() < size:
        raise DrawError(
            f"只有 1 组时，组里的人在要去的县区都不能须回避；这样的可派人员只有"
            f" {int((~at_home).sum())} 人，不够 {size} 人，请增加组数、可派人员或减少县区"
        )
    for county in counties:
        able = int((active["home_county"] != county).sum())
        if able < size:
            name = counties[county] if isinstance(counties, Mapping) else "有一个要去的县区"
            raise DrawError(
                f"{name}：可派而无须回避的只有 {able} 人，凑不成 {size} 人的一组；"
                "请增加可派人员或不选这个县区"
            )


def _team_rows(active: pd.DataFrame, seats: NDArray[np.int64]) -> pd.DataFrame:
    people = [
        {
            "name": name,
            "department": department,
            "home_county": None if wording.is_missing(home) else home,
        }
        for name, department, home in zip(
            active["name"], active["department"], active["home_county"], strict=True
        )
    ]
    # Colleagues are named in the order of the list, not of the lot.
    drawn = pd.Series([[people[seat] for seat in sorted(team)] for team in seats], dtype=object)
    return pd.DataFrame({"team": np.arange(1, len(seats) + 1, dtype=np.int64), "officers": drawn})


def _below(bits: PCG64, limit: int) -> int:
    """Return a random whole number from 0 to ``limit`` − 1."""
    return int(bits.random_raw()) * limit >> 64
