"""The day that figures are counted as of, when nobody has picked one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from data_access.calendar import choices, latest_day
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY

DAY = timedelta(days=1)
TODAY = THURSDAY + 30 * DAY


@pytest.mark.parametrize(
    ("fact", "column"),
    [
        (make.report, "received_on"),
        (make.rectification, "opened_on"),
        (make.dispute, "opened_on"),
        (make.inspection, "inspected_on"),
        (make.check, "checked_on"),
    ],
)
def test_latest_day_is_the_newest_of_every_ledger(
    conn: Connection, fact: Callable[..., int], column: str
) -> None:
    for other, day_of in (
        (make.report, "received_on"),
        (make.rectification, "opened_on"),
        (make.dispute, "opened_on"),
        (make.inspection, "inspected_on"),
        (make.check, "checked_on"),
    ):
        other(conn, **{day_of: THURSDAY - DAY})
    fact(conn, **{column: THURSDAY})

    assert latest_day(conn, scope=Scope.city(), today=TODAY) == THURSDAY


@pytest.mark.parametrize(
    ("received_on", "expected"),
    [(TODAY, TODAY), (TODAY + DAY, THURSDAY)],
)
def test_latest_day_is_never_after_today(
    conn: Connection, received_on: date, expected: date
) -> None:
    make.report(conn, received_on=THURSDAY)
    make.report(conn, received_on=received_on)

    assert latest_day(conn, scope=Scope.city(), today=TODAY) == expected


def test_institutions_give_the_day_only_where_there_is_nothing_else(conn: Connection) -> None:
    make.institution(conn, found_on=EARLIER)
    make.institution(conn, found_on=TODAY + DAY)
    assert latest_day(conn, scope=Scope.city(), today=TODAY) == EARLIER

    make.report(conn, received_on=EARLIER - DAY)
    assert latest_day(conn, scope=Scope.city(), today=TODAY) == EARLIER - DAY


def test_another_county_and_an_unreleased_plan_give_no_day_away(conn: Connection) -> None:
    make.report(conn, county_code=CITY, received_on=THURSDAY - DAY)
    make.report(conn, county_code=SOUTH, received_on=THURSDAY)
    make.rectification(conn, county_code=CITY, opened_on=THURSDAY, withheld=True)

    assert latest_day(conn, scope=Scope.county(CITY), today=TODAY) == THURSDAY - DAY
    assert latest_day(conn, scope=Scope.county(SOUTH), today=TODAY) == THURSDAY
    assert latest_day(conn, scope=Scope.city(unreleased=True), today=TODAY) == THURSDAY


def test_empty_database_and_empty_scope_are_counted_as_of_today(conn: Connection) -> None:
    assert latest_day(conn, scope=Scope.city(), today=TODAY) == TODAY

    make.report(conn, received_on=THURSDAY)
    make.institution(conn)
    assert latest_day(conn, scope=Scope.county(), today=TODAY) == TODAY


def test_filters_begin_with_the_latest_day_and_the_counties_in_scope(conn: Connection) -> None:
    make.report(conn, county_code=SOUTH, received_on=THURSDAY)
    scope = Scope.county(SOUTH, CITY)

    day, names = choices(conn, scope=scope, today=TODAY)

    assert day == THURSDAY
    assert list(names.items()) == [(CITY, "城中区"), (SOUTH, "柳南区")]
    assert choices(conn, scope=Scope.county(), today=TODAY) == (TODAY, {})
