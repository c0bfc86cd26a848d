"""How screens and files write numbers and days: as the sentences of ``analysis`` do."""

from analysis.wording import (
    MISSING,
    change,
    count,
    day,
    day_of_week,
    fraction,
    full_day,
    is_missing,
    percent,
    points,
    ratio,
    share,
    yuan,
)

__all__ = [
    "MISSING",
    "change",
    "count",
    "day",
    "day_of_week",
    "fraction",
    "full_day",
    "is_missing",
    "percent",
    "points",
    "ratio",
    "share",
    "yuan",
]
