"""The course of the backtest: where it is drawn, and where it leaves a gap."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.backtest import RANDOM, UNKNOWN, Result
from analysis.backtest_windows import REPORTS, SCORE
from tests.ui.charts.arrow import decoded
from ui.charts.backtest import hit_rates
from ui.charts.base import spec

FIRST = date(2022, 6, 2)


def drawn(*weeks: tuple[int, int, float]) -> dict[str, Any]:
    """Draw Thursdays so many weeks after the first, with places and hits, alike for every way."""
    course = pd.DataFrame(
        [
            (pd.Timestamp(FIRST + timedelta(weeks=week)), way, visits, hits, hits / visits)
            for way in (SCORE, REPORTS, RANDOM)
            for week, visits, hits in weeks
        ],
        columns=["origin", "way", "visits", "hits", "precision"],
    )
    return spec(hit_rates(Result(14, 100, (FIRST,), 1, 1, {}, UNKNOWN, None, course)))


def rates(chart: dict[str, Any]) -> list[float | None]:
    [rows] = [decoded(each) for each in chart["datasets"].values()]
    return [row["rate"] for row in rows if row["word"] == "按风险分"]


@pytest.mark.parametrize(("visits", "rate"), [(9, None), (10, 100.0)])
def test_share_of_few_places_is_no_point(visits: int, rate: float | None) -> None:
    chart = drawn((0, 100, 30.0), (1, visits, visits), (2, 100, 40.0))

    assert rates(chart) == [30.0, rate, 40.0]
    assert (len(chart["title"]["subtitle"]) == 2) is (rate is None)


def test_thursday_after_which_nothing_was_found_is_a_gap_and_not_left_out() -> None:
    chart = drawn((0, 100, 30.0), (3, 100, 40.0))

    assert rates(chart) == [30.0, None, None, 40.0]
    assert chart["title"]["subtitle"][1] == "断开处：之后没有查出问题，或查过、核实过的不足 10 处"


def test_course_of_gaps_alone_has_an_axis() -> None:
    chart = drawn((0, 3, 3.0))

    assert rates(chart) == [None]
    assert np.isfinite(chart["layer"][0]["encoding"]["y"]["scale"]["domain"]).all()
