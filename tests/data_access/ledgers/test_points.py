from __future__ import annotations

import geocoordinates_ffi as oracle
import pytest

from tests.data_access.ledgers.files import INSTITUTION, read_rows, said

OUTSIDE = "2 经度：坐标不在柳州市范围内，坐标未导入"


def point_of(longitude: object, latitude: object, crs: str = "wgs84"):
    understanding = read_rows({**INSTITUTION, "经度": longitude, "纬度": latitude}, crs=crs)
    row = understanding.rows.iloc[0]
    return understanding, row["longitude"], row["latitude"]


@pytest.mark.parametrize(
    "given", [(109.41, 24.32), ("109.41", "24.32"), ("１０９．４１", " 24.32")]
)
def test_point_in_the_city_is_loaded_as_it_is(given) -> None:
    understanding, longitude, latitude = point_of(*given)

    assert (longitude, latitude) == (109.41, 24.32)
    assert said(understanding) == []


def test_swapped_point_is_mended_and_told() -> None:
    understanding, longitude, latitude = point_of(24.32, 109.41)

    assert (longitude, latitude) == (109.41, 24.32)
    assert said(understanding) == ["2 经度：经度和纬度填反了，已对调"]
    assert not understanding.rejected.any()


@pytest.mark.parametrize(
    "given", [(116.4, 39.9), (39.9, 116.4), (0, 0), (999, -999), (-109.41, 24.32)]
)
def test_point_outside_the_city_is_left_out_and_told_but_the_row_is_loaded(given) -> None:
    understanding, *point = point_of(*given)

    assert [str(number) for number in point] == ["<NA>", "<NA>"]
    assert said(understanding) == [OUTSIDE]
    assert not understanding.rejected.any()


@pytest.mark.parametrize(("given", "column"), [((109.41, None), "经度"), ((None, 24.32), "纬度")])
def test_half_a_point_is_left_out_and_told(given, column: str) -> None:
    understanding, longitude, latitude = point_of(*given)

    assert str(longitude) == str(latitude) == "<NA>"
    assert said(understanding) == [f"2 {column}：经度和纬度只填了一个，坐标未导入"]


def test_point_that_is_no_number_rejects_the_row() -> None:
    understanding, *_ = point_of("109°24′", 24.32)

    assert understanding.rejected.all()


@pytest.mark.parametrize("given", [("清空", "清空"), ("清空", None), (None, "清空")])
def test_point_is_emptied_as_a_whole(given) -> None:
    understanding, *_ = point_of(*given)

    assert understanding.cleared["longitude"].tolist() == [True]
    assert understanding.cleared["latitude"].tolist() == [True]
    assert said(understanding) == []


def test_half_a_point_cannot_be_emptied() -> None:
    understanding, *_ = point_of("清空", 24.32)

    assert "2 经度：经度和纬度要一起清空或一起填写" in said(understanding, "error")


@pytest.mark.parametrize(
    ("crs", "shift"), [("gcj02", oracle.wgs84_to_gcj02), ("bd09", oracle.wgs84_to_bd09)]
)
def test_shifted_point_comes_to_its_place_also_when_swapped(crs: str, shift) -> None:
    shifted = shift(oracle.Wgs84(lat=24.32, lon=109.41))

    for given in ((shifted.lon, shifted.lat), (shifted.lat, shifted.lon)):
        _, longitude, latitude = point_of(*given, crs=crs)
        assert (longitude, latitude) == pytest.approx((109.41, 24.32), abs=1e-8)
