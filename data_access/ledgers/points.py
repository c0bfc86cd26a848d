"""Longitude and latitude of the rows of a file: mended, converted, kept to the city."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data_access.ledgers.coordinates import to_wgs84
from data_access.ledgers.places import inside_city
from data_access.ledgers.problems import Severity


class PointProblem(NamedTuple):
    """What is wrong with the point of one row, by its place, and in which column."""

    at: int
    column: str
    problem: str
    severity: Severity


def settle_points(
    rows: pd.DataFrame, cleared: dict[str, np.ndarray[Any, Any]], crs: str
) -> Iterator[PointProblem]:
    """Make the points of ``rows`` WGS-84 ones inside the city, in place.

    Swapped columns are mended; a point outside the city, or half a point, is left out;
    each with a warning. 清空 in one column empties both, but not beside a number.
    """
    longitude = rows["longitude"].to_numpy(dtype=float, na_value=np.nan)
    latitude = rows["latitude"].to_numpy(dtype=float, na_value=np.nan)
    has_longitude, has_latitude = ~np.isnan(longitude), ~np.isnan(latitude)
    emptied = cleared["longitude"] | cleared["latitude"]
    for at in np.flatnonzero(emptied & (has_longitude | has_latitude)):
        yield PointProblem(int(at), "longitude", "经度和纬度要一起清空或一起填写", "error")
    cleared["longitude"][:] = cleared["latitude"][:] = emptied
    for at in np.flatnonzero((has_longitude != has_latitude) & ~emptied):
        column = "longitude" if has_longitude[at] else "latitude"
        yield PointProblem(int(at), column, "经度和纬度只填了一个，坐标未导入", "warning")

    swapped = ~inside_city(longitude, latitude) & inside_city(latitude, longitude)
    longitude, latitude = (
        np.where(swapped, latitude, longitude),
        np.where(swapped, longitude, latitude),
    )
    for at in np.flatnonzero(swapped):
        yield PointProblem(int(at), "longitude", "经度和纬度填反了，已对调", "warning")

    # Far from here the shifts mean nothing, and a typing slip may lie off the globe.
    near = (np.abs(longitude - 109.4) < 5) & (np.abs(latitude - 25.0) < 5)
    longitude[near], latitude[near] = to_wgs84(longitude[near], latitude[near], crs)
    inside = inside_city(longitude, latitude)
    for at in np.flatnonzero(has_longitude & has_latitude & ~inside):
        yield PointProblem(int(at), "longitude", "坐标不在柳州市范围内，坐标未导入", "warning")
    for name, numbers in (("longitude", longitude), ("latitude", latitude)):
        rows[name] = pd.arrays.FloatingArray(np.where(inside, numbers, 0.0), ~inside)
