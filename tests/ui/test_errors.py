"""What the log holds of an error: where and of what kind, and nothing that a ledger holds."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ui.errors import is_database_away, keep_values_out_of_logs, logged, trace

NAME, PHONE = "莫某某", "13900001111"


class DiagnosedError(Exception):
    """As psycopg tells of what PostgreSQL refused."""

    sqlstate = "23505"
    diag = SimpleNamespace(constraint_name="uq_violation_report_report_no")


def caught(fail: Callable[[], object]) -> Exception:
    """The error that ``fail`` raises, with its trace."""
    try:
        fail()
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing failed")


def query_with_values() -> object:
    with create_engine("sqlite://", hide_parameters=True).connect() as conn:
        return conn.execute(text("SELECT * FROM no_such WHERE name = :name"), {"name": NAME})


def key_exists() -> object:
    quoting = DiagnosedError(f"DETAIL:  Key (reporter_phone)=({PHONE}) already exists, {NAME}")
    raise ProgrammingError("INSERT INTO violation_report VALUES (:a)", {"a": PHONE}, quoting)


def text_that_is_no_text() -> object:
    db = sqlite3.connect(":memory:")
    return db.execute(f"SELECT CAST(x'ff{PHONE.encode().hex()}' AS TEXT)").fetchall()


@pytest.mark.parametrize(
    ("fail", "kind", "said"),
    [
        (lambda: pd.to_datetime(pd.Series([f"{NAME} {PHONE}"]), format="%Y"), "ValueError", ""),
        (lambda: pd.Series([f"{PHONE}{NAME}"]).astype(int), "ValueError", ""),
        (lambda: {}[f"{NAME}{PHONE}"], "KeyError", ""),
        (lambda: pd.DataFrame({"county": []})["no_such_column"], "KeyError", "no_such_column"),
        (lambda: (_ for _ in ()).throw(ValueError("a@b.cn 450203199001011234")), "ValueError", ""),
        (query_with_values, "OperationalError", "SELECT * FROM no_such WHERE name = "),
        (key_exists, "ProgrammingError", "23505 uq_violation_report_report_no"),
        (text_that_is_no_text, "OperationalError", ""),
    ],
)
def test_trace_says_where_and_what_kind_but_no_values(
    fail: Callable[[], object], kind: str, said: str
) -> None:
    written = trace(caught(fail))

    assert "in caught" in written
    assert f"{kind}: {said}" in written or (kind in written and said in written)
    last = [line for line in written.splitlines() if not line.startswith("  ")]
    assert not any(value in line for line in last for value in (NAME, PHONE, "a@b.cn", "19900101"))


def test_trace_names_what_caused_it_first() -> None:
    def fail() -> None:
        try:
            _ = {}["name"]
        except KeyError as error:
            raise RuntimeError("no such name") from error

    written = trace(caught(fail))

    assert written.index("KeyError: 'name'") < written.index("RuntimeError: no such name")


def test_number_finds_the_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    first, second = logged(ValueError("one")), logged(MemoryError())

    assert first != second
    assert f"number {first}\nValueError: one" in caplog.text
    assert f"number {second}\nMemoryError" in caplog.text


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (OperationalError("SELECT 1", {}, Exception("database is locked")), True),
        (InterfaceError("SELECT 1", {}, Exception("connection already closed")), True),
        (DBAPIError("SELECT 1", {}, Exception(), connection_invalidated=True), True),
        (NoConnectionFree("QueuePool limit"), True),
        (ProgrammingError("SELECT 1", {}, Exception("permission denied for table plan")), False),
        (KeyError("county"), False),
    ],
)
def test_database_that_is_away_is_told_from_other_errors(error: Exception, is_away: bool) -> None:
    assert is_database_away(error) is is_away


@pytest.fixture
def without_values() -> Iterator[None]:
    factory = logging.getLogRecordFactory()
    keep_values_out_of_logs()
    yield
    logging.setLogRecordFactory(factory)


@pytest.mark.usefixtures("without_values")
def test_traces_of_other_loggers_hold_no_values_either(caplog: pytest.LogCaptureFixture) -> None:
    quoted = f"{NAME} {PHONE}"
    try:
        raise ValueError(quoted)
    except ValueError:
        logging.getLogger("streamlit.somewhere").exception("it failed")

    assert "it failed" in caplog.text
    assert "raise ValueError(quoted)" in caplog.text
    assert NAME not in caplog.text
    assert PHONE not in caplog.text
