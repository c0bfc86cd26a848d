from __future__ import annotations

import json
from pathlib import Path

import h3
import numpy as np
import pytest

from data_access.ledgers import places
from data_access.ledgers.places import h3_cells, inside_city, name_key, name_keys, place_keys

BOUNDARIES = Path(__file__).parents[3] / "sample_data" / "liuzhou_counties.geojson"
NAN = float("nan")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("甲子（城中）培训中心", "甲子(城中)培训中心"),
        ("甲子【城中】培训中心", "甲子[城中]培训中心"),
        (" 甲 子　培训中心\u200b", "甲子培训中心"),
        ("ＡＢＣ英语", "abc英语"),
        ("甲子\n培训中心", "甲子培训中心"),
    ],
)
def test_names_written_in_two_ways_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("甲子", "甲丑"), ("甲子一店", "甲子1店")])
def test_other_names_have_other_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_keys_of_many_names_are_those_of_each() -> None:
    names = ["甲子（城中）", "", "　", "乙 丑", "ﷺ" * 100]

    assert name_keys(names) == [name_key(name) for name in names]
    assert name_keys([]) == []
    assert max(map(len, name_keys(names))) == places.KEY_LENGTH


def test_place_is_its_county_and_name_else_its_coordinates() -> None:
    keys = place_keys(
        ["450202", "450205", "450202", "450202", "450202", None],
        ["角宿大厦", "角宿大厦", "角宿 大厦", None, "  ", "角宿大厦"],
        np.array([109.4, 109.4, NAN, 109.41234, 109.4, 109.4]),
        np.array([24.3, 24.3, NAN, 24.31234, NAN, 24.3]),
    )

    assert keys.tolist() == [
        "450202:角宿大厦",
        "450205:角宿大厦",
        "450202:角宿大厦",
        "450202@109.4123,24.3123",
        None,
        None,
    ]


def test_cells_are_those_of_resolution_nine() -> None:
    cells = h3_cells(np.array([109.4, NAN, 109.4]), np.array([24.3, 24.3, 24.3]))

    assert cells.tolist() == [h3.latlng_to_cell(24.3, 109.4, 9), None, cells[0]]


def test_city_is_the_box_of_its_boundaries_and_a_little_more() -> None:
    points = np.array(list(_points(json.loads(BOUNDARIES.read_text(encoding="utf-8")))))

    assert inside_city(points[:, 0], points[:, 1]).all()
    assert points[:, 0].min() - places.WEST < 0.03
    assert places.EAST - points[:, 0].max() < 0.03
    assert points[:, 1].min() - places.SOUTH < 0.03
    assert places.NORTH - points[:, 1].max() < 0.03


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(116.4, 39.9), (108.37, 22.82), (110.29, 25.27), (24.3, 109.4), (0, 0), (NAN, 24.3)],
)
def test_other_cities_lie_outside(longitude: float, latitude: float) -> None:
    assert not inside_city(np.array([longitude]), np.array([latitude])).any()


def _points(node):
    if isinstance(node, list) and node and isinstance(node[0], (int, float)):
        yield node
    elif isinstance(node, (list, dict)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _points(child)
