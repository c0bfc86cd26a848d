"""One file in: understood, stored in one transaction or tried and rolled back, reported."""

from __future__ import annotations

import gc
import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from data_access import audit, failures
from data_access.audit import Action
from data_access.ledgers import masking
from data_access.ledgers.cells import clean
from data_access.ledgers.kinds import Kind
from data_access.ledgers.problems import Problem, UnreadableFileError
from data_access.ledgers.reading import Progress
from data_access.ledgers.rejects import rejects_workbook
from data_access.ledgers.storing import BEIJING, Sender, Stored, storable, store
from data_access.ledgers.understanding import Understanding, UnderstoodSheet
from data_access.ledgers.values import Setting
from data_access.ledgers.workbook import check_size
from data_access.ledgers.workbooks import Workbook, understand_ledger, understand_workbook
from data_access.reference import counties, newest_campaign
from data_access.scope import Scope
from data_access.shards import how_to_mend

WRITE_CACHE_KIB: Final = 65_536
Crs = Literal["wgs84", "gcj02", "bd09"]
NOT_OPEN = (
    "数据库打不开或写不进去，本文件没有导入，库中数据未变。请稍后再试；仍不行请联系系统管理员"
)
NO_ROOM = "数据库所在的磁盘已满，本文件没有导入，库中数据未变。请系统管理员清出空间后再导入"
UNDECIDED = (
    "写到最后一步时数据库断开，不能确定本文件是否已经导入。请等恢复后在“导入记录”中核对；"
    "同一文件再导入一次，不会重复计数"
)


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file, as the command line reports it.

    ``rows_read = rows_loaded + rows_updated + rows_rejected``; ``rows_changed`` of those updated
    say something else than before, which the written report leaves out. ``sha256`` is ``None``
    where there was no file. ``is_unread`` is true where nothing of it could be read.
    """

    file: str
    sha256: str | None
    kind: str
    rows_read: int
    rows_loaded: int
    rows_updated: int
    rows_rejected: int
    problems: tuple[Problem, ...]
    rejects_file: str | None = None
    is_unread: bool = False
    rows_changed: int = 0

    def counted(self, will: str = "") -> str:
        """Say what became of the rows; ``will`` stands before what is not done yet."""
        said = (
            f"读到 {self.rows_read:,} 行 = {will}新增 {self.rows_loaded:,}"
            f" ＋ 已有 {self.rows_updated:,} ＋ {will}退回 {self.rows_rejected:,}"
        )
        if not self.rows_updated:
            return said
        if not self.rows_changed:
            return f"{said}；已有的行没有改动"
        return f"{said}；已有的行中{will}改动 {self.rows_changed:,} 行"

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is written out."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "kind": self.kind,
            "rows_read": self.rows_read,
            "rows_loaded": self.rows_loaded,
            "rows_updated": self.rows_updated,
            "rows_rejected": self.rows_rejected,
            "rejects_file": self.rejects_file,
            "problems": [
                {
                    "sheet": problem.sheet,
                    "row": problem.row,
                    "column": problem.column,
                    "value": problem.value,
                    "problem": problem.problem,
                    "severity": problem.severity,
                }
                for problem in self.problems
            ],
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """A file's report, and its understanding with every rejected row and problem.

    ``understandings`` are what the workbook of rejected rows is written from: one, of a
    workbook of several ledgers one each, none where nothing could be read. ``batch_ids`` are
    of the same ledgers, none where nothing was kept.
    """

    report: FileReport
    understandings: tuple[Understanding, ...] = ()
    batch_ids: tuple[int, ...] = ()

    @property
    def sheets(self) -> list[UnderstoodSheet]:
        """How each sheet was read."""
        return [sheet for each in self.understandings for sheet in each.sheets]

    def rejects_workbook(self) -> bytes:
        """Return the rejected rows with their reasons as an .xlsx, to mend and send again.

        Raises:
            ValueError: nothing of the file could be read.
        """
        if not self.understandings:
            raise ValueError("a file that was not read has no rows to give back")
        return rejects_workbook(*((each, reasons_by_row(each)) for each in self.understandings))


def reasons_by_row(understanding: Understanding) -> dict[int, list[str]]:
    """Return why each rejected row was rejected, by its place in the understanding."""
    rows = understanding.rows
    places = dict(zip(zip(rows["sheet"], rows["row"], strict=True), count(), strict=False))
    reasons: dict[int, list[str]] = {
        int(place): [] for place in np.flatnonzero(understanding.rejected)
    }
    for problem in understanding.problems:
        place = places.get((problem.sheet, problem.row))
        if problem.severity == "error" and place in reasons:
            header = f"{problem.column}：" if problem.column else ""
            reasons[place].append(f"{header}{problem.problem}")
    return reasons


def today_in_beijing() -> date:
    """Return the day it is where the offices are."""
    return datetime.now(BEIJING).date()


def import_file(
    engine: Engine,
    kind: Kind | Workbook,
    source: Path | bytes,
    *,
    file_name: str,
    sender: Sender,
    crs: Crs = "wgs84",
    received_on: date | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Import one file; nothing of it is kept where it cannot be read or ``dry_run``.

    ``received_on`` is the day it reached us, today unless given. A file that cannot be
    read, or a database that cannot be written, gives a report with one problem.
    """
    digest: str | None = None
    try:
        data = source if isinstance(source, bytes) else _read(source)
        digest = hashlib.sha256(data).hexdigest()
        understandings = understand_file(
            engine,
            kind,
            file_name,
            data,
            sender=sender,
            crs=crs,
            received_on=received_on,
            progress=progress,
        )
        return import_understandings(
            engine,
            understandings,
            name=kind.name,
            sender=sender,
            received_on=received_on,
            dry_run=dry_run,
        )
    except UnreadableFileError as error:
        reason = str(error)
        if not dry_run:
            _log_refusal(engine, kind, file_name, reason, sender)
    except SQLAlchemyError as error:
        reason = how_to_mend(engine) or _why_not_kept(error)
    return Imported(failure(kind.name, file_name, reason, digest))


