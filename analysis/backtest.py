"""Was the choosing any good: what the points would have said, held against what was found.

From one Thursday after another (an *origin*) the units are scored with what was known by that
day alone, and then held against what came to light in the days after it (the *horizon*): at
which of those that were looked at was a violation found, or a report verified as true. Looked
at: inspected (a closed door shows nothing), or a report on it verified either way. Of the
others nobody knows, and so they are left out: history is selective, what it says of the points
holds for the kind of place that was looked at, and a place that was looked at more often had
more chances to be found at. The places drawn by lot correct that.

Compared are the first places by points, by number of reports so far, and by lot, as many as
are really visited in a week (the median of distinct units inspected). A fitted model is only
held against the points (`analysis.backtest_model`); it sets none of them. Columns that keep no
history (``fee_supervision``, ``students``, ``operating_status`` besides deregistration, the
licence) are used as they are now, and facts are tied to the institution that they are tied to
now; both flatter the past a little.

A *way* is one of `WAYS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.backtest_model import fitted_scores
from analysis.backtest_windows import (
    REPORTS,
    SCORE,
    WEEK,
    look_back,
    origins,
    weekly_capacity,
)
from analysis.evidence import Evidence
from analysis.risk_weights import Weights, weights

HORIZONS: Final = (14, 28)
RANDOM: Final = "random"
WAYS: Final = (SCORE, REPORTS, RANDOM)
DRAWS: Final = 400
RESAMPLES: Final = 2_000
SEED: Final = 20220825
INTERVAL: Final = (2.5, 97.5)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval; NaN where there is nothing to work it out from."""

    value: float
    low: float
    high: float


