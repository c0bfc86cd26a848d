"""The reporting week: Friday to Thursday, named by its Thursday."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.weeks import THURSDAY, WEEK, first_day, last_weeks, reporting_week

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2022, 8, 18), date(2022, 8, 18)),  # Thursday, its own
        (date(2022, 8, 19), date(2022, 8, 25)),  # Friday begins the next
        (date(2022, 8, 20), date(2022, 8, 25)),
        (date(2022, 8, 21), date(2022, 8, 25)),
        (date(2022, 8, 22), date(2022, 8, 25)),
        (date(2022, 8, 23), date(2022, 8, 25)),
        (date(2022, 8, 24), date(2022, 8, 25)),
        (date(2022, 8, 25), date(2022, 8, 25)),
        (date(2022, 8, 26), date(2022, 9, 1)),
        (date(2021, 12, 31), date(2022, 1, 6)),  # a week may lie in two years
    ],
)
def test_week_is_named_by_its_thursday(day: date, week: date) -> None:
    assert reporting_week(day) == week


def test_week_begins_on_friday() -> None:
    assert first_day(date(2022, 8, 25)) == date(2022, 8, 19)


@given(DAYS)
def test_every_day_lies_in_the_week_that_it_names(day: date) -> None:
    week = reporting_week(day)

    assert week.weekday() == THURSDAY
    assert first_day(week) <= day <= week
    assert {reporting_week(first_day(week) + timedelta(days=n)) for n in range(7)} == {week}


@given(DAYS, st.integers(1, 60))
def test_last_weeks_follow_each_other_up_to_that_of_the_day(day: date, weeks: int) -> None:
    found = last_weeks(day, weeks)

    assert len(found) == weeks
    assert found[-1] == reporting_week(day)
    assert {later - earlier for earlier, later in pairwise(found)} <= {WEEK}


def test_no_weeks_asked_are_none() -> None:
    assert last_weeks(date(2022, 8, 25), 0) == []
