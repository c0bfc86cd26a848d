"""Evidence and its sums are on PostgreSQL what they are on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, Table, select

from data_access import evidence, hotspots, report_summaries, schema
from data_access.scope import Scope
from data_access.weeks import last_weeks
from tests.databases import PostgresDatabase
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres

AS_OF = date(2022, 8, 25)
SCOPE = Scope.city(unreleased=True)
GIVEN: dict[str, Any] = {"scope": SCOPE, "half_life_days": 60.0, "repeat_days": 30}
SUMS = (
    schema.report_unit_summary,
    schema.report_verdict_summary,
    schema.report_cell_summary,
    schema.report_conclusion_summary,
)


@pytest.fixture
def both(
    sample: PostgresDatabase, folder: Path, connect: Connect
) -> Iterator[tuple[Connection, Connection]]:
    lite = connect(f"sqlite:///{folder / 'liuzhou.db'}")
    with connect(sample.superuser_url).connect() as conn, lite.connect() as other:
        yield conn, other
        conn.rollback()


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    keys = list(one.columns)
    one, other = (
        frame.sort_values(keys, key=lambda of: of.astype("str"), ignore_index=True)
        if "known_on" in keys
        else frame
        for frame in (one, other)
    )
    assert_frame_equal(one, other, check_exact=False, rtol=0, atol=1e-7)


def stored(conn: Connection, table: Table) -> pd.DataFrame:
    rows = conn.execute(select(table).order_by(*table.primary_key.columns)).all()
    return pd.DataFrame(rows, columns=table.c.keys()).sort_values(
        table.primary_key.columns.keys(), ignore_index=True
    )


def test_sums_counted_here_are_those_counted_there(both: tuple[Connection, Connection]) -> None:
    conn, lite = both
    report_summaries.rebuild(conn)

    for table in SUMS:
        found, expected = stored(conn, table), stored(lite, table)
        assert len(found) > 100
        same(found, expected)


@pytest.mark.parametrize("as_of", [AS_OF, AS_OF - timedelta(days=37)])
def test_what_a_day_knew_is_the_same(both: tuple[Connection, Connection], as_of: date) -> None:
    found, expected = (evidence.everything(conn, as_of=as_of, **GIVEN) for conn in both)

    for name, frame in found.items():
        same(frame, expected[name])
    assert len(found["reports"]) > 100
    hours, expected_hours = (evidence.hours(conn, scope=SCOPE, as_of=as_of) for conn in both)
    keys = list(hours.columns)
    same(
        hours.sort_values(keys, ignore_index=True),
        expected_hours.sort_values(keys, ignore_index=True),
    )


def test_what_each_thursday_knew_is_the_same(both: tuple[Connection, Connection]) -> None:
    days = last_weeks(AS_OF - timedelta(days=14), 8)
    found, expected = (
        evidence.everything(conn, as_of=AS_OF, days=days, **GIVEN)["reports"] for conn in both
    )

    same(found, expected)
    assert found["found_on"].notna().any()


@pytest.mark.parametrize("as_of", [AS_OF, AS_OF - timedelta(days=37)])
def test_cells_and_new_places_are_the_same(
    both: tuple[Connection, Connection], as_of: date
) -> None:
    asked: dict[str, Any] = {"scope": SCOPE, "as_of": as_of, "since": as_of - timedelta(weeks=20)}
    by = tuple(last_weeks(as_of, 8))
    for query, more in ((hotspots.cell_weeks, {"by": by}), (hotspots.untied_places, {})):
        found, expected = (query(conn, **asked, **more) for conn in both)
        if query is hotspots.untied_places:
            keys = list(found.columns)
            found, expected = (
                each.sort_values(keys, ignore_index=True) for each in (found, expected)
            )
        same(found, expected)
        assert len(found) > 10
