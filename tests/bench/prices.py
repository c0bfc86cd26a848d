"""How many of the raised prices in generated cities are found, and how long that takes."""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass
from typing import Any

from analysis.prices import suspected_rises
from tests.analysis.generated_prices import AS_OF, Decoys, city

CITIES = 10
JUMPS = 30


@dataclass(frozen=True)
class PricesFound:
    """Means over the cities: ``precision`` and ``worst`` of the ``JUMPS`` highest.

    ``flags`` are suspected in a city, ``by_chance`` of them expected by chance; in cities without
    jumps and decoys ``quiet_flags`` and ``quiet_by_chance``. ``seconds`` of CPU to judge one.
    """

    prices: int
    precision: float
    worst: float
    recall: float
    flags: float
    by_chance: float
    quiet_flags: float
    quiet_by_chance: float
    seconds: float


def measure() -> PricesFound:
    """Judge the cities."""
    rows, quiet, sizes = [], [], []
    for seed in range(CITIES):
        made = city(seed, jumps=JUMPS)
        start = time.process_time()
        found = suspected_rises(made.prices, as_of=AS_OF)
        seconds = time.process_time() - start
        suspected = found.suspected
        sizes.append(len(made.prices))
        rows.append(
            (
                made.precision(suspected, JUMPS),
                made.recall(suspected, len(suspected)),
                float(len(suspected)),
                found.by_chance,
                seconds,
            )
        )
        empty = suspected_rises(city(seed, jumps=0, decoys=Decoys(*[0] * 10)).prices, as_of=AS_OF)
        quiet.append((float(len(empty.suspected)), empty.by_chance))
    precision, recall, flags, chance, seconds = (
        statistics.fmean(column) for column in zip(*rows, strict=True)
    )
    quiet_flags, quiet_chance = (statistics.fmean(column) for column in zip(*quiet, strict=True))
    return PricesFound(
        *(round(statistics.fmean(sizes)), precision, min(row[0] for row in rows), recall),
        *(flags, chance, quiet_flags, quiet_chance, seconds),
    )


def show(found: PricesFound | None) -> list[str]:
    """Return one line."""
    if found is None:
        return []
    return [
        f"prices, {CITIES} cities of {found.prices:,} with {JUMPS} jumps: precision of the"
        f" {JUMPS} highest {found.precision:.3f} (worst {found.worst:.2f}), recall"
        f" {found.recall:.3f} in {found.flags:.0f} flags, {found.by_chance:.1f} expected by chance;"
        f" without jumps and decoys {found.quiet_flags:.1f} flags, expected"
        f" {found.quiet_by_chance:.1f}; {found.seconds:.2f} s of CPU a city"
    ]


def as_json(found: PricesFound | None) -> dict[str, Any]:
    """Return the same figures for a program."""
    return {} if found is None else asdict(found)
