"""A visitor whose frontend is broken, or none of ours: websocket messages of every wrong kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any, Final
from urllib.parse import quote

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.bench.client import first_cookies
from tests.fuzz.hostile_addresses import PAGES, SECONDS, query
from tests.fuzz.mutated_rows import EXTREMES

# The backtest fits its models before it is first shown: minutes, on a machine with other work.
VISITED: Final = tuple(page for page in PAGES if page != "backtest")
RUN_SECONDS: Final = 120  # a page that nobody has looked at yet, on a machine with other work
HUGE: Final = 6 * 2**20
STORM: Final = 60
VALUES: Final = tuple(text.encode("utf-8", "replace").decode() for text in EXTREMES)


class Visitor:
    """An open websocket: what was received, and which widgets the pages have shown."""

    def __init__(self, socket: websockets.ClientConnection, url: str, account: str) -> None:
        self.socket, self.url, self.account = socket, url, account
        self.widgets: set[str] = set()
        self.messages: list[bytes] = []

    def rerun(self, page: str, *, said: str = "") -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        state.page_name = page
        state.query_string = f"as={quote(self.account)}{said}" if self.account else said
        context = state.context_info
        context.timezone, context.timezone_offset, context.locale = "Asia/Shanghai", -480, "zh-CN"
        context.url = f"{self.url}/{page}"
        return message

    async def send(self, data: bytes | str) -> None:
        await self.socket.send(data)

    async def until_finished(self) -> bool:
        """Read until a run is over; whether the server has left the connection open."""
        with suppress(websockets.ConnectionClosed):
            async with asyncio.timeout(RUN_SECONDS):
                while True:
                    data = await self.socket.recv(decode=False)
                    self.messages.append(data)
                    message = ForwardMsg.FromString(data)
                    self._look_for_widgets(message)
                    if message.WhichOneof("type") == "script_finished":
                        return True
        return False

    def _look_for_widgets(self, message: ForwardMsg) -> None:
        for part in (message.delta.new_element, message.delta.add_block):
            kind = part.WhichOneof("type")
            widget: Any = getattr(part, kind) if kind else None
            if isinstance(getattr(widget, "id", None), str) and widget.id:
                self.widgets.add(widget.id)

    async def is_answered(self) -> bool:
        """Whether an ordinary run of this session still comes to its end."""
        try:
            await self.send(self.rerun("overview").SerializeToString())
            return await self.until_finished()
        except websockets.ConnectionClosed:
            return False


@asynccontextmanager
async def visiting(url: str, account: str = "", **odd: Any) -> AsyncIterator[Visitor]:
    """Open a session as the frontend does; ``odd`` are arguments of its websocket.

    Raises:
        websockets.InvalidHandshake: the server does not let it in.
    """
    cookies = await asyncio.to_thread(first_cookies, url)
    given: dict[str, Any] = {
        "origin": websockets.Origin(url),
        "subprotocols": ["streamlit", *([cookies["_streamlit_xsrf"]] if cookies else [])],
        "additional_headers": {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())},
    }
    async with websockets.connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        compression=None,
        max_size=None,
        ping_interval=None,
        open_timeout=SECONDS,
        **given | odd,
    ) as socket:
        yield Visitor(socket, url, account)


def widget_states(chance: Random, visitor: Visitor, message: BackMsg) -> None:
    """Say of widgets what they cannot hold: wrong types, values beyond what was offered."""
    known = [*sorted(visitor.widgets), "$$ID-" + "0" * 32 + "-None", "", "x" * 5_000]
    fields = [field.name for field in WidgetState.DESCRIPTOR.fields if field.name != "id"]
    for _ in range(chance.choice((1, 4, 40))):
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = chance.choice(known)
        fill(chance, widget, chance.choice(fields))


def fill(chance: Random, widget: WidgetState, field: str) -> None:
    text = chance.choice(VALUES)[:5_000]
    number = chance.choice((0, -1, 1, 2**53, -(2**53), 10**6))
    real = chance.choice((0.0, -1.0, 1e308, float("nan"), float("inf"), 2.5, 1_660_000_000_000.0))
    many = chance.choice((0, 1, 2, 3, 500))
    single: dict[str, Any] = {
        "trigger_value": True,
        "bool_value": chance.random() < 0.5,
        "double_value": real,
        "int_value": number,
        "string_value": text,
        "json_value": chance.choice((text, *JSON)),
        "json_trigger_value": chance.choice((text, *JSON)),
        "bytes_value": chance.randbytes(40),
    }
    if field in single:
        setattr(widget, field, single[field])
        return
    inside: dict[str, Callable[[Any], Any]] = {
        "double_array_value": lambda of: of.data.extend([real] * many),
        "int_array_value": lambda of: of.data.extend([number] * many),
        "string_array_value": lambda of: of.data.extend([text] * many),
        "string_trigger_value": lambda of: setattr(of, "data", text),
        "chat_input_value": lambda of: setattr(of, "data", text),
        "arrow_value": lambda of: setattr(of, "data", chance.randbytes(40)),
        "file_uploader_state_value": lambda of: of.uploaded_file_info.add(
            file_id=text, name="台账.xlsx", size=2**40
        ),
    }
    part = getattr(widget, field)
    part.SetInParent()
    inside[field](part)


async def misbehave(chance: Random, visitor: Visitor) -> str:
    """Do one wrong thing; what it was."""
    way = chance.choice((*("widgets",) * 8, *("pages",) * 3, *WAYS))
    page = chance.choice(VISITED)
    message = visitor.rerun(page, said="&" + query(chance)[1:].replace("as=", "was="))
    if way == "widgets":
        message = visitor.rerun(page)
        await visitor.send(message.SerializeToString())
        await visitor.until_finished()
        widget_states(chance, visitor, message)
    elif way == "pages":
        say_odd_things(chance, message, page)
    elif way == "huge":
        message.rerun_script.query_string = "x" * HUGE
    elif way == "storm":
        for _ in range(STORM):
            await visitor.send(visitor.rerun(page).SerializeToString())
    elif way == "machine":
        message = order_of_a_developer(chance)
        way = f"{way}: {message.WhichOneof('type')}"
    await visitor.send(
        spoilt(chance, way, message) if way in SPOILT else message.SerializeToString()
    )
    return way


def say_odd_things(chance: Random, message: BackMsg, page: str) -> None:
    """Name pages, fragments and surroundings that there are not."""
    state = message.rerun_script
    state.page_name = chance.choice((page, "../" + page, page.upper(), "", "x" * 9_000, "\x00"))
    state.page_script_hash = chance.choice(("", "0" * 32, "x", page))
    state.fragment_id = chance.choice(("", "", "0" * 32, "x"))
    state.is_auto_rerun = chance.random() < 0.3
    state.cached_message_hashes.extend(["x"] * chance.choice((0, 1, 999)))
    state.context_info.timezone = chance.choice(("", "Mars/Base", "x" * 999, "../etc"))
    state.context_info.timezone_offset = chance.choice((0, 2**31 - 1, -(2**31)))
    state.context_info.locale = chance.choice(("", "zz-ZZ", "x" * 999))
    state.context_info.url = chance.choice(("", "http://evil.example", "://", "x" * 9_000))


def order_of_a_developer(chance: Random) -> BackMsg:
    """Return a message of another kind than what pages send."""
    kind = chance.choice([field.name for field in BackMsg.DESCRIPTOR.fields])
    message = BackMsg()
    if kind == "file_urls_request":
        message.file_urls_request.file_names.extend(["../x.xlsx"] * 50)
    elif kind == "backend_operation_request":
        message.backend_operation_request.install_skills.SetInParent()
    elif kind == "rerun_script":
        message.rerun_script.SetInParent()
    else:
        setattr(message, kind, True)
    return message


def spoilt(chance: Random, way: str, message: BackMsg) -> bytes | str:
    """Return what is no message any more."""
    whole = bytearray(message.SerializeToString())
    if way == "noise":
        return chance.randbytes(chance.choice((0, 1, 50, 5_000)))
    if way == "text":
        return chance.choice(VALUES)
    if way == "cut":
        return bytes(whole[: chance.randrange(len(whole))])
    for _ in range(3):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return bytes(whole)


SPOILT: Final = ("noise", "text", "cut", "flipped")
WAYS: Final = (*SPOILT, "huge", "storm", "machine", "machine")
JSON: Final = (
    *("{", "[]", "null", '{"selection": 1}'),
    '{"selection":{"rows":[999999,-1],"columns":["x"]}}',
)
