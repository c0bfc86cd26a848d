"""What visits found: hit rates with their intervals, and what nobody has looked at."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import visit_results as results


def found(**outcomes: list[str | None]) -> pd.DataFrame:
    """Stops by how they were chosen and what was found there."""
    rows = [(way, outcome) for way, many in outcomes.items() for outcome in many]
    return pd.DataFrame(
        {
            "chosen_by": pd.Series([way for way, _ in rows], dtype="str"),
            "outcome": pd.Series([outcome for _, outcome in rows], dtype="str"),
        }
    )


def many(violations: int, clear: int) -> list[str | None]:
    return ["violation"] * violations + ["clear"] * clear


def test_closed_doors_and_stops_without_a_result_are_not_in_the_rate() -> None:
    [arm] = results.arms(found(risk=["violation", "clear", "closed_door", None, None]))

    assert (arm.stops, arm.checked, arm.hits, arm.closed, arm.waiting) == (5, 2, 1, 1, 2)
    assert arm.low < 0.5 < arm.high


def test_ways_nobody_was_chosen_by_are_left_out() -> None:
    assert [arm.chosen_by for arm in results.arms(found(random=["clear"], must=["clear"]))] == [
        "random",
        "must",
    ]
    assert results.arms(found()) == []


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({}, "还没有暗访结果"),
        ({"risk": [None, None]}, "2 处暗访还没有查到结果"),
        ({"risk": ["closed_door"]}, "1 处暗访还没有查到结果，1 处闭门未开"),
        ({"must": ["violation", "clear"]}, "查了 2 处，1 处发现违规"),
        (
            {"risk": many(5, 5), "random": many(1, 2)},
            "查了 13 处，6 处发现违规；按风险选的 50.0%（5/10），抽签的 1/3，样本还少，不下结论",
        ),
        (
            {"risk": many(30, 10), "random": many(4, 36)},
            "查了 80 处，34 处发现违规；按风险选的 75.0%（30/40），抽签的 10.0%（4/40），"
            "按风险选点确实更容易查到",
        ),
        (
            {"risk": many(4, 36), "random": many(30, 10)},
            "查了 80 处，34 处发现违规；按风险选的 10.0%（4/40），抽签的 75.0%（30/40），"
            "按风险选点反而更少查到，请检查权重",
        ),
        (
            {"risk": many(6, 6), "random": many(4, 8)},
            "查了 24 处，10 处发现违规；按风险选的 50.0%（6/12），抽签的 33.3%（4/12），"
            "两者差别还不能确定",
        ),
    ],
)
def test_headline_concludes_no_more_than_the_intervals_allow(
    outcomes: dict[str, list[str | None]], expected: str
) -> None:
    assert results.headline(found(**outcomes)) == expected


def test_only_closed_doors_are_no_result() -> None:
    [arm] = results.arms(found(risk=["closed_door"]))

    assert results.arm_sentence(arm) == "风险：去了 1/1 处，闭门未开 1 处（不计入命中率）"


def test_arm_is_said_with_its_interval() -> None:
    [arm] = results.arms(found(random=many(4, 36)))

    assert results.arm_sentence(arm) == (
        "抽签：去了 40/40 处，命中率 10.0%（4/40），95% 区间 4.0%–23.1%"
    )


def looked_at(*rows: tuple[str, int, int]) -> pd.DataFrame:
    """Units as (county, how many, how many of them looked at, the first of these on a visit)."""
    units = [
        (county, number < seen, number == 0 and seen > 0)
        for county, many, seen in rows
        for number in range(many)
    ]
    return pd.DataFrame(
        {
            "unit": pd.Series([str(n) for n in range(len(units))], dtype="str"),
            "county_code": pd.Series([county for county, _, _ in units], dtype="str"),
            "county": pd.Series([county for county, _, _ in units], dtype="str"),
            "looked_on": pd.to_datetime(
                pd.Series(["2022-08-01" if seen else None for _, seen, _ in units])
            ),
            "by_plan": pd.Series([plan for _, _, plan in units], dtype="bool"),
        }
    )


def test_counties_are_counted_in_their_order() -> None:
    counted = results.by_county(looked_at(("融安县", 3, 0), ("城中区", 2, 2)))

    assert counted["county"].tolist() == ["融安县", "城中区"]
    assert counted[["units", "looked_at", "by_plan"]].to_numpy().tolist() == [[3, 0, 0], [2, 2, 1]]
    assert results.by_county(looked_at()).empty


def test_counties_that_nobody_has_been_to_are_named() -> None:
    some = results.by_county(looked_at(("城中区", 15, 3), ("融安县", 4, 0)))

    assert results.unseen(some) == (
        "可查的 19 处中有 16 处近三个月没有人查过；融安县一处也没有查过"
    )
    assert results.unseen(some.head(1)) == "可查的 15 处中有 12 处近三个月没有人查过"
    everywhere = results.by_county(looked_at(("城中区", 15, 15)))
    assert results.unseen(everywhere) == "可查的 15 处近三个月都有人查过"
    assert results.unseen(some.head(0)) == "所选范围内没有可查的机构和地点"
