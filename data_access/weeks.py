"""The reporting week: Friday to Thursday, named by its Thursday (每周四前报送)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

THURSDAY: Final = 3
WEEK: Final = timedelta(days=7)


def reporting_week(day: date) -> date:
    """Return the Thursday that names the week of ``day``; a Thursday is its own."""
    return day + timedelta(days=(THURSDAY - day.weekday()) % 7)


def first_day(week: date) -> date:
    """Return the Friday on which the week named ``week`` begins."""
    return week - timedelta(days=6)
