"""Accounts on the command line, and what every command says of a database that is none."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from data_access import migration, row_security, schema
from data_access.__main__ import main
from data_access.engine import connect_to

Run = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty database that ``DATABASE_URL`` names."""
    url = f"sqlite:///{tmp_path / 'city.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    engine = connect_to(url)
    migration.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as it is typed; return its exit code and what it printed."""

    def run(command: str) -> tuple[int, str, str]:
        try:
            code = main(shlex.split(command))
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        said = capsys.readouterr()
        return code, said.out.strip(), said.err.strip()

    return run


@pytest.mark.parametrize("role", ["admin", "管理员"])
def test_account_is_added_changed_and_found_unchanged(
    database: Engine, run: Run, role: str
) -> None:
    assert run(f"account add Boss@Example.org --role {role}") == (
        *(0, "已新增账号 boss@example.org：角色 管理员；状态 可用", ""),
    )
    assert run("account add clerk@example.org --role 县区 --county 融安")[0] == 0
    assert run("account add clerk@example.org --role supervisor") == (
        *(0, "已修改账号 clerk@example.org：角色 县区 → 督查组；县区 融安县 → —", ""),
    )
    assert run("account add clerk@example.org --role 督查组") == (
        *(0, "账号 clerk@example.org 原已如此，没有改动。", ""),
    )


def test_deactivated_account_comes_back_when_it_is_added_again(database: Engine, run: Run) -> None:
    run("account add a@example.org --role leader")

    assert run("account deactivate A@example.org") == (
        *(0, "已停用账号 a@example.org，它的登录已全部失效。", ""),
    )
    assert run("account deactivate a@example.org")[:2] == (
        *(0, "账号 a@example.org 原已如此，没有改动。"),
    )
    assert run("account add a@example.org --role leader")[1] == (
        "已修改账号 a@example.org：状态 停用 → 可用"
    )
    assert run("account sign-out a@example.org") == (
        *(0, "账号 a@example.org 的登录已全部失效。", ""),
    )
    with database.connect() as conn:
        event = schema.audit_event.c
        assert conn.execute(select(event.email, event.action).order_by(event.id)).all() == [
            (None, "account_add"),
            (None, "account_deactivate"),
            (None, "account_change"),
            (None, "account_sign_out"),
        ]


def test_accounts_are_listed_one_a_line(database: Engine, run: Run) -> None:
    assert "还没有账号" in run("account list")[1]
    run("account add boss@example.org --role admin")
    run("account add clerk@example.org --role county --county 450224")
    run("account deactivate clerk@example.org")

    code, out, _ = run("account list")

    assert code == 0
    assert out.splitlines() == [
        "boss@example.org\t管理员\t—\t可用\t最近登录 —",
        "clerk@example.org\t县区\t融安县\t停用\t最近登录 —",
    ]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("account add boss --role leader", "不是邮箱"),
        ("account add boss@demo --role leader", "演示账号"),
        ("account add a@example.org --role county", "必须指定县区"),
        ("account add a@example.org --role county --county 桂林", "--county 桂林 不是本市的县区"),
        ("account add a@example.org --role leader --county 融安", "只有县区账号属于一个县区"),
        ("account add boss@example.org --role leader", "最后一个可用的管理员"),
        ("account deactivate boss@example.org", "最后一个可用的管理员"),
        ("account deactivate a@example.org", "没有账号“a@example.org”"),
        ("account sign-out a@example.org", "没有账号“a@example.org”"),
        ("account add a@example.org --role king", "--role 不能是 'king'，可选 'leader'"),
        ("account add a@example.org", "缺少 --role"),
        ("account add a@example.org --role", "--role 后面缺少内容"),
        ("account remove a@example.org", "不能是 'remove'"),
        ("account", "缺少 命令"),
        ("account list now", "不认识 now"),
    ],
)
def test_what_cannot_be_done_is_said_in_chinese_and_changes_nothing(
    database: Engine, run: Run, command: str, reason: str
) -> None:
    run("account add boss@example.org --role admin")

    code, out, error = run(command)

    assert (code, out) == (2, "")
    assert reason in error
    with database.connect() as conn:
        account, event = schema.account.c, schema.audit_event.c
        assert conn.execute(select(account.email, account.role, account.active)).all() == [
            ("boss@example.org", "admin", True)
        ]
        assert conn.scalars(select(event.action)).all() == ["account_add"]


def test_help_is_chinese(run: Run) -> None:
    code, out, _ = run("account add --help")

    assert code == 0
    assert out.startswith("用法：")
    assert "leader 市领导、supervisor 督查组、county 县区、admin 管理员" in out
    assert "show this" not in out


@pytest.mark.parametrize("command", ["migrate", "account list"])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody:secret@127.0.0.1:1/none",
        "nosuchdatabase://host/name",
        "no address",
        "sqlite:////proc/none/city.db",
    ],
)
def test_database_that_cannot_be_opened_is_told_without_a_trace(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    code, out, error = run(command)

    assert (code, out) == (2, "")
    assert error.startswith("数据库")
    assert "Traceback" not in error
    assert "secret" not in error


def test_file_that_is_no_database_is_told_without_a_trace(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.db").write_text("不是数据库" * 100, encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")

    assert run("migrate")[0] == run("account list")[0] == 2


def test_database_newer_than_the_program_is_told(database: Engine, run: Run) -> None:
    with database.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    code, _, error = run("migrate")

    assert code == 2
    assert error.startswith("数据库的结构不是本系统建立的，或比本程序新")
    assert run("account list")[::2] == (
        *(2, "数据库不是最新结构。请先运行 python -m data_access migrate"),
    )


def test_asking_for_accounts_leaves_no_empty_database_behind(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")

    assert run("account list")[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_walls_that_cannot_be_put_up_are_told_without_a_trace(
    database: Engine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_conn: object) -> None:
        raise row_security.RowSecurityError("数据库里还没有角色")

    monkeypatch.setattr(row_security, "put_up", refuse)

    assert run("migrate") == (2, "", "数据库里还没有角色")
