"""What the shared filters begin with: the day to count as of, and the counties."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, Connection, Select, func, select

from data_access import report_weeks
from data_access.reference import counties
from data_access.schema import (
    compliance_check,
    inspection,
    institution,
    rectification,
    refund_dispute,
)
from data_access.scope import Scope

_DAYS = (
    rectification.c.opened_on,
    refund_dispute.c.opened_on,
    inspection.c.inspected_on,
    compliance_check.c.checked_on,
)


def latest_day(conn: Connection, *, scope: Scope, today: date) -> date:
    """Return the latest day on which anything in scope was received, opened or inspected.

    Where there is nothing of the kind, the latest day on which an institution was found;
    never after ``today``, and ``today`` for an empty database.
    """
    days = [day for column in _DAYS if (day := conn.scalar(_latest(column, scope, today)))]
    received = report_weeks.latest_day(conn, scope=scope, today=today)
    days += [received] if received else []
    if not days:
        found = conn.scalar(_latest(institution.c.found_on, scope, today))
        days = [found] if found else []
    return max(days, default=today)


def choices(conn: Connection, *, scope: Scope, today: date) -> tuple[date, dict[str, str]]:
    """Return what the shared filters begin with: :func:`latest_day`, and counties by code."""
    units = counties(conn, scope=scope)
    return (
        latest_day(conn, scope=scope, today=today),
        {unit.code: unit.name for unit in units},
    )


def _latest(column: Column[date], scope: Scope, today: date) -> Select[date]:
    return select(func.max(column)).where(scope.allows(column.table), column <= today)
