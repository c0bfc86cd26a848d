"""What reports add to an institution or a place from one Thursday to the next; see `evidence`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    case,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from data_access.corrections import VERIFIED
from data_access.frames import read_frame
from data_access.known import HISTORY
from data_access.report_unit_summaries import INSTITUTION, OF_ONE, PLACE, VERDICT_WEEK
from data_access.report_units import of_whole_weeks
from data_access.report_weeks import weeks
from data_access.report_weighing import REPORTS, SUMS, UNIT, Weighing, reports_of
from data_access.schema import report_unit_summary, report_verdict_summary, violation_report
from data_access.schema.unit_summaries import WEEKDAYS
from data_access.scope import Scope
from data_access.weeks import first_day, reporting_week, thursdays

_report: Final = violation_report.c
_KEYS: Final = {"known_on": "datetime64[s]", **dict.fromkeys(UNIT, "object")}
_ADDED: Final = {
    **_KEYS,
    **dict.fromkeys(("reports", "proven", "concluded"), "int64"),
    **dict.fromkeys(("n_worth", "proven_worth", "untrue_worth"), "float64"),
    **dict.fromkeys(("verified_on", "found_on"), "datetime64[s]"),
}


def reports_by_week(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date | None = None,
    days: Sequence[date],
    half_life_days: float,
) -> pd.DataFrame:
    """Return what the reports from ``since`` to the day add to each unit by each of the ``days``.

    ``days`` are Thursdays. The columns of ``reports`` in :func:`reports_and_places`, several rows
    a unit: those of a Thursday (``known_on``) and of the ones before added up say what was known
    on it; the first has all that came before. A report is among the open ones from the Thursday
    of its week on, and taken from them, by a negative number, on that of its verdict. What it
    weighs is told as of ``known_on``. ``proven_on`` and ``open_on`` are missing.

    Rows of verdicts, which go on after the last of the ``days`` to the end of the week of
    ``as_of``, have ``verified_on`` and ``found_on``: the first day of a verdict, and of one that a
    report is true.

    Raises:
        ValueError: one of the days is not a Thursday.
    """
    if any(reporting_week(day) != day for day in days):
        raise ValueError("sums by week tell what was known on a Thursday")
    if not days:
        return pd.DataFrame(columns=list(REPORTS)).astype(REPORTS)
    first, origin, base = since or as_of - HISTORY, min(days), max(days)
    asked = weeks(conn, scope=scope, as_of=origin, since=first)
    settled = of_whole_weeks(asked, half_life_days).subquery().c
    stmt = select(*(settled[name] for name in (*UNIT, *SUMS)))
    dtypes = {name: (REPORTS | _KEYS)[name] for name in (*UNIT, *SUMS)}
    before = read_frame(conn, stmt, dtypes).assign(known_on=pd.Timestamp(origin))
    known = (*asked.edges, *asked.late)
    apart = [week for week in thursdays(first, as_of) if week > origin or week in known]
    if not apart:
        return reports_of(before.sort_values([*_KEYS], ignore_index=True))
    arms = _by_week(scope, apart, (first, as_of), (origin, base), half_life_days)
    after = read_frame(conn, union_all(*arms), _ADDED)
    factor = 2.0 ** ((pd.Timestamp(base) - after["known_on"]).dt.days / half_life_days)
    proven, untrue, worth = (after[f"{name}_worth"] * factor for name in ("proven", "untrue", "n"))
    after = after.assign(
        open=after["reports"] - after["concluded"],
        proven_worth=proven,
        open_worth=worth - proven - untrue,
    )
    found = pd.concat([before, after], ignore_index=True)
    order = [*_KEYS, "reports", "proven", "open"]
    return reports_of(found.sort_values(order, ignore_index=True))


def _by_week(
    scope: Scope,
    apart: list[date],
    time: tuple[date, date],
    known_by: tuple[date, date],
    half_life_days: float,
) -> list[Select[Any]]:
    """Count what came in and what was verified in the weeks ``apart``.

    Of the week that the time begins within only the days that are in it, by their own counts.
    """
    (since, until), (origin, base) = time, known_by
    partly = [week for week in apart if first_day(week) < since]
    arms = []
    for number, (weeks_, days) in enumerate(
        (
            ([week for week in apart if week not in partly], WEEKDAYS),
            (partly, range((since - first_day(reporting_week(since))).days + 1, 8)),
        )
    ):
        if weeks_:
            weighing = Weighing(weeks_, days, base, half_life_days, f"asked_{number}")
            arms += [
                _received(scope, weighing, origin, base),
                _concluded(scope, weighing, origin, until),
            ]
    if partly:
        arms.append(_concluded_of_first_week(scope, since, origin, until))
    return arms


def _received(scope: Scope, each: Weighing, origin: date, until: date) -> Select[Any]:
    """Count what was received."""
    table, of = report_unit_summary, report_unit_summary.c
    known_on = _not_before(origin, of.week)
    keys = (known_on.label("known_on"), *(of[name] for name in UNIT))
    return (
        select(
            *keys,
            func.sum(of.n if each.is_whole else each.counted(table, "n")).label("reports"),
            literal_column("0").label("proven"),
            literal_column("0").label("concluded"),
            func.sum(each.weighed(table, "n")).label("n_worth"),
            literal_column("0.0").label("proven_worth"),
            literal_column("0.0").label("untrue_worth"),
            null().cast(Date).label("verified_on"),
            null().cast(Date).label("found_on"),
        )
        .join(each.week, each.week.c.week == of.week)
        .where(scope.allows(table), of.week <= until)
        .group_by(known_on, *keys[1:])
    )


def _concluded(scope: Scope, each: Weighing, origin: date, until: date) -> Select[Any]:
    """Count what was verified, by the week of the verdict."""
    table, of = report_verdict_summary, report_verdict_summary.c
    keys = (_not_before(origin, of.verified_week), *(of[name] for name in UNIT))
    counts: tuple[ColumnElement[Any], ...] = (of.proven, of.n)
    days: tuple[ColumnElement[Any], ...] = (of.verified_on, of.found_on)
    if not each.is_whole:  # which of its days had the verdict the sum does not say
        proven, untrue = (each.counted(table, kind) for kind in ("proven", "untrue"))
        counts, days = (proven, proven + untrue), (null().cast(Date), null().cast(Date))
    return (
        select(
            *keys,
            literal_column("0"),
            *(func.sum(count) for count in counts),
            literal_column("0.0"),
            *(func.sum(each.weighed(table, kind)) for kind in ("proven", "untrue")),
            *(func.min(day) for day in days),
        )
        .join(each.week, each.week.c.week == of.week)
        .where(scope.allows(table))
        .group_by(*keys)
        # As a condition of its rows SQLite would first look through the table for all ten years,
        # to know (in a Bloom filter) which weeks have any.
        .having(func.min(of.verified_week) <= reporting_week(until))
    )


def _not_before(origin: date, week: ColumnElement[date]) -> ColumnElement[date]:
    first = literal_column(f"'{origin}'", Date())  # written out: it is in GROUP BY
    return case((week > first, week), else_=first)


def _concluded_of_first_week(scope: Scope, since: date, origin: date, until: date) -> Select[Any]:
    """Tell the days of late verdicts on the week that the time begins within: no sum has them."""
    keys, week = (VERDICT_WEEK, INSTITUTION, PLACE), reporting_week(since)
    not_before = origin if week <= origin else date.min
    nothing: list[ColumnElement[Any]] = [
        literal_column(zero) for zero in ("0", "0", "0", "0.0", "0.0", "0.0")
    ]
    return (
        select(
            *keys,
            *nothing,
            func.min(_report.verified_on),
            func.min(case((_report.status == "substantiated", _report.verified_on))),
        )
        .where(
            scope.allows(violation_report),
            _report.week == week,
            _report.received_on >= since,
            _report.status.in_(VERIFIED),
            _report.verified_week > not_before,
            _report.verified_week <= reporting_week(until),
            OF_ONE,
        )
        .group_by(*keys)
    )
