"""Reporters' words through the dashboard's own role: masked, revealed, logged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, select

from data_access import migration
from data_access.accounts import Role, User, scope_of
from data_access.connections import reading
from data_access.reveals import Masked, NotRevealedError, Revealed, masked, reveal
from data_access.schema import account, audit_event
from data_access.scope import Scope
from tests import factories
from tests.databases import PostgresDatabase, forget_engines
from tests.factories import CITY, SOUTH
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres

SUPERVISOR = User("s@example.org", Role.SUPERVISOR, None, scope_of(Role.SUPERVISOR, None))
COUNTY = User("c@example.org", Role.COUNTY, SOUTH, scope_of(Role.COUNTY, SOUTH))


@pytest.fixture
def owner(
    database: PostgresDatabase, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The owner's way into a database that the dashboard reads in its own role."""
    owner = connect(database.owner_url)
    migration.upgrade(owner)
    with owner.begin() as conn:
        for who in (SUPERVISOR, COUNTY):
            row = {"email": who.email, "role": who.role, "county_code": who.county_code}
            conn.execute(insert(account), [{**row, "active": True}])
        factories.report(
            conn,
            report_no="JB-1",
            county_code=CITY,
            summary="四字之言",
            reporter_phone="13800138027",
        )
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    forget_engines()
    yield owner
    forget_engines()


def test_words_are_masked_for_the_city_revealed_to_its_team_and_not_there_for_another_county(
    owner: Engine,
) -> None:
    with reading(SUPERVISOR) as conn:
        assert masked(conn, scope=Scope.city(), report_no="JB-1") == Masked("JB-1", 4, "27")
    with reading(COUNTY) as conn:  # the second wall alone
        assert masked(conn, scope=Scope.city(), report_no="JB-1") is None

    found = reveal(SUPERVISOR, report_no="JB-1", reason="核实举报内容")
    with pytest.raises(NotRevealedError):
        reveal(COUNTY, report_no="JB-1", reason="核实举报内容")

    assert found == Revealed("JB-1", "四字之言", "13800138027")
    with owner.connect() as conn:
        events = conn.execute(select(audit_event.c.email, audit_event.c.action)).all()
    assert [tuple(each) for each in events] == [
        (SUPERVISOR.email, "reveal"),
        (COUNTY.email, "refused"),
    ]
