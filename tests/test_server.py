"""The server starts only on what it may serve, and says what to do otherwise."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import subprocess
import sys
import weakref
from contextlib import suppress
from pathlib import Path

import pytest

import server
from data_access.accounts import add_demonstration_accounts
from data_access.engine import connect_to
from data_access.migration import upgrade
from server import content_security_policy, index_page
from tests import loops
from tests.databases import forget_engines
from tests.servers import ROOT
from ui import start_checks
from ui.map_files import MapStyle, ServedFile
from ui.start_checks import refuse_closed_port


def start(
    *, module: str = "server.py", port: str = "1", **environment: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, module, "--port", port]
    if module == "uvicorn":
        command = [sys.executable, "-m", "uvicorn", "server:app", "--port", "1"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def office_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the newest schema that nobody marked as the sample."""
    url = f"sqlite:///{tmp_path_factory.mktemp('office') / 'office.db'}"
    engine = connect_to(url)
    upgrade(engine)
    engine.dispose()
    return url


def test_database_without_the_newest_schema_is_not_served_nor_migrated(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    done = start(DATABASE_URL=f"sqlite:///{path}")

    assert done.returncode == 1
    assert "还不是当前版本" in done.stderr
    assert "python -m data_access migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_database_file_is_not_made_in_passing(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    done = start(DATABASE_URL=f"sqlite:///{path}")

    assert done.returncode == 1
    assert str(path) in done.stderr
    assert not path.exists()


def test_database_that_does_not_answer_is_named_without_a_traceback() -> None:
    done = start(DATABASE_URL="postgresql+psycopg://nobody:word@127.0.0.1:1/none")

    assert done.returncode == 1
    assert "连不上数据库" in done.stderr
    assert "word" not in done.stderr
    assert "Traceback" not in done.stderr


def test_file_that_is_no_database_is_named_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("no database, but long enough to be looked at as one " * 20, encoding="utf-8")
    done = start(DATABASE_URL=f"sqlite:///{path}")

    assert done.returncode == 1
    assert "连不上数据库" in done.stderr
    assert "Traceback" not in done.stderr


def test_address_that_names_no_database_stops_the_server(office_database: str) -> None:
    address = "postgresql://it:word@h:p"
    done = start(DATABASE_URL=office_database, IMPORT_DATABASE_URL=address)

    assert done.returncode == 2
    assert_tells_of("IMPORT_DATABASE_URL", address, done.stderr)


@pytest.mark.parametrize("variable", ["DATABASE_URL", "IMPORT_DATABASE_URL"])
@pytest.mark.parametrize(
    "address",
    ["garbage", "nosuch://it:word@h/x", "mysql://it:word@h/x", "postgresql://it:word@h:p"],
)
def test_address_that_names_no_database_is_told_and_not_repeated(
    office_database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    address: str,
) -> None:
    forget_engines()
    monkeypatch.setenv("DATABASE_URL", office_database)
    monkeypatch.setenv(variable, address)
    with pytest.raises(SystemExit, match="2"):
        start_checks.refuse_wrong_addresses()
    monkeypatch.setenv(variable, office_database)
    forget_engines()

    assert_tells_of(variable, address, capsys.readouterr().err)


def assert_tells_of(variable: str, address: str, said: str) -> None:
    assert f"环境变量 {variable} 不是能用的数据库地址，服务没有启动" in said
    assert "请改成 postgresql://" in said
    assert address not in said
    assert "word" not in said
    assert "Traceback" not in said


def test_port_that_is_none_stops_the_server_before_anything_else() -> None:
    done = start(port="99999", DATABASE_URL="garbage")

    assert done.returncode == 2
    assert "参数有误：--port 应为 1 到 65535 的整数，现为“99999”" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["99999", "65536", "0", "-1", "abc", "８５０１"])
def test_port_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["server.py", "--port", port])
    with pytest.raises(SystemExit, match="2"):
        server.serve(lambda: pytest.fail("nothing is made before the port is known"))

    said = capsys.readouterr().err
    assert f"参数有误：--port 应为 1 到 65535 的整数，现为“{port}”" in said


def test_port_in_use_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match="2"):
            refuse_closed_port("127.0.0.1", port)

    said = capsys.readouterr().err
    assert f"127.0.0.1 的端口 {port} 已被占用，服务没有启动" in said
    assert "用 --port 换一个端口" in said
    refuse_closed_port("127.0.0.1", port)  # free again


def test_host_that_is_not_this_machine_s_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        refuse_closed_port("192.0.2.1", 8501)

    assert "不能在 192.0.2.1 的端口 8501 上监听" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["server.py", "uvicorn"])
def test_other_data_than_the_sample_is_not_served_without_an_issuer(
    office_database: str, module: str
) -> None:
    done = start(module=module, DATABASE_URL=office_database)

    assert done.returncode == 1
    assert "统一身份认证" in done.stderr
    assert "Traceback" not in done.stderr


def test_database_that_merely_looks_like_the_sample_is_not_served_without_an_issuer(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'liuzhou.db'}"
    engine = connect_to(url)
    upgrade(engine)
    with engine.begin() as conn:
        add_demonstration_accounts(conn)
    engine.dispose()

    done = start(DATABASE_URL=url)

    assert done.returncode == 1
    assert "统一身份认证" in done.stderr


def test_server_that_would_print_no_text_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_checks, "SETTINGS", {})
    monkeypatch.setattr(start_checks, "missing_font", lambda: "缺少字体文件")

    with pytest.raises(SystemExit, match="缺少字体文件\n服务没有启动"):
        server.refuse_unsafe_start()


def test_policy_lets_in_this_server_alone() -> None:
    policy = content_security_policy(None, "<script>one</script>")

    assert "http:" not in policy
    assert "https:" not in policy
    assert "'unsafe-eval'" not in policy
    # sha256 of "one"
    assert (
        "script-src 'self' 'wasm-unsafe-eval' "
        "'sha256-dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0=';" in policy
    )
    assert "*" not in policy


def test_policy_lets_in_the_tile_service_for_pictures_and_data_only() -> None:
    style = MapStyle(ServedFile("/map-style/0.json", b"{}"), ("http://10.1.2.3:8080",))
    directives = content_security_policy(style, "").split("; ")

    assert [part.split()[0] for part in directives if "10.1.2.3" in part] == [
        "img-src",
        "connect-src",
    ]


def test_page_that_loads_the_frontend_is_in_chinese() -> None:
    page = index_page()

    assert '<html lang="zh-CN">' in page
    assert "<title>柳州市校外培训监管</title>" in page
    assert "You need to enable JavaScript" not in page
    assert page.count("<script") == 2


def test_what_a_closed_session_left_in_cycles_is_freed_at_the_next_look_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Session:
        pass

    session = Session()
    session.__dict__["itself"] = session  # a cycle: no count of references frees it
    seen: list[bool] = []
    left = weakref.ref(session)

    async def passed(_seconds: float) -> None:
        nonlocal session
        seen.append(left() is not None)
        if len(seen) == 2:  # the first look has taken it for kept
            session = Session()
        if len(seen) > 2 * server.LOOK_AT_ALL:
            raise asyncio.CancelledError

    monkeypatch.setattr(server, "LOOK_AT_ALL", 3)
    monkeypatch.setattr(server.asyncio, "sleep", passed)
    with suppress(asyncio.CancelledError):
        loops.run(server.collect_garbage())
    gc.unfreeze()

    assert seen == [True, True, True, *([False] * 4)]
