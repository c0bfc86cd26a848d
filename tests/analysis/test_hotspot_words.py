"""Hotspots in words."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import h3
import pandas as pd
import pytest

from analysis.hotspot_words import certainty, chance, describe, excess_written, headline
from analysis.hotspots import DEFAULT, Found

THURSDAY = pd.Timestamp(date(2022, 8, 25))
WEEK = pd.Timedelta(weeks=1)
CELL = h3.latlng_to_cell(24.32, 109.41, 9)
BESIDE = sorted(set(h3.grid_disk(CELL, 1)) - {CELL})[0]
EVENING = {"class_starts_at": time(19), "class_ends_at": time(21, 30)}


def found(**columns: Any) -> Found:
    hotspot = {
        "hotspot": 1,
        "key": CELL,
        "reports": 16,
        "substantiated": 9,
        "expected": 2.2,
        "excess": 13.8,
        "tail": 3e-7,
        "q": 2e-4,
        "institutions": 0,
        "longitude": 109.41,
        "latitude": 24.32,
        "first_week": THURSDAY - 3 * WEEK,
        "is_first_seen": False,
    } | columns
    cells = pd.DataFrame({"hotspot": 1, "cell": [CELL, BESIDE]})
    return Found(THURSDAY, pd.DataFrame([hotspot]), cells, pd.Series(dtype="float64"))


def report(reports: int, **columns: Any) -> dict[str, Any]:
    return {
        "county_code": "450202",
        "county": "城中区",
        "short_name": "城中",
        "cell": CELL,
        "place_name": "甲花园",
        "address": None,
        "week": THURSDAY,
        "violation_type_group": "一对一",
        "class_starts_at": None,
        "class_ends_at": None,
        "reports": reports,
    } | columns


def described(*reports: dict[str, Any], of: Found | None = None) -> dict[Any, Any]:
    texts = dict.fromkeys(["place_name", "address"], "str")
    rows = pd.DataFrame(reports).astype(texts)
    [row] = describe(of or found(), rows, DEFAULT).to_dict("records")
    return row


def test_hotspot_names_places_types_hours_excess_and_certainty() -> None:
    row = described(
        report(9, **EVENING),
        report(4, cell=BESIDE, violation_type_group="住家教师"),
        report(3, place_name=None, address="柳州市城中区立春路8号"),
    )

    assert row["place"] == "甲花园"
    assert row["places_written"] == "甲花园 13 件、立春路8号 3 件"
    assert row["types_written"] == "一对一 12 件、住家教师 4 件"
    assert (row["hours"], row["main_type"]) == ("19:00–21:30", "一对一")
    assert row["sentence"] == (
        "举报 16 件，比预期多 14 件，其中属实 9 件；地点：甲花园 13 件、立春路8号 3 件；"
        "类型：一对一 12 件、住家教师 4 件；上课多在 19:00–21:30；区域内没有登记机构；"
        "自 8 月 4 日起突出；若与往常一样，出现这么多举报的可能不到百万分之一，很有把握。"
    )


def test_reports_of_other_cells_and_outside_the_window_are_not_its_own() -> None:
    row = described(
        report(5),
        report(7, place_name="以前", week=THURSDAY - DEFAULT.window * WEEK),
        report(8, place_name="以后", week=THURSDAY + WEEK),
        report(9, place_name="别处", cell=h3.latlng_to_cell(24.5, 109.5, 9)),
    )

    assert row["places_written"] == "甲花园 5 件"


def test_hotspot_on_a_border_is_the_county_s_with_most_of_its_reports() -> None:
    other = {"county_code": "450203", "county": "鱼峰区", "short_name": "鱼峰"}

    row = described(report(4), report(5, **other))

    assert row["county"] == "鱼峰区"


def test_without_names_and_addresses_it_is_called_by_its_coordinates() -> None:
    row = described(report(5, place_name=None))

    assert row["place"] == "东经 109.4100° 北纬 24.3200°"
    assert row["places_written"] == "未写明地点 5 件"


def test_only_the_first_three_are_named_and_the_rest_is_counted() -> None:
    row = described(
        *(report(n, place_name=name) for name, n in zip("甲乙丙丁戊", (5, 4, 3, 2, 1), strict=True))
    )

    assert row["places_written"] == "甲 5 件、乙 4 件、丙 3 件，其余 3 件"


def test_hours_that_nobody_gave_are_not_invented() -> None:
    row = described(report(5))

    assert pd.isna(row["hours"])
    assert "举报没有写上课时间" in row["sentence"]


def test_institutions_inside_and_an_older_beginning_are_told() -> None:
    row = described(report(5), of=found(institutions=3, is_first_seen=True))

    assert "区域内有登记机构 3 家" in row["sentence"]
    assert "8 月 4 日或更早起突出" in row["sentence"]


@pytest.mark.parametrize(
    ("q", "words"),
    [(0.0, "很有把握"), (0.001, "很有把握"), (0.01, "较有把握"), (0.05, "有一定把握")],
)
def test_certainty_follows_the_rate_of_false_discoveries(q: float, words: str) -> None:
    assert certainty(q) == words


@pytest.mark.parametrize(
    ("tail", "words"),
    [(0.0, "不到亿分之一"), (5e-5, "不到万分之一"), (0.005, "不到百分之一"), (0.02, "约 2.0%")],
)
def test_chance_is_said_in_words(tail: float, words: str) -> None:
    assert chance(tail) == words


def test_excess_is_at_least_one() -> None:
    assert [excess_written(n) for n in (13.8, 0.3)] == ["比预期多 14 件", "比预期多 1 件"]


def test_headline_says_how_many_and_where_most() -> None:
    rows = describe(found(), pd.DataFrame([report(5)]).astype({"address": "str"}), DEFAULT)

    assert headline(rows, 3, window=8) == (
        "1 处举报明显多于预期，最多的是城中区甲花园：近 8 周 16 件，比预期多 14 件；"
        "新增无登记地点 3 处"
    )
    assert headline(rows.head(0), 0, window=8) == ("没有举报明显多于预期的区域；没有新增无登记地点")


def test_headline_does_not_say_none_of_places_that_nobody_counted() -> None:
    rows = describe(found(), pd.DataFrame([report(5)]).astype({"address": "str"}), DEFAULT)

    assert headline(rows, None, window=8).endswith("比预期多 14 件")
    assert headline(rows.head(0), None, window=8) == "没有举报明显多于预期的区域"
