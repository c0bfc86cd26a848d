"""Generated reports on PostgreSQL: the same rows, by another way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, select, text

from data_access import bulk
from data_access.schema import import_batch, violation_report
from data_access.scope import Scope
from sample_data import volume
from tests import volumes
from tests.databases import PostgresDatabase, PostgresServer, postgres_sample
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres
REPORTS = 2_000


def described(engine: Engine) -> list[Any]:
    """Whatever hangs on the table of reports: indexes, keys, checks, walls, statistics aside."""
    look = inspect(engine)
    name = violation_report.name
    of_table = {"name": name}
    with engine.connect() as conn:
        walls = conn.execute(
            text("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = :name"),
            of_table,
        ).all()
        policies = conn.execute(
            text("SELECT policyname, cmd, qual FROM pg_policies WHERE tablename = :name"), of_table
        ).all()
    return [
        sorted(map(str, look.get_indexes(name))),
        sorted(map(str, look.get_foreign_keys(name))),
        sorted(map(str, look.get_unique_constraints(name))),
        sorted(map(str, look.get_check_constraints(name))),
        look.get_pk_constraint(name),
        walls,
        sorted(policies),
    ]


@pytest.fixture(scope="module")
def other(postgres: PostgresServer, folder: Path) -> Iterator[PostgresDatabase]:
    """The sample once more, to import into."""
    with postgres_sample(postgres, folder) as database:
        yield database


def test_whatever_fails_half_way_leaves_nothing(
    other: PostgresDatabase, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = connect(other.owner_url)
    before = described(engine)
    with engine.connect() as conn:
        state = [volumes.reports(conn), volumes.batches(conn), volumes.version(conn)]

    def full(conn: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("data_access.bulk.summaries.rebuild_all", full)
    with pytest.raises(OSError, match="No space"):
        volumes.fill(other.owner_url, 10)

    with engine.connect() as conn:
        assert [volumes.reports(conn), volumes.batches(conn), volumes.version(conn)] == state
    assert described(engine) == before


def test_what_is_copied_is_what_the_import_stores_and_sqlite_has_the_same(
    sample: PostgresDatabase,
    other: PostgresDatabase,
    folder: Path,
    connect: Connect,
    tmp_path: Path,
) -> None:
    engine, imported = connect(sample.owner_url), connect(other.owner_url)
    before = described(engine)
    volumes.fill(sample.owner_url, REPORTS)
    with engine.connect() as conn:
        rows = volumes.generated(conn)
    ledger = tmp_path / "举报.csv"
    volumes.write_ledger(rows, ledger)
    loaded = volumes.import_ledger(imported, ledger).report.rows_loaded

    with engine.connect() as conn, imported.connect() as of_import:
        assert loaded == len(rows) == REPORTS
        assert volumes.of_reports(volumes.generated(of_import)) == volumes.of_reports(rows)
        assert volumes.counted(of_import) == volumes.counted(conn)
        assert volumes.version(of_import) == volumes.version(conn)
        sequence = text("SELECT nextval(pg_get_serial_sequence('violation_report', 'id'))")
        assert conn.scalar(sequence) == max(row["id"] for row in rows) + 1
        known = text("SELECT reltuples FROM pg_class WHERE relname = 'violation_report'")
        assert conn.scalar(known) == volumes.reports(conn)
    assert described(engine) == before
    on_sqlite = connect(f"sqlite:///{folder / 'liuzhou.db'}")
    with on_sqlite.connect() as conn:
        made = volume.Reports(bulk.sites(conn, scope=Scope.city()), REPORTS, volumes.SEED)
    (chunk,) = made.chunks()
    for name, values in chunk.items():
        assert list(values) == [row[name] for row in rows], name


def test_an_office_s_own_database_is_refused(other: PostgresDatabase, connect: Connect) -> None:
    with connect(other.owner_url).begin() as conn:
        conn.execute(import_batch.update().values(imported_by="某市"))
    with pytest.raises(volume.VolumeError, match="演示数据以外的台账"):
        volumes.fill(other.owner_url, 10)


def test_special_characters_go_in_as_they_are(sample: PostgresDatabase, connect: Connect) -> None:
    # The superuser, whom no policy holds.
    engine = connect(sample.superuser_url)
    with engine.connect() as conn:
        row = dict(conn.execute(select(violation_report).limit(1)).mappings().one())
        row |= {"report_no": "a\\b\tc\nd\re\\N", "place_name": "\\N", "summary": ""}
        chunk = {name: [value] for name, value in row.items()}
        bulk._copy(conn, [chunk])
        wanted = select(violation_report).where(violation_report.c.report_no == row["report_no"])
        (stored,) = conn.execute(wanted).mappings().all()
        assert {**stored, "id": 0, "row_version": 0} == {**row, "id": 0, "row_version": 0}
        conn.rollback()
