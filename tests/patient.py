"""A visitor who clicks nothing: what the frontend does by itself is all that this one does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.crowd import Visitor, _Seen

MOST_SECONDS = 120.0


class PatientVisitor(Visitor):
    """Keeps what stands on the screen, and the timers that pages set.

    ``shown`` are the figures and the alerts of the last whole run, ``unsafe`` every exception ever
    shown.
    """

    def __init__(self, url: str, account: str | None = "leader@demo", **named: Any) -> None:
        super().__init__(url, account, look=self._notice, **named)
        self.timers: dict[str, float] = {}
        self.figures: list[str] = []
        self.alerts: list[str] = []
        self.unsafe: list[str] = []
        self._is_part = False

    async def until_not(self, condition: Callable[[PatientVisitor], bool]) -> None:
        """Do what a browser does that nobody touches, for as long as it is so."""
        start = time.monotonic()
        while condition(self):
            if time.monotonic() - start > MOST_SECONDS:
                raise AssertionError(f"still {self.alerts}, timers {self.timers}")
            assert self._socket is not None
            wait = min(self.timers.values(), default=1.0)
            try:
                data = await asyncio.wait_for(self._socket.recv(decode=False), wait)
                self._take_in(ForwardMsg.FromString(data), _Seen())
            except TimeoutError:
                for fragment in list(self.timers):
                    await self._socket.send(self._tick(fragment))

    def _tick(self, fragment: str) -> bytes:
        message = BackMsg.FromString(self._request())
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = True
        data: bytes = message.SerializeToString()
        return data

    def _notice(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._is_part = bool(message.metadata.run.fragment_ids)
                if not self._is_part:
                    self.timers.clear()
                    self.figures, self.alerts = [], []
            case "auto_rerun":
                self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self.timers.pop(fragment, None)
            case "delta":
                self._look_at(message.delta.new_element)

    def _look_at(self, element: Any) -> None:
        match element.WhichOneof("type"):
            case "exception":
                self.unsafe.append(element.exception.message)
            case "alert":
                self.alerts.append(element.alert.body)
            case "metric":
                self.figures.append(f"{element.metric.label} {element.metric.body}")
            case "heading":
                self.figures.append(element.heading.body)
