"""Many visitors at once, in a process of their own: ``python -m tests.crowd URL``.

Each opens a websocket session, as the frontend does, and clicks: another page of the menu, or
another choice in a filter that all pages share. When its connection breaks, it comes back as the
frontend does and asks again. What came of each click is a line of JSON on standard output::

    with crowd(server.url, sessions=50, folder=tmp_path) as people:
        people.wait_for(lambda clicks: len(clicks) >= 500)
    assert [click for click in people.clicks() if click.errors] == []

Of a message no more is read than which kind it is and whether it tells of an error: the visitors
shall not eat the CPU of the server.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import secrets
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from websockets.asyncio.client import connect

from tests.servers import ROOT

# In turn: a third of the visitors read the whole city, the others a county.
ACCOUNTS = (
    *("leader@demo", "450202@demo", "450205@demo"),
    *("supervisor@demo", "450222@demo", "450225@demo"),
)
EVERY_SECONDS = 5.0
ANSWER_SECONDS = 60.0
COME_BACK_SECONDS = 0.5  # the frontend waits as long at first, then longer
STOP_SECONDS = 30.0
FILTERS = ("县区", "机构类别")
LIKED = 2
BROKEN = (OSError, websockets.WebSocketException, asyncio.TimeoutError)


@dataclass(frozen=True)
class Click:
    """What came of one click.

    ``at`` is the time of day of the click (``time.time()``), ``seconds`` how long until the page
    was there, breaks of the connection included; ``alerts`` are the words of every message box,
    ``errors`` of those that tell of an error, of exceptions, and why there was no page at all.
    ``elements`` counts what was drawn.
    """

    visitor: int
    account: str
    what: str
    page: str
    at: float
    seconds: float
    elements: int = 0
    alerts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    breaks: int = 0


class Visitor:
    """One session: ``open``, then ``go``, ``choose`` and ``rerun``, each of which is a click.

    ``look`` is called with every message that comes; ``cookies`` are sent when connecting, beside
    those that the server gives, and then the account is what they say, not what the address says.
    """

    def __init__(
        self,
        url: str,
        account: str | None = "leader@demo",
        *,
        number: int = 0,
        cookies: dict[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        look: Callable[[ForwardMsg], None] | None = None,
    ) -> None:
        self.url, self.account, self.number = url, account or "", number
        self.page = ""
        self.pages: dict[str, str] = {}  # hash by address, as the menu has it
        self.widgets: dict[str, Any] = {}  # shared filters of the page by label
        self.query = urlencode({"as": account}) if account and not cookies else ""
        self.connections = 0
        self.cookies, self._tls, self._look = dict(cookies or {}), tls, look
        self._socket: websockets.ClientConnection | None = None
        self._session_id, self._page_hash = "", ""
        self._kept: set[str] = set()
        self._states: dict[str, tuple[str, Sequence[str]]] = {}
        self.narrowed = False

    async def open(self) -> None:
        """Connect; the session that was is asked for again."""
        await self.close()
        if "_streamlit_xsrf" not in self.cookies:
            self.cookies |= await asyncio.to_thread(first_cookies, self.url, self._tls)
        said = ["streamlit", self.cookies.get("_streamlit_xsrf", "")]
        self._socket = await connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            origin=websockets.Origin(self.url),
            subprotocols=[
                websockets.Subprotocol(each) for each in [*said, self._session_id] if each
            ],
            additional_headers={"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())},
            user_agent_header=None,
            compression=None,
            max_size=None,
            ping_interval=None,
            ssl=self._tls if self.url.startswith("https") else None,
        )
        self.connections += 1
        response = self._socket.response
        assert response is not None
        self.cookies |= pairs(response.headers.get_all("Set-Cookie"))

    async def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(*BROKEN):
                await self._socket.close()
            self._socket = None

    async def go(self, page: str) -> Click:
        """Open a page by its address."""
        self.page, self._page_hash = page, self.pages.get(page, "")
        self._states.clear()
        return await self._click("page")

    async def choose(self, label: str, *words: str) -> Click:
        """Choose in one of the ``FILTERS`` of the page that is open; no words: all."""
        self._states[label] = (self.widgets[label].id, words)
        return await self._click("filter")

    async def rerun(self) -> Click:
        return await self._click("rerun")

    async def _click(self, what: str) -> Click:
        at, start, breaks = time.time(), time.perf_counter(), 0
        seen = _Seen()
        while time.perf_counter() - start < ANSWER_SECONDS:
            try:
                if self._socket is None:
                    await self.open()
                left = ANSWER_SECONDS - (time.perf_counter() - start)
                seen = await asyncio.wait_for(self._answer(), max(left, 0.01))
                break
            except BROKEN as error:
                breaks += 1
                seen = _Seen(errors=[f"no answer: {type(error).__name__}"])
                await self.close()
                await asyncio.sleep(COME_BACK_SECONDS)
        seconds = time.perf_counter() - start
        return Click(
            *(self.number, self.account, what, self.page, at, seconds),
            *(seen.elements, seen.alerts, seen.errors, breaks),
        )

    async def _answer(self) -> _Seen:
        assert self._socket is not None
        await self._socket.send(self._request())
        seen = _Seen()
        while True:
            message = ForwardMsg.FromString(await self._socket.recv(decode=False))
            if self._take_in(message, seen):
                return seen

    def _request(self) -> bytes:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._page_hash
        if not self._page_hash:
            state.page_name = self.page
        state.cached_message_hashes.extend(self._kept)
        for identity, words in self._states.values():
            widget = state.widget_states.widgets.add()
            widget.id = identity
            widget.string_array_value.data.extend(words)
        context = state.context_info
        context.timezone, context.timezone_offset, context.locale = "Asia/Shanghai", -480, "zh-CN"
        context.url = f"{self.url}/{self.page}"
        request: bytes = message.SerializeToString()
        return request

    def _take_in(self, message: ForwardMsg, seen: _Seen) -> bool:
        """Whether the run is over with this."""
        if self._look:
            self._look(message)
        if message.metadata.cacheable:
            self._kept.add(message.hash)
        match message.WhichOneof("type"):
            case "delta":
                self._take_in_element(message.delta.new_element, seen)
            case "ref_hash":
                seen.elements += 1
            case "new_session":
                self._session_id = message.new_session.initialize.session_id or self._session_id
                self._page_hash = message.new_session.page_script_hash or self._page_hash
            case "navigation":
                self.pages = {
                    each.url_pathname: each.page_script_hash
                    for each in message.navigation.app_pages
                    if not each.is_hidden
                }
                self._page_hash = message.navigation.page_script_hash or self._page_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "page_not_found":
                seen.errors.append("no such page")
            case "script_finished":
                return seen.is_over(message.script_finished)
        return False

    def _take_in_element(self, element: Any, seen: _Seen) -> None:
        kind = element.WhichOneof("type")
        seen.elements += kind not in {None, "empty"}
        match kind:
            case "exception":
                seen.errors.append(f"{element.exception.type}: {element.exception.message}")
            case "alert":
                seen.alerts.append(element.alert.body)
                if element.alert.format == Alert.ERROR:
                    seen.errors.append(element.alert.body)
            case "multiselect" if element.multiselect.label in FILTERS:
                self.widgets[element.multiselect.label] = element.multiselect


@dataclass
class _Seen:
    elements: int = 0
    alerts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def is_over(self, how: int) -> bool:
        if how == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.errors.append("the script does not compile")
        return how != ForwardMsg.FINISHED_EARLY_FOR_RERUN


def first_cookies(url: str, tls: ssl.SSLContext | None = None) -> dict[str, str]:
    """Return the cookies that a new browser has by the time it opens its websocket."""
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=60, context=tls) as reply:  # noqa: S310
        return pairs(reply.headers.get_all("Set-Cookie") or [])


def pairs(headers: Sequence[str]) -> dict[str, str]:
    """Return names and values of the cookies that a response sets."""
    said = (header.split(";", 1)[0].partition("=") for header in headers)
    return {name.strip(): value.strip('"') for name, _, value in said}


def signed_in(url: str, email: str, secret: str) -> dict[str, str]:
    """Return the cookie that an office's server gives to who has signed in with the issuer.

    The sign-in is a new one; ``secret`` is the server's ``cookie_secret``.
    """
    parts = urlsplit(url)
    said = {
        "origin": f"{parts.scheme}://{parts.netloc}",
        "is_logged_in": True,
        "email": email,
        "email_verified": True,
        "iat": int(time.time()),
        "nonce": secrets.token_hex(8),
    }
    name = "_streamlit_user"
    return {name: create_signed_value(secret, name, json.dumps(said)).decode("latin-1")}


class Crowd:
    """The visitors of :func:`crowd`, seen from outside of their process."""

    def __init__(self, process: subprocess.Popen[bytes], lines: Path) -> None:
        self.process, self._lines = process, lines

    def clicks(self) -> list[Click]:
        """Return what has come of the clicks so far, in the order of the answers."""
        text = self._lines.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1].splitlines()
        return [Click(**json.loads(line)) for line in whole]

    def wait_for(
        self, condition: Callable[[list[Click]], object], *, seconds: float = 120.0
    ) -> list[Click]:
        """Return the clicks once they fulfil the condition; fails when they do not in time."""
        deadline = time.monotonic() + seconds
        while not condition(clicks := self.clicks()):
            ended = self.process.poll()
            if ended is not None or time.monotonic() > deadline:
                why = f"ended with {ended}" if ended is not None else f"waited {seconds} s"
                raise AssertionError(f"the crowd {why}; the last: {clicks[-3:]}")
            time.sleep(0.2)
        return clicks


@contextmanager
def crowd(
    url: str,
    *,
    sessions: int,
    folder: Path,
    every: float = EVERY_SECONDS,
    accounts: Sequence[str] = ACCOUNTS,
    secret: str | None = None,
    certificate: Path | None = None,
    pages: Sequence[str] = (),
) -> Iterator[Crowd]:
    """Let visitors click every so many seconds until the block ends.

    They are the accounts in turn: of the demonstration, or with ``secret`` signed in at an office
    whose cookies are signed with it. ``certificate`` is trusted beside those of the machine. They
    go to the pages of their menu, or only to ``pages`` (addresses).
    """
    lines = folder / f"crowd-{time.monotonic_ns()}.jsonl"
    with lines.open("wb") as output, lines.with_suffix(".err").open("wb") as problems:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.crowd", url, "--sessions", str(sessions)),
                *("--every", str(every), "--accounts", *accounts),
                *(("--secret", secret) if secret else ()),
                *(("--certificate", str(certificate)) if certificate else ()),
                *(("--pages", *pages) if pages else ()),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=problems,
        )
        people = Crowd(process, lines)
        try:
            yield people
        finally:
            assert process.stdin is not None
            process.stdin.close()  # by which they know that it is over
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    if process.returncode:
        raise AssertionError(lines.with_suffix(".err").read_text(errors="replace"))


async def tour(url: str, accounts: Sequence[str] = ACCOUNTS) -> list[Click]:
    """Let each account see once all that the crowd will ask for, as others have before them."""
    clicks = []
    for account in dict.fromkeys(accounts):
        visitor = Visitor(url, account)
        clicks.append(await visitor.go(""))
        for page in [page for page in visitor.pages if page]:
            visitor.widgets.clear()
            clicks.append(await visitor.go(page))
            if label := filter_of(visitor):
                options = [[each] for each in liked(visitor, label)]
                clicks += [await visitor.choose(label, *option) for option in [*options, []]]
        await visitor.close()
    return clicks


def filter_of(visitor: Visitor) -> str | None:
    """Return the filter that this visitor uses on the page that is open: the county, or a kind."""
    return next((label for label in FILTERS if label in visitor.widgets), None)


def liked(visitor: Visitor, label: str) -> list[str]:
    """Return the options that visitors choose: they ask for the same few."""
    return list(visitor.widgets[label].options)[:LIKED]


async def walk(visitor: Visitor, every: float, pages: Sequence[str]) -> None:
    """Click until it is over: pages and filters in turn, by chance of their own."""
    chance = random.Random(visitor.number)  # noqa: S311
    await asyncio.sleep(chance.uniform(0, every))
    try:
        while True:
            began = time.monotonic()
            click = await next_click(visitor, chance, pages)
            print(json.dumps(asdict(click), ensure_ascii=False), flush=True)  # noqa: T201
            # Not in step: who has waited together would click together for ever.
            pause = chance.uniform(0.5, 1.5) * every
            await asyncio.sleep(max(pause - (time.monotonic() - began), 0))
    finally:
        await visitor.close()


async def next_click(visitor: Visitor, chance: random.Random, pages: Sequence[str]) -> Click:
    """Click on one of the pages, or in one of the filters of the page that is open.

    What is chosen goes with the visitor to other pages; the next click in the filter takes it back.
    """
    found = [page for page in visitor.pages if page and (page in pages or not pages)]
    label = filter_of(visitor)
    if label is None or chance.random() < 1 / 2:
        visitor.widgets.clear()
        return await visitor.go(chance.choice(found or list(pages) or [""]))
    visitor.narrowed = not visitor.narrowed
    options = liked(visitor, label)
    return await visitor.choose(label, *([chance.choice(options)] if visitor.narrowed else []))


async def walk_all(args: argparse.Namespace) -> None:
    """Let all visitors walk until standard input is closed."""
    tls = ssl.create_default_context() if args.url.startswith("https") else None
    if tls and args.certificate:
        tls.load_verify_locations(args.certificate)
    accounts = [args.accounts[number % len(args.accounts)] for number in range(args.sessions)]
    visitors = [
        Visitor(
            *(args.url, account),
            number=number,
            cookies=signed_in(args.url, account, args.secret) if args.secret else None,
            tls=tls,
        )
        for number, account in enumerate(accounts)
    ]
    walking = [asyncio.create_task(walk(each, args.every, args.pages)) for each in visitors]
    over = asyncio.Event()
    loop = asyncio.get_running_loop()

    def listen() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=listen, daemon=True).start()
    await asyncio.wait(
        [asyncio.create_task(over.wait()), *walking], return_when=asyncio.FIRST_COMPLETED
    )
    for each in walking:
        each.cancel()
    for came in await asyncio.gather(*walking, return_exceptions=True):
        if isinstance(came, Exception):
            raise came


def main() -> None:
    """Walk as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("url")
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--every", type=float, default=EVERY_SECONDS)
    parser.add_argument("--accounts", nargs="+", default=ACCOUNTS)
    parser.add_argument("--secret", help="the cookie_secret of an office")
    parser.add_argument("--certificate", help="a file with a certificate to trust")
    parser.add_argument("--pages", nargs="+", default=[], help="addresses of pages")
    asyncio.run(walk_all(parser.parse_args()))


if __name__ == "__main__":
    main()
