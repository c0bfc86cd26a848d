from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd

from analysis.durations import still_open
from analysis.refunds import FLOWS
from tests.ui.charts.arrow import decoded
from ui.charts.base import spec
from ui.charts.refunds import county_bars, duration_steps, flow_bars, open_course

THURSDAY = date(2022, 8, 25)
WEEKS = [THURSDAY - timedelta(days=7), THURSDAY]


def rows_of(drawn: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    return decoded(drawn["datasets"][(layer.get("data") or drawn["data"])["name"]])


def days(values: list[date]) -> pd.Series:
    return pd.Series(values, dtype="datetime64[s]")


def test_county_bars_say_disputes_students_and_money() -> None:
    counts = pd.DataFrame(
        {
            "county_code": ["450224", "450226"],
            "county": ["融安县", "三江侗族自治县"],
            "open": [31, 0],
            "students": [42, 0],
            "amount_yuan": [123_000.0, 0.0],
        }
    )

    drawn = spec(county_bars(counts, as_of=THURSDAY))

    labels = [row["label"] for row in rows_of(drawn, drawn["layer"][1])]
    assert labels == ["31 件 · 42 人 · 12.3 万元", "0 件"]
    assert drawn["params"][0]["select"]["fields"] == ["county_code"]
    assert drawn["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 0


def flow(numbers: dict[str, tuple[int, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"week": pd.Timestamp(week), "flow": name, "n": numbers.get(name, (0, 0))[place]}
            for place, week in enumerate(WEEKS)
            for name in FLOWS
        ]
    )


def test_resolved_are_stacked_by_route_and_opened_is_a_line() -> None:
    drawn = spec(flow_bars(flow({"opened": (9, 2), "refund": (3, 1), "": (1, 0)}), as_of=THURSDAY))
    bars, line, points, name = drawn["layer"]

    assert {row["word"] for row in rows_of(drawn, bars)} == {"退费", "兑课", "法律途径", "途径未填"}
    assert {row["word"] for row in rows_of(drawn, line)} == {"登记"}
    assert [row["n"] for row in rows_of(drawn, points)] == [9, 2]
    assert rows_of(drawn, name)[0]["word"] == "登记 9 件"
    assert bars["encoding"]["y"]["scale"]["domain"][0] == 0


def test_week_that_is_not_over_is_hollow() -> None:
    drawn = spec(flow_bars(flow({"opened": (9, 2)}), as_of=THURSDAY - timedelta(days=1)))

    assert [row["ended"] for row in rows_of(drawn, drawn["layer"][2])] == [True, False]


def test_weeks_without_a_dispute_are_drawn_flat() -> None:
    drawn = spec(flow_bars(flow({}), as_of=THURSDAY))

    assert drawn["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, 5]


def test_strips_begin_at_zero_and_end_with_their_figure() -> None:
    course = pd.DataFrame(
        {
            "day": days(WEEKS),
            "open": [0, 20],
            "students": [0, 40],
            "amount_yuan": [0.0, 250_000.0],
        }
    )

    drawn = spec(open_course(course))
    rows = rows_of(drawn, drawn["layer"][1])

    assert all(row["level"] == row["foot"] for row in rows if not row["last"])
    assert [row["heading"] for row in rows if row["last"]] == [
        "涉及金额 25.0 万元",
        "涉及学生 40 人",
        "未化解 20 件",
    ]


def test_curve_of_open_disputes_says_the_half_and_why_those_resolved_are_not_enough() -> None:
    lasted = days([THURSDAY - timedelta(days=each) for each in (3, 10, 100, 100)])
    disputes = pd.DataFrame(
        {"opened_on": lasted, "resolved_on": days([THURSDAY, THURSDAY, THURSDAY, None])}
    )

    drawn = spec(duration_steps(still_open(disputes, as_of=THURSDAY), disputes))

    line = rows_of(drawn, drawn["layer"][1])
    assert [(row["days"], row["percent"]) for row in line] == [
        (0, "100.0%"),
        (3, "75.0%"),
        (10, "50.0%"),
        (100, "25.0%"),
    ]
    assert drawn["title"]["text"] == "一半在 10 天内化解"
    assert drawn["title"]["subtitle"][-1] == "只看已化解的，中位数 10 天，偏短"


def test_disputes_resolved_before_they_were_opened_are_told_and_not_counted() -> None:
    opened = days([THURSDAY - timedelta(days=each) for each in (3, 10, 2, 1)])
    ended = days([THURSDAY, THURSDAY, *[THURSDAY - timedelta(days=5)] * 2])
    disputes = pd.DataFrame({"opened_on": opened, "resolved_on": ended})

    drawn = spec(duration_steps(still_open(disputes, as_of=THURSDAY), disputes))
    only = disputes[2:]
    none_left = spec(duration_steps(still_open(only, as_of=THURSDAY), only))

    assert [row["days"] for row in rows_of(drawn, drawn["layer"][1])] == [0, 3, 10]
    assert drawn["title"]["subtitle"][-2:] == [
        "只看已化解的，中位数 6 天，偏短",
        "2 件化解日期早于登记日期，未计入",
    ]
    assert none_left["title"]["text"] == "这段时间登记的退费纠纷都算不出用时"
    assert none_left["title"]["subtitle"][-1] == "2 件化解日期早于登记日期，未计入"


def test_without_a_dispute_no_curve_is_made_up() -> None:
    disputes = pd.DataFrame({"opened_on": days([]), "resolved_on": days([])})

    drawn = spec(duration_steps(still_open(disputes, as_of=THURSDAY), disputes))

    assert drawn["title"]["text"] == "这段时间没有登记退费纠纷"
    assert drawn["title"]["subtitle"][-1] == "近 26 周登记的（含未化解的），横轴为登记后天数"
