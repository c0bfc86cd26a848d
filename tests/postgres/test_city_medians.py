"""On PostgreSQL the owner works the city's medians out, two at once, and a county reads them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from data_access import city_medians, migration, summaries
from data_access.reference import UNITS
from data_access.row_security import tell
from data_access.schema import city_median
from data_access.scope import Scope
from tests import factories as make
from tests.databases import PostgresDatabase, forget_engines
from tests.factories import CITY, THURSDAY
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def owner(database: PostgresDatabase, connect: Connect) -> Engine:
    engine = connect(database.owner_url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        for late, unit in enumerate(UNITS[:6]):
            for number in range(10):
                due_on = THURSDAY + timedelta(days=-1 if number < late else 30)
                make.rectification(conn, county_code=unit.code, due_on=due_on)
        summaries.rebuild_all(conn)
    return engine


@pytest.fixture
def readers(
    owner: Engine, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The dashboard's own role, without a way to write."""
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    monkeypatch.delenv("IMPORT_DATABASE_URL", raising=False)
    forget_engines()
    yield
    forget_engines()


def stored(owner: Engine) -> int:
    with owner.connect() as conn:
        return conn.scalar(select(func.count()).select_from(city_median)) or 0


def test_readers_work_nothing_out(readers: None, owner: Engine) -> None:
    assert not city_medians.refresh(THURSDAY)
    assert stored(owner) == 0


def test_two_owners_at_once_store_them_once_and_a_county_reads_them(
    readers: None,
    owner: Engine,
    database: PostgresDatabase,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IMPORT_DATABASE_URL", database.owner_url)

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(city_medians.refresh, [THURSDAY] * 3))

    assert done == [True] * 3
    with connect(database.plain_url).begin() as conn:
        tell(conn, email="a@example.org", role="county", scope=Scope.county(CITY))
        found = city_medians.medians(conn, as_of=THURSDAY)
    assert found["overdue_items"] == pytest.approx(0.25)
    assert stored(owner) == len(found)
