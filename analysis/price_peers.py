"""What others take for the same, in groups that may be small: medians that lean on larger groups.

A group of few says little. So the middle of a group is its median moved towards that of the
larger group around it, as if that one sent ``LEAN`` institutions of its own: county within item ×
class size × mode, within item, within class size × mode (empirical shrinkage with a fixed weight;
Efron & Morris, 1977). Nobody is held against himself: each median is that of the others.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

LEAN: Final = 5.0  # institutions; with five of its own a group counts for half
LEAN_OF_RISES: Final = 2.0  # who all raise their prices at once are few, but of one mind
LEAN_OF_SPREAD: Final = 10.0  # a spread needs more than a middle does
_KIND: Final = ["size_group", "mode"]
# From the largest group to the smallest.
_LEVELS: Final = (["item_key"], ["item_key", *_KIND], ["item_key", *_KIND, "county_code"])
_TO_SIGMA: Final = 1.4826  # median absolute deviation of a normal distribution to its sigma
# The variance of a median of n is about pi/2 that of their mean.
_MEDIAN_VARIANCE: Final = np.pi / 2


class Peers(NamedTuple):
    """What is expected of each row, and how well it is known.

    ``middle``: the expected value. ``in_county``, ``in_city``: how many others are in its group
    in the county and in all rows. ``support``: how many institutions the expectation is
    worth: those of the county, and of the larger groups' others no more than it leans on.
    """

    middle: Floats
    in_county: Floats
    in_city: Floats
    support: Floats

    @property
    def doubt(self) -> Floats:
        """By how much more a row may lie off its middle, since that is known of few only."""
        return np.sqrt(1 + _MEDIAN_VARIANCE / np.maximum(self.support, 1))


def expected(lines: pd.DataFrame, values: Floats, *, lean: float = LEAN) -> Peers:
    """Return what the others lead to expect of each line's value, a logarithm.

    ``lines`` has one row an institution and kind: ``county_code``, ``item_key``, ``size_group``,
    ``mode``. A value that is not known (NaN) stands for nobody, and gets its expectation.
    """
    whole, _ = median_of_others(np.zeros(len(lines), dtype="intp"), values)
    kinds = _codes(lines, _KIND)
    of_kind, _ = median_of_others(kinds, values)
    middle = np.where(np.isnan(of_kind), np.nan_to_num(whole), of_kind)
    # What others are measured from: the same for all of a group, so that it has one median.
    level = np.nan_to_num(_medians(kinds, values))
    others = []
    for names in _LEVELS:
        group = _codes(lines, names)
        apart, number = median_of_others(group, values - level)
        weight = number / (number + lean)
        middle = np.where(number > 0, weight * (level + apart) + (1 - weight) * middle, middle)
        level = level + weight * np.nan_to_num(_medians(group, values - level))
        others.append(number)
    of_item, in_city, in_county = others
    around = np.minimum(in_city - in_county + np.minimum(of_item - in_city, lean), lean)
    return Peers(middle, in_county, in_city, support=in_county + around)


def spread(lines: pd.DataFrame, off: Floats, *, least: float) -> Floats:
    """Return the robust standard deviation of the others' ``off`` in each line's group.

    ``off`` are values less what is expected of them. Groups of item × class size × mode lean on
    all rows; ``least`` is the smallest spread that is believed.
    """
    size = np.abs(off)
    whole = np.nanmedian(size) if np.isfinite(size).any() else 0.0
    of_group, others = median_of_others(_codes(lines, _LEVELS[1]), size)
    weight = others / (others + LEAN_OF_SPREAD)
    found = weight * np.nan_to_num(of_group) + (1 - weight) * whole
    return np.maximum(_TO_SIGMA * found, least)


def median_of_others(groups: Codes, values: Floats) -> tuple[Floats, Floats]:
    """Return for each value the median of the others in its group, and how many they are.

    NaN stands for nobody; where there are no others, the median is NaN.
    """
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.lexsort((values[known], groups[known]))]
    in_order, ranked = groups[order], values[order]
    _, first, size = np.unique(in_order, return_index=True, return_counts=True)
    begins, members = np.repeat(first, size), np.repeat(size, size)
    place = np.arange(len(order)) - begins

    def nth(wanted: Codes) -> Floats:
        """Return the value of a place among the others, who close ranks behind who left."""
        found: Floats = ranked[
            np.minimum(begins + wanted + (wanted >= place), max(len(order) - 1, 0))
        ]
        return found

    others = members - 1
    medians = np.full(len(values), np.nan)
    if len(order):
        middle = (nth(np.maximum(others - 1, 0) // 2) + nth(others // 2)) / 2
        medians[order] = np.where(others > 0, middle, np.nan)
    # Who has no value is an outsider: all of the group are others to him.
    outside = np.where(np.isnan(values), _medians(groups, values), medians)
    return outside, _others(groups, values)


def _others(groups: Codes, values: Floats) -> Floats:
    known = ~np.isnan(values)
    size = np.bincount(groups, weights=known, minlength=1) if len(groups) else np.zeros(1)
    return np.asarray(size[groups] - known, dtype="float64")


def _medians(groups: Codes, values: Floats) -> Floats:
    """Return for each value the median of its group, itself included."""
    of_group = pd.Series(values).groupby(groups).transform("median")
    return np.asarray(of_group, dtype="float64")


def _codes(lines: pd.DataFrame, names: list[str]) -> Codes:
    return np.asarray(lines.groupby(names, sort=False).ngroup(), dtype="intp")
