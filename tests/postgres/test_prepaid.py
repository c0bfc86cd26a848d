"""Charges, supervision and reported hours come out of PostgreSQL as they do out of SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import time, timedelta

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import class_hours, fee_charges, fee_supervision, migration
from data_access.engine import connect_to
from data_access.scope import Scope
from tests import factories as make
from tests.databases import PostgresDatabase
from tests.factories import CITY, NEW_AREA, THURSDAY

pytestmark = pytest.mark.postgres

Query = Callable[[Connection], pd.DataFrame]
DAY = timedelta(days=1)
ASKED = {"scope": Scope.city(), "as_of": THURSDAY}
SINCE = THURSDAY - 30 * DAY
LIMITS = fee_charges.Limits(3, 60, 1, 5000, outside_account=True)
QUERIES: dict[str, Query] = {
    "suspects": lambda conn: fee_charges.suspects(conn, **ASKED, since=SINCE, charge_limits=LIMITS),
    "outstanding": lambda conn: fee_charges.outstanding(conn, **ASKED),
    "of who stopped": lambda conn: fee_charges.outstanding(conn, **ASKED, states=("suspended",)),
    "counts": lambda conn: fee_charges.charge_counts(conn, **ASKED, since=SINCE),
    "supervision": lambda conn: fee_supervision.supervision(conn, **ASKED),
    "not supervised": lambda conn: fee_supervision.not_supervised(conn, **ASKED),
    "classes": lambda conn: class_hours.reported_classes(conn, **ASKED, since=SINCE),
    "of a category": lambda conn: fee_charges.outstanding(conn, **ASKED, categories=("arts",)),
}


def fill(conn: Connection) -> None:
    """Charges on both sides of each limit, of one that stopped too, and two reports with hours."""
    arts = make.institution(conn, name="示例艺术", fee_supervision="deposit")
    shut = make.institution(
        conn, name="示例停业", category="sports", operating_status="suspended", county_code=NEW_AREA
    )
    for number, columns in enumerate(
        (
            {"months": 3},
            {"months": 3.5, "refunded_yuan": 0.5},
            {"lessons": 61, "into_escrow": None},
            {"amount_yuan": 5000.01},
            {"into_escrow": False, "refunded_yuan": 1000.0},
            {"course_starts_on": THURSDAY + 31 * DAY},
            {"course_starts_on": THURSDAY + 32 * DAY},
            {"course_starts_on": THURSDAY, "course_ends_on": THURSDAY + 92 * DAY},
            {"course_starts_on": THURSDAY, "course_ends_on": THURSDAY + 93 * DAY},
        )
    ):
        make.charge(conn, arts, receipt_no=f"A{number}", **columns)
    make.charge(conn, shut, receipt_no="B", county_code=NEW_AREA, months=12)
    make.report(
        conn, report_no="1", institution_id=arts, county_code=CITY, class_ends_at=time(21, 0, 1)
    )
    make.report(
        conn,
        report_no="2",
        violation_type_group="学科类违规开班",
        class_starts_at=time(9),
        status="substantiated",
        verified_on=THURSDAY + DAY,
    )


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

    on_sqlite = query(conn)

    assert not on_sqlite.empty
    numbers = [name for name in ("charge_id", "institution_id") if name in on_sqlite]
    pd.testing.assert_frame_equal(
        query(on_postgres).drop(columns=numbers), on_sqlite.drop(columns=numbers)
    )
