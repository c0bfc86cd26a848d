"""What the running server adds to Streamlit: headers, and the files it serves itself."""

from __future__ import annotations

import gzip
import json
import re
import urllib.error
import urllib.request
from http.client import HTTPMessage

import pytest

from server import LostAddress, PageAddress
from ui.map_files import boundaries

pytestmark = pytest.mark.browser


def get(url: str) -> tuple[HTTPMessage, bytes]:
    with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310
        return reply.headers, reply.read()


@pytest.mark.parametrize("path", ["/", "/overview", "/_stcore/health", "/favicon.png"])
def test_every_response_keeps_the_browser_on_this_server(dashboard_url: str, path: str) -> None:
    headers, _ = get(dashboard_url + path)

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert headers["Strict-Transport-Security"] is None  # not over TLS


def test_boundaries_travel_once_and_compressed(dashboard_url: str) -> None:
    file = boundaries().file
    headers, body = get(dashboard_url + file.url)

    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < len(file.body) / 2
    assert json.loads(gzip.decompress(body)) == json.loads(file.body)


def test_frontend_comes_in_chinese_and_compressed_and_is_kept(dashboard_url: str) -> None:
    _, page = get(dashboard_url + "/")
    scripts = re.findall(r'(?:src|href)="\.(/frontend/[^"]+\.js)"', page.decode())
    [index] = [address for address in scripts if "/js/index." in address and "esm" not in address]
    headers, body = get(dashboard_url + index)

    assert b"./static/" not in page
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Content-Type"].startswith("text/javascript")
    assert "没有这个页面" in gzip.decompress(body).decode()


def test_fonts_come_from_beside_the_scripts_as_they_are(dashboard_url: str) -> None:
    _, page = get(dashboard_url + "/")
    font = re.findall(r'href="\.(/frontend/[^"]+\.woff2)"', page.decode())[0]
    headers, body = get(dashboard_url + font)

    assert "immutable" in headers["Cache-Control"]
    assert "Content-Encoding" not in headers
    assert body.startswith(b"wOF2")


@pytest.mark.parametrize("file", ["js/none.js", "..%2Findex.html", "%2Fetc%2Fpasswd"])
def test_nothing_but_the_frontend_s_files_is_served_beside_them(
    dashboard_url: str, file: str
) -> None:
    with pytest.raises(urllib.error.HTTPError, match=r"40[04]"):
        get(f"{dashboard_url}/frontend/0/{file}")


def test_nothing_that_was_made_for_one_person_stays_in_a_browser(dashboard_url: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as missing:
        get(f"{dashboard_url}/media/{'0' * 56}.xlsx")

    with missing.value as reply:
        assert reply.headers["Cache-Control"] == "no-store"


def test_address_without_a_page_is_answered_in_chinese_too(dashboard_url: str) -> None:
    _, page = get(dashboard_url + "/no_such_page")

    assert 'lang="zh-CN"' in page.decode()
    assert b"./frontend/" in page


def test_address_the_issuer_sends_back_to_is_left_to_streamlit() -> None:
    assert re.fullmatch(PageAddress.regex, "overview")
    assert not re.fullmatch(PageAddress.regex, "oauth2callback")
    assert not re.fullmatch(PageAddress.regex, "favicon.png")
    assert not re.fullmatch(PageAddress.regex, "_stcore/health")


def test_address_below_a_page_leads_to_one_that_no_page_has(dashboard_url: str) -> None:
    for path, end in [
        ("/nosuch/deep?as=leader@demo", "/nosuch-deep?as=leader@demo"),
        ("/overview/x", "/overview-x"),
        ("/a/b.html", "/a-b-html"),
        ("/a/%2F%5Cexample.org/", "/a--%5Cexample-org"),
        ("/overview/", "/overview"),
    ]:
        with urllib.request.urlopen(f"{dashboard_url}{path}", timeout=30) as reply:  # noqa: S310
            assert reply.url == f"{dashboard_url}{end}"
            assert 'lang="zh-CN"' in reply.read().decode()


@pytest.mark.parametrize(
    "path",
    [
        "_stcore/health",
        "_stcore/upload_file/0/1",
        "overview/_stcore/host-config",
        "app/static/picture.png",
        "auth/login",
        "component/name/index.html",
        "media/0.xlsx",
        "oauth2callback",
        "static/js/index.js",
    ],
)
def test_what_is_streamlit_s_own_is_no_lost_address(path: str) -> None:
    assert not re.fullmatch(LostAddress.regex, path)
