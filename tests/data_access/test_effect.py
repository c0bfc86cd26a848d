"""Weekly counts of a season, and when the records of each subject begin."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from data_access import effect, summaries
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

WEEK = timedelta(days=7)
FRIDAY = THURSDAY - timedelta(days=6)
EVERYWHERE = Scope.city()


def counted(
    conn: Connection,
    scope: Scope = EVERYWHERE,
    *,
    as_of: date = THURSDAY,
    since: date = FRIDAY - WEEK,
) -> dict[tuple[str, date], int]:
    summaries.rebuild_all(conn)
    rows = effect.counts(conn, scope=scope, as_of=as_of, since=since)
    rows = rows.groupby(["subject", "week"], as_index=False)["n"].sum()
    return {(row.subject, row.week.date()): row.n for row in rows.itertuples()}


def began(conn: Connection, scope: Scope = EVERYWHERE, *, as_of: date = THURSDAY) -> dict:
    summaries.rebuild_all(conn)
    rows = effect.records_begin(conn, scope=scope, as_of=as_of)
    return {row.subject: row.began_on.date() for row in rows.itertuples()}


def test_each_subject_is_counted_in_its_own_week(conn: Connection) -> None:
    make.inspection(conn, inspected_on=FRIDAY)
    make.inspection(conn, inspected_on=FRIDAY - timedelta(days=1))
    make.report(conn, status="substantiated", received_on=FRIDAY - WEEK, verified_on=THURSDAY)
    make.dispute(
        conn, opened_on=FRIDAY - WEEK, resolved_on=THURSDAY, status="resolved", route="refund"
    )
    make.institution(conn, platform_registered_on=THURSDAY)

    assert counted(conn) == {
        ("inspection", THURSDAY): 1,
        ("inspection", THURSDAY - WEEK): 1,
        ("violation_report", THURSDAY - WEEK): 1,
        ("violation_report_verified", THURSDAY): 1,
        ("refund_dispute_opened", THURSDAY - WEEK): 1,
        ("refund_dispute_resolved", THURSDAY): 1,
        ("institution_registered", THURSDAY): 1,
    }


def test_weeks_that_are_not_over_or_had_begun_before_are_left_out(conn: Connection) -> None:
    for week in range(3):
        make.inspection(conn, inspected_on=THURSDAY - WEEK * week)
    inspection = "inspection"

    assert counted(conn, as_of=THURSDAY - timedelta(days=1)) == {(inspection, THURSDAY - WEEK): 1}
    assert counted(conn, since=FRIDAY) == {(inspection, THURSDAY): 1}
    assert counted(conn, since=FRIDAY + timedelta(days=1)) == {}


def test_counties_and_unreleased_plans_are_those_of_the_scope(conn: Connection) -> None:
    make.inspection(conn, county_code=SOUTH)
    make.inspection(conn, withheld=True, visit_stop_id=make.visit_stop(conn))

    assert counted(conn) == {("inspection", THURSDAY): 1}
    assert counted(conn, Scope.city(unreleased=True)) == {("inspection", THURSDAY): 2}
    assert counted(conn, Scope.county(CITY)) == {}
    assert counted(conn, Scope.county()) == {}


def test_records_begin_with_the_first_day_of_each_subject(conn: Connection) -> None:
    make.inspection(conn, inspected_on=FRIDAY + timedelta(days=2))
    make.inspection(conn, inspected_on=THURSDAY)
    make.rectification(conn, opened_on=FRIDAY)
    make.institution(conn, platform_registered_on=FRIDAY)

    assert began(conn) == {
        "inspection": FRIDAY + timedelta(days=2),
        "rectification_opened": FRIDAY,
        "institution_registered": THURSDAY,  # kept with the institution: of its week
    }


@pytest.mark.parametrize(("scope", "expected"), [(Scope.county(SOUTH), 3), (EVERYWHERE, 0)])
def test_records_begin_as_the_reader_may_know(
    conn: Connection, scope: Scope, expected: int
) -> None:
    make.inspection(conn, inspected_on=FRIDAY)
    make.inspection(conn, inspected_on=FRIDAY + timedelta(days=3), county_code=SOUTH)

    assert began(conn, scope) == {"inspection": FRIDAY + timedelta(days=expected)}


def test_what_begins_after_the_day_has_not_begun(conn: Connection) -> None:
    make.inspection(conn, inspected_on=THURSDAY)

    assert began(conn, as_of=THURSDAY - timedelta(days=1)) == {}
    assert began(conn, Scope.county()) == {}
