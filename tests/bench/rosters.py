"""How well source lists are held against the ledger, and how long 6,000 records take."""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.reconciliation import Certainty, propose
from tests.analysis.generated_rosters import generated

SIZES = (400, 1_950)  # institutions; the larger lists and ledger are about 6,000 records
SEEDS = 5
RUNS = 3


@dataclass(frozen=True)
class RosterCost:
    """Means over the seeds; ``records`` are lines and institutions together.

    Precision of what is certain, and the share of the proposals that are. CPU seconds.
    """

    records: int
    f1: float
    precision: float
    recall: float
    certain_precision: float
    certain_share: float
    seconds: float


def measure() -> list[RosterCost]:
    """Propose for generated lists of each size."""
    return [_measured(size) for size in SIZES]


def _measured(size: int) -> RosterCost:
    nothing = pd.DataFrame({"roster_entry_id": [], "institution_id": []}, dtype="int64")
    rows, seconds, records = [], [], []
    for seed in range(SEEDS):
        made = generated(seed, institutions=size)
        records.append(len(made.entries) + len(made.institutions))
        times = []
        for _ in range(RUNS):
            start = time.process_time()
            found = propose(made.entries, made.institutions, nothing)
            times.append(time.process_time() - start)
        seconds.append(statistics.median(times))
        is_right = found["institution_id"] == found["entry_id"].map(made.truth)
        certain = found["certainty"] == Certainty.CERTAIN
        right = int(is_right.sum())
        rows.append(
            (
                2 * right / (len(found) + len(made.truth)),
                right / len(found),
                right / len(made.truth),
                float(is_right[certain].mean()),
                float(certain.mean()),
            )
        )
    means = [statistics.fmean(column) for column in zip(*rows, strict=True)]
    return RosterCost(round(statistics.fmean(records)), *means, statistics.fmean(seconds))


def show(costs: list[RosterCost]) -> list[str]:
    """Return one line a size."""
    return [
        f"lists against the ledger, {each.records:,} records: F1 {each.f1:.3f}, precision"
        f" {each.precision:.3f}, recall {each.recall:.3f}; certain {each.certain_share:.2f} of"
        f" the proposals, precision {each.certain_precision:.4f}; {each.seconds:.2f} s of CPU"
        for each in costs
    ]


def as_json(costs: list[RosterCost]) -> list[dict[str, Any]]:
    """Return the same figures for a program."""
    return [asdict(each) for each in costs]
