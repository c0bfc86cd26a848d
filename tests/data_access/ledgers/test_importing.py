"""One file, one transaction: two at once, a failure midway, a killed process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from data_access import migration, schema, versions
from data_access.engine import connect_to
from data_access.ledgers.importing import import_file, import_understanding, reasons_by_row
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from data_access.ledgers.workbook import MAX_FILE_BYTES
from tests.data_access.ledgers.understandings import report, understood
from tests.servers import ROOT

CITY = Sender("supervisor@demo")
REPORTS = KINDS["violation_reports"]
HEADER = "线索编号,接报日期,举报渠道,违规类型,县区,办理状态\n"


def ledger(*numbers: int) -> bytes:
    rows = "".join(
        f"JB-{number},2022-07-04,12345 热线,一对一,柳北区,已受理\n" for number in numbers
    )
    return (HEADER + rows).encode()


def loaded(engine: Engine, table: str = "violation_report") -> int:
    with engine.connect() as conn:
        counted = select(func.count()).select_from(schema.metadata.tables[table])
        return conn.scalar(counted) or 0


def test_a_file_is_reported_as_it_was_stored(database: Engine) -> None:
    data = ledger(1, 2, 2)

    imported = import_file(database, REPORTS, data, file_name="七月.csv", sender=CITY)

    found = imported.report
    assert (found.rows_read, found.rows_loaded, found.rows_rejected) == (3, 2, 1)
    assert loaded(database) == 2
    assert [list(reasons_by_row(each)) for each in imported.understandings] == [[2]]
    assert imported.rejects_workbook()[:2] == b"PK"


@pytest.mark.parametrize(("day", "kept"), [(4, 1), (3, 0)])
def test_nothing_in_a_file_happened_after_the_day_it_reached_us(
    database: Engine, day: int, kept: int
) -> None:
    imported = import_file(
        *(database, REPORTS, ledger(1)),
        file_name="七月.csv",
        sender=CITY,
        received_on=date(2022, 7, day),
    )

    assert loaded(database) == imported.report.rows_loaded == kept
    said = [each.problem for each in imported.report.problems if each.severity == "error"]
    assert said == ([] if kept else ["日期晚于收到的那天（2022-07-03），请核对"])


def test_the_same_file_again_changes_nothing(database: Engine) -> None:
    for _ in range(2):
        imported = import_file(database, REPORTS, ledger(1), file_name="七月.csv", sender=CITY)

    assert imported.report.rows_updated == 1
    with database.connect() as conn:
        assert versions.current(conn) == 2
    assert loaded(database, "import_batch") == 2


def test_a_trial_keeps_nothing(database: Engine) -> None:
    imported = import_file(
        database, REPORTS, ledger(1), file_name="七月.csv", sender=CITY, dry_run=True
    )

    assert (imported.report.rows_loaded, imported.batch_ids) == (1, ())
    assert (loaded(database), loaded(database, "import_batch")) == (0, 0)


def test_a_failure_midway_keeps_nothing(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("", {}, Exception("disk full"))

    monkeypatch.setattr("data_access.versions.bump", fail)

    imported = import_file(database, REPORTS, ledger(1), file_name="七月.csv", sender=CITY)

    assert imported.report.is_unread
    assert "没有导入" in imported.report.problems[0].problem
    assert (loaded(database), loaded(database, "weekly_summary")) == (0, 0)


def test_two_imports_at_once_both_succeed(database: Engine) -> None:
    results: list[tuple[int, int]] = []
    start = threading.Barrier(2)

    def send(first: int) -> None:
        rows = [report(report_no=f"JB-{number}") for number in range(first, first + 400)]
        start.wait()
        stored = import_understanding(
            database, understood("violation_reports", *rows), sender=CITY
        ).report
        results.append((stored.rows_loaded, stored.rows_updated))

    # Half of the second file repeats the first: whoever comes second must see it.
    threads = [threading.Thread(target=send, args=(first,)) for first in (0, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [(200, 200), (400, 0)]
    assert loaded(database) == 600
    summary = schema.weekly_summary.c
    of_reports = select(func.sum(summary.n)).where(summary.subject == "violation_report")
    with database.connect() as conn:
        counted = conn.scalar(of_reports)
    assert counted == 600


def test_a_killed_import_leaves_nothing_half_done(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    path = tmp_path / "七月.csv"
    path.write_bytes(ledger(*range(2_000)))
    marker = tmp_path / "inside"
    script = f"""
import pathlib, time
from data_access import summaries
def linger(*_):
    pathlib.Path({str(marker)!r}).touch()
    time.sleep(60)
summaries.rebuild = linger
from data_access.__main__ import main
main(["import", "violation_reports", {str(path)!r}])
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}
    )
    try:
        deadline = time.monotonic() + 60
        while not marker.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert marker.exists()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert (loaded(engine), loaded(engine, "import_batch")) == (0, 0)
    again = import_file(engine, REPORTS, path, file_name=path.name, sender=CITY)
    assert again.report.rows_loaded == 2_000
    engine.dispose()


def test_file_beyond_the_limit_is_refused_before_it_is_read(
    database: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)

    tracemalloc.start()
    try:
        imported = import_file(database, REPORTS, path, file_name=path.name, sender=CITY)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert imported.report.problems[0].problem == "文件超过 100 MB，请拆分后再报送"


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_refused_and_not_waited_for(
    database: Engine, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "a.csv"
    make(path)

    imported = import_file(database, REPORTS, path, file_name=path.name, sender=CITY)

    assert imported.report.problems[0].problem == "不是文件，请核对文件名和路径"
