"""An import that is killed or finds no room leaves nothing, or all; on SQLite."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_access import migration
from data_access.engine import connect_to
from tests.data_access import imports_that_fail as failing
from tests.importer import Importer, importer
from tests.mounts import small_disk


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    with importer(tmp_path_factory.mktemp("importer")) as running:
        yield running


def prepared(folder: Path, rows: int) -> Path:
    path = folder / "first.db"
    engine = connect_to(f"sqlite:///{path}")
    failing.prepare(engine, failing.write_reports(folder / "first.csv", rows))
    engine.dispose()
    return path


@pytest.mark.parametrize(
    ("rows", "kills"), [(300, 3), pytest.param(5_000, 50, marks=pytest.mark.soak)]
)
def test_killed_import_leaves_all_or_nothing_and_the_next_succeeds(
    running: Importer, tmp_path: Path, rows: int, kills: int
) -> None:
    first = prepared(tmp_path, rows)
    ledger = failing.write_reports(tmp_path / "second.csv", rows, second=True)
    copy = tmp_path / "city.db"

    def fresh() -> str:
        for ending in ("", "-wal", "-shm"):
            Path(f"{copy}{ending}").unlink(missing_ok=True)
        shutil.copy(first, copy)
        return f"sqlite:///{copy}"

    nothing, everything = failing.kill_at_random_moments(running, fresh, ledger, kills=kills)

    assert nothing + everything == kills
    assert nothing
    if kills > 10:
        assert everything, "some kills come after the end"


def test_import_that_finds_no_room_leaves_nothing_and_says_so(
    running: Importer, tmp_path: Path
) -> None:
    first = prepared(tmp_path, 300)
    url = f"sqlite:///{first}"
    ledger = failing.write_reports(tmp_path / "second.csv", 3_000, second=True)
    before = failing.contents(url)

    # The log that SQLite writes ahead grows with the rows.
    assert running.run(url, failing.arguments(ledger), limit=300_000) == 2, running.words()

    assert "数据库所在的磁盘已满，本文件没有导入，库中数据未变" in running.words()
    assert failing.contents(url) == before
    assert running.run(url, failing.arguments(ledger)) == 3
    assert "Traceback" not in running.words()


def test_disk_that_is_really_full_leaves_nothing(running: Importer, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mebibytes=2) as disk:
        first = prepared(tmp_path, 300)
        database = Path(shutil.copy(first, disk / "city.db"))
        url = f"sqlite:///{database}"
        ledger = failing.write_reports(tmp_path / "second.csv", 8_000, second=True)
        before = failing.contents(url)

        assert running.run(url, failing.arguments(ledger)) == 2

        assert "磁盘已满" in running.words()
        assert failing.contents(url) == before
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert running.run(url, failing.arguments(ledger)) == 3


def test_rows_sent_back_and_the_report_that_cannot_be_written_are_said(
    running: Importer, tmp_path: Path
) -> None:
    first = prepared(tmp_path, 300)
    ledger = failing.write_reports(tmp_path / "second.csv", 300, second=True)
    with small_disk(tmp_path / "disk", mebibytes=1) as disk:
        (disk / "much").write_bytes(bytes((1 << 20) - 4096 * 2))
        report, rejects = disk / "report.json", disk / "rejects"
        rejects.mkdir()
        filler = disk / "rest"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        command = ["import", "violation_reports", str(ledger), "--rejects", str(rejects)]

        assert running.run(f"sqlite:///{first}", [*command, "--report", str(report)]) == 2

        said = running.words()
        assert f"退回的行写不进 {rejects}（No space left on device）" in said
        assert f"结果写不进 {report}（No space left on device）" in said
        assert "Traceback" not in said
        assert sorted(each.name for each in disk.iterdir()) == ["much", "rejects", "rest"]
        assert list(rejects.iterdir()) == []
    os.sync()


def test_two_command_lines_and_a_page_at_once_are_all_right(
    running: Importer, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with importer(tmp_path) as other:
        failing.three_at_once(url, engine, (running, other), tmp_path)
    engine.dispose()
