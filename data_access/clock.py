"""The city's time: every date of the database is a day in Asia/Shanghai."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

TIME_ZONE: Final = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the city's time, without a zone, as the database keeps it."""
    return datetime.now(TIME_ZONE).replace(tzinfo=None, microsecond=0)


def today() -> date:
    """Return the city's day."""
    return now().date()


def from_timestamp(seconds: float) -> datetime:
    """Return a moment given in seconds since 1970 (UTC) as the city's time."""
    return datetime.fromtimestamp(seconds, TIME_ZONE).replace(tzinfo=None, microsecond=0)
