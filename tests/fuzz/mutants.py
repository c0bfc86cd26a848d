"""Mutated ledgers, the same for the same seed and number."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from data_access.ledgers.importing import Crs
from data_access.ledgers.kinds import Kind
from data_access.ledgers.workbooks import Workbook
from tests.fuzz import mutated_files, mutated_rows
from tests.fuzz.seed_ledgers import FORMATS, seeds
from tests.hostile import FILE_NAMES


@dataclass(frozen=True)
class Mutant:
    """A file as it is sent: by which county if any, in which frame of reference."""

    kind: Kind | Workbook
    file_name: str
    data: bytes
    county: str | None
    crs: Crs
    done: tuple[str, ...]


def mutant(seed: int, number: int) -> Mutant:
    """Return one mutated ledger. Kinds and formats take turns; the rest is by chance."""
    chance = Random(f"{seed}/{number}")  # noqa: S311  the same every time
    every = seeds()
    ledger = every[number % len(every)]
    ending = FORMATS[(number // len(every)) % len(FORMATS)]
    if isinstance(ledger.kind, Workbook):
        ending = ".xlsx" if ending == ".csv" else ending
    sheets = mutated_rows.mutate(chance, ledger.sheets)
    data = mutated_files.write(chance, ending, sheets, ledger.merges)
    data, done = mutated_files.mutate(chance, ending, data)
    name = chance.choice(FILE_NAMES).rsplit(".", 1)[0] if chance.random() < 0.1 else "台账"
    if chance.random() < 0.03:
        ending = chance.choice((*FORMATS, ".txt", ""))
    return Mutant(
        ledger.kind,
        name + ending,
        data,
        chance.choice((None, None, "450205", "450225")),
        chance.choice(("wgs84", "gcj02", "bd09")),
        tuple(done),
    )
