"""An office's server starts only with an issuer and settings that keep people apart."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from data_access.engine import connect_to
from data_access.migration import upgrade
from tests.offices import CLIENT_SECRET, COOKIE_SECRET, write_settings
from tests.servers import ROOT, Server, serve

ISSUER = {
    "client_id": "liuzhou",
    "client_secret": CLIENT_SECRET,
    "cookie_secret": COOKIE_SECRET,
    "redirect_uri": "https://jg.example.gov.cn/oauth2callback",
    "server_metadata_url": "https://sso.example.gov.cn/.well-known/openid-configuration",
}
SERVER = str(ROOT / "server.py")
# What may not be set, and what it is called.
SETTINGS = {
    'trustedUserHeaders = {X-User = "email"}': "server.trustedUserHeaders",
    "enableAgentApi = true": "server.enableAgentApi",
    "enableXsrfProtection = false": "server.enableXsrfProtection",
}


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('office') / 'office.db'}"
    engine = connect_to(url)
    upgrade(engine)
    engine.dispose()
    return url


def refused(folder: Path, url: str, **environment: str) -> str:
    """What a server that does not start in ``folder`` says."""
    done = subprocess.run(
        [sys.executable, SERVER, "--port", "1"],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": url, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    for secret in (COOKIE_SECRET, CLIENT_SECRET):
        assert secret not in done.stderr + done.stdout
    return done.stderr


def test_everything_wrong_with_the_issuer_is_said_at_once(
    tmp_path: Path, database_url: str
) -> None:
    write_settings(
        tmp_path,
        **ISSUER
        | {
            "cookie_secret": COOKIE_SECRET[:31],
            "redirect_uri": "http://jg.example.gov.cn/oauth2callback",
        },
    )
    said = refused(tmp_path, database_url)

    assert "服务没有启动" in said
    assert "  · cookie_secret 太短" in said
    assert "  · redirect_uri 应为 https 网址" in said
    assert COOKIE_SECRET[:31] not in said


def test_secrets_that_cannot_be_read_are_not_taken_for_none(
    tmp_path: Path, database_url: str
) -> None:
    write_settings(tmp_path, **ISSUER)
    with (tmp_path / ".streamlit" / "secrets.toml").open("a", encoding="utf-8") as file:
        file.write("\nnot toml")

    assert "文件读不出来" in refused(tmp_path, database_url)


def test_hours_that_are_no_hours_are_named(tmp_path: Path, database_url: str) -> None:
    write_settings(tmp_path, **ISSUER)

    said = refused(tmp_path, database_url, SIGN_IN_HOURS="24")
    assert "SIGN_IN_HOURS 应为 1 到 12 的整数，现为“24”" in said


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        pytest.param("\n".join(SETTINGS), list(SETTINGS.values()), id="all of them"),
        *(
            pytest.param(setting, [named], id=named, marks=pytest.mark.soak)
            for setting, named in SETTINGS.items()
        ),
    ],
)
def test_setting_that_lets_visitors_say_who_they_are_is_refused(
    tmp_path: Path, database_url: str, setting: str, named: list[str]
) -> None:
    """Each of them alone is left to the soak: every one is a server that starts."""
    write_settings(tmp_path, **ISSUER)
    config = tmp_path / ".streamlit" / "config.toml"
    ours = config.read_text(encoding="utf-8")
    config.write_text(ours.replace("[server]", f"[server]\n{setting}"), encoding="utf-8")

    said = refused(tmp_path, database_url)
    assert "设置不对，服务没有启动：" in said
    assert [each for each in SETTINGS.values() if each in said] == named


def test_folder_without_the_settings_is_refused(tmp_path: Path, database_url: str) -> None:
    assert "请在项目文件夹中启动" in refused(tmp_path, database_url)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Server]:
    """An office's server whose people come over https, by way of a server in front of it."""
    folder = tmp_path_factory.mktemp("over_tls")
    write_settings(folder, **ISSUER)
    environment = {"DATABASE_URL": database_url}
    with serve(SERVER, log=folder / "server.log", cwd=folder, env=environment) as server:
        yield server


def test_over_tls_every_cookie_and_every_visit_keeps_to_it(office: Server) -> None:
    with urllib.request.urlopen(f"{office.url}/_stcore/health", timeout=30) as reply:  # noqa: S310
        assert reply.headers["Strict-Transport-Security"] == "max-age=31536000"
        cookies = reply.headers.get_all("Set-Cookie")

    assert cookies
    assert all(cookie.endswith("; Secure") for cookie in cookies)


@pytest.mark.parametrize(
    "path",
    [
        "_stcore/metrics",
        "_stcore/agent/interact",
        "_stcore/agent/openapi.json",
        "_stcore/agent/mcp",
        "_stcore/script-health-check",
    ],
)
def test_what_is_for_machines_is_closed(office: Server, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as refusal:
        urllib.request.urlopen(f"{office.url}/{path}", timeout=30)  # noqa: S310

    with refusal.value as reply:
        assert reply.read() == b""
        assert "frame-ancestors 'self'" in reply.headers["Content-Security-Policy"]


def test_nobody_is_led_to_the_issuer_but_by_this_server_s_own_button(office: Server) -> None:
    with urllib.request.urlopen(f"{office.url}/auth/login?provider=x", timeout=30) as reply:  # noqa: S310
        assert reply.url == f"{office.url}/"
