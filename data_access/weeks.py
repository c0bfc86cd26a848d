"""The reporting week: Friday to Thursday, named by its Thursday (每周四前报送)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

THURSDAY: Final = 3
WEEK: Final = timedelta(days=7)


def reporting_week(day: date) -> date:
    """Return the Thursday that names the week of ``day``; a Thursday is its own."""
    return day + timedelta(days=(THURSDAY - day.weekday()) % 7)


def last_full_week(day: date) -> date:
    """Return the last reporting week that is over on ``day``: a part of a week is no week."""
    week = reporting_week(day)
    return week if week == day else week - WEEK


def first_day(week: date) -> date:
    """Return the Friday on which the week named ``week`` begins."""
    return week - timedelta(days=6)


def last_weeks(day: date, weeks: int) -> list[date]:
    """Return the names of the last reporting weeks up to that of ``day``, oldest first."""
    this_week = reporting_week(day)
    return [this_week - WEEK * back for back in reversed(range(weeks))]


def thursdays(since: date, until: date) -> list[date]:
    """Return the names of the reporting weeks from that of a day to that of another."""
    first, last = reporting_week(since), reporting_week(until)
    return [first + WEEK * number for number in range((last - first) // WEEK + 1)]
