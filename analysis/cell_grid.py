"""H3 cells and their neighbours, by position."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.excess import Flags, Floats

Positions = npt.NDArray[np.intp]


class Grid(NamedTuple):
    """Cells and their neighbours: ``ring`` has the six places and the cell's own."""

    cells: list[str]
    place: dict[str, int]
    ring: Positions

    def around(self, values: Floats) -> Floats:
        """Sum each cell and its ring."""
        summed: Floats = np.append(values, 0.0)[self.ring].sum(axis=1)
        return summed

    def any_around(self, flags: Flags) -> Flags:
        """Whether each cell or one of its ring is flagged."""
        return self.around(flags.astype(np.float64)) > 0

    def least_around(self, values: Floats) -> Floats:
        """Return the least value of each cell and its ring."""
        least: Floats = np.append(values, np.inf)[self.ring].min(axis=1)
        return least


def grid_of(known: Collection[str]) -> Grid:
    """Return the known cells with the rings around them."""
    disks = {cell: h3.grid_disk(cell, 1) for cell in known}
    cells = sorted({cell for disk in disks.values() for cell in disk})
    place = {cell: at for at, cell in enumerate(cells)}
    ring = np.full((len(cells), 7), len(cells), dtype=np.intp)
    for at, cell in enumerate(cells):
        near = disks.get(cell) or h3.grid_disk(cell, 1)
        ring[at, : len(near)] = [place.get(each, len(cells)) for each in near]
    return Grid(cells, place, ring)


def positions(grid: Grid, cells: pd.Series) -> Positions:
    """Return where each of these cells is in the grid; all of them must be."""
    return np.array([grid.place[cell] for cell in cells], dtype=np.intp)


def merged(grid: Grid, found: Positions) -> list[list[int]]:
    """Return groups of found cells that touch."""
    left = set(found.tolist())
    groups = []
    while left:
        group, edge = [], [min(left)]
        left.discard(edge[0])
        while edge:
            at = edge.pop()
            group.append(at)
            touching = left.intersection(grid.ring[at].tolist())
            left -= touching
            edge += sorted(touching)
        groups.append(sorted(group))
    return groups
