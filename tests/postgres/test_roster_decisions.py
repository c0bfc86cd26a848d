"""Two people decide one pair at the same moment on PostgreSQL: one gets through, one is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, func, insert, select

from data_access import migration, roster_decisions, schema
from data_access.accounts import Role, User, scope_of
from data_access.connections import reading
from data_access.engine import connect_to
from data_access.reconciliation import decided_pairs, ledger_rows, list_lines
from data_access.roster_decisions import SAME, Pair, RosterDecisionError, decide
from data_access.row_security import tell
from data_access.scope import Scope
from tests import factories as make
from tests.databases import PostgresDatabase, forget_engines
from tests.factories import CITY, SOUTH, THURSDAY

pytestmark = pytest.mark.postgres


def clerk(name: str, county: str) -> User:
    return User(f"{name}@example.org", Role.COUNTY, county, scope_of(Role.COUNTY, county))


ONE, OTHER, SOUTHERN = clerk("one", CITY), clerk("other", CITY), clerk("south", SOUTH)


@pytest.fixture(scope="module")
def pairs(database: PostgresDatabase) -> dict[str, Pair]:
    """A pair in each of two counties."""
    engine = connect_to(database.owner_url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        for who in (ONE, OTHER, SOUTHERN):
            row = {"email": who.email, "role": "county", "county_code": who.county_code}
            conn.execute(insert(schema.account), [{**row, "active": True}])
        made = {
            county: Pair(
                make.roster(conn, county_code=county),
                make.institution(conn, county_code=county),
                1,
                1,
            )
            for county in (CITY, SOUTH)
        }
    engine.dispose()
    return made


@pytest.fixture
def served(database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The dashboard reads as its own role and writes as the owner."""
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    monkeypatch.setenv("IMPORT_DATABASE_URL", database.owner_url)
    forget_engines()
    yield
    forget_engines()


def test_of_two_who_decide_a_pair_at_once_the_second_is_told(
    pairs: dict[str, Pair], served: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_are_in = threading.Barrier(2, timeout=30)
    begin = roster_decisions._writing

    @contextmanager
    def begin_together(user: User) -> Iterator[Connection]:
        both_are_in.wait()
        with begin(user) as conn:
            yield conn

    monkeypatch.setattr(roster_decisions, "_writing", begin_together)
    told: list[str] = []

    def try_to(user: User) -> None:
        try:
            decide(user, pairs[CITY], SAME)
        except RosterDecisionError as error:
            told.append(str(error))

    threads = [threading.Thread(target=try_to, args=(user,)) for user in (ONE, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 1
    assert "刚刚有改动" in told[0]
    with reading(ONE) as conn:
        made = decided_pairs(conn, scope=ONE.scope)
        lines = list_lines(conn, scope=ONE.scope, as_of=THURSDAY)
    assert made["verdict"].tolist() == ["same"]
    assert lines["row_version"].tolist() == [2]


def test_rows_of_another_county_stay_hidden_where_a_query_forgets_its_scope(
    pairs: dict[str, Pair], served: None, database: PostgresDatabase
) -> None:
    decide(SOUTHERN, pairs[SOUTH], SAME)
    everything = Scope.city(unreleased=True)

    with reading(SOUTHERN) as conn:
        frames = [
            list_lines(conn, scope=everything, as_of=THURSDAY),
            ledger_rows(conn, scope=everything, as_of=THURSDAY),
            decided_pairs(conn, scope=everything),
        ]
        tell(conn, email="nobody@example.org")
        left = conn.scalar(select(func.count()).select_from(schema.roster_decision))

    assert [set(frame["county_code"]) for frame in frames] == [{SOUTH}] * 3
    assert left == 0
