"""Every page says the same of who has its 一企一策 and who has none."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from analysis import refund_plans as judgement
from analysis import week_figures
from analysis.briefing_sections import _watch_grid
from analysis.week_figures import Figure
from data_access import refunds, summaries
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, THURSDAY
from ui import meeting, refund_plans, self_review

DAY = timedelta(days=1)
NAME = "示例欠费"


def unplanned(conn: Connection) -> dict[str, int]:
    """Return how many institutions without a plan each page tells of."""
    asked: dict[str, Any] = {"scope": Scope.county(CITY), "as_of": THURSDAY}
    known = meeting.now_known(conn, **asked, for_briefing=True)
    counts = meeting.meeting_counts.counts(conn, **asked, **week_figures.limits())
    figures = week_figures.week_figures(counts, as_of=THURSDAY)
    reported = figures.loc[figures["indicator"] == Figure.WATCH_LIST_UNPLANNED, "numerator"]
    assert known.watch_list is not None
    grid = _watch_grid(known.watch_list)
    listed = refunds.by_institution(conn, **asked, recent_days=30)
    said = judgement.sentence(refund_plans.watched(conn, listed, **asked))
    tasks = self_review._tasks(self_review._known(conn, asked["scope"], THURSDAY), THURSDAY)
    return {
        "sums": known.watched.unplanned,
        "frozen": int(reported.sum()),
        "briefing": sum(row[-1] == "没有" for row in grid.rows) if grid else 0,
        "page": int(said.endswith("1 家还没有方案。")),
        "to do": int(tasks["is_pressing"].sum()),
    }


@pytest.mark.parametrize(
    ("reported", "plan", "lacking", "is_linked"),
    [
        (None, None, 1, True),
        (True, None, 0, True),
        (False, {"opened_on": THURSDAY}, 0, True),
        (False, {"opened_on": THURSDAY + DAY}, 1, True),
        (False, {"closed_on": THURSDAY + DAY}, 0, True),
        (False, {"closed_on": THURSDAY}, 1, True),
        (False, {}, 0, False),
    ],
)
def test_pages_agree_on_who_has_no_plan(
    conn: Connection,
    reported: bool | None,
    plan: dict[str, date] | None,
    lacking: int,
    is_linked: bool,
) -> None:
    whose: dict[str, Any] = {"institution_name": NAME}
    if is_linked:
        whose["institution_id"] = make.institution(conn, name=NAME)
    make.dispute(conn, **whose, amount_yuan=100_000.0, plan_in_place=reported)
    if plan is not None:
        make.refund_plan(conn, **whose, **plan)
    summaries.rebuild_all(conn)

    assert set(unplanned(conn).values()) == {lacking}
