"""What a visitor's frontend may say to the server: what this dashboard's pages use, no more.

Streamlit takes a developer's orders from whoever opens its websocket, signed in or not: to forget
the cached results of all sessions, to tell of the repository that it runs from, to put files into
its folder. Settings keep it from some of them; none is needed here.
"""

from __future__ import annotations

import logging
from typing import Final

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

SAID: Final = frozenset(
    (
        *("rerun_script", "stop_script", "file_urls_request", "app_heartbeat"),
        "backend_operation_request",
    )
)
OPERATIONS: Final = frozenset(("deferred_file", "dataframe_chunk"))

_log = logging.getLogger(__name__)


class VisitorMessages:
    """Passes on the messages that pages use; others are dropped, and the log says so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def receive_known() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                order = _order(message.get("bytes"))
                if order is None:
                    return message
                _log.warning("message of a visitor dropped: %s", order)

        await self.app(scope, receive_known, send)


def _order(data: bytes | None) -> str | None:
    """Return what a message is that no page sends; ``None`` for any other."""
    if data is None:
        return "text"  # Streamlit looks for bytes in it, and fails
    try:
        message = BackMsg.FromString(data)
    except DecodeError:
        return None  # Streamlit closes the connection
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        operation = message.backend_operation_request.WhichOneof("payload")
        return None if operation in OPERATIONS else f"{kind} {operation}"
    return None if kind in SAID else str(kind)
