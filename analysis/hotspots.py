"""Where evidence gathers: cells with more reports than institutions and history explain.

Reports are counted on H3 cells (resolution 9, about 0.1 km²) over the last weeks, the window.
What is expected of a cell is fitted over all cells at once, as a sum with weights that are
never negative: a constant, the institutions in the cell and in the ring around it, those of
the cell that opened lately and so have no history, the reports before the window in the cell,
in its ring and in the ring around that. So a building with many institutions, or one that was
always reported a lot, is expected to be so again, and a campaign that brings in more reports
everywhere raises what is expected everywhere.

Counts scatter more than chance alone would have them. How much more is measured, in this
window and in earlier ones, as a variance ``a·m + b·m²`` around the expectation ``m``, and each
count is held against the upper tail of the negative binomial distribution of that variance: the
cell's own, and that of the cell with its ring. A cell alone says where it is; a ring finds what
lies on the corner of cells. Of all these tests the share of false discoveries is held to a
rate (Benjamini and Hochberg 1995).

A report that was found to be true counts more than others. The weighted sum is brought back to
the scale on which chance has the mean as its variance, so that the tail stays honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.cell_grid import Grid, Positions, grid_of, merged, positions
from analysis.excess import (
    Flags,
    Floats,
    Squares,
    adjusted,
    cut,
    fitted,
    scatter,
    squares,
    upper_tail,
)

WEEK: Final = pd.Timedelta(days=7)
# Weeks of reports to read before the first window: older ones say little of today.
HISTORY_WEEKS: Final = 44
# A cell of a ring that stands out as a whole belongs to it when it stands out this much itself.
OWN_TAIL: Final = 0.05
LEAST_IN_CELL: Final = 2  # one report is no gathering
LEAST_HISTORY: Final = 4
EARLIER_WINDOWS: Final = 2
ROUNDS: Final = 3  # of fitting without what was found

_CELLS: Final = {
    "hotspot": "int64",
    "cell": "str",
    "reports": "int64",
    "substantiated": "int64",
    "expected": "float64",
}
_HOTSPOTS: Final = {
    "hotspot": "int64",
    "key": "str",
    "reports": "int64",
    "substantiated": "int64",
    "expected": "float64",
    "excess": "float64",
    "tail": "float64",
    "q": "float64",
    "institutions": "int64",
    "longitude": "float64",
    "latitude": "float64",
    "first_week": "datetime64[s]",
    "is_first_seen": "bool",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What counts as standing out.

    ``window`` weeks are looked at, ``steps`` Thursdays shown; ``rate`` is the share of false
    discoveries allowed; a report found to be true counts ``weight`` times; a hotspot has
    ``least`` reports in its cells and their rings.
    """

    window: int = 8
    steps: int = 8
    rate: float = 0.05
    weight: float = 2.0
    least: int = 4


DEFAULT: Final = Settings()


class Found(NamedTuple):
    """What stands out as of one Thursday.

    ``hotspots``: one row each, the largest excess first: ``hotspot`` (int64, from 1), ``key``
    (str, its cell with the largest excess), ``reports``, ``substantiated`` (int64, in the window,
    in its cells), ``expected``, ``excess`` (float64, reports), ``tail`` (float64, the chance
    of so many reports if all is as usual, of its clearest cell), ``q`` (float64, the smallest
    share of false discoveries at which it is still found), ``institutions`` (int64, in
    operation in its cells), ``longitude``, ``latitude`` (float64, of ``key``), ``first_week``
    (datetime64, the first Thursday looked at on which a cell of it stood out) and
    ``is_first_seen`` (bool: that was the first Thursday of all, so it may be older).

    ``cells``: its cells: ``hotspot``, ``cell``, ``reports``, ``substantiated``, ``expected``.
    ``expected``: reports expected of every cell known, by cell.
    """

    week: pd.Timestamp
    hotspots: pd.DataFrame
    cells: pd.DataFrame
    expected: pd.Series


def grow(
    counts: pd.DataFrame,
    institutions: pd.DataFrame,
    weeks: Sequence[pd.Timestamp],
    settings: Settings = DEFAULT,
) -> list[Found]:
    """Find hotspots as of each Thursday of ``weeks``, oldest first.

    Counted as of a Thursday are reports of weeks up to its own; found to be true is what was
    by then; institutions are those in operation on the day.

    ``counts``: ``cell`` (str), ``week`` (datetime64, the Thursday), ``substantiated_week``
    (datetime64, NaT: not found to be true), ``reports`` (int64). Several rows may say the same.
    ``institutions``: ``cell`` (str, missing: not placed), ``found_on``, ``deregistered_on``
    (datetime64).
    """
    placed = institutions[institutions["cell"].notna()]
    grid = grid_of({*counts["cell"], *placed["cell"]})
    at = positions(grid, counts["cell"]), positions(grid, placed["cell"])
    judged = [
        _judge(grid, _past(grid, counts, placed, at, pd.Timestamp(week), settings), settings)
        for week in weeks
    ]
    first = np.full(len(grid.cells), len(weeks))
    for step in reversed(range(len(weeks))):
        first[judged[step].discovered.found] = step
    result = []
    for step, week in enumerate(weeks):
        # Of a cell that stood out before, went down and stands out again, the first time counts.
        since = np.where(first <= step, first, step)
        result.append(_collect(grid, judged[step], since, list(weeks), pd.Timestamp(week)))
    return result


