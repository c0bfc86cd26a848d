"""Keys by which names and places are known again, and where the city lies."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

import h3
import numpy as np
import numpy.typing as npt

# The bounds of the built-in boundary file (108.584-110.173 E, 23.910-26.051 N) with a
# margin of about two kilometres, so that a place on the border is not lost to rounding.
WEST, EAST = 108.56, 110.20
SOUTH, NORTH = 23.89, 26.07

H3_RESOLUTION: Final = 9
KEY_LENGTH: Final = 128
# Four decimals are about ten metres: two pins in one building are one place.
PLACE_DECIMALS: Final = 4

_BRACKETS: Final = str.maketrans("[{〔【〈《「『]}〕】〉》」』", "(((((((())))))))")
_IGNORED: Final = re.compile(r"(?:[^\S\n]|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])+")

Floats = npt.NDArray[np.float64]


def name_key(name: str) -> str:
    """Return a name as names are compared: no blanks, one width, one kind of bracket."""
    return name_keys([name.replace("\n", "")])[0]


def name_keys(names: Sequence[str]) -> list[str]:
    """Return the key of each name; none of them may hold a line break."""
    # One pass over all names: fifty times as fast as one by one.
    folded = unicodedata.normalize("NFKC", "\n".join(names)).translate(_BRACKETS).casefold()
    return [key[:KEY_LENGTH] for key in _IGNORED.sub("", folded).split("\n")] if names else []


def inside_city(longitude: Floats, latitude: Floats) -> npt.NDArray[np.bool_]:
    """Whether WGS-84 points lie in the box around the city, its edges included; NaN does not."""
    inside: npt.NDArray[np.bool_] = (
        (longitude >= WEST) & (longitude <= EAST) & (latitude >= SOUTH) & (latitude <= NORTH)
    )
    return inside


def place_keys(
    counties: Sequence[str | None], names: Sequence[str | None], longitude: Floats, latitude: Floats
) -> npt.NDArray[np.object_]:
    """Return the key of each row's place: county and building or estate, else the coordinates.

    ``None`` where the county is missing, or both the name and a coordinate are.
    """
    known: dict[str, str] = {}
    keys = np.empty(len(counties), dtype=object)
    for at, (county, name) in enumerate(zip(counties, names, strict=True)):
        if county is None:
            continue
        if name and name not in known:
            known[name] = name_key(name)
        if name and known[name]:
            keys[at] = f"{county}:{known[name]}"
        elif np.isfinite(longitude[at]) and np.isfinite(latitude[at]):
            place = f"{longitude[at]:.{PLACE_DECIMALS}f},{latitude[at]:.{PLACE_DECIMALS}f}"
            keys[at] = f"{county}@{place}"
    return keys


def h3_cells(longitude: Floats, latitude: Floats) -> npt.NDArray[np.object_]:
    """Return the H3 cell of each point at resolution 9, ``None`` where there is no point."""
    cells = np.empty(len(longitude), dtype=object)
    cell_of: dict[tuple[Any, Any], str] = {}
    placed = np.flatnonzero(np.isfinite(longitude) & np.isfinite(latitude))
    for at in placed:
        point = (latitude[at], longitude[at])
        if point not in cell_of:
            cell_of[point] = h3.latlng_to_cell(*point, H3_RESOLUTION)
        cells[at] = cell_of[point]
    return cells
