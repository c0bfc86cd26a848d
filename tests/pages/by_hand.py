"""The figures of a day, counted from the rows of an SQLite file in plain Python.

Written from the definitions, apart from the queries that the pages use: days are compared as
the texts that SQLite holds, and whether an item is open is told by its events.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

Row = sqlite3.Row
WEEKS = 13


@dataclass(frozen=True)
class Ledgers:
    """Rows of five ledgers; ``of`` narrows them."""

    institutions: list[Row]
    items: list[Row]
    disputes: list[Row]
    reports: list[Row]
    inspections: list[Row]
    events: dict[int, list[Row]]
    categories: dict[int, str]

    @classmethod
    def read(cls, path: Path) -> Ledgers:
        with closing(sqlite3.connect(path)) as db:
            db.row_factory = sqlite3.Row

            def rows(table: str) -> list[Row]:
                return db.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()  # noqa: S608

            institutions = rows("institution")
            events: dict[int, list[Row]] = {}
            for event in rows("rectification_event"):
                events.setdefault(event["rectification_id"], []).append(event)
            return cls(
                institutions,
                rows("rectification"),
                rows("refund_dispute"),
                rows("violation_report"),
                rows("inspection"),
                events,
                {each["id"]: each["category"] for each in institutions},
            )

    def of(
        self, county: str | None = None, category: str | None = None, *, withheld: bool = False
    ) -> Ledgers:
        """Keep the rows of a county and category; those of unreleased plans if ``withheld``."""

        def kept(rows: list[Row]) -> list[Row]:
            return [
                row
                for row in rows
                if county in (None, row["county_code"])
                and (category is None or self.categories.get(row["institution_id"]) == category)
                and (withheld or "withheld" not in row.keys() or not row["withheld"])  # noqa: SIM118
            ]

        return Ledgers(
            [
                row
                for row in self.institutions
                if county in (None, row["county_code"]) and category in (None, row["category"])
            ],
            kept(self.items),
            kept(self.disputes),
            kept(self.reports),
            kept(self.inspections),
            self.events,
            self.categories,
        )

    def coverage(self, day: str) -> tuple[int, int]:
        """Registered, and in operation."""
        operating = list(self._in_operation(day))
        return sum(_by(day, row["platform_registered_on"]) for row in operating), len(operating)

    def qualified_coverage(self, day: str) -> tuple[int, int]:
        """Registered and qualified, and qualified."""
        qualified = [row for row in self._in_operation(day) if _by(day, row["qualified_on"])]
        return sum(_by(day, row["platform_registered_on"]) for row in qualified), len(qualified)

    def funnel(self, day: str, verified: set[int]) -> list[int]:
        """Found, verified, qualified, registered; ``verified`` have all seven items."""
        operating = list(self._in_operation(day))
        return [
            len(operating),
            sum(row["id"] in verified for row in operating),
            sum(_by(day, row["qualified_on"]) for row in operating),
            sum(_by(day, row["platform_registered_on"]) for row in operating),
        ]

    def unregistered(self, day: str) -> list[Row]:
        """Institutions in operation that the platform does not hold."""
        return [
            row for row in self._in_operation(day) if not _by(day, row["platform_registered_on"])
        ]

    def _in_operation(self, day: str) -> Iterator[Row]:
        for row in self.institutions:
            is_there = _by(day, row["found_on"]) and not _by(day, row["deregistered_on"])
            if is_there and row["category"] != "subject":
                yield row

    def supervised(self, day: str) -> tuple[int, int]:
        """Institutions in custody or with a deposit, and all in operation, subject ones too."""
        there = [
            row
            for row in self.institutions
            if row["found_on"] <= day and not _by(day, row["deregistered_on"])
        ]
        return sum(row["fee_supervision"] in ("escrow", "deposit") for row in there), len(there)

    def open_findings(self, day: str, since: str) -> int:
        """Open items that checks of the campaign left."""
        return sum(
            row["ledger_no"].startswith("XT-ZX-") and row["opened_on"] >= since
            for row in self.open_items(day)
        )

    def open_items(self, day: str) -> list[Row]:
        """Items whose last opening or closing by the day is an opening."""
        return [row for row in self.items if self._is_open(row["id"], day)]

    def _is_open(self, item: int, day: str) -> bool:
        happened: dict[str, str] = {}
        for event in self.events.get(item, []):
            if event["happened_on"] <= day:
                step = event["step"]
                happened[step] = max(happened.get(step, ""), event["happened_on"])
        opened = max(happened.get("register", ""), happened.get("reopen", ""))
        return opened > happened.get("close", "")

    def overdue_items(self, day: str) -> int:
        return sum(row["due_on"] < day for row in self.open_items(day))

    def open_disputes(self, day: str) -> list[Row]:
        return [
            row
            for row in self.disputes
            if _by(day, row["opened_on"]) and not _by(day, row["resolved_on"])
        ]

    def disputed_yuan(self, day: str) -> float:
        return sum(row["amount_yuan"] for row in self.open_disputes(day))

    def reports_of_week(self, day: str) -> int:
        return sum(_in_week(row["received_on"], day) for row in self.reports)

    def verified_of_week(self, day: str) -> tuple[int, int]:
        """Substantiated, and verified either way."""
        states = [row["status"] for row in self.reports if _in_week(row["verified_on"], day)]
        true, false = states.count("substantiated"), states.count("unsubstantiated")
        return true, true + false

    def inspections_of_week(self, day: str) -> list[Row]:
        return [row for row in self.inspections if _in_week(row["inspected_on"], day)]


def _by(day: str, happened: str | None) -> bool:
    return happened is not None and happened <= day


def _in_week(happened: str | None, day: str) -> bool:
    """Whether it happened from the last Friday to the day."""
    return happened is not None and friday_before(day) <= happened <= day


def friday_before(day: str) -> str:
    """Return the first day of the reporting week, the day itself on a Friday."""
    each = date.fromisoformat(day)
    while each.weekday() != 4:
        each -= timedelta(days=1)
    return each.isoformat()


def weeks_back(day: str, weeks: int = 1) -> str:
    return (date.fromisoformat(day) - timedelta(weeks=weeks)).isoformat()


def same_weekday(day: str) -> list[str]:
    """Return this weekday of the last thirteen weeks, oldest first."""
    return [weeks_back(day, back) for back in reversed(range(WEEKS))]


def ends_of_weeks(day: str) -> list[str]:
    """Return the Thursdays of the last weeks, and the day for the week under way."""
    friday = date.fromisoformat(friday_before(day))
    thursdays = [friday - timedelta(days=1 + 7 * back) for back in reversed(range(WEEKS - 1))]
    return [*(each.isoformat() for each in thursdays), day]
