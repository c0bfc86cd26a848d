"""A visitor in process, and all that is sent to their browser."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.testing.v1 import AppTest

from tests.canaries.markers import Marker, Reader, markers_in, unpacked
from tests.pages.conftest import ask_for, visit


class EveryFile:
    """What holds the name of every file, for tests that look at no file."""

    def __contains__(self, _name: object) -> bool:
        return True


# Numbers of runs, and "正在计算…", which shows where it takes a while.
DIFFERS_FROM_RUN_TO_RUN = {"new_session", "new_transient", "script_finished"}


@dataclass
class Screen:
    """What one run of a page sent: the parts by kind, in their order, and the files.

    ``said`` are the markers that the visitor's own browser sent before.
    """

    parts: list[tuple[str, bytes]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    said: set[Marker] = field(default_factory=set)

    def sent(self) -> Iterator[tuple[str, bytes]]:
        """Yield the kind and the bytes of everything."""
        yield from self.parts
        for name, content in self.files.items():
            yield f"download {name}", content
        for line in self.log:
            yield "log", line.encode()

    def markers(self) -> set[Marker]:
        """Return all the markers on the screen and in its files; those of the log left out."""
        return {seen for kind, body in self.sent() if kind != "log" for seen in markers_in(body)}

    def leaks(self, reader: Reader) -> set[str]:
        """Name what is on the screen and not the reader's; nobody's texts belong in a log."""
        return {
            f"{kind}: {seen}"
            for kind, body in self.sent()
            for seen in markers_in(body)
            if kind == "log" or not (seen in self.said or reader.may_see(seen))
        }

    def comparable(self) -> list[tuple[str, bytes]]:
        """Return what was sent without what differs from run to run."""
        parts = [part for part in self.parts if part[0] not in DIFFERS_FROM_RUN_TO_RUN]
        for name, content in sorted(self.files.items()):
            inside = unpacked(content) or {"": content}
            inside.pop("docProps/core.xml", None)  # says when it was written
            parts += [(f"download {name} {part}", body) for part, body in inside.items()]
        return parts


class Visitor:
    """Somebody with a browser of their own, come to one page by its address.

    Of the files whose names are in ``made`` none is made again: files of one name are alike, and
    take longer than the page. Visitors who share the set share the work; without it every file of
    every screen is made.
    """

    def __init__(
        self,
        reader: Reader,
        script: str,
        *,
        user: dict[str, Any] | None = None,
        made: set[str] | EveryFile | None = None,
        **said: Any,
    ) -> None:
        self.reader = reader
        self._made = made
        self._address = said | ({"as": reader.account} if reader.account and not user else {})
        self._script, self._user = script, user
        self.screen = self._open()
        self._base = [*self.app._tree.get_widget_states().widgets, *self._nothing_chosen()]
        self._place = self.app._finished_page_script_hash
        self._query = dict(self.app.query_params)

    def _open(self) -> Screen:
        self.app: AppTest = visit(self._address)
        if self._user is not None:
            self.app.user = self._user
        ask_for(self.app, self._script)
        return self._run(None)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the last choice led to another page."""
        return self.app._finished_page_script_hash != self._place

    def choose(self, *states: WidgetState) -> Screen:
        """Run the page with these widgets chosen from, all others as they were at first."""
        if self.is_elsewhere:
            self._open()
        self.app.query_params = dict(self._query)
        changed = {state.id for state in states}
        kept = [state for state in self._base if state.id not in changed]
        self.screen = self._run(WidgetStates(widgets=[*kept, *states]))
        # What comes back is no news to who said it.
        self.screen.said = {
            said for state in states for said in markers_in(state.SerializeToString())
        }
        return self.screen

    def _nothing_chosen(self) -> Iterator[WidgetState]:
        """Yield the first states of what AppTest knows no state of, as a browser says them."""
        for kind, proto in self.elements():
            if kind == "Expandable" and proto.id:
                yield WidgetState(id=proto.id, bool_value=proto.expanded)
            elif getattr(proto, "selection_mode", None):
                yield WidgetState(id=proto.id, string_value="{}")

    def _run(self, states: WidgetStates | None) -> Screen:
        with recorded(self._made or ()) as screen:
            self.app._run(states)
        if isinstance(self._made, set):
            self._made |= screen.files.keys()
        # A page that failed has sent nothing, and so would prove nothing.
        assert not self.app.exception
        failed = [error.value for error in self.app.error if "编号" in error.value]
        assert not failed, "\n".join([*failed, *screen.log])
        said = json.dumps(self.app.query_params, ensure_ascii=False)
        screen.parts.append(("address", said.encode()))
        return screen

    def elements(self) -> Iterator[tuple[str, Any]]:
        """Yield the kind and protobuf of everything on the page, containers included."""
        yield from _below(self.app._tree)


def _below(block: Any) -> Iterator[tuple[str, Any]]:
    for child in block.children.values():
        if child.proto is not None:
            yield child.proto.DESCRIPTOR.name, child.proto
        if hasattr(child, "children"):
            yield from _below(child)


@contextmanager
def recorded(made: Container[str] = ()) -> Iterator[Screen]:
    """Record what is sent while the block lasts, make its files, and keep what is logged.

    Files whose names are in ``made`` are left out.
    """
    screen = Screen()
    offered: dict[str, Callable[[], Any]] = {}
    enqueue, add, add_deferred = (
        ForwardMsgQueue.enqueue,
        MediaFileManager.add,
        MediaFileManager.add_deferred,
    )

    def keep_message(self: Any, message: Any) -> None:
        screen.parts.append((_kind(message), _bytes(message)))
        enqueue(self, message)

    def keep_file(self: Any, data: Any, *args: Any, **named: Any) -> str:
        offered[named.get("file_name") or f"file {len(offered)}"] = lambda: data
        return add(self, data, *args, **named)

    def keep_deferred(self: Any, data: Callable[[], Any], *args: Any, **named: Any) -> str:
        offered[named["file_name"]] = data
        return add_deferred(self, data, *args, **named)

    handler = logging.Handler()
    handler.emit = lambda record: screen.log.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        with (
            patch.object(ForwardMsgQueue, "enqueue", keep_message),
            patch.object(MediaFileManager, "add", keep_file),
            patch.object(MediaFileManager, "add_deferred", keep_deferred),
        ):
            yield screen
        for name, make in offered.items():
            if name in made:
                continue
            content = make()
            screen.files[name] = content if isinstance(content, bytes) else str(content).encode()
    finally:
        logging.getLogger().removeHandler(handler)


def _bytes(message: Any) -> bytes:
    """Return a message as it travels, but for the number of a file, which is drawn by lot."""
    copy = type(message)()
    copy.CopyFrom(message)
    if _kind(copy) == "download_button":
        copy.delta.new_element.download_button.ClearField("deferred_file_id")
    copy.ClearField("hash")
    return copy.SerializeToString(deterministic=True)


def _kind(message: Any) -> str:
    kind = str(message.WhichOneof("type"))
    if kind != "delta":
        return kind
    change = message.delta
    what = str(change.WhichOneof("type"))
    inner = getattr(change, what)
    return str(inner.WhichOneof("type") if what in {"new_element", "add_block"} else what)
