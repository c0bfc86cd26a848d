"""Which prices are read: those in force from a day on, of whom, in whose scope."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import course_fees
from data_access.scope import Scope
from tests.factories import CITY, SOUTH, THURSDAY
from tests.factories import institution as add_institution
from tests.factories import price as add_price

EVERYWHERE = Scope.city()
SINCE = date(2022, 5, 1)
DAY = timedelta(days=1)


def read(conn: Connection, scope: Scope = EVERYWHERE, **asked: Any) -> pd.DataFrame:
    return course_fees.prices(conn, **{"scope": scope, "as_of": THURSDAY, "since": SINCE, **asked})


def test_price_in_force_on_the_first_day_is_read_and_those_before_it_are_not(
    conn: Connection,
) -> None:
    place = add_institution(conn)
    for yuan, day in ((90, SINCE - 400 * DAY), (100, SINCE - DAY), (110, SINCE + DAY)):
        add_price(conn, place, price_yuan_per_lesson=yuan, effective_on=day)

    assert read(conn)["price"].tolist() == [100, 110]


def test_price_that_begins_on_the_first_day_replaces_the_one_before(conn: Connection) -> None:
    place = add_institution(conn)
    add_price(conn, place, price_yuan_per_lesson=100, effective_on=SINCE - DAY)
    add_price(conn, place, price_yuan_per_lesson=110, effective_on=SINCE)

    assert read(conn)["price"].tolist() == [110]


def test_price_counts_from_its_day_and_one_of_later_replaces_nothing(conn: Connection) -> None:
    place = add_institution(conn)
    add_price(conn, place, price_yuan_per_lesson=100, effective_on=SINCE)
    add_price(conn, place, price_yuan_per_lesson=110, effective_on=THURSDAY + DAY)

    assert read(conn)["price"].tolist() == [100]
    assert read(conn, as_of=THURSDAY + DAY, since=THURSDAY)["price"].tolist() == [100, 110]


def test_courses_and_class_sizes_have_prices_of_their_own(conn: Connection) -> None:
    place = add_institution(conn)
    for course, size in (("钢琴", "一对一"), ("钢琴", "小班"), ("古筝", "一对一")):
        add_price(conn, place, course=course, class_size=size, effective_on=SINCE - 9 * DAY)

    assert len(read(conn)) == 3


@pytest.mark.parametrize(("days", "listed"), [(0, 0), (1, 1)])
def test_prices_end_with_their_institution(conn: Connection, days: int, listed: int) -> None:
    place = add_institution(
        conn, operating_status="deregistered", deregistered_on=THURSDAY + days * DAY
    )
    add_price(conn, place)

    assert len(read(conn)) == listed


def test_suspended_institution_keeps_its_prices(conn: Connection) -> None:
    add_price(conn, add_institution(conn, operating_status="suspended"))

    assert len(read(conn)) == 1


def test_row_says_whose_price_it_is_and_what_it_was_stated_for(conn: Connection) -> None:
    place = add_institution(conn, name="示例琴行", category="arts", county_code=SOUTH)
    add_price(
        conn,
        place,
        county_code=SOUTH,
        teaching_mode="online",
        price_unit="term",
        quoted_yuan=1200,
        quoted_lessons=12,
        class_students=6,
        cost_yuan_per_lesson=40.5,
    )
    [row] = read(conn).to_dict("records")

    assert (row["institution_name"], row["category"]) == ("示例琴行", "arts")
    assert (row["county_code"], row["county"]) == (SOUTH, "柳南区")
    assert (row["teaching_mode"], row["price_unit"]) == ("online", "term")
    assert (row["quoted_yuan"], row["quoted_lessons"], row["class_students"]) == (1200, 12, 6)
    assert (row["price"], row["cost"]) == (100, 40.5)


def test_prices_keep_to_counties_and_categories(conn: Connection) -> None:
    for county, category in ((CITY, "arts"), (CITY, "sports"), (SOUTH, "arts")):
        add_price(
            conn, add_institution(conn, county_code=county, category=category), county_code=county
        )

    assert len(read(conn)) == 3
    assert read(conn, Scope.county(SOUTH))["county_code"].tolist() == [SOUTH]
    assert len(read(conn, categories=("sports",))) == 1


def test_nothing_in_scope_gives_no_rows_but_all_columns(conn: Connection) -> None:
    add_price(conn, add_institution(conn))
    rows = read(conn, Scope.county())

    assert rows.empty
    assert rows.dtypes.astype(str)["effective_on"] == "datetime64[s]"
