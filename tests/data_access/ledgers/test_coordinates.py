from __future__ import annotations

import geocoordinates_ffi as oracle
import numpy as np
import pytest

from data_access.ledgers.coordinates import to_wgs84

RNG = np.random.default_rng(7)
LONGITUDE = RNG.uniform(108.5, 110.2, 200)
LATITUDE = RNG.uniform(23.9, 26.1, 200)
DEGREE_M = 111_320
SHIFTS = {"gcj02": oracle.wgs84_to_gcj02, "bd09": oracle.wgs84_to_bd09}


@pytest.mark.parametrize("crs", SHIFTS)
def test_shifted_points_come_back_within_a_millimetre(crs: str) -> None:
    shifted = [
        SHIFTS[crs](oracle.Wgs84(lat=latitude, lon=longitude))
        for longitude, latitude in zip(LONGITUDE, LATITUDE, strict=True)
    ]
    given = np.array([[point.lon, point.lat] for point in shifted])
    assert np.abs(given[:, 0] - LONGITUDE).min() * DEGREE_M > 100

    longitude, latitude = to_wgs84(given[:, 0], given[:, 1], crs)

    assert np.abs(longitude - LONGITUDE).max() * DEGREE_M < 0.001
    assert np.abs(latitude - LATITUDE).max() * DEGREE_M < 0.001


def test_wgs84_is_left_as_it_is() -> None:
    longitude, latitude = to_wgs84(LONGITUDE, LATITUDE, "wgs84")

    assert (longitude == LONGITUDE).all()
    assert (latitude == LATITUDE).all()


def test_missing_stays_missing() -> None:
    nothing = np.array([np.nan])

    assert np.isnan(to_wgs84(nothing, nothing, "bd09")).all()


def test_another_crs_is_refused() -> None:
    with pytest.raises(ValueError, match="cgcs2000"):
        to_wgs84(LONGITUDE, LATITUDE, "cgcs2000")
