"""Which line of a source list is which institution: people decide, and may take it back.

A county decides within its own lines and its own ledger, the supervision team in the whole city.
What is decided stands until a person changes it: no file undoes it (``ledgers.deriving``), and a
pair that was decided is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from data_access import audit, clock, versions, vocabulary
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.ledgers.masking import hide
from data_access.schema import institution, roster_decision, roster_entry, row_change
from data_access.writing import WritingError, writing

LONGEST_REASON: Final = 200
SAME, DIFFERENT = "same", "different"
_TARGET: Final = "底数比对"
_NOT_YOURS: Final = "这条记录不存在，或不在您可判定的县区，没有保存。请刷新页面再看"
_CHANGED: Final = "这条记录刚刚有改动，没有保存。请刷新页面，看过再判"


class RosterDecisionError(WritingError):
    """Nothing was saved; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of a list and an institution, with the row versions of both as they were seen."""

    entry: int
    institution: int
    entry_version: int
    institution_version: int


def decide(user: User, pair: Pair, verdict: str) -> int:
    """Say whether the line is the institution; return the number of the decision.

    ``same`` matches the line with the institution; ``different`` leaves the line as it is, or
    takes it off the institution where it was matched with this very one.

    Raises:
        RosterDecisionError: the account may not, one of the two is not in its counties or has
            changed since, somebody has decided the pair already, or the line is matched with
            another institution or dismissed.
    """
    _check(verdict)
    with _writing(user) as conn:
        line = _seen(conn, user, roster_entry, pair.entry, pair.entry_version)
        known = _seen(conn, user, institution, pair.institution, pair.institution_version)
        made = roster_decision.c
        mine = (made.roster_entry_id == line.id) & (made.institution_id == known.id)
        before = conn.execute(select(made.verdict).where(mine)).one_or_none()
        if before is not None:
            word = vocabulary.ROSTER_VERDICT[before.verdict][0]
            raise RosterDecisionError(f"这一对刚刚已由他人判定为“{word}”，没有再保存")
        fields = {
            "roster_entry_id": line.id,
            "institution_id": known.id,
            "county_code": known.county_code,
            "verdict": verdict,
            "decided_by": user.email,
            "decided_at": clock.now(),
        }
        key = conn.execute(insert(roster_decision).values(fields)).inserted_primary_key
        number = int(key[0])  # type: ignore[index]
        _follow(conn, user, line, known.id, verdict)
        _log(conn, user, number, vocabulary.ROSTER_VERDICT[verdict][0])
    return number


def change(user: User, number: int, row_version: int, verdict: str) -> int:
    """Let a decision say the other thing; return its new row version. What it said is kept.

    Raises:
        RosterDecisionError: the account may not, the decision is not in its counties, has
            changed since or is taken back, or the line is matched with another institution.
    """
    _check(verdict)
    with _writing(user) as conn:
        made, line = _decided(conn, user, number, row_version)
        if made.verdict == verdict:
            return row_version
        _keep(conn, user, roster_decision, made, {"verdict": verdict})
        fields = {"verdict": verdict, "decided_by": user.email, "decided_at": clock.now()}
        mine = roster_decision.c.id == number
        conn.execute(
            update(roster_decision).where(mine).values(**fields, row_version=row_version + 1)
        )
        _follow(conn, user, line, made.institution_id, verdict)
        _log(conn, user, number, f"改为{vocabulary.ROSTER_VERDICT[verdict][0]}")
    return row_version + 1


def take_back(user: User, number: int, row_version: int) -> None:
    """Take a decision back: the pair may be asked again. What it said is kept.

    A line that nobody has matched otherwise is then what its credit code says, or nobody's.

    Raises:
        RosterDecisionError: the account may not, or the decision is not in its counties, has
            changed since or is taken back already.
    """
    with _writing(user) as conn:
        made, line = _decided(conn, user, number, row_version)
        _keep(conn, user, roster_decision, made, {"verdict": None})
        conn.execute(delete(roster_decision).where(roster_decision.c.id == number))
        is_its_work = line.institution_id in (None, made.institution_id)
        if is_its_work and line.match_status != "dismissed":
            _match(conn, user, line, _by_code(conn, line))
        _log(conn, user, number, "撤回判定")


def dismiss(user: User, entry: int, row_version: int, reason: str) -> None:
    """Leave a line out of what is compared, for a reason: it is no training institution, say.

    Raises:
        RosterDecisionError: the account may not, the reason is missing or too long, or the line is
            not in its counties, has changed since or is matched.
    """
    words = hide(" ".join(reason.replace("\x00", "").split()))
    if not words:
        raise RosterDecisionError("请填写排除的理由，例如“不是培训机构”“已搬离本市”")
    if len(words) > LONGEST_REASON:
        raise RosterDecisionError(f"排除的理由超过 {LONGEST_REASON} 个字，请改短")
    with _writing(user) as conn:
        line = _seen(conn, user, roster_entry, entry, row_version)
        if _is_matched(conn, user, line):
            raise RosterDecisionError("这一行已与机构台账对上，不能排除。如对错了，请先撤回判定")
        fields = {"institution_id": None, "match_status": "dismissed", "dismissed_reason": words}
        _write(conn, user, line, fields)
        _log(conn, user, entry, "排除名单行")


def restore(user: User, entry: int, row_version: int) -> None:
    """Compare a dismissed line again.

    Raises:
        RosterDecisionError: the account may not, or the line is not in its counties, has changed
            since or is not dismissed.
    """
    with _writing(user) as conn:
        line = _seen(conn, user, roster_entry, entry, row_version)
        if line.match_status != "dismissed":
            raise RosterDecisionError("这一行没有被排除，不用恢复")
        _match(conn, user, line, _by_code(conn, line))
        _log(conn, user, entry, "恢复名单行")


@contextmanager
def _writing(user: User) -> Iterator[Connection]:
    permission, what = Permission.RECONCILIATION_DECIDE, "判定底数比对"
    with writing(user, permission, target=_TARGET, what=what, error=RosterDecisionError) as conn:
        versions.bump(conn)  # takes the turn of other writers
        yield conn


def _check(verdict: str) -> None:
    if verdict not in vocabulary.ROSTER_VERDICT:
        raise RosterDecisionError("请选择：同一家，或不是同一家")


def _seen(conn: Connection, user: User, table: Table, number: int, version: int) -> Row[Any]:
    """Return a row of the user's counties as they saw it, which nobody else changes meanwhile."""
    stmt = select(table).where(table.c.id == number, user.scope.allows(table)).with_for_update()
    row = conn.execute(stmt).one_or_none()
    if row is None:
        raise RosterDecisionError(_NOT_YOURS)
    if row.row_version != version:
        raise RosterDecisionError(_CHANGED)
    return row


