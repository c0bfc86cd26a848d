"""What a meeting is worked out from is what the pages count, each by its own query."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from data_access import rectification, refund_plans, refunds, summaries
from data_access.meeting_counts import WEEKS, counts
from data_access.scope import Scope
from data_access.weekly import weekly_counts
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

ASKED: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY}


def test_each_frame_is_what_its_own_query_returns(conn: Connection) -> None:
    make.institution(conn)
    make.report(conn)
    make.report(conn, received_on=THURSDAY - timedelta(weeks=1))
    make.rectification(conn, status="closed", closed_on=THURSDAY)
    make.dispute(conn, status="resolved", resolved_on=THURSDAY, route="refund")
    make.refund_plan(conn)
    summaries.rebuild_all(conn)

    found = counts(conn, **ASKED, recent_days=30, charged_beyond={})

    assert found["relapse"].equals(rectification.relapse(conn, **ASKED))
    assert found["institutions"].equals(refunds.by_institution(conn, **ASKED, recent_days=30))
    assert found["plans"].equals(refund_plans.plans(conn, **ASKED))
    for name, subject in (
        ("reports", "violation_report"),
        ("items_opened", "rectification_opened"),
        ("items_closed", "rectification_closed"),
        ("disputes_opened", "refund_dispute_opened"),
        ("disputes_resolved", "refund_dispute_resolved"),
    ):
        assert len(found[name]) > 0
        assert found[name].equals(weekly_counts(conn, **ASKED, subject=subject, weeks=WEEKS))
    for name in ("course", "items", "disputes"):
        assert found[name]["day"].nunique() == WEEKS


def test_week_before_is_counted_up_to_the_same_weekday(conn: Connection) -> None:
    monday = date(2022, 8, 22)
    for received in (monday - timedelta(weeks=1), monday - timedelta(days=6)):
        make.report(conn, received_on=received)
        make.inspection(conn, inspected_on=received)
    summaries.rebuild_all(conn)

    found = counts(conn, scope=Scope.city(), as_of=monday, recent_days=30, charged_beyond={})

    assert found["reports_before"]["n"].tolist() == [1]
    assert found["inspections_before"]["n"].tolist() == [1]


def test_frames_keep_to_the_scope(conn: Connection) -> None:
    for code in (CITY, SOUTH):
        make.institution(conn, county_code=code)
        make.report(conn, county_code=code)
        make.dispute(conn, county_code=code)
        make.refund_plan(conn, county_code=code)
    summaries.rebuild_all(conn)

    found = counts(
        conn, scope=Scope.county(CITY), as_of=THURSDAY, recent_days=30, charged_beyond={}
    )

    assert {code for each in found.values() for code in each["county_code"]} == {CITY}
