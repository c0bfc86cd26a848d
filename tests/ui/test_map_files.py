"""The boundary file and the map style that an office configures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ui.map_files import BOUNDARY_FILE, MAP_STYLE_FILE, MapFileError, boundaries, map_style

SQUARE = [[109.0, 24.0], [110.0, 24.0], [110.0, 25.0], [109.0, 25.0], [109.0, 24.0]]
SPECK = [[100.0, 20.0], [100.1, 20.0], [100.1, 20.1], [100.0, 20.1], [100.0, 20.0]]


def feature(geometry: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def configure(
    monkeypatch: pytest.MonkeyPatch, folder: Path, variable: str, content: object
) -> None:
    path = folder / "file.json"
    path.write_text(
        content if isinstance(content, str) else json.dumps(content), encoding="utf-8-sig"
    )
    monkeypatch.setenv(variable, str(path))


@pytest.fixture
def collection() -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "审图号": "桂S（2022）00号",
        "features": [
            feature(
                {"type": "Polygon", "coordinates": [SQUARE]},
                adcode="450202",
                name="城中区",
                cx=109.2,
                cy=24.2,
                population=1,
            ),
            feature(
                {"type": "MultiPolygon", "coordinates": [[SPECK], [SQUARE]]},
                adcode=450203,
                name="鱼峰区",
            ),
        ],
    }


def test_boundaries_are_served_without_what_no_map_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: dict[str, Any]
) -> None:
    configure(monkeypatch, tmp_path, BOUNDARY_FILE, collection)

    found = boundaries()
    served = json.loads(found.file.body)

    assert [county["properties"] for county in served["features"]] == [
        {"adcode": "450202", "name": "城中区"},
        {"adcode": "450203", "name": "鱼峰区"},
    ]
    assert b" " not in found.file.body
    assert found.approval_number == "桂S（2022）00号"


def test_outer_rings_are_served_clockwise_and_holes_the_other_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: dict[str, Any]
) -> None:
    hole = [[109.4, 24.4], [109.6, 24.4], [109.6, 24.6], [109.4, 24.6], [109.4, 24.4]]
    collection["features"][0]["geometry"]["coordinates"] = [SQUARE, hole]
    configure(monkeypatch, tmp_path, BOUNDARY_FILE, collection)

    holed, parts = (f["geometry"] for f in json.loads(boundaries().file.body)["features"])

    assert holed == {"type": "Polygon", "coordinates": [SQUARE[::-1], hole]}
    assert parts == {"type": "MultiPolygon", "coordinates": [[SPECK[::-1]], [SQUARE[::-1]]]}


def test_bounds_hold_every_part_of_a_county(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: dict[str, Any]
) -> None:
    configure(monkeypatch, tmp_path, BOUNDARY_FILE, collection)

    assert boundaries().bounds["450203"] == (100.0, 20.0, 110.0, 25.0)


def test_label_stands_where_the_file_says_else_in_the_middle_of_the_largest_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: dict[str, Any]
) -> None:
    configure(monkeypatch, tmp_path, BOUNDARY_FILE, collection)

    points = boundaries().label_points

    assert points["450202"] == (109.2, 24.2)
    assert points["450203"] == pytest.approx((109.5, 24.5))


def test_address_changes_with_the_content_and_with_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, collection: dict[str, Any]
) -> None:
    urls = []
    for folder in ("first", "again", "changed"):
        (tmp_path / folder).mkdir()
        if folder == "changed":
            collection["features"].pop()
        configure(monkeypatch, tmp_path / folder, BOUNDARY_FILE, collection)
        urls.append(boundaries().file.url)

    assert urls[0] == urls[1] != urls[2]
    assert urls[0].startswith("/boundaries/")
    assert urls[0].endswith(".geojson")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "不是有效的 JSON"),
        ([], "内容不对"),
        ({"type": "FeatureCollection", "features": []}, "不是 GeoJSON 要素集合"),
        ({"type": "Feature", "features": [1]}, "不是 GeoJSON 要素集合"),
        (
            {
                "type": "FeatureCollection",
                "features": [feature({"type": "Polygon", "coordinates": [SQUARE]}, name="甲")],
            },
            "adcode",
        ),
        (
            {
                "type": "FeatureCollection",
                "features": [
                    feature({"type": "Point", "coordinates": [1, 2]}, adcode="1", name="甲")
                ],
            },
            "“甲”不是面",
        ),
    ],
)
def test_unusable_boundary_file_is_refused_with_what_to_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: object, message: str
) -> None:
    configure(monkeypatch, tmp_path, BOUNDARY_FILE, content)

    with pytest.raises(MapFileError, match=message):
        boundaries()


def test_missing_file_names_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(BOUNDARY_FILE, str(tmp_path / "none.geojson"))

    with pytest.raises(MapFileError, match="BOUNDARY_FILE"):
        boundaries()


def test_style_names_the_origins_that_tiles_come_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    style = {
        "version": 8,
        "glyphs": "/app/glyphs/{fontstack}/{range}.pbf",
        "sources": {
            "base": {"type": "raster", "tiles": ["http://10.1.2.3:8080/{z}/{x}/{y}.png"]},
            "names": {"type": "raster", "tiles": ["http://10.1.2.3:8080/n/{z}/{x}/{y}.png"]},
            "more": {"type": "vector", "url": "https://map.liuzhou.example/t.json"},
        },
        "layers": [],
    }
    configure(monkeypatch, tmp_path, MAP_STYLE_FILE, style)

    found = map_style()

    assert found is not None
    assert found.origins == ("http://10.1.2.3:8080", "https://map.liuzhou.example")
    assert json.loads(found.file.body) == style


def test_there_is_no_tile_service_unless_one_is_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(MAP_STYLE_FILE, raising=False)

    assert map_style() is None


@pytest.mark.parametrize("tiles", ["https://t{s}.example/{z}.png", "https://a.example; img-src */"])
def test_origin_that_would_break_the_policy_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiles: str
) -> None:
    style = {"version": 8, "sources": {"base": {"type": "raster", "tiles": [tiles]}}}
    configure(monkeypatch, tmp_path, MAP_STYLE_FILE, style)

    with pytest.raises(MapFileError, match="要写明主机名"):
        map_style()
