"""What rules of data quality are made of: limits, rules, ledgers, and rows as they are or were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, false, func, select, true

from data_access import schema
from data_access.as_known import as_known, changed_after
from data_access.categories import of_categories
from data_access.scope import Scope

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Limits:
    """From where a row is wrong. Days are whole days, and a row is wrong after them.

    ``open_report`` how long a report may wait for its conclusion, ``idle_item`` an item that is
    overdue for its next step, ``pending_check`` a check for its outcome; ``same_phone`` is how
    many institutions of one county under one number are too many.
    """

    open_report_days: int
    idle_item_days: int
    pending_check_days: int
    same_phone: int


class Rule(NamedTuple):
    """Which rows a rule looks at, and which of these are wrong."""

    code: str
    looks_at: Condition
    is_wrong: Condition

    @property
    def finds(self) -> Condition:
        """Return which rows of the ledger the rule finds."""
        return and_(self.looks_at, self.is_wrong)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of one table, with what rules want to know of each.

    ``rows`` has the table's columns and ``values``, by their dtypes; ``number`` and ``name`` are
    what people call a row by. ``looked_at`` are the rows that rules look at which no SQL judges.
    """

    table: Table
    rows: FromClause
    number: ColumnElement[Any]
    name: ColumnElement[Any]
    values: Mapping[str, str]
    rules: tuple[Rule, ...]
    looked_at: Mapping[str, Condition] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What is known within a scope, as it stands now or as it was known on a day.

    ``day`` is the day by which something is late, ``known_on`` the one as on which rows are taken;
    ``None`` takes them as they are. ``only`` narrows tables, by their names, to some of their rows.
    """

    conn: Connection
    scope: Scope
    day: date
    categories: tuple[str, ...]
    known_on: date | None
    only: Mapping[str, Condition] = field(default_factory=dict)

    def rows(self, table: Table) -> FromClause:
        """Return the rows of a table, every column of them."""
        only = self.only.get(table.name, true())
        if self.known_on is None:
            return select(table).where(self.scope.allows(table), only).subquery(table.name)
        return as_known(
            self.conn,
            table,
            scope=self.scope,
            day=self.known_on,
            changed=self._changed,
            only=only,
        )

    @cached_property
    def _changed(self) -> frozenset[str]:
        return changed_after(self.conn, scope=self.scope, day=self.known_on or self.day)

    def before(self, days: int) -> date:
        """Return the first day of which less than or just ``days`` days have gone by."""
        return self.day - timedelta(days=days)

    def of_categories(self, table: Table, rows: FromClause) -> Condition:
        """Keep the rows of institutions of the categories; none named keeps every row.

        What concerns no institution is of no category.
        """
        if not self.categories:
            return true()
        if table is schema.institution:
            return rows.c.category.in_(self.categories)
        if "institution_id" not in rows.c:
            return false()
        return of_categories(rows, self.categories, scope=self.scope)


def knows_its_institution(code: str, rows: FromClause) -> Rule:
    """Return the rule that finds a row whose institution is named and not known."""
    return Rule(code, rows.c.institution_name.is_not(None), rows.c.institution_id.is_(None))


def is_blank(text: ColumnElement[Any]) -> Condition:
    """Whether nothing but blanks stands in a text, or nothing at all."""
    return func.trim(func.coalesce(text, "")) == ""
