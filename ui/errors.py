"""What a reader is told when a page fails: what to do, and a number that finds the cause.

The cause is in the server's log under that number, as a trace without what ledgers hold: the
texts of exceptions quote names and telephone numbers.
"""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st
from sqlalchemy.exc import StatementError

from data_access import reachable
from data_access.engine import get_engine
from data_access.failures import FULL, DatabaseAwayError, is_full
from data_access.failures import is_away as is_database_away
from data_access.shards import is_of_a_shard, names_away
from ui import outage

_log = logging.getLogger(__name__)

# Names are Chinese, what identifies a person has digits or an @.
_VALUES: Final = re.compile(r"[^\x00-\x7f]+|\S*@\S*|\S*\d{4}\S*")
_LEFT_OUT: Final = "…"


@contextmanager
def told() -> Iterator[None]:
    """Tell of an error in Chinese, without its text, and log it under the number shown."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  the last place where an error can be told
        if is_lost(error):
            logged(error)
            outage.keep_sent()
            st.rerun()  # the next run knows that the database is away, and does without
        tell(error)


def is_lost(error: Exception) -> bool:
    """Whether the database went away in the midst of this run."""
    if outage.is_on() or isinstance(error, DatabaseAwayError):
        return False  # it was away before
    return is_database_away(error) and not reachable.look()


def tell(error: Exception) -> bool:
    """Tell of an error as ``told`` does; also of those that come from outside of a page.

    Returns ``True``, by which a handler of Streamlit's says that all was said.
    """
    is_away = is_database_away(error)
    if isinstance(error, DatabaseAwayError) or (is_away and outage.is_on()):
        outage.tell_not_here()
        return True
    number = logged(error)
    if _told_of_shards(error, number):
        return True
    if is_full(error):
        st.error(f"{FULL}。编号 {number}。", icon=":material/error:")
    elif is_away:
        st.error(
            f"暂时连不上数据库，数据没有丢失。请稍等片刻后刷新页面；"
            f"仍不行时请把编号 {number} 告诉系统管理员。",
            icon=":material/cloud_off:",
        )
    else:
        st.error(
            f"页面出错，数据没有丢失。请刷新页面或换一个筛选条件；"
            f"仍不行时请把编号 {number} 告诉系统管理员。",
            icon=":material/error:",
        )
    return True


def _told_of_shards(error: Exception, number: str) -> bool:
    """Tell whose rows cannot be reached, where that is all that is wrong."""
    away = names_away(get_engine()) if is_of_a_shard(error) else []
    if away:
        st.error(
            f"{'、'.join(away)}的举报线索暂时读不到：存放它们的数据库连不上，数据没有丢失。"
            f"在筛选中选其他县区可以继续看，不用举报线索的页面不受影响。"
            f"请把编号 {number} 告诉系统管理员。",
            icon=":material/cloud_off:",
        )
    return bool(away)


def logged(error: BaseException) -> str:
    """Log an error and return the number it is logged under."""
    number = secrets.token_hex(4)
    _log.error("failed, number %s\n%s", number, trace(error))
    return number


def trace(error: BaseException) -> str:
    """Return the trace of an error and of what caused it, without what ledgers hold."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return "\n\n".join(
        "".join(traceback.format_tb(each.__traceback__)) + _said(each) for each in reversed(chain)
    )


def _said(error: BaseException) -> str:
    """Return the kind of an error and its text, or of a database's its code and statement.

    A database quotes values in its text, and not only in the part that is the parameters.
    """
    kind = type(error).__name__
    if isinstance(error, StatementError):
        return f"{kind}: {_code(error.orig)}\n{error.statement or ''}"
    if _code(error):
        return f"{kind}: {_code(error)}"
    return f"{kind}: {_VALUES.sub(_LEFT_OUT, str(error))}"


def _code(error: BaseException | None) -> str:
    """Return what a driver's error has besides its text, such as ``SQLITE_BUSY``."""
    diagnosis = getattr(error, "diag", None)
    said = [
        getattr(error, "sqlite_errorname", None),
        getattr(error, "sqlstate", None),
        getattr(diagnosis, "constraint_name", None),
    ]
    return " ".join(each for each in said if each)


def keep_values_out_of_logs() -> None:
    """Let every logger of the process write traces as :func:`trace` does.

    Streamlit and the server log what escapes them by themselves.
    """
    make = logging.getLogRecordFactory()

    def make_without_values(*args: object, **named: object) -> logging.LogRecord:
        record = make(*args, **named)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = trace(record.exc_info[1])
            record.exc_info = None
        return record

    logging.setLogRecordFactory(make_without_values)
