"""An understood file into the database: one file, one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select, update

from data_access import summaries, versions
from data_access.ledgers import (
    check_items,
    deriving,
    linking,
    masking,
    matching,
    rectification_history,
    rules,
)
from data_access.ledgers.cells import clean
from data_access.ledgers.draft import Draft, Mask, Sender, Values
from data_access.ledgers.kinds import Masks
from data_access.ledgers.problems import Problem
from data_access.ledgers.queries import insert_columns
from data_access.ledgers.understanding import Understanding
from data_access.schema import (
    compliance_check,
    course_fee,
    data_version,
    fee_charge,
    import_batch,
    import_problem,
    inspection,
    institution,
    rectification,
    rectification_event,
    refund_dispute,
    row_change,
    verification,
    violation_report,
)
from data_access.shards import SHARDED

__all__ = ["Sender", "Stored", "Written", "storable", "store", "write"]

BEIJING: Final = ZoneInfo("Asia/Shanghai")
NAME_LENGTH: Final = 255
_BREAK: Final = re.compile(r"[\r\n\t]+")
Weeks = dict[str, set[date]]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a file.

    ``rows_updated`` counts every row that was known, changed or not, ``rows_changed`` those of
    them that say something else now; a step of an item that was only inferred until now counts
    as loaded. ``changed`` is whether anything in the
    database that figures may read is another than before. ``rejected`` marks the rejected
    rows of the understanding, those of reading included, and ``problems`` has its problems
    and those found here.
    """

    batch_id: int
    rows_read: int
    rows_loaded: int
    rows_updated: int
    rows_rejected: int
    rows_changed: int
    rejected: Mask
    problems: list[Problem]
    changed: bool


def store(
    conn: Connection, understanding: Understanding, *, received_on: date, sender: Sender
) -> Stored:
    """Store a file's rows within the caller's transaction, which it must end.

    Each row is loaded, known already (updated) or rejected with a reason. ``received_on``
    is the day the file reached us: new rows carry it, and changes are dated by it. The
    understanding itself is left as it is, so that it can be stored again after a trial.

    Imports take turns: the second waits here until the first has ended its transaction.
    """
    batch_id = _begin(conn, understanding, received_on, sender)
    draft = Draft(understanding, received_on=received_on, sender=sender, batch_id=batch_id)
    matching.match(conn, draft)
    written = write(conn, draft)
    inferred = written.inferred
    stored = Stored(
        batch_id=batch_id,
        rows_read=draft.length,
        rows_loaded=int((draft.alive & (~draft.known | inferred)).sum()),
        rows_updated=int((draft.alive & draft.known & ~inferred).sum()),
        rows_rejected=int(draft.rejected.sum()),
        rows_changed=int(written.edited.sum()),
        rejected=draft.rejected,
        problems=draft.problems,
        changed=written.changed,
    )
    _end(conn, stored)
    return stored


class Written(NamedTuple):
    """Which rows replaced what was inferred, which say something else, whether figures may."""

    inferred: Mask
    edited: Mask
    changed: bool


def write(conn: Connection, draft: Draft) -> Written:
    """Judge the rows of a draft whose stored rows are known, and write those that may stand.

    Where a person changes a row on a page, and no file does, the draft has no batch: old values
    are kept under the sender's name.
    """
    draft.merge()
    if draft.table is rectification:
        rectification_history.add_submitters(conn, draft)
    # What was only inferred has no old value to keep when the exact step arrives, and no
    # file has told of it before.
    inferred = np.asarray(draft.was("inferred") == True, dtype=np.bool_)  # noqa: E712
    # First of all: what is wrong with a row that was changed meanwhile may be right by now.
    rules.refuse_rows_changed_since(draft, _edited(draft, draft.tracked) & ~inferred)
    rules.judge(draft)
    deriving.derive(conn, draft)
    edited = _edited(draft, draft.tracked) & ~inferred
    rules.refuse_rows_changed_since(draft, edited)
    loaded = draft.alive & ~draft.known
    edited &= draft.alive
    rewritten = (edited | _edited(draft, list(draft.derived))) & draft.alive
    _insert(conn, draft, loaded)
    _update(conn, draft, edited, rewritten)
    changed = _follow_up(conn, draft, loaded | rewritten)
    if changed:
        versions.bump(conn)
    return Written(inferred, edited, changed)