def _why_not_kept(error: SQLAlchemyError) -> str:
    if failures.is_undecided(error):
        return UNDECIDED
    return NO_ROOM if failures.is_full(error) else NOT_OPEN


def _log_refusal(
    engine: Engine, kind: Kind | Workbook, file_name: str, reason: str, sender: Sender
) -> None:
    """Log that somebody sent what could not be read; where even that fails, nothing was done."""
    with suppress(SQLAlchemyError), engine.begin() as conn:
        audit.add(
            conn,
            Action.REFUSED,
            email=sender.email,
            target=storable(file_name),
            why="unreadable",
            reason=masking.hide(clean(reason)),
            **_asked(kind.name, sender),
        )


def _log_import(conn: Connection, report: FileReport, sender: Sender) -> None:
    audit.add(
        conn,
        Action.IMPORT,
        email=sender.email,
        target=storable(report.file),
        rows_read=report.rows_read,
        rows_loaded=report.rows_loaded,
        rows_updated=report.rows_updated,
        rows_rejected=report.rows_rejected,
        **_asked(report.kind, sender),
    )


def _asked(kind: str, sender: Sender) -> dict[str, str]:
    """Return which ledger a file is, of which county, and who sends it if no account does."""
    asked = {"kind": kind}
    if sender.county_code is not None:
        asked["county"] = sender.county_code
    if sender.email is None:
        asked["sender"] = sender.name
    return asked


def failure(kind: str, file: str, reason: str, sha256: str | None = None) -> FileReport:
    """Return the report of a file of which nothing could be read, and why."""
    problem = Problem(None, None, None, None, reason, "error")
    return FileReport(file, sha256, kind, 0, 0, 0, 0, (problem,), is_unread=True)


