"""Two who act on one row at the same moment, on PostgreSQL, as the dashboard writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from data_access import ledger_records, migration
from data_access.connections import reading
from data_access.item_steps import submit
from tests.data_access import clerks
from tests.data_access.clerks import CLERK, EVIDENCE, NEIGHBOUR, READER
from tests.data_access.races_of_rows import RACES
from tests.databases import PostgresDatabase, forget_engines
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def owner(database: PostgresDatabase, connect: Connect) -> Engine:
    engine = connect(database.owner_url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        clerks.add_people(conn)
    return engine


@pytest.fixture(autouse=True)
def served(database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    monkeypatch.setenv("IMPORT_DATABASE_URL", database.owner_url)
    forget_engines()
    yield
    forget_engines()


@RACES
def test_exactly_one_gets_through(owner: Engine, race: Callable[..., Any]) -> None:
    race(owner)
    assert clerks.counted(owner) == clerks.counted_afresh(owner)


def test_the_history_of_a_row_is_told_to_whoever_may_read_the_row(owner: Engine) -> None:
    with owner.begin() as conn:
        key = clerks.item(conn)
    submit(CLERK, key, 1, evidence=EVIDENCE)

    told = {}
    for user in (CLERK, READER, NEIGHBOUR):
        with reading(user) as conn:
            told[user.role, user.county_code] = ledger_records.row_changes(
                conn, scope=user.scope, table_name="rectification", row_id=key
            )["column_name"].tolist()

    assert {frozenset(names) for names in told.values()} == {
        frozenset({"status", "evidence"}),
        frozenset(),
    }
    assert told[NEIGHBOUR.role, NEIGHBOUR.county_code] == []
