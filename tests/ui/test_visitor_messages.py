"""Of what visitors send over their websocket, the server hears what pages use, in order."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests import loops
from ui.visitor_messages import VisitorMessages


def heard(*sent: dict[str, Any], kind: str = "websocket") -> list[dict[str, Any]]:
    """Return what the application behind is handed of these messages, up to the last."""
    waiting = [*sent, {"type": "websocket.disconnect"}]
    found: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        while not found or found[-1]["type"] != "websocket.disconnect":
            found.append(await receive())

    async def send(_message: Any) -> None:
        raise AssertionError("nothing is answered here")

    loops.run(VisitorMessages(app)({"type": kind}, receive, send))
    return found[:-1]


def of(message: BackMsg) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": message.SerializeToString()}


def operation(name: str) -> BackMsg:
    message = BackMsg()
    getattr(message.backend_operation_request, name).SetInParent()
    return message


@pytest.mark.parametrize(
    "message",
    [
        BackMsg(rerun_script={"page_name": "overview"}),
        BackMsg(stop_script=True),
        BackMsg(app_heartbeat=True),
        BackMsg(file_urls_request={"file_names": ["台账.xlsx"]}),
        operation("deferred_file"),
        operation("dataframe_chunk"),
    ],
    ids=["rerun", "stop", "heartbeat", "upload", "download", "table"],
)
def test_what_pages_use_is_heard(message: BackMsg) -> None:
    assert heard(of(message), of(message)) == [of(message)] * 2


@pytest.mark.parametrize(
    "message",
    [
        BackMsg(clear_cache=True),
        BackMsg(load_git_info=True),
        BackMsg(set_run_on_save=True),
        BackMsg(debug_disconnect_websocket=True),
        BackMsg(debug_shutdown_runtime=True),
        operation("install_skills"),
        operation("dismiss_skills_nudge"),
    ],
    ids=["cache", "repository", "saving", "disconnect", "shutdown", "files", "nudge"],
)
def test_order_of_a_developer_is_dropped_and_what_follows_is_heard(message: BackMsg) -> None:
    usual = of(BackMsg(stop_script=True))

    assert heard(usual, of(message), usual) == [usual, usual]


def test_text_is_dropped_and_what_is_no_message_is_left_to_streamlit() -> None:
    text = {"type": "websocket.receive", "text": "甲"}
    noise = {"type": "websocket.receive", "bytes": b"\xff\xff\xff"}

    assert heard({"type": "websocket.connect"}, text, noise) == [
        {"type": "websocket.connect"},
        noise,
    ]


def test_plain_requests_pass_untouched() -> None:
    request = {"type": "http.request", "body": b"\x10\x01"}

    assert heard(request, kind="http") == [request]
