"""Which places lie outside the county that they are said to be in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

# One county: polygons, each of rings, each of points (longitude and latitude, WGS-84 degrees).
Points = npt.NDArray[np.float64]
Polygons = Mapping[str, Sequence[Sequence[Points]]]

_METRES_A_DEGREE: Final = 111_195.0
_SPARE: Final = 1.05  # distances here are those of a flat map
_AT_ONCE: Final = 2_000  # places held against a border at a time, which bounds the memory


def polygons_of(collection: Mapping[str, Any]) -> dict[str, list[list[Points]]]:
    """Return the polygons by ``adcode`` of a GeoJSON collection of (multi)polygons."""
    found: dict[str, list[list[Points]]] = {}
    for feature in collection["features"]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            parts = [parts]
        found[str(feature["properties"]["adcode"])] = [
            [np.asarray(ring, dtype=np.float64)[:, :2] for ring in part] for part in parts
        ]
    return found


def metres_outside(places: pd.DataFrame, polygons: Polygons) -> pd.Series:
    """Return how far each place lies outside its county, in metres; 0 within, and on the border.

    ``places`` has ``county_code``, ``longitude`` and ``latitude``. A county that has no polygon of
    its own, as new areas have none, is held to the whole city.
    """
    far = np.zeros(len(places))
    everywhere = [part for parts in polygons.values() for part in parts]
    for code, rows in places.groupby("county_code", sort=False).indices.items():
        parts = polygons.get(str(code), everywhere)
        points = places[["longitude", "latitude"]].to_numpy(dtype=np.float64)[rows]
        far[rows] = _metres(points, parts) if parts else 0.0
    return pd.Series(far, index=places.index, dtype="float64")


def doubtful_cells(
    cells: pd.DataFrame, polygons: Polygons, *, metres: float
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return by county the cells that lie farther than this outside it, and those that may in part.

    ``cells`` has ``county_code`` and ``cell`` (H3). No place of a cell is nearer to the county or
    farther from it than its middle is by more than the farthest corner is from the middle.
    """
    middles = {cell: h3.cell_to_latlng(cell) for cell in cells["cell"].unique()}
    reach = {cell: _reach(cell, middle) for cell, middle in middles.items()}
    points = [middles[cell] for cell in cells["cell"]]
    places = pd.DataFrame(points, columns=["latitude", "longitude"], index=cells.index)
    far = metres_outside(places.assign(county_code=cells["county_code"]), polygons)
    beyond = cells["cell"].map(reach).astype("float64")
    whole = far - beyond > metres
    partly = (far + beyond > metres) & ~whole
    return _by_county(cells[whole]), _by_county(cells[partly])


def _by_county(cells: pd.DataFrame) -> dict[str, list[str]]:
    return {str(code): sorted(each) for code, each in cells.groupby("county_code")["cell"]}


def _reach(cell: str, middle: tuple[float, float]) -> float:
    corners = h3.cell_to_boundary(cell)
    metres = max(h3.great_circle_distance(middle, corner, unit="m") for corner in corners)
    return _SPARE * float(metres)


def _metres(points: Points, parts: Sequence[Sequence[Points]]) -> Points:
    distinct, place_of = np.unique(points, axis=0, return_inverse=True)
    far = np.zeros(len(distinct))
    for start in range(0, len(distinct), _AT_ONCE):
        some = distinct[start : start + _AT_ONCE]
        inside = np.zeros(len(some), dtype=bool)
        for part in parts:
            inside |= _is_within(some, part)
        nearest = np.full(int((~inside).sum()), np.inf)
        for ring in (ring for part in parts for ring in part):
            nearest = np.minimum(nearest, _to_border(some[~inside], ring))
        far[start : start + _AT_ONCE][~inside] = nearest
    return far[place_of.ravel()]


def _is_within(points: Points, rings: Sequence[Points]) -> npt.NDArray[np.bool_]:
    """Whether points lie within a polygon: a line to the east crosses its rings an odd number."""
    inside = np.zeros(len(points), dtype=bool)
    x, y = points[:, :1], points[:, 1:]
    for ring in rings:
        (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
        crosses = (y0 > y) != (y1 > y)
        rise = np.where(y1 == y0, 1.0, y1 - y0)
        at = x0 + (y - y0) * (x1 - x0) / rise
        inside ^= (crosses & (x < at)).sum(axis=1) % 2 == 1
    return inside


def _to_border(points: Points, ring: Points) -> Points:
    """Return the distance of each point to the nearest edge of a ring, in metres."""
    if not len(points):
        return np.zeros(0)
    narrows = np.cos(np.radians(ring[:, 1].mean()))
    scale = np.array([narrows, 1.0]) * _METRES_A_DEGREE
    start, end = ring[:-1] * scale, ring[1:] * scale
    edge = end - start
    length = np.maximum((edge**2).sum(axis=1), 1e-9)
    away = (points * scale)[:, None, :] - start
    along = np.clip((away * edge).sum(axis=2) / length, 0.0, 1.0)
    gap = away - along[:, :, None] * edge
    nearest: Points = np.sqrt((gap**2).sum(axis=2).min(axis=1))
    return nearest
