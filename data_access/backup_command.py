"""The commands ``python -m data_access backup FILE`` and ``restore FILE``.

A backup is of one moment, and people go on writing meanwhile: on SQLite by its own online backup,
on PostgreSQL by ``pg_dump`` as the owner of the tables. It is there whole or not at all, and for
nobody but who made it. It is restored into an empty database alone, whole or not at all, before
triggers and row-level security are put up again; whoever was signed in has to sign in again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, inspect

from data_access import account_changes, migration
from data_access.command_line import NOT_CURRENT, CommandError, Parser, on_database
from data_access.shards import shards

_NO_PROGRAM: Final = (
    "没有找到 {}。请安装与数据库同版本或更新的 PostgreSQL 客户端（Debian：postgresql-client）"
)
_SHARDED: Final = (
    "数据库已分片，分片里的举报线索不在协调库的备份里，没有备份。"
    "请停止导入，由数据库管理员对协调库和每台分片各用 pg_dump 备份（见 docs/deployment.md）"
)
_OLDER: Final = "备份来自较早的结构，请接着运行 python -m data_access migrate"


def add_to(backup: Parser, restore: Parser) -> None:
    """Add what the two commands ask for."""
    backup.description = (
        "把整个数据库备份成一个文件，备份期间可以照常使用。PostgreSQL 用所有者的 DATABASE_URL。"
        "退出码：0 已备份，2 没有备份，也没有留下文件。"
    )
    backup.add_argument("file", metavar="FILE", type=Path, help="备份文件，不能是已有的文件")
    backup.set_defaults(run=on_database(_backup))
    restore.description = (
        "把备份恢复到 DATABASE_URL 指定的空库，要么全部恢复，要么什么也不留。请先停服务。"
        "恢复后所有人要重新登录。退出码：0 已恢复，2 没有恢复。"
    )
    restore.add_argument("file", metavar="FILE", type=Path, help="backup 写成的备份文件")
    restore.set_defaults(run=on_database(_restore))


def _backup(engine: Engine, options: argparse.Namespace) -> str:
    file: Path = options.file
    if file.exists():
        raise CommandError(f"{file} 已经存在，没有备份。请换一个文件名")
    is_sqlite = engine.dialect.name == "sqlite"
    if is_sqlite and not Path(engine.url.database or "").exists():
        raise CommandError(f"没有数据库文件 {engine.url.database}，没有备份")
    if not migration.is_current(engine):
        raise CommandError(NOT_CURRENT)
    with engine.connect() as conn:
        if shards(conn):
            raise CommandError(_SHARDED)
    unfinished = file.with_name(f"{file.name}.new")
    try:
        # Ledgers are in it: others on this machine may not read it.
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        (_copy if is_sqlite else _dump)(engine, unfinished)
        unfinished.replace(file)
    except FileExistsError:
        raise CommandError(
            f"{unfinished} 已经存在：另一次备份还没有完，或没有做完。没有备份"
        ) from None
    except BaseException as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError | sqlite3.Error):
            raise CommandError(f"备份写不进 {file}，没有备份：{error}") from error
        raise
    return f"已备份到 {file}（{file.stat().st_size / 1e6:.1f} MB）。"


def _copy(engine: Engine, file: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{engine.url.database}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(file)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, that may be carried elsewhere
        _check(target, file)


def _check(db: sqlite3.Connection, file: Path) -> None:
    try:
        found = db.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise CommandError(f"{file} 不是完好的备份：{error}") from error
    if found != "ok":
        raise CommandError(f"{file} 不是完好的备份：{found}")


def _dump(engine: Engine, file: Path) -> None:
    # The owner is held by row-level security, too, and its policy shows it every row.
    _run(engine, "pg_dump", "--format=custom", "--enable-row-security", f"--file={file}")


def _restore(engine: Engine, options: argparse.Namespace) -> str:
    file: Path = options.file
    if not file.is_file():
        raise CommandError(f"没有备份文件 {file}")
    is_sqlite = engine.dialect.name == "sqlite"
    path = Path(engine.url.database or "")
    if not (is_sqlite and not path.exists()) and inspect(engine).get_table_names():
        raise CommandError("数据库不是空的，没有恢复。请另建一个空库，把 DATABASE_URL 指向它")
    if is_sqlite:
        engine.dispose()
        _put_back(file, path)
    else:
        _run(
            *(engine, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner"),
            str(file),
        )
    with engine.begin() as conn:
        account_changes.end_all_sign_ins(conn)
    older = "" if migration.is_current(engine) else f"\n{_OLDER}"
    return f"已从 {file} 恢复。所有人要重新登录。{older}"


def _put_back(file: Path, path: Path) -> None:
    unfinished = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(unfinished)) as target,
        ):
            _check(source, file)
            source.backup(target)
        for ending in ("-wal", "-shm"):
            path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
        unfinished.replace(path)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(f"写不进 {path}，没有恢复：{error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _run(engine: Engine, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's on the database; the password is on no command line.

    Raises:
        CommandError: there is no such program, or it did not succeed.
    """
    found = shutil.which(program)
    if found is None:
        raise CommandError(_NO_PROGRAM.format(program))
    _, said = engine.dialect.create_connect_args(engine.url)
    password: Any = said.pop("password", None)
    said = {name: value for name, value in said.items() if isinstance(value, str | int)}
    done = subprocess.run(  # noqa: S603  a program of the system, and no shell
        [found, f"--dbname={make_conninfo(**said)}", *arguments],
        env={**os.environ, **({"PGPASSWORD": str(password)} if password else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{program} 没有成功：\n{done.stderr.strip()}")
