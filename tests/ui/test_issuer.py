"""What is wrong with an issuer's configuration is said before anybody is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets

from ui import issuer

GOOD = {
    "client_id": "liuzhou",
    "client_secret": "a",
    "cookie_secret": "0123456789abcdef0123456789abcdef",  # exactly the length
    "redirect_uri": "https://jg.example.gov.cn/oauth2callback",
    "server_metadata_url": "https://sso.example.gov.cn/realms/lz/.well-known/openid-configuration",
}


@pytest.mark.parametrize(
    "also",
    [
        {},
        {"redirect_uri": "https://jg.example.gov.cn:8443/oauth2callback"},
        {"redirect_uri": "http://127.0.0.1:8501/oauth2callback"},
        {"redirect_uri": "http://localhost:8501/oauth2callback"},
        {"redirect_uri": "http://[::1]:8501/oauth2callback"},
        {"server_metadata_url": "http://127.0.0.1:9400/.well-known/openid-configuration"},
        {"client_kwargs": {"prompt": "login"}},
    ],
)
def test_what_may_be_used_has_nothing_wrong(also: dict[str, Any]) -> None:
    assert issuer.problems_in(GOOD | also) == []


@pytest.mark.parametrize("key", issuer.KEYS)
def test_every_key_must_be_there_and_say_something(key: str) -> None:
    without = {name: value for name, value in GOOD.items() if name != key}

    assert issuer.problems_in(without) == [f"缺少 {key}"]
    assert issuer.problems_in(without | {key: ""}) == [f"缺少 {key}"]


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("cookie_secret", GOOD["cookie_secret"][1:], "cookie_secret 太短，至少 32 个字符"),
        ("redirect_uri", "http://jg.example.gov.cn/oauth2callback", "redirect_uri 应为 https 网址"),
        ("redirect_uri", "http://127.0.0.1.evil.cn/oauth2callback", "redirect_uri 应为 https 网址"),
        ("redirect_uri", "jg.example.gov.cn/oauth2callback", "redirect_uri 不是网址"),
        ("redirect_uri", "https:///oauth2callback", "redirect_uri 不是网址"),
        ("redirect_uri", "http://127.0.0.1:{port}/oauth2callback", "redirect_uri 不是网址"),
        (
            "redirect_uri",
            "https://jg.example.gov.cn/",
            "redirect_uri 应为 https，以 /oauth2callback 结尾",
        ),
        (
            "redirect_uri",
            "https://jg.example.gov.cn/liuzhou/oauth2callback",
            "redirect_uri 应为 https，以 /oauth2callback 结尾",
        ),
        (
            "redirect_uri",
            "https://jg.example.gov.cn/?next=/oauth2callback",
            "redirect_uri 应为 https，以 /oauth2callback 结尾",
        ),
        (
            "server_metadata_url",
            "http://sso.example.gov.cn/x",
            "server_metadata_url 应为 https 网址",
        ),
        ("server_metadata_url", "file:///etc/passwd", "server_metadata_url 不是网址"),
    ],
)
def test_each_thing_wrong_is_named_by_its_key_and_no_value_repeated(
    key: str, value: str, wrong: str
) -> None:
    assert issuer.problems_in(GOOD | {key: value}) == [wrong]


@pytest.fixture
def secrets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Streamlit looks for secrets.toml in this test; it is not there."""
    file = tmp_path / "secrets.toml"
    options = {"secrets.files": [str(file)]}
    monkeypatch.setattr("streamlit.config.get_option", lambda name: options[name])
    monkeypatch.setattr("streamlit.get_option", lambda name: options[name])
    monkeypatch.setattr(Secrets, "_maybe_install_file_watchers", lambda _self: None)
    monkeypatch.setattr(st, "secrets", Secrets())
    issuer.is_configured.cache_clear()
    yield file
    issuer.is_configured.cache_clear()


def write(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines), encoding="utf-8")


def test_without_a_file_or_the_section_nobody_is_asked_to_sign_in(secrets_file: Path) -> None:
    assert not issuer.is_configured()
    assert not issuer.is_over_tls()

    issuer.is_configured.cache_clear()
    write(secrets_file, ["[database]", 'password = "x"'])
    assert not issuer.is_configured()


def test_issuer_is_told_by_its_section(secrets_file: Path) -> None:
    write(secrets_file, ["[auth]", *(f'{key} = "{value}"' for key, value in GOOD.items())])

    assert issuer.is_configured()
    assert issuer.problems() == []
    assert issuer.is_over_tls()


def test_issuer_on_this_machine_is_not_over_tls(secrets_file: Path) -> None:
    local = GOOD | {"redirect_uri": "http://127.0.0.1:8501/oauth2callback"}
    write(secrets_file, ["[auth]", *(f'{key} = "{value}"' for key, value in local.items())])

    assert issuer.problems() == []
    assert not issuer.is_over_tls()


@pytest.mark.parametrize("body", [b"[auth\nclient_id = 1", b"[auth]\nclient_id = '\xd6\xd0'"])
def test_file_that_cannot_be_read_is_no_demonstration(secrets_file: Path, body: bytes) -> None:
    secrets_file.write_bytes(body)

    assert issuer.is_configured()
    assert issuer.problems() == [issuer.UNREADABLE]


def test_auth_that_is_no_section_lacks_everything(secrets_file: Path) -> None:
    write(secrets_file, ["auth = 1"])

    assert issuer.is_configured()
    assert issuer.problems() == [f"缺少 {key}" for key in issuer.KEYS]


def test_file_that_goes_while_we_serve_makes_no_demonstration(secrets_file: Path) -> None:
    write(secrets_file, ["[auth]", *(f'{key} = "{value}"' for key, value in GOOD.items())])
    assert issuer.is_configured()

    secrets_file.unlink()
    st.secrets._reset()

    assert issuer.is_configured()