UNKNOWN: Final = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Way:
    """How one way of choosing did, over all origins.

    ``precision`` is the share of hits among the first places, ``lift`` that share as a
    multiple of what the lot gives, ``earlier`` how many days before they were really found
    the hits would have been visited, on average, ``within`` the lift among the places of
    the same inspectors.
    """

    visits: int
    hits: float
    precision: Estimate
    lift: Estimate
    earlier: Estimate
    within: Estimate


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a fitted model did on the later windows, beside the points on the same ones.

    ``difference`` is its precision less that of the points.
    """

    origins: int
    precision: float
    points: float
    difference: Estimate

    @property
    def is_better(self) -> bool:
        """Whether the whole interval of the difference is above nothing."""
        return self.difference.low > 0


@dataclass(frozen=True, slots=True)
class Result:
    """What came out.

    ``course`` has one row per origin and way: ``origin`` (datetime64[s]), ``way`` (str),
    ``visits`` (int64), ``hits`` (float64) and ``precision`` (float64, 0 to 1); for the lot
    what is to be expected. ``looked_at`` and ``found`` are units over all origins,
    ``against_reports`` is the precision of the points less that of the number of reports.
    """

    horizon: int
    capacity: int
    origins: tuple[date, ...]
    looked_at: int
    found: int
    ways: dict[str, Way]
    against_reports: Estimate
    fitted: Fitted | None
    course: pd.DataFrame


def run(
    evidence: Evidence, as_of: date, *, horizon: int, given: Weights | None = None
) -> Result | None:
    """Look back from each Thursday; ``None`` where history is too short to say anything.

    ``evidence`` is that of ``as_of``, read by the Thursdays of ``origins``. The first origin has
    six weeks of inspections behind it, the last one a whole horizon before it; at most the last
    26 are used.
    """
    weighed = given or weights()
    windows = [
        look_back(evidence, origin, horizon, weighed)
        for origin in origins(evidence.inspections, as_of, horizon)
    ]
    return judge(windows, capacity=weekly_capacity(evidence), horizon=horizon)


def judge(windows: Sequence[pd.DataFrame], *, capacity: int, horizon: int) -> Result | None:
    """Compare the ways over the windows of `backtest_windows.look_back`, oldest first.

    Windows in which nothing was found tell no way from another and are left out; ``None``
    where none is left, or nobody inspects.
    """
    windows = [window for window in windows if window["is_hit"].any()]
    if not capacity or not windows:
        return None
    rng = np.random.default_rng(SEED)
    # Equals are put in order by lot, for every way the same.
    lots = [rng.random(len(window)) for window in windows]
    ranks = {
        way: [_ranks(window[way], lot) for window, lot in zip(windows, lots, strict=True)]
        for way in (SCORE, REPORTS)
    }
    expected = np.array([_expected(window, capacity) for window in windows])
    visits = np.array([min(capacity, len(window)) for window in windows])
    found = {way: _hits(windows, ranks[way], capacity) for way in ranks}
    again = _resampled(len(windows), horizon, rng)
    ways = {
        way: Way(
            visits=int(visits.sum()),
            hits=float(found[way].sum()),
            precision=_ratio(found[way], visits, again),
            lift=_ratio(found[way], expected, again),
            earlier=_ratio(*_earlier(windows, ranks[way], capacity, horizon), again),
            within=_ratio(*_within(windows, ranks[way], capacity), again),
        )
        for way in ranks
    }
    ways[RANDOM] = _random(windows, capacity, horizon, rng)
    start = [window["origin"].iloc[0] for window in windows]
    course = pd.concat(
        [
            pd.DataFrame(
                {
                    "origin": pd.Series(start, dtype="datetime64[s]"),
                    "way": pd.Series([way] * len(windows), dtype="str"),
                    "visits": visits,
                    "hits": np.asarray(hits, dtype="float64"),
                    "precision": hits / visits,
                }
            )
            for way, hits in (*found.items(), (RANDOM, expected))
        ],
        ignore_index=True,
    )
    return Result(
        horizon=horizon,
        capacity=capacity,
        origins=tuple(each.date() for each in start),
        looked_at=sum(map(len, windows)),
        found=sum(int(window["is_hit"].sum()) for window in windows),
        ways=ways,
        against_reports=_ratio(found[SCORE] - found[REPORTS], visits, again),
        fitted=_fitted(windows, lots, capacity, horizon, rng),
        course=course,
    )


def _ranks(values: pd.Series, lots: Floats) -> npt.NDArray[np.int64]:
    """Return the rank of each row, 0 for the highest value."""
    order = np.lexsort((lots, -values.to_numpy(dtype="float64")))
    ranks = np.empty(len(order), dtype="int64")
    ranks[order] = np.arange(len(order))
    return ranks


def _hits(
    windows: Sequence[pd.DataFrame], ranks: Sequence[npt.NDArray[np.int64]], capacity: int
) -> Floats:
    pairs = zip(windows, ranks, strict=True)
    return np.array([float(window["is_hit"][rank < capacity].sum()) for window, rank in pairs])


def _expected(window: pd.DataFrame, capacity: int) -> float:
    return min(capacity, len(window)) * float(window["is_hit"].mean())


def _earlier(
    windows: Sequence[pd.DataFrame],
    ranks: Sequence[npt.NDArray[np.int64]],
    capacity: int,
    horizon: int,
) -> tuple[Floats, Floats]:
    """Return, for each window, the days won in all and the number of hits.

    Places are visited in the order of their ranks, as many a day as the capacity gives. A
    hit whose turn comes after the horizon is found when it was, and a day late counts as a
    day lost.
    """
    won, number = [], []
    for window, rank in zip(windows, ranks, strict=True):
        is_hit = window["is_hit"].to_numpy()
        found = window["found_after"].to_numpy()[is_hit]
        visited = np.floor(rank[is_hit] * 7 / capacity) + 1
        won.append(float(np.where(visited <= horizon, found - visited, 0).sum()))
        number.append(float(is_hit.sum()))
    return np.array(won), np.array(number)


def _within(
    windows: Sequence[pd.DataFrame], ranks: Sequence[npt.NDArray[np.int64]], capacity: int
) -> tuple[Floats, Floats]:
    """Return, for each window, hits and expected hits where equals inspected.

    Of the places that the same officers inspected, the first ones by rank: the share that
    the capacity is of all places, at least one and not all.
    """
    got, expected = [], []
    for window, rank in zip(windows, ranks, strict=True):
        share = min(1.0, capacity / len(window))
        rows = window.assign(rank=rank)[window["officers"].notna()].sort_values("rank")
        of_group = rows.groupby("officers")["is_hit"]
        size, hits = of_group.transform("size"), of_group.transform("sum")
        first = np.clip(np.round(share * size), 1, np.maximum(size - 1, 1))
        is_compared = (size > 1).to_numpy()
        is_first = (of_group.cumcount() < first).to_numpy() & is_compared
        got.append(float(rows["is_hit"].to_numpy()[is_first].sum()))
        expected.append(float((hits / size).to_numpy()[is_first].sum()))
    return np.array(got), np.array(expected)


def _random(
    windows: Sequence[pd.DataFrame], capacity: int, horizon: int, rng: np.random.Generator
) -> Way:
    """Draw the places by lot many times; the intervals are those of the draws."""
    visits = sum(min(capacity, len(window)) for window in windows)
    hits, won, found = np.zeros(DRAWS), np.zeros(DRAWS), 0.0
    for window in windows:
        ranks = rng.permuted(np.tile(np.arange(len(window)), (DRAWS, 1)), axis=1)
        is_hit = window["is_hit"].to_numpy()
        hits += ((ranks < capacity) & is_hit).sum(axis=1)
        visited = np.floor(ranks[:, is_hit] * 7 / capacity) + 1
        after = window["found_after"].to_numpy()[is_hit]
        won += np.where(visited <= horizon, after - visited, 0).sum(axis=1)
        found += float(is_hit.sum())
    expected = sum(_expected(window, capacity) for window in windows)
    return Way(
        visits=visits,
        hits=expected,
        precision=_of_draws(hits / visits, expected / visits),
        lift=_of_draws(hits / expected, 1.0),
        earlier=_of_draws(won / found, float((won / found).mean())),
        within=Estimate(1.0, np.nan, np.nan),
    )


def _fitted(
    windows: Sequence[pd.DataFrame],
    lots: Sequence[Floats],
    capacity: int,
    horizon: int,
    rng: np.random.Generator,
) -> Fitted | None:
    scores = fitted_scores(windows, horizon)
    later = [
        (window, values, lot)
        for window, values, lot in zip(windows, scores, lots, strict=True)
        if values is not None
    ]
    if not later:
        return None
    tested = [window for window, *_ in later]
    by_model = [_ranks(pd.Series(values), lot) for _, values, lot in later]
    by_points = [_ranks(window[SCORE], lot) for window, _, lot in later]
    visits = np.array([min(capacity, len(window)) for window in tested])
    model, points = (_hits(tested, ranks, capacity) for ranks in (by_model, by_points))
    again = _resampled(len(tested), horizon, rng)
    return Fitted(
        origins=len(later),
        precision=float(model.sum() / visits.sum()),
        points=float(points.sum() / visits.sum()),
        difference=_ratio(model - points, visits, again),
    )


def _resampled(number: int, horizon: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return which origins each resample takes, in runs.

    The horizons of neighbouring origins overlap: as many as do are taken together. Where
    there are too few for two such runs, none: they say nothing of how far to trust them.
    """
    length = max(horizon // WEEK.days, 1)
    if number < 2 * length:
        return np.empty((0, number), dtype="int64")
    runs = -(-number // length)
    starts = rng.integers(0, number - length + 1, (RESAMPLES, runs))
    chosen = starts[:, :, None] + np.arange(length)
    return chosen.reshape(RESAMPLES, -1)[:, :number]


def _ratio(above: Floats, below: Floats, again: npt.NDArray[np.int64]) -> Estimate:
    """Return the ratio of two sums over the origins, with its bootstrap interval."""
    if not below.sum():
        return UNKNOWN
    sums = below[again].sum(axis=1)
    ratios = above[again].sum(axis=1)[sums > 0] / sums[sums > 0]
    return _of_draws(ratios, float(above.sum() / below.sum()))


def _of_draws(draws: Floats, value: float) -> Estimate:
    low, high = np.percentile(draws, INTERVAL) if len(draws) else (np.nan, np.nan)
    return Estimate(value, float(low), float(high))
