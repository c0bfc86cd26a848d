"""Frozen weeks: what was reported at their meetings, and what has come in since.

``data_access.freezing`` writes them, of released rows alone; the database refuses to change them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    and_,
    case,
    cast,
    distinct,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from data_access.corrections import DAYS, FIGURE_COLUMNS, NUMBERED, VALUES, VERIFIED
from data_access.day_math import day_of
from data_access.frames import read_frame
from data_access.schema import (
    compliance_check,
    county,
    fee_charge,
    import_batch,
    inspection,
    institution,
    rectification,
    rectification_event,
    refund_dispute,
    refund_plan,
    report_week_summary,
    row_change,
    verification,
    violation_report,
    weekly_snapshot,
    weekly_snapshot_history,
)
from data_access.scope import Scope
from data_access.weeks import first_day


def weeks(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """List the frozen weeks, the newest first.

    ==========  =============  =============================================================
    week        datetime64[s]  the Thursday that names it
    frozen_at   datetime64[s]  when its figures were frozen
    counties    int64          counties in scope that it has figures of
    replaced    int64          how often it had been frozen before
    reason      str            why it was frozen again; NaN where it was not
    ==========  =============  =============================================================
    """
    before = weekly_snapshot_history
    latest = (
        select(
            before.c.week,
            func.max(before.c.frozen_at).label("frozen_at"),
            func.count(distinct(before.c.frozen_at)).label("times"),
        )
        .where(scope.allows(before))
        .group_by(before.c.week)
        .subquery()
    )
    reason = (
        select(func.max(before.c.reason))
        .where(
            scope.allows(before),
            before.c.week == latest.c.week,
            before.c.frozen_at == latest.c.frozen_at,
        )
        .scalar_subquery()
    )
    stmt = (
        select(
            weekly_snapshot.c.week,
            func.max(weekly_snapshot.c.frozen_at).label("frozen_at"),
            func.count(distinct(weekly_snapshot.c.county_code)).label("counties"),
            func.coalesce(func.max(latest.c.times), 0).label("replaced"),
            func.max(reason).label("reason"),
        )
        .outerjoin(latest, latest.c.week == weekly_snapshot.c.week)
        .where(scope.allows(weekly_snapshot))
        .group_by(weekly_snapshot.c.week)
        .order_by(weekly_snapshot.c.week.desc())
    )
    return read_frame(
        conn,
        stmt,
        {
            "week": "datetime64[s]",
            "frozen_at": "datetime64[s]",
            "counties": "int64",
            "replaced": "int64",
            "reason": "str",
        },
    )


def figures(conn: Connection, *, scope: Scope, week_from: date, week_to: date) -> pd.DataFrame:
    """Return the frozen figures of the weeks from one to another, both included.

    By week, county in the order of the city's documents, and indicator:

    ===========  =============  ============================================================
    week         datetime64[s]  the Thursday that names it
    county_code  str            reporting unit
    indicator    str            code of ``analysis.week_figures.Figure``
    numerator    float64        a count, or yuan
    denominator  float64        of a share; NaN where the figure is a count
    ===========  =============  ============================================================
    """
    names = ("week", "county_code", "indicator", "numerator", "denominator")
    stmt = (
        select(*(weekly_snapshot.c[name] for name in names))
        .join(county, county.c.code == weekly_snapshot.c.county_code)
        .where(scope.allows(weekly_snapshot), weekly_snapshot.c.week.between(week_from, week_to))
        .order_by(weekly_snapshot.c.week, county.c.ordinal, weekly_snapshot.c.indicator)
    )
    return read_frame(
        conn,
        stmt,
        {
            "week": "datetime64[s]",
            "county_code": "str",
            "indicator": "str",
            "numerator": "float64",
            "denominator": "float64",
        },
    )


@dataclass(frozen=True, slots=True)
class _Fact:
    """A table that figures of a week are counted from, and the day on which a row happened."""

    table: Table
    day: Column[Any]


_FACTS: Final = (
    _Fact(institution, institution.c.found_on),
    _Fact(verification, verification.c.verified_on),
    _Fact(violation_report, violation_report.c.received_on),
    _Fact(inspection, inspection.c.inspected_on),
    _Fact(rectification, rectification.c.opened_on),
    _Fact(rectification_event, rectification_event.c.happened_on),
    _Fact(refund_dispute, refund_dispute.c.opened_on),
    _Fact(fee_charge, fee_charge.c.charged_on),
    _Fact(compliance_check, compliance_check.c.checked_on),
)
_PLANS: Final = _Fact(refund_plan, refund_plan.c.opened_on)
_CHANGES: Final = {
    "table": "str",
    "county_code": "str",
    "kind": "str",
    "in_week": "bool",
    "batch_id": "Int64",
    "file_name": "str",
    "by": "str",
    "received_on": "datetime64[s]",
    "rows": "int64",
}


def changes(
    conn: Connection, *, scope: Scope, week: date, with_files: bool = False
) -> pd.DataFrame:
    """Count what has come in since ``week`` was frozen and concerns it, file by file.

    Since is told by the numbers that batches and changes had at the freeze, not by days: a file
    may be said to have been received on any day. Of corrections only those count that figures
    are counted from (``data_access.corrections``): a day moved into the week or before it or out
    of there, or another value of a row whose day is not after the week. An item that is closed
    after the week corrects nothing of it.

    Leaders and counties read these counts, and no value is among them. A change counts with the
    row that it is of, which the scope must allow: nothing is told of rows born of a plan that
    is not released. On PostgreSQL the policies of ``row_change`` say the same again: of the columns
    counted here, and of no other, for rows that the reader may read. A row that moved to
    another county counts in the new one. Who reads no files is not told their names: they are
    known only ``with_files``.

    Returns nothing for a week that is not frozen, else by table, county and file:

    ===========  =============  ==============================================================
    table        str            name of the table of facts, or refund_plan
    county_code  str            reporting unit
    kind         str            late: rows that first came after the freeze; filled: a cell that
                                had been empty; correction: another value; released: results of
                                a visit plan that was released since; recorded: put on record by
                                an account after the freeze
    in_week      bool           of the week itself; else of the time before it
    batch_id     Int64          number of the file; NA for what an account changed
    file_name    str            NaN where the reader may not see the file, or was not asked for
    by           str            who sent it or changed it; NaN as of the file, and of released
    received_on  datetime64[s]  day on which it came or was changed
    rows         int64          rows of the table, count
    ===========  =============  ==============================================================
    """
    marks = conn.execute(
        select(
            func.max(weekly_snapshot.c.last_batch_id),
            func.max(weekly_snapshot.c.last_change_id),
            func.max(weekly_snapshot.c.frozen_at),
        ).where(scope.allows(weekly_snapshot), weekly_snapshot.c.week == week)
    ).one()
    if marks[0] is None or marks[1] is None:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _CHANGES.items()})
    arms = [_late(fact, scope, week, after=marks[0]) for fact in _FACTS]
    arms += [
        _corrected(fact, scope, week, after=marks[1])
        for fact in (*_FACTS, _PLANS)
        if fact.table.name in FIGURE_COLUMNS
    ]
    arms.append(_plans_recorded(conn, scope, week, after=marks[2]))
    found = union_all(*arms).subquery()
    stmt = (
        select(
            *(found.c[name] for name in ("table", "county_code", "kind", "in_week", "batch_id")),
            import_batch.c.file_name,
            func.coalesce(import_batch.c.imported_by, found.c.email).label("by"),
            found.c.received_on,
            found.c.rows,
        )
        .outerjoin(
            import_batch,
            and_(
                import_batch.c.id == found.c.batch_id,
                scope.allows(import_batch),
                true() if with_files else false(),
            ),
        )
        .join(county, county.c.code == found.c.county_code)
        .order_by(
            *(found.c.table, county.c.ordinal, found.c.kind, found.c.received_on),
            *(found.c.batch_id, found.c.email, found.c.in_week),
        )
    )
    return read_frame(conn, stmt, _CHANGES)


def _late(fact: _Fact, scope: Scope, week: date, *, after: int) -> Select[Any]:
    table = fact.table
    if table is violation_report:
        return _late_reports(scope, week, after=after)
    in_week = _in_week(fact.day, week)
    conditions = [scope.allows(table), fact.day <= week, table.c.first_batch_id > after]
    if table is rectification_event:
        item = rectification.alias("item")
        is_shown = select(item.c.id).where(
            item.c.id == table.c.rectification_id, scope.allows(item)
        )
        # What was only inferred from the item comes with it, and is no row that was sent.
        conditions += [is_shown.exists(), table.c.inferred.is_(False)]
    return (
        select(
            literal(table.name).label("table"),
            table.c.county_code,
            literal("late").label("kind"),
            in_week.label("in_week"),
            table.c.first_batch_id.label("batch_id"),
            cast(null(), String).label("email"),
            func.max(table.c.received_by_us_on).label("received_on"),
            func.count().label("rows"),
        )
        .where(*conditions)
        .group_by(table.c.county_code, table.c.first_batch_id, in_week)
    )


def _late_reports(scope: Scope, week: date, *, after: int) -> Select[Any]:
    summary = report_week_summary.c
    in_week = summary.week == week
    return (
        select(
            literal(violation_report.name).label("table"),
            summary.county_code,
            literal("late").label("kind"),
            in_week.label("in_week"),
            summary.batch_id,
            cast(null(), String).label("email"),
            func.max(summary.received_by_us_on).label("received_on"),
            func.sum(summary.n).label("rows"),
        )
        .where(scope.allows(report_week_summary), summary.week <= week, summary.batch_id > after)
        .group_by(summary.county_code, summary.batch_id, in_week)
    )


def _plans_recorded(conn: Connection, scope: Scope, week: date, *, after: datetime) -> Select[Any]:
    """Count the plans for refunds that no file brings, by their own moment."""
    in_week = _in_week(_PLANS.day, week)
    plan = refund_plan.c
    return (
        select(
            literal(refund_plan.name).label("table"),
            plan.county_code,
            literal("recorded").label("kind"),
            in_week.label("in_week"),
            cast(null(), Integer).label("batch_id"),
            plan.created_by.label("email"),
            day_of(conn, func.max(plan.created_at)).label("received_on"),
            func.count().label("rows"),
        )
        .where(scope.allows(refund_plan), _PLANS.day <= week, plan.created_at > after)
        .group_by(plan.county_code, plan.created_by, in_week)
    )


def _corrected(fact: _Fact, scope: Scope, week: date, *, after: int) -> Select[Any]:
    table, change = fact.table, row_change.c
    number = NUMBERED.get(table.name)
    is_its = (
        table.c[number] == change.row_key
        if number
        # Only there is the key a number, and nothing says in which order conditions are asked.
        else table.c.id == case((change.table_name == table.name, cast(change.row_key, BigInteger)))
    )
    happened = fact.day <= week
    if table is violation_report:
        # A state counts by the day of verification, and is corrected once it had been verified.
        happened = case(
            (
                change.column_name == "status",
                and_(table.c.verified_on <= week, change.old_value.in_(VERIFIED)),
            ),
            else_=happened,
        )
    is_day = change.column_name.in_(DAYS[table.name])
    in_week = case(
        (is_day, or_(*(_said_in_week(value, week) for value in _VALUES_OF_CHANGE))),
        else_=_in_week(fact.day, week),
    )
    kind = case(
        (change.column_name == "withheld", "released"),
        (change.old_value.is_(None), "filled"),
        else_="correction",
    )
    email = case((change.column_name != "withheld", change.email))
    return (
        select(
            literal(table.name).label("table"),
            table.c.county_code,
            kind.label("kind"),
            in_week.label("in_week"),
            change.batch_id,
            email.label("email"),
            func.max(change.changed_on).label("received_on"),
            func.count(distinct(change.row_key)).label("rows"),
        )
        .select_from(row_change)
        .join(table, is_its)
        .where(
            scope.allows(table),
            scope.allows(row_change),
            change.table_name == table.name,
            change.id > after,
            or_(
                and_(is_day, or_(*(value <= week.isoformat() for value in _VALUES_OF_CHANGE))),
                and_(change.column_name.in_(VALUES[table.name]), happened),
            ),
        )
        .group_by(table.c.county_code, kind, in_week, change.batch_id, email)
    )


# Days as text, year first: their order is that of the days.
_VALUES_OF_CHANGE: Final = (row_change.c.old_value, row_change.c.new_value)


def _in_week(day: Column[Any], week: date) -> ColumnElement[bool]:
    return day >= first_day(week)


def _said_in_week(value: Column[Any], week: date) -> ColumnElement[bool]:
    inside = value.between(first_day(week).isoformat(), week.isoformat())
    return func.coalesce(inside, false())
