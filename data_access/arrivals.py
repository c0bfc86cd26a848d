"""How late rows come in: what happened in a week, by the days that passed before it reached us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Column, ColumnElement, Connection, Executable, func, select, union_all

from data_access import report_weeks
from data_access.frames import read_frame
from data_access.schema import (
    inspection,
    rectification,
    rectification_spell,
    refund_dispute,
    report_week_summary,
    violation_report,
)
from data_access.scope import Scope
from data_access.weeks import WEEK, first_day, reporting_week


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is counted: the scoped table, its day and the week of it, and whatever is joined."""

    table: Any
    day: Column[Any]
    week: Column[Any]
    joined: tuple[ColumnElement[bool], ...] = ()


# By the names of ``data_access.summaries``. An item is counted once, where it was registered: that
# it was opened again is told by the step, which has its own day of arrival.
_SUBJECTS: Final = {
    "violation_report": _Subject(
        violation_report, violation_report.c.received_on, violation_report.c.week
    ),
    "inspection": _Subject(inspection, inspection.c.inspected_on, inspection.c.week),
    "rectification_opened": _Subject(
        rectification,
        rectification_spell.c.opened_on,
        rectification_spell.c.opened_week,
        (
            rectification_spell.c.rectification_id == rectification.c.id,
            rectification_spell.c.spell_no == 1,
        ),
    ),
    "refund_dispute_opened": _Subject(
        refund_dispute, refund_dispute.c.opened_on, refund_dispute.c.week
    ),
}
SUBJECTS: Final = tuple(_SUBJECTS)


def delays(
    conn: Connection, *, scope: Scope, as_of_known: date, subject: str, weeks: int = 26
) -> pd.DataFrame:
    """Count what happened in the last ``weeks`` reporting weeks by how late it reached us.

    Counted is what had reached us by ``as_of_known``; the last week is that of this day, and what
    the system made itself, such as results of visits, is left out: it is never late. ``subject``
    is one of :data:`SUBJECTS`.

    Returns one row per week and delay that has a row, by both:

    ==========  =============  =============================================================
    week        datetime64[s]  the Thursday that names the week in which it happened
    delay_days  int64          days from this Thursday to the day it reached us; 0 in time
    n           int64          rows, count
    ==========  =============  =============================================================

    Raises:
        KeyError: there is no such subject.
    """
    counted = _SUBJECTS[subject]
    table = counted.table
    last = reporting_week(as_of_known)
    first = last - WEEK * (weeks - 1)
    stmt = (
        select(
            counted.week.label("week"),
            table.c.received_by_us_on.label("received_on"),
            func.count().label("n"),
        )
        .where(
            scope.allows(table),
            *counted.joined,
            counted.week.between(first, last),
            counted.day <= as_of_known,
            table.c.received_by_us_on <= as_of_known,
            table.c.first_batch_id.is_not(None),
        )
        .group_by(counted.week, table.c.received_by_us_on)
    )
    asked: Executable = stmt
    if table is violation_report:
        whole = report_weeks.weeks(conn, scope=scope, as_of=as_of_known, since=first_day(first))
        summary = report_week_summary.c
        summed_up = (
            select(
                summary.week,
                summary.received_by_us_on.label("received_on"),
                func.sum(summary.n).label("n"),
            )
            .where(
                *whole.whole(report_week_summary),
                summary.received_by_us_on <= as_of_known,
                summary.batch_id != 0,
            )
            .group_by(summary.week, summary.received_by_us_on)
        )
        of_edges = stmt.where(counted.week.in_(whole.edges))
        asked = union_all(summed_up, of_edges) if whole.edges else summed_up
    dtypes = {"week": "datetime64[s]", "received_on": "datetime64[s]", "n": "int64"}
    found = read_frame(conn, asked, dtypes)
    # No two databases subtract days in one way.
    late = (found["received_on"] - found["week"]).dt.days.clip(lower=0).astype("int64")
    by = found.assign(delay_days=late).groupby(["week", "delay_days"], as_index=False)
    return by.agg(n=("n", "sum"))


def known_on(conn: Connection, *, scope: Scope, today: date) -> date | None:
    """Return the last day, by ``today``, on which anything counted here reached us."""
    days = []
    for counted in _SUBJECTS.values():
        table = report_week_summary if counted.table is violation_report else counted.table
        came = table.c.received_by_us_on
        days.append(conn.scalar(select(func.max(came)).where(scope.allows(table), came <= today)))
    return max((day for day in days if day is not None), default=None)
