"""A handful of rows of every ledger, drawn by hypothesis, and how they are put into a database.

Rows are written down before they are put in, so that the same city can be put in twice: once as
it is, once as it was known on a day (:func:`known_by`). Whatever is linked is linked to an
institution of its own county, as a name in a ledger is.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection

from analysis.week_figures import limits, week_figures
from data_access import summaries
from data_access.meeting_counts import counts
from data_access.scope import Scope
from data_access.vocabulary import VERIFICATION_ITEM
from tests import factories as make
from tests.factories import CITY, NEW_AREA, SOUTH, THURSDAY

Rows = list[tuple[str, dict[str, Any]]]
COUNTIES: Final = (CITY, SOUTH, NEW_AREA)
PLACES: Final = (None, "角宿大厦", "亢宿花园")

# Only institutions that were known by then are linked to: links are kept as they stand now.
LINKED_BY: Final = THURSDAY - timedelta(weeks=4)
Known = dict[str, list[int]]

counties = st.sampled_from(COUNTIES)
# From before the thirteen weeks to beyond the week after, and often where weeks and terms end.
_ends = st.sampled_from([0, -7, -6, -8, -3, 1, -14, -28, -30, -35])
days = (_ends | st.integers(-100, 14)).map(lambda number: THURSDAY + timedelta(days=number))
links = st.none() | st.integers(0, 3)


def _later(draw: st.DrawFn, first: date) -> date | None:
    """A day that is not before the first one, or none."""
    day = draw(st.none() | days)
    return None if day is None else max(first, day)


@st.composite
def institutions(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    found = draw(days)
    looked = st.tuples(st.sampled_from(["pass", "fail", "pending"]), days)
    return "institution", {
        "county_code": draw(counties),
        "category": draw(st.sampled_from(["subject", "arts", "sports"])),
        "found_on": found,
        "qualified_on": draw(st.none() | days),
        "platform_registered_on": draw(st.none() | days),
        "deregistered_on": _later(draw, found),
        "premises": draw(st.none() | looked),
    }


@st.composite
def reports(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    received = draw(days)
    verified = _later(draw, received)
    proven = st.sampled_from(["substantiated", "unsubstantiated"])
    return "report", {
        "county_code": draw(counties),
        "received_on": received,
        "verified_on": verified,
        "status": draw(proven) if verified else "verifying",
        "place_name": draw(st.sampled_from(PLACES)),
        "linked": draw(links),
    }


@st.composite
def inspections(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    return "inspection", {
        "county_code": draw(counties),
        "inspected_on": draw(days),
        "outcome": draw(st.sampled_from(["clear", "violation", "closed_door"])),
        "method": draw(st.sampled_from(["routine", "joint"])),
        "place_name": draw(st.sampled_from(PLACES)),
        "linked": draw(links),
    }


@st.composite
def items(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    opened = draw(days)
    closed = _later(draw, opened)
    reopened = _later(draw, closed + timedelta(days=1)) if closed else None
    ended = _later(draw, reopened) if reopened else None
    spells = [(opened, closed), *([(reopened, ended)] if reopened else [])]
    return "item", {
        "county_code": draw(counties),
        "due_on": opened + timedelta(days=draw(st.integers(0, 40))),
        "place_name": draw(st.sampled_from(PLACES)),
        "linked": draw(links),
        "times": spells,
    }


@st.composite
def disputes(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    opened = draw(days)
    return "dispute", {
        "county_code": draw(counties),
        "opened_on": opened,
        "resolved_on": _later(draw, opened),
        "students": draw(st.integers(0, 40)),
        "amount_yuan": draw(st.integers(0, 15_000_000)) / 100,
        "plan_in_place": draw(st.sampled_from([None, True, False])),
        "institution_name": draw(st.sampled_from(["甲培训中心", "乙培训中心"])),
        "linked": draw(links),
    }


rows = st.one_of(institutions(), reports(), inspections(), items(), disputes())
cities: st.SearchStrategy[Rows] = st.lists(rows, min_size=8, max_size=24)
# Rows that are born of a plan: inspections and items.
withheld: st.SearchStrategy[Rows] = st.lists(
    st.one_of(inspections(), items()), min_size=1, max_size=4
)


def everything() -> Rows:
    """Something of every kind on every day on which a week or a term ends, in turn by county."""
    found: Rows = []
    ends = [THURSDAY + timedelta(days=number) for number in (-60, -35, -28, -7, -6, 0, 1, 14)]
    for first in ends:
        for later in [None, *(day for day in ends if day >= first)]:
            number = len(found) // 5
            county = {"county_code": COUNTIES[number % 3]}
            place = {"place_name": PLACES[number % 2], "linked": None if number % 4 else number}
            again = [] if later is None else [(later + timedelta(days=1), None)]
            plans = {"plan_in_place": (None, True, False)[number % 3], "institution_name": "甲中心"}
            found += [
                (
                    "institution",
                    {
                        **county,
                        "category": ("arts", "subject", "sports")[number % 5 % 3],
                        "found_on": first,
                        "qualified_on": later,
                        "platform_registered_on": later,
                        "deregistered_on": None if number % 7 else later,
                        "premises": later and ("pass", later),
                    },
                ),
                (
                    "report",
                    {
                        **(county | place),
                        "received_on": first,
                        "verified_on": later,
                        "status": ("unsubstantiated" if number % 3 else "substantiated")
                        if later
                        else "verifying",
                    },
                ),
                (
                    "inspection",
                    {
                        **(county | place),
                        "inspected_on": first,
                        "outcome": "clear" if number % 3 else "violation",
                        "method": "joint" if number % 2 else "routine",
                    },
                ),
                (
                    "item",
                    {
                        **(county | place),
                        "due_on": later or first,
                        "times": [(first, later), *(again if number % 3 else [])],
                    },
                ),
                (
                    "dispute",
                    {
                        **(county | plans),
                        "opened_on": first,
                        "resolved_on": later,
                        "students": number % 35,
                        "amount_yuan": number * 1_234.56,
                        "linked": place["linked"],
                    },
                ),
            ]
    return found


def known_by(city: Rows, day: date) -> Rows:
    """Return the city as it was known on a day: what happened later is not in it.

    But for what is kept as it stands now: due days, plans in place, links.
    """
    found = []
    for kind, row in city:
        happened = {
            name: None
            if isinstance(value, date) and name.endswith("_on") and value > day
            else value
            for name, value in row.items()
            if name != "due_on"
        }
        row = row | happened
        first = {
            "institution": "found_on",
            "report": "received_on",
            "inspection": "inspected_on",
            "dispute": "opened_on",
        }.get(kind)
        if first and row[first] is None:
            continue
        if kind == "report" and row["verified_on"] is None:
            row["status"] = "verifying"
        if kind == "institution" and row["premises"] and row["premises"][1] > day:
            row["premises"] = None
        if kind == "item":
            begun = [(opened, closed) for opened, closed in row["times"] if opened <= day]
            row["times"] = [(o, None if closed and closed > day else closed) for o, closed in begun]
            if not begun:
                continue
        found.append((kind, row))
    return found


def put(conn: Connection, city: Rows, *, born_of_a_plan: Rows | None = None) -> None:
    """Put a city in, what is born of an unreleased plan marked as such, and count its weeks."""
    known: Known = defaultdict(list)
    # Institutions first: the others are linked to them.
    for kind, row in sorted(city, key=lambda one: one[0] != "institution"):
        _insert(conn, kind, row, known)
    if born_of_a_plan:
        stops = make.visit_plan(conn, *[row["county_code"] for _, row in born_of_a_plan])
        for stop, (kind, row) in zip(stops, born_of_a_plan, strict=True):
            mark = {"visit_stop_id": stop} if kind == "inspection" else {}
            _insert(conn, kind, {**row, "withheld": True, **mark}, known)
    summaries.rebuild_all(conn)


def _insert(conn: Connection, kind: str, row: dict[str, Any], known: Known) -> None:
    columns = dict(row)
    linked, candidates = columns.pop("linked", None), known[row["county_code"]]
    if linked is not None and candidates:
        columns["institution_id"] = candidates[linked % len(candidates)]
    match kind:
        case "institution":
            number = _institution(conn, columns)
            if row["found_on"] <= LINKED_BY:
                candidates.append(number)
        case "item":
            _item(conn, columns)
        case "dispute":
            make.dispute(conn, **columns, status="resolved" if row["resolved_on"] else "open")
        case "report":
            make.report(conn, counted=False, **columns)
        case "inspection":
            make.inspection(conn, **columns)


def _institution(conn: Connection, columns: dict[str, Any]) -> int:
    premises = columns.pop("premises")
    number = make.institution(conn, **columns)
    if premises is not None:
        outcome, day = premises
        make.verification(
            conn,
            number,
            item="premises",
            county_code=columns["county_code"],
            outcome=outcome,
            verified_on=day,
        )
    return number


def _item(conn: Connection, columns: dict[str, Any]) -> None:
    times = columns.pop("times")
    closed = times[-1][1]
    state = {"status": "closed", "closed_on": closed} if closed else {"status": "in_progress"}
    number = make.rectification(conn, spells=False, opened_on=times[0][0], **state, **columns)
    for place, (opened_on, closed_on) in enumerate(times, start=1):
        make.spell(
            conn,
            number,
            spell_no=place,
            county_code=columns["county_code"],
            opened_on=opened_on,
            closed_on=closed_on,
            withheld=columns.get("withheld", False),
        )


@st.composite
def orderly_institutions(draw: st.DrawFn) -> list[date]:
    """The days on which an institution was found, verified, found qualified and registered.

    As many as it got to, one after the other (合格一家登记一家).
    """
    steps = draw(st.integers(1, 4))
    return sorted(draw(st.lists(days, min_size=steps, max_size=steps)))


def put_orderly(conn: Connection, chains: list[list[date]]) -> None:
    """Put institutions in that were never registered before they were found qualified."""
    for chain in chains:
        found, verified, qualified, registered = [*chain, None, None, None][:4]
        number = make.institution(
            conn, found_on=found, qualified_on=qualified, platform_registered_on=registered
        )
        for item in VERIFICATION_ITEM if verified else ():
            make.verification(conn, number, item=item, verified_on=verified)


def examples(number: int) -> settings:
    """Settings of a proof: a few examples in every run of the tests, many in the long one."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=number, deadline=None, suppress_health_check=checks)


KEYS: Final = ["county_code", "indicator"]


def figures(conn: Connection, as_of: date = THURSDAY, scope: Scope | None = None) -> pd.DataFrame:
    """The figures of a week, as they are frozen."""
    asked = {"scope": scope or Scope.city(), "as_of": as_of, **limits()}
    return week_figures(counts(conn, **asked), as_of=as_of)


def by_figure(found: pd.DataFrame, name: str = "numerator") -> pd.Series:
    """One column of figures, by county and figure."""
    return found.set_index(KEYS)[name]


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Two lists of figures say the same, yuan to the cent."""
    first, second = (frame.sort_values(KEYS, ignore_index=True) for frame in (one, other))
    assert_frame_equal(first, second, check_exact=False, rtol=0, atol=0.001)
