"""Wrong reports are found and counted on PostgreSQL as by asking every one."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from data_access import migration, summaries
from data_access.scope import Scope
from tests import factories as make
from tests.data_access import test_flawed_reports as held
from tests.data_access.test_data_quality import before, kept
from tests.databases import PostgresDatabase
from tests.factories import CITY, SOUTH
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres
REPORTS = 200


def some(rng: random.Random, institution: int) -> dict[str, Any]:
    def day() -> date:
        return before(rng.choice([0, 1, 6, 7, 8, 29, 30, 31, 36, 37, 38, 60]))

    point = rng.choice([None, held.HERE, held.NEAR, held.FAR])
    return {
        "county_code": rng.choice([CITY, SOUTH]),
        "received_on": day(),
        "received_by_us_on": day(),
        "status": rng.choice(["received", "verifying", "substantiated", "unsubstantiated"]),
        "verified_on": rng.choice([None, day()]),
        "closed_on": rng.choice([None, day()]),
        "place_name": rng.choice([None, "角宿大厦"]),
        "institution_name": rng.choice([None, "甲"]),
        "institution_id": rng.choice([None, institution]),
        "longitude": point and point[0],
        "latitude": point and point[1],
        "cell": point
        and rng.choice([held.cell(point), None if point == held.NEAR else held.cell(point)]),
    }


def test_reports_found_and_counted_are_those_of_every_report(
    database: PostgresDatabase, connect: Connect
) -> None:
    engine, rng = connect(database.owner_url), random.Random(1)  # noqa: S311
    migration.upgrade(engine)
    with engine.connect() as conn:
        linked = make.institution(conn)
        for n in range(REPORTS):
            row = some(rng, linked)
            make.report(conn, counted=False, report_no=f"甲{n:03}", **row)
            if rng.random() < 0.2:
                column = rng.choice(["status", "closed_on", "place_name"])
                old = {"status": "received", "closed_on": "2022-06-02", "place_name": None}[column]
                day = before(rng.choice([0, 6, 7]))
                kept(conn, "violation_report", f"甲{n:03}", column, old, day, row["county_code"])
        summaries.rebuild_all(conn)
        changed = held.changed_numbers(conn)
        for scope, categories in ((Scope.city(), ()), (Scope.county(SOUTH), ("arts",))):
            held.hold(conn, scope, categories, changed)
