"""What meetings decided (会议决定、查处通报、追责问责), and what became of it.

The supervision team puts it on record. A county reads what concerns it; what is for the whole
city, and so for no county, leaders and the supervision team alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Row, case, insert, select, update

from data_access import audit, clock, versions, vocabulary
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.frames import read_frame
from data_access.ledgers.masking import hide
from data_access.schema import county, decision, row_change
from data_access.scope import Scope
from data_access.weeks import THURSDAY, first_day, reporting_week
from data_access.writing import WritingError, writing

LONGEST_WHAT: Final = 500
LONGEST_OWNER: Final = 64
_TARGET: Final = "会议决定"


class DecisionError(WritingError):
    """Nothing was saved; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision as it is to be on record.

    ``week`` is the Thursday of the meeting's week; ``county_code`` is ``None`` for the whole
    city, ``due_on`` for no term. ``kind`` is a code of ``vocabulary.DECISION_KIND``.
    """

    week: date
    what: str
    owner: str
    kind: str = "decision"
    county_code: str | None = None
    due_on: date | None = None


def decisions(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List what the meetings up to the week of ``as_of`` decided, as known on that day.

    The newest meeting first, then by term; what was withdrawn is left out.

    ===========  =============  ==============================================================
    id           int64          number of the decision
    week         datetime64[s]  the Thursday of the meeting's week
    what         str            what was decided
    county_code  str            reporting unit; NaN: the whole city
    county       str            its full name; NaN likewise
    owner        str            who sees to it
    due_on       datetime64[s]  last day in time; NaT: none
    done_on      datetime64[s]  NaT: not done by ``as_of``
    kind         str            code of ``vocabulary.DECISION_KIND``
    row_version  int64          to be given back with a change
    ===========  =============  ==============================================================
    """
    one = decision.c
    stmt = (
        select(
            one.id,
            one.week,
            one.what,
            one.county_code,
            county.c.name.label("county"),
            one.owner,
            one.due_on,
            case((one.done_on <= as_of, one.done_on)).label("done_on"),
            one.kind,
            one.row_version,
        )
        .outerjoin(county, county.c.code == one.county_code)
        .where(
            scope.allows(decision),
            one.week <= reporting_week(as_of),
            one.withdrawn_on.is_(None),
        )
        .order_by(one.week.desc(), one.due_on.is_(None), one.due_on, one.id)
    )
    days = dict.fromkeys(("week", "due_on", "done_on"), "datetime64[s]")
    dtypes = {column.name: "str" for column in stmt.selected_columns} | days
    return read_frame(conn, stmt, dtypes | {"id": "int64", "row_version": "int64"})


def add(user: User, wanted: Decided) -> int:
    """Put a decision on record; return its number.

    Raises:
        DecisionError: the account may not, or something is missing or wrong.
    """
    fields = asdict(_checked(wanted))
    with _writing(user) as conn:
        _check_county(conn, wanted.county_code)
        recorded = {"created_by": user.email, "created_at": clock.now()}
        key = conn.execute(insert(decision).values(fields | recorded)).inserted_primary_key
        number = int(key[0])  # type: ignore[index]
        _log(conn, user, number, "登记")
    return number


def change(user: User, number: int, row_version: int, wanted: Decided) -> int:
    """Let a decision be another; return its new row version. What it was is kept.

    ``row_version`` is that of the row as it was seen.

    Raises:
        DecisionError: the account may not, something is missing or wrong, or the decision has
            changed since or is withdrawn.
    """
    fields = asdict(_checked(wanted))
    with _writing(user) as conn:
        known = _known(conn, number, row_version)
        _check_county(conn, wanted.county_code)
        if known.done_on is not None and known.done_on < first_day(wanted.week):
            raise DecisionError("完成日期早于会议那一周，没有保存。请核对是哪一周的会议")
        return _write(conn, user, known, fields, "修改")


