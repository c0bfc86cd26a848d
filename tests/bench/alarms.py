"""How many outbreaks the weekly alarms find, and how often they are raised without one."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analysis import alarms

Floats = npt.NDArray[np.float64]

COUNTIES: Final = (0.5, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 15)  # cases a week
INSTITUTIONS: Final = 1_000
DISPERSION: Final = 0.2  # the variance is m + 0.2 m²
YEARS: Final = 40
OUTBREAKS: Final = (4, 8, 16)  # cases more in one week
SEED: Final = 20220825


@dataclass(frozen=True)
class AlarmScore:
    """What alarms do on one kind of series, all of them together.

    ``by_rule`` are false alarms a year of single rules, ``false_a_year`` of what is shown,
    ``told_a_year`` what the page would say of them. ``found`` is the share of outbreaks found in
    their week, by cases more.
    """

    name: str
    series: int
    by_rule: dict[str, float]
    false_a_year: float
    told_a_year: float
    found: dict[int, float]
    seconds: float


def measure() -> list[AlarmScore]:
    """Judge generated series of counties and of institutions."""
    random = np.random.default_rng(SEED)
    levels = random.gamma(0.5, 0.2, INSTITUTIONS)
    return [
        _measured("counties", np.array(COUNTIES), random),
        _measured("institutions", levels, random),
    ]


def _measured(name: str, levels: Floats, random: np.random.Generator) -> AlarmScore:
    years = YEARS if len(levels) < INSTITUTIONS else 5
    blocks = [_counts(levels, random) for _ in range(years)]
    passed, told, seconds = [], [], []
    found: dict[int, list[float]] = {size: [] for size in OUTBREAKS}
    for counts in blocks:
        start = time.process_time()
        bounds = alarms.bounds(counts)
        told.append(alarms.false_alarms_a_year(counts))
        seconds.append(time.process_time() - start)
        tail = slice(alarms.NB_WEEKS, None)
        passed.append([(counts > bound)[tail] for bound in bounds.values()])
        for size in OUTBREAKS:
            above = sum(((counts + size) > bound)[tail].astype(int) for bound in bounds.values())
            found[size].append(float((above >= alarms.LEAST_RULES).mean()))
    raised = np.array(passed)  # year × rule × week × series
    agree = raised.sum(axis=1) >= alarms.LEAST_RULES
    return AlarmScore(
        name,
        len(levels),
        {rule: float(raised[:, at].sum() / years) for at, rule in enumerate(alarms.RULES)},
        float(agree.sum() / years),
        float(np.mean(told)),
        {size: float(np.mean(shares)) for size, shares in found.items()},
        float(np.median(seconds)),
    )


def _counts(levels: Floats, random: np.random.Generator) -> Floats:
    size = 1 / DISPERSION
    shape = (alarms.WEEKS, len(levels))
    counts: Floats = random.negative_binomial(size, size / (size + levels), shape).astype("float64")
    return counts


def show(scores: list[AlarmScore]) -> list[str]:
    """Return the lines that tell of the scores."""
    return [
        f"alarms, {each.series:,} {each.name}: outbreaks found in their week "
        + ", ".join(f"+{size}: {share:.2f}" for size, share in each.found.items())
        + f"; false alarms a year {each.false_a_year:.1f} ({each.told_a_year:.1f} told), a series"
        f" {each.false_a_year / each.series:.2f}; of one rule alone "
        + ", ".join(f"{rule} {rate:.1f}" for rule, rate in each.by_rule.items())
        + f"; {each.seconds:.2f} s of CPU"
        for each in scores
    ]


def as_json(scores: list[AlarmScore]) -> list[dict[str, Any]]:
    """Return the same figures for a program."""
    return [asdict(each) for each in scores]
