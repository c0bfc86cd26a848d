"""Which role may serve, which may import, and what the others are told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, make_url, select, text

from data_access import __main__ as command_line
from data_access import migration, row_security
from data_access.engine import get_engine, get_import_engine
from data_access.row_security import READERS
from data_access.schema import account, import_batch, institution
from tests.databases import (
    OWNER,
    PostgresDatabase,
    PostgresServer,
    administration,
    forget_engines,
    postgres_database,
)
from tests.offices import CLIENT_SECRET, COOKIE_SECRET, write_settings
from tests.postgres.conftest import Connect
from tests.servers import ROOT, serve
from ui import start_checks

pytestmark = pytest.mark.postgres

LEDGER = "县区,机构名称,机构类别,经营状态,排查日期\n融安县,甲子书法,文化艺术,在营,2022-07-05\n"
Point = Callable[..., None]


@pytest.fixture(scope="module")
def migrated(database: PostgresDatabase, connect: Connect) -> PostgresDatabase:
    migration.upgrade(connect(database.owner_url))
    return database


@pytest.fixture
def login(
    migrated: PostgresDatabase, postgres: PostgresServer, connect: Connect
) -> Iterator[Callable[..., str]]:
    """Make a role that may sign in, and return the address that it connects by."""
    name = f"{migrated.plain_role}_x"

    def login(options: str, *grants: str) -> str:
        with administration(postgres) as engine, engine.connect() as conn:
            conn.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD '{name}' {options}"))
        with connect(migrated.superuser_url).begin() as conn:
            for grant in grants:
                conn.execute(text(grant.format(name)))
        url = make_url(migrated.plain_url).set(username=name, password=name)
        return url.render_as_string(hide_password=False)

    yield login
    with connect(migrated.superuser_url).begin() as conn:
        conn.execute(text(f"DROP OWNED BY {name}"))
        conn.execute(text(f"DROP ROLE {name}"))


@pytest.fixture
def point(monkeypatch: pytest.MonkeyPatch) -> Iterator[Point]:
    """Point the dashboard at a database, and imports at it by another role."""

    def point(url: str, imports: str | None = None) -> None:
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.delenv("IMPORT_DATABASE_URL", raising=False)
        if imports is not None:
            monkeypatch.setenv("IMPORT_DATABASE_URL", imports)
        forget()
        engines.append(get_engine())
        if imports is not None:
            engines.append(get_import_engine())

    def forget() -> None:
        forget_engines()
        while engines:
            engines.pop().dispose()

    engines: list[Engine] = []
    yield point
    forget()


def test_a_role_that_is_held_and_another_that_imports_may_serve(
    migrated: PostgresDatabase, point: Point
) -> None:
    point(migrated.plain_url, migrated.owner_url)

    start_checks.refuse_unfit_roles()


@pytest.mark.parametrize("which", ["superuser_url", "owner_url"])
def test_superuser_and_owner_may_not_serve(
    migrated: PostgresDatabase, point: Point, which: str
) -> None:
    point(getattr(migrated, which), migrated.owner_url)

    with pytest.raises(SystemExit, match=r"不受行级安全约束.*\n服务没有启动"):
        start_checks.refuse_unfit_roles()


@pytest.mark.parametrize(
    ("options", "grants"),
    [
        (f"BYPASSRLS IN ROLE {READERS}", ()),
        (f"IN ROLE {READERS}, {OWNER}", ()),
        (f"NOINHERIT IN ROLE {READERS}, {OWNER}", ()),
        (f"IN ROLE {READERS}", ("GRANT TRUNCATE ON rectification TO {}",)),
    ],
    ids=["bypasses", "is the owner, too", "may become the owner", "may empty a table"],
)
def test_role_that_may_do_more_than_its_policies_may_not_serve(
    migrated: PostgresDatabase,
    login: Callable[..., str],
    point: Point,
    options: str,
    grants: tuple[str, ...],
) -> None:
    point(login(options, *grants), migrated.owner_url)

    with pytest.raises(SystemExit, match="不受行级安全约束"):
        start_checks.refuse_unfit_roles()


@pytest.mark.parametrize("options", ["", f"NOINHERIT IN ROLE {READERS}"])
def test_role_without_the_dashboard_s_rights_is_told_how_to_get_them(
    migrated: PostgresDatabase, login: Callable[..., str], point: Point, options: str
) -> None:
    url = login(options)
    point(url, migrated.owner_url)

    with pytest.raises(SystemExit) as refused:
        start_checks.refuse_unfit_roles()

    assert f"不属于角色 {READERS}" in str(refused.value)
    assert f"GRANT {READERS} TO {make_url(url).username};" in str(refused.value)


def test_imports_need_the_owner_s_address(migrated: PostgresDatabase, point: Point) -> None:
    for imports in (None, migrated.plain_url):
        point(migrated.plain_url, imports)

        with pytest.raises(SystemExit, match=r"不是表的所有者.*IMPORT_DATABASE_URL"):
            start_checks.refuse_unfit_roles()


def test_nothing_is_wrong_with_roles_before_the_first_migration(
    postgres: PostgresServer, point: Point, connect: Connect
) -> None:
    with postgres_database(postgres) as database:
        point(database.plain_url, database.owner_url)
        start_checks.refuse_unfit_roles()
        assert not migration.is_current(connect(database.plain_url))
        get_engine().dispose()


def test_server_starts_as_the_dashboard_s_role_and_not_as_the_owner(
    migrated: PostgresDatabase, tmp_path: Path
) -> None:
    write_settings(
        tmp_path,
        client_id="liuzhou",
        client_secret=CLIENT_SECRET,
        cookie_secret=COOKIE_SECRET,
        redirect_uri="https://jg.example.gov.cn/oauth2callback",
        server_metadata_url="https://sso.example.gov.cn/.well-known/openid-configuration",
    )
    environment = {"DATABASE_URL": migrated.plain_url, "IMPORT_DATABASE_URL": migrated.owner_url}
    script = str(ROOT / "server.py")
    with serve(script, log=tmp_path / "server.log", cwd=tmp_path, env=environment):
        pass

    done = subprocess.run(
        [sys.executable, script, "--port", "1"],
        cwd=tmp_path,
        env={**os.environ, **environment, "DATABASE_URL": migrated.owner_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "不受行级安全约束" in done.stderr
    assert "Traceback" not in done.stderr


COMMANDS = {
    "migrate": ["migrate"],
    "import": ["import", "institutions", "机构.csv", "--county", "融安县"],
    "account": ["account", "add", "li.ming@lz.gov.cn", "--role", "leader"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_commands_work_as_the_owner_and_say_why_not_as_the_dashboard_s_role(
    migrated: PostgresDatabase,
    point: Point,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("机构.csv").write_text(LEDGER, encoding="utf-8")

    point(migrated.plain_url)
    assert command_line.main(command) == 2
    assert "不是表的所有者，不能写入" in capsys.readouterr().err
    assert not list(tmp_path.glob("*退回*"))

    point(migrated.owner_url)
    assert command_line.main(command) == 0, capsys.readouterr().err
    with connect(migrated.owner_url).connect() as conn:
        written = {"import": (institution, import_batch), "account": (account,)}
        for table in written.get(command[0], ()):
            assert conn.scalar(select(func.count()).select_from(table)) == 1


@pytest.mark.parametrize("command", ["migrate", "sample"])
def test_commands_say_what_to_run_when_the_role_may_not_be_made(
    postgres: PostgresServer,
    point: Point,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    monkeypatch.setattr(row_security, "READERS", "readers_of_nothing_yet")
    with postgres_database(postgres) as database:
        point(database.owner_url)
        assert command_line.main([command]) == 2
        assert "CREATE ROLE readers_of_nothing_yet NOLOGIN;" in capsys.readouterr().err
