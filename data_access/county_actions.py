"""What each county has in place of the plan's duties (行动机制), and putting it on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Row, case, cast, insert, select
from sqlalchemy.types import String

from data_access import audit, clock, reference, versions, vocabulary
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.frames import read_frame
from data_access.ledgers import duties
from data_access.ledgers.masking import hide
from data_access.row_changes import change_row
from data_access.schema import county, county_action, row_change
from data_access.scope import Scope
from data_access.writing import WritingError, writing

LONGEST_DETAIL: Final = 255
LONGEST_EVIDENCE: Final = 500
_TARGET: Final = "行动机制"


class CountyActionError(WritingError):
    """Nothing was saved; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A duty as it is to be on record; ``done_on`` is ``None`` where it is not done."""

    duty: str
    detail: str
    done_on: date | None
    evidence: str


def county_actions(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List what is on record of the duties of the counties in scope, as done by ``as_of``.

    What was done after that day stands there without day and evidence; 内容 is as it is now.

    ===========  =============  ==============================================================
    id           int64          number of the row
    county_code  str            reporting unit
    county       str            its full name
    duty         str            code of ``vocabulary.COUNTY_DUTY``
    detail       str            number, address, name and phone, action; NaN: none
    due_on       datetime64[s]  last day in time as a file gave it; NaT: none
    done_on      datetime64[s]  NaT: not done by ``as_of``
    evidence     str            link, number of a document; NaN: none
    recorded_by  str            account that recorded it last; NaN: it came in a file
    row_version  int64          to be given back with a change
    ===========  =============  ==============================================================

    By county, in the order of the city's documents, then by duty.
    """
    one = county_action.c
    is_later = one.done_on > as_of
    stmt = (
        select(
            one.id,
            one.county_code,
            county.c.name.label("county"),
            one.duty,
            one.detail,
            one.due_on,
            case((~is_later, one.done_on)).label("done_on"),
            case((is_later, None), else_=one.evidence).label("evidence"),
            one.recorded_by,
            one.row_version,
        )
        .join(county, county.c.code == one.county_code)
        .where(scope.allows(county_action))
        .order_by(county.c.ordinal, one.duty)
    )
    dtypes = {column.name: "str" for column in stmt.selected_columns}
    dtypes |= dict.fromkeys(("due_on", "done_on"), "datetime64[s]")
    return read_frame(conn, stmt, dtypes | {"id": "int64", "row_version": "int64"})


def changes(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """List what was changed of what is on record, the newest change first.

    ===========  =============  ==============================================================
    county_code  str            reporting unit
    county       str            its full name
    duty         str            code of ``vocabulary.COUNTY_DUTY``
    column_name  str            column of ``county_action`` that was changed
    old_value    str            NaN: nothing stood there
    new_value    str            NaN: it was emptied
    changed_by   str            the account; NaN: a file brought it
    changed_on   datetime64[s]  day of the change
    ===========  =============  ==============================================================
    """
    change, one = row_change.c, county_action.c
    stmt = (
        select(
            one.county_code,
            county.c.name.label("county"),
            one.duty,
            change.column_name,
            change.old_value,
            change.new_value,
            change.email.label("changed_by"),
            change.changed_on,
        )
        .select_from(row_change)
        .join(county_action, cast(one.id, String) == change.row_key)
        .join(county, county.c.code == one.county_code)
        .where(
            change.table_name == county_action.name,
            change.column_name != "recorded_by",
            scope.allows(county_action),
            scope.allows(row_change),
        )
        .order_by(change.changed_on.desc(), change.id.desc())
    )
    dtypes = {column.name: "str" for column in stmt.selected_columns}
    return read_frame(conn, stmt, dtypes | {"changed_on": "datetime64[s]"})


def record(user: User, recorded: Recorded, *, row_version: int | None) -> int:
    """Put on record how far the account's county is with a duty; return the row version.

    ``row_version`` is that of the row as it was seen, ``None`` where there was none. What the
    row held before is kept.

    Raises:
        CountyActionError: the account may not, something is missing or wrong, or the row has
            changed since.
    """
    recorded = _checked(recorded)
    with writing(
        user,
        Permission.COUNTY_ACTION_RECORD,
        target=_TARGET,
        what="登记行动机制",
        error=CountyActionError,
    ) as conn:
        versions.bump(conn)  # takes the turn of other writers
        campaign = reference.newest_campaign(conn)
        if recorded.done_on is not None and recorded.done_on < campaign.starts_on.replace(
            month=1, day=1
        ):
            raise CountyActionError("完成日期不在专项行动这一年，没有保存。请核对日期")
        known = _known(conn, user, recorded.duty)
        if (known.row_version if known is not None else None) != row_version:
            raise CountyActionError("这一项刚刚有改动，没有保存。请重新打开，看过再改")
        fields = {
            "detail": recorded.detail or None,
            "done_on": recorded.done_on,
            "evidence": recorded.evidence or None,
            "recorded_by": user.email,
        }
        target = f"{_TARGET} {vocabulary.COUNTY_DUTY[recorded.duty][0]}"
        what = "登记" if known is None else "修改"
        audit.add(conn, Action.COUNTY_ACTION_RECORD, email=user.email, target=target, what=what)
        if known is not None:
            return change_row(conn, county_action, known, fields, email=user.email)
        new = {
            "county_code": user.county_code,
            "duty": recorded.duty,
            "due_on": duties.due_day(recorded.duty, campaign),
            "received_by_us_on": clock.today(),
        }
        conn.execute(insert(county_action).values(new | fields))
        return 1


def _checked(recorded: Recorded) -> Recorded:
    if recorded.duty not in vocabulary.COUNTY_DUTY:
        raise CountyActionError("请选择职责")
    detail = duties.without_personal_data(recorded.duty, _on_one_line(recorded.detail))
    evidence = hide(_on_one_line(recorded.evidence))
    for words, title, longest in (
        (detail, "内容", LONGEST_DETAIL),
        (evidence, "佐证", LONGEST_EVIDENCE),
    ):
        if len(words) > longest:
            raise CountyActionError(f"{title}超过 {longest} 个字，请改短")
    if recorded.done_on is not None and recorded.done_on > clock.today():
        raise CountyActionError("完成日期晚于今天，没有保存。请核对日期")
    reason = duties.why_not(recorded.duty, detail, recorded.done_on, evidence)
    if reason is not None:
        raise CountyActionError(f"{reason}。没有保存")
    if not detail and not evidence:
        raise CountyActionError("请填写内容，没有保存")
    return Recorded(recorded.duty, detail, recorded.done_on, evidence)


def _on_one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _known(conn: Connection, user: User, duty: str) -> Row[Any] | None:
    one = county_action.c
    stmt = select(county_action).where(one.county_code == user.county_code, one.duty == duty)
    return conn.execute(stmt.with_for_update()).one_or_none()
