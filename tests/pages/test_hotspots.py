"""重点区域: hidden classes are found, busy buildings are not, the slider shows growth."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage

SCRIPT = "pages/enforcement/hotspots.py"
SUPERVISOR = "supervisor@demo"
PLANTED = {"角宿花园", "亢宿大厦", "氐宿小区", "房宿商业广场", "心宿家园"}
BUSY = {
    *("毕宿大厦", "室宿大厦", "斗宿大厦", "参宿大厦"),
    *("轸宿商业广场", "鬼宿商业广场", "牛宿商业广场", "井宿商业广场"),
}


def hotspots(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


def new_places(page: AppTest) -> pd.DataFrame:
    return page.dataframe[1].value


def reports(page: AppTest) -> pd.DataFrame:
    return page.dataframe[2].value


def layers(page: AppTest) -> dict[str, list[dict[str, Any]]]:
    [chart] = page.get("deck_gl_json_chart")
    built = json.loads(chart.proto.json)
    return {layer["id"]: layer["data"] for layer in built["layers"]}


def zoom(page: AppTest) -> float:
    [chart] = page.get("deck_gl_json_chart")
    return float(json.loads(chart.proto.json)["initialViewState"]["zoom"])


def choose_on_map(page: AppTest, layer: str, key: str) -> AppTest:
    """Say what a browser says when something is chosen on the map."""
    [chart] = page.get("deck_gl_json_chart")
    state_key = chart.proto.id.rsplit("-", 1)[-1]
    page.session_state[state_key] = {"selection": {"indices": {}, "objects": {layer: [{"k": key}]}}}
    return page.run()


def test_hidden_classes_are_found_and_busy_buildings_are_not(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR)

    found = set(hotspots(page)["地点"])
    named = "".join(hotspots(page)["楼宇小区及件数"])
    assert found >= PLANTED
    assert len(found - PLANTED) <= 1
    assert not any(building in named for building in BUSY)


def test_headline_says_where_most_is_to_be_found(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR)

    rows = hotspots(page)
    assert f"{len(rows)} 处举报明显多于预期" in page.subheader[0].value
    assert "最多的是城中区角宿花园" in page.subheader[0].value
    assert f"比预期多 {rows['多出（件）'].max()} 件" in page.subheader[0].value
    assert f"新增无登记地点 {len(new_places(page))} 处" in page.subheader[0].value


def test_each_hotspot_tells_types_hours_certainty_and_since_when(open_page: OpenPage) -> None:
    row = hotspots(open_page(SCRIPT, SUPERVISOR)).set_index("地点").loc["角宿花园"]

    assert row["上课时间"] == "19:00–21:30"
    assert row["违规类型及件数"].startswith("一对一 ")
    assert row["把握"] == "很有把握"
    assert str(row["突出自"]) <= "2022-08-04"


def test_slider_shows_hotspots_growing(open_page: OpenPage) -> None:
    early = open_page(SCRIPT, SUPERVISOR, week="7 月 28 日")
    late = open_page(SCRIPT, SUPERVISOR)

    sizes = [
        hotspots(page).set_index("地点")["多出（件）"].reindex(sorted(PLANTED)).fillna(0)
        for page in (early, late)
    ]
    assert (sizes[0] <= sizes[1]).all()
    assert sizes[0].sum() < sizes[1].sum()
    assert pd.to_datetime(reports(early)["接报日期"]).max() <= pd.Timestamp("2022-07-28")


def test_week_that_the_slider_does_not_have_is_not_taken_from_an_address(
    open_page: OpenPage,
) -> None:
    page = open_page(SCRIPT, SUPERVISOR, week="2019-01-01<b>")

    assert not page.exception
    assert hotspots(page).equals(hotspots(open_page(SCRIPT, SUPERVISOR)))


def test_new_places_have_no_institution_and_are_reported_lately(open_page: OpenPage) -> None:
    rows = new_places(open_page(SCRIPT, SUPERVISOR)).set_index("地点")

    # 房宿商业广场 was first reported nine weeks ago.
    assert set(rows.index) >= PLANTED - {"房宿商业广场"}
    assert not set(rows.index) & (BUSY | {"房宿商业广场"})
    assert ((rows["举报"] >= 2) | (rows["属实"] >= 1)).all()
    assert pd.to_datetime(rows["首次举报"]).min() >= pd.Timestamp("2022-07-01")


def test_map_shows_the_same_as_the_lists(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR)

    shown = layers(page)
    excesses = [f"+{excess}" for excess in hotspots(page)["多出（件）"]]
    assert [each["t"] for each in reversed(shown["cells"])] == excesses
    assert 0 < len(shown["places"]) <= len(new_places(page))


def test_choice_on_the_map_shows_the_reports_and_the_evidence(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR)
    everything = reports(page)
    shown = layers(page)
    first = next(each for each in shown["cells"] if "角宿花园" in each["name"])

    page = choose_on_map(page, "cells", first["k"])
    hotspot = reports(page)
    said = "".join(each.value for each in page.markdown).replace("\\", "")
    place = next(each for each in shown["places"] if each["k"].endswith(":角宿花园"))
    of_place = reports(choose_on_map(page, "places", place["k"]))

    assert set(hotspot["线索编号"]) < set(everything["线索编号"])
    assert set(hotspot["县区"]) == {"城中"}
    assert "可能不到" in said
    assert "19:00–21:30" in said
    assert set(of_place["地点"]) == {"角宿花园"}


def test_choice_of_what_there_is_not_chooses_nothing(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR)
    everything = reports(page)

    assert reports(choose_on_map(page, "cells", "89411ab2c2fffff")).equals(everything)


def test_county_filter_shows_its_own_hotspots_as_the_whole_city_has_them(
    open_page: OpenPage,
) -> None:
    whole = hotspots(open_page(SCRIPT, SUPERVISOR))
    page = open_page(SCRIPT, SUPERVISOR, county=["城中区"])

    own = whole[whole["县区"] == "城中"].reset_index(drop=True)
    assert hotspots(page).equals(own)
    assert set(new_places(page)["县区"]) == {"城中"}


def test_county_without_a_hotspot_says_so(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR, county=["三江侗族自治县"])

    assert "没有举报明显多于预期的区域" in page.subheader[0].value
    assert not page.exception


def test_week_without_a_hotspot_shows_the_new_places(open_page: OpenPage) -> None:
    close = zoom(open_page(SCRIPT, SUPERVISOR, county=["城中区"]))

    page = open_page(SCRIPT, SUPERVISOR, county=["城中区"], week="7 月 7 日")

    assert "没有举报明显多于预期的区域" in page.subheader[0].value
    assert [each.value for each in page.caption if "这一周没有" in each.value]
    assert zoom(page) < close


def test_category_leaves_out_places_that_have_none(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, SUPERVISOR, category=["文化艺术"])

    assert not [each for each in page.dataframe if "首次举报" in each.value]
    assert [each.value for each in page.caption if "选了机构类别时不列" in each.value]
    assert "无登记地点" not in page.subheader[0].value
    assert not [each.value for each in page.caption if "没有新增" in each.value]


@pytest.mark.parametrize("day", ["2022-04-01", "2022-06-15", "2022-08-23"])
def test_earlier_days_are_shown_as_they_were(open_page: OpenPage, day: str) -> None:
    page = open_page(SCRIPT, SUPERVISOR, day=day)

    assert not page.exception
    assert not page.error
    assert "预期" in page.subheader[0].value
