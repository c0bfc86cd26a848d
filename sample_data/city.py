"""The made-up city's places: its reporting units, the real towns in them, points on the map."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import dataclass
from functools import cache
from math import cos, radians
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_access.reference import TOWNS_FILE
from sample_data.names import BUILDINGS, ESTATES, MANSIONS, STREETS
from sample_data.units import UNITS, Spot, Unit

HERE = Path(__file__).parent
BOUNDARIES_FILE = HERE / "liuzhou_counties.geojson"
KM_PER_DEGREE = 111.3


@dataclass(frozen=True)
class Place:
    """A building or estate: every fact in it has the same point."""

    name: str
    unit: str
    town: str
    street: str
    longitude: float
    latitude: float

    @property
    def is_building(self) -> bool:
        """An office building rather than an estate where people live."""
        return self.name.endswith(BUILDINGS)


@dataclass(frozen=True)
class Site:
    """Where something stands: an address, perhaps in a place, a point in WGS-84."""

    address: str
    place: Place | None
    longitude: float
    latitude: float


@cache
def towns() -> dict[str, str]:
    """Return the county (adcode) of every town, by the town's name."""
    with TOWNS_FILE.open(encoding="utf-8-sig", newline="") as lines:
        return {row["town_name"]: row["adcode"] for row in csv.DictReader(lines)}


@cache
def boundaries() -> dict[str, NDArray[np.float64]]:
    """Return each county's outer ring by adcode: longitude and latitude, closed."""
    features = json.loads(BOUNDARIES_FILE.read_text(encoding="utf-8"))["features"]
    return {
        feature["properties"]["adcode"]: np.array(feature["geometry"]["coordinates"][0])
        for feature in features
    }


def contains(adcode: str, longitude: float, latitude: float) -> bool:
    """Say whether the point lies in the county's polygon: an odd number of crossings eastwards."""
    ring = boundaries()[adcode]
    x1, y1 = ring[:-1].T
    x2, y2 = ring[1:].T
    spans = (y1 > latitude) != (y2 > latitude)
    rise = np.where(spans, y2 - y1, 1)
    crossing = x1 + (latitude - y1) * (x2 - x1) / rise
    return bool(np.count_nonzero(spans & (longitude < crossing)) % 2)


def scatter(spot: Spot, rng: random.Random, *, spread_km: float | None = None) -> tuple[float, ...]:
    """Draw a point about the spot, inside the polygon it belongs to, to six decimals."""
    spread = (spot.spread_km if spread_km is None else spread_km) / KM_PER_DEGREE
    while True:
        longitude = round(spot.longitude + rng.gauss(0, spread) / cos(radians(spot.latitude)), 6)
        latitude = round(spot.latitude + rng.gauss(0, spread), 6)
        if contains(spot.polygon, longitude, latitude):
            return longitude, latitude


def pick_spot(unit: Unit, rng: random.Random) -> Spot:
    """Draw one of the unit's towns, the larger ones likelier."""
    return rng.choices(unit.spots, [spot.weight for spot in unit.spots])[0]


def address(unit: Unit, town: str, street: str, number: int) -> str:
    """Write a full address as a ledger gives it."""
    return f"柳州市{unit.name}{town}{street}{number}号"


def street_site(unit: Unit, rng: random.Random) -> Site:
    """Draw an address along a street of the unit."""
    spot = pick_spot(unit, rng)
    longitude, latitude = scatter(spot, rng)
    where = address(unit, spot.town, rng.choice(STREETS), rng.randrange(1, 260))
    return Site(where, None, longitude, latitude)


def place_site(unit: Unit, place: Place, rng: random.Random) -> Site:
    """Draw a room in a building or estate."""
    room = f"{rng.randrange(1, 19)}楼{rng.randrange(1, 12):02d}室"
    where = f"柳州市{unit.name}{place.town}{place.street}{place.name}{room}"
    return Site(where, place, place.longitude, place.latitude)


def make_places(rng: random.Random) -> dict[str, list[Place]]:
    """Make the buildings and estates of every unit; each name is unique in the city."""
    names = [
        mansion + ending for ending in (*BUILDINGS[:2], *ESTATES[:3]) for mansion in MANSIONS[5:]
    ]
    rng.shuffle(names)
    return {
        unit.code: [_make_place(unit, names.pop(), rng) for _ in range(unit.places)]
        for unit in UNITS.values()
    }


def _make_place(unit: Unit, name: str, rng: random.Random) -> Place:
    spot = pick_spot(unit, rng)
    longitude, latitude = scatter(spot, rng, spread_km=spot.spread_km * 0.7)
    street = f"{rng.choice(STREETS)}{rng.randrange(1, 90)}号"
    return Place(name, unit.code, spot.town, street, longitude, latitude)
