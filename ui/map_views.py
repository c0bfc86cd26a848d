"""Where a map looks at first: boxes of longitude and latitude, and the view of a box."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from ui.map_files import boundaries

TILE: Final = 512  # pixels of the whole world at zoom 0
# The map is about this large where it is smallest; a larger one shows more around.
VIEW_PIXELS: Final = (470, 430)
MARGIN: Final = 0.92
CROWDED: Final = 0.6
SMALLEST_REACH: Final = 0.005  # degrees, about 500 m

Box = tuple[float, float, float, float]  # west, south, east, north


def whole_view(codes: Collection[str], places: pd.DataFrame) -> Box:
    """Return the box around counties and places: west, south, east, north.

    ``codes`` are boundary codes; with neither a polygon nor a place, the whole city.
    """
    found = boundaries().bounds
    boxes = [found[code] for code in codes if code in found]
    points = places[places["longitude"].notna()]
    if not points.empty:
        west, south = points[["longitude", "latitude"]].min()
        east, north = points[["longitude", "latitude"]].max()
        boxes.append((float(west), float(south), float(east), float(north)))
    west, south, east, north = zip(*(boxes or found.values()), strict=True)
    return min(west), min(south), max(east), max(north)


def crowded_view(places: pd.DataFrame) -> Box | None:
    """Return the box around the middle of the reports that holds about 60 % of them.

    ``None`` when no place has coordinates.
    """
    points = places[places["longitude"].notna()]
    if points.empty:
        return None
    x, y = (
        np.repeat(points[name].to_numpy(float), points["reports"].to_numpy(int))
        for name in ("longitude", "latitude")
    )
    east, north = float(np.median(x)), float(np.median(y))
    narrowing = math.cos(math.radians(north))
    reach = max(
        float(np.quantile(np.hypot((x - east) * narrowing, y - north), CROWDED)), SMALLEST_REACH
    )
    return east - reach / narrowing, north - reach, east + reach / narrowing, north + reach


def view_state(box: Box) -> dict[str, float]:
    """Return the view that shows a box on the smallest map."""
    west, south, east, north = box
    width, height = VIEW_PIXELS

    def mercator(latitude: float) -> float:
        return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)))

    wide = max(east - west, 1e-4)
    high = max(mercator(north) - mercator(south), 1e-4)
    zoom = math.log2(min(width / wide, height / high) * MARGIN * 360 / TILE)
    return {
        "longitude": round((west + east) / 2, 5),
        "latitude": round((south + north) / 2, 5),
        "zoom": round(min(zoom, 15.0), 2),
        "minZoom": 5,
        "maxZoom": 18,
        "pitch": 0,
        "bearing": 0,
    }
