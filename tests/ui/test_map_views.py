"""Where a map looks at first."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ui.map_files import boundaries
from ui.map_views import crowded_view, view_state, whole_view

NONE = pd.DataFrame({"longitude": [], "latitude": [], "reports": []})


def points(*rows: tuple[float, float, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["longitude", "latitude", "reports"])


def test_whole_view_holds_the_counties_chosen() -> None:
    west, south, east, north = whole_view(["450226"], NONE)

    assert (west, south, east, north) == boundaries().bounds["450226"]


def test_new_area_without_polygon_is_seen_by_its_places() -> None:
    places = points((109.4, 24.4, 1), (109.5, 24.5, 1), (math.nan, math.nan, 3))

    assert whole_view([], places) == (109.4, 24.4, 109.5, 24.5)


def test_nothing_chosen_and_nothing_found_shows_the_whole_city() -> None:
    west, south, east, north = whole_view([], NONE)

    assert (west, north) == (
        min(box[0] for box in boundaries().bounds.values()),
        max(box[3] for box in boundaries().bounds.values()),
    )
    assert west < east
    assert south < north


def test_crowded_view_keeps_to_where_most_reports_are() -> None:
    box = crowded_view(points((109.41, 24.32, 30), (109.43, 24.33, 30), (109.0, 25.5, 5)))

    assert box is not None
    west, _south, east, north = box
    assert west < 109.41 < 109.43 <= east
    assert north < 24.5


def test_crowded_view_of_one_place_is_not_a_point() -> None:
    box = crowded_view(points((109.41, 24.32, 1)))

    assert box is not None
    assert box[2] > box[0]
    assert box[3] > box[1]


def test_crowded_view_of_nothing_is_none() -> None:
    assert crowded_view(points((math.nan, math.nan, 1))) is None


@pytest.mark.parametrize("box", [(109.0, 24.0, 110.0, 25.0), (109.4, 24.3, 109.4, 24.3)])
def test_view_is_in_the_middle_of_its_box_and_not_too_near(
    box: tuple[float, float, float, float],
) -> None:
    view = view_state(box)

    assert view["longitude"] == pytest.approx((box[0] + box[2]) / 2)
    assert view["zoom"] <= 15


def test_larger_box_is_seen_from_further_away() -> None:
    near, far = view_state((109, 24, 110, 25)), view_state((108, 23, 111, 26))

    assert far["zoom"] < near["zoom"]
