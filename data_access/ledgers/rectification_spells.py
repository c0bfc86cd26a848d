"""What the steps of a rectification item amount to: pure functions of its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

# Steps that a later exact report of the same step replaces when they were only inferred.
_GIVES_WAY: Final = frozenset({"assign", "submit", "return", "reopen"})


class Event(NamedTuple):
    """One step of an item; ``id`` is ``None`` while it is not stored.

    ``recorded_at`` is when it was taken in the system, ``None`` where a file told of it.
    """

    id: int | None
    happened_on: date
    step: str
    inferred: bool
    recorded_at: datetime | None = None


class Spell(NamedTuple):
    """From when to when an item was open; ``None`` is until now."""

    opened_on: date
    closed_on: date | None


def spells(
    opened_on: date, status: str, closed_on: date | None, events: Iterable[Event]
) -> list[Spell]:
    """Return when an item was open, oldest first; never empty.

    The item's current row wins where its events contradict it: the first spell begins on
    ``opened_on``, and events before that day do not count. A closed item's last spell ends
    on ``closed_on`` (on its own first day where that is later), and spells begun after
    ``closed_on`` are left out. Of an item that is not closed the last spell is open. A
    closing while closed and a reopening while open change nothing; of a closing and a
    reopening on one day the one that applies comes first.
    """
    found = _walk(opened_on, events)
    if status != "closed" or closed_on is None:
        found[-1] = Spell(found[-1].opened_on, None)
        return found
    while len(found) > 1 and (
        found[-1].opened_on > closed_on or (found[-1].opened_on == closed_on == found[-2].closed_on)
    ):
        found.pop()
    found[-1] = Spell(found[-1].opened_on, max(closed_on, found[-1].opened_on))
    return found


def _walk(opened_on: date, events: Iterable[Event]) -> list[Spell]:
    days: dict[date, set[str]] = {}
    for event in events:
        if event.step in ("close", "reopen") and event.happened_on >= opened_on:
            days.setdefault(event.happened_on, set()).add(event.step)
    found = [Spell(opened_on, None)]
    for day in sorted(days):
        is_open = found[-1].closed_on is None
        for step in ("close", "reopen") if is_open else ("reopen", "close"):
            if step not in days[day]:
                continue
            if step == "close" and found[-1].closed_on is None:
                found[-1] = Spell(found[-1].opened_on, day)
            elif step == "reopen" and found[-1].closed_on is not None:
                found.append(Spell(day, None))
    return found


def superseded(events: Sequence[Event]) -> list[Event]:
    """Return the inferred steps that an exact report of the same step has replaced.

    The exact one happened on or before the inferred one's day, and no other step was
    reported exactly between the two.
    """
    exact = [event for event in events if not event.inferred and event.step != "register"]
    return [
        event
        for event in events
        if event.inferred
        and event.recorded_at is None
        and event.step in _GIVES_WAY
        and _is_replaced(event, exact)
    ]


def _is_replaced(event: Event, exact: Iterable[Event]) -> bool:
    before = [other for other in exact if other.happened_on <= event.happened_on]
    latest = max((other.happened_on for other in before), default=None)
    return any(other.step == event.step and other.happened_on == latest for other in before)
