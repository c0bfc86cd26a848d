"""The files a map asks for by address: county boundaries and the style of a tile service.

Both travel once, under an address that names their content, so that browsers keep them for good.
Which files they are is configuration: ``BOUNDARY_FILE`` (GeoJSON, WGS-84) and ``MAP_STYLE_FILE``
(a MapLibre style that names an intranet tile service; none by default).
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BOUNDARY_FILE = "BOUNDARY_FILE"
MAP_STYLE_FILE = "MAP_STYLE_FILE"
BUILT_IN_BOUNDARIES = Path(__file__).parents[1] / "sample_data" / "liuzhou_counties.geojson"
APPROVAL_NUMBER = "审图号"


class MapFileError(ValueError):
    """A configured file cannot be used; the message says in Chinese what to mend."""


@dataclass(frozen=True, slots=True)
class ServedFile:
    """The bytes served at an address of this server."""

    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The counties that have a polygon.

    ``approval_number`` is the 审图号 the file carries, or ``None``; a map must print it.
    ``label_points`` gives longitude and latitude (WGS-84) by adcode, ``bounds`` the box
    around each county: west, south, east, north.
    """

    file: ServedFile
    approval_number: str | None
    label_points: dict[str, tuple[float, float]]
    bounds: dict[str, tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class MapStyle:
    """A tile service: its style as served here, and the origins it fetches tiles from."""

    file: ServedFile
    origins: tuple[str, ...]


def boundaries() -> Boundaries:
    """Return the boundaries that ``BOUNDARY_FILE`` names, else the built-in ones.

    Raises ``MapFileError`` when the file is missing or not what it should be.
    """
    return _read_boundaries(Path(os.environ.get(BOUNDARY_FILE) or BUILT_IN_BOUNDARIES))


def map_style() -> MapStyle | None:
    """Return the style that ``MAP_STYLE_FILE`` names, or ``None`` without one.

    Raises ``MapFileError`` when the file is missing or not what it should be.
    """
    path = os.environ.get(MAP_STYLE_FILE)
    return _read_map_style(Path(path)) if path else None


@lru_cache(maxsize=4)
def _read_boundaries(path: Path) -> Boundaries:
    collection = _read_json(path, BOUNDARY_FILE)
    features = collection.get("features")
    if collection.get("type") != "FeatureCollection" or not features:
        raise MapFileError(f"边界文件 {path} 不是 GeoJSON 要素集合（FeatureCollection）。")
    label_points: dict[str, tuple[float, float]] = {}
    bounds: dict[str, tuple[float, float, float, float]] = {}
    slim = []
    for feature in features:
        properties, geometry = feature.get("properties") or {}, feature.get("geometry") or {}
        if "adcode" not in properties or "name" not in properties:
            raise MapFileError(f"边界文件 {path} 的每个要素都要有 adcode 和 name 属性。")
        if geometry.get("type") not in {"Polygon", "MultiPolygon"}:
            raise MapFileError(f"边界文件 {path} 中“{properties['name']}”不是面（Polygon）。")
        code = str(properties["adcode"])
        label_points[code] = _label_point(properties, geometry)
        bounds[code] = _bounds(geometry)
        # A county that is chosen on the map is sent back whole: nothing is kept that no one reads.
        slim.append(
            {
                "type": "Feature",
                "properties": {"adcode": code, "name": str(properties["name"])},
                "geometry": _wound(geometry),
            }
        )
    number = collection.get(APPROVAL_NUMBER) or (collection.get("properties") or {}).get(
        APPROVAL_NUMBER
    )
    return Boundaries(
        file=_served("boundaries", "geojson", {"type": "FeatureCollection", "features": slim}),
        approval_number=str(number) if number else None,
        label_points=label_points,
        bounds=bounds,
    )


@lru_cache(maxsize=4)
def _read_map_style(path: Path) -> MapStyle:
    style = _read_json(path, MAP_STYLE_FILE)
    if style.get("version") != 8 or not isinstance(style.get("sources"), dict):
        raise MapFileError(f"底图样式 {path} 不是 MapLibre 样式（version 8，含 sources）。")
    addresses = [style.get("sprite"), style.get("glyphs")]
    for source in style["sources"].values():
        addresses += [source.get("url"), source.get("data"), *source.get("tiles", [])]
    # Host names may hold the placeholders of a template ({s}), which belong in no header.
    parts = [urlsplit(address) for address in addresses if isinstance(address, str)]
    origins = {f"{part.scheme}://{part.netloc}" for part in parts if part.netloc}
    if unusable := [origin for origin in origins if set(origin) & set("{};, \"'")]:
        raise MapFileError(f"底图样式 {path} 的地址 {unusable[0]} 要写明主机名。")
    return MapStyle(file=_served("map-style", "json", style), origins=tuple(sorted(origins)))


def _read_json(path: Path, variable: str) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MapFileError(f"读不到文件 {path}，请检查环境变量 {variable}。") from error
    except ValueError as error:
        raise MapFileError(f"文件 {path} 不是有效的 JSON（环境变量 {variable}）。") from error
    if not isinstance(content, dict):
        raise MapFileError(f"文件 {path} 的内容不对（环境变量 {variable}）。")
    return content


def _served(folder: str, suffix: str, content: dict[str, Any]) -> ServedFile:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(body).hexdigest()[:16]
    return ServedFile(url=f"/{folder}/{digest}.{suffix}", body=body)


def _wound(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return the geometry with outer rings clockwise and holes the other way.

    Charts draw on the sphere, where a ring the other way round is the rest of the world;
    deck.gl takes either.
    """
    is_single = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if is_single else geometry["coordinates"]
    wound = [
        [
            ring if _is_clockwise(ring) == (place == 0) else ring[::-1]
            for place, ring in enumerate(polygon)
        ]
        for polygon in polygons
    ]
    return {"type": geometry["type"], "coordinates": wound[0] if is_single else wound}


def _is_clockwise(ring: list[list[float]]) -> bool:
    x0, y0 = ring[0][:2]
    return (
        sum(
            (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
            for (ax, ay, *_), (bx, by, *_) in pairwise(ring)
        )
        < 0
    )


def _bounds(geometry: dict[str, Any]) -> tuple[float, float, float, float]:
    """Return the west, south, east and north of a geometry."""
    coordinates = geometry["coordinates"]
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    longitudes, latitudes = zip(
        *(point[:2] for polygon in polygons for point in polygon[0]), strict=True
    )
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _label_point(properties: dict[str, Any], geometry: dict[str, Any]) -> tuple[float, float]:
    """Return the point the file gives, else the centroid of the largest outer ring."""
    if "cx" in properties and "cy" in properties:
        return float(properties["cx"]), float(properties["cy"])
    coordinates = geometry["coordinates"]
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    _, x, y = max((_centroid(polygon[0]) for polygon in polygons), key=lambda found: found[0])
    return x, y


def _centroid(ring: list[list[float]]) -> tuple[float, float, float]:
    """Return the area (square degrees) and the centroid of a closed ring."""
    doubled = x_sum = y_sum = 0.0
    x0, y0 = ring[0][:2]  # sums of small offsets keep the digits that large products lose
    for (ax, ay, *_), (bx, by, *_) in pairwise(ring):
        cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
        doubled += cross
        x_sum += (ax + bx - 2 * x0) * cross
        y_sum += (ay + by - 2 * y0) * cross
    if doubled == 0:
        return 0.0, x0, y0
    return abs(doubled) / 2, x0 + x_sum / (3 * doubled), y0 + y_sum / (3 * doubled)
