"""Days off: 调休, holidays in the week, the edges of school holidays, and days nobody knows."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from analysis import school_days
from analysis.school_days import SettingsError, UnknownDayError


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2022, 10, 3), "国庆节假期"),  # a Monday
        (date(2022, 10, 1), "国庆节假期"),  # a Saturday
        (date(2022, 10, 8), None),  # a Saturday that is worked
        (date(2022, 10, 9), None),
        (date(2022, 10, 15), "周六"),
        (date(2022, 10, 16), "周日"),
        (date(2022, 10, 14), None),
        (date(2022, 9, 12), "中秋假期"),  # a Monday in lieu of the Saturday
        (date(2022, 4, 2), "壮族三月三"),  # worked in the country, not in the region
        (date(2022, 4, 5), "清明假期"),
        (date(2022, 4, 6), "壮族三月三"),
        (date(2022, 4, 7), None),
        (date(2024, 2, 29), None),
    ],
)
def test_rest_day_is_a_public_holiday_or_a_weekend_that_is_not_worked(
    day: date, name: str | None
) -> None:
    assert school_days.rest_name(day) == name
    assert school_days.is_rest_day(day) is (name is not None)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2023, 1, 13), None),
        (date(2023, 1, 14), "winter"),
        (date(2023, 2, 10), "winter"),
        (date(2023, 2, 11), None),
        (date(2022, 7, 8), None),
        (date(2022, 7, 9), "summer"),
        (date(2022, 8, 26), "summer"),
        (date(2022, 8, 27), None),
    ],
)
def test_school_holiday_holds_from_its_first_to_its_last_day(day: date, kind: str | None) -> None:
    assert school_days.school_holiday(day) == kind


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2022, 8, 20), "周六、暑假"),
        (date(2022, 8, 22), "暑假"),
        (date(2023, 1, 24), "春节假期、寒假"),
        (date(2022, 9, 3), "周六"),
        (date(2022, 9, 5), ""),
        (date(2023, 1, 28), "寒假"),  # a Saturday worked in lieu, in the holidays of schools
        (date(2024, 1, 6), "周六"),  # the terms of 2024 are not known, a Saturday is
    ],
)
def test_every_reason_of_a_day_is_named(day: date, why: str) -> None:
    assert school_days.why_off(day) == why


def test_a_day_that_nobody_knows_is_not_guessed() -> None:
    with pytest.raises(UnknownDayError, match=r"没有 2027 年的法定节假日安排.*请更新"):
        school_days.is_rest_day(date(2027, 1, 1))
    assert school_days.school_holiday(date(2023, 8, 25)) == "summer"
    with pytest.raises(UnknownDayError, match=r"校历只有 2021-07-24 到 2023-08-25.*请在"):
        school_days.school_holiday(date(2023, 8, 26))
    with pytest.raises(UnknownDayError):
        school_days.why_off(date(2024, 1, 8))  # a Monday, perhaps in term


def test_many_days_are_told_once_each_and_the_unknown_ones_apart() -> None:
    days = [date(2024, 1, 8), date(2022, 8, 20), date(2022, 8, 20), date(2022, 9, 5)]

    found = school_days.days_off(days)

    assert found.to_dict("list") == {
        "day": [pd.Timestamp(day) for day in ("2022-08-20", "2022-09-05", "2024-01-08")],
        "off": ["周六、暑假", "", ""],
        "known": [True, True, False],
    }
    assert school_days.days_off([]).dtypes.to_dict() == found.dtypes.to_dict()


TERMS = """
[known]
from = 2024-01-01
to = 2024-03-31
[[holiday]]
kind = "winter"
from = 2024-01-20
to = 2024-02-29
checked = true
source = "校历"
[[local]]
name = "本地节日"
rest = [2024-03-05]
work = [2024-03-09]
"""


def test_terms_of_another_year_are_settings_alone() -> None:
    known = school_days.parse(TERMS)

    assert school_days.why_off(date(2024, 2, 29), known=known) == "寒假"
    assert school_days.why_off(date(2024, 3, 1), known=known) == ""
    assert school_days.why_off(date(2024, 3, 5), known=known) == "本地节日"
    assert school_days.why_off(date(2024, 3, 9), known=known) == ""  # a Saturday, worked here
    assert school_days.unchecked(known) == ""


def test_what_the_office_has_not_checked_is_said() -> None:
    assert school_days.unchecked() == (
        "校历中 2021 至 2023 年 5 段寒暑假的起止日期尚未由教育局核对。"
    )
    once = school_days.parse(TERMS.replace("checked = true", "checked = false"))
    assert school_days.unchecked(once) == ("校历中 2024 年 1 段寒暑假的起止日期尚未由教育局核对。")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kind = "winter"', 'kind = "spring"'), "kind 应是"),
        (("to = 2024-02-29", "to = 2024-01-19"), "to 早于 from"),
        (("to = 2024-03-31", "to = 2023-03-31"), "known"),
        (("work = [2024-03-09]", "work = [2024-03-05]"), "既休息又补班"),
        (('source = "校历"\n', ""), "缺少 'source'"),
    ],
)
def test_terms_that_cannot_be_used_are_refused_in_words(change: tuple[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        school_days.parse(TERMS.replace(*change))
