"""A backup is of one moment while people write, and what it is restored to is the same; SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DatabaseError

from data_access import accounts, freezing, migration, schema, sign_ins
from data_access.engine import connect_to
from tests import factories as make
from tests.data_access import backups

Files = tuple[Path, Path]


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Engine]:
    engine = connect_to(f"sqlite:///{tmp_path / 'city.db'}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        make.report(conn)
        make.institution(conn, name="示例中心", name_key="示例中心")
        freezing.freeze(conn, make.THURSDAY, by=None)
    yield engine
    engine.dispose()


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_backup_under_writes_is_restored_whole(
    city: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    since = backups.counted(city)
    during, after = tmp_path / "during.backup", tmp_path / "after.backup"
    with backups.written_meanwhile(city) as done:
        before = done[0]
        assert backups.run(monkeypatch, str(city.url), "backup", str(during)) == 0
        assert done[0] > before, "nobody waited for the backup"
    assert during.stat().st_mode & 0o077 == 0
    assert backups.run(monkeypatch, str(city.url), "backup", str(after)) == 0

    moment, restored = tmp_path / "moment.db", tmp_path / "new" / "restored.db"
    assert backups.run(monkeypatch, url(moment), "restore", str(during)) == 0
    assert backups.run(monkeypatch, url(restored), "restore", str(after)) == 0

    assert "所有人要重新登录" in capsys.readouterr().out
    engine = connect_to(url(moment))
    assert backups.is_of_one_moment(engine, since=since)
    assert backups.counted(engine) != since, "it was written to meanwhile"
    engine.dispose()
    engine = connect_to(url(restored))
    assert backups.rows(engine) == backups.rows(city)
    assert migration.is_current(engine)
    with engine.connect() as conn, pytest.raises(DatabaseError):
        conn.execute(schema.weekly_snapshot.update().values(numerator=1))
    engine.dispose()
    assert not list(tmp_path.rglob("*.new"))


def test_nobody_is_signed_in_after_a_restore(
    city: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = sign_ins.sign_in_of({"email": "leader@demo"})
    assert came is not None
    with city.begin() as conn:
        row = {"digest": came.digest, "email": came.email, "at": sign_ins.clock.now()}
        conn.execute(schema.sign_in.insert().values(row))
        assert sign_ins.standing(conn, came)[0] is sign_ins.Standing.HOLDS
    backups.run(monkeypatch, str(city.url), "backup", str(tmp_path / "b"))
    backups.run(monkeypatch, url(tmp_path / "r.db"), "restore", str(tmp_path / "b"))

    engine = connect_to(url(tmp_path / "r.db"))
    with engine.connect() as conn:
        assert sign_ins.standing(conn, came)[0] is sign_ins.Standing.ENDED
        assert conn.scalar(select(schema.account.c.signed_out_at).limit(1)) is not None
    engine.dispose()


def test_backup_never_takes_the_place_of_a_file(
    city: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    there = tmp_path / "monday.backup"
    there.write_text("monday's")

    assert backups.run(monkeypatch, str(city.url), "backup", str(there)) == 2

    assert "已经存在" in capsys.readouterr().err
    assert there.read_text() == "monday's"


def test_restore_takes_an_empty_database_alone(
    city: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    backups.run(monkeypatch, str(city.url), "backup", str(tmp_path / "b"))
    before = backups.rows(city)

    assert backups.run(monkeypatch, str(city.url), "restore", str(tmp_path / "b")) == 2

    assert "不是空的" in capsys.readouterr().err
    assert backups.rows(city) == before


@pytest.mark.parametrize("damage", ["cut", "other", "none"])
def test_damaged_backup_leaves_nothing_behind(
    city: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: str,
) -> None:
    backup = tmp_path / "b"
    backups.run(monkeypatch, str(city.url), "backup", str(backup))
    if damage == "cut":
        backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    elif damage == "other":
        backup.write_text("no database at all, and long enough to look at" * 100)
    else:
        backup.unlink()

    assert backups.run(monkeypatch, url(tmp_path / "r.db"), "restore", str(backup)) == 2

    said = capsys.readouterr().err
    assert "不是完好的备份" in said or "没有备份文件" in said
    assert not list(tmp_path.glob("r.db*"))


def test_backup_of_nothing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert backups.run(monkeypatch, url(tmp_path / "no.db"), "backup", str(tmp_path / "b")) == 2
    assert "没有数据库文件" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_older_backup_is_said_to_want_a_migration(
    city: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    backup = tmp_path / "b"
    backups.run(monkeypatch, str(city.url), "backup", str(backup))
    with closing(sqlite3.connect(backup)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '0005'")
    assert backups.run(monkeypatch, url(tmp_path / "r.db"), "restore", str(backup)) == 0

    assert "python -m data_access migrate" in capsys.readouterr().out
    with city.connect() as conn:
        assert conn.scalar(text("SELECT count(*) FROM alembic_version")) == 1
