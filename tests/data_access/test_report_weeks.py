"""Counts by sums of weeks are those of the reports themselves, whatever time and day are asked for.

The statements that counted before there were sums stand here, as what the sums are held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, Engine, and_, case, delete, distinct, func, select, update

from data_access import (
    arrivals,
    calendar,
    data_quality,
    report_weeks,
    self_review,
    summaries,
    violations,
)
from data_access.report_places import Asked
from data_access.schema import county, violation_report
from data_access.scope import Scope
from data_access.supervision_points import supervision_points
from data_access.vocabulary import VIOLATION_TYPES
from data_access.weeks import reporting_week
from tests import factories as make
from tests.factories import CITY, NEW_AREA, SOUTH, THURSDAY
from tests.small_cities import examples

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
report = violation_report.c
# Of every type is whatever is asked for without a type: but that the reports are asked.
FACTS: Final = {"types": VIOLATION_TYPES}

_ends = st.sampled_from([0, -1, -6, -7, -8, -13, -14, 1])
days = (_ends | st.integers(-40, 8)).map(lambda number: THURSDAY + timedelta(days=number))
scopes = st.sampled_from([Scope.city(), Scope.county(CITY), Scope.county(SOUTH, NEW_AREA)])


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """Columns of a report: some without a place, coordinates or a verdict, some with a late one."""
    code, received = draw(st.sampled_from([CITY, SOUTH, NEW_AREA])), draw(days)
    name = draw(st.sampled_from([None, "甲大厦", "乙小区"]))
    point = draw(st.sampled_from([None, (109.4, 24.3), (109.42, 24.36)]))
    verified = draw(st.none() | days)
    states = ["substantiated", "unsubstantiated"]
    kind = draw(st.sampled_from([*VIOLATION_TYPES[:3], VIOLATION_TYPES[-1]]))
    placed = f"{code}:{name}" if name else None
    return {
        "county_code": code,
        "received_on": received,
        "received_by_us_on": received + draw(st.integers(-1, 9)) * DAY,
        "status": draw(
            st.sampled_from([*states, "verifying"] if verified else [*states[:1], "received"])
        ),
        "verified_on": verified,
        "place_name": name,
        "place_key": placed or (point and f"{code}@{point[0]},{point[1]}"),
        "address": draw(st.sampled_from([None, "柳州市甲路1号", "柳州市乙路2号"])),
        "longitude": point and point[0],
        "latitude": point and point[1],
        "violation_type_group": kind,
        "channel_group": draw(st.sampled_from(["12345 热线", "网格巡查"])),
    }


cities = st.lists(reports(), max_size=14)


@contextmanager
def city_of(engine: Engine, rows: list[dict[str, Any]]) -> Iterator[Connection]:
    with engine.connect() as conn:
        for row in rows:
            make.report(conn, counted=False, **row)
        summaries.rebuild_all(conn)
        yield conn
        conn.rollback()


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert_frame_equal(one, other, check_exact=False, atol=1e-7, rtol=0)


@examples(12)
@given(rows=cities, scope=scopes, as_of=days, since=st.none() | days, until=st.none() | days)
def test_places_and_their_types_by_sums_are_those_of_the_reports(
    engine: Engine,
    rows: list[dict[str, Any]],
    scope: Scope,
    as_of: date,
    since: date | None,
    until: date | None,
) -> None:
    with city_of(engine, rows) as conn:
        for query, keys in (
            (violations.places, ["county_code", "place_key"]),
            (violations.place_types, ["county_code", "place_key", "violation_type_group"]),
        ):
            by_sums, by_reports = (
                query(
                    conn, scope=scope, as_of=as_of, asked=Asked(since, until, **more)
                ).sort_values(keys, ignore_index=True)
                for more in ({}, FACTS)
            )
            same(by_sums, by_reports)


@examples(12)
@given(rows=cities, scope=scopes, as_of=days, since=days)
def test_counts_by_county_by_sums_are_those_of_the_reports(
    engine: Engine, rows: list[dict[str, Any]], scope: Scope, as_of: date, since: date
) -> None:
    with city_of(engine, rows) as conn:
        points = supervision_points(conn, scope=scope, as_of=as_of, since=since)
        review = self_review.review_counts(conn, scope=scope, as_of=as_of, since=since)

        for found, stmt in (
            (points, _points(scope, as_of, since)),
            (review, _review(scope, as_of, since)),
            (review, _busy(scope, as_of, since)),
        ):
            told = {row.county_code: row._mapping for row in conn.execute(stmt)}
            for row in found.to_dict("records"):
                expected = told.get(row["county_code"], {})
                for name in stmt.selected_columns.keys()[1:]:
                    assert row[name] == int(expected.get(name) or 0), (row["county_code"], name)


@examples(12)
@given(rows=cities, scope=scopes, as_of=days, known=st.none() | days)
def test_weeks_and_days_by_sums_are_those_of_the_reports(
    engine: Engine, rows: list[dict[str, Any]], scope: Scope, as_of: date, known: date | None
) -> None:
    since = THURSDAY - 3 * WEEK
    with city_of(engine, rows) as conn:
        asked = {"scope": scope, "as_of": as_of, "since": since}
        found = data_quality.weeks(conn, **asked, known_on=known)
        stmt = (
            select(report.county_code, report.week, func.count())
            .join(county, county.c.code == report.county_code)
            .where(
                scope.allows(violation_report),
                report.week.between(reporting_week(since), reporting_week(as_of)),
                report.received_on <= as_of,
                *([] if known is None else [report.received_by_us_on <= known]),
            )
            .group_by(report.county_code, county.c.ordinal, report.week)
            .order_by(county.c.ordinal, report.week)
        )
        counted = zip(found["county_code"], found["week"].dt.date, found["reports"], strict=True)
        assert list(counted) == [tuple(row) for row in conn.execute(stmt)]

        latest = conn.scalar(
            select(func.max(report.received_on)).where(
                scope.allows(violation_report), report.received_on <= as_of
            )
        )
        assert report_weeks.latest_day(conn, scope=scope, today=as_of) == latest
        assert calendar.latest_day(conn, scope=scope, today=as_of) == (latest or as_of)
        came = conn.scalar(
            select(func.max(report.received_by_us_on)).where(
                scope.allows(violation_report), report.received_by_us_on <= as_of
            )
        )
        assert arrivals.known_on(conn, scope=scope, today=as_of) == came


def _handled(as_of: date) -> Any:
    return and_(
        report.status.in_(("substantiated", "unsubstantiated")), report.verified_on <= as_of
    )


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _points(scope: Scope, as_of: date, since: date) -> Any:
    return (
        select(
            report.county_code,
            func.count().label("received"),
            _sum(_handled(as_of)).label("handled"),
        )
        .where(scope.allows(violation_report), report.received_on.between(since, as_of))
        .group_by(report.county_code)
    )


def _review(scope: Scope, as_of: date, since: date) -> Any:
    proven = and_(report.status == "substantiated", report.verified_on <= as_of)
    hidden = report.violation_type_group.in_(self_review.HIDDEN_FORMS)
    classes = report.violation_type_group.in_(self_review.OPEN_CLASSES)
    return (
        select(
            report.county_code,
            _sum(hidden).label("hidden"),
            _sum(and_(hidden, _handled(as_of))).label("hidden_handled"),
            _sum(and_(hidden, proven)).label("hidden_proven"),
            _sum(classes).label("classes"),
            _sum(and_(classes, _handled(as_of))).label("classes_handled"),
            func.count(distinct(report.channel_group)).label("channels"),
            _sum(report.channel_group == self_review.GRID).label("grid"),
        )
        .where(scope.allows(violation_report), report.received_on.between(since, as_of))
        .group_by(report.county_code)
    )


def _busy(scope: Scope, as_of: date, since: date) -> Any:
    busy = (
        select(report.county_code, report.place_name)
        .where(
            scope.allows(violation_report),
            report.received_on.between(since, as_of),
            report.place_name.is_not(None),
        )
        .group_by(report.county_code, report.place_name)
        .having(func.count() >= 2)
        .subquery()
    )
    return select(busy.c.county_code, func.count().label("busy_places")).group_by(
        busy.c.county_code
    )


@pytest.mark.parametrize(
    ("as_of", "edges", "late"),
    [
        (THURSDAY, (), ()),
        (THURSDAY - DAY, (THURSDAY,), ()),
        (THURSDAY - WEEK, (), (THURSDAY - WEEK,)),
        (THURSDAY - WEEK - DAY, (THURSDAY - WEEK,), ()),
    ],
)
def test_reports_are_asked_only_where_sums_do_not_tell(
    conn: Connection, as_of: date, edges: tuple[date, ...], late: tuple[date, ...]
) -> None:
    make.report(conn)
    make.report(
        conn, received_on=THURSDAY - WEEK, status="substantiated", verified_on=THURSDAY - WEEK + DAY
    )

    weeks = report_weeks.weeks(conn, scope=Scope.city(), as_of=as_of)

    assert (weeks.edges, weeks.late) == (edges, late)


def test_correction_moves_a_report_to_another_week_place_and_county(conn: Connection) -> None:
    number = make.report(conn, place_name="甲大厦", place_key=f"{CITY}:甲大厦")
    moved = {
        "received_on": THURSDAY - WEEK,
        "week": THURSDAY - WEEK,
        "county_code": SOUTH,
        "place_name": "乙小区",
        "place_key": f"{SOUTH}:乙小区",
    }
    conn.execute(update(violation_report).where(report.id == number).values(moved))
    summaries.rebuild(conn, {"violation_report": {THURSDAY, THURSDAY - WEEK}})

    found = violations.places(conn, scope=Scope.city(), as_of=THURSDAY)

    assert found["place_key"].tolist() == [f"{SOUTH}:乙小区"]
    assert found["latest_on"].dt.date.tolist() == [THURSDAY - WEEK]

    conn.execute(delete(violation_report))
    summaries.rebuild(conn, {"violation_report": {THURSDAY - WEEK}})
    assert violations.places(conn, scope=Scope.city(), as_of=THURSDAY).empty