def _begin(
    conn: Connection, understanding: Understanding, received_on: date, sender: Sender
) -> int:
    # The first statement writes: SQLite gives the transaction its write lock at once,
    # and does not refuse it half-way because another import came first.
    batch = conn.execute(
        insert(import_batch).values(
            kind=understanding.kind.name,
            file_name=storable(understanding.file_name),
            sha256=understanding.sha256,
            county_code=sender.county_code,
            imported_by=sender.name[:255],
            imported_at=datetime.now(BEIJING).replace(tzinfo=None, microsecond=0),
            received_on=received_on,
            rows_read=0,
            rows_loaded=0,
            rows_updated=0,
            rows_rejected=0,
        )
    )
    # On PostgreSQL the same turn is taken by locking this one row.
    conn.execute(select(data_version.c.version).with_for_update())
    key: int = batch.inserted_primary_key[0]  # type: ignore[index]
    return key


def _end(conn: Connection, stored: Stored) -> None:
    conn.execute(
        update(import_batch)
        .where(import_batch.c.id == stored.batch_id)
        .values(
            rows_read=stored.rows_read,
            rows_loaded=stored.rows_loaded,
            rows_updated=stored.rows_updated,
            rows_rejected=stored.rows_rejected,
        )
    )
    problems = stored.problems
    columns: dict[str, Sequence[Any]] = {
        "batch_id": [stored.batch_id] * len(problems),
        "sheet": _each([problem.sheet for problem in problems], storable),
        "row": [problem.row for problem in problems],
        "column": _each([problem.column for problem in problems], storable),
        "value": _each([problem.value for problem in problems], clean),
        "problem": _each([problem.problem for problem in problems], masking.hide),
        "severity": [problem.severity for problem in problems],
    }
    insert_columns(conn, import_problem, columns)


def storable(name: str) -> str:
    """Return what is kept of a name that the sender chose: no personal data, nothing unseen."""
    return masking.hide(_BREAK.sub(" ", clean(name)))[-NAME_LENGTH:]


def _each(texts: Sequence[str | None], change: Callable[[str], str]) -> list[str | None]:
    """Change texts, each of the few distinct ones once."""
    changed = {text: change(text) for text in set(texts) if text is not None}
    return [None if text is None else changed[text] for text in texts]


def _edited(draft: Draft, names: list[str]) -> Mask:
    """Known rows that would hold something else in one of the columns."""
    edited = np.zeros(draft.length, dtype=bool)
    for name in names:
        edited |= draft.differs(name)
    return edited


def _insert(conn: Connection, draft: Draft, loaded: Mask) -> None:
    columns: dict[str, Sequence[Any]] = {
        name: values[loaded].tolist()
        for held in (draft.derived, draft.merged)
        for name, values in held.items()
    }
    n = int(loaded.sum())
    columns["first_batch_id"] = [draft.batch_id] * n
    columns["received_by_us_on"] = [draft.received_on] * n
    insert_columns(conn, draft.table, columns)


def _update(conn: Connection, draft: Draft, edited: Mask, rewritten: Mask) -> None:
    """Write known rows that hold something else now; the version tells of edits alone."""
    if not rewritten.any():
        return
    names = [
        name for name in (*draft.tracked, *draft.derived) if (draft.differs(name) & rewritten).any()
    ]
    rows = draft.rows_of(rewritten, names)
    lies_in = _lies_in(draft.table)
    stmt = (
        update(draft.table)
        .where(draft.table.c.id == bindparam("row_id"), *lies_in)
        .values(
            {name: bindparam(f"new_{name}") for name in names}
            | {"row_version": draft.table.c.row_version + bindparam("edits")}
        )
    )
    parameters = [
        {f"new_{name}": value for name, value in row.items()}
        | {"row_id": row_id, "edits": int(is_edit)}
        | ({"was_in": county} if lies_in else {})
        for row, row_id, is_edit, county in zip(
            rows,
            draft.ids[rewritten],
            edited[rewritten],
            draft.was("county_code")[rewritten],
            strict=True,
        )
    ]
    conn.execute(stmt, parameters)
    _keep_old_values(conn, draft, edited)


def _lies_in(table: Table) -> tuple[ColumnElement[bool], ...]:
    """Say in which county a stored row is, which tells on which shard it is, if there are any."""
    if table not in SHARDED:
        return ()
    return (table.c.county_code == bindparam("was_in"),)


