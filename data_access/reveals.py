"""Reporters' words and phones: masked for those who work on a report, revealed one at a time.

They leave the database masked. A member of the supervision team who gives a reason sees those
of one report, after the access log has it. See docs/decisions/0005-what-masked-means.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, case, func, select
from sqlalchemy.exc import SQLAlchemyError

from data_access import audit
from data_access.accounts import Permission, User, find_user
from data_access.audit import Action
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.ledgers.masking import hide
from data_access.row_security import tell
from data_access.schema import violation_report
from data_access.scope import Scope

LEAST_REASON: Final = 5
LONGEST_REASON: Final = 200
ENDING: Final = 2  # digits of a phone that are shown
_LEAST_PHONE: Final = 7  # of a shorter one two digits would be too much


class NotRevealedError(Exception):
    """What was asked for is not shown; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Masked:
    """That a reporter said something and left a phone.

    ``words`` is how many characters the words have; ``ending`` the last two digits of the
    phone, empty where it is too short to show any. ``None``: there are none.
    """

    report_no: str
    words: int | None
    ending: str | None


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a reporter said, as it is stored."""

    report_no: str
    words: str | None
    phone: str | None


def ending_of(phone: Column[Any]) -> ColumnElement[str]:
    """Return what may be shown of a telephone number: its end, empty of a short one."""
    ending: ColumnElement[str] = func.substr(phone, func.length(phone) - ENDING + 1)
    is_long = func.length(phone) >= _LEAST_PHONE
    return case((phone.is_(None), None), (is_long, ending), else_="")


def masked(conn: Connection, *, scope: Scope, report_no: str) -> Masked | None:
    """Return the masked words and phone of one report; ``None``: not in this scope."""
    report = violation_report
    found = conn.execute(
        select(
            report.c.report_no,
            func.length(report.c.summary).label("words"),
            ending_of(report.c.reporter_phone).label("ending"),
        ).where(scope.allows(report), report.c.report_no == report_no)
    ).one_or_none()
    return None if found is None else Masked(*found)


def reveal(user: User, *, report_no: str, reason: str) -> Revealed:
    """Return the words and the phone of one report, once it is logged who asks, and why.

    The account is looked up again: who may not any more is refused, and that is logged, too.

    Raises:
        NotRevealedError: the reason is too short or too long, the account may not, there is
            no such report in its scope, or the access log cannot be written.
    """
    reason = " ".join(reason.split())
    if not LEAST_REASON <= len(reason) <= LONGEST_REASON:
        raise NotRevealedError(f"请写明查看原因，{LEAST_REASON} 到 {LONGEST_REASON} 个字")
    with get_engine().connect() as conn:
        tell(conn, email=user.email)
        now = find_user(conn, user.email)
    if now != user or not now.may(Permission.REPORTER_REVEAL):
        audit.record(Action.REFUSED, email=user.email, target=report_no, why="reveal")
        raise NotRevealedError("您的账号已不能查看原文，没有显示")
    report = violation_report
    mine = (now.scope.allows(report), report.c.report_no == report_no)
    with reading(now) as conn:
        if conn.scalar(select(report.c.id).where(*mine)) is None:
            raise NotRevealedError("没有这条线索，没有显示")
    try:
        # In a transaction of its own and before anything is read.
        audit.record(Action.REVEAL, email=now.email, target=report_no, reason=hide(reason))
    except SQLAlchemyError as error:
        raise NotRevealedError("访问日志写不进去，原文没有显示。请稍后再试") from error
    with reading(now) as conn:
        found = conn.execute(
            select(report.c.report_no, report.c.summary, report.c.reporter_phone).where(*mine)
        ).one_or_none()
    if found is None:
        raise NotRevealedError("这条线索刚刚有变动，没有显示")
    return Revealed(*found)
