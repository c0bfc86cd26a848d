"""A page that fails says so in Chinese, with a number and nothing of what went wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage
from ui.navigation import OVERVIEW, RECTIFICATION

LEADER = "leader@demo"
AWAY, FAILED = "暂时连不上数据库", "页面出错"
QUOTED = "莫某某 13900001111 /var/lib/liuzhou.db"
STATEMENT = "SELECT reporter_phone FROM violation_report"


def told(page: AppTest, log: pytest.LogCaptureFixture) -> str:
    """What the page says of its one error, which the log holds under the number shown."""
    assert not page.exception
    [error] = page.error
    number = re.search("编号 ([0-9a-f]{8}) 告诉系统管理员", error.value)
    assert number
    assert number.group(1) in log.text
    for part in (*QUOTED.split(), *STATEMENT.split(), "Error", "Traceback", ".py"):
        assert part not in error.value
    assert "莫某某" not in log.text
    assert "13900001111" not in log.text
    return str(error.value)


def failing(error: BaseException) -> Any:
    """A stand-in for any function, that fails."""

    def fail(*_args: object, **_named: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError(STATEMENT, {"a": QUOTED}, Exception(f"locked {QUOTED}")), AWAY),
        (InterfaceError(STATEMENT, {"a": QUOTED}, Exception(f"closed {QUOTED}")), AWAY),
        (ProgrammingError(STATEMENT, {"a": QUOTED}, Exception(f"denied {QUOTED}")), FAILED),
        (ValueError(QUOTED), FAILED),
        (MemoryError(), FAILED),
        (RecursionError(QUOTED), FAILED),
    ],
    ids=["locked", "closed", "not permitted", "value", "memory", "recursion"],
)
@pytest.mark.parametrize(
    "place",
    [
        "ui.session.find_user",
        "data_access.rectification.open_on_days",
        "ui.metrics.show",
        "streamlit.navigation",
    ],
)
def test_error_is_told_with_a_number_wherever_it_comes_from(
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    words: str,
    place: str,
) -> None:
    monkeypatch.setattr(place, failing(error))

    assert told(open_page(RECTIFICATION.script, LEADER), caplog).startswith(words)


def test_database_that_goes_away_between_two_runs_is_told(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = open_page(OVERVIEW.script, LEADER)
    assert not page.error

    gone = OperationalError(STATEMENT, {}, Exception("server closed the connection"))
    monkeypatch.setattr("ui.session.get_engine", failing(gone))

    assert told(page.run(), caplog).startswith(AWAY)
    assert not page.metric  # nor is anything left of what stood there
