from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis.rectification import AGE_WORDS
from tests.ui.charts.arrow import decoded
from ui.charts.base import spec
from ui.charts.rectification import ageing_bars, flow_lines
from ui.palette import RED

THURSDAY = date(2022, 8, 25)


def rows_of(drawn: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = decoded(drawn["datasets"][layer["data"]["name"]])
    return found


def ageing() -> tuple[pd.DataFrame, pd.DataFrame]:
    counts = pd.DataFrame(
        {
            "county_code": ["450202", "450224", "450226"],
            "county": ["城中区", "融安县", "三江侗族自治县"],
            "open": [3, 12, 0],
            "overdue": [0, 5, 0],
        }
    )
    parts = pd.DataFrame(
        {
            "county_code": ["450202", "450224", "450224"],
            "county": ["城中区", "融安县", "融安县"],
            "band": [0, 1, 3],
            "n": [3, 7, 5],
            "overdue": [0, 0, 5],
        }
    )
    return parts, counts


def test_ages_are_stacked_from_zero_with_the_overdue_in_red_beside_their_number() -> None:
    drawn = spec(ageing_bars(*ageing(), as_of=THURSDAY))
    bars, late, total, overdue = drawn["layer"]

    assert bars["encoding"]["x"]["stack"] == "zero"
    assert bars["encoding"]["x"]["scale"]["domain"][0] == 0
    assert bars["encoding"]["color"]["scale"]["domain"] == list(AGE_WORDS)
    assert late["mark"]["color"] == overdue["mark"]["color"] == RED
    assert [row["open_written"] for row in rows_of(drawn, total)] == ["3 件", "12 件", "0 件"]
    assert [row["overdue_written"] for row in rows_of(drawn, overdue)] == ["", "逾期 5", ""]
    assert "8 月 25 日" in drawn["title"]["text"]


def test_every_county_keeps_its_place_also_without_items() -> None:
    drawn = spec(ageing_bars(*ageing(), as_of=THURSDAY))

    for layer in drawn["layer"]:
        assert layer["encoding"]["y"]["sort"] == ["城中区", "融安县", "三江侗族自治县"]


def test_choosing_a_bar_gives_the_code_of_its_county() -> None:
    [chosen] = spec(ageing_bars(*ageing(), as_of=THURSDAY))["params"]

    assert chosen["name"] == "county"
    assert chosen["select"]["fields"] == ["county_code"]


def test_ageing_without_any_item_still_draws_the_counties() -> None:
    parts, counts = ageing()

    drawn = spec(ageing_bars(parts[:0], counts.assign(open=0, overdue=0), as_of=THURSDAY))

    assert len(rows_of(drawn, drawn["layer"][2])) == 3


def test_week_that_is_not_over_is_hollow_and_says_so() -> None:
    weekly = pd.DataFrame(
        {
            "week": pd.Series([THURSDAY - timedelta(days=7), THURSDAY], dtype="datetime64[s]"),
            "opened": [4, 1],
            "closed": [2, 3],
        }
    )

    drawn = spec(flow_lines(weekly, as_of=THURSDAY - timedelta(days=2)))
    _, points, *_ = drawn["layer"]

    assert [row["ended"] for row in rows_of(drawn, points)] == [True, False, True, False]
    assert rows_of(drawn, points)[1]["week_written"] == "8 月 25 日一周（未完）"
    assert points["encoding"]["y"]["field"] == "n"


@pytest.mark.parametrize(("opened", "closed"), [(57, 49), (1, 3), (0, 0)])
def test_last_numbers_stand_beside_their_points_the_higher_over_the_lower(
    opened: int, closed: int
) -> None:
    weekly = pd.DataFrame({"week": pd.to_datetime([THURSDAY]), "opened": opened, "closed": closed})

    drawn = spec(flow_lines(weekly, as_of=THURSDAY))
    words = drawn["layer"][2:]

    assert [rows_of(drawn, word)[0]["word"] for word in words] == [
        f"登记 {opened} 件",
        f"销号 {closed} 件",
    ]
    heights = [word["encoding"]["y"]["value"]["expr"] for word in words]
    lower, higher = sorted(heights, key=len)
    assert lower == f"min(scale('y', {min(opened, closed)}), height + 9.0 - 18)"
    assert higher == f"min(scale('y', {max(opened, closed)}), {lower} - 18)"
    assert (heights[0] == higher) is (opened >= closed)
