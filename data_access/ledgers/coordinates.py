"""GCJ-02 and BD-09, the shifted coordinates of Chinese maps, to WGS-84.

Columns of numbers in, columns out. The shifts have no closed inverse: three steps of a
fixed point come within a tenth of a millimetre.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

CRS: Final = ("wgs84", "gcj02", "bd09")

# The Krasovsky ellipsoid, on which GCJ-02 is defined.
_A: Final = 6378245.0
_EE: Final = 0.00669342162296594323
_BD: Final = np.pi * 3000.0 / 180.0
_STEPS: Final = 3


def to_wgs84(longitude: Floats, latitude: Floats, crs: str) -> tuple[Floats, Floats]:
    """Return points given in ``crs`` (wgs84, gcj02 or bd09) as WGS-84 degrees.

    NaN stays NaN. Raises ``ValueError`` for any other ``crs``.
    """
    if crs not in CRS:
        raise ValueError(f"unknown crs {crs!r}")
    if crs == "bd09":
        longitude, latitude = _undo(_gcj02_to_bd09, longitude, latitude)
    if crs != "wgs84":
        longitude, latitude = _undo(_wgs84_to_gcj02, longitude, latitude)
    return longitude, latitude


def _undo(shift: _Shift, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    x, y = longitude, latitude
    for _ in range(_STEPS):
        shifted_x, shifted_y = shift(x, y)
        x, y = x - (shifted_x - longitude), y - (shifted_y - latitude)
    return x, y


def _wgs84_to_gcj02(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(latitude)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    d_lat = np.degrees(d_lat / (_A * (1.0 - _EE) / (magic * np.sqrt(magic))))
    d_lon = np.degrees(d_lon / (_A / np.sqrt(magic) * np.cos(phi)))
    return longitude + d_lon, latitude + d_lat


def _gcj02_to_bd09(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * _BD)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * _BD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
