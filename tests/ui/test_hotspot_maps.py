"""Circles of hotspots: as large as their excess, as far as their neighbours leave room."""

from __future__ import annotations

import pandas as pd
import pytest

from ui.hotspot_maps import LARGEST, SMALLEST, _radii
from ui.map_views import TILE, view_state

VIEW = (109.2, 24.1, 109.6, 24.5)
ACROSS = TILE * 2 ** view_state(VIEW)["zoom"] / 360  # pixels a degree of longitude


def spots(*rows: tuple[float, float]) -> pd.DataFrame:
    """Hotspots so many pixels east of the first, each with its excess."""
    return pd.DataFrame(
        [(109.3 + pixels / ACROSS, 24.3, excess) for pixels, excess in rows],
        columns=["longitude", "latitude", "excess"],
    )


def test_circles_with_room_are_as_large_as_their_excess() -> None:
    assert _radii(spots((0, 0.0), (200, 9.0), (400, 900.0)), VIEW).tolist() == [
        SMALLEST,
        SMALLEST + 2.2 * 3,
        LARGEST,
    ]
    assert _radii(spots((0, 900.0)), VIEW).tolist() == [LARGEST]
    assert _radii(spots(), VIEW).tolist() == []


def test_circles_of_neighbours_touch_at_most() -> None:
    left, right, far = _radii(spots((0, 900.0), (40, 900.0), (300, 900.0)), VIEW)

    assert left + right == pytest.approx(40)
    assert far == LARGEST


def test_circle_is_never_smaller_than_can_be_seen() -> None:
    assert _radii(spots((0, 900.0), (2, 900.0)), VIEW).tolist() == [SMALLEST, SMALLEST]
