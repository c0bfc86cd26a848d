"""The calendar of the sample: which days it covers and how busy each of them is."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import accumulate
from math import exp

FIRST_DAY = date(2022, 4, 1)
LAST_DAY = date(2022, 8, 25)
SURGE_DAY = date(2022, 7, 18)
SURGE_WIDTH = 24.0
SATURDAY = 5

THURSDAYS = tuple(date(2022, 4, 7) + timedelta(weeks=week) for week in range(21))


def dice(seed: int, subject: str) -> random.Random:
    """Return random numbers for one subject: more of it leaves the others as they were."""
    return random.Random(f"{seed}:{subject}")  # noqa: S311 - repeatable on purpose, no secret


def days_between(first: date, last: date) -> list[date]:
    """Return every day from ``first`` to ``last``, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


class Rhythm:
    """Days to draw from, some likelier than others."""

    def __init__(self, first: date, last: date, weight: Callable[[date], float]) -> None:
        self.days = days_between(first, last)
        self._upto = list(accumulate(weight(day) for day in self.days))

    def draw(self, rng: random.Random) -> date:
        """Draw one day."""
        return rng.choices(self.days, cum_weights=self._upto)[0]


def summer_rhythm(
    *, surge: float, weekend: float, first: date = FIRST_DAY, last: date = LAST_DAY
) -> Rhythm:
    """Return days that are quiet in spring and busiest in mid-July.

    ``surge`` is what the busiest weekday adds to an early weekday's weight of 1;
    ``weekend`` is the share of a weekday's weight that a Saturday or Sunday has.
    """

    def weight(day: date) -> float:
        level = 1 + surge * exp(-(((day - SURGE_DAY).days / SURGE_WIDTH) ** 2))
        return level * (weekend if day.weekday() >= SATURDAY else 1)

    return Rhythm(first, last, weight)


def workday(day: date) -> date:
    """Return the day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))