def find(
    counts: pd.DataFrame,
    institutions: pd.DataFrame,
    week: pd.Timestamp,
    settings: Settings = DEFAULT,
) -> Found:
    """Find hotspots as of one Thursday, as :func:`grow` does."""
    return grow(counts, institutions, [week], settings)[0]


class _History(NamedTuple):
    """Reports by cell and week, the latest week first; of each institution its cell and its age.

    ``opened`` is how many weeks ago it was found.
    """

    reports: Floats
    substantiated: Floats
    institutions: Positions
    opened: Positions
    window: int
    weight: float

    @property
    def weeks(self) -> int:
        """How many weeks there are."""
        return int(self.reports.shape[1])

    def institutions_of(self, lag: int, *, younger: int | None = None) -> Floats:
        """Count institutions by cell as of ``lag`` weeks ago; ``younger`` than so many weeks."""
        counted = self.opened >= lag
        if younger is not None:
            counted &= self.opened < lag + younger
        found = np.bincount(self.institutions[counted], minlength=len(self.reports))
        return found.astype(np.float64)

    def in_window(self, lag: int) -> tuple[Floats, Floats]:
        """Count reports, and those found to be true, in the window that ended ``lag`` weeks ago."""
        span = slice(lag, lag + self.window)
        return self.reports[:, span].sum(axis=1), self.substantiated[:, span].sum(axis=1)

    def weighted(self, lag: int, usual: Flags) -> tuple[Floats, float]:
        """Weigh the reports of a window; return them, and what a report is worth on average.

        Marks of 1 and ``weight`` in the ``usual`` share have a mean and a mean square; divided
        by their ratio, a sum of a Poisson number of marks has its mean as its variance.
        """
        reports, true = self.in_window(lag)
        total = max(float(reports[usual].sum()), 1.0)
        share = float(true[usual].sum()) / total
        mean, square = 1 + (self.weight - 1) * share, 1 + (self.weight**2 - 1) * share
        return (reports + (self.weight - 1) * true) * mean / square, mean**2 / square


def _judge(grid: Grid, past: _History, settings: Settings) -> _Judged:
    everything = np.ones(len(grid.cells), dtype=bool)
    earlier = _earlier_scatter(grid, past)
    features, usual = _features(grid, past, 0), everything
    reports, true = past.in_window(0)
    is_enough = (grid.around(reports) >= settings.least) & (reports >= LEAST_IN_CELL)
    for round_ in range(ROUNDS):
        seen, worth = past.weighted(0, usual)
        expected = fitted(features, seen, usual)
        tails = []
        for level, (count, mean) in enumerate(
            ((seen, expected), (grid.around(seen), grid.around(expected)))
        ):
            spread = squares(count, mean, usual)
            if round_ == 0:  # what is to be found is still among them
                spread = cut(spread, 0.95, 0.99)
            tails.append(upper_tail(count, mean, scatter([*earlier[level], spread]).variance(mean)))
        own, around = tails
        said = _discovered(grid, own, around, is_enough, settings.rate)
        usual = ~grid.any_around(said.found)
    return _Judged(reports, true, expected / worth, past.institutions_of(0), said)


def _past(
    grid: Grid,
    counts: pd.DataFrame,
    institutions: pd.DataFrame,
    places: tuple[Positions, Positions],
    week: pd.Timestamp,
    settings: Settings,
) -> _History:
    """Lay reports out by cell and week as they were known on a Thursday.

    ``places`` are the places in the grid of the rows of ``counts`` and of ``institutions``.
    """
    cells, of_institutions = places
    back = (week - counts["week"]).dt.days.to_numpy(int) // 7
    number = counts["reports"].to_numpy(float)
    known = back >= 0
    is_true = known & (counts["substantiated_week"] <= week).to_numpy(bool)
    weeks = max(int(back[known].max(initial=0)) + 1, settings.window)
    size = len(grid.cells) * weeks

    def laid_out(which: Flags) -> Floats:
        at = cells[which] * weeks + back[which]
        filled = np.bincount(at, number[which], size).astype(np.float64)
        return filled.reshape(-1, weeks)

    left = institutions["deregistered_on"]
    is_open = (institutions["found_on"] <= week) & (left.isna() | (left > week))
    is_there = is_open.to_numpy(bool)
    age = (week - institutions["found_on"]).dt.days.to_numpy(int) // 7
    return _History(
        reports=laid_out(known),
        substantiated=laid_out(is_true),
        institutions=of_institutions[is_there],
        opened=age[is_there],
        window=settings.window,
        weight=settings.weight,
    )


