"""What holds of a week's figures whatever the ledgers say: small cities, drawn by hypothesis."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import repeat
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, Engine

from analysis.week_figures import Figure
from data_access import registration
from data_access.reference import counties
from data_access.scope import Scope
from tests.factories import CITY, SOUTH, THURSDAY
from tests.small_cities import (
    COUNTIES,
    Rows,
    assert_same,
    by_figure,
    cities,
    everything,
    examples,
    figures,
    known_by,
    orderly_institutions,
    put,
    put_orderly,
)

WEEK = timedelta(weeks=1)
# The last day of the week, a day within it, and the Thursday before.
as_ofs = st.sampled_from([THURSDAY, THURSDAY - timedelta(days=3), THURSDAY - WEEK])
# Weeks of which much has happened since.
past = st.sampled_from([THURSDAY - WEEK, THURSDAY - timedelta(days=10), THURSDAY - 4 * WEEK])
few, many = examples(3), examples(300)


# --- counties add up to the city


def add_up(engine: Engine, city: Rows, as_of: date) -> None:
    with engine.connect() as conn:
        put(conn, city)
        whole = figures(conn, as_of)
        others = [unit.code for unit in counties(conn, scope=Scope.city())]
        scopes = [(CITY,), (SOUTH,), tuple(set(others) - {CITY, SOUTH})]
        parts = [figures(conn, as_of, Scope.county(*codes)) for codes in scopes]
        conn.rollback()

    for codes, part in zip(scopes, parts, strict=True):
        assert set(part["county_code"]) == set(codes)
        assert_same(part, whole[whole["county_code"].isin(codes)])
    sums = pd.concat(parts).groupby("indicator")[["numerator", "denominator"]].sum(min_count=1)
    of_city = whole.groupby("indicator")[["numerator", "denominator"]].sum(min_count=1)
    assert set(sums.index) == set(Figure)
    assert_frame_equal(sums, of_city, check_exact=False, atol=0.001)


@few
@given(city=cities, as_of=as_ofs)
@example(city=everything(), as_of=THURSDAY - timedelta(days=3))
def test_figures_of_the_counties_add_up_to_those_of_the_city(
    engine: Engine, city: Rows, as_of: date
) -> None:
    add_up(engine, city, as_of)


@pytest.mark.soak
@many
@given(city=cities, as_of=as_ofs)
def test_figures_of_many_counties_add_up(engine: Engine, city: Rows, as_of: date) -> None:
    add_up(engine, city, as_of)


# --- parts add up to the whole


def is_in_operation(one: tuple[str, dict[str, Any]], code: str) -> bool:
    kind, row = one
    if kind != "institution" or row["county_code"] != code or row["category"] == "subject":
        return False
    ended = row["deregistered_on"] or date.max
    return bool(row["found_on"] <= THURSDAY < ended)


def parts_fit(engine: Engine, city: Rows) -> None:
    asked: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY}
    with engine.connect() as conn:
        put(conn, city)
        now, before = figures(conn), figures(conn, THURSDAY - WEEK)
        missing = registration.unregistered(conn, **asked)
        funnel = registration.funnel(conn, **asked).iloc[0]
        conn.rollback()
    parts, wholes, then = by_figure(now), by_figure(now, "denominator"), by_figure(before)

    for code in COUNTIES:
        assert wholes[code, "coverage"] == sum(map(is_in_operation, city, repeat(code)))
        unregistered = (missing["county_code"] == code).sum()
        assert parts[code, "coverage"] + unregistered == wholes[code, "coverage"]
        # What is open changes by what was opened and what was closed.
        for still, opened, closed in (
            ("open_items", "items_opened", "items_closed"),
            ("open_disputes", "disputes_opened", "disputes_resolved"),
        ):
            moved = parts[code, still] - then[code, still]
            assert moved == parts[code, opened] - parts[code, closed]
        assert parts[code, "overdue_items"] <= parts[code, "open_items"]
        assert wholes[code, "overdue_items"] == parts[code, "open_items"]
        # On a Thursday what is due in its week and not late is due on the day itself.
        assert (
            parts[code, "overdue_items"] + parts[code, "due_this_week"] <= parts[code, "open_items"]
        )
        assert wholes[code, "watch_list_unplanned"] == parts[code, "watch_list"]
        assert parts[code, "watch_list_students"] <= parts[code, "disputed_students"]
        assert parts[code, "watch_list_yuan"] <= parts[code, "disputed_yuan"] + 0.005
        assert parts[code, "reports_before"] == then[code, "reports"]
    shares = wholes.notna()
    assert (parts[shares] <= wholes[shares]).all()
    assert (parts >= 0).all()
    assert all(funnel["found"] >= funnel[step] for step in ("verified", "qualified", "registered"))
    assert funnel["found"] == wholes[:, "coverage"].sum()


@few
@given(city=cities)
@example(city=everything())
def test_parts_add_up_to_the_whole(engine: Engine, city: Rows) -> None:
    parts_fit(engine, city)


@pytest.mark.soak
@many
@given(city=cities)
def test_parts_of_many_cities_add_up_to_the_whole(engine: Engine, city: Rows) -> None:
    parts_fit(engine, city)


chains = st.lists(orderly_institutions(), max_size=6)


def narrows(engine: Engine, found: list[list[date]], as_of: date) -> None:
    with engine.connect() as conn:
        put_orderly(conn, found)
        funnel = registration.funnel(conn, scope=Scope.city(), as_of=as_of).iloc[0].tolist()
        conn.rollback()

    assert funnel == [
        sum(len(chain) > step and chain[step] <= as_of for chain in found) for step in range(4)
    ]
    assert funnel == sorted(funnel, reverse=True)


@few
@given(found=chains, as_of=as_ofs)
def test_funnel_of_orderly_institutions_never_widens(
    engine: Engine, found: list[list[date]], as_of: date
) -> None:
    narrows(engine, found, as_of)


@pytest.mark.soak
@many
@given(found=chains, as_of=as_ofs)
def test_funnel_of_many_institutions_never_widens(
    engine: Engine, found: list[list[date]], as_of: date
) -> None:
    narrows(engine, found, as_of)


# --- the future is not seen


def sees_no_future(engine: Engine, city: Rows, as_of: date) -> None:
    found = []
    for known in (city, known_by(city, as_of)):
        with engine.connect() as conn:
            put(conn, known)
            found.append(figures(conn, as_of))
            conn.rollback()

    assert_same(*found)


@few
@given(city=cities, as_of=past)
@example(city=everything(), as_of=THURSDAY - WEEK)
def test_what_happens_later_changes_no_figure_of_the_day(
    engine: Engine, city: Rows, as_of: date
) -> None:
    sees_no_future(engine, city, as_of)


@pytest.mark.soak
@many
@given(city=cities, as_of=past)
def test_nothing_that_happens_later_changes_a_figure_of_the_day(
    engine: Engine, city: Rows, as_of: date
) -> None:
    sees_no_future(engine, city, as_of)


def test_day_of_the_figures_is_still_seen(conn: Connection) -> None:
    city: Rows = [("dispute", {"county_code": CITY, "opened_on": THURSDAY, "resolved_on": None})]

    assert known_by(city, THURSDAY) == city
    assert known_by(city, THURSDAY - timedelta(days=1)) == []
    put(conn, city)
    assert by_figure(figures(conn))[CITY, "open_disputes"] == 1
