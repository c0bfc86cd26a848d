"""Registration coverage, its funnel, and the institutions that are not registered yet."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import registration
from data_access.scope import Scope
from data_access.vocabulary import VERIFICATION_ITEM
from tests import factories as make
from tests.factories import CITY, NEW_AREA, SOUTH, THURSDAY

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
COUNTS = ["in_operation", "registered", "qualified", "qualified_registered"]
COUNTIES_IN_ORDER = [
    *("城中", "鱼峰", "柳南", "柳北", "柳江", "柳东"),
    *("北部", "柳城", "鹿寨", "融安", "融水", "三江"),
]


def counts(conn: Connection, county: str = CITY, **arguments: Any) -> list[int]:
    """The four counts of one county on the Thursday."""
    asked = {"scope": Scope.city(), "as_of": THURSDAY, "weeks": 1, **arguments}
    rows = registration.coverage_on_days(conn, **asked).set_index("county_code")
    return rows.loc[county, COUNTS].tolist()


def funnel(conn: Connection, **arguments: Any) -> list[int]:
    asked = {"scope": Scope.city(), "as_of": THURSDAY, **arguments}
    return registration.funnel(conn, **asked).iloc[0].tolist()


def unregistered(conn: Connection, **arguments: Any) -> pd.DataFrame:
    asked = {"scope": Scope.city(), "as_of": THURSDAY, **arguments}
    return registration.unregistered(conn, **asked)


def states(conn: Connection, **arguments: Any) -> set[tuple[int, str, str]]:
    asked = {"scope": Scope.city(), "as_of": THURSDAY, **arguments}
    rows = registration.verification_states(conn, **asked)
    return set(rows.itertuples(index=False, name=None))


def verify(conn: Connection, institution: int, *items: str, **columns: Any) -> None:
    for item in items:
        make.verification(conn, institution, item=item, **columns)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("found_on", THURSDAY, [1, 0, 0, 0]),
        ("found_on", THURSDAY + DAY, [0, 0, 0, 0]),
        ("deregistered_on", THURSDAY, [0, 0, 0, 0]),
        ("deregistered_on", THURSDAY + DAY, [1, 0, 0, 0]),
        ("platform_registered_on", THURSDAY, [1, 1, 0, 0]),
        ("platform_registered_on", THURSDAY + DAY, [1, 0, 0, 0]),
        ("qualified_on", THURSDAY, [1, 0, 1, 0]),
        ("qualified_on", THURSDAY + DAY, [1, 0, 0, 0]),
    ],
)
def test_each_day_counts_from_itself_on(
    conn: Connection, column: str, value: date, expected: list[int]
) -> None:
    make.institution(conn, **{column: value})

    assert counts(conn) == expected


@pytest.mark.parametrize(
    ("qualified_on", "registered_on", "expected"),
    [
        (THURSDAY, THURSDAY, [1, 1, 1, 1]),
        (THURSDAY, THURSDAY + DAY, [1, 0, 1, 0]),
        (THURSDAY + DAY, THURSDAY, [1, 1, 0, 0]),
    ],
)
def test_qualified_and_registered_takes_both(
    conn: Connection, qualified_on: date, registered_on: date, expected: list[int]
) -> None:
    make.institution(conn, qualified_on=qualified_on, platform_registered_on=registered_on)

    assert counts(conn) == expected


def test_what_has_left_counts_neither_as_registered_nor_as_qualified(conn: Connection) -> None:
    make.institution(
        conn,
        operating_status="deregistered",
        deregistered_on=THURSDAY,
        qualified_on=THURSDAY - WEEK,
        platform_registered_on=THURSDAY - WEEK,
    )

    assert counts(conn) == [0, 0, 0, 0]
    assert counts(conn, as_of=THURSDAY - DAY) == [1, 1, 1, 1]


@pytest.mark.parametrize("status", ["operating", "suspended", "unlicensed"])
def test_suspended_and_unlicensed_ones_are_in_operation(conn: Connection, status: str) -> None:
    make.institution(conn, operating_status=status)

    assert counts(conn) == [1, 0, 0, 0]


def test_subject_institutions_are_counted_apart(conn: Connection) -> None:
    make.institution(conn, category="subject", platform_registered_on=THURSDAY)
    make.institution(conn, category="arts")

    assert counts(conn) == [1, 0, 0, 0]
    assert counts(conn, subject=True) == [1, 1, 0, 0]


def test_categories_chosen_leave_the_others_out(conn: Connection) -> None:
    make.institution(conn, category="arts")
    make.institution(conn, category="sports")
    make.institution(conn, category="technology", platform_registered_on=THURSDAY)

    assert counts(conn, categories=("arts", "technology")) == [2, 1, 0, 0]
    assert counts(conn, categories=("subject",)) == [0, 0, 0, 0]


def test_every_county_is_listed_in_the_order_of_the_documents(conn: Connection) -> None:
    make.institution(conn, county_code=NEW_AREA)

    rows = registration.coverage_on_days(conn, scope=Scope.city(), as_of=THURSDAY, weeks=1)

    assert rows["short_name"].tolist() == COUNTIES_IN_ORDER
    assert rows["in_operation"].tolist() == [0] * 5 + [1] + [0] * 6
    assert rows.loc[rows["boundary_code"].isna(), "short_name"].tolist() == ["柳东", "北部"]


def test_days_are_the_same_weekday_of_the_weeks_before_oldest_first(conn: Connection) -> None:
    make.institution(conn, found_on=THURSDAY - 2 * WEEK, platform_registered_on=THURSDAY - WEEK)

    rows = registration.coverage_on_days(conn, scope=Scope.county(CITY), as_of=THURSDAY, weeks=4)

    assert rows["day"].dt.date.tolist() == [THURSDAY - back * WEEK for back in (3, 2, 1, 0)]
    assert rows["in_operation"].tolist() == [0, 1, 1, 1]
    assert rows["registered"].tolist() == [0, 0, 1, 1]


def test_thirteen_weeks_unless_asked(conn: Connection) -> None:
    rows = registration.coverage_on_days(conn, scope=Scope.county(CITY), as_of=THURSDAY)

    assert len(rows) == 13


def test_county_sees_its_own_institutions_only(conn: Connection) -> None:
    make.institution(conn, county_code=CITY)
    neighbour = make.institution(conn, county_code=SOUTH)
    verify(conn, neighbour, "licence", county_code=SOUTH)
    scope = Scope.county(CITY)

    rows = registration.coverage_on_days(conn, scope=scope, as_of=THURSDAY, weeks=1)

    assert rows["county_code"].tolist() == [CITY]
    assert counts(conn, scope=scope) == [1, 0, 0, 0]
    assert funnel(conn, scope=scope) == [1, 0, 0, 0]
    assert unregistered(conn, scope=scope)["county_code"].tolist() == [CITY]
    assert states(conn, scope=scope) == set()
    assert states(conn, scope=Scope.county(SOUTH)) == {(neighbour, "licence", "pass")}


def test_nothing_in_scope_gives_no_rows_but_all_columns(conn: Connection) -> None:
    verify(conn, make.institution(conn), "licence")
    nothing = {"scope": Scope.county(), "as_of": THURSDAY}

    course = registration.coverage_on_days(conn, **nothing)
    rows = registration.unregistered(conn, **nothing)
    items = registration.verification_states(conn, **nothing)

    assert (len(course), len(rows), len(items)) == (0, 0, 0)
    assert course.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(("county_code", "county", "short_name", "boundary_code"), "str"),
        "day": "datetime64[s]",
        **dict.fromkeys(COUNTS, "int64"),
    }
    assert rows.dtypes.astype(str).to_dict() == {
        "id": "int64",
        **dict.fromkeys(("county_code", "county", "name", "category", "operating_status"), "str"),
        "found_on": "datetime64[s]",
        "qualified_on": "datetime64[s]",
        "address": "str",
    }
    assert items.dtypes.astype(str).to_dict() == {
        "institution_id": "int64",
        "item": "str",
        "outcome": "str",
    }
    assert funnel(conn, scope=Scope.county()) == [0, 0, 0, 0]


def test_funnel_goes_from_found_to_registered(conn: Connection) -> None:
    make.institution(conn)
    verify(conn, make.institution(conn), *VERIFICATION_ITEM)
    verify(conn, make.institution(conn, qualified_on=THURSDAY), *VERIFICATION_ITEM)
    registered = make.institution(conn, qualified_on=THURSDAY, platform_registered_on=THURSDAY)
    verify(conn, registered, *VERIFICATION_ITEM)
    make.institution(conn, category="subject", platform_registered_on=THURSDAY)

    assert funnel(conn) == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("seventh", "verified"),
    [
        (None, 0),
        ({"outcome": "pending"}, 0),
        ({"outcome": "fail"}, 1),
        ({"verified_on": THURSDAY}, 1),
        ({"verified_on": THURSDAY + DAY}, 0),
    ],
)
def test_verified_takes_an_outcome_for_all_seven_items(
    conn: Connection, seventh: dict[str, Any] | None, verified: int
) -> None:
    *six, last = VERIFICATION_ITEM
    institution = make.institution(conn)
    verify(conn, institution, *six)
    if seventh is not None:
        make.verification(conn, institution, item=last, **seventh)

    assert funnel(conn) == [1, verified, 0, 0]


def test_item_verified_twice_is_one_item(conn: Connection) -> None:
    institution = make.institution(conn)
    verify(conn, institution, *list(VERIFICATION_ITEM)[:6])
    verify(conn, institution, "licence", verified_on=THURSDAY)

    assert funnel(conn) == [1, 0, 0, 0]


def test_funnel_sees_nothing_of_the_days_to_come(conn: Connection) -> None:
    make.institution(conn, qualified_on=THURSDAY + DAY, platform_registered_on=THURSDAY + DAY)
    make.institution(conn, found_on=THURSDAY + DAY)

    assert funnel(conn) == [1, 0, 0, 0]
    assert funnel(conn, as_of=THURSDAY + DAY) == [2, 0, 1, 1]
    assert funnel(conn, categories=("sports",)) == [0, 0, 0, 0]


def test_unregistered_are_qualified_first_then_by_county_and_name(conn: Connection) -> None:
    usual = {"county_code": CITY}
    make.institution(conn, name="丁", county_code=NEW_AREA)
    make.institution(conn, name="乙", **usual)
    make.institution(conn, name="丙", county_code=SOUTH)
    make.institution(conn, name="戊", county_code=NEW_AREA, qualified_on=THURSDAY)
    make.institution(conn, name="甲", **usual, qualified_on=THURSDAY + DAY)
    make.institution(conn, name="己", **usual, platform_registered_on=THURSDAY)
    make.institution(conn, name="庚", **usual, platform_registered_on=THURSDAY + DAY)
    make.institution(conn, name="辛", **usual, category="subject")

    rows = unregistered(conn)

    own = sorted(["乙", "甲", "庚"])
    assert rows["name"].tolist() == ["戊", *own, "丙", "丁"]
    assert rows.loc[rows["qualified_on"].notna(), "name"].tolist() == ["戊"]


def test_unregistered_names_its_county_and_keeps_what_is_unknown_unknown(conn: Connection) -> None:
    institution = make.institution(conn, name="甲", operating_status="unlicensed")

    row = unregistered(conn).iloc[0]

    assert row.to_dict() == {
        "id": institution,
        "county_code": CITY,
        "county": "城中区",
        "name": "甲",
        "category": "arts",
        "operating_status": "unlicensed",
        "found_on": pd.Timestamp(make.EARLIER),
        "qualified_on": row["qualified_on"],
        "address": row["address"],
    }
    assert pd.isna(row["qualified_on"])
    assert pd.isna(row["address"])


def test_state_of_an_item_is_its_latest_outcome_by_the_day(conn: Connection) -> None:
    institution = make.institution(conn)
    verify(conn, institution, "licence", outcome="pass", verified_on=THURSDAY - WEEK)
    verify(conn, institution, "licence", outcome="fail", verified_on=THURSDAY)
    verify(conn, institution, "licence", outcome="pass", verified_on=THURSDAY + DAY)
    verify(conn, institution, "staff", outcome="pending", verified_on=THURSDAY + DAY)
    verify(conn, institution, "scale", outcome="pending", verified_on=THURSDAY - WEEK)

    assert states(conn) == {(institution, "licence", "fail"), (institution, "scale", "pending")}
    assert states(conn, as_of=THURSDAY - DAY) == {
        (institution, "licence", "pass"),
        (institution, "scale", "pending"),
    }


@pytest.mark.parametrize(
    "columns",
    [
        {"platform_registered_on": THURSDAY},
        {"category": "subject"},
        {"deregistered_on": THURSDAY},
        {"category": "sports"},
    ],
)
def test_states_are_those_of_the_unregistered_chosen(
    conn: Connection, columns: dict[str, Any]
) -> None:
    verify(conn, make.institution(conn, **columns), "licence")
    chosen = make.institution(conn)
    verify(conn, chosen, "licence")

    assert states(conn, categories=("arts",)) == {(chosen, "licence", "pass")}
