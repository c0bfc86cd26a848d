"""How much of what is planted in generated cities the hotspots find, and how long that takes."""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.hotspots import DEFAULT, find
from tests.analysis.generated_cities import AS_OF, city, shuffled
from tests.analysis.hotspot_scores import Score, score

CITIES = 20
SIZES = (5_000, 100_000)
RUNS = 5


@dataclass(frozen=True)
class Findings:
    """Means over the cities; shares of cities with any hotspot where nothing was planted.

    ``by_chance``: the reports of the window dealt out anew as expected. ``quiet``: a city made
    without clusters, in which places open and are complained about as they do.
    ``seconds``: one Thursday judged; ``group_seconds``: its reports grouped by cell and week.
    """

    reports: int
    recall: float
    precision: float
    strict_precision: float
    by_chance: float
    quiet: float
    seconds: float
    group_seconds: float

    @property
    def ratio(self) -> float:
        """One Thursday judged ÷ the bare grouping."""
        return self.seconds / self.group_seconds


def measure() -> list[Findings]:
    """Judge twenty cities of each size."""
    return [_measured(size) for size in SIZES]


def _measured(size: int) -> Findings:
    scores: list[Score] = []
    by_chance: list[bool] = []
    quiet: list[bool] = []
    since = AS_OF - pd.Timedelta(weeks=DEFAULT.window) + pd.Timedelta(days=1)
    for seed in range(CITIES):
        made = city(seed, reports=size)
        found = find(made.counts, made.institutions, AS_OF)
        scores.append(score(made, found))
        chance = shuffled(made, seed, found.expected, since=since)
        by_chance.append(len(find(chance.counts, chance.institutions, AS_OF).hotspots) > 0)
        empty = city(seed, reports=size, clusters=0)
        quiet.append(len(find(empty.counts, empty.institutions, AS_OF).hotspots) > 0)
    seconds, group_seconds = _timed(size)
    return Findings(
        size,
        statistics.fmean(each.recall for each in scores),
        statistics.fmean(each.precision for each in scores),
        statistics.fmean(each.strict for each in scores),
        statistics.fmean(by_chance),
        statistics.fmean(quiet),
        seconds,
        group_seconds,
    )


def _timed(size: int) -> tuple[float, float]:
    """Return the CPU seconds of one Thursday, and of a bare grouping in the same turns."""
    made = city(0, reports=size)
    counts, reports = made.counts, made.reports
    judged, grouped = [], []
    for _ in range(RUNS):
        start = time.process_time()
        find(counts, made.institutions, AS_OF)
        judged.append(time.process_time() - start)
        start = time.process_time()
        reports.groupby(["cell", "week"]).size()
        grouped.append(time.process_time() - start)
    return statistics.median(judged), statistics.median(grouped)


def show(found: list[Findings]) -> list[str]:
    """Return one line a size."""
    return [
        f"hotspots in {CITIES} cities of {each.reports:,} reports: recall {each.recall:.3f},"
        f" point precision {each.precision:.3f} (planted reports alone"
        f" {each.strict_precision:.3f}), cities with a hotspot by chance {each.by_chance:.2f}"
        f" (rate {DEFAULT.rate}), without clusters {each.quiet:.2f};"
        f" one Thursday {each.seconds:.2f} s of CPU, ratio to a bare groupby {each.ratio:.1f}"
        for each in found
    ]


def as_json(found: list[Findings]) -> list[dict[str, Any]]:
    """Return the same figures for a program."""
    return [asdict(each) | {"ratio": each.ratio} for each in found]
