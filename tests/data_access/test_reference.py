"""The rows that every database starts with."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, func, insert, select, update

from data_access import schema, versions
from data_access.reference import (
    Campaign,
    add_reference_rows,
    counties,
    newest_campaign,
    scope_name,
)
from data_access.scope import Scope
from tests.factories import CITY, NEW_AREA, SOUTH

TABLES = (schema.county, schema.campaign, schema.data_version)


def rows(conn: Connection) -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in conn.execute(select(table))] for table in TABLES]


def test_there_are_twelve_reporting_units_one_campaign_and_one_version(conn: Connection) -> None:
    assert [conn.scalar(select(func.count()).select_from(table)) for table in TABLES] == [12, 1, 1]


def test_adding_them_twice_changes_nothing(conn: Connection) -> None:
    before = rows(conn)
    add_reference_rows(conn)

    assert rows(conn) == before


def test_adding_them_again_leaves_what_has_changed_since(conn: Connection) -> None:
    versions.bump(conn)
    conn.execute(update(schema.campaign).values(ends_on=date(2022, 10, 31)))
    before = rows(conn)
    add_reference_rows(conn)

    assert rows(conn) == before


def test_counties_come_in_the_order_of_the_documents(conn: Connection) -> None:
    assert [unit.code for unit in counties(conn, scope=Scope.city())] == [
        *("450202", "450203", "450204", "450205", "450206", "4502LD"),
        *("4502BS", "450222", "450223", "450224", "450225", "450226"),
    ]


def test_only_new_areas_have_no_boundary_of_their_own(conn: Connection) -> None:
    units = counties(conn, scope=Scope.city())

    assert [unit.name for unit in units if unit.boundary_code is None] == [
        "柳东新区",
        "北部生态新区",
    ]
    assert {unit.kind for unit in units if unit.boundary_code is None} == {"new_area"}
    assert all(unit.boundary_code == unit.code for unit in units if unit.kind != "new_area")


@pytest.mark.parametrize(
    ("scope", "name", "codes"),
    [
        (Scope.county(CITY), "城中区", [CITY]),
        (Scope.county(NEW_AREA, CITY), "所选 2 个县区", [CITY, NEW_AREA]),
        (Scope.city().within((SOUTH,)), "柳南区", [SOUTH]),
        (Scope.county(CITY).within((SOUTH,)), "所选 0 个县区", []),
        (Scope.county(), "所选 0 个县区", []),
        (Scope.county("999999"), "所选 0 个县区", []),
    ],
)
def test_scope_is_named_by_its_counties(
    conn: Connection, scope: Scope, name: str, codes: list[str]
) -> None:
    assert scope_name(conn, scope=scope) == name
    assert [unit.code for unit in counties(conn, scope=scope)] == codes


@pytest.mark.parametrize("scope", [Scope.city(), Scope.city(unreleased=True)])
def test_scope_of_every_county_is_the_city(conn: Connection, scope: Scope) -> None:
    assert scope_name(conn, scope=scope) == "全市"


@pytest.mark.parametrize(
    ("starts_on", "newest"),
    [(date(2023, 7, 1), "2023 年行动"), (date(2022, 6, 30), "“监管护苗”2022年暑期专项行动")],
)
def test_newest_campaign_is_the_one_that_began_last(
    conn: Connection, starts_on: date, newest: str
) -> None:
    row = {"name": "2023 年行动", "starts_on": starts_on, "ends_on": date(2024, 1, 1)}
    conn.execute(insert(schema.campaign).values(row))

    assert newest_campaign(conn).name == newest


def test_campaign_of_the_start_is_that_of_the_summer_of_2022(conn: Connection) -> None:
    assert newest_campaign(conn) == Campaign(
        "“监管护苗”2022年暑期专项行动", date(2022, 7, 1), date(2022, 9, 30)
    )
