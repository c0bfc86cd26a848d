"""The condition by which a ledger is narrowed to categories of institution."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, select, true

from data_access.schema import institution
from data_access.scope import Scope


def of_categories(
    table: FromClause, categories: tuple[str, ...], *, scope: Scope
) -> ColumnElement[bool]:
    """Return the condition that keeps rows of ``table`` whose institution is of the categories.

    No category named keeps every row. A row that is not linked to an institution yet is of
    no known category: it counts only when none is named.
    """
    if not categories:
        return true()
    known = select(institution.c.id).where(
        scope.allows(institution), institution.c.category.in_(categories)
    )
    return table.c.institution_id.in_(known)
