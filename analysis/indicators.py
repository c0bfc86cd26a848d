"""The figures that leaders ask for: value, fraction, change and course."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import pandas as pd

# A share with a smaller denominator is shown with its fraction and never ranked.
SMALL_DENOMINATOR: Final = 10


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure as of a day.

    ``value`` is a share of 0 to 1 where ``denominator`` is given, else a count; NaN is
    unknown. ``change`` is the difference to the same weekday of the week before.
    ``course`` has one value for each of the last thirteen weeks, oldest first, the last
    one being ``value``. ``worse`` says whether the change is for the worse; ``None`` where
    more is neither good nor bad.
    """

    value: float
    change: float
    course: tuple[float, ...]
    worse: bool | None
    numerator: float = math.nan
    denominator: float = math.nan

    @property
    def is_small(self) -> bool:
        """Whether the share has too few cases to be compared."""
        return self.denominator < SMALL_DENOMINATOR


def share_indicator(numerators: pd.Series, denominators: pd.Series) -> Indicator:
    """Return the figure of a share that ought to grow, from its weekly course."""
    shares = numerators / denominators.where(denominators > 0)
    change = _last_change(shares)
    return Indicator(
        value=float(shares.iloc[-1]),
        change=change,
        course=tuple(shares),
        # A change that is written as 持平 is none.
        worse=round(change * 100, 1) < 0,
        numerator=float(numerators.iloc[-1]),
        denominator=float(denominators.iloc[-1]),
    )


def count_indicator(
    counts: pd.Series, *, more_is_worse: bool | None, before: float | None = None
) -> Indicator:
    """Return the figure of a count, from its weekly course.

    ``before`` is the count of the week before up to the same weekday, where the last week
    of ``counts`` is not over.
    """
    change = _last_change(counts) if before is None else float(counts.iloc[-1]) - before
    moved = not math.isnan(change) and change != 0
    worse = (change > 0) == more_is_worse if moved and more_is_worse is not None else None
    return Indicator(
        value=float(counts.iloc[-1]), change=change, course=tuple(counts.astype(float)), worse=worse
    )


def _last_change(course: pd.Series) -> float:
    return float(course.iloc[-1] - course.iloc[-2]) if len(course) > 1 else math.nan
