"""Close-out on a page: a county submits an item; the supervisor closes it, or sends it back.

It takes two people: who closes is never who submitted, nor who brought the submission in by a
file. A step of today is taken today; what an item then is, its history, spells and weekly counts
become what an import of the same state would make of them.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from data_access import clock
from data_access.accounts import Permission, User
from data_access.ledgers.cells import clean
from data_access.ledgers.closing_out import people
from data_access.ledgers.kinds import RECTIFICATIONS
from data_access.ledgers.masking import hide
from data_access.row_edits import Changed, EditError, Seen, changing
from data_access.schema import import_batch, rectification, rectification_event, row_change
from data_access.vocabulary import RECTIFICATION_STATUS, RECTIFICATION_STEP, first_words

LONGEST_REASON: Final = 500
# In which states an item may be submitted, verified and reopened.
SUBMITTABLE: Final = frozenset({"assigned", "in_progress", "returned", "reopened"})
VERIFIABLE: Final = frozenset({"submitted"})
REOPENABLE: Final = frozenset({"closed"})
_STATE_AFTER: Final = {
    "submit": "submitted",
    "close": "closed",
    "return": "returned",
    "reopen": "reopened",
}
_LONGEST_VERIFIER: Final = 64  # of rectification.verified_by
_WORDS: Final = first_words(RECTIFICATION_STATUS)
_TWO_PEOPLE: Final = (
    "这一项的申请销号是您提交或导入的，销号须由另一人复核，没有保存。请由督查组另一位同事办理"
)


def submit(
    user: User,
    rectification_id: int,
    row_version: int,
    *,
    evidence: str,
    public_accepted: bool | None = None,
) -> Changed:
    """Submit an item for close-out with its evidence; ``None`` leaves 群众认可 as it is.

    Raises:
        EditError: the account may not, the item is not there for it or not to be submitted, or
            there is no evidence.
        StaleRowError: the item has changed since it was seen.
    """
    if not clean(evidence):
        raise EditError("请填写佐证材料，说明整改到什么程度、有什么为证，没有保存")
    cells = {"evidence": evidence} | _accepted(public_accepted)
    with changing(
        user, Permission.LEDGER_EDIT, RECTIFICATIONS, rectification_id, row_version
    ) as seen:
        _check_state(seen.row, SUBMITTABLE)
        return _take(seen, "submit", cells, note=evidence)


def close(
    user: User,
    rectification_id: int,
    row_version: int,
    *,
    public_accepted: bool | None = None,
    note: str = "",
) -> Changed:
    """Close a submitted item today, verified by ``user``.

    Raises:
        EditError: the account may not or is the one that submitted, the item is not there or not
            submitted, it has no evidence, or it came from a report and 群众认可 is not yes.
        StaleRowError: the item has changed since it was seen.
    """
    said = _said(note)
    cells = {
        "closed_on": clock.today().isoformat(),
        "verified_by": user.email[:_LONGEST_VERIFIER],
    } | _accepted(public_accepted)
    with changing(
        user, Permission.ITEM_VERIFY, RECTIFICATIONS, rectification_id, row_version
    ) as seen:
        _check_state(seen.row, VERIFIABLE)
        if user.email in submitters(seen.conn, seen.row):
            raise EditError(_TWO_PEOPLE)
        return _take(seen, "close", cells, note=said)


def send_back(user: User, rectification_id: int, row_version: int, *, reason: str) -> Changed:
    """Return a submitted item to its county, with the reason.

    Raises:
        EditError: the account may not, the item is not there or not submitted, or there is no
            reason.
        StaleRowError: the item has changed since it was seen.
    """
    said = _reason(reason, "退回的理由，县区据此整改")
    with changing(
        user, Permission.ITEM_VERIFY, RECTIFICATIONS, rectification_id, row_version
    ) as seen:
        _check_state(seen.row, VERIFIABLE)
        return _take(seen, "return", {}, note=said)


def reopen(user: User, rectification_id: int, row_version: int, *, reason: str) -> Changed:
    """Reopen a closed item, with the reason.

    Raises:
        EditError: the account may not, the item is not there or not closed, or there is no reason.
        StaleRowError: the item has changed since it was seen.
    """
    said = _reason(reason, "重新整改的理由")
    with changing(
        user, Permission.ITEM_VERIFY, RECTIFICATIONS, rectification_id, row_version
    ) as seen:
        _check_state(seen.row, REOPENABLE)
        return _take(seen, "reopen", {}, note=said)


def submitters(conn: Connection, item: Row[Any]) -> frozenset[str]:
    """Return who submitted an item last, and who entered it: accounts, and names of files.

    The actor of the last step of submitting may have been named by a file, so whoever let the
    item's state become submitted counts, too.
    """
    step, batch = rectification_event.c, import_batch
    told = (
        select(step.actor, batch.c.imported_by)
        .outerjoin(batch, batch.c.id == step.first_batch_id)
        .where(step.rectification_id == item.id, step.step == "submit")
        .order_by(step.happened_on.desc(), step.recorded_at.is_(None), step.recorded_at.desc())
        .order_by(step.id.desc())
        .limit(1)
    )
    entered = (
        select(row_change.c.email, batch.c.imported_by)
        .outerjoin(batch, batch.c.id == row_change.c.batch_id)
        .where(
            row_change.c.table_name == rectification.name,
            row_change.c.row_key == item.ledger_no,
            row_change.c.column_name == "status",
            row_change.c.new_value == "submitted",
        )
        .order_by(row_change.c.id.desc())
        .limit(1)
    )
    came_as = select(batch.c.imported_by).where(batch.c.id == item.first_batch_id)
    rows: list[Row[Any]] = list(conn.execute(told))
    rows += list(conn.execute(entered)) or list(conn.execute(came_as))
    return frozenset(one for row in rows for name in row if name for one in people(name))


def _check_state(item: Row[Any], wanted: frozenset[str]) -> None:
    if item.status not in wanted:
        words = "、".join(_WORDS[status] for status in _WORDS if status in wanted)
        raise EditError(f"这一项现在是“{_WORDS[item.status]}”，{words}的才能这样办理，没有保存")


def _take(seen: Seen, step: str, cells: dict[str, str], *, note: str | None) -> Changed:
    """Write the step into the history and what it makes of the item."""
    event = {
        "rectification_id": seen.row.id,
        "county_code": seen.row.county_code,
        "happened_on": clock.today(),
        "recorded_at": clock.now(),
        "step": step,
        "actor": seen.user.email,
        "note": hide(clean(note)) if note else None,
        "received_by_us_on": clock.today(),
    }
    seen.conn.execute(insert(rectification_event).values(event))
    return seen.write({"status": _WORDS[_STATE_AFTER[step]]} | cells, RECTIFICATION_STEP[step][0])


def _accepted(answer: bool | None) -> dict[str, str]:
    return {} if answer is None else {"public_accepted": "是" if answer else "否"}


def _reason(text: str, what: str) -> str:
    said = _said(text)
    if not said:
        raise EditError(f"请填写{what}，没有保存")
    return said


def _said(text: str) -> str:
    said = clean(text)
    if len(said) > LONGEST_REASON:
        raise EditError(f"说明超过 {LONGEST_REASON} 个字，请改短，没有保存")
    return said