def _read(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError("不是文件，请核对文件名和路径")
        check_size(status.st_size)
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFileError("没有这个文件，请核对文件名和路径") from None
    except OSError as error:
        raise UnreadableFileError(f"文件打不开（{error.strerror}）") from error


def understand_file(
    engine: Engine,
    kind: Kind | Workbook,
    file_name: str,
    data: bytes,
    *,
    sender: Sender,
    crs: Crs = "wgs84",
    received_on: date | None = None,
    progress: Progress | None = None,
) -> tuple[Understanding, ...]:
    """Understand a file with the counties and the newest campaign of the database.

    One understanding for each ledger that it is of. Nothing in it happened after ``received_on``,
    the day it reached us, today unless given.

    Raises:
        UnreadableFileError: nothing of it can be read.
    """
    with engine.connect() as conn:
        units = counties(conn, scope=Scope.city())
        campaign = newest_campaign(conn)
    day = received_on or today_in_beijing()
    setting = Setting(day, campaign.starts_on.year, units, sender.county_code, crs)
    if isinstance(kind, Workbook):
        return understand_workbook(kind, file_name, data, setting=setting, progress=progress)
    return (understand_ledger(kind, file_name, data, setting=setting, progress=progress),)


def import_understanding(
    engine: Engine,
    understanding: Understanding,
    *,
    sender: Sender,
    received_on: date | None = None,
    dry_run: bool = False,
) -> Imported:
    """Store the understood file of one ledger: see :func:`import_understandings`."""
    return import_understandings(
        engine,
        (understanding,),
        name=understanding.kind.name,
        sender=sender,
        received_on=received_on,
        dry_run=dry_run,
    )


def import_understandings(
    engine: Engine,
    understandings: tuple[Understanding, ...],
    *,
    name: str,
    sender: Sender,
    received_on: date | None = None,
    dry_run: bool = False,
) -> Imported:
    """Store an understood file in one transaction, or try it and roll it back.

    ``name`` is that of its kind. The ledgers of a workbook are stored in their order, each a
    batch of its own, and all of them or none.

    Raises:
        SQLAlchemyError: the database cannot be written; nothing of the file is kept.
    """
    day = received_on or today_in_beijing()
    with _unhindered(engine) as conn, conn.begin() as transaction:
        stored = tuple(store(conn, each, received_on=day, sender=sender) for each in understandings)
        report = _report(name, understandings, stored)
        if dry_run:
            transaction.rollback()
        else:
            _log_import(conn, report, sender)
    return Imported(
        report,
        tuple(
            replace(each, rejected=of.rejected, problems=of.problems)
            for each, of in zip(understandings, stored, strict=True)
        ),
        () if dry_run else tuple(of.batch_id for of in stored),
    )


@contextmanager
def _unhindered(engine: Engine) -> Iterator[Connection]:
    """Connect for a large write: room for its pages, no search for garbage meanwhile.

    SQLite's default of 2 MB would write pages out and read them back; a collection of
    garbage goes through every row held, and rows make no cycles.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        with engine.connect() as conn:
            if conn.dialect.name != "sqlite":
                yield conn
                return
            kept = conn.exec_driver_sql("PRAGMA cache_size").scalar()
            conn.exec_driver_sql(f"PRAGMA cache_size = -{WRITE_CACHE_KIB}")
            conn.commit()
            try:
                yield conn
            finally:
                conn.exec_driver_sql(f"PRAGMA cache_size = {kept}")
    finally:
        if was_collecting:
            gc.enable()


def _report(
    name: str, understandings: tuple[Understanding, ...], stored: tuple[Stored, ...]
) -> FileReport:
    return FileReport(
        understandings[0].file_name,
        understandings[0].sha256,
        name,
        sum(of.rows_read for of in stored),
        sum(of.rows_loaded for of in stored),
        sum(of.rows_updated for of in stored),
        sum(of.rows_rejected for of in stored),
        tuple(problem for of in stored for problem in of.problems),
        rows_changed=sum(of.rows_changed for of in stored),
    )
