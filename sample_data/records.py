"""What a ledger says of one thing, and how that changed from week to week."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sample_data.days import LAST_DAY
from sample_data.units import LAGGARD

Value = str | int | float | bool | date | None
Values = dict[str, Value]
Milestone = tuple[date, Mapping[str, Value]]

LATE_SHARE = 0.06
LATE_SHARE_OF_LAGGARD = 0.35


@dataclass(frozen=True)
class Version:
    """A row as it stands from ``ready_on``: canonical headers and codes, not yet anyone's words."""

    ready_on: date
    values: Values


@dataclass(frozen=True)
class Record:
    """One line of a ledger with its history. ``key`` orders it; ``sender`` '' is its own unit."""

    kind: str
    key: str
    unit: str
    versions: tuple[Version, ...]
    sender: str = field(default="")


def history(milestones: Iterable[Milestone]) -> tuple[Version, ...]:
    """Return the row after each milestone, each adding to what was known before.

    The first milestone always shows, on the last day at the latest; a later
    one that is ready only after the last day doesn't.
    """
    (first_day, first), *later = sorted(milestones, key=lambda milestone: milestone[0])
    versions = [Version(min(first_day, LAST_DAY), dict(first))]
    for ready_on, values in later:
        if ready_on <= LAST_DAY:
            versions.append(Version(ready_on, {**versions[-1].values, **values}))
    return tuple(versions)


def paperwork(day: date, unit: str, rng: random.Random) -> date:
    """When the row on something that happened on the day is ready to be sent.

    Mostly within three days; some one to three weeks late, more in the laggard county.
    """
    share = LATE_SHARE_OF_LAGGARD if unit == LAGGARD else LATE_SHARE
    if rng.random() < share:
        return day + timedelta(days=rng.randrange(7, 22))
    return day + timedelta(days=rng.randrange(0, 4))
