"""What counties did on the points of 专项督查, counted from rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from data_access.scope import Scope
from data_access.supervision_points import supervision_points
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

SINCE = date(2022, 7, 1)


def counts(conn: Connection, **asked: Any) -> dict[str, dict[str, int]]:
    frame = supervision_points(
        conn, **{"scope": Scope.city(), "as_of": THURSDAY, "since": SINCE, **asked}
    )
    return frame.drop(columns="county").set_index("county_code").to_dict("index")


def check_premises(conn: Connection, institution_id: int, day: date, outcome: str = "pass") -> None:
    make.verification(conn, institution_id, item="premises", verified_on=day, outcome=outcome)


def test_premises_count_once_they_have_an_outcome_by_the_day(conn: Connection) -> None:
    check_premises(conn, make.institution(conn), THURSDAY)
    check_premises(conn, make.institution(conn), THURSDAY, "fail")
    check_premises(conn, make.institution(conn), THURSDAY, "pending")
    check_premises(conn, make.institution(conn), THURSDAY + timedelta(days=1))
    gone = make.institution(
        conn, operating_status="deregistered", deregistered_on=THURSDAY - timedelta(days=1)
    )
    check_premises(conn, gone, THURSDAY)

    found = counts(conn)[CITY]

    assert (found["premises_checked"], found["in_operation"]) == (2, 4)


def test_report_is_handled_when_it_is_verified_by_the_day(conn: Connection) -> None:
    make.report(conn, status="substantiated", verified_on=THURSDAY)
    make.report(conn, status="unsubstantiated", verified_on=THURSDAY + timedelta(days=1))
    make.report(conn, status="verifying")
    make.report(conn, received_on=SINCE - timedelta(days=1))
    make.report(conn, received_on=SINCE)

    found = counts(conn)[CITY]

    assert (found["handled"], found["received"]) == (1, 4)


def test_joint_inspections_are_counted_since_the_day_of_the_campaign(conn: Connection) -> None:
    make.inspection(conn, method="joint", inspected_on=SINCE)
    make.inspection(conn, method="joint", inspected_on=SINCE - timedelta(days=1))
    make.inspection(conn, method="routine")

    found = counts(conn)[CITY]

    assert (found["joint"], found["inspections"]) == (1, 2)


def test_county_without_anything_is_listed_with_zeros_and_others_are_not_counted_in_it(
    conn: Connection,
) -> None:
    make.report(conn, county_code=SOUTH)

    found = counts(conn, scope=Scope.county(CITY))

    assert set(found) == {CITY}
    assert set(found[CITY].values()) == {0}
