"""Days added to a day, in each database's own way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, func, literal_column


def days_after(conn: Connection, day: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """Return the day so many days after a day."""
    if conn.dialect.name == "sqlite":  # which keeps days as text
        return func.date(day, f"+{days} days", type_=Date())
    return (day + literal_column(str(days))).cast(Date)
