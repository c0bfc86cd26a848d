"""Before and during: which weeks, what averages, how sure, and what is not claimed."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis import effect
from analysis.effect import compare, periods, remark, sentence, since

STARTS, ENDS = date(2022, 7, 1), date(2022, 9, 30)  # Fridays
LONG_AGO, THURSDAY = date(2021, 1, 1), date(2022, 8, 25)
WEEK = timedelta(days=7)
CAMPAIGN: dict[str, Any] = {"starts_on": STARTS, "ends_on": ENDS, "as_of": THURSDAY}
BEFORE, DURING = periods(STARTS, ENDS, THURSDAY, began_on=LONG_AGO)


def test_thirteen_weeks_before_and_the_full_weeks_of_the_campaign() -> None:
    assert (len(BEFORE), BEFORE[0], BEFORE[-1]) == (13, date(2022, 4, 7), date(2022, 6, 30))
    assert (len(DURING), DURING[0], DURING[-1]) == (8, date(2022, 7, 7), THURSDAY)


def test_week_that_is_not_over_is_left_out() -> None:
    _, during = periods(STARTS, ENDS, THURSDAY - timedelta(days=1), began_on=LONG_AGO)

    assert during == DURING[:-1]


@pytest.mark.parametrize(
    ("starts_on", "last_before", "first_during"),
    [
        (date(2022, 7, 1), date(2022, 6, 30), date(2022, 7, 7)),  # a Friday
        (date(2022, 7, 2), date(2022, 6, 30), date(2022, 7, 14)),
        (date(2022, 7, 7), date(2022, 6, 30), date(2022, 7, 14)),  # a Thursday
    ],
)
def test_week_in_which_the_campaign_began_is_on_neither_side(
    starts_on: date, last_before: date, first_during: date
) -> None:
    before, during = periods(starts_on, ENDS, THURSDAY, began_on=LONG_AGO)

    assert (before[-1], during[0], len(before)) == (last_before, first_during, 13)
    assert since(starts_on) <= before[0] - timedelta(days=6)


def test_weeks_after_the_campaign_are_not_of_it() -> None:
    _, during = periods(STARTS, date(2022, 7, 20), THURSDAY, began_on=LONG_AGO)

    assert during == [date(2022, 7, 7), date(2022, 7, 14)]


@pytest.mark.parametrize(
    ("began_on", "weeks"),
    [(date(2022, 6, 17), 2), (date(2022, 6, 18), 1), (date(2022, 6, 25), 0), (THURSDAY, 0)],
)
def test_only_weeks_that_the_records_cover_whole_are_averaged_over(
    began_on: date, weeks: int
) -> None:
    assert len(periods(STARTS, ENDS, THURSDAY, began_on=began_on)[0]) == weeks


def test_before_the_campaign_there_is_nothing_during_it() -> None:
    before, during = periods(STARTS, ENDS, date(2022, 6, 29), began_on=LONG_AGO)

    assert (before[-1], during) == (date(2022, 6, 23), [])


def counts(*rows: tuple[str, date, str, str, int]) -> pd.DataFrame:
    names = ["subject", "week", "status", "kind", "n"]
    frame = pd.DataFrame(rows, columns=names).astype({"n": "int64"})
    return frame.assign(week=pd.to_datetime(frame["week"]).astype("datetime64[s]"))


def every_week(subject: str, before: int, during: int, **split: str) -> list[Any]:
    status, kind = split.get("status", ""), split.get("kind", "")
    return [
        (subject, week, status, kind, n)
        for weeks, n in ((BEFORE, before), (DURING, during))
        for week in weeks
        if n
    ]


def closed(*spans: tuple[date, int]) -> pd.DataFrame:
    """Items closed on a day, so many days after they were opened."""
    return pd.DataFrame(
        {
            "closed_on": pd.Series([day for day, _ in spans], dtype="datetime64[s]"),
            "opened_on": pd.Series(
                [day - timedelta(days=days) for day, days in spans], dtype="datetime64[s]"
            ),
        }
    )


def began(*subjects: str, on: date = LONG_AGO) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": pd.Series(subjects, dtype="str"),
            "began_on": pd.Series([on] * len(subjects), dtype="datetime64[s]"),
        }
    )


def compared(
    counted: pd.DataFrame, known: pd.DataFrame, closings: pd.DataFrame | None = None
) -> pd.DataFrame:
    found = compare(counted, closed() if closings is None else closings, known, **CAMPAIGN)
    assert found["indicator"].tolist() == [each.name for each in effect.INDICATORS]
    return found.set_index("indicator")


def test_average_of_a_week_takes_weeks_without_a_case_as_nought() -> None:
    counted = counts(
        ("violation_report", BEFORE[0], "received", "一对一", 13),
        ("violation_report", DURING[0], "received", "一对一", 8),
        ("violation_report", DURING[0], "substantiated", "其他", 8),
        ("violation_report", BEFORE[0] - WEEK, "received", "一对一", 99),
        ("violation_report", DURING[-1] + WEEK, "received", "一对一", 99),
    )

    row = compared(counted, began("violation_report")).loc["每周举报"]

    assert row[["before", "during", "change"]].tolist() == [1.0, 2.0, 1.0]
    assert row[["before_weeks", "during_weeks"]].tolist() == [13, 8]


def test_rates_divide_sums_and_not_averages_of_weeks() -> None:
    counted = counts(
        *every_week("violation_report_verified", 1, 3, status="substantiated"),
        *every_week("violation_report_verified", 3, 1, status="unsubstantiated"),
        *every_week("inspection", 1, 1, status="violation"),
        *every_week("inspection", 3, 1, status="clear"),
        *every_week("inspection", 5, 5, status="closed_door"),
    )
    found = compared(counted, began("violation_report_verified", "inspection"))

    assert found.loc["举报核实率", ["before", "during"]].tolist() == [0.25, 0.75]
    assert found.loc["检查查出率", ["before", "during"]].tolist() == [0.25, 0.5]
    assert found.loc["每周检查", ["before", "during"]].tolist() == [9.0, 7.0]


def test_registrations_are_those_of_non_subject_institutions() -> None:
    counted = counts(
        *every_week("institution_registered", 1, 2, kind="arts"),
        *every_week("institution_registered", 9, 9, kind="subject"),
    )
    row = compared(counted, began("institution_registered")).loc["每周非学科类机构平台登记"]

    assert row[["before", "during"]].tolist() == [1.0, 2.0]


def test_days_to_close_are_the_median_of_the_items_closed_in_the_weeks() -> None:
    spans = [(BEFORE[0], 10), (BEFORE[1], 20), (BEFORE[1], 90), (DURING[0], 4), (DURING[0], 6)]
    out = [(STARTS - WEEK * 20, 500), (DURING[-1] + timedelta(days=1), 500)]

    row = compared(counts(), began("rectification_closed"), closings=closed(*spans, *out)).loc[
        "销号用时中位数"
    ]

    assert row[["before", "during", "change"]].tolist() == [20.0, 5.0, -15.0]
    assert math.isnan(row["low"])  # of so few


def test_steady_weeks_have_an_interval_of_no_width_and_unsteady_ones_a_wide_one() -> None:
    steady = counts(*every_week("violation_report", 10, 20))
    unsteady = counts(
        *(("violation_report", week, "", "", 1 + 38 * (n % 2)) for n, week in enumerate(BEFORE)),
        *(("violation_report", week, "", "", 1 + 38 * (n % 2)) for n, week in enumerate(DURING)),
    )
    known = began("violation_report")

    narrow, wide = (compared(each, known).loc["每周举报"] for each in (steady, unsteady))

    assert narrow[["low", "high"]].tolist() == [10.0, 10.0]
    assert wide["low"] < 0 < wide["high"]
    assert wide["high"] - wide["low"] > 20


def test_interval_is_the_same_at_every_look() -> None:
    counted = counts(*(("inspection", week, "clear", "", n + 5) for n, week in enumerate(BEFORE)))
    counted = pd.concat([counted, counts(*every_week("inspection", 0, 7, status="clear"))])

    one, other = (compared(counted, began("inspection")) for _ in range(2))

    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("per_week", "weeks_of_records", "has_interval"), [(3, 4, True), (3, 3, False), (2, 4, False)]
)
def test_interval_needs_four_weeks_and_ten_cases_on_each_side(
    per_week: int, weeks_of_records: int, has_interval: bool
) -> None:
    counted = counts(*every_week("violation_report", per_week, 5))
    first = STARTS - WEEK * weeks_of_records

    row = compared(counted, began("violation_report", on=first)).loc["每周举报"]

    assert row["before_weeks"] == weeks_of_records
    assert row["before"] == per_week
    assert math.isnan(row["low"]) != has_interval
    assert remark(row) == ("行动期间较高" if has_interval else "一侧不足 4 周或 10 件，不给区间")


def test_subject_without_records_is_unknown_and_not_nought() -> None:
    found = compared(counts(), began())

    assert found[["before", "during", "change", "low", "high"]].isna().all(axis=None)
    assert {remark(row) for _, row in found.iterrows()} == {"行动前没有记录，无法相比"}


def test_records_that_begin_within_the_campaign_leave_nothing_to_compare_with() -> None:
    counted = counts(*every_week("violation_report", 0, 5))

    row = compared(counted, began("violation_report", on=STARTS)).loc["每周举报"]

    assert math.isnan(row["before"])
    assert row["during"] == 5
    assert remark(row) == "行动前没有记录，无法相比"


def said(counted: pd.DataFrame, known: pd.DataFrame, **when: Any) -> str:
    asked = CAMPAIGN | when
    return sentence(compare(counted, closed(), known, **asked), **asked)


def test_sentence_names_what_differs_and_claims_no_cause() -> None:
    counted = counts(
        *every_week("violation_report", 10, 20),
        *every_week("inspection", 20, 10, status="clear"),
        *every_week("refund_dispute_opened", 10, 10),
    )
    words = said(counted, began("violation_report", "inspection", "refund_dispute_opened"))

    assert words == (
        "行动期间（7 月 1 日至 8 月 25 日，8 个整周）与行动前（最多 13 个整周）相比："
        "较高的有每周举报；较低的有每周检查，其余看不出超出偶然波动的差别。"
        "这只是前后对比，不能据此认定是行动带来的。"
    )


def test_nothing_said_by_the_module_claims_that_the_campaign_did_it() -> None:
    words = [*effect.CAVEATS, said(counts(*every_week("inspection", 9, 18)), began("inspection"))]

    assert any("不能据此认定是行动带来的" in each for each in words)
    assert not any(
        claim in each for each in words for claim in ("成效", "因为行动", "使得", "促使")
    )


def test_sentence_of_too_little_says_what_is_missing() -> None:
    few = counts(*every_week("inspection", 1, 0))
    known = began("inspection")

    assert said(few, known, as_of=date(2022, 6, 29)) == "行动 7 月 1 日才开始，还没有可比的周。"
    assert said(few, known, as_of=date(2022, 7, 6)) == (
        "行动还没有满一个报送周，无法与行动前相比。"
    )
    assert said(few, began("inspection", on=STARTS)) == "行动前没有满一周的记录，无法相比。"
    assert "记录太少，分不清差别和偶然波动" in said(few, began("inspection", on=STARTS - WEEK))


@pytest.mark.parametrize(
    ("value", "unit", "average", "change"),
    [
        (12.34, "件", "12.3 件", "+12.3 件"),
        (-0.5, "share", "-50.0%", "−50.0 个百分点"),
        (0.352, "share", "35.2%", "+35.2 个百分点"),
        (8.0, "days", "8.0 天", "+8.0 天"),
        (0.0, "次", "0.0 次", "0.0 次"),
        (math.nan, "件", "—", "—"),
    ],
)
def test_averages_and_changes_are_written_with_their_units(
    value: float, unit: str, average: str, change: str
) -> None:
    assert effect.written(value, unit) == average
    assert effect.written_change(value, unit) == change


def test_interval_is_written_from_end_to_end() -> None:
    assert effect.written_interval(-0.012, 0.034, "share") == "−1.2 至 +3.4"
    assert effect.written_interval(math.nan, math.nan, "件") == "—"
