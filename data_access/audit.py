"""The access log (访问日志): who signed in, was refused, took what away, looked at what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select, text

from data_access import clock
from data_access.accounts import Permission, User
from data_access.engine import get_engine
from data_access.frames import read_frame
from data_access.schema import audit_event

TEXT_LENGTH: Final = 255


class Action(StrEnum):
    """What is logged. Keep alphabetical."""

    ACCOUNT_ADD = "account_add"
    ACCOUNT_CHANGE = "account_change"
    ACCOUNT_DEACTIVATE = "account_deactivate"
    ACCOUNT_SIGN_OUT = "account_sign_out"
    COUNTY_ACTION_RECORD = "county_action_record"
    DECISION_RECORD = "decision_record"
    EXPORT = "export"
    IMPORT = "import"
    LEDGER_EDIT = "ledger_edit"
    PLAN_CHANGE = "plan_change"
    PLAN_DRAW = "plan_draw"
    PLAN_OPEN = "plan_open"
    PLAN_RELEASE = "plan_release"
    PLAN_SEAL = "plan_seal"
    REFUND_PLAN_WRITE = "refund_plan_write"
    REFUSED = "refused"
    REVEAL = "reveal"
    ROSTER_DECIDE = "roster_decide"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SNAPSHOT_FREEZE = "snapshot_freeze"
    SUBMISSION_RECORD = "submission_record"
    VISIT_RECORD = "visit_record"


WORDS: Final[dict[str, str]] = {
    Action.SIGN_IN: "登录",
    Action.SIGN_OUT: "退出",
    Action.REFUSED: "拒绝",
    Action.EXPORT: "导出",
    Action.REVEAL: "查看原文",
    Action.IMPORT: "导入",
    Action.LEDGER_EDIT: "修改台账",
    Action.SUBMISSION_RECORD: "登记材料报送",
    Action.COUNTY_ACTION_RECORD: "登记行动机制",
    Action.ROSTER_DECIDE: "底数比对判定",
    Action.REFUND_PLAN_WRITE: "登记一企一策方案",
    Action.PLAN_OPEN: "打开暗访计划",
    Action.PLAN_DRAW: "抽签",
    Action.PLAN_CHANGE: "修改暗访计划",
    Action.PLAN_SEAL: "封存暗访计划",
    Action.VISIT_RECORD: "登记暗访结果",
    Action.PLAN_RELEASE: "公布暗访结果",
    Action.SNAPSHOT_FREEZE: "冻结数字",
    Action.DECISION_RECORD: "登记会议决定",
    Action.ACCOUNT_ADD: "新增账号",
    Action.ACCOUNT_CHANGE: "修改账号",
    Action.ACCOUNT_DEACTIVATE: "停用账号",
    Action.ACCOUNT_SIGN_OUT: "强制退出",
}


def record(action: Action, *, email: str | None, target: str | None = None, **detail: Any) -> None:
    """Log in a transaction of its own, so that what fails afterwards cannot lose it.

    What is logged before it is done is not done when it cannot be logged. ``email`` is who
    did it, ``None`` on the command line; ``detail`` is kept as JSON.

    Raises:
        SQLAlchemyError: the log cannot be written.
    """
    with get_engine().begin() as conn:
        add(conn, action, email=email, target=target, **detail)


def add(
    conn: Connection, action: Action, *, email: str | None, target: str | None = None, **detail: Any
) -> None:
    """Log in the transaction of ``conn``: with what is done, or not at all."""
    row = {
        "at": clock.now(),
        "email": _fitting(email),
        "action": action,
        "target": _fitting(target),
        "detail": as_text(detail) if detail else None,
    }
    # Inline: the number of the new row is not asked for, which not everybody may read.
    conn.execute(insert(audit_event).inline(), row)


def _fitting(words: str | None) -> str | None:
    """Return what the log takes of an address or a name, whatever somebody sent as one."""
    return words.replace("\x00", "")[:TEXT_LENGTH] if words else words


def as_text(detail: Mapping[str, Any]) -> str:
    """Return the detail of an event as it is kept: JSON in one line."""
    return json.dumps(detail, ensure_ascii=False, default=_day)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of the days from ``since`` to ``until``, both whole.

    ``email`` is who did it (``None``: anybody), or with ``by_command_line`` nobody who was
    signed in; ``actions`` what was done (empty: anything). ``text`` is a part of the address, of
    the target or of what is shown of the detail (empty: any event), whatever the case. ``words``
    are those that are shown in place of codes: the text is looked for in them instead.
    """

    since: date
    until: date
    email: str | None = None
    by_command_line: bool = False
    actions: tuple[str, ...] = ()
    text: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def count_events(conn: Connection, *, by: User, wanted: Wanted) -> int:
    """Return how many events are wanted.

    Raises:
        PermissionError: the log is not for the one who asks.
    """
    _hold_to_the_log(by)
    if wanted.text:
        return len(_found(conn, wanted))
    stmt = select(func.count()).select_from(audit_event).where(*_conditions(wanted))
    return conn.scalar(stmt) or 0


