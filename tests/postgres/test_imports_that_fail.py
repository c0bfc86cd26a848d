"""An import that is killed or finds no room leaves nothing, or all; on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from data_access import migration
from data_access.engine import connect_to
from tests.data_access import imports_that_fail as failing
from tests.databases import PostgresDatabase, PostgresServer, administration, postgres_database
from tests.importer import Importer, importer
from tests.mounts import small_disk

pytestmark = pytest.mark.postgres

GONE_SECONDS = 30.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Importer]:
    with importer(tmp_path_factory.mktemp("importer")) as running:
        yield running


@contextmanager
def copies(server: PostgresServer, of: PostgresDatabase) -> Iterator[Callable[[], str]]:
    """Give what makes a copy of a database, the one before it being thrown away."""
    name = f"copy_{uuid.uuid4().hex[:12]}"
    template = make_url(of.superuser_url).database
    owner = make_url(of.owner_url)

    with administration(server) as engine, engine.connect() as conn:

        def fresh() -> str:
            conn.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            conn.execute(text(f"CREATE DATABASE {name} OWNER {owner.username} TEMPLATE {template}"))
            return owner.set(database=name).render_as_string(hide_password=False)

        yield fresh
        conn.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def until_alone(url: str) -> None:
    """Wait until the server has noticed that whoever was connected is no more."""
    engine = create_engine(url)
    others = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + GONE_SECONDS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        while conn.scalar(others):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    engine.dispose()


@pytest.mark.parametrize(
    ("rows", "kills"), [(300, 3), pytest.param(5_000, 50, marks=pytest.mark.soak)]
)
def test_killed_import_leaves_all_or_nothing_and_the_next_succeeds(
    postgres: PostgresServer, running: Importer, tmp_path: Path, rows: int, kills: int
) -> None:
    with postgres_database(postgres) as database:
        engine = connect_to(database.owner_url)
        failing.prepare(engine, failing.write_reports(tmp_path / "first.csv", rows))
        engine.dispose()
        ledger = failing.write_reports(tmp_path / "second.csv", rows, second=True)
        with copies(postgres, database) as fresh:
            nothing, everything = failing.kill_at_random_moments(
                running, fresh, ledger, kills=kills, settled=until_alone
            )

    assert nothing + everything == kills
    assert nothing
    if kills > 10:
        assert everything, "some kills come after the end"


def test_disk_that_is_really_full_leaves_nothing_and_says_so(
    postgres: PostgresServer, running: Importer, tmp_path: Path
) -> None:
    """The tables lie on a disk of their own; what PostgreSQL writes ahead does not."""
    # Not in pytest's folders, which are shut to other users: PostgreSQL may be one.
    folder = Path(tempfile.mkdtemp(prefix="tablespace-"))
    with administration(postgres) as engine, engine.connect() as conn:
        data = Path(conn.scalar(text("SHOW data_directory")) or "")
        with small_disk(folder, mebibytes=40), postgres_database(postgres) as database:
            name = make_url(database.superuser_url).database
            disk = folder / "tables"
            disk.mkdir()
            folder.chmod(0o755)
            _give(disk, data)
            conn.execute(text(f"CREATE TABLESPACE {name} LOCATION '{disk}'"))
            conn.execute(text(f"ALTER DATABASE {name} SET TABLESPACE {name}"))
            owner = connect_to(database.owner_url)
            failing.prepare(owner, failing.write_reports(tmp_path / "first.csv", 300))
            owner.dispose()
            _fill(folder, leave=1 << 20)
            ledger = failing.write_reports(tmp_path / "second.csv", 12_000, second=True)
            before = failing.contents(database.owner_url)

            assert running.run(database.owner_url, failing.arguments(ledger)) == 2
            assert "数据库所在的磁盘已满，本文件没有导入，库中数据未变" in running.words()
            # A server whose disk is full to the last page lets nobody in.
            (folder / "filler").unlink()
            assert failing.contents(database.owner_url) == before
            assert running.run(database.owner_url, failing.arguments(ledger)) == 3
            until_alone(database.owner_url)
            conn.execute(text(f"ALTER DATABASE {name} SET TABLESPACE pg_default"))
            conn.execute(text(f"DROP TABLESPACE {name}"))
    folder.rmdir()


def test_two_command_lines_and_a_page_at_once_are_all_right(
    postgres: PostgresServer, running: Importer, tmp_path: Path
) -> None:
    with postgres_database(postgres) as database, importer(tmp_path) as other:
        engine = connect_to(database.owner_url)
        migration.upgrade(engine)
        failing.three_at_once(database.owner_url, engine, (running, other), tmp_path)
        engine.dispose()


def _give(folder: Path, like: Path) -> None:
    status = like.stat()
    os.chown(folder, status.st_uid, status.st_gid)


def _fill(folder: Path, *, leave: int) -> None:
    (folder / "filler").write_bytes(bytes(shutil.disk_usage(folder).free - leave))
