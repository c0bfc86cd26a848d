"""Days added to a day, of the week and of a moment, in each database's own way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Integer, extract, func, literal_column


def days_after(conn: Connection, day: ColumnElement[Any], days: int) -> ColumnElement[Any]:
    """Return the day so many days after a day."""
    if conn.dialect.name == "sqlite":  # which keeps days as text
        return func.date(day, f"+{days} days", type_=Date())
    return (day + literal_column(str(days))).cast(Date)


def day_of(conn: Connection, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the day of a moment."""
    if conn.dialect.name == "sqlite":
        return func.date(moment, type_=Date())
    return moment.cast(Date)


def day_of_week(conn: Connection, day: ColumnElement[Any]) -> ColumnElement[int]:
    """Return which day of its reporting week a day is: 1 a Friday, 7 a Thursday."""
    if conn.dialect.name == "sqlite":
        sunday_0 = func.strftime("%w", day).cast(Integer)
    else:
        sunday_0 = extract("dow", day).cast(Integer)
    return (sunday_0 + literal_column("2")) % literal_column("7") + literal_column("1")