def events(conn: Connection, *, by: User, wanted: Wanted, limit: int) -> pd.DataFrame:
    """Return the newest ``limit`` of the events that are wanted, the newest first.

    ``at`` datetime64[s], ``email`` (NaN for the command line), ``action``, ``target`` and
    ``detail`` (JSON) str, NaN where an event has none.

    Raises:
        PermissionError: the log is not for the one who asks.
    """
    _hold_to_the_log(by)
    if wanted.text:
        return _found(conn, wanted).head(limit)
    return _frame(conn, _EVENTS.where(*_conditions(wanted)).limit(limit))


def events_about(conn: Connection, *, by: User, email: str, limit: int) -> pd.DataFrame:
    """Return the newest ``limit`` events by an account or done to it, as :func:`events` does.

    Raises:
        PermissionError: the log is not for the one who asks.
    """
    _hold_to_the_log(by)
    is_about = or_(audit_event.c.email == email, audit_event.c.target == email)
    return _frame(conn, _EVENTS.where(is_about).limit(limit))


_EVENTS: Final = select(
    *(audit_event.c[name] for name in ("at", "email", "action", "target", "detail"))
).order_by(audit_event.c.at.desc(), audit_event.c.id.desc())

# What an account is like, in the detail of its changes: shown in words. Other names within a
# detail are those of filters, which are words.
_UNSEEN: Final = frozenset({"role", "county_code", "active"})


def _hold_to_the_log(by: User) -> None:
    if not by.may(Permission.AUDIT_VIEW):
        raise PermissionError(f"the access log was asked for by a {by.role}")


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    at, detail = audit_event.c.at, audit_event.c.detail
    found = [
        at >= datetime.combine(wanted.since, time.min),
        at < datetime.combine(wanted.until + timedelta(days=1), time.min),
    ]
    if wanted.by_command_line:
        found.append(audit_event.c.email.is_(None))
    elif wanted.email is not None:
        found.append(audit_event.c.email == wanted.email)
    if wanted.actions:
        found.append(audit_event.c.action.in_(wanted.actions))
    if wanted.text:
        codes = [code for code, word in wanted.words.items() if wanted.text in word]
        found.append(
            or_(
                audit_event.c.email.icontains(wanted.text, autoescape=True),
                audit_event.c.target.icontains(wanted.text, autoescape=True),
                # As JSON writes it.
                detail.icontains(_in_json(wanted.text)[1:-1], autoescape=True),
                audit_event.c.target.in_(codes),
                *(detail.contains(_in_json(code), autoescape=True) for code in codes),
            )
        )
    return found


def _found(conn: Connection, wanted: Wanted) -> pd.DataFrame:
    """Return the events that have the text in what is shown of them, the newest first.

    The database finds it in the JSON, too, where nobody sees it: in keys, codes and signs.
    """
    rows = _frame(conn, _EVENTS.where(*_conditions(wanted)))
    text = wanted.text.lower()
    is_found = [
        any(text in words.lower() for words in _shown(*event, wanted.words))
        for event in zip(rows["email"], rows["target"], rows["detail"], strict=True)
    ]
    return rows[pd.Series(is_found, dtype="bool")].reset_index(drop=True)


def _shown(email: Any, target: Any, detail: Any, words: Mapping[str, str]) -> Iterator[str]:
    if isinstance(email, str):
        yield email
    if isinstance(target, str):
        yield words.get(target, target)
    if isinstance(detail, str):
        try:
            said = json.loads(detail)
        except ValueError:
            said = None
        # What is no object is none of ours, and shown as it stands.
        for value in said.values() if isinstance(said, dict) else [detail]:
            yield from _values(value, words)


def _values(value: Any, words: Mapping[str, str]) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in _UNSEEN:
                yield name
            yield from _values(each, words)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each, words)
    elif value is not None and not isinstance(value, bool):
        yield words.get(str(value), str(value))


def _in_json(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _frame(conn: Connection, stmt: Select[Any]) -> pd.DataFrame:
    dtypes = dict.fromkeys(["at", "email", "action", "target", "detail"], "str")
    return read_frame(conn, stmt, dtypes | {"at": "datetime64[s]"})


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be logged")


_REFUSE: Final = "访问日志只增不改"
_SQLITE: Final = [
    f"""
    CREATE TRIGGER IF NOT EXISTS audit_event_no_{what.lower()} BEFORE {what} ON audit_event
    BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END
    """
    for what in ("UPDATE", "DELETE")
] + [
    # REPLACE deletes without asking a trigger that stands before deletions.
    f"""
    CREATE TRIGGER IF NOT EXISTS audit_event_no_replace BEFORE INSERT ON audit_event
    WHEN NEW.id IN (SELECT id FROM audit_event)
    BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END
    """  # noqa: S608  nothing in it comes from outside
]
_POSTGRESQL: Final = [
    f"""
    CREATE OR REPLACE FUNCTION refuse_to_change_the_log() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$
    """,
    """
    CREATE OR REPLACE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE
    ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_the_log()
    """,
]


def protect(conn: Connection) -> None:
    """Let the database itself refuse to change or delete what is logged; again at no cost.

    The dashboard's role on PostgreSQL has no right to either; this stands before the owner
    of the tables, too.
    """
    for statement in _SQLITE if conn.dialect.name == "sqlite" else _POSTGRESQL:
        conn.execute(text(statement))
