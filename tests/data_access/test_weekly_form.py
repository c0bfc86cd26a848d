"""Which inspections the weekly form is made of, and with which papers."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import weekly_form
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

FRIDAY = THURSDAY - timedelta(days=6)


def found(
    conn: Connection,
    scope: Scope | None = None,
    *,
    as_of: date = THURSDAY,
    since: date = FRIDAY,
) -> pd.DataFrame:
    return weekly_form.visits(conn, scope=scope or Scope.city(), as_of=as_of, since=since)


def numbers(rows: pd.DataFrame) -> list[str]:
    return rows["inspection_no"].tolist()


def test_inspections_from_the_friday_to_the_day_and_no_others(conn: Connection) -> None:
    for name, day in (
        ("BEFORE", FRIDAY - timedelta(days=1)),
        ("FRIDAY", FRIDAY),
        ("WEDNESDAY", THURSDAY - timedelta(days=1)),
        ("THURSDAY", THURSDAY),
        ("AFTER", THURSDAY + timedelta(days=1)),
    ):
        make.inspection(conn, inspection_no=name, inspected_on=day)

    assert numbers(found(conn)) == ["FRIDAY", "WEDNESDAY", "THURSDAY"]
    assert numbers(found(conn, as_of=THURSDAY - timedelta(days=1))) == ["FRIDAY", "WEDNESDAY"]
    assert numbers(found(conn, since=THURSDAY)) == ["THURSDAY"]


def test_counties_come_in_the_city_s_order_and_days_within(conn: Connection) -> None:
    make.inspection(conn, inspection_no="C", county_code=SOUTH, inspected_on=FRIDAY)
    make.inspection(conn, inspection_no="B", inspected_on=THURSDAY)
    make.inspection(conn, inspection_no="A", inspected_on=FRIDAY)

    assert numbers(found(conn)) == ["A", "B", "C"]


@pytest.mark.parametrize("scope", [Scope.city(), Scope.city(unreleased=True), Scope.county(CITY)])
def test_what_is_born_of_an_unreleased_plan_is_listed_to_nobody(
    conn: Connection, scope: Scope
) -> None:
    stop = make.visit_stop(conn)
    make.inspection(conn, inspection_no="TOLD")
    make.inspection(conn, inspection_no="KEPT", visit_stop_id=stop, withheld=True)
    make.inspection(conn, inspection_no="RELEASED", visit_stop_id=stop)

    assert numbers(found(conn, scope)) == ["RELEASED", "TOLD"]


def test_papers_are_those_of_the_linked_institution(conn: Connection) -> None:
    licensed = make.institution(
        conn,
        name="甲",
        category="subject",
        licence_no="证 1",
        licence_valid_to=THURSDAY,
        operating_status="deregistered",
        deregistered_on=FRIDAY,
    )
    blank = make.institution(conn, name="乙", licence_no="  ")
    make.inspection(conn, inspection_no="1", institution_id=licensed, institution_name="别名")
    make.inspection(conn, inspection_no="2", institution_id=blank)
    make.inspection(conn, inspection_no="3", institution_name="丙", institution_name_key="丙丙")

    rows = found(conn).set_index("inspection_no")

    assert rows["institution_name"].tolist() == ["甲", "乙", "丙"]
    assert rows["has_licence"].tolist()[:2] == [True, False]
    assert not rows["has_licence"].fillna(False).iloc[2]
    assert rows.loc["1", "category"] == "subject"
    assert rows.loc["1", "licence_valid_to"] == pd.Timestamp(THURSDAY)
    assert rows.loc["1", "deregistered_on"] == pd.Timestamp(FRIDAY)
    assert rows.loc["3", "institution_id"] is pd.NA
    assert rows.loc["3", "name_key"] == "丙丙"


@pytest.mark.parametrize("scope", [Scope.city(), Scope.county(CITY)])
def test_institution_of_another_county_is_not_taken_whoever_reads(
    conn: Connection, scope: Scope
) -> None:
    elsewhere = make.institution(conn, county_code=SOUTH, name="南", licence_no="证 1")
    make.inspection(conn, institution_id=elsewhere, institution_name="所记")

    [row] = found(conn, scope).to_dict("records")

    assert pd.isna(row["institution_id"])
    assert row["institution_name"] == "所记"


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, True)])
def test_late_is_what_reached_us_after_the_thursday_of_its_week(
    conn: Connection, days: int, late: bool
) -> None:
    received = THURSDAY + timedelta(days=days)
    make.inspection(conn, inspected_on=FRIDAY, received_by_us_on=received)

    assert found(conn)["late"].tolist() == [late]


def test_nothing_has_the_columns_and_types_of_something(conn: Connection) -> None:
    nothing = found(conn)
    make.inspection(conn)

    assert nothing.empty
    assert nothing.dtypes.to_dict() == found(conn).dtypes.to_dict()


def test_released_scope_keeps_the_counties_and_drops_what_is_unreleased() -> None:
    assert Scope.city(unreleased=True).released() == Scope.city()
    assert Scope.city(unreleased=True).within((CITY,)).released() == Scope.county(CITY)
    assert Scope.county().released() == Scope.county()
