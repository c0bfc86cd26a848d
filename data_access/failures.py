"""What a database that fails is failing of: away, full, or something that waiting will not mend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

NOT_SAVED: Final = "数据库暂时连不上，这次没有保存，库中数据未变。填写的内容请先留着，恢复后再提交"
FULL: Final = "数据库所在的磁盘已满，这次没有保存，库中数据未变。请系统管理员清出空间后再提交"
PERHAPS_SAVED: Final = (
    "保存到最后一步时数据库断开，不能确定是否已经保存。请等恢复后先核对，没有保存的再提交一次"
)
_NO_SPACE: Final = "53100"  # PostgreSQL's disk_full
_WRONG_STATEMENT: Final = "SQLITE_ERROR"  # sqlite3 calls that operational, too
# What SQLite says where a file can grow no further: by the disk, and by a limit.
_NO_GROWTH: Final = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE"})


class DatabaseAwayError(Exception):
    """The database is known not to answer, and was not asked."""


class WritingError(Exception):
    """What was asked for cannot be done, and nothing was; the message says why, in Chinese."""


def is_full(error: BaseException) -> bool:
    """Whether there was no room on the database's disk."""
    original = getattr(error, "orig", None)
    return (
        getattr(original, "sqlstate", None) == _NO_SPACE
        or getattr(original, "sqlite_errorname", None) in _NO_GROWTH
    )


def is_away(error: BaseException) -> bool:
    """Whether it is the database that cannot be reached or is busy, and trying again may help."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if is_full(error):
        return False
    if getattr(getattr(error, "orig", None), "sqlite_errorname", None) == _WRONG_STATEMENT:
        return False
    return isinstance(
        error, DatabaseAwayError | OperationalError | InterfaceError | NoConnectionFree
    )


def is_undecided(error: BaseException) -> bool:
    """Whether the connection was lost while a transaction was committed.

    Nobody here can tell then whether the database still did it. What is lost at a statement was
    not done; a connection that was never made is not invalidated.
    """
    return (
        isinstance(error, DBAPIError) and error.connection_invalidated and error.statement is None
    )


def why_not_saved(error: BaseException) -> str | None:
    """Return what to tell of a write that failed, in Chinese; ``None``: it is no such failure."""
    if is_undecided(error):
        return PERHAPS_SAVED
    if is_full(error):
        return FULL
    return NOT_SAVED if is_away(error) else None


@contextmanager
def saying_why(error: type[Exception]) -> Iterator[None]:
    """Raise what a database fails of as ``error``, which says that nothing was saved.

    The trace of what failed is its cause.
    """
    try:
        yield
    except (SQLAlchemyError, DatabaseAwayError) as failed:
        reason = why_not_saved(failed)
        if reason is None:
            raise
        raise error(reason) from failed
