"""Places of violation reports come out of PostgreSQL as they do out of SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import migration, violations
from data_access.engine import connect_to
from data_access.scope import Scope
from data_access.violations import Asked
from tests import factories as make
from tests.databases import PostgresDatabase
from tests.factories import CITY, NEW_AREA, THURSDAY

pytestmark = pytest.mark.postgres

Query = Callable[[Connection], pd.DataFrame]
DAY = timedelta(days=1)
ASKED = {
    "scope": Scope.city(),
    "as_of": THURSDAY,
    "asked": Asked(since=THURSDAY - 30 * DAY, states=("substantiated", "verifying", "received")),
}
QUERIES: dict[str, Query] = {
    "places": lambda conn: violations.places(conn, **ASKED),
    "types": lambda conn: violations.place_types(conn, **ASKED),
    "cells": lambda conn: violations.cells(conn, **ASKED),
    "reports": lambda conn: violations.reports(conn, **ASKED),
    "unplaced": lambda conn: violations.reports(conn, **ASKED, unplaced=True),
    "of a category": lambda conn: violations.reports(conn, **ASKED, categories=("arts",)),
}


def fill(conn: Connection) -> None:
    """Two places, one of them known by an earlier report alone, and two reports without any."""
    tower = {"place_key": f"{CITY}:甲大厦", "place_name": "甲大厦"}
    point = {"longitude": 109.41, "latitude": 24.32, "cell": "89411ab2c2fffff"}
    true = {"status": "substantiated", "verified_on": THURSDAY}
    known = make.institution(conn, name="示例艺术")
    make.report(conn, report_no="1", **tower, **point, **true, institution_id=known)
    make.report(conn, report_no="2", **tower, class_starts_at=time(19), class_ends_at=time(20))
    make.report(conn, report_no="3", **tower, **(true | {"verified_on": THURSDAY + DAY}))
    estate = {"place_key": f"{NEW_AREA}:乙小区", "county_code": NEW_AREA}
    make.report(conn, report_no="4", **estate, **point, received_on=THURSDAY - 60 * DAY)
    make.report(conn, report_no="5", **estate)
    make.report(conn, report_no="6")
    make.report(conn, report_no="7", county_code=NEW_AREA)


@pytest.fixture(scope="module")
def on_postgres(database: PostgresDatabase) -> Iterator[Connection]:
    engine = connect_to(database.superuser_url)
    migration.upgrade(engine)
    with engine.connect() as conn:
        fill(conn)
        yield conn
    engine.dispose()


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_both_databases_say_the_same(
    conn: Connection, on_postgres: Connection, query: Query
) -> None:
    fill(conn)

    expected = query(conn)

    assert len(expected) > 0
    pd.testing.assert_frame_equal(query(on_postgres), expected)