def _features(grid: Grid, past: _History, lag: int) -> Floats:
    """Return what the expectation of a window that ended ``lag`` weeks ago is made of."""
    before = past.reports[:, lag + past.window :]
    lately = before[:, : past.window].sum(axis=1)
    history = before.sum(axis=1)
    near = grid.around(history)
    there = past.institutions_of(lag)
    columns = (
        np.ones(len(history)),
        there,
        grid.around(there),
        past.institutions_of(lag, younger=2 * past.window),
        history,
        lately,
        near,
        grid.around(near),
    )
    return np.column_stack([columns[0], *(column for column in columns[1:] if column.any())])


def _earlier_scatter(grid: Grid, past: _History) -> tuple[list[Squares], list[Squares]]:
    """Measure how counts scattered in earlier windows: cells alone, and with their rings."""
    own, around = [], []
    usual = np.ones(len(grid.cells), dtype=bool)
    for back in range(1, EARLIER_WINDOWS + 1):
        lag = back * past.window
        if lag + past.window + LEAST_HISTORY > past.weeks:
            break
        seen, _ = past.weighted(lag, usual)
        expected = fitted(_features(grid, past, lag), seen, usual)
        own.append(squares(seen, expected, usual))
        around.append(squares(grid.around(seen), grid.around(expected), usual))
    return own, around


class _Discovered(NamedTuple):
    """Which cells are found, and how sure that is of each; ``linked`` also what joins them."""

    found: Flags
    linked: Flags
    tail: Floats
    q: Floats


def _discovered(
    grid: Grid, own: Floats, around: Floats, is_enough: Flags, rate: float
) -> _Discovered:
    """Return the cells found.

    A cell that stands out alone; where none in a ring does and the ring stands out as a whole,
    those of its cells that are above what is usual, with the certainty of the ring.
    """
    tail = np.minimum(1.0, 2 * np.minimum(own, around))
    q = adjusted(tail)
    is_found = q <= rate
    alone = is_found & (own <= around)
    spread = is_found & ~alone & ~grid.any_around(grid.any_around(alone))
    reached = grid.any_around(spread) & (own <= OWN_TAIL)
    found = (alone | reached) & is_enough
    return _Discovered(
        found,
        found | (spread & grid.any_around(found)),
        np.where(reached, np.minimum(tail, grid.least_around(np.where(spread, tail, 1.0))), tail),
        np.where(reached, np.minimum(q, grid.least_around(np.where(spread, q, 1.0))), q),
    )


class _Judged(NamedTuple):
    """What one Thursday says of every cell."""

    reports: Floats
    substantiated: Floats
    expected: Floats
    institutions: Floats
    discovered: _Discovered


def _collect(
    grid: Grid,
    judged: _Judged,
    since: npt.NDArray[np.int_],
    weeks: list[pd.Timestamp],
    week: pd.Timestamp,
) -> Found:
    """Merge cells that touch to hotspots, the largest excess first."""
    said = judged.discovered
    linked = merged(grid, np.flatnonzero(said.linked))
    groups = [[at for at in group if said.found[at]] for group in linked]
    excess = judged.reports - judged.expected
    groups.sort(key=lambda group: (-excess[group].sum(), grid.cells[group[0]]))
    hotspots: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    for number, group in enumerate(groups, start=1):
        key = grid.cells[max(group, key=lambda at: (excess[at], -at))]
        latitude, longitude = h3.cell_to_latlng(key)
        first = int(since[group].min())
        hotspots.append(
            {
                "hotspot": number,
                "key": key,
                "reports": judged.reports[group].sum(),
                "substantiated": judged.substantiated[group].sum(),
                "expected": judged.expected[group].sum(),
                "excess": excess[group].sum(),
                "tail": said.tail[group].min(),
                "q": said.q[group].min(),
                "institutions": judged.institutions[group].sum(),
                "longitude": longitude,
                "latitude": latitude,
                "first_week": weeks[first],
                "is_first_seen": first == 0,
            }
        )
        cells += [
            {
                "hotspot": number,
                "cell": grid.cells[at],
                "reports": judged.reports[at],
                "substantiated": judged.substantiated[at],
                "expected": judged.expected[at],
            }
            for at in group
        ]
    return Found(
        week,
        pd.DataFrame(hotspots, columns=list(_HOTSPOTS)).astype(_HOTSPOTS),
        pd.DataFrame(cells, columns=list(_CELLS)).astype(_CELLS),
        pd.Series(judged.expected, index=pd.Index(grid.cells, dtype="str"), dtype="float64"),
    )
