"""Whether the stops of a plan keep to its lot: asked before it is sealed, and when it is verified.

Pure functions of what is stored; the lot itself is drawn in ``analysis.draws``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any


def stop_faults(
    plan: Any, candidates: Mapping[int, Any], teams: Collection[int], stops: Sequence[Any]
) -> list[str]:
    """Return what is wrong with stops of a plan, in Chinese; empty when nothing is.

    ``plan`` has ``first_day`` and ``last_day``; ``candidates`` are rows by their ordinal, and
    each stop is a dictionary of the columns of a stop.
    """
    wrong = []
    ordinals = [stop["ordinal"] for stop in stops]
    if len(set(ordinals)) < len(ordinals):
        wrong.append("有地点排了两次")
    places = [(stop["visit_on"], stop["team"], stop["sequence"]) for stop in stops]
    if len(set(places)) < len(places):
        wrong.append("有一组同一天有两站的次序相同")
    for stop in stops:
        candidate = candidates.get(stop["ordinal"])
        if candidate is None:
            wrong.append(f"候选地点里没有第 {stop['ordinal']} 号")
            continue
        if not plan.first_day <= stop["visit_on"] <= plan.last_day:
            wrong.append(f"第 {stop['ordinal']} 号的到访日期不在计划的日期之内")
        if stop["team"] not in teams:
            wrong.append(f"计划里没有第 {stop['team']} 组")
        if candidate.left_reason is not None:
            wrong.append(f"第 {stop['ordinal']} 号已写明理由撤出，不能再排入")
        if (stop["chosen_by"] == "must") != candidate.must:
            wrong.append(f"第 {stop['ordinal']} 号是否必到与候选名单不一致")
        if stop["chosen_by"] == "random" and candidate.drawn_order is None:
            wrong.append(f"第 {stop['ordinal']} 号不是抽签抽出的")
    return wrong


def faults(candidates: Iterable[Any], stops: Iterable[Any], *, number: int) -> list[str]:
    """Return where the stops do not keep to the lot, in Chinese; empty when they do.

    The first ``number`` drawn are all visited, but for those that left for a reason. Each that
    left makes room for at most one more of the lot, and that is the next one drawn of its
    county: nobody of the same county who was drawn before is passed over without a reason.
    """
    chosen = {stop["ordinal"]: stop["chosen_by"] for stop in stops}
    lot = sorted(
        (each for each in candidates if each.drawn_order is not None),
        key=lambda each: each.drawn_order,
    )
    wrong, left, more = [], 0, 0
    passed_over: dict[str, int] = {}
    for each in lot:
        has_left = each.left_reason is not None
        is_random = chosen.get(each.ordinal) == "random"
        left += has_left
        more += is_random and each.drawn_order > number
        if each.ordinal not in chosen and not has_left:
            if each.drawn_order <= number:
                wrong.append(
                    f"抽签第 {each.drawn_order} 个（候选第 {each.ordinal} 号）没有排入线路，"
                    "也没有写明撤出的理由"
                )
            passed_over.setdefault(each.county_code, each.drawn_order)
        elif is_random and each.drawn_order > number and each.county_code in passed_over:
            wrong.append(
                f"抽签第 {each.drawn_order} 个（候选第 {each.ordinal} 号）是递补的，"
                f"但同县区先抽出的第 {passed_over[each.county_code]} 个没有排入，也没有写明理由"
            )
    if more > left:
        wrong.append(f"递补了 {more} 个抽签地点，而写明理由撤出的只有 {left} 个")
    return wrong
