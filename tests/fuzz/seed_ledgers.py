"""Ledgers to mutate: the sample's, of every kind and file format, each as some office writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final

from data_access.ledgers.kinds import KINDS, Kind
from data_access.ledgers.workbooks import TO_DO, Workbook
from sample_data.generate import SEED, sample_records
from sample_data.habits import HABITS, Cell
from sample_data.routes import Batch, batches
from sample_data.tables import lay_out
from sample_data.units import UNITS

REPORTS: Final = 60
LEAST_ROWS, MOST_ROWS = 5, 40
OFFICES: Final = 4  # as many ways of writing each ledger
FORMATS: Final = (".xlsx", ".xls", ".csv")
Lines = list[list[Cell]]
Merge = tuple[int, int, int, int]


@dataclass(frozen=True)
class Seed:
    """A ledger as an office would send it: its sheets by name, and ranges merged in each."""

    kind: Kind | Workbook
    sheets: dict[str, Lines]
    merges: tuple[Merge, ...] = ()


@cache
def seeds() -> tuple[Seed, ...]:
    """Return some ledgers of every kind, and workbooks of what a county has to do."""
    own = [_laid_out(batch) for batch in _chosen()]
    return (*own, *_workbooks(own))


def _chosen() -> Iterator[Batch]:
    """Yield of each kind the first batches of units with habits of their own."""

    def order(batch: Batch) -> tuple[int, bool]:
        return list(KINDS).index(batch.route.kind), len(batch.rows) < LEAST_ROWS

    every = sorted(batches(sample_records(SEED, REPORTS)), key=order)
    for _, of_kind in groupby(every, key=lambda batch: batch.route.kind):
        seen: dict[str, Batch] = {}
        for batch in of_kind:
            seen.setdefault(batch.route.habit or batch.rows[0].unit, batch)
        yield from list(seen.values())[:OFFICES]


def _laid_out(batch: Batch) -> Seed:
    unit = batch.rows[0].unit
    habit = HABITS[batch.route.habit or unit]
    rows = [row for row in batch.rows if batch.route.layout != "sheets" or row.unit == unit]
    sheet = lay_out(
        batch.route.kind,
        UNITS[unit].name,
        rows[:MOST_ROWS],
        habit,
        received_on=batch.received_on,
        county_column=True,
    )
    name = UNITS[unit].name if batch.route.layout == "sheets" else "Sheet1"
    return Seed(KINDS[batch.route.kind], {name: sheet.lines}, tuple(sheet.merges))


def _workbooks(own: Sequence[Seed]) -> Iterator[Seed]:
    """Yield workbooks with one sheet a ledger, as a county sends back what it had to do."""
    first: Callable[[Kind], Lines] = lambda kind: next(  # noqa: E731
        lines for seed in own if seed.kind is kind for lines in seed.sheets.values()
    )
    yield Seed(TO_DO, {kind.title: first(kind) for kind in TO_DO.kinds})
