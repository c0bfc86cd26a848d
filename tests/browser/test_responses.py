"""What the running server adds to Streamlit: headers on every response, and the maps' files."""

from __future__ import annotations

import gzip
import json
import urllib.request
from http.client import HTTPMessage

import pytest

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
    assert headers["Referrer-Policy"] == "same-origin"


def test_boundaries_travel_once_and_compressed(dashboard_url: str) -> None:
    file = boundaries().file
    headers, body = get(dashboard_url + file.url)

    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < len(file.body) / 2
    assert json.loads(gzip.decompress(body)) == json.loads(file.body)