def _decided(
    conn: Connection, user: User, number: int, row_version: int
) -> tuple[Row[Any], Row[Any]]:
    """Return a decision as the user saw it, and its line; both rows are in their counties."""
    made = _seen(conn, user, roster_decision, number, row_version)
    line = _in_scope(conn, user, roster_entry, made.roster_entry_id)
    if line is None or _in_scope(conn, user, institution, made.institution_id) is None:
        raise RosterDecisionError(_NOT_YOURS)
    return made, line


def _in_scope(conn: Connection, user: User, table: Table, number: int | None) -> Row[Any] | None:
    stmt = select(table).where(table.c.id == number, user.scope.allows(table))
    return conn.execute(stmt).one_or_none()


def _is_matched(conn: Connection, user: User, line: Row[Any]) -> bool:
    """Whether the line is matched as far as the user may know: another county's is nobody's."""
    return _in_scope(conn, user, institution, line.institution_id) is not None


def _follow(
    conn: Connection, user: User, line: Row[Any], institution_id: int, verdict: str
) -> None:
    """Let the line be what was decided of it."""
    if verdict == DIFFERENT:
        if line.institution_id == institution_id:
            _match(conn, user, line, _by_code(conn, line))
        return
    if line.match_status == "dismissed":
        raise RosterDecisionError("这一行已被排除，没有保存。请先在“已排除”里恢复")
    if line.institution_id != institution_id and _is_matched(conn, user, line):
        raise RosterDecisionError("这一行已与另一家机构对上，没有保存。如对错了，请先撤回那次判定")
    _match(conn, user, line, institution_id)


def _by_code(conn: Connection, line: Row[Any]) -> int | None:
    """Return the institution of the line's credit code, unless people said it is another."""
    if line.credit_code is None:
        return None
    apart = select(roster_decision.c.institution_id).where(
        roster_decision.c.roster_entry_id == line.id, roster_decision.c.verdict == DIFFERENT
    )
    stmt = select(institution.c.id).where(
        institution.c.credit_code == line.credit_code, institution.c.id.not_in(apart)
    )
    return conn.scalar(stmt)


def _match(conn: Connection, user: User, line: Row[Any], found: int | None) -> None:
    status = "unmatched" if found is None else "matched"
    fields = {"institution_id": found, "match_status": status, "dismissed_reason": None}
    _write(conn, user, line, fields)


def _write(conn: Connection, user: User, line: Row[Any], fields: dict[str, Any]) -> None:
    changed = {name: value for name, value in fields.items() if line._mapping[name] != value}
    if not changed:
        return
    _keep(conn, user, roster_entry, line, changed)
    mine = roster_entry.c.id == line.id
    conn.execute(
        update(roster_entry).where(mine).values(**changed, row_version=line.row_version + 1)
    )


def _keep(
    conn: Connection, user: User, table: Table, row: Row[Any], fields: dict[str, Any]
) -> None:
    """Keep what the row said."""
    kept = [
        {
            "table_name": table.name,
            "row_key": str(row.id),
            "county_code": row.county_code,
            "column_name": name,
            "old_value": _as_text(row._mapping[name]),
            "new_value": _as_text(value),
            "email": user.email,
            "changed_on": clock.today(),
        }
        for name, value in fields.items()
    ]
    conn.execute(insert(row_change), kept)


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def _log(conn: Connection, user: User, number: int, what: str) -> None:
    target = f"{_TARGET} {number}"
    audit.add(conn, Action.ROSTER_DECIDE, email=user.email, target=target, what=what)
