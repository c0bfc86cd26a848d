"""Imports that take their time: the longest file that is taken, and one that is killed often."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data_access import migration, schema
from data_access.engine import connect_to
from tests.servers import ROOT

pytestmark = pytest.mark.soak

LONGEST = 200_000
KILLS = 25
COUNTED = (schema.violation_report, schema.weekly_summary, schema.import_batch)


def write_reports(path: Path, rows: int) -> None:
    lines = ["线索编号,接报日期,举报渠道,违规类型,县区,办理状态,楼宇小区"]
    lines += [
        f"JB{number:06},2022-07-{number % 28 + 1:02},举报邮箱,一对一,城中,受理,{number % 500} 号楼"
        for number in range(rows)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def start(database: Path, ledger: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "data_access", "import", "violation_reports", str(ledger)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}"},
        stdout=subprocess.DEVNULL,
    )


def counts(database: Path) -> tuple[int, ...]:
    engine = connect_to(f"sqlite:///{database}")
    with engine.connect() as conn:
        found = tuple(conn.scalars(select(func.count()).select_from(t)).one() for t in COUNTED)
    engine.dispose()
    return found


@pytest.fixture
def database(tmp_path: Path) -> Path:
    engine = connect_to(f"sqlite:///{tmp_path / 'city.db'}")
    migration.upgrade(engine)
    engine.dispose()
    return tmp_path / "city.db"


def test_longest_file_goes_in_within_a_gibibyte(database: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "reports.csv"
    write_reports(ledger, LONGEST)

    process = start(database, ledger)
    _, status, usage = os.wait4(process.pid, 0)

    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert counts(database)[0] == LONGEST
    assert usage.ru_maxrss < 1024 * 1024  # kibibytes


def test_import_killed_at_any_moment_leaves_all_or_nothing(database: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "reports.csv"
    write_reports(ledger, 20_000)
    moments = random.Random(20220825)  # noqa: S311  the same moments every time
    begun = time.monotonic()
    assert start(database, ledger).wait() == 0
    whole_seconds = time.monotonic() - begun
    whole = counts(database)

    for _ in range(KILLS):
        database.unlink()
        for ending in ("-wal", "-shm"):
            database.with_name(database.name + ending).unlink(missing_ok=True)
        engine = connect_to(f"sqlite:///{database}")
        migration.upgrade(engine)
        engine.dispose()
        process = start(database, ledger)
        try:
            process.wait(timeout=moments.uniform(0.3, 1.0) * whole_seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()

        assert counts(database) in {(0, 0, 0), whole}
        assert start(database, ledger).wait() == 0
        assert counts(database)[:2] == whole[:2]
