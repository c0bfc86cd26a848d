"""The issuer of identities (统一身份认证) that is configured: the ``[auth]`` of secrets.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import streamlit as st

KEYS: Final = ("client_id", "client_secret", "cookie_secret", "redirect_uri", "server_metadata_url")
CALLBACK: Final = "/oauth2callback"
SECRET_LENGTH: Final = 32
THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "::1"})

UNREADABLE: Final = "文件读不出来：不是合法的 TOML（UTF-8），或没有读取权限"


@cache
def is_configured() -> bool:
    """Whether people sign in with an issuer; if not, there is but the demonstration.

    Looked up once: Streamlit follows changes of the file, and one that breaks or goes while we
    serve must not turn an office's dashboard into the demonstration. A file that cannot be read
    counts as well, so that the start is refused.
    """
    return _is_unreadable() or (st.secrets.load_if_toml_exists() and "auth" in st.secrets)


def is_over_tls() -> bool:
    """Whether people come over https, so that cookies may be kept to it."""
    return is_configured() and urlsplit(str(_auth().get("redirect_uri"))).scheme == "https"


def problems() -> list[str]:
    """Return what is wrong with the configuration, in Chinese; nothing where it may be used."""
    return [UNREADABLE] if _is_unreadable() else problems_in(_auth())


def problems_in(auth: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an ``[auth]``; no value of it is repeated."""
    found = [f"缺少 {key}" for key in KEYS if not auth.get(key)]
    if found:
        return found
    if len(str(auth["cookie_secret"])) < SECRET_LENGTH:
        found.append(f"cookie_secret 太短，至少 {SECRET_LENGTH} 个字符")
    for key in ("redirect_uri", "server_metadata_url"):
        scheme, host = _scheme_and_host(str(auth[key]))
        if not host or scheme not in {"http", "https"}:
            found.append(f"{key} 不是网址")
        elif scheme == "http" and host not in THIS_MACHINE:
            found.append(f"{key} 应为 https 网址")
        elif key == "redirect_uri" and urlsplit(str(auth[key]))[2:] != (CALLBACK, "", ""):
            found.append(f"redirect_uri 应为 https，以 {CALLBACK} 结尾")
    return found


def _scheme_and_host(address: str) -> tuple[str, str | None]:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where there is one that is no number
    except ValueError:
        return "", None
    return parts.scheme, parts.hostname


def _is_unreadable() -> bool:
    try:
        if st.secrets.load_if_toml_exists():
            return False
    except (OSError, ValueError):  # no right to read it; not UTF-8
        return True
    return any(Path(file).exists() for file in st.get_option("secrets.files"))


def _auth() -> dict[str, Any]:
    auth = st.secrets["auth"]
    return dict(auth) if isinstance(auth, Mapping) else {}
