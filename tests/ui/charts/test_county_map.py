"""A figure of each county on the map."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.ui.charts.arrow import decoded
from ui.charts.base import spec
from ui.charts.county_map import county_choropleth
from ui.map_files import boundaries


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "county_code": ["450202", "4502LD", "450226"],
            "boundary_code": ["450202", None, "450226"],
            "county": ["城中区", "柳东新区", "三江侗族自治县"],
            "short_name": ["城中", "柳东", "三江"],
            "coverage": [0.708, 0.5, float("nan")],
            "coverage_written": ["70.8%（46/65）", "50.0%（20/40）", "—"],
        }
    )


def draw(frame: pd.DataFrame) -> dict[str, Any]:
    return spec(
        county_choropleth(
            frame,
            value="coverage",
            written="coverage_written",
            title="登记覆盖率",
            value_label="登记覆盖率",
        )
    )


def test_polygons_come_by_address_and_only_once(frame: pd.DataFrame) -> None:
    drawn = draw(frame)

    sources = [layer["data"] for layer in drawn["layer"]]
    assert sources[0] == sources[1]
    assert sources[0]["url"] == boundaries().file.url
    assert "coordinates" not in str(drawn)


def test_new_area_without_polygon_is_told_in_words_with_its_value(frame: pd.DataFrame) -> None:
    assert draw(frame)["title"]["subtitle"] == "没有边界、未画出：柳东 50.0%（20/40）"


def test_nothing_is_said_when_every_county_has_its_polygon(frame: pd.DataFrame) -> None:
    assert "subtitle" not in draw(frame[frame["boundary_code"].notna()])["title"]


def test_names_stand_at_the_label_points_of_the_boundary_file(frame: pd.DataFrame) -> None:
    drawn = draw(frame)

    [rows] = map(decoded, drawn["datasets"].values())
    assert [row["short_name"] for row in rows] == ["城中", "三江"]
    assert (rows[0]["longitude"], rows[0]["latitude"]) == boundaries().label_points["450202"]


def test_click_selects_the_county_code(frame: pd.DataFrame) -> None:
    [chosen] = draw(frame)["params"]

    assert chosen["name"] == "county"
    assert chosen["select"]["fields"] == ["county_code"]


def test_scope_without_polygons_still_draws_the_ground(frame: pd.DataFrame) -> None:
    drawn = draw(frame[frame["boundary_code"].isna()])

    assert drawn["layer"][0]["data"]["url"] == boundaries().file.url
    assert list(map(decoded, drawn["datasets"].values())) == [[]]
