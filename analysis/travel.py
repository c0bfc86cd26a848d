"""How long it takes to get from one place to another, and to look at one.

An estimate, not a road network: no road is known here. A leg is the great circle × a detour
factor, driven at speeds by the length of the leg (streets first, roads then), slower when either
end lies in a mountain county, and a buffer for parking and finding the door. Rivers, bridges, the
hour of the day and the weather are not in it. Legs of one pair of names that the office has
measured win over the estimate (:meth:`Travel.measured`).

The factors are in ``travel.toml``. Detours of 1.3 to 1.4 are what road networks are commonly
found to add to straight lines; the speeds are cautious guesses for the city and its counties.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import wording

SETTINGS: Final = Path(__file__).with_name("travel.toml")
EARTH_KM: Final = 6371.0088
MINUTES_PER_HOUR: Final = 60
UNREGISTERED: Final = "unregistered"


@dataclass(frozen=True, slots=True)
class Roads:
    """Detour factor, and speeds by band: how far each band reaches (km) and its km/h."""

    detour: float
    up_to_km: tuple[float, ...]
    km_per_hour: tuple[float, ...]

    def minutes(self, great_circle_km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return driving minutes; a longer leg is never quicker."""
        left = great_circle_km * self.detour
        result = np.zeros_like(left)
        reached = 0.0
        for up_to, speed in zip(self.up_to_km, self.km_per_hour, strict=True):
            result += np.clip(left - reached, 0, up_to - reached) / speed * MINUTES_PER_HOUR
            reached = up_to
        return result


@dataclass(frozen=True, slots=True)
class Travel:
    """The settings of travel and service. ``buffer`` and ``service`` are minutes."""

    towns: Roads
    mountains: Roads
    mountain_counties: frozenset[str]
    buffer: int
    service: tuple[tuple[str, int], ...]
    table: tuple[tuple[str, str, int], ...] = ()

    def measured(self, table: pd.DataFrame) -> Travel:
        """Return these settings with measured legs, which win over the estimate.

        ``table`` has ``from_name``, ``to_name`` and ``minutes`` (door to door, no buffer is
        added). A leg that was measured one way is taken to last as long the other way.
        """
        there = {
            (str(a), str(b)): int(m)
            for a, b, m in zip(table["from_name"], table["to_name"], table["minutes"], strict=True)
        }
        both = {(b, a): m for (a, b), m in there.items()} | there
        return replace(self, table=tuple((a, b, m) for (a, b), m in sorted(both.items())))

    def minutes(
        self,
        from_lonlat: NDArray[np.float64],
        to_lonlat: NDArray[np.float64],
        *,
        from_counties: Sequence[str | None] | None = None,
        to_counties: Sequence[str | None] | None = None,
        from_names: Sequence[str | None] | None = None,
        to_names: Sequence[str | None] | None = None,
    ) -> NDArray[np.int64]:
        """Return the minutes of every leg, rounded up, at least the buffer.

        Args:
            from_lonlat: one row of longitude and latitude (degrees, WGS-84) for each place.
            to_lonlat: the same for where the legs lead.
            from_counties: their county codes, when known; without, no place lies in mountains.
            to_counties: the same for where the legs lead.
            from_names: their names, for legs that were measured.
            to_names: the same for where the legs lead.
        """
        km = great_circle_km(from_lonlat, to_lonlat)
        is_slow = self._in_mountains(from_counties, len(km))[:, None] | self._in_mountains(
            to_counties, km.shape[1]
        )
        driven = np.where(is_slow, self.mountains.minutes(km), self.towns.minutes(km))
        # 12.000000000001 minutes are 12.
        result = np.ceil(driven.round(6)).astype(np.int64) + self.buffer
        if self.table and from_names is not None and to_names is not None:
            starts, ends = _positions(from_names), _positions(to_names)
            for start, end, minutes in self.table:
                if start in starts and end in ends:
                    result[np.ix_(starts[start], ends[end])] = minutes
        return result

    def service_minutes(self, categories: pd.Series) -> pd.Series:
        """Return how long a visit lasts; a missing category is a place without institution."""
        known = dict(self.service)
        called = categories.astype(object).where(categories.notna(), UNREGISTERED)
        return called.map(known).fillna(known[UNREGISTERED]).astype("int64")

    def _in_mountains(self, counties: Sequence[str | None] | None, size: int) -> NDArray[np.bool_]:
        if counties is None:
            return np.zeros(size, dtype=bool)
        return np.fromiter((code in self.mountain_counties for code in counties), bool, size)


def great_circle_km(
    from_lonlat: NDArray[np.float64], to_lonlat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the haversine distance of every pair, in kilometres."""
    start, end = np.radians(from_lonlat)[:, None, :], np.radians(to_lonlat)[None, :, :]
    half = np.sin((end - start) / 2) ** 2
    chord = half[..., 1] + np.cos(start[..., 1]) * np.cos(end[..., 1]) * half[..., 0]
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1))))


@cache
def travel() -> Travel:
    """Return the settings of ``travel.toml``."""
    return read(tomllib.loads(SETTINGS.read_text(encoding="utf-8")))


def read(settings: dict[str, Any]) -> Travel:
    """Return settings as they stand in a file.

    Raises:
        KeyError: one is missing.
        ValueError: a speed falls with the distance, or a number makes no sense.
    """
    minutes = settings["minutes"]
    service = {str(name): int(value) for name, value in minutes["service"].items()}
    if UNREGISTERED not in service or min(service.values()) < 1 or minutes["buffer"] < 0:
        raise ValueError("the minutes of service and buffer make no sense")
    return Travel(
        towns=_roads(settings["towns"]),
        mountains=_roads(settings["mountains"]),
        mountain_counties=frozenset(settings["mountains"]["counties"]),
        buffer=int(minutes["buffer"]),
        service=tuple(service.items()),
    )


def _roads(settings: dict[str, Any]) -> Roads:
    ends = tuple(float(band["up_to_km"]) for band in settings["bands"])
    speeds = tuple(float(band["km_per_hour"]) for band in settings["bands"])
    rise = list(ends) == sorted(set(ends)) and list(speeds) == sorted(speeds)
    if not (ends and rise and ends[0] > 0 and speeds[0] > 0 and settings["detour"] >= 1):
        raise ValueError("the bands do not rise, or a detour is shorter than the straight line")
    return Roads(float(settings["detour"]), ends, speeds)


def _positions(names: Sequence[str | None]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        if not wording.is_missing(name):
            found.setdefault(str(name), []).append(position)
    return found
