"""The history of rectification items, left by the two ledgers that tell of them.

The rectifications ledger states what is; the events ledger states, step by step, how it
came about, and never changes the state. What the first implies is marked ``inferred``:

- ``register`` on the opening day and ``close`` on the closing day; they move with these.
- On a new state the step that leads to it, on the day the file was received, unless the
  latest step told is that one already. An item that was closed and is not any more was
  reopened on that day, whatever its new state.

An inferred step on a received day gives way to the exact one when that arrives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import numpy as np
from sqlalchemy import Connection, Row, bindparam, select, update

from data_access import clock
from data_access.ledgers.draft import Draft, Mask, as_values, present
from data_access.ledgers.queries import delete_in, insert_columns, select_in
from data_access.ledgers.rectification_spells import Event, spells, superseded
from data_access.schema import rectification, rectification_event, rectification_spell
from data_access.weeks import reporting_week

# Subjects of weekly_summary that count spells.
OPENED: Final = "rectification_opened"
CLOSED: Final = "rectification_closed"
_STEP_TO: Final = {
    "assigned": "assign",
    "submitted": "submit",
    "returned": "return",
    "reopened": "reopen",
}
_ITEM: Final = tuple(
    rectification.c[name]
    for name in ("id", "ledger_no", "county_code", "opened_on", "status", "closed_on", "withheld")
)
Weeks = dict[str, set[date]]
Step = tuple[str, date, str | None]


def add_submitters(conn: Connection, draft: Draft) -> None:
    """Put into ``draft`` who last applied for the closing of each known item."""
    table = rectification_event
    stmt = select(
        *(table.c[name] for name in ("rectification_id", "happened_on", "recorded_at")),
        table.c.id,
        table.c.actor,
    )
    rows = select_in(
        conn,
        stmt.where(table.c.step == "submit"),
        table.c.rectification_id,
        draft.ids[draft.alive],
    )
    last = {row.rectification_id: row.actor for row in sorted(rows, key=_in_time)}
    draft.given["submitter"] = as_values((last.get(item) for item in draft.ids), draft.length)


def _in_time(row: Row[Any]) -> tuple[date, bool, int]:
    return row.happened_on, row.recorded_at is not None, row.id


def record_states(conn: Connection, draft: Draft, written: Mask) -> Weeks:
    """Leave the events that new and changed items imply, and rebuild their spells.

    ``written`` marks the rows that were inserted or updated. Returns the weeks in which
    the counts of opened and closed items may have changed, by subject.
    """
    touched = written & ~draft.known
    for name in ("status", "opened_on", "closed_on", "county_code"):
        touched |= written & draft.differs(name)
    numbers = draft.merged["ledger_no"]
    items = {
        row.ledger_no: row
        for row in select_in(conn, select(*_ITEM), rectification.c.ledger_no, numbers[touched])
    }
    events = _events_of(conn, draft.ids[touched & draft.known])
    _follow_corrected_days(conn, draft, touched & draft.known, events)
    added: list[tuple[Row[Any], Step, datetime | None]] = []
    states = _states(draft, touched)
    for item, state in zip(map(items.__getitem__, numbers[touched]), states, strict=True):
        told = events[item.id]
        known = {(event.step, event.happened_on) for event in told}
        for step in _implied(draft, state, told):
            again = (step[0], step[1]) in known
            if not again or (state.status != state.was and _is_undone(step, told)):
                recorded_at = clock.now() if again else None
                told.append(Event(None, step[1], step[0], inferred=True, recorded_at=recorded_at))
                added.append((item, step, recorded_at))
    _insert_events(conn, draft, added)
    _keep_county_of_events(conn, draft, written)
    return _rebuild_spells(conn, list(items.values()), events)


def record_steps(conn: Connection, draft: Draft, written: Mask) -> Weeks:
    """Drop inferred steps that exact ones replace, and rebuild the spells of their items.

    Returns the weeks in which the counts of opened and closed items may have changed.
    """
    ids = sorted(set(draft.merged["rectification_id"][written]))
    items = select_in(conn, select(*_ITEM), rectification.c.id, ids)
    events = _events_of(conn, ids)
    replaced = {event for told in events.values() for event in superseded(told)}
    delete_in(
        conn,
        rectification_event,
        rectification_event.c.id,
        (event.id for event in replaced),
    )
    for told in events.values():
        told[:] = [event for event in told if event not in replaced]
    return _rebuild_spells(conn, items, events)


def rebuild(conn: Connection, items: Iterable[Any]) -> Weeks:
    """Rebuild the spells of items from their steps as they are stored; return the weeks."""
    ids = list(items)
    return _rebuild_spells(
        conn, select_in(conn, select(*_ITEM), rectification.c.id, ids), _events_of(conn, ids)
    )


def _insert_events(
    conn: Connection, draft: Draft, added: list[tuple[Row[Any], Step, datetime | None]]
) -> None:
    columns: dict[str, Sequence[Any]] = {
        "rectification_id": [item.id for item, _, _ in added],
        "county_code": [item.county_code for item, _, _ in added],
        "happened_on": [day for _, (_, day, _), _ in added],
        "step": [name for _, (name, _, _), _ in added],
        "actor": [actor for _, (_, _, actor), _ in added],
        "recorded_at": [recorded_at for _, _, recorded_at in added],
        "inferred": [True] * len(added),
        "first_batch_id": [draft.batch_id] * len(added),
        "received_by_us_on": [draft.received_on] * len(added),
    }
    insert_columns(conn, rectification_event, columns)


def _events_of(conn: Connection, items: Iterable[Any]) -> dict[int, list[Event]]:
    table = rectification_event
    stmt = select(
        table.c.rectification_id,
        *(table.c[name] for name in ("id", "happened_on", "step", "inferred", "recorded_at")),
    )
    events: dict[int, list[Event]] = defaultdict(list)
    for row in select_in(conn, stmt, table.c.rectification_id, items):
        events[row.rectification_id].append(
            Event(row.id, row.happened_on, row.step, row.inferred, row.recorded_at)
        )
    return events


class _State(NamedTuple):
    """What a row of the rectifications ledger says of an item, and the status before."""

    opened_on: date
    status: str
    closed_on: date
    verified_by: str | None
    stated_closed_on: date | None
    was: str | None


def _states(draft: Draft, touched: Mask) -> Iterator[_State]:
    merged = [
        draft.merged[name][touched].tolist()
        for name in ("opened_on", "status", "closed_on", "verified_by")
    ]
    stated = draft.column("stated_closed_on")[touched].tolist()
    return map(_State, *merged, stated, draft.was("status")[touched].tolist())


def _implied(draft: Draft, state: _State, events: Sequence[Event]) -> list[Step]:
    """Return the steps that one row of the rectifications ledger implies."""
    opened_on, status, closed_on, verified_by, stated, was = state
    steps: list[Step] = [("register", opened_on, None)]
    if status == "closed":
        return [*steps, ("close", closed_on, verified_by)]
    if status == was:
        return steps
    day = max(draft.received_on, opened_on)
    if was is None and stated is not None:
        steps.append(("close", stated, None))
    if was == "closed" and status != "reopened":
        steps.append(("reopen", day, None))
    step = _STEP_TO.get(status)
    # The first state of an item that was only handed out is no step of its own.
    if step is not None and not (was is None and step == "assign"):
        actor = draft.sender.name if draft.sender.is_county_account else None
        steps.append((step, day, actor))
    return [step for step in steps if not _is_latest(step, events)]


def _is_latest(step: Step, events: Iterable[Event]) -> bool:
    """Whether the latest of the steps told by its day is this step already."""
    name, day, _ = step
    told = [event for event in events if event.step != "register" and event.happened_on <= day]
    latest = max((event.happened_on for event in told), default=None)
    return not _is_undone(step, told) and any(
        event.step == name and event.happened_on == latest for event in told
    )


def _is_undone(step: Step, events: Iterable[Event]) -> bool:
    """Whether somebody took another step in the system after this one, on its day."""
    name, day, _ = step
    recorded = [
        (event.recorded_at, event.id or 0, event.step)
        for event in events
        if event.happened_on == day and event.recorded_at is not None
    ]
    return bool(recorded) and max(recorded)[-1] != name


def _follow_corrected_days(
    conn: Connection, draft: Draft, known: Mask, events: dict[int, list[Event]]
) -> None:
    """Let the steps of opening and closing follow days that the ledger has corrected."""
    moved: list[dict[str, Any]] = []
    dropped: list[int] = []
    for step, name in (("register", "opened_on"), ("close", "closed_on")):
        old, new = draft.was(name), draft.merged[name]
        corrected = known & draft.differs(name) & present(old) & present(new)
        for at in np.flatnonzero(corrected):
            told = events[draft.ids[at]]
            event = next((e for e in told if (e.step, e.happened_on) == (step, old[at])), None)
            if event is None or event.id is None:
                continue
            told.remove(event)
            if any((e.step, e.happened_on) == (step, new[at]) for e in told):
                dropped.append(event.id)
            else:
                told.append(event._replace(happened_on=new[at]))
                moved.append({"event_id": event.id, "day": new[at]})
    table = rectification_event
    delete_in(conn, table, table.c.id, dropped)
    if moved:
        stmt = update(table).where(table.c.id == bindparam("event_id"))
        conn.execute(stmt.values(happened_on=bindparam("day")), moved)


def _keep_county_of_events(conn: Connection, draft: Draft, written: Mask) -> None:
    moved = written & draft.differs("county_code")
    if not moved.any():
        return
    rows = [
        {"item": item, "county": county}
        for item, county in zip(draft.ids[moved], draft.merged["county_code"][moved], strict=True)
    ]
    table = rectification_event
    stmt = update(table).where(table.c.rectification_id == bindparam("item"))
    conn.execute(stmt.values(county_code=bindparam("county")), rows)


def _rebuild_spells(
    conn: Connection, items: Sequence[Row[Any]], events: dict[int, list[Event]]
) -> Weeks:
    table = rectification_spell
    ids = [item.id for item in items]
    weeks = weeks_of(conn, ids)
    delete_in(conn, table, table.c.rectification_id, ids)
    found = [
        (item, number, spell)
        for item in items
        for number, spell in enumerate(
            spells(item.opened_on, item.status, item.closed_on, events[item.id]), start=1
        )
    ]
    columns: dict[str, Sequence[Any]] = {
        "rectification_id": [item.id for item, _, _ in found],
        "spell_no": [number for _, number, _ in found],
        "county_code": [item.county_code for item, _, _ in found],
        "opened_on": [spell.opened_on for _, _, spell in found],
        "opened_week": [reporting_week(spell.opened_on) for _, _, spell in found],
        "closed_on": [spell.closed_on for _, _, spell in found],
        "closed_week": [
            None if spell.closed_on is None else reporting_week(spell.closed_on)
            for _, _, spell in found
        ],
        "withheld": [item.withheld for item, _, _ in found],
    }
    insert_columns(conn, table, columns)
    weeks[OPENED].update(columns["opened_week"])
    weeks[CLOSED].update(week for week in columns["closed_week"] if week is not None)
    return weeks


def weeks_of(conn: Connection, items: Iterable[Any]) -> Weeks:
    """Return the weeks in which the spells of the items begin and end, by subject."""
    table = rectification_spell
    stmt = select(table.c.rectification_id, table.c.opened_week, table.c.closed_week)
    weeks: Weeks = {OPENED: set(), CLOSED: set()}
    for row in select_in(conn, stmt, table.c.rectification_id, items):
        weeks[OPENED].add(row.opened_week)
        if row.closed_week is not None:
            weeks[CLOSED].add(row.closed_week)
    return weeks
