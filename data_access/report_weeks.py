"""Which reporting weeks the sums of reports answer whole, and which the reports themselves must.

A sum holds all reports of a week. It is right for a time that begins or ends within the week, or
for a day before the last verdict, only where no report lies beyond: that its days tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    func,
    literal_column,
    select,
    union_all,
)

from data_access.corrections import VERIFIED
from data_access.schema import (
    report_conclusion_summary,
    report_week_summary,
    violation_report,
)
from data_access.scope import Scope
from data_access.weeks import WEEK, reporting_week


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks of a time that has reports in a scope.

    ``first`` and ``last`` are the first and the last; ``edges`` those with reports before or after
    the time, ``late`` the others with a verdict after the day, the last of them in
    ``verdicts_until``.
    """

    scope: Scope
    since: date | None
    until: date
    as_of: date
    first: date
    last: date
    edges: tuple[date, ...]
    late: tuple[date, ...]
    verdicts_until: date

    def whole(self, table: FromClause, *, but: tuple[date, ...] = ()) -> list[ColumnElement[bool]]:
        """Keep the rows of a summary of the weeks that are whole, and of none of ``but``."""
        conditions = [self.scope.allows(table), table.c.week.between(self.first, self.last)]
        left_out = {*self.edges, *but}
        if left_out:
            conditions.append(table.c.week.not_in(sorted(left_out)))
        return conditions

    def at_edges(self) -> list[ColumnElement[bool]]:
        """Keep the reports of the time in the weeks that it begins and ends within."""
        return [violation_report.c.week.in_(self.edges), *self.received()]

    def received(self) -> list[ColumnElement[bool]]:
        """Keep the reports of the time."""
        report = violation_report.c
        conditions = [self.scope.allows(violation_report), report.received_on <= self.until]
        if self.since is not None:
            conditions.append(report.received_on >= self.since)
        return conditions

    def verified_later(self) -> tuple[ColumnElement[int], list[ColumnElement[bool]]]:
        """Return the number of reports of whole weeks whose verdict came after the day.

        Second come the rows of ``report_conclusion_summary`` over which it is a sum.
        """
        summary, week = report_conclusion_summary.c, reporting_week(self.as_of)
        after = range(WEEK.days - (week - self.as_of).days + 1, WEEK.days + 1)
        zero: ColumnElement[int] = literal_column("0", Integer)
        in_week = sum((summary[f"verified_{day}"] for day in after), zero)
        n = func.sum(case((summary.verified_week > week, summary.n), else_=in_week))
        return n, [
            self.scope.allows(report_conclusion_summary),
            summary.week.in_(self.late),
            summary.verified_week.between(week, self.verdicts_until),
        ]


def weeks(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date | None = None,
    until: date | None = None,
) -> Weeks:
    """Look up the weeks from ``since`` to ``until``, or to ``as_of`` where that is earlier."""
    last = min(until or as_of, as_of)
    week = report_week_summary.c
    conditions = [scope.allows(report_week_summary), week.week <= reporting_week(last)]
    if since is not None:
        conditions.append(week.week >= reporting_week(since))
    stmt = (
        select(
            week.week,
            func.min(week.first_on),
            func.max(week.last_on),
            func.max(week.last_verified_on),
        )
        .where(*conditions)
        .group_by(week.week)
        .order_by(week.week)
    )
    rows = conn.execute(stmt).all()
    edges = tuple(row[0] for row in rows if row[2] > last or (since is not None and row[1] < since))
    late = [row for row in rows if row[0] not in edges and row[3] is not None and row[3] > as_of]
    return Weeks(
        scope=scope,
        since=since,
        until=last,
        as_of=as_of,
        first=rows[0][0] if rows else reporting_week(last) + WEEK,
        last=reporting_week(last),
        edges=edges,
        late=tuple(row[0] for row in late),
        verdicts_until=reporting_week(max((row[3] for row in late), default=as_of)),
    )


def verdict_by(as_of: date) -> ColumnElement[bool]:
    """Whether a report was verified by the day; a verdict without a day is none."""
    report = violation_report.c
    return and_(report.status.in_(VERIFIED), report.verified_on <= as_of)


def received_and_verified(weeks: Weeks) -> Select[Any]:
    """Count reports, and those verified by the day: ``county_code``, ``received``, ``handled``."""
    summary, report = report_week_summary.c, violation_report.c
    arms = [
        select(
            summary.county_code,
            func.sum(summary.n).label("received"),
            func.sum(summary.verified).label("handled"),
        )
        .where(*weeks.whole(report_week_summary))
        .group_by(summary.county_code)
    ]
    if weeks.edges:
        arms.append(
            select(
                report.county_code,
                func.count(),
                func.count(case((verdict_by(weeks.as_of), 1))),
            )
            .where(*weeks.at_edges())
            .group_by(report.county_code)
        )
    if weeks.late:
        later, rows = weeks.verified_later()
        of_county = report_conclusion_summary.c.county_code
        arms.append(select(of_county, literal_column("0"), -later).where(*rows).group_by(of_county))
    both = union_all(*arms).subquery()
    return select(
        both.c.county_code,
        func.sum(both.c.received).label("received"),
        func.sum(both.c.handled).label("handled"),
    ).group_by(both.c.county_code)


def latest_day(conn: Connection, *, scope: Scope, today: date) -> date | None:
    """Return the last day, by ``today``, on which a report was received."""
    week, report = report_week_summary.c, violation_report.c
    mine = scope.allows(report_week_summary)
    last_week = conn.scalar(select(func.max(week.week)).where(mine, week.first_on <= today))
    if last_week is None:
        return None
    stmt = select(func.max(week.last_on), func.max(case((week.last_on <= today, week.last_on))))
    last, known = conn.execute(stmt.where(mine, week.week == last_week)).one()
    if last <= today:
        found: date = known
        return found
    stmt = select(func.max(report.received_on)).where(
        scope.allows(violation_report), report.week == last_week, report.received_on <= today
    )
    earlier: date | None = conn.scalar(stmt)
    return earlier
