"""How far registration is, when it will be done, and what holds an institution up."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis.registration import (
    Outlook,
    city_course,
    headline,
    holdups,
    projection,
    qualified_note,
    subject_note,
    with_shares,
)

THURSDAY = date(2022, 8, 25)
WEEK = timedelta(weeks=1)
ENDS_ON = date(2022, 9, 30)  # 36 days after the Thursday
ITEMS = ("licence", "staff", "certificates")
COUNTS = ["in_operation", "registered", "qualified", "qualified_registered"]


def course(**registered: tuple[int, list[int]]) -> pd.DataFrame:
    """Institutions in operation and the registered of five weeks, by county."""
    rows = [
        {
            "county_code": name,
            "county": name,
            "day": pd.Timestamp(THURSDAY - WEEK * (len(counts) - 1 - place)),
            "in_operation": total,
            "registered": count,
            "qualified": 0,
            "qualified_registered": 0,
        }
        for name, (total, counts) in registered.items()
        for place, count in enumerate(counts)
    ]
    columns = ["county_code", "county", "day", *COUNTS]
    return pd.DataFrame(rows, columns=columns).astype(
        {"county_code": "str", "county": "str", "day": "datetime64[s]"}
        | dict.fromkeys(COUNTS, "int64")
    )


def projected(total: int, counts: list[int], *, ends_on: date = ENDS_ON) -> pd.Series:
    return projection(course(甲=(total, counts)), ends_on=ends_on).iloc[0]


def sentence(frame: pd.DataFrame, where: str = "全市") -> str:
    return headline(
        city_course(frame), projection(frame, ends_on=ENDS_ON), where=where, ends_on=ENDS_ON
    )


@pytest.mark.parametrize(
    ("total", "counts", "pace", "days", "outlook"),
    [
        (20, [16, 17, 18, 19, 20], 1, None, Outlook.DONE),
        (20, [20, 20, 20, 20, 20], 0, None, Outlook.DONE),
        (24, [16, 17, 18, 19, 20], 1, 28, Outlook.ON_TIME),
        (25, [12, 14, 16, 18, 20], 2, 18, Outlook.ON_TIME),  # 17.5 days are 18
        (25, [16, 17, 18, 19, 20], 1, 35, Outlook.ON_TIME),
        (26, [16, 17, 18, 19, 20], 1, 42, Outlook.LATE),
        (24, [20, 20, 20, 20, 20], 0, None, Outlook.UNKNOWN),
        (24, [22, 20, 20, 20, 20], -0.5, None, Outlook.UNKNOWN),
        (20, [22, 22, 22, 20, 20], -0.5, None, Outlook.DONE),
        (0, [0, 0, 0, 0, 0], 0, None, Outlook.EMPTY),
        (10_000_001, [0, 0, 0, 0, 1], 0.25, None, Outlook.UNKNOWN),  # beyond the year 9999
    ],
)
def test_pace_of_four_weeks_says_when_a_county_is_done(
    total: int, counts: list[int], pace: float, days: int | None, outlook: Outlook
) -> None:
    row = projected(total, counts)

    assert row["pace"] == pace
    assert row["unregistered"] == total - counts[-1]
    assert row["outlook"] == outlook
    if days is None:
        assert pd.isna(row["projected_on"])
    else:
        assert row["projected_on"] == pd.Timestamp(THURSDAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("ends_on", "outlook"),
    [
        (THURSDAY + timedelta(days=28), Outlook.ON_TIME),
        (THURSDAY + timedelta(days=27), Outlook.LATE),
    ],
)
def test_done_on_the_last_day_is_on_time_and_a_day_after_it_late(
    ends_on: date, outlook: Outlook
) -> None:
    assert projected(24, [16, 17, 18, 19, 20], ends_on=ends_on)["outlook"] == outlook


def test_pace_looks_at_the_day_four_weeks_before_and_at_no_other() -> None:
    assert projected(24, [0, 16, 17, 18, 19, 20])["pace"] == 1
    assert projected(24, [16, 0, 99, 5, 20])["pace"] == 1


def test_projection_keeps_the_order_of_the_counties_and_their_types() -> None:
    frame = projection(
        course(乙=(10, [0, 0, 0, 0, 10]), 甲=(0, [0] * 5), 丙=(10, [5] * 5)), ends_on=ENDS_ON
    )

    assert frame["county"].tolist() == ["乙", "甲", "丙"]
    assert frame["outlook"].tolist() == ["done", "empty", "unknown"]
    assert frame["coverage"].tolist() == pytest.approx([1, math.nan, 0.5], nan_ok=True)
    assert frame.dtypes.astype(str)[
        ["unregistered", "pace", "projected_on", "outlook", "coverage"]
    ].tolist() == ["int64", "float64", "datetime64[s]", "str", "float64"]


def test_projection_of_no_county_has_its_columns() -> None:
    frame = projection(course(), ends_on=ENDS_ON)

    assert frame.empty
    assert {"pace", "projected_on", "outlook", "unregistered"} <= set(frame)


def test_shares_are_unknown_where_there_is_nothing_to_divide_by() -> None:
    counts = pd.DataFrame([[4, 3, 2, 1], [4, 0, 0, 0], [0, 0, 0, 0]], columns=COUNTS)

    shares = with_shares(counts)

    assert shares["coverage"].tolist() == pytest.approx([0.75, 0, math.nan], nan_ok=True)
    assert shares["qualified_share"].tolist() == pytest.approx(
        [0.5, math.nan, math.nan], nan_ok=True
    )


def test_city_adds_its_counties_up_day_by_day() -> None:
    city = city_course(course(乙=(10, [1, 2]), 甲=(30, [3, 4]), 丙=(0, [0, 0])))

    assert city["day"].dt.date.tolist() == [THURSDAY - WEEK, THURSDAY]
    assert city["in_operation"].tolist() == [40, 40]
    assert city["coverage"].tolist() == [0.1, 0.15]


def test_headline_names_the_counties_that_will_not_make_it() -> None:
    frame = course(甲=(30, [16, 17, 18, 19, 20]), 乙=(10, [5] * 5), 丙=(25, [16, 17, 18, 19, 21]))

    assert sentence(frame) == (
        "全市登记覆盖率 70.8%（46/65），较上周 +4.6 个百分点；"
        "2 个县区按近四周进度 9 月 30 日前不能全覆盖：甲、乙"
    )


def test_headline_of_a_city_in_time_says_so() -> None:
    frame = course(甲=(24, [16, 17, 18, 20, 20]), 乙=(10, [10] * 5))

    assert sentence(frame) == (
        "全市登记覆盖率 88.2%（30/34），与上周持平；按近四周进度 9 月 30 日前可全覆盖"
    )


def test_headline_of_one_county_does_not_name_it_twice() -> None:
    assert sentence(course(甲=(20, [11, 11, 11, 11, 10])), where="融安县") == (
        "融安县登记覆盖率 50.0%（10/20），较上周 −5.0 个百分点；按近四周进度 9 月 30 日前不能全覆盖"
    )


def test_headline_of_full_coverage_looks_no_further() -> None:
    assert sentence(course(甲=(20, [16, 17, 18, 19, 20]), 乙=(0, [0] * 5))) == (
        "全市登记覆盖率 100.0%（20/20），较上周 +5.0 个百分点；已全覆盖"
    )


def test_headline_has_no_change_where_there_was_nothing_a_week_ago() -> None:
    frame = course(甲=(0, [0, 0, 0, 0, 0]))
    frame.loc[frame["day"] == pd.Timestamp(THURSDAY), ["in_operation", "registered"]] = [4, 4]

    assert sentence(frame) == "全市登记覆盖率 100.0%（4/4），上周还没有在营机构；已全覆盖"


def test_headline_of_nothing_explains_itself() -> None:
    assert sentence(course(甲=(0, [0] * 5))) == "所选范围内没有在营的非学科类机构。"


@pytest.mark.parametrize(
    ("counts", "note"),
    [
        (
            {"甲": (1200, [3]), "乙": (34, [0])},
            "学科类机构另计，不在以上数字内：在营 1,234 家，其中平台已登记 3 家。",
        ),
        ({"甲": (0, [0])}, "所选范围内没有在营的学科类机构。"),
        ({}, "所选范围内没有在营的学科类机构。"),
    ],
)
def test_subject_institutions_are_told_apart(counts: dict[str, Any], note: str) -> None:
    assert subject_note(course(**counts)) == note


def unregistered(*rows: tuple[int, date | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["id", "qualified_on"])
    return frame.astype({"id": "int64", "qualified_on": "datetime64[s]"})


def states(*rows: tuple[int, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["institution_id", "item", "outcome"])
    return frame.astype({"institution_id": "int64", "item": "str", "outcome": "str"})


def held_up(institutions: pd.DataFrame, outcomes: pd.DataFrame) -> list[list[tuple[str, ...]]]:
    frame = holdups(institutions, outcomes, items=ITEMS)
    return frame[["failed", "pending", "missing"]].to_numpy().tolist()


def test_item_holds_up_that_failed_is_pending_or_was_not_looked_at() -> None:
    outcomes = states((1, "staff", "pending"), (1, "licence", "fail"), (1, "scale", "fail"))

    assert held_up(unregistered((1, None)), outcomes) == [
        [("licence",), ("staff",), ("certificates",)]
    ]


def test_items_come_in_their_own_order_and_passed_ones_hold_nothing_up() -> None:
    outcomes = states((1, "certificates", "fail"), (1, "staff", "pass"), (1, "licence", "fail"))

    assert held_up(unregistered((1, None)), outcomes) == [[("licence", "certificates"), (), ()]]


def test_qualified_institution_is_held_up_by_nothing() -> None:
    outcomes = states((1, "licence", "fail"))

    assert held_up(unregistered((1, THURSDAY)), outcomes) == [[(), (), ()]]


def test_institution_without_a_verification_misses_every_item() -> None:
    rows = unregistered((2, None), (1, None))

    assert held_up(rows, states((1, "licence", "pass"))) == [
        [(), (), ITEMS],
        [(), (), ("staff", "certificates")],
    ]
    assert held_up(rows, states()) == [[(), (), ITEMS]] * 2


def test_nobody_unregistered_is_held_up_by_nothing() -> None:
    frame = holdups(unregistered(), states((1, "licence", "fail")), items=ITEMS)

    assert frame.empty
    assert {"failed", "pending", "missing"} <= set(frame)


@pytest.mark.parametrize(
    ("counts", "note"),
    [
        (
            (10, 8, 5, 4),
            "合格登记率 80.0%（4/5），合格而未登记 1 家；另有 4 家未核查合格而已登记。",
        ),
        ((10, 5, 5, 5), "合格登记率 100.0%（5/5），合格而未登记 0 家。"),
        ((10, 3, 0, 0), "还没有核查合格的机构，合格登记率无从计算。"),
    ],
)
def test_qualified_registration_is_told_with_what_is_registered_early(
    counts: tuple[int, ...], note: str
) -> None:
    city = pd.DataFrame([counts], columns=COUNTS)

    assert qualified_note(city) == note
