"""所属期 as offices write it, and which a document may have."""

from __future__ import annotations

import pytest

from data_access.ledgers.periods import due_day, read_periods, why_none


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2022-07-07", "2022-07-07"),
        ("2022/7/7", "2022-07-07"),
        ("2022.7.7", "2022-07-07"),
        ("2022年7月7日", "2022-07-07"),
        ("20220707", "2022-07-07"),
        ("44749", "2022-07-07"),
        ("2022-07-07 00:00:00", "2022-07-07"),
        ("2022年7月29日前", "2022-07-29"),
        ("2022年7月7日一周", "2022-07-07"),
        ("2022年7月1日至2022年7月7日", "2022-07-07"),
        ("2022-07-29-2", "2022-07-29-2"),
        ("2022-07-29（2）", "2022-07-29-2"),
        ("2022年7月29日第二个", "2022-07-29-2"),
        ("2022年7月29日之二", "2022-07-29-2"),
        ("2022-07-29（1）", "2022-07-29"),
    ],
)
def test_period_is_understood(text: str, period: str) -> None:
    meaning = read_periods([text], name="period", year=2022)

    assert meaning.values["period"].tolist() == [period]
    assert not meaning.errors
    assert not meaning.warnings


def test_period_without_its_year_takes_the_campaign_s_with_a_warning() -> None:
    meaning = read_periods(["7月29日前", ""], name="period", year=2022)

    assert meaning.values["period"].tolist() == ["2022-07-29", None]
    assert meaning.warnings == {0: "没有写年份，按 2022 年处理"}


@pytest.mark.parametrize("text", ["第一期", "2022-13-01", "2022-02-30", "七月", "2022-07-29（甲）"])
def test_what_is_no_period_is_told(text: str) -> None:
    meaning = read_periods([text], name="period", year=2022)

    assert meaning.values["period"].tolist() == [None]
    assert "不是能识别的所属期" in meaning.errors[0]


def test_weekly_form_is_of_a_thursday_and_only_cases_come_twice() -> None:
    assert why_none("weekly_form", "2022-07-07") is None
    assert "应为 2022-07-14" in str(why_none("weekly_form", "2022-07-08"))
    assert why_none("case", "2022-07-29-2") is None
    assert "只有典型案例" in str(why_none("summary", "2022-07-29-2"))
    assert why_none("summary", "2022-02-30") is not None
    assert due_day("2022-07-29-2").isoformat() == "2022-07-29"
