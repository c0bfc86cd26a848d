from __future__ import annotations

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data_access.ledgers.rectification_spells import Event, Spell, spells, superseded

START = date(2022, 7, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def event(name: str, number: int, *, inferred: bool = False) -> Event:
    return Event(number, day(number), name, inferred)


def test_a_day_of_closing_and_reopening_makes_two_spells() -> None:
    found = spells(day(0), "reopened", None, [event("reopen", 5), event("close", 5)])

    assert found == [Spell(day(0), day(5)), Spell(day(5), None)]


def test_an_item_closed_on_its_opening_day_was_open_that_day() -> None:
    assert spells(day(0), "closed", day(0), [event("close", 0)]) == [Spell(day(0), day(0))]


def test_steps_before_the_opening_do_not_count() -> None:
    assert spells(day(9), "in_progress", None, [event("close", 3), event("reopen", 4)]) == [
        Spell(day(9), None)
    ]


@given(
    opened=st.integers(0, 20),
    closed=st.none() | st.integers(0, 20),
    told=st.lists(st.tuples(st.sampled_from(["close", "reopen", "submit"]), st.integers(0, 20))),
)
def test_spells_never_overlap_and_end_as_the_row_says(
    opened: int, closed: int | None, told: list[tuple[str, int]]
) -> None:
    status = "in_progress" if closed is None else "closed"
    closed_on = None if closed is None else day(closed)

    found = spells(day(opened), status, closed_on, [event(*one) for one in told])

    assert found[0].opened_on == day(opened)
    assert (found[-1].closed_on is None) == (closed is None)
    if closed_on is not None:
        assert found[-1].closed_on == max(closed_on, found[-1].opened_on)
    for one, following in itertools.pairwise(found):
        assert one.closed_on is not None
        assert one.opened_on <= one.closed_on <= following.opened_on


def test_an_inferred_step_gives_way_to_the_exact_one_before_it() -> None:
    inferred = event("submit", 7, inferred=True)

    assert superseded([event("submit", 5), inferred]) == [inferred]
    assert superseded([event("submit", 8), inferred]) == []
    assert superseded([event("submit", 5), event("return", 6), inferred]) == []


def test_opening_and_closing_stay_as_the_ledger_says() -> None:
    assert superseded([event("close", 5), event("close", 7, inferred=True)]) == []