def mark_done(user: User, number: int, row_version: int, done_on: date | None) -> int:
    """Say on which day a decision was done, ``None`` that it is not; return its new row version.

    Raises:
        DecisionError: the account may not, the day lies after today or before the meeting's
            week, or the decision has changed since or is withdrawn.
    """
    if done_on is not None and done_on > clock.today():
        raise DecisionError("完成日期晚于今天，没有保存。请核对日期")
    with _writing(user) as conn:
        known = _known(conn, number, row_version)
        if done_on is not None and done_on < first_day(known.week):
            raise DecisionError("完成日期早于会议那一周，没有保存。请核对日期")
        what = "登记完成" if done_on is not None else "改为未完成"
        return _write(conn, user, known, {"done_on": done_on}, what)


def withdraw(user: User, number: int, row_version: int) -> None:
    """Take a decision off the lists, which it should not have been on; its row is kept.

    Raises:
        DecisionError: the account may not, or the decision has changed since or is withdrawn.
    """
    with _writing(user) as conn:
        known = _known(conn, number, row_version)
        _write(conn, user, known, {"withdrawn_on": clock.today()}, "撤销")


@contextmanager
def _writing(user: User) -> Iterator[Connection]:
    permission, what = Permission.DECISION_RECORD, "登记会议决定"
    with writing(user, permission, target=_TARGET, what=what, error=DecisionError) as conn:
        versions.bump(conn)  # takes the turn of other writers
        yield conn


def _checked(wanted: Decided) -> Decided:
    this_week = reporting_week(clock.today())
    if wanted.week.weekday() != THURSDAY:
        named = min(reporting_week(wanted.week), this_week)
        raise DecisionError(f"{wanted.week} 不是周四，没有保存。报送周以周四为名，应写 {named}")
    if wanted.week > this_week:
        raise DecisionError(f"{wanted.week} 这一周还没有到，没有保存。请核对是哪一周的会议")
    if wanted.kind not in vocabulary.DECISION_KIND:
        raise DecisionError("请选择种类：会议决定、查处通报或追责问责")
    if wanted.due_on is not None and wanted.due_on < first_day(wanted.week):
        raise DecisionError("期限早于会议那一周，没有保存。请核对日期")
    return Decided(
        wanted.week,
        _worded(wanted.what, "决定事项", LONGEST_WHAT),
        _worded(wanted.owner, "责任人", LONGEST_OWNER),
        wanted.kind,
        wanted.county_code,
        wanted.due_on,
    )


def _worded(text: str, title: str, longest: int) -> str:
    words = hide(" ".join(text.replace("\x00", "").split()))
    if not words:
        raise DecisionError(f"请填写{title}")
    if len(words) > longest:
        raise DecisionError(f"{title}超过 {longest} 个字，请改短")
    return words


def _check_county(conn: Connection, code: str | None) -> None:
    known = select(county.c.code).where(county.c.code == code)
    if code is not None and conn.scalar(known) is None:
        raise DecisionError("没有这个县区（新区），没有保存。请从名单里选择")


def _known(conn: Connection, number: int, row_version: int) -> Row[Any]:
    stmt = select(decision).where(decision.c.id == number).with_for_update()
    known = conn.execute(stmt).one_or_none()
    if known is None or known.withdrawn_on is not None:
        raise DecisionError("这项决定已经撤销或不存在，没有保存")
    if known.row_version != row_version:
        raise DecisionError("这项决定刚刚有改动，没有保存。请重新打开，看过再改")
    return known


def _write(conn: Connection, user: User, known: Row[Any], fields: dict[str, Any], what: str) -> int:
    changed = {name: value for name, value in fields.items() if known._mapping[name] != value}
    version: int = known.row_version
    if not changed:
        return version
    kept = [
        {
            "table_name": decision.name,
            "row_key": str(known.id),
            "county_code": known.county_code,
            "column_name": name,
            "old_value": _as_text(known._mapping[name]),
            "new_value": _as_text(value),
            "email": user.email,
            "changed_on": clock.today(),
        }
        for name, value in changed.items()
    ]
    conn.execute(insert(row_change), kept)
    mine = decision.c.id == known.id
    conn.execute(update(decision).where(mine).values(**changed, row_version=version + 1))
    _log(conn, user, known.id, what)
    return version + 1


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)


def _log(conn: Connection, user: User, number: int, what: str) -> None:
    target = f"{_TARGET} {number}"
    audit.add(conn, Action.DECISION_RECORD, email=user.email, target=target, what=what)
