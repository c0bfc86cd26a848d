"""A visitor without a browser: a Streamlit session over its websocket, as the frontend has it."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

MESSAGE_SECONDS = 60
COMPILE_ERROR = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
ALERT_ERROR = Alert.ERROR


class RunFailed(Exception):  # noqa: N818 - it names what happened to the page, not to the client
    """The page did not draw: its script stopped, or showed an error."""


@dataclass(frozen=True)
class Run:
    """One run of a page's script as the visitor saw it."""

    milliseconds: float
    received_bytes: int


class Session:
    """An open session. Run it once for what a first visit costs, again for what a rerun costs."""

    def __init__(self, socket: websockets.ClientConnection, url: str, page: str, query: str):
        self._socket = socket
        self._url = url
        self._page = page
        self._query = query
        self._page_hash = ""
        # The frontend keeps large messages and says so; the server then sends their hash.
        self._kept: set[str] = set()

    async def run(self) -> Run:
        """Ask for a run and wait until it is over.

        Raises ``RunFailed`` when the page shows an exception or an error, or does not exist.
        """
        received = 0
        start = time.perf_counter()
        await self._socket.send(self._request())
        while True:
            data = await asyncio.wait_for(self._socket.recv(decode=False), MESSAGE_SECONDS)
            received += len(data)
            message = ForwardMsg.FromString(data)
            if self._is_last(message):
                return Run((time.perf_counter() - start) * 1000, received)

    def _request(self) -> bytes:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self._query
        state.page_script_hash = self._page_hash
        state.page_name = self._page
        state.cached_message_hashes.extend(self._kept)
        context = state.context_info
        context.timezone, context.timezone_offset, context.locale = "Asia/Shanghai", -480, "zh-CN"
        context.url = f"{self._url}/{self._page}"
        request: bytes = message.SerializeToString()
        return request

    def _is_last(self, message: ForwardMsg) -> bool:
        """Take in what the frontend would remember; whether the run is over with this."""
        if problem := problem_in(message):
            raise RunFailed(f"{self._page or 'the landing page'}: {problem}")
        if message.metadata.cacheable:
            self._kept.add(message.hash)
        match message.WhichOneof("type"):
            case "new_session":
                self._page_hash = message.new_session.page_script_hash or self._page_hash
            case "navigation":
                self._page_hash = message.navigation.page_script_hash or self._page_hash
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "script_finished":
                return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False


def problem_in(message: ForwardMsg) -> str | None:
    """Return why the page did not draw: unknown, broken, or showing an error. Else ``None``."""
    match message.WhichOneof("type"):
        case "page_not_found":
            return "no such page"
        case "script_finished" if message.script_finished == COMPILE_ERROR:
            return "the script does not compile"
        case "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                return f"{element.exception.type}: {element.exception.message}"
            if element.WhichOneof("type") == "alert" and element.alert.format == ALERT_ERROR:
                return str(element.alert.body)
    return None


@asynccontextmanager
async def session(
    url: str, page: str = "", account: str | None = None, **parameters: str
) -> AsyncIterator[Session]:
    """Open a session on a page as a demonstration account; nothing has run in it yet.

    ``parameters`` stand in the address.
    """
    cookies = await asyncio.to_thread(first_cookies, url)
    protocols = ["streamlit", *([cookies["_streamlit_xsrf"]] if cookies else [])]
    async with websockets.connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        origin=websockets.Origin(url),
        subprotocols=[websockets.Subprotocol(protocol) for protocol in protocols],
        additional_headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())},
        compression=None,
        max_size=None,
        ping_interval=None,
    ) as socket:
        said = {**({"as": account} if account else {}), **parameters}
        yield Session(socket, url, page, urlencode(said))


def first_cookies(url: str) -> dict[str, str]:
    """Return the cookies that a new browser has by the time it opens its websocket."""
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=60) as reply:  # noqa: S310
        headers = reply.headers.get_all("Set-Cookie") or []
    pairs = (header.split(";", 1)[0].partition("=") for header in headers)
    return {name.strip(): value.strip('"') for name, _, value in pairs}
