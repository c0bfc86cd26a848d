"""Counts by reporting week of the institutions of a category."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from data_access.scope import Scope
from data_access.weekly import weekly_counts
from tests import factories as make
from tests.factories import THURSDAY

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
FIRST_FRIDAY = THURSDAY - WEEK - 6 * DAY
ASKED: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY - DAY, "weeks": 2}


@pytest.mark.parametrize(
    ("subject", "column"),
    [("violation_report", "received_on"), ("violation_report_verified", "verified_on")],
)
def test_weeks_of_a_category_are_whole_to_the_day(
    conn: Connection, subject: str, column: str
) -> None:
    arts, sports = (make.institution(conn, category=each) for each in ("arts", "sports"))
    true = {"status": "substantiated", "received_on": FIRST_FRIDAY - WEEK}
    for day in (FIRST_FRIDAY - DAY, FIRST_FRIDAY, THURSDAY - WEEK, THURSDAY - DAY, THURSDAY):
        make.report(conn, **{**true, "verified_on": THURSDAY, column: day}, institution_id=arts)
    make.report(
        conn, **{**true, "verified_on": THURSDAY, column: FIRST_FRIDAY}, institution_id=sports
    )

    found = weekly_counts(conn, **ASKED, categories=("arts",), subject=subject)

    weeks = found["week"].dt.date.tolist()
    assert list(zip(weeks, found["n"], strict=True)) == [(THURSDAY - WEEK, 2), (THURSDAY, 1)]
    assert weekly_counts(conn, **ASKED, categories=("online",), subject=subject).empty
