"""Frozen weeks are judged as the overview judges, and what nobody froze is unknown."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, Engine

from analysis import frozen, overview
from analysis.indicators import Indicator
from analysis.refunds import Watched, watch_list
from analysis.week_figures import limits
from data_access import reference, snapshots, summaries
from data_access.freezing import freeze
from data_access.meeting_counts import counts
from data_access.scope import Scope
from data_access.weeks import last_weeks
from tests import factories as make
from tests.factories import CITY, NEW_AREA, SOUTH, THURSDAY

WEEK = timedelta(weeks=1)
SEASON = last_weeks(THURSDAY, 13)
BEGAN = SEASON[0] - 10 * WEEK
ASKED: dict[str, Any] = {"week_from": SEASON[0], "week_to": THURSDAY}


def a_city(conn: Connection) -> None:
    """Something of everything happens in every second week or third."""
    for number, week in enumerate(SEASON):
        county = (CITY, SOUTH, NEW_AREA)[number % 3]
        monday = week - timedelta(days=3)
        make.institution(
            conn,
            county_code=county,
            found_on=BEGAN,
            qualified_on=week - timedelta(days=9),
            platform_registered_on=None if number % 2 else monday,
        )
        for day in (week, *([monday, monday] if number % 3 else [])):
            make.report(
                conn,
                county_code=county,
                received_on=day,
                status="substantiated" if number % 2 else "unsubstantiated",
                verified_on=day + timedelta(days=4),
            )
            make.inspection(conn, county_code=SOUTH, inspected_on=day)
        make.rectification(
            conn,
            county_code=county,
            place_name="角宿大厦",
            opened_on=monday - WEEK,
            due_on=week,
            status="closed" if number % 2 else "in_progress",
            closed_on=week + timedelta(days=1) if number % 2 else None,
        )
        make.report(
            conn,
            county_code=county,
            place_name="角宿大厦",
            received_on=week + 2 * WEEK,
            status="substantiated" if number % 3 else "unsubstantiated",
            verified_on=week + 2 * WEEK,
        )
        make.dispute(
            conn,
            county_code=SOUTH,
            opened_on=monday,
            students=12,
            amount_yuan=1_234.56,
            resolved_on=week if number % 4 == 3 else None,
            status="resolved" if number % 4 == 3 else "open",
            plan_in_place=False if number % 2 else None,
        )
    summaries.rebuild_all(conn)


@pytest.fixture(scope="module")
def season(engine: Engine) -> Iterator[Connection]:
    """A city whose thirteen weeks were all frozen, and nothing has changed since."""
    with engine.connect() as conn:
        a_city(conn)
        for week in SEASON:
            freeze(conn, week, by=None)
        yield conn
        conn.rollback()


def history(conn: Connection, scope: Scope | None = None) -> pd.DataFrame:
    return snapshots.figures(conn, scope=scope or Scope.city(), **ASKED)


def without(found: pd.DataFrame, *weeks: date) -> pd.DataFrame:
    """What is there where nobody froze these weeks."""
    return found[~found["week"].isin(pd.to_datetime(list(weeks)))]


def counted(conn: Connection, scope: Scope | None = None) -> dict[str, pd.DataFrame]:
    asked = {"scope": scope or Scope.city(), "as_of": THURSDAY, **limits()}
    return counts(conn, **asked)


def known(conn: Connection, scope: Scope | None = None) -> overview.Figures:
    found = counted(conn, scope)
    names = overview.Counted.__slots__
    return overview.figures(overview.Counted(**{name: found[name] for name in names}), SEASON)


def parts(indicator: Indicator) -> list[Any]:
    return [
        *(indicator.value, indicator.change, indicator.numerator, indicator.denominator),
        *indicator.course,
        -1 if indicator.worse is None else indicator.worse,
    ]


@pytest.mark.parametrize(
    "scope",
    [Scope.city(), Scope.county(SOUTH), Scope.county(CITY, NEW_AREA), Scope.county("450226")],
    ids=["city", "one county", "two", "one without a row"],
)
def test_figures_of_frozen_weeks_are_those_of_the_overview(
    season: Connection, scope: Scope
) -> None:
    then, now = frozen.figures(history(season, scope), SEASON), known(season, scope)

    for each in dataclasses.fields(overview.Figures):
        one, other = getattr(then, each.name), getattr(now, each.name)
        if isinstance(one, Indicator):
            assert parts(one) == pytest.approx(parts(other), nan_ok=True), each.name
        else:
            assert one == pytest.approx(other), each.name
    assert then.is_empty == now.is_empty == (scope == Scope.county("450226"))


def test_the_city_of_these_tests_has_something_to_compare(season: Connection) -> None:
    now = known(season)

    for indicator in (now.open_items, now.overdue_items, now.open_disputes, now.reports):
        assert len(set(indicator.course)) > 2
    assert now.coverage.change > 0
    assert now.verified > 0


def test_week_that_nobody_froze_is_unknown_and_so_is_the_change_after_it(
    season: Connection,
) -> None:
    found = frozen.figures(without(history(season), SEASON[-2], SEASON[4]), SEASON)

    for indicator in (
        *(found.coverage, found.qualified_share, found.open_items, found.overdue_items),
        *(found.open_disputes, found.reports, found.inspections),
    ):
        assert [math.isnan(value) for value in indicator.course] == [
            place in (4, 11) for place in range(13)
        ]
    for indicator in (
        *(found.coverage, found.open_items, found.open_disputes),
        *(found.reports, found.inspections),
    ):
        assert math.isnan(indicator.change)
        assert not indicator.worse


def test_first_week_that_was_frozen_has_no_change(season: Connection) -> None:
    found = frozen.figures(without(history(season), *SEASON[:-1]), SEASON)

    assert found.coverage.value == known(season).coverage.value
    assert math.isnan(found.coverage.change)
    assert math.isnan(found.overdue_items.change)
    assert found.overdue_items.worse is None


def test_watch_list_is_read_back_in_its_sums(season: Connection) -> None:
    known = counted(season)
    expected = Watched.of(watch_list(known["institutions"], known["plans"]))

    assert expected.institutions == expected.unplanned == 1
    assert frozen.watched(history(season), THURSDAY) == expected
    assert frozen.watched(history(season, Scope.county(CITY)), THURSDAY) == Watched(0, 0, 0, 0.0)


def test_relapse_is_read_back_county_by_county(season: Connection) -> None:
    units = reference.counties(season, scope=Scope.city())
    frame = pd.DataFrame(
        [(unit.code, unit.name) for unit in units], columns=["county_code", "county"]
    )

    found = frozen.relapse(history(season), THURSDAY, frame)

    expected = counted(season)["relapse"]
    assert 0 < expected["relapsed"].sum() < expected["closed_before"].sum()
    assert_frame_equal(found, expected, check_dtype=False)


def test_flow_is_that_of_the_weeks_and_unknown_where_nobody_froze(season: Connection) -> None:
    rows = counted(season)

    found = frozen.flow(without(history(season), SEASON[1]), SEASON)

    assert found["week"].dt.date.tolist() == SEASON
    for column, name in (("opened", "disputes_opened"), ("resolved", "disputes_resolved")):
        sums = rows[name].groupby("week")["n"].sum().reindex(found["week"], fill_value=0)
        expected = [math.nan if at == 1 else float(n) for at, n in enumerate(sums)]
        assert found[column].tolist() == pytest.approx(expected, nan_ok=True)


def test_county_that_was_not_frozen_counts_with_nobody(season: Connection) -> None:
    found = history(season)
    less = found[found["county_code"] != SOUTH]

    assert frozen.figures(less, SEASON).open_disputes.value == 0
    assert frozen.figures(found, SEASON).open_disputes.value > 0
