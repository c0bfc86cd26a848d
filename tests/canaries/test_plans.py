"""A plan is drawn, routed, sealed and visited: nobody else's page changes, and no log tells of it.

Stronger than a database with plans in it: here the same server goes on, with all that it keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data_access import schema, versions, visit_plan_changes
from data_access.accounts import Role, find_user
from data_access.engine import get_engine
from tests.canaries.choices import nothing, walk
from tests.canaries.comparing import Shown, differences
from tests.canaries.markers import Marker, markers_in
from tests.canaries.readers import BY_ROLE
from tests.canaries.visitor import EveryFile, Visitor, recorded
from tests.menu import entries
from ui.navigation import ACCESS_LOG, VISIT_PLANS, VISIT_RESULTS, MenuEntry
from ui.visits import routing
from ui.visits.choosing import PLAN_KEY

SUPERVISOR, ADMIN = BY_ROLE[Role.SUPERVISOR], BY_ROLE[Role.ADMIN]
OTHERS = [BY_ROLE[Role.COUNTY], BY_ROLE[Role.LEADER]]
PLAN_ID = 4  # the first that is drawn here
REASON = "此处已经停业搬走另有佐证"
NOTE = "现场有三个班正在上课"


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Routes are sought for a moment: good ones are not asked for here."""
    monkeypatch.setattr(routing, "SECONDS", 0.3)


def press(page: AppTest, label: str) -> AppTest:
    page = next(each for each in page.button if each.label == label).click().run()
    assert not page.exception
    assert not page.error
    return page


def opened(entry: MenuEntry = VISIT_PLANS, **said: str) -> AppTest:
    page = Visitor(SUPERVISOR, entry.script, **said).app
    return page.selectbox(key=PLAN_KEY).set_value(str(PLAN_ID)).run()


def draw() -> None:
    """Draw one team of the one officer there is."""
    page = Visitor(SUPERVISOR, VISIT_PLANS.script).app
    page.number_input(key="visits.teams").set_value(1)
    page.number_input(key="visits.size").set_value(1)
    press(page, "抽签并建立计划")


def leave_one_out() -> None:
    with get_engine().connect() as conn:
        user = find_user(conn, "supervisor@demo")
        lot = schema.visit_candidate.c
        first = select(lot.ordinal).where(lot.visit_plan_id == PLAN_ID, lot.drawn_order == 1)
        ordinal = conn.scalars(first).one()
    assert user
    visit_plan_changes.withdraw(user, PLAN_ID, ordinal, REASON)


def enter(outcome: str) -> None:
    """Enter what was found at a stop; the plan is of the day after the last of the city's."""
    page = opened(VISIT_RESULTS)
    [choice] = [each for each in page.button_group if each.key.startswith("visits.outcome")]
    page = choice.set_value(outcome).run()
    page.text_area[0].set_value(NOTE)
    press(page, "登记")


QUIET: dict[str, Callable[[], object]] = {
    "drawn": draw,
    "routed": lambda: press(opened(), "排路线"),
    "one left out": leave_one_out,
    "routed again": lambda: press(opened(), "重排路线"),
    "sealed": lambda: press(opened(), "确认封存"),
}
FOUND: dict[str, Callable[[], object]] = {
    "found": lambda: enter("violation"),
    "found clear": lambda: enter("clear"),
}


def pages(entry: MenuEntry | None = None, *, made: EveryFile | None = None) -> dict[str, Shown]:
    """Return what all pages of a county and of the leaders, or that one, send as they open.

    Files are left out where they are said to be made.
    """
    return {
        f"{each.title}, {reader.name}": {
            option: screen.comparable()
            for option, screen in walk(Visitor(reader, each.script, made=made), nothing)
        }
        for reader in OTHERS
        if reader.role
        for each in entries(reader.role)
        if entry in (None, each)
    }


def changed(before: dict[str, Shown], after: dict[str, Shown]) -> dict[str, list[str]]:
    """Return what differs, by page, on the pages that were opened again."""
    return {name: found for name in after if (found := differences(before[name], after[name]))}


def version() -> int:
    with get_engine().connect() as conn:
        return versions.current(conn)


def logged() -> Iterator[str]:
    event = schema.audit_event.c
    mine = select(event.action, event.target, event.detail).where(event.email == SUPERVISOR.account)
    with get_engine().connect() as conn:
        yield from (repr(tuple(row)) for row in conn.execute(mine))


def seen_in(said: str) -> set[Marker]:
    return markers_in(said.encode())


@pytest.mark.parametrize(
    "step_by_step",
    [
        pytest.param(False, id="looked at once all is found"),
        pytest.param(True, id="looked at after every step", marks=pytest.mark.soak),
    ],
)
def test_until_it_is_released_a_plan_changes_no_page_of_anybody_else(
    city: Path, step_by_step: bool
) -> None:
    """All pages after each of the seven steps take a minute and a half: that is left to the soak,
    as are their files.

    Until it is sealed nothing that pages are made of is another, as their version says.
    """
    made = None if step_by_step else EveryFile()
    before, first = pages(made=made), version()

    *_, last = FOUND
    for steps in (QUIET, FOUND):
        for step, take in steps.items():
            take()
            if step_by_step or step == last:
                assert (step, changed(before, pages(made=made))) == (step, {})
        if steps is QUIET:
            # Nothing that pages keep is worked out anew: not even the time that takes tells of it.
            assert version() == first
    press(opened(VISIT_RESULTS), "确认公布")
    assert "暗访结果, leader@demo" in changed(before, pages(VISIT_RESULTS, made=made))


def test_result_can_be_corrected_whatever_the_ledgers_say_of_it_since(city: Path) -> None:
    """In this city no type of violation is one of the list, and days lie before the plan's."""
    visitor = Visitor(SUPERVISOR, VISIT_RESULTS.script)
    shown = [
        option
        for option, _ in walk(
            visitor, lambda c: c.key == PLAN_KEY or c.key.startswith("visits.stop.")
        )
    ]

    assert len([option for option in shown if "visits.stop." in option]) > 20


def test_log_tells_the_number_of_a_plan_and_neither_place_nor_reason_nor_county(
    city: Path,
) -> None:
    for take in (QUIET | FOUND).values():
        take()
    # Whatever is taken away, of a new plan and of this one, with a county in the filters.
    with get_engine().connect() as conn:
        county = conn.scalars(select(schema.county.c.name).limit(1)).one()
    with recorded() as taken:
        opened(county=county)
    assert {name.rpartition(".")[2] for name in taken.files} == {"pdf", "xlsx"}

    said = list(logged())
    assert [line for line in said if REASON in line or NOTE in line or "分）" in line] == []
    assert {str(seen) for line in said for seen in seen_in(line)} == set()
    actions = ("plan_draw", "plan_open", "plan_change", "plan_seal", "visit_record", "export")
    for action in actions:
        assert [line for line in said if action in line and f"暗访计划 {PLAN_ID}" in line], action
    page = Visitor(ADMIN, ACCESS_LOG.script)
    assert page.screen.leaks(ADMIN) == set()
    sent = b"".join(body for _, body in page.screen.sent())
    assert f"暗访计划 {PLAN_ID}".encode() in sent
    assert REASON.encode() not in sent
    assert NOTE.encode() not in sent
