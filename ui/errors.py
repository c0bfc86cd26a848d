"""What a reader is told when a page fails: what to do, and a number that finds the cause."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import OperationalError

_log = logging.getLogger(__name__)


@contextmanager
def told() -> Iterator[None]:
    """Tell of an error in Chinese, without its text, and log it under the number shown."""
    try:
        yield
    except OperationalError:
        st.error(
            f"暂时连不上数据库，数据没有丢失。请稍等片刻后刷新页面；"
            f"仍不行时请把编号 {_logged()} 告诉系统管理员。",
            icon=":material/cloud_off:",
        )
    except Exception:  # noqa: BLE001  the last place where an error can be told
        st.error(
            f"页面出错，没有改动任何数据。请刷新页面或换一个筛选条件；"
            f"仍不行时请把编号 {_logged()} 告诉系统管理员。",
            icon=":material/error:",
        )


def _logged() -> str:
    number = secrets.token_hex(4)
    _log.exception("page failed, number %s", number)
    return number
