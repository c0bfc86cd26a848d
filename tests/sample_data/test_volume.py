from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, func, select, text

from data_access import bulk
from data_access.engine import connect_to
from data_access.schema import import_batch, violation_report
from data_access.scope import Scope
from data_access.weeks import reporting_week
from sample_data import generate, volume
from sample_data.days import LAST_DAY
from tests import volumes
from tests.databases import sample_database
from tests.workers import shared_folder

REPORTS = 2_000
Copy = Callable[[], Path]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(shared_folder(tmp_path_factory))


@pytest.fixture(scope="module")
def copy(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """Make copies of the sample, which go when the module is done."""
    folder = tmp_path_factory.mktemp("volumes")

    def copy() -> Path:
        return Path(shutil.copy(sample, folder / f"{len(list(folder.iterdir()))}.db"))

    yield copy
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def filled(copy: Copy) -> Iterator[Engine]:
    """The sample with generated reports in it. Not to be written to."""
    path = copy()
    volumes.fill(f"sqlite:///{path}", REPORTS)
    engine = connect_to(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def rows(filled: Engine) -> list[dict[str, Any]]:
    with filled.connect() as conn:
        return volumes.generated(conn)


def test_what_is_written_is_what_the_import_stores_of_the_same_reports(
    filled: Engine, rows: list[dict[str, Any]], copy: Copy, tmp_path: Path
) -> None:
    ledger = tmp_path / "举报.csv"
    volumes.write_ledger(rows, ledger)
    imported = connect_to(f"sqlite:///{copy()}")
    report = volumes.import_ledger(imported, ledger).report
    with imported.connect() as conn, filled.connect() as other:
        assert report.rows_loaded == len(rows) == REPORTS
        assert volumes.of_reports(volumes.generated(conn)) == volumes.of_reports(rows)
        assert volumes.counted(conn) == volumes.counted(other)
        assert volumes.version(conn) == volumes.version(other)
        assert volumes.batches(conn) == volumes.batches(other)
    imported.dispose()


def test_indexes_and_journal_are_what_they_were(filled: Engine, sample: Path) -> None:
    def described(engine: Engine) -> list[Any]:
        with engine.connect() as conn:
            stmt = text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'")
            objects = sorted(tuple(map(str, row)) for row in conn.execute(stmt))
            return [objects, conn.scalar(text("PRAGMA journal_mode"))]

    before = connect_to(f"sqlite:///{sample}")
    assert described(filled) == described(before)
    before.dispose()
    with filled.connect() as conn:
        assert conn.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert conn.execute(text("PRAGMA foreign_key_check")).all() == []
        analysed = "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'violation_report'"
        assert conn.scalar(text(analysed)) >= 7


def test_rows_say_by_which_batch_they_came_and_when(
    filled: Engine, rows: list[dict[str, Any]]
) -> None:
    with filled.connect() as conn:
        (batch,) = conn.execute(
            select(import_batch).where(import_batch.c.imported_by == volume.SENDER)
        ).all()

    assert {row["first_batch_id"] for row in rows} == {batch.id}
    assert (batch.rows_read, batch.rows_loaded, batch.received_on) == (REPORTS, REPORTS, LAST_DAY)
    assert all(row["received_on"] <= row["received_by_us_on"] <= LAST_DAY for row in rows)
    on_time = sum(row["received_by_us_on"] == row["week"] for row in rows)
    assert 0.9 < on_time / REPORTS < 1


def test_reports_fill_ten_years_and_more_come_every_year_and_in_summer(
    rows: list[dict[str, Any]],
) -> None:
    days = [row["received_on"] for row in rows]
    by_year = Counter(day.year for day in days)
    by_month = Counter(day.month for day in days)

    assert date(2012, 8, 26) <= min(days) < date(2012, 9, 10)
    assert date(2022, 8, 10) < max(days) <= LAST_DAY
    assert days == sorted(days)
    assert by_year[2013] < by_year[2021]
    assert by_month[7] == max(by_month.values())
    weekend = sum(day.weekday() >= 5 for day in days)
    assert 0.1 < weekend / REPORTS < 0.2
    assert all(row["week"] == reporting_week(row["received_on"]) for row in rows)


def test_a_few_busy_places_have_much_and_the_long_tail_little(rows: list[dict[str, Any]]) -> None:
    places = Counter(row["place_key"] for row in rows if row["place_key"])
    unplaced = sum(row["longitude"] is None for row in rows)

    assert 150 < len(places) <= volume.PLACES
    assert sum(n for _, n in places.most_common(10)) > 0.25 * REPORTS
    assert 0.07 < unplaced / REPORTS < 0.13
    assert len({row["county_code"] for row in rows}) == 12
    assert any(row["place_key"] is None for row in rows)


def test_old_reports_are_verified_and_closed_and_new_ones_are_on_their_way(
    rows: list[dict[str, Any]],
) -> None:
    verified = {"substantiated", "unsubstantiated"}
    for row in rows:
        age = (LAST_DAY - row["received_on"]).days
        assert (row["status"] in verified) == (row["verified_on"] is not None)
        if age >= volume.LONGEST_WAIT + volume.LONGEST_CLOSING:
            assert row["closed_on"] is not None
        if row["verified_on"]:
            assert row["received_on"] + timedelta(2) <= row["verified_on"] <= LAST_DAY
        if row["closed_on"]:
            assert row["verified_on"] <= row["closed_on"] <= LAST_DAY
    statuses = {row["status"] for row in rows}
    assert verified < statuses
    assert statuses - verified


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(
    rows: list[dict[str, Any]], copy: Copy
) -> None:
    again, other = copy(), copy()
    volumes.fill(f"sqlite:///{again}", REPORTS)
    volumes.fill(f"sqlite:///{other}", REPORTS, seed=volumes.SEED + 1)
    found = []
    for path in (again, other):
        engine = connect_to(f"sqlite:///{path}")
        with engine.connect() as conn:
            found.append(volumes.generated(conn))
        engine.dispose()

    assert found[0] == rows
    assert found[1] != rows
    assert [row["received_on"] for row in found[1]] == [row["received_on"] for row in rows]


def test_every_day_has_its_share_at_every_size() -> None:
    days = [volume.FIRST_DAY + timedelta(n) for n in range(3652)]
    small, large = (
        np.diff(volume._reports_by_day(days, number), prepend=0) for number in (10_000, 1_000_000)
    )

    assert days[-1] == LAST_DAY
    assert (small.sum(), large.sum()) == (10_000, 1_000_000)
    assert np.abs(small * 100 - large).max() <= 100


def test_chunks_are_made_one_at_a_time(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume, "CHUNK", 300)
    with filled.connect() as conn:
        chunks = volume.Reports(bulk.sites(conn, scope=Scope.city()), 1_000, volumes.SEED).chunks()

    sizes = [{len(values) for values in chunk.values()} for chunk in chunks]
    assert sizes == [{300}, {300}, {300}, {100}]
    assert iter(chunks) is chunks


@pytest.mark.parametrize("reports", [1, volume.CHUNK, volume.CHUNK + 1])
def test_numbers_are_unique_and_none_is_left_out(reports: int, filled: Engine) -> None:
    with filled.connect() as conn:
        chunks = volume.Reports(
            bulk.sites(conn, scope=Scope.city()), reports, volumes.SEED
        ).chunks()
        numbers = [number for chunk in chunks for number in chunk["report_no"]]

    assert len(set(numbers)) == len(numbers) == reports
    assert numbers == sorted(numbers)


def test_an_empty_database_gets_the_sample_first(
    copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def build(url: str, **_: object) -> None:
        built.append(url)
        to = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(copy())) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)

    monkeypatch.setattr("sample_data.volume.build.build", build)
    path = tmp_path / "new" / "large.db"
    volumes.fill(f"sqlite:///{path}", 10)

    assert built == [f"sqlite:///{path}.new"]
    assert [file.name for file in path.parent.iterdir()] == ["large.db"]
    engine = connect_to(f"sqlite:///{path}")
    with engine.connect() as conn:
        assert len(volumes.generated(conn)) == 10
    engine.dispose()


def test_a_city_s_own_database_is_refused_and_left_as_it_was(copy: Copy, tmp_path: Path) -> None:
    path = copy()
    engine = connect_to(f"sqlite:///{path}")
    with engine.begin() as conn:
        conn.execute(import_batch.update().where(import_batch.c.id == 3).values(imported_by="某市"))
    engine.dispose()
    before = path.read_bytes()

    with pytest.raises(volume.VolumeError, match="演示数据以外的台账"):
        volumes.fill(f"sqlite:///{path}", 10)

    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.new*"))


def test_a_database_that_has_generated_reports_is_refused(copy: Copy) -> None:
    url = f"sqlite:///{copy()}"
    volumes.fill(url, 10)
    with pytest.raises(volume.VolumeError, match="已有规模数据"):
        volumes.fill(url, 10)


def test_a_database_on_shards_is_refused(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sample_data.volume.shards", lambda conn: ["shard_1"])
    with pytest.raises(volume.VolumeError, match="分片"):
        volumes.fill(f"sqlite:///{copy()}", 10)


def test_a_file_that_somebody_has_open_is_refused(copy: Copy) -> None:
    path = copy()
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT count(*) FROM county").fetchall()
        with pytest.raises(volume.VolumeError, match="正在使用"):
            volumes.fill(f"sqlite:///{path}", 10)
    assert not list(path.parent.glob("*.new*"))


def test_a_row_of_no_county_there_is_leaves_the_file_as_it_was(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = volume.Reports.chunks

    def astray(self: volume.Reports) -> Iterator[bulk.Columns]:
        for chunk in chunks(self):
            yield {**chunk, "county_code": ["999999"] * len(chunk["report_no"])}

    path = copy()
    before = path.read_bytes()
    monkeypatch.setattr(volume.Reports, "chunks", astray)
    with pytest.raises(bulk.BrokenLinkError):
        volumes.fill(f"sqlite:///{path}", 10)

    assert path.read_bytes() == before


def test_killed_half_way_it_leaves_the_file_as_it_was_and_says_what_is_left(copy: Copy) -> None:
    path = copy()
    before = path.read_bytes()
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "sample_data.generate", "--reports", "1_000_000"],
        env=env,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "正在写入举报" in process.stderr.readline()
        process.send_signal(signal.SIGKILL)
    assert path.read_bytes() == before
    with pytest.raises(volume.VolumeError, match=rf"{path.name}\.new"):
        volumes.fill(f"sqlite:///{path}", 10)
    for left in path.parent.glob(f"{path.name}.new*"):
        left.unlink()
    volumes.fill(f"sqlite:///{path}", 10)

    engine = connect_to(f"sqlite:///{path}")
    with engine.connect() as conn:
        assert len(volumes.generated(conn)) == 10
    engine.dispose()


def test_the_command_fills_the_database_and_says_so(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{copy()}"
    monkeypatch.setenv("DATABASE_URL", url)

    assert generate.main(["--reports", "1_000"]) == 0
    assert capsys.readouterr().out == "已写入 1,000 条举报\n"
    engine = connect_to(url)
    with engine.connect() as conn:
        stmt = select(func.count()).where(violation_report.c.report_no.startswith("GM"))
        assert conn.scalar(stmt) == 1_000
    engine.dispose()

    assert generate.main(["--reports", "1_000"]) == 2
    assert "已有规模数据" in capsys.readouterr().err


def test_without_an_address_the_command_leaves_the_sample_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled: list[tuple[str, int]] = []
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(
        "sample_data.volume.fill", lambda url, reports, **_: filled.append((url, reports))
    )

    assert generate.main(["--reports", "100_000"]) == 0
    assert filled == [("sqlite:///var/scale/100000.db", 100_000)]


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "100_000_001"])
def test_a_number_that_is_none_is_told_in_chinese(
    said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        generate.main(["--reports", said])

    assert exit_.value.code == 2
    assert "--reports 应为 1 至 100,000,000 的整数" in capsys.readouterr().err
