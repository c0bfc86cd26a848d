"""Items that the system itself puts into the rectifications ledger, and how they are corrected.

A visit that found a violation and a check that found something each leave an item, numbered
``XT-…``. What told of it may be corrected, and the item follows as long as nobody has worked on
it; old values are kept, as of any row. All of it is done for many items at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Table, bindparam, func, insert, select, update

from data_access.ledgers.queries import insert_columns, is_one_of, select_in
from data_access.schema import import_batch, rectification, rectification_event, row_change

_NUMBERS: Final = {"inspection": "inspection_no", "rectification": "ledger_no"}
# Each follows another column, whose old value is kept.
_FOLLOWS: Final = frozenset(
    ("week", "violation_type_group", "institution_id", "institution_name_key")
)
_CHECKS: Final = "compliance_checks"


class Source(NamedTuple):
    """Where rows come from: a person, or a file's batch, and the day it reached us."""

    email: str | None
    batch_id: int | None
    day: date


def register(
    conn: Connection,
    items: Sequence[Mapping[str, Any]],
    notes: Sequence[str | None],
    source: Source,
    *,
    actor: str | None = None,
) -> dict[str, int]:
    """Put new items into the ledger, assigned, with the step of registering each; return ids.

    Each item states its ``ledger_no`` and all of them the same columns; its note goes into the
    step, taken by ``actor``. Ids are by number. Spells are for the caller to rebuild.
    """
    if not items:
        return {}
    arrived: dict[str, Sequence[Any]] = {
        "first_batch_id": [source.batch_id] * len(items),
        "received_by_us_on": [source.day] * len(items),
    }
    columns: dict[str, Sequence[Any]] = {name: [item[name] for item in items] for name in items[0]}
    insert_columns(conn, rectification, columns | arrived | {"status": ["assigned"] * len(items)})
    wanted = select(rectification.c.ledger_no, rectification.c.id)
    numbers = columns["ledger_no"]
    ids = {
        row.ledger_no: row.id for row in select_in(conn, wanted, rectification.c.ledger_no, numbers)
    }
    steps: dict[str, Sequence[Any]] = {
        "rectification_id": [ids[number] for number in numbers],
        "county_code": columns["county_code"],
        "happened_on": columns["opened_on"],
        "step": ["register"] * len(items),
        "actor": [actor] * len(items),
        "note": list(notes),
    }
    insert_columns(conn, rectification_event, steps | arrived)
    return ids


def worked_on(conn: Connection, items: Sequence[Row[Any]]) -> set[int]:
    """Return the ids of the items whose correcting would undo somebody's work.

    Work is any state but the first, a step after the first, or a change that a file brought;
    corrections that follow a check are none.
    """
    if not items:
        return set()
    event, change = rectification_event.c, row_change.c
    count = select(event.rectification_id, func.count().label("n"))
    ids = [item.id for item in items]
    of_these = is_one_of(conn, event.rectification_id, ids)
    steps = {
        row.rectification_id: row.n
        for row in conn.execute(count.where(of_these).group_by(event.rectification_id))
    }
    by_file = (
        select(change.row_key)
        .join(import_batch, import_batch.c.id == change.batch_id)
        .where(change.table_name == rectification.name, import_batch.c.kind != _CHECKS)
    )
    numbers = [item.ledger_no for item in items]
    filed = {row.row_key for row in select_in(conn, by_file, change.row_key, numbers)}
    return {
        item.id
        for item in items
        if item.status != "assigned" or steps.get(item.id) != 1 or item.ledger_no in filed
    }


def correct(
    conn: Connection,
    table: Table,
    wanted: Sequence[tuple[Row[Any], Mapping[str, Any]]],
    source: Source,
) -> None:
    """Let stored rows say what is wanted of each, keep their old values, count up versions."""
    changed = [
        (row, {name: value for name, value in says.items() if row._mapping[name] != value})
        for row, says in wanted
    ]
    changed = [(row, says) for row, says in changed if says]
    if not changed:
        return
    keep(conn, table, changed, source)
    names = sorted({name for _, says in changed for name in says})
    stmt = update(table).where(table.c.id == bindparam("row_id"))
    conn.execute(
        stmt.values(
            {name: bindparam(f"new_{name}") for name in names}
            | {"row_version": table.c.row_version + 1}
        ),
        [
            {f"new_{name}": says.get(name, row._mapping[name]) for name in names}
            | {"row_id": row.id}
            for row, says in changed
        ],
    )


def keep(
    conn: Connection,
    table: Table,
    changed: Sequence[tuple[Row[Any], Mapping[str, Any]]],
    source: Source,
) -> None:
    """Keep the old values of rows that are about to change, or to go."""
    number = _NUMBERS.get(table.name, "id")
    kept = [
        {
            "table_name": table.name,
            "row_key": str(row._mapping[number]),
            "county_code": row.county_code,
            "column_name": name,
            "old_value": _as_text(row._mapping[name]),
            "new_value": _as_text(value),
            "batch_id": source.batch_id,
            "email": source.email,
            "changed_on": source.day,
        }
        for row, says in changed
        for name, value in says.items()
        if name not in _FOLLOWS
    ]
    if kept:
        conn.execute(insert(row_change), kept)


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)
