"""Close-out takes two people, and an item's history follows from both of its ledgers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data_access.ledgers.storing import Sender
from tests.data_access.ledgers.conftest import RECEIVED, Load, Rows, reasons
from tests.data_access.ledgers.understandings import (
    CLEAR,
    NORTH,
    SOUTH,
    closed_item,
    item,
    step,
)

COUNTY = Sender("450205@demo", NORTH, is_county_account=True)
OPENED, CLOSED = date(2022, 6, 20), date(2022, 7, 1)
LATER, LATEST = date(2022, 7, 14), date(2022, 7, 21)


def steps(rows: Rows) -> list[tuple[str, date, bool]]:
    """Step, day and whether inferred of every event, by day."""
    found = [(row.step, row.happened_on, row.inferred) for row in rows("rectification_event")]
    return sorted(found, key=lambda event: (event[1], event[0]))


def spells(rows: Rows) -> list[tuple[date, date | None]]:
    return [(row.opened_on, row.closed_on) for row in rows("rectification_spell")]


# What closing takes


@pytest.mark.parametrize(
    ("missing", "header"),
    [("closed_on", "销号日期"), ("evidence", "佐证材料"), ("verified_by", "复核人")],
)
def test_an_item_is_not_closed_without_what_closing_takes(
    load: Load, missing: str, header: str
) -> None:
    stored = load("rectifications", closed_item(**{missing: None}))

    assert stored.rows_rejected == 1
    assert [reason.split("：")[0] for reason in map(str, reasons(stored))] == [header]


def test_what_is_stored_already_counts_for_closing(load: Load, rows: Rows) -> None:
    load("rectifications", item(evidence="照片", verified_by="韦复核"))

    stored = load("rectifications", item(status="closed", closed_on=CLOSED))

    assert stored.rows_updated == 1
    assert rows("rectification")[0].status == "closed"


def test_evidence_of_a_closed_item_cannot_be_cleared(load: Load) -> None:
    load("rectifications", closed_item())

    assert load("rectifications", closed_item(evidence=CLEAR)).rows_rejected == 1


@pytest.mark.parametrize(("accepted", "loaded"), [(True, 1), (False, 0), (None, 0)])
def test_an_item_from_a_report_needs_the_public_to_accept(
    load: Load, accepted: bool | None, loaded: int
) -> None:
    stored = load("rectifications", closed_item(source="report", public_accepted=accepted))

    assert stored.rows_loaded == loaded


@pytest.mark.parametrize(
    ("verifier", "rejected"),
    [("覃申请", True), ("覃申请、覃申请", True), ("覃申请、韦复核", False), ("韦复核", False)],
)
def test_who_applied_for_closing_may_not_verify_it(
    load: Load, verifier: str, rejected: bool
) -> None:
    load("rectifications", item(status="submitted"))
    load("rectification_events", step(step="submit", actor="覃申请"))

    stored = load("rectifications", closed_item(verified_by=verifier))

    assert bool(stored.rows_rejected) is rejected


def test_only_the_last_application_is_held_against_the_verifier(load: Load) -> None:
    load("rectifications", item(status="submitted"))
    load(
        "rectification_events",
        step(step="submit", actor="韦复核", happened_on=date(2022, 6, 22)),
        step(step="submit", actor="覃申请", happened_on=date(2022, 6, 26)),
    )

    assert load("rectifications", closed_item()).rows_updated == 1


def test_a_closing_before_the_opening_is_told(load: Load, rows: Rows) -> None:
    stored = load("rectifications", closed_item(closed_on=date(2022, 6, 1)))

    assert stored.rows_loaded == 1
    told = "销号日期：销号日期（2022-06-01）早于登记日期（2022-06-20），请核对"
    assert told in reasons(stored, "warning")
    assert spells(rows) == [(OPENED, OPENED)]


@pytest.mark.parametrize(
    ("due_on", "told"),
    [
        (date(2022, 6, 19), ["整改期限：整改期限（2022-06-19）早于登记日期（2022-06-20），请核对"]),
        (OPENED, []),
    ],
)
def test_an_item_due_before_it_was_opened_is_told(
    load: Load, due_on: date, told: list[str]
) -> None:
    stored = load("rectifications", item(opened_on=OPENED, due_on=due_on, institution_name=None))

    assert (stored.rows_loaded, reasons(stored, "warning")) == (1, told)


def test_a_closing_day_without_a_closed_state_is_not_stored(load: Load, rows: Rows) -> None:
    stored = load("rectifications", item(closed_on=CLOSED))

    assert rows("rectification")[0].closed_on is None
    assert len(reasons(stored, "warning")) == 1


# What a county account may say


def test_a_county_s_closing_arrives_as_an_application(load: Load, rows: Rows) -> None:
    stored = load("rectifications", closed_item(), sender=COUNTY)

    row = rows("rectification")[0]
    assert (row.status, row.closed_on, row.evidence, row.verified_by) == (
        "submitted",
        None,
        "整改照片三张",
        None,
    )
    assert any("按申请销号导入" in str(reason) for reason in reasons(stored, "warning"))
    assert ("submit", RECEIVED, True) in steps(rows)
    assert spells(rows) == [(OPENED, None)]


def test_who_sent_the_application_may_not_verify_it_either(load: Load) -> None:
    load("rectifications", closed_item(), sender=COUNTY)

    assert load("rectifications", closed_item(verified_by=COUNTY.name)).rows_rejected == 1


@pytest.mark.parametrize("status", ["returned", "reopened"])
def test_a_county_cannot_send_an_item_back(load: Load, status: str) -> None:
    load("rectifications", item())

    assert load("rectifications", item(status=status), sender=COUNTY).rows_rejected == 1


def test_a_county_may_repeat_what_the_supervisor_has_decided(load: Load, rows: Rows) -> None:
    load("rectifications", item(status="returned"))

    stored = load("rectifications", item(status="returned", evidence="新照片"), sender=COUNTY)

    assert (stored.rows_updated, rows("rectification")[0].evidence) == (1, "新照片")


def test_a_county_does_not_open_what_the_city_has_closed(load: Load, rows: Rows) -> None:
    load("rectifications", closed_item())

    stored = load(
        "rectifications",
        item(evidence="另一份", verified_by="覃申请", responsible_department="教育局"),
        sender=COUNTY,
    )

    row = rows("rectification")[0]
    assert (row.status, row.closed_on, row.evidence, row.verified_by) == (
        "closed",
        CLOSED,
        "整改照片三张",
        "韦复核",
    )
    assert row.responsible_department == "教育局"
    assert any("状态未改" in str(reason) for reason in reasons(stored, "warning"))
    assert spells(rows) == [(OPENED, CLOSED)]


def test_a_county_that_repeats_a_closed_item_changes_nothing(load: Load) -> None:
    load("rectifications", closed_item())

    stored = load("rectifications", closed_item(), sender=COUNTY)

    assert (stored.rows_updated, stored.changed, stored.problems) == (1, False, [])


@pytest.mark.parametrize(
    ("name", "loaded"),
    [("assign", 1), ("submit", 1), ("close", 0), ("return", 0), ("reopen", 0)],
)
def test_a_county_tells_no_steps_of_the_supervisor(load: Load, name: str, loaded: int) -> None:
    load("rectifications", item())

    stored = load("rectification_events", step(step=name), sender=COUNTY)

    assert (stored.rows_loaded, stored.rows_rejected) == (loaded, 1 - loaded)


def test_a_county_may_repeat_a_step_of_the_supervisor(load: Load) -> None:
    load("rectifications", item())
    load("rectification_events", step(step="return"))

    stored = load("rectification_events", step(step="return"), sender=COUNTY)

    assert (stored.rows_updated, stored.changed) == (1, False)


# Steps


@pytest.mark.parametrize(
    ("sender", "row"),
    [(None, step(ledger_no="ZG-9")), (Sender("south", SOUTH), step())],
    ids=["unknown", "another county's"],
)
def test_a_step_of_an_unknown_item_is_rejected(
    load: Load, sender: Sender | None, row: dict[str, Any]
) -> None:
    load("rectifications", item())

    stored = load("rectification_events", row, **({"sender": sender} if sender else {}))

    assert stored.rows_rejected == 1
    assert "整改台账中没有这一编号" in str(reasons(stored))


def test_an_item_implies_its_opening_and_its_closing(load: Load, rows: Rows) -> None:
    load("rectifications", closed_item())

    assert steps(rows) == [("register", OPENED, True), ("close", CLOSED, True)]
    assert spells(rows) == [(OPENED, CLOSED)]


@pytest.mark.parametrize(
    ("status", "name"),
    [("assigned", "assign"), ("submitted", "submit"), ("returned", "return")],
)
def test_a_new_state_implies_its_step_on_the_day_the_file_came(
    load: Load, rows: Rows, status: str, name: str
) -> None:
    load("rectifications", item())

    load("rectifications", item(status=status), received_on=LATER)
    load("rectifications", item(status=status), received_on=LATEST)

    assert steps(rows) == [("register", OPENED, True), (name, LATER, True)]
    assert spells(rows) == [(OPENED, None)]


@pytest.mark.parametrize("status", ["reopened", "in_progress", "returned"])
def test_an_item_that_is_no_longer_closed_was_reopened(load: Load, rows: Rows, status: str) -> None:
    load("rectifications", closed_item())

    load("rectifications", item(status=status), received_on=LATER)

    assert rows("rectification")[0].closed_on is None
    assert ("reopen", LATER, True) in steps(rows)
    assert spells(rows) == [(OPENED, CLOSED), (LATER, None)]


def test_an_item_first_heard_of_when_reopened_was_closed_before(load: Load, rows: Rows) -> None:
    load("rectifications", item(status="reopened", closed_on=CLOSED))

    assert spells(rows) == [(OPENED, CLOSED), (RECEIVED, None)]


def test_corrected_days_move_their_steps(load: Load, rows: Rows) -> None:
    load("rectifications", closed_item())

    load(
        "rectifications",
        closed_item(opened_on=date(2022, 6, 18), closed_on=date(2022, 7, 2)),
        received_on=LATER,
    )

    assert steps(rows) == [
        ("register", date(2022, 6, 18), True),
        ("close", date(2022, 7, 2), True),
    ]
    assert spells(rows) == [(date(2022, 6, 18), date(2022, 7, 2))]


def test_an_exact_step_replaces_the_inferred_one(load: Load, rows: Rows) -> None:
    load("rectifications", item())
    load("rectifications", item(status="submitted"), received_on=LATER)

    load("rectification_events", step(step="submit", happened_on=date(2022, 7, 12)))

    assert steps(rows) == [("register", OPENED, True), ("submit", date(2022, 7, 12), False)]


def test_an_exact_step_on_the_same_day_completes_the_inferred_one(load: Load, rows: Rows) -> None:
    load("rectifications", item())

    exact = step(step="register", happened_on=OPENED)

    first, again = load("rectification_events", exact), load("rectification_events", exact)

    assert (first.rows_loaded, first.rows_updated) == (1, 0)  # no file had told of it
    assert (again.rows_loaded, again.rows_updated) == (0, 1)
    assert not again.changed
    (event,) = rows("rectification_event")
    assert (event.actor, event.inferred) == ("覃交办", False)


def test_a_state_that_the_steps_told_already_implies_no_other_step(load: Load, rows: Rows) -> None:
    load("rectifications", item())
    load("rectification_events", step(step="submit", happened_on=date(2022, 7, 12)))

    load("rectifications", item(status="submitted"), received_on=LATER)

    assert ("submit", LATER, True) not in steps(rows)


def test_exact_steps_make_spells(load: Load, rows: Rows) -> None:
    load("rectifications", closed_item(closed_on=date(2022, 7, 12)))

    load(
        "rectification_events",
        step(step="close", happened_on=CLOSED),
        step(step="reopen", happened_on=date(2022, 7, 5)),
        step(step="reopen", happened_on=date(2022, 7, 6)),
    )

    assert spells(rows) == [(OPENED, CLOSED), (date(2022, 7, 5), date(2022, 7, 12))]


@pytest.mark.parametrize(
    ("row", "name", "spell"),
    [
        (closed_item(), "reopen", (OPENED, CLOSED)),
        (item(), "close", (OPENED, None)),
    ],
    ids=["reopened while closed", "closed while open"],
)
def test_the_ledger_is_the_state_and_the_events_only_warn(
    load: Load, rows: Rows, row: dict[str, Any], name: str, spell: tuple[date, date | None]
) -> None:
    load("rectifications", row)

    stored = load("rectification_events", step(step=name, happened_on=date(2022, 7, 5)))

    assert stored.rows_loaded == 1
    assert any("以整改台账为准" in str(reason) for reason in reasons(stored, "warning"))
    assert rows("rectification")[0].status == row["status"]
    assert spells(rows) == [spell]


def test_a_moved_item_takes_its_history_along(load: Load, rows: Rows) -> None:
    load("rectifications", closed_item())
    load("rectification_events", step())

    load("rectifications", closed_item(county_code=SOUTH))

    for table in ("rectification", "rectification_event", "rectification_spell"):
        assert {row.county_code for row in rows(table)} == {SOUTH}, table
