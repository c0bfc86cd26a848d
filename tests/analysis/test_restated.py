"""Which figures of a frozen week are others now, and what made them so."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis.restated import NOT_KNOWN, OF_THE_WEEK, TABLES, TITLES, because, restated
from analysis.week_figures import Figure

CITY, SOUTH = "450202", "450204"
UNITS = pd.DataFrame({"county_code": [SOUTH, CITY], "county": ["柳南区", "城中区"]}, dtype="str")


def figures(*rows: tuple[str, Figure | str, float, float]) -> pd.DataFrame:
    columns = ["county_code", "indicator", "numerator", "denominator"]
    frame = pd.DataFrame([(c, str(i), n, d) for c, i, n, d in rows], columns=columns)
    return frame.astype(
        {"county_code": "str", "indicator": "str", "numerator": "float64", "denominator": "float64"}
    )


def changes(*rows: dict[str, Any]) -> pd.DataFrame:
    usual = {
        "table": "violation_report",
        "county_code": CITY,
        "kind": "late",
        "in_week": True,
        "batch_id": 7,
        "file_name": "举报.xlsx",
        "by": "450202@demo",
        "received_on": "2022-07-28",
        "rows": 12,
    }
    frame = pd.DataFrame([usual | row for row in rows], columns=list(usual))
    texts = dict.fromkeys(("table", "county_code", "kind", "file_name", "by"), "str")
    return frame.astype(
        texts | {"in_week": "bool", "batch_id": "Int64", "received_on": "datetime64[s]"}
    )


def test_only_what_differs_is_listed_by_county_and_figure() -> None:
    nan = math.nan
    frozen = figures(
        (CITY, Figure.REPORTS, 10, nan),
        (CITY, Figure.COVERAGE, 46, 65),
        (CITY, Figure.DISPUTED_YUAN, 100_000, nan),
        (CITY, Figure.INSPECTIONS, 3, nan),
        (SOUTH, Figure.SUBSTANTIATED, 0, 0),
        (SOUTH, "not counted any more", 1, nan),
    )
    now = figures(
        (CITY, Figure.REPORTS, 13, nan),
        (CITY, Figure.COVERAGE, 46, 66),
        (CITY, Figure.DISPUTED_YUAN, 88_000, nan),
        (CITY, Figure.INSPECTIONS, 3, nan),
        (SOUTH, Figure.SUBSTANTIATED, 1, 4),
        (SOUTH, "not counted any more", 2, nan),
        (SOUTH, Figure.REPORTS, 1, nan),
    )

    found = restated(frozen, now, UNITS)

    written = ["county", "title", "frozen_written", "now_written", "difference_written"]
    assert found[written].to_numpy().tolist() == [
        ["柳南区", "本周核实属实", "—", "25.0%（1/4）", "—"],
        ["城中区", "登记覆盖率", "70.8%（46/65）", "69.7%（46/66）", "−1.1 个百分点"],
        ["城中区", "未化解金额", "10.0 万元", "8.8 万元", "−1.2 万元"],
        ["城中区", "本周举报", "10 件", "13 件", "+3 件"],
    ]
    assert restated(frozen, frozen, UNITS).empty
    assert list(restated(frozen, frozen, UNITS).columns) == list(found.columns)


def test_reason_names_the_files_and_the_days() -> None:
    found = changes(
        {},
        {"kind": "correction", "rows": 3, "batch_id": 9, "received_on": "2022-08-04"},
        {"county_code": SOUTH},
        {"table": "inspection"},
        {"in_week": False, "rows": 100},
    )

    assert because(found, county_code=CITY, indicator=Figure.REPORTS) == (
        "迟报 12 行（《举报.xlsx》，7 月 28 日收到）；更正 3 处（《举报.xlsx》，8 月 4 日收到）"
    )
    assert because(found, county_code=SOUTH, indicator=Figure.INSPECTIONS) == NOT_KNOWN


def test_stock_is_changed_by_what_was_before_the_week_too() -> None:
    found = changes({"table": "rectification", "in_week": False})

    assert because(found, county_code=CITY, indicator=Figure.OPEN_ITEMS).startswith("整改迟报")
    assert because(found, county_code=CITY, indicator=Figure.ITEMS_OPENED) == NOT_KNOWN


def test_reader_who_may_not_see_a_file_is_told_the_day() -> None:
    unseen = changes({"file_name": None, "by": None})
    account = changes({"batch_id": None, "file_name": None, "kind": "correction", "rows": 1})
    release = changes(
        {"table": "inspection", "kind": "released", "batch_id": None, "file_name": None, "by": None}
    )

    reports, inspections = Figure.REPORTS, Figure.INSPECTIONS
    assert because(unseen, county_code=CITY, indicator=reports) == "迟报 12 行（7 月 28 日收到）"
    assert because(account, county_code=CITY, indicator=reports) == (
        "更正 1 处（450202@demo，7 月 28 日）"
    )
    assert because(release, county_code=CITY, indicator=inspections) == (
        "公布检查结果 12 处（7 月 28 日）"
    )


def test_plan_recorded_since_is_told_beside_the_disputes() -> None:
    recorded = {"table": "refund_plan", "kind": "recorded", "batch_id": None, "file_name": None}
    found = changes({**recorded, "rows": 1})

    assert because(found, county_code=CITY, indicator=Figure.WATCH_LIST_UNPLANNED) == (
        "一企一策方案补登 1 个（450202@demo，7 月 28 日）"
    )
    assert because(found, county_code=CITY, indicator=Figure.WATCH_LIST) == NOT_KNOWN


def test_many_files_are_counted_and_the_latest_named() -> None:
    found = changes(
        *({"batch_id": n, "received_on": f"2022-08-0{n}", "rows": 1} for n in range(1, 5))
    )

    said = because(found, county_code=CITY, indicator=Figure.REPORTS)
    assert said == (
        "迟报 4 行（《举报.xlsx》，8 月 4 日收到；《举报.xlsx》，8 月 3 日收到等 4 次）"
    )


def test_every_figure_says_what_it_is_counted_from() -> None:
    assert list(TABLES) == list(Figure)
    assert {table for tables in TABLES.values() for table in tables} == set(TITLES)
    assert set(Figure) >= OF_THE_WEEK
