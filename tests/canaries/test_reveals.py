"""A reporter's words and phone reach one screen, of who gave a reason, for one report."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from streamlit.proto.WidgetStates_pb2 import WidgetState

from data_access import schema
from data_access.accounts import Role
from data_access.engine import get_engine
from tests.canaries.choices import Choice, offered
from tests.canaries.markers import REPORTER, Marker, markers_in
from tests.canaries.readers import BY_ROLE
from tests.canaries.visitor import Screen, Visitor
from ui.navigation import VIOLATION_MAP


def of_reporters(screen: Screen) -> set[Marker]:
    return {seen for seen in screen.markers() if seen.kind == REPORTER}


def rows(visitor: Visitor) -> list[Choice]:
    """The rows of the list of reports."""
    return [choice for choice in offered(visitor) if ".rows" in choice.key]


def test_words_of_a_reporter_are_shown_for_a_reason_and_gone_with_the_next_report(
    city: Path,
) -> None:
    visitor = Visitor(BY_ROLE[Role.SUPERVISOR], VIOLATION_MAP.script)
    first, second, *_ = rows(visitor)
    masked = visitor.choose(first.state)
    [words] = [proto.id for kind, proto in visitor.elements() if kind == "TextInput"]
    [button] = [button.id for button in visitor.app.button if button.label == "查看原文"]
    reason = WidgetState(id=words, string_value="核对举报内容与现场情况")
    asked = WidgetState(id=button, trigger_value=True)

    unexplained = visitor.choose(first.state, asked)
    revealed = visitor.choose(first.state, reason, asked)
    after = visitor.choose(second.state)

    assert of_reporters(masked) == set()
    assert of_reporters(unexplained) == set()
    assert {seen.column for seen in of_reporters(revealed)} == {"summary", "reporter_phone"}
    assert len({seen.owner for seen in of_reporters(revealed)}) == 1
    assert of_reporters(after) == set()
    with get_engine().connect() as conn:
        logged = conn.execute(select(schema.audit_event)).all()
    assert "reveal" in {row.action for row in logged if row.email == "supervisor@demo"}
    assert REPORTER not in {seen.kind for row in logged for seen in markers_in(repr(row).encode())}


def test_nobody_else_can_ask_for_the_words_of_a_reporter(city: Path) -> None:
    for role in (Role.LEADER, Role.COUNTY):
        visitor = Visitor(BY_ROLE[role], VIOLATION_MAP.script)
        for row in rows(visitor)[:2]:
            assert of_reporters(visitor.choose(row.state)) == set()
            assert not [button for button in visitor.app.button if button.label == "查看原文"]
