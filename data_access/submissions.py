"""What counties have sent to the city (材料报送): the record of it, and putting it there.

The file itself is not kept: its name and its SHA-256 digest are, by which a file that somebody
shows later can be told from another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Column, Connection, Row, case, insert, select

from data_access import audit, clock, reference, versions, vocabulary
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.frames import read_frame
from data_access.ledgers.masking import hide
from data_access.ledgers.periods import due_day, why_none
from data_access.row_changes import change_row
from data_access.schema import county, submission
from data_access.scope import Scope
from data_access.writing import WritingError, writing

LONGEST_FILE_NAME: Final = 255
_TARGET: Final = "材料报送"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class SubmissionError(WritingError):
    """Nothing was saved; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One document as it was sent.

    ``document`` is a code of ``vocabulary.DOCUMENT``, ``period`` as in
    ``data_access.ledgers.periods``; ``sha256`` is :func:`digest` of the file.
    """

    document: str
    period: str
    submitted_on: date
    file_name: str
    sha256: str


def digest(content: bytes) -> str:
    """Return the SHA-256 digest of a file, 64 digits and small letters."""
    return hashlib.sha256(content).hexdigest()


def submissions(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List what is on record of the counties in scope, as sent by ``as_of``.

    What was sent after that day, or taken back, stands there without day, file and sender.

    ============  =============  =============================================================
    id            int64          number of the row
    county_code   str            reporting unit
    county        str            its full name
    document      str            code of ``vocabulary.DOCUMENT``
    period        str            2022-07-29, a further typical case 2022-07-29-2
    due_on        datetime64[s]  last day in time
    submitted_on  datetime64[s]  NaT: not sent by ``as_of``
    file_name     str            NaN: not known
    sha256        str            digest of the file; NaN: not known
    submitted_by  str            account that recorded it last; NaN: it came in a file
    recorded_on   datetime64[s]  day on which it was first put on record
    row_version   int64          to be given back with a change
    ============  =============  =============================================================

    By county, in the order of the city's documents, then by due day, document and period.
    """
    one = submission.c

    def by_then(column: Column[Any]) -> Any:
        return case((one.submitted_on <= as_of, column)).label(column.name)

    stmt = (
        select(
            one.id,
            one.county_code,
            county.c.name.label("county"),
            one.document,
            one.period,
            one.due_on,
            by_then(one.submitted_on),
            by_then(one.file_name),
            by_then(one.sha256),
            by_then(one.submitted_by),
            one.received_by_us_on.label("recorded_on"),
            one.row_version,
        )
        .join(county, county.c.code == one.county_code)
        .where(scope.allows(submission))
        .order_by(county.c.ordinal, one.due_on, one.document, one.period)
    )
    dtypes = {column.name: "str" for column in stmt.selected_columns}
    dtypes |= dict.fromkeys(("due_on", "submitted_on", "recorded_on"), "datetime64[s]")
    return read_frame(conn, stmt, dtypes | {"id": "int64", "row_version": "int64"})


def record(user: User, sent: Sent, *, row_version: int | None) -> int:
    """Put on record that the account's county has sent a document; return the row version.

    ``row_version`` is that of the row as it was seen, ``None`` where there was none. What the
    row held before is kept.

    Raises:
        SubmissionError: the account may not, something is missing or wrong, or the row has
            changed since.
    """
    sent = _checked(sent)
    with _writing(user) as conn:
        if sent.submitted_on < reference.newest_campaign(conn).starts_on:
            raise SubmissionError("报送日期早于专项行动开始，没有保存。请核对日期")
        known = _known(conn, user, sent.document, sent.period, row_version)
        fields = {
            "submitted_on": sent.submitted_on,
            "file_name": sent.file_name,
            "sha256": sent.sha256,
            "submitted_by": user.email,
        }
        if known is not None:
            version = change_row(conn, submission, known, fields, email=user.email)
            _log(conn, user, sent.document, sent.period, "更正")
            return version
        new = {
            "county_code": user.county_code,
            "document": sent.document,
            "period": sent.period,
            "due_on": due_day(sent.period),
            "received_by_us_on": clock.today(),
        }
        conn.execute(insert(submission).values(new | fields))
        _log(conn, user, sent.document, sent.period, "登记")
        return 1


def take_back(user: User, document: str, period: str, *, row_version: int) -> int:
    """Say that a document was not sent after all; return the row version. What stood is kept.

    Raises:
        SubmissionError: the account may not, or the row has changed since.
    """
    with _writing(user) as conn:
        known = _known(conn, user, document, period, row_version)
        if known is None:
            raise SubmissionError("没有这份材料的报送记录，没有保存。请重新打开，看过再改")
        fields = {"submitted_on": None, "file_name": None, "sha256": None}
        version = change_row(
            conn, submission, known, fields | {"submitted_by": user.email}, email=user.email
        )
        _log(conn, user, document, period, "撤回")
        return version


@contextmanager
def _writing(user: User) -> Iterator[Connection]:
    permission, what = Permission.SUBMISSION_RECORD, "登记材料报送"
    with writing(user, permission, target=_TARGET, what=what, error=SubmissionError) as conn:
        versions.bump(conn)  # takes the turn of other writers
        yield conn


def _checked(sent: Sent) -> Sent:
    if sent.document not in vocabulary.DOCUMENT:
        raise SubmissionError("请选择材料种类")
    reason = why_none(sent.document, sent.period)
    if reason is not None:
        raise SubmissionError(f"{reason}。没有保存")
    if sent.submitted_on > clock.today():
        raise SubmissionError("报送日期晚于今天，没有保存。请核对日期")
    name = hide(" ".join(sent.file_name.replace("\x00", "").split()))
    if not name or not _DIGEST.fullmatch(sent.sha256):
        raise SubmissionError("请选择报送的文件：登记文件名和文件摘要")
    if len(name) > LONGEST_FILE_NAME:
        raise SubmissionError(f"文件名超过 {LONGEST_FILE_NAME} 个字，请改短文件名")
    return Sent(sent.document, sent.period, sent.submitted_on, name, sent.sha256)


def _known(
    conn: Connection, user: User, document: str, period: str, row_version: int | None
) -> Row[Any] | None:
    one = submission.c
    stmt = select(submission).where(
        one.county_code == user.county_code, one.document == document, one.period == period
    )
    known = conn.execute(stmt.with_for_update()).one_or_none()
    if (known.row_version if known is not None else None) != row_version:
        raise SubmissionError("这份材料的登记刚刚有改动，没有保存。请重新打开，看过再改")
    return known


def _log(conn: Connection, user: User, document: str, period: str, what: str) -> None:
    word = vocabulary.DOCUMENT[document][0]
    target = f"{_TARGET} {word} {period}"
    audit.add(conn, Action.SUBMISSION_RECORD, email=user.email, target=target, what=what)
