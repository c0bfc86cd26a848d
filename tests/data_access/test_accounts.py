"""Who may sign in, and which rows their role lets them read."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, insert

from data_access import schema
from data_access.accounts import (
    PERMISSIONS,
    Permission,
    Role,
    User,
    add_demonstration_accounts,
    demonstration_accounts,
    find_user,
    scope_of,
)
from data_access.reference import counties
from data_access.scope import Scope
from tests.factories import CITY


def account(
    conn: Connection, email: str, role: str, county_code: str | None = None, *, active: bool = True
) -> None:
    row = {"email": email, "role": role, "county_code": county_code, "active": active}
    conn.execute(insert(schema.account).values(row))


@pytest.mark.parametrize(
    ("role", "county_code", "scope"),
    [
        (Role.LEADER, None, Scope.city()),
        (Role.SUPERVISOR, None, Scope.city(unreleased=True)),
        (Role.COUNTY, CITY, Scope.county(CITY)),
        (Role.COUNTY, None, Scope.county()),
        (Role.ADMIN, None, Scope.county()),
    ],
)
def test_role_reads_its_rows_and_no_others(
    role: Role, county_code: str | None, scope: Scope
) -> None:
    assert scope_of(role, county_code) == scope


def test_user_has_the_role_the_county_and_the_scope_of_the_account(conn: Connection) -> None:
    account(conn, "甲@example.org", "county", CITY)

    user = find_user(conn, "甲@example.org")

    assert user == User("甲@example.org", Role.COUNTY, CITY, Scope.county(CITY))


@pytest.mark.parametrize("email", ["乙@example.org", "甲@example.org ", "", "%"])
def test_unknown_address_is_nobody(conn: Connection, email: str) -> None:
    account(conn, "甲@example.org", "leader")

    assert find_user(conn, email) is None


def test_inactive_account_is_nobody(conn: Connection) -> None:
    account(conn, "甲@example.org", "leader", active=False)

    assert find_user(conn, "甲@example.org") is None


@pytest.mark.parametrize("role", Role)
def test_role_may_exactly_what_it_is_granted(role: Role) -> None:
    user = User("甲@example.org", role, None, scope_of(role, None))

    assert {each for each in Permission if user.may(each)} == PERMISSIONS[role]


def test_administrator_sees_no_figures_and_no_cells_of_a_file(conn: Connection) -> None:
    account(conn, "甲@example.org", "admin")

    user = find_user(conn, "甲@example.org")

    assert user is not None
    assert user.may(Permission.LEDGER_IMPORT)
    assert not user.may(Permission.LEDGER_IMPORT_VALUES)
    views = {each for each in Permission if each.endswith(":view")}
    assert {each for each in views if user.may(each)} == {Permission.AUDIT_VIEW}
    assert (user.scope, user.import_scope) == (Scope.county(), Scope.city())


def test_county_sends_and_follows_its_own_files_only(conn: Connection) -> None:
    account(conn, "甲@example.org", "county", CITY)

    user = find_user(conn, "甲@example.org")

    assert user is not None
    assert user.import_scope == Scope.county(CITY)


def test_permissions_stand_in_alphabetical_order() -> None:
    assert list(Permission) == sorted(Permission)


def test_demonstration_has_the_roles_of_the_city_first_then_every_county(conn: Connection) -> None:
    add_demonstration_accounts(conn)
    units = [f"{unit.code}@demo" for unit in counties(conn, scope=Scope.city())]

    found = demonstration_accounts(conn)

    assert found == ["supervisor@demo", "leader@demo", "admin@demo", *units]
    users = [find_user(conn, email) for email in found]
    assert [user.role for user in users if user] == [
        *(Role.SUPERVISOR, Role.LEADER, Role.ADMIN),
        *[Role.COUNTY] * len(units),
    ]


def test_accounts_of_an_office_are_never_offered_for_demonstration(conn: Connection) -> None:
    account(conn, "甲@example.org", "leader")
    account(conn, "demo@example.org", "leader")
    account(conn, "乙@demo.example.org", "leader")
    account(conn, "丙@demo", "leader", active=False)

    assert demonstration_accounts(conn) == []
