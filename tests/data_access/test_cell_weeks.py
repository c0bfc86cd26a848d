"""Reports by cell and new places by sums are those that the reports themselves give."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, Engine, select

from data_access import hotspots
from data_access.schema import violation_report
from data_access.scope import Scope
from data_access.weeks import last_weeks, reporting_week
from tests.data_access.test_report_weeks import city_of, days, reports, scopes
from tests.small_cities import examples

cities = st.lists(
    st.tuples(reports(), st.sampled_from([None, "8940a6c0003ffff", "8940a6c0007ffff"])),
    max_size=14,
)


def facts(conn: Connection, scope: Scope, as_of: date, since: date) -> list[dict[str, Any]]:
    report = violation_report.c
    stmt = select(violation_report).where(
        scope.allows(violation_report),
        report.received_on.between(reporting_week(since) - timedelta(days=6), as_of),
    )
    return [row._asdict() for row in conn.execute(stmt)]


def by_cell(rows: list[dict[str, Any]], as_of: date, by: list[date]) -> pd.DataFrame:
    """Count reports one by one: a verdict is told as the first Thursday by which it was known."""

    def known(row: dict[str, Any]) -> date | None:
        day = row["verified_on"]
        is_true = row["status"] == "substantiated" and day is not None and day <= as_of
        return next((each for each in by if is_true and reporting_week(day) <= each), None)

    keys = ["cell", "week", "substantiated_week", "county_code"]
    told = [
        (row["cell"], row["week"], known(row), row["county_code"]) for row in rows if row["cell"]
    ]
    found = pd.DataFrame(told, columns=keys).astype(
        {"cell": "str", "county_code": "str", **dict.fromkeys(keys[1:3], "datetime64[s]")}
    )
    counted = found.groupby(keys, dropna=False).size().rename("reports").reset_index()
    return counted.sort_values(keys, na_position="first", ignore_index=True)


@examples(20)
@given(rows=cities, scope=scopes, as_of=days, back=st.integers(0, 4), steps=st.integers(1, 3))
def test_reports_by_cell_by_sums_are_those_of_the_reports(
    engine: Engine,
    rows: list[tuple[dict[str, Any], str | None]],
    scope: Scope,
    as_of: date,
    back: int,
    steps: int,
) -> None:
    since, by = as_of - timedelta(weeks=back), last_weeks(as_of, steps)
    with city_of(engine, [row | {"cell": cell} for row, cell in rows]) as conn:
        found = hotspots.cell_weeks(conn, scope=scope, as_of=as_of, since=since, by=tuple(by))
        expected = by_cell(facts(conn, scope, as_of, since), as_of, by)

        assert_frame_equal(found[expected.columns], expected, check_dtype=False)


@examples(20)
@given(rows=cities, scope=scopes, as_of=days, back=st.integers(0, 4))
def test_new_places_are_those_that_no_report_was_of_before(
    engine: Engine,
    rows: list[tuple[dict[str, Any], str | None]],
    scope: Scope,
    as_of: date,
    back: int,
) -> None:
    since = as_of - timedelta(weeks=back)
    with city_of(engine, [row for row, _ in rows]) as conn:
        found = hotspots.untied_places(conn, scope=scope, as_of=as_of, since=since)
        before = facts(conn, scope, reporting_week(since) - timedelta(days=7), date(2020, 1, 1))
        known = {(row["county_code"], row["place_key"]) for row in before}
        expected: dict[tuple[str, str], int] = {}
        for row in facts(conn, scope, as_of, since):
            place = (row["county_code"], row["place_key"])
            if row["place_key"] and place not in known:
                expected[place] = expected.get(place, 0) + 1

        counted = found.groupby(["county_code", "place_key"])["reports"].sum()
        assert counted.to_dict() == expected