def _keep_old_values(conn: Connection, draft: Draft, edited: Mask) -> None:
    keys = draft.merged.get(matching.NUMBER_COLUMNS.get(draft.table.name, ""), draft.ids)
    changes = [
        {
            "table_name": draft.table.name,
            "row_key": str(keys[at]),
            "county_code": draft.merged["county_code"][at],
            "column_name": name,
            "old_value": _kept_of(draft, name, draft.was(name)[at]),
            "new_value": _kept_of(draft, name, draft.merged[name][at]),
            "batch_id": draft.batch_id,
            "email": draft.sender.name if draft.batch_id is None else None,
            "changed_on": draft.received_on,
        }
        for name in draft.tracked
        if not name.endswith("_group")  # follows the column it groups
        for at in np.flatnonzero(edited & draft.differs(name))
    ]
    if changes:
        conn.execute(insert(row_change), changes)


def _kept_of(draft: Draft, name: str, value: Any) -> str | None:
    if isinstance(value, str):
        masks = draft.masks.get(name, Masks.NUMBERS)
        # What may be in the column itself has been looked at: an office's number stays.
        return value if masks is Masks.IDENTITIES else masking.shown(masks, value)
    return _as_text(value)


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # SQLite reads whole amounts as integers, a file has them as floats
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _follow_up(conn: Connection, draft: Draft, written: Mask) -> bool:
    """Do what the written rows bring with them; return whether anything changed."""
    if not written.any():
        return False
    follow = _FOLLOWING.get(draft.table.name)
    if follow is not None:
        summaries.rebuild(conn, follow(conn, draft, written))
    return True


def _weeks(draft: Draft, written: Mask, **column_of: str) -> Weeks:
    """Return the weeks, before and after, in which the written rows count, by subject."""
    return {
        subject: {
            week
            for values in (draft.was(name)[written], draft.derived[name][written])
            for week in values
            if week is not None
        }
        for subject, name in column_of.items()
    }


def _after_institutions(conn: Connection, draft: Draft, written: Mask) -> Weeks:
    names = ["county_code", "credit_code"]
    arrived = draft.rows_of(written, [*names, "name_key"])
    weeks = linking.link_waiting_rows(conn, arrived)
    moved = written & draft.differs("county_code")
    if moved.any():
        counties: Values = draft.merged["county_code"][moved]
        moves = [
            {"row_id": row_id, "county": county}
            for row_id, county in zip(draft.ids[moved], counties, strict=True)
        ]
        for table in (verification, course_fee, fee_charge):
            stmt = update(table).where(table.c.institution_id == bindparam("row_id"))
            conn.execute(stmt.values(county_code=bindparam("county")), moves)
    return {"institution": set(), "violation_report": weeks}


def _after_reports(conn: Connection, draft: Draft, written: Mask) -> Weeks:
    deriving.link_waiting_inspections(conn, draft.merged["report_no"][written])
    return _weeks(
        draft, written, violation_report="week", violation_report_verified="verified_week"
    )


def _after_inspections(_conn: Connection, draft: Draft, written: Mask) -> Weeks:
    return _weeks(draft, written, inspection="week")


def _after_rectifications(conn: Connection, draft: Draft, written: Mask) -> Weeks:
    weeks = rectification_history.record_states(conn, draft, written)
    resourced = written & draft.differs("source")
    if resourced.any():
        for subject, of_items in rectification_history.weeks_of(conn, draft.ids[resourced]).items():
            weeks[subject] |= of_items
    return weeks


def _after_events(conn: Connection, draft: Draft, written: Mask) -> Weeks:
    return rectification_history.record_steps(conn, draft, written)


def _after_disputes(_conn: Connection, draft: Draft, written: Mask) -> Weeks:
    return _weeks(
        draft, written, refund_dispute_opened="week", refund_dispute_resolved="resolved_week"
    )


_FOLLOWING: Final[dict[str, Callable[[Connection, Draft, Mask], Weeks]]] = {
    institution.name: _after_institutions,
    violation_report.name: _after_reports,
    inspection.name: _after_inspections,
    rectification.name: _after_rectifications,
    rectification_event.name: _after_events,
    refund_dispute.name: _after_disputes,
    compliance_check.name: check_items.follow,
}
