"""Reports by cell and week, places without an institution, institutions with their place."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import hotspots
from data_access.ledgers.places import h3_cells
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, NEW_AREA, THURSDAY

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SINCE = THURSDAY - 8 * WEEK
CELL, OTHER_CELL = "89411ab2c2fffff", "89411ab2c67ffff"
TOWER, ESTATE = f"{CITY}:甲大厦", f"{CITY}:乙小区"
ASKED = {"scope": Scope.city(), "as_of": THURSDAY, "since": SINCE}


def at(key: str, cell: str | None = CELL) -> dict[str, object]:
    """Columns of a report at a place; without coordinates where the cell is ``None``."""
    return {
        "place_key": key,
        "place_name": key.partition(":")[2] or None,
        "longitude": None if cell is None else 109.41,
        "latitude": None if cell is None else 24.32,
        "cell": cell,
    }


def true(on: date = THURSDAY) -> dict[str, object]:
    return {"status": "substantiated", "verified_on": on}


def weeks_of(rows: pd.DataFrame) -> list[tuple[str, str, int]]:
    return [
        (str(row.week.date()), str(row.substantiated_week.date()), row.reports)
        if not pd.isna(row.substantiated_week)
        else (str(row.week.date()), "", row.reports)
        for row in rows.itertuples()
    ]


def test_reports_are_counted_by_cell_week_and_week_of_being_found_true(conn: Connection) -> None:
    make.report(conn, **at(TOWER))
    make.report(conn, **at(TOWER))
    make.report(conn, **at(ESTATE), received_on=THURSDAY - 2 * WEEK, **true(THURSDAY - WEEK))
    make.report(conn, **at(TOWER, OTHER_CELL))

    rows = hotspots.cell_weeks(conn, **ASKED)

    assert weeks_of(rows[rows["cell"] == CELL]) == [
        ("2022-08-11", "2022-08-18", 1),
        ("2022-08-25", "", 2),
    ]
    assert rows["reports"].sum() == 4


def test_report_without_coordinates_is_in_no_cell(conn: Connection) -> None:
    make.report(conn, **at(TOWER, None))

    assert hotspots.cell_weeks(conn, **ASKED).empty


def test_verdict_counts_from_its_day_on(conn: Connection) -> None:
    make.report(conn, **at(TOWER), received_on=THURSDAY - WEEK, **true(THURSDAY))

    before = hotspots.cell_weeks(conn, **{**ASKED, "as_of": THURSDAY - DAY})

    assert before["substantiated_week"].isna().all()
    assert hotspots.cell_weeks(conn, **ASKED)["substantiated_week"].notna().all()


@pytest.mark.parametrize("as_of", [THURSDAY, THURSDAY + DAY])
def test_verdict_is_told_on_the_first_thursday_that_knows_of_it(
    conn: Connection, as_of: date
) -> None:
    """By the sums, for a day in the middle of a week as for its end."""
    first, second, last = by = (THURSDAY - 3 * WEEK, THURSDAY - 2 * WEEK, THURSDAY - WEEK)
    known = {
        first - 2 * WEEK: first,
        first: first,
        first + DAY: second,
        second: second,
        second + DAY: last,
        last: last,
        last + DAY: None,
    }
    for verdict in known:
        make.report(conn, **at(TOWER), received_on=THURSDAY - 6 * WEEK, **true(verdict))
    asked = {**ASKED, "as_of": as_of, "since": THURSDAY - 7 * WEEK}

    rows = hotspots.cell_weeks(conn, **asked, by=by)

    told = {
        None if pd.isna(row.substantiated_week) else row.substantiated_week.date(): row.reports
        for row in rows.itertuples()
    }
    assert told == Counter(known.values())


@pytest.mark.parametrize(("verdict", "told"), [(-2, True), (-1, False)])
def test_verdict_later_in_the_week_is_not_known_by_its_sum(
    conn: Connection, verdict: int, told: bool
) -> None:
    as_of = THURSDAY - 2 * DAY
    received = {"received_on": THURSDAY - 2 * WEEK}
    make.report(conn, **at(TOWER), **received, **true(THURSDAY + verdict * DAY))

    by = (THURSDAY - WEEK, THURSDAY)
    rows = hotspots.cell_weeks(conn, **{**ASKED, "as_of": as_of}, by=by)

    assert rows["substantiated_week"].notna().tolist() == [told]


@pytest.mark.parametrize(("back", "is_new"), [(0, True), (1, False)])
def test_place_is_new_that_was_first_reported_on_the_first_day_of_the_weeks(
    conn: Connection, back: int, is_new: bool
) -> None:
    first = SINCE - 6 * DAY
    make.report(conn, **at(TOWER), received_on=first - back * DAY)
    make.report(conn, **at(TOWER))

    assert hotspots.untied_places(conn, **ASKED).empty is not is_new


def test_reports_found_untrue_are_not_found_true(conn: Connection) -> None:
    make.report(conn, **at(TOWER), status="unsubstantiated", verified_on=THURSDAY)

    assert hotspots.cell_weeks(conn, **ASKED)["substantiated_week"].isna().all()


@pytest.mark.parametrize(
    ("received_on", "counted"),
    [
        (THURSDAY + DAY, 0),
        (THURSDAY, 1),
        (SINCE - 6 * DAY, 1),  # the Friday on which the week of the first day begins
        (SINCE - 7 * DAY, 0),
    ],
)
def test_whole_weeks_from_the_first_to_the_day_are_counted(
    conn: Connection, received_on: date, counted: int
) -> None:
    make.report(conn, **at(TOWER), received_on=received_on)

    assert hotspots.cell_weeks(conn, **ASKED)["reports"].sum() == counted
    assert hotspots.gathered(conn, **ASKED)["reports"].sum() == counted
    assert hotspots.untied_places(conn, **ASKED)["reports"].sum() == (
        counted if received_on >= SINCE - 6 * DAY else 0
    )


def test_category_is_that_of_the_linked_institution(conn: Connection) -> None:
    arts = make.institution(conn, category="arts")
    make.report(conn, **at(TOWER), institution_id=arts)
    make.report(conn, **at(TOWER))

    assert hotspots.cell_weeks(conn, **ASKED, categories=("arts",))["reports"].tolist() == [1]
    assert hotspots.cell_weeks(conn, **ASKED, categories=("sports",)).empty
    assert hotspots.gathered(conn, **ASKED, categories=("arts",))["reports"].tolist() == [1]


def test_first_week_is_counted_whole_for_a_category_too(conn: Connection) -> None:
    arts = make.institution(conn, category="arts")
    friday = SINCE - 6 * DAY
    for day in (friday - DAY, friday, SINCE):
        make.report(conn, **at(TOWER), institution_id=arts, received_on=day)

    assert hotspots.cell_weeks(conn, **ASKED, categories=("arts",))["reports"].tolist() == [2]


def test_what_lies_in_cells_is_counted_by_place_type_and_hours(conn: Connection) -> None:
    evening = {"class_starts_at": time(19), "class_ends_at": time(20, 30)}
    make.report(conn, **at(TOWER), **evening)
    make.report(conn, **at(TOWER), **evening)
    make.report(conn, **at(TOWER), violation_type_group="退费难")
    make.report(conn, **at(ESTATE, OTHER_CELL))

    rows = hotspots.gathered(conn, **ASKED, cells=(CELL,))

    assert set(rows["place_name"]) == {"甲大厦"}
    assert rows.set_index("violation_type_group")["reports"].to_dict() == {"一对一": 2, "退费难": 1}
    assert time(20, 30) in set(rows["class_ends_at"])


def test_place_that_was_reported_before_is_not_new(conn: Connection) -> None:
    make.report(conn, **at(TOWER), received_on=SINCE - 7 * DAY)
    make.report(conn, **at(TOWER))
    make.report(conn, **at(ESTATE))

    assert set(hotspots.untied_places(conn, **ASKED)["place_key"]) == {ESTATE}


def test_reports_of_a_new_place_that_an_institution_is_known_for_are_told_apart(
    conn: Connection,
) -> None:
    known = make.institution(conn)
    make.report(conn, **at(TOWER), institution_id=known)
    make.report(conn, **at(TOWER), institution_name="某某班")

    [row] = hotspots.untied_places(conn, **ASKED).to_dict("records")

    assert (row["reports"], row["tied"], row["reported_name"]) == (2, 1, "某某班")


def test_new_place_without_coordinates_is_listed_all_the_same(conn: Connection) -> None:
    make.report(conn, **at(TOWER, None))

    assert hotspots.untied_places(conn, **ASKED)["longitude"].isna().tolist() == [True]


def test_institution_has_the_key_and_the_cell_that_a_report_of_its_place_has(
    conn: Connection,
) -> None:
    point = {"longitude": 109.41, "latitude": 24.32}
    make.institution(conn, place_name="甲 大厦", **point)
    make.institution(conn, **point)
    make.institution(conn)

    rows = hotspots.institutions(conn, scope=Scope.city(), as_of=THURSDAY)

    [cell] = h3_cells(*(rows.loc[[0], name].to_numpy() for name in point))
    assert rows["place_key"].fillna("").tolist() == [TOWER, f"{CITY}@109.4100,24.3200", ""]
    assert rows["cell"].fillna("").tolist() == [cell, cell, ""]


def test_institution_is_listed_from_the_day_it_was_found_whatever_became_of_it(
    conn: Connection,
) -> None:
    gone = {"operating_status": "deregistered", "deregistered_on": THURSDAY - WEEK}
    make.institution(conn, found_on=THURSDAY, **gone)
    make.institution(conn, found_on=THURSDAY + DAY)

    rows = hotspots.institutions(conn, scope=Scope.city(), as_of=THURSDAY)

    assert rows["deregistered_on"].tolist() == [pd.Timestamp(THURSDAY - WEEK)]


QUERIES = (hotspots.cell_weeks, hotspots.gathered, hotspots.untied_places)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_no_county_in_scope_gives_no_rows_but_all_columns(conn: Connection, query: object) -> None:
    make.report(conn, **at(TOWER))

    empty = query(conn, **{**ASKED, "scope": Scope.county()})

    assert empty.empty
    assert empty.dtypes.equals(query(conn, **ASKED).dtypes)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_reporters_words_and_phones_are_in_no_query(conn: Connection, query: object) -> None:
    assert not {"summary", "reporter_phone"} & set(query(conn, **ASKED).columns)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.__name__)
def test_scope_keeps_counties_apart(conn: Connection, query: object) -> None:
    make.report(conn, **at(TOWER))
    make.report(conn, **at(f"{NEW_AREA}:丙中心"), county_code=NEW_AREA)

    rows = query(conn, **{**ASKED, "scope": Scope.county(NEW_AREA)})

    assert set(rows["county_code"]) == {NEW_AREA}
