"""What speaks for a visit, as it was known on a day."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import evidence
from data_access.known import HISTORY
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY

DAY = timedelta(days=1)
LATER = THURSDAY + DAY
ASKED = {"scope": Scope.city(), "as_of": THURSDAY}
EMPTY = {"scope": Scope.county(), "as_of": THURSDAY}


def test_institution_found_later_is_not_there_and_one_deregistered_later_is_in_operation(
    conn: Connection,
) -> None:
    make.institution(conn, name="later", found_on=LATER)
    make.institution(
        conn, name="on the day", operating_status="deregistered", deregistered_on=THURSDAY
    )
    make.institution(
        conn, name="the day after", operating_status="deregistered", deregistered_on=LATER
    )
    make.institution(
        conn, name="unlicensed", operating_status="unlicensed", platform_registered_on=LATER
    )

    rows = evidence.institutions(conn, **ASKED).set_index("name")

    assert rows["operating_status"].to_dict() == {
        "on the day": "deregistered",
        "the day after": "operating",
        "unlicensed": "unlicensed",
    }
    assert rows["deregistered_on"].notna().tolist() == [True, False, False]
    assert rows["platform_registered_on"].isna().all()


def test_place_of_an_institution_is_its_building_else_its_coordinates_else_unknown(
    conn: Connection,
) -> None:
    here = {"longitude": 109.41, "latitude": 24.32}
    make.institution(conn, name="building", place_name="甲 大厦", **here)
    make.institution(conn, name="point", **here)
    make.institution(conn, name="nowhere")

    keys = evidence.institutions(conn, **ASKED).set_index("name")["place_key"]

    assert keys["building"] == f"{CITY}:甲大厦"
    assert keys["point"] == f"{CITY}@109.4100,24.3200"
    assert pd.isna(keys["nowhere"])


def weighed(conn: Connection, **asked: Any) -> pd.DataFrame:
    return evidence.reports_and_places(conn, **ASKED | asked, half_life_days=2)["reports"]


def test_reports_weigh_as_the_day_knew_them(conn: Connection) -> None:
    school = make.institution(conn)
    of_it = {"institution_id": school, "place_key": "not of the place"}
    true = {"status": "substantiated", **of_it}
    make.report(conn, received_on=THURSDAY - 4 * DAY, verified_on=THURSDAY, **true)
    make.report(conn, received_on=THURSDAY - 2 * DAY, verified_on=THURSDAY, **true)
    make.report(conn, received_on=THURSDAY - 2 * DAY, verified_on=LATER, **true)
    make.report(conn, received_on=THURSDAY, status="assigned", **of_it)
    untrue = {"status": "unsubstantiated", **of_it}
    make.report(conn, received_on=THURSDAY - DAY, verified_on=THURSDAY, **untrue)
    make.report(conn, received_on=LATER, **of_it)
    make.report(conn, received_on=THURSDAY)

    [row] = weighed(conn).to_dict("records")

    assert row["institution_id"] == school
    assert pd.isna(row["place_key"])
    assert (row["reports"], row["proven"], row["open"]) == (5, 2, 2)
    assert row["proven_worth"] == 0.25 + 0.5
    assert row["open_worth"] == 0.5 + 1
    assert row["proven_on"].date() == THURSDAY - 2 * DAY
    assert row["open_on"].date() == THURSDAY


@pytest.mark.parametrize("since", [EARLIER, EARLIER - DAY, EARLIER + DAY])
def test_reports_before_the_first_day_are_left_out(conn: Connection, since: date) -> None:
    days = [EARLIER - DAY, EARLIER, THURSDAY]
    for day in days:
        make.report(conn, place_key="p", received_on=day)

    assert weighed(conn, since=since)["reports"].tolist() == [sum(day >= since for day in days)]


def test_inspections_before_the_first_day_are_left_out(conn: Connection) -> None:
    for day in (EARLIER - DAY, EARLIER, THURSDAY):
        make.inspection(conn, inspected_on=day)

    rows = evidence.inspections(conn, **ASKED, since=EARLIER)

    assert rows["inspected_on"].dt.date.tolist() == [EARLIER, THURSDAY]


def test_without_a_first_day_a_year_and_a_half_is_read(conn: Connection) -> None:
    first = THURSDAY - HISTORY
    make.report(conn, place_key="p", received_on=first)
    make.report(conn, place_key="p", received_on=first - DAY)

    assert weighed(conn)["reports"].tolist() == [1]


@pytest.mark.parametrize(
    ("received", "verified", "known"),
    [
        (EARLIER, EARLIER + 60 * DAY, None),
        (EARLIER + DAY, EARLIER + 60 * DAY, EARLIER + 60 * DAY),
        (EARLIER + DAY, None, EARLIER + DAY),
        (EARLIER + 30 * DAY, EARLIER + 31 * DAY, EARLIER + 31 * DAY),
        (EARLIER + 31 * DAY, EARLIER + 31 * DAY, None),
        (EARLIER + DAY, EARLIER + 61 * DAY, None),
    ],
    ids=["same day", "day after", "no day of the verdict", "30 days", "31 days", "verified later"],
)
@pytest.mark.parametrize("by", ["institution", "place"])
def test_true_report_within_days_after_a_close_out_is_told(
    conn: Connection, by: str, received: date, verified: date | None, known: date | None
) -> None:
    school = make.institution(conn)
    tied = {"institution_id": school} if by == "institution" else {"place_name": "甲大厦"}
    make.rectification(conn, opened_on=EARLIER - DAY, closed_on=EARLIER, **tied)
    if by == "place":
        tied["place_key"] = f"{CITY}:甲大厦"
        # One that is tied to an institution says nothing of the place.
        make.report(
            conn, received_on=EARLIER + DAY, status="substantiated", institution_id=school, **tied
        )
    make.report(conn, received_on=received, verified_on=verified, status="substantiated", **tied)
    make.report(conn, received_on=EARLIER + DAY, verified_on=THURSDAY, status="verifying", **tied)

    asked = {"scope": Scope.city(), "as_of": EARLIER + 60 * DAY, "repeat_days": 30}
    rows = evidence.after_close_outs(conn, **asked, first_known=True)
    last = evidence.after_close_outs(conn, **asked)

    assert rows["known_on"].dt.date.tolist() == ([] if known is None else [known])
    assert last["received_on"].dt.date.tolist() == ([] if known is None else [received])
    assert last["known_on"].isna().all()


def test_withheld_inspections_and_items_are_for_those_who_may_see_them(conn: Connection) -> None:
    stop = make.visit_stop(conn)
    make.inspection(conn, withheld=True, visit_stop_id=stop)
    make.rectification(conn, withheld=True)
    everything = {**ASKED, "scope": Scope.city(unreleased=True)}

    for query in (evidence.inspections, evidence.items):
        assert query(conn, **ASKED).empty
        assert len(query(conn, **everything)) == 1


def test_item_closed_later_is_open_and_each_time_it_was_open_is_a_row(conn: Connection) -> None:
    item = make.rectification(conn, spells=False, severity=2, place_name="甲大厦")
    make.spell(conn, item, opened_on=EARLIER, closed_on=EARLIER + 9 * DAY)
    make.spell(conn, item, spell_no=2, opened_on=EARLIER + 20 * DAY, closed_on=LATER)
    make.rectification(conn, opened_on=LATER)

    rows = evidence.items(conn, **ASKED)

    assert rows["rectification_id"].tolist() == [item, item]
    assert rows["closed_on"].isna().tolist() == [False, True]
    assert rows["place_key"].tolist() == [f"{CITY}:甲大厦"] * 2


def test_item_and_dispute_that_were_over_before_the_first_day_are_left_out(
    conn: Connection,
) -> None:
    school = make.institution(conn)
    first = EARLIER + 30 * DAY
    for day in (first - DAY, first):
        make.rectification(conn, status="closed", closed_on=day)
        make.dispute(
            conn, institution_id=school, opened_on=EARLIER, status="resolved", resolved_on=day
        )
    make.dispute(conn, institution_id=school, opened_on=EARLIER, students=7)

    items = evidence.items(conn, **ASKED, since=first)
    disputes = evidence.disputes(conn, **ASKED, since=first)

    assert items["closed_on"].dt.date.tolist() == [first]
    assert disputes["students"].tolist() == [1, 7]


def test_dispute_resolved_later_is_open_and_one_of_nobody_known_is_no_evidence(
    conn: Connection,
) -> None:
    school = make.institution(conn)
    make.dispute(conn)
    make.dispute(conn, institution_id=school, status="resolved", resolved_on=LATER)
    make.dispute(conn, institution_id=school, opened_on=LATER)

    rows = evidence.disputes(conn, **ASKED)

    assert rows["institution_id"].tolist() == [school]
    assert rows["resolved_on"].isna().all()


def test_charges_are_of_the_time_asked_for_and_prices_of_all_times(conn: Connection) -> None:
    school = make.institution(conn)
    for day in (EARLIER - DAY, EARLIER, LATER):
        make.charge(conn, school, charged_on=day)
        make.price(conn, school, effective_on=day)

    charges = evidence.charges(conn, **ASKED, since=EARLIER)
    prices = evidence.prices(conn, **ASKED)

    assert charges["charged_on"].dt.date.tolist() == [EARLIER]
    assert prices["effective_on"].dt.date.tolist() == [EARLIER - DAY, EARLIER]
    assert prices["price"].tolist() == [100.0, 100.0]


def test_place_is_called_as_its_last_report_says_and_lies_where_they_say_on_average(
    conn: Connection,
) -> None:
    make.report(
        conn, place_key="p", received_on=EARLIER, place_name="旧", longitude=109.4, latitude=24
    )
    make.report(conn, place_key="p", place_name="新", address="甲路", longitude=109.6, latitude=25)
    make.report(conn, place_key="p", address="乙路")
    make.report(conn, place_key="p", received_on=LATER, place_name="后")
    nowhere, known = make.institution(conn), make.institution(conn, longitude=109.1, latitude=24.1)
    for school in (nowhere, known):
        make.report(
            conn,
            place_key="p",
            institution_id=school,
            place_name="机构所在",
            longitude=109.2,
            latitude=24.2,
        )

    found = evidence.reports_and_places(conn, **ASKED, half_life_days=60)
    [place, of_nowhere] = found["places"].to_dict("records")

    assert (of_nowhere["institution_id"], of_nowhere["longitude"]) == (nowhere, 109.2)
    assert (place["place_name"], place["address"]) == ("新", "乙路")
    assert (place["longitude"], place["latitude"]) == (109.5, 24.5)
    assert place["first_on"].date() == EARLIER


def test_hours_are_counted_where_both_are_told(conn: Connection) -> None:
    both = {"class_starts_at": time(19), "class_ends_at": time(21)}
    for _ in range(2):
        make.report(conn, place_key="p", **both)
    make.report(conn, place_key="p", class_starts_at=time(19))
    make.report(conn, **both)

    [row] = evidence.hours(conn, **ASKED).to_dict("records")

    assert (row["class_starts_at"], row["class_ends_at"], row["reports"]) == (time(19), time(21), 2)


def test_reports_of_a_deregistered_institution_are_listed_from_the_day_after(
    conn: Connection,
) -> None:
    school = make.institution(
        conn,
        place_name="甲大厦",
        credit_code="91A",
        deregistered_on=EARLIER,
        operating_status="deregistered",
    )
    other = make.institution(conn, name="other")
    place = {"place_name": "甲大厦", "place_key": f"{CITY}:甲大厦"}
    after = {"received_on": EARLIER + DAY}
    tied = [
        make.report(conn, **after, institution_id=school),
        make.report(conn, **after, institution_id=other, credit_code="91A"),
    ]
    near = [make.report(conn, **after, **place)]
    places = {f"{CITY}:甲大厦": EARLIER}
    make.report(conn, received_on=EARLIER, institution_id=school)
    make.report(conn, received_on=EARLIER, **place)
    make.report(conn, **after, **place, institution_id=other)
    make.report(conn, **after, place_key=f"{CITY}:乙大厦")

    assert evidence.of_deregistered(conn, **ASKED)["report_id"].tolist() == tied
    at_places = evidence.at_places(conn, **ASKED, places=places, latest=2)
    assert at_places["report_id"].tolist() == near


def test_of_each_place_the_latest_reports_are_listed_with_all_of_the_oldest_day(
    conn: Connection,
) -> None:
    busy, quiet = ({"place_key": f"{CITY}:{name}"} for name in ("甲大厦", "乙大厦"))
    make.report(conn, **busy, received_on=THURSDAY - 3 * DAY)
    wanted = [
        make.report(conn, **place, received_on=day)
        for day, place in (
            (THURSDAY - 4 * DAY, quiet),
            (THURSDAY - 2 * DAY, busy),
            (THURSDAY - 2 * DAY, busy),
            (THURSDAY - DAY, busy),
            (THURSDAY, quiet),
        )
    ]
    make.report(conn, **quiet, received_on=THURSDAY + DAY)
    make.report(conn, **quiet, received_on=EARLIER)
    make.report(conn, **busy, institution_id=make.institution(conn))
    make.report(conn, **busy, county_code="450203", received_on=THURSDAY)
    places = dict.fromkeys((busy["place_key"], quiet["place_key"]), EARLIER)

    asked = {"scope": Scope.county(CITY), "as_of": THURSDAY, "places": places}
    listed = [evidence.at_places(conn, **asked, latest=n)["report_id"].tolist() for n in (1, 2)]

    assert listed == [wanted[3:], wanted]


@pytest.mark.parametrize(("back", "is_listed"), [(540, True), (541, False)])
def test_reports_of_a_place_are_listed_as_far_back_as_all_evidence(
    conn: Connection, back: int, is_listed: bool
) -> None:
    place = f"{CITY}:甲大厦"
    make.report(conn, place_key=place, received_on=THURSDAY - back * DAY)
    over = {place: THURSDAY - 900 * DAY}

    assert len(evidence.at_places(conn, **ASKED, places=over, latest=2)) == is_listed


def test_nothing_in_scope_keeps_columns_and_dtypes(conn: Connection) -> None:
    school = make.institution(conn, operating_status="deregistered", deregistered_on=EARLIER)
    make.report(conn, institution_id=school, received_on=EARLIER + DAY, status="substantiated")
    make.inspection(conn, institution_id=school)
    make.rectification(conn, institution_id=school, opened_on=EARLIER, closed_on=EARLIER)
    make.dispute(conn, institution_id=school)
    make.charge(conn, school)
    make.price(conn, school)

    given = {"half_life_days": 60, "repeat_days": 30}
    some, none = (evidence.everything(conn, **asked, **given) for asked in (ASKED, EMPTY))

    for name, frame in some.items():
        assert len(frame) == 1, name
        assert none[name].empty, name
        assert none[name].dtypes.to_dict() == frame.dtypes.to_dict(), name


def test_evidence_of_another_county_is_not_read(conn: Connection) -> None:
    school = make.institution(conn, county_code=SOUTH)
    make.report(conn, county_code=SOUTH, institution_id=school)

    given = {"half_life_days": 60, "repeat_days": 30}
    found = evidence.everything(conn, scope=Scope.county(CITY), as_of=date(2022, 8, 25), **given)

    assert all(frame.empty for frame in found.values())
