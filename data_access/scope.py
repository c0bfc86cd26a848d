"""Which rows a query may return."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, FromClause, and_, true


@dataclass(frozen=True, slots=True)
class Scope:
    """The counties a reader may see, and whether rows born of an unreleased plan too.

    ``counties`` is ``None`` for the whole city; empty means no rows. There is no
    default: every caller says which scope it means.
    """

    counties: frozenset[str] | None
    unreleased: bool = False

    @classmethod
    def city(cls, *, unreleased: bool = False) -> Scope:
        """Allow every county."""
        return cls(counties=None, unreleased=unreleased)

    @classmethod
    def county(cls, *codes: str) -> Scope:
        """Allow the named counties only; none named means no rows."""
        return cls(counties=frozenset(codes))

    def within(self, codes: tuple[str, ...]) -> Scope:
        """Narrow to the named counties; an empty choice narrows nothing."""
        if not codes:
            return self
        chosen = frozenset(codes)
        allowed = chosen if self.counties is None else chosen & self.counties
        return Scope(allowed, unreleased=self.unreleased)

    def released(self) -> Scope:
        """Narrow to rows that are not born of an unreleased plan: what a file may carry outside."""
        return Scope(self.counties)

    def holds(self, other: Scope) -> bool:
        """Whether whoever may read this scope may read all of the other one."""
        if other.unreleased and not self.unreleased:
            return False
        if self.counties is None:
            return True
        return other.counties is not None and other.counties <= self.counties

    @property
    def key(self) -> str:
        """One canonical text, for the keys of caches."""
        counties = "*" if self.counties is None else ",".join(sorted(self.counties))
        return f"{counties}|{'unreleased' if self.unreleased else 'released'}"

    def allows(self, table: FromClause) -> ColumnElement[bool]:
        """Return the ``WHERE`` condition that keeps a query of ``table`` in this scope.

        The table's ``county_code`` (of ``county`` itself its ``code``) is held to the
        counties; where the table marks rows born of visit plans, those of unreleased
        plans are left out unless the scope holds them.
        """
        code = table.c.county_code if "county_code" in table.c else table.c.code
        conditions: list[ColumnElement[bool]] = [true()]
        if self.counties is not None:
            conditions.append(code.in_(sorted(self.counties)))
        if "withheld" in table.c and not self.unreleased:
            conditions.append(table.c.withheld.is_(False))
        return and_(*conditions)
