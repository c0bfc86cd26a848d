"""Counts by reporting week over a campaign and the weeks before it, and when records begin."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import Connection, func, select

from data_access.frames import read_frame
from data_access.schema import weekly_summary
from data_access.scope import Scope
from data_access.summaries import COUNTS
from data_access.weeks import WEEK, first_day, reporting_week

SUBJECTS: Final = (
    "violation_report",
    "violation_report_verified",
    "inspection",
    "rectification_opened",
    "rectification_closed",
    "refund_dispute_opened",
    "refund_dispute_resolved",
    "institution_registered",
)


def counts(conn: Connection, *, scope: Scope, as_of: date, since: date) -> pd.DataFrame:
    """Count every subject of ``SUBJECTS`` by reporting week.

    The weeks are those that begin on ``since`` or later and are over by ``as_of``, which may be
    their Thursday itself. Weeks without a case have no row. What is counted, and what status
    and kind are, ``data_access.summaries`` says.

    Returns, by subject and week:

    ===========  ==============  ======================================================
    subject      str
    week         datetime64[s]   the Thursday that names the reporting week
    status       str             as the subject is split; '' if it is not
    kind         str             likewise
    n            int64           cases
    ===========  ==============  ======================================================
    """
    summary = weekly_summary.c
    last = as_of if reporting_week(as_of) == as_of else reporting_week(as_of) - WEEK
    first = reporting_week(since)
    if first_day(first) < since:
        first += WEEK  # it began before
    columns = (summary.subject, summary.week, summary.status, summary.kind)
    stmt = (
        select(*columns, func.sum(summary.n).label("n"))
        .where(
            scope.allows(weekly_summary),
            summary.subject.in_(SUBJECTS),
            summary.week.between(first, last),
        )
        .group_by(*columns)
        .order_by(*columns)
    )
    return read_frame(
        conn,
        stmt,
        {
            "subject": "str",
            "week": "datetime64[s]",
            "status": "str",
            "kind": "str",
            "n": "int64",
        },
    )


def records_begin(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """Say on which day the records of each subject begin, in scope and by ``as_of``.

    Registrations are kept with the institution and not one by one: their records are said to
    begin with the Thursday of the first week that has any.

    Returns ``subject`` (str) and ``began_on`` (datetime64[s]); subjects without a record are
    left out.
    """
    summary = weekly_summary.c
    # Of each subject apart: the first entry of an index, and not all that it has.
    firsts = {
        subject: select(func.min(summary.week))
        .where(
            scope.allows(weekly_summary),
            summary.subject == subject,
            summary.week <= reporting_week(as_of),
        )
        .scalar_subquery()
        for subject in sorted(SUBJECTS)
    }
    weeks = conn.execute(select(*(week.label(name) for name, week in firsts.items()))).one()
    began: list[tuple[str, date]] = []
    for subject, week in zip(firsts, weeks, strict=True):
        if week is None:
            continue
        count = COUNTS.get(subject)
        first: date | None = week
        if count is not None:
            # Within its week alone, which an index finds.
            first = conn.scalar(
                select(func.min(count.day)).where(
                    scope.allows(count.table), *count.where, count.week == week
                )
            )
        if first is not None and first <= as_of:
            began.append((subject, first))
    return pd.DataFrame(
        {
            "subject": pd.Series([subject for subject, _ in began], dtype="str"),
            "began_on": pd.Series([day for _, day in began], dtype="datetime64[s]"),
        }
    )
