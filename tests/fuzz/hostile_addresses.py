"""Requests that no browser makes, written byte by byte, and what the server answers them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from random import Random
from typing import Final
from urllib.parse import quote

from tests.hostile import HOSTILE
from ui.navigation import ENTRIES

SECONDS: Final = 30  # for one answer, on a machine that does other things too
LONG: Final = 60_000  # less than what uvicorn reads of a head at most
# What a trace, the machine's folders or a program's own words look like.
OURS: Final = re.compile(
    rb"Traceback|File \"|site-packages|/work/|/tmp/|/usr/|\.py\b.{0,9}line|sqlalchemy|sqlite3"
    rb"|0x[0-9a-f]{8}"
)
PAGES: Final = tuple(entry.url_path for entry in ENTRIES)
PARTS: Final = (
    *PAGES,
    *("_stcore/health", "_stcore/stream", "_stcore/host-config", "_stcore/metrics", "_stcore"),
    *("_stcore/upload_file/x/y", "_stcore/script-health-check", "_stcore/agent/x", "static/js/x"),
    *(
        "_stcore/bidi-components/x/y",
        "media/x.png",
        "media/../server.py",
        "component/x/y",
        "app/static/x",
    ),
    *("frontend/0/index.js", "frontend/0/../../../server.py", "auth/login", "auth/logout", "x"),
    *(
        "oauth2callback",
        "favicon.ico",
        "robots.txt",
        "index.html",
        "server.py",
        ".streamlit/secrets.toml",
    ),
    *(
        ".git/config",
        "var/liuzhou.db",
        "boundaries/0.json",
        "map-style/0.json",
        "",
        ".",
        "..",
        "//",
    ),
)
ODD: Final = (
    *("%00", "%ff", "%c0%ae%c0%ae", "%2e%2e%2f", "..%5c..%5c", "%252e%252e", "%E2%80%AE", "%ud800"),
    *(
        "%",
        "%zz",
        "%0d%0aX-Evil:1",
        ";",
        "?",
        "#",
        "\\",
        "*",
        "~",
        "@",
        ":",
        "//evil.example",
        "A" * LONG,
    ),
    *("../" * 400, "/" * 3_000, "a/" * 2_000, "\u00ff", "\u0100"),
)
NAMES: Final = (
    "as",
    "county",
    "from",
    "to",
    "present",
    "week",
    "id",
    "category",
    "page",
    "embed",
    "x",
)
METHODS: Final = ("GET",) * 40 + (
    *(
        "HEAD",
        "POST",
        "PUT",
        "DELETE",
        "OPTIONS",
        "PATCH",
        "TRACE",
        "CONNECT",
        "BREW",
        "get",
        "G" * 500,
    ),
)


@dataclass(frozen=True)
class Answer:
    """What came back: the status (0: the connection was closed), the head and the body."""

    status: int
    head: bytes
    body: bytes


def address(chance: Random) -> str:
    path = "/" + chance.choice(PARTS)
    for _ in range(chance.choice((0, 1, 2))):
        path += chance.choice(("", "/", "", ".")) + chance.choice((*ODD, *PARTS))
    return path + query(chance)


def query(chance: Random) -> str:
    """Return parameters as no link has them: many, repeated, huge, of any bytes."""
    if chance.random() < 0.4:
        return ""
    said = []
    for _ in range(chance.choice((1, 3, 60))):
        value = chance.choice((*HOSTILE.values(), "450205", "2022-08-25", "9" * 400, "-1", "NaN"))[
            :2_000
        ]
        said.append(f"{chance.choice(NAMES)}={chance.choice((quote(value), *ODD[:9]))}")
    return "?" + "&".join(said)[:LONG]


def request(chance: Random) -> bytes:
    """Return one request; the server is asked to close the connection behind its answer."""
    method, body = chance.choice(METHODS), b""
    head = [
        f"{method} {address(chance)} HTTP/1.1",
        f"Host: {chance.choice(('127.0.0.1', 'evil.example'))}",
    ]
    if method in ("POST", "PUT", "PATCH"):
        body = chance.randbytes(chance.choice((0, 20, 5_000)))
        head += [f"Content-Length: {len(body)}", "Content-Type: multipart/form-data; boundary=甲"]
    odd = (
        *(
            "Range: bytes=0-,-1,5-2",
            "Range: bytes=99999999-",
            "If-None-Match: *",
            "Accept-Encoding: br;q=x",
        ),
        *(
            "Cookie: _streamlit_user=甲; _streamlit_xsrf=2|x|y|9",
            "Cookie: " + "a=b; " * 2_000,
            "X" * 300 + ": 1",
        ),
        *(
            "Content-Length: -1",
            "Content-Length: 99999999999",
            "Transfer-Encoding: chunked",
            "Expect: 100-continue",
        ),
        *(
            "X-Forwarded-For: 1.2.3.4",
            "Origin: null",
            "Upgrade: h2c\r\nConnection: Upgrade",
            "\x00: \x01",
            "no colon",
        ),
        *("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 99",),
    )
    head += chance.sample(odd, chance.choice((0, 0, 1, 3)))
    head.append("Connection: close")
    return "\r\n".join(head).encode("utf-8") + b"\r\n\r\n" + body


async def ask(port: int, data: bytes) -> Answer:
    """Send bytes; return the answer once the server has closed the connection.

    Who says less than he promised is waited for, so this side says that no more comes.

    Raises:
        TimeoutError: there was none.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(SECONDS):
            got = await reader.read()
    except ConnectionError:
        got = b""
    finally:
        writer.close()
    head, _, body = got.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.1 (\d{3})", head)
    return Answer(int(found[1]) if found else 0, head, body)


def wrong(answer: Answer, secrets: frozenset[bytes]) -> str | None:
    """Return why an answer is none that may be given; ``None`` where it may."""
    # Without an issuer nobody can sign in, which is said in Chinese.
    is_told = answer.status == 503 and "登录没有完成".encode() in answer.body
    if answer.status >= 500 and not is_told:
        return f"status {answer.status}"
    text = answer.head + answer.body
    # The frontend's own scripts may say anything.
    if b"javascript" not in answer.head and (found := OURS.search(text)):
        return f"shows {found[0]!r}"
    told = [secret for secret in secrets if secret in answer.body]
    return f"tells {told[0].decode()}" if told else None
