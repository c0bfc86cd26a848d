"""Frozen weeks on PostgreSQL: frozen again by the owner, read by the dashboard's role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, func, select

from data_access import schema, snapshots
from data_access.accounts import Permission, Role, User, scope_of
from data_access.freezing import AlreadyFrozenError, freeze
from data_access.row_security import tell
from tests.databases import PostgresDatabase
from tests.postgres.conftest import Connect
from tests.queries import COUNTY

pytestmark = pytest.mark.postgres

WEEK = date(2022, 8, 18)
REASON = "漏报三家机构"


@pytest.fixture
def owner(sample: PostgresDatabase, connect: Connect) -> Iterator[Connection]:
    with connect(sample.owner_url).connect() as conn:
        yield conn
        conn.rollback()


def test_week_is_frozen_again_for_a_reason_and_what_it_replaces_is_kept(owner: Connection) -> None:
    with pytest.raises(AlreadyFrozenError):
        freeze(owner, WEEK, by=None)
    done = freeze(owner, WEEK, by=None, force=True, reason=REASON)

    kept = select(func.count()).select_from(schema.weekly_snapshot_history)
    assert owner.scalar(kept) == done.replaced == done.figures
    [newest, *_] = snapshots.weeks(owner, scope=scope_of(Role.LEADER, None)).to_dict("records")
    assert (newest["replaced"], newest["reason"]) == (1, REASON)


@pytest.mark.parametrize("role", [Role.LEADER, Role.SUPERVISOR, Role.COUNTY])
def test_reader_is_told_of_changes_just_as_the_scope_allows(
    owner: Connection, sample: PostgresDatabase, connect: Connect, role: Role
) -> None:
    code = COUNTY if role is Role.COUNTY else None
    user = User(f"{role}@demo", role, code, scope_of(role, code))
    asked = {"scope": user.scope, "week": WEEK, "with_files": user.may(Permission.LEDGER_IMPORT)}
    expected = snapshots.changes(owner, **asked)
    with connect(sample.plain_url).connect() as conn:
        tell(conn, email=user.email, role=user.role, scope=user.scope)
        found = snapshots.changes(conn, **asked)

    assert found["file_name"].notna().any() == (role is Role.SUPERVISOR)
    assert {"late", "filled", "correction"} <= set(found["kind"])
    assert found.equals(expected)
