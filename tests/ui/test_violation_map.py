"""What the page of violations shows, and says."""

from __future__ import annotations

import json
import math
from datetime import date, time
from typing import Any

import h3
import pandas as pd
import pytest

from data_access.reference import County
from ui import maps, violation_map
from ui.deck import Picked
from ui.violation_map import View
from ui.violation_rows import MOST_PLACES, hours

CITY = [
    County("450202", "城中区", "城中", "district", "450202"),
    County("4502LD", "柳东新区", "柳东", "new_area", None),
]


def place(name: str, **columns: Any) -> dict[str, Any]:
    return {
        "county_code": "450202",
        "county": "城中区",
        "short_name": "城中",
        "place_key": f"450202:{name}",
        "place_name": name,
        "address": None,
        "longitude": 109.41,
        "latitude": 24.32,
        "reports": 2,
        "located": 2,
        "verified": 1,
        "substantiated": 1,
        "latest_on": pd.Timestamp(2022, 8, 25),
    } | columns


def lay_out(*places: dict[str, Any], units: list[County] = CITY, **options: Any) -> View:
    frame = pd.DataFrame(list(places), columns=list(place("")))
    types = frame[["county_code", "place_key", "reports"]].assign(violation_type_group="一对一")
    given = {
        "types": types.dropna(),
        "cells": None,
        "span": (date(2022, 5, 27), date(2022, 8, 25)),
        "look": ("state", "whole"),
        "pickable": True,
    }
    return violation_map.lay_out(frame, units=units, city=CITY, **(given | options))


def drawn(view: View) -> dict[str, dict[str, Any]]:
    return {layer["id"]: layer for layer in json.loads(view.deck.to_json())["layers"]}


@pytest.mark.parametrize(("number", "expected"), [(20_000, False), (20_001, True)])
def test_more_than_twenty_thousand_places_are_too_many_for_points(
    number: int, expected: bool
) -> None:
    places = pd.DataFrame([place("甲")] * number)
    nowhere = pd.DataFrame([place("乙", longitude=math.nan)])

    assert violation_map.too_many(pd.concat([places, nowhere])) is expected


def test_too_many_places_are_drawn_as_cells_but_listed_as_places() -> None:
    cell = h3.latlng_to_cell(24.32, 109.41, 9)
    counts = {"county_code": "450202", "reports": 2, "verified": 1, "substantiated": 1}

    view = lay_out(place("甲"), cells=pd.DataFrame([{**counts, "cell": cell}]))

    assert maps.CELLS in drawn(view)
    assert maps.PLACES not in drawn(view)
    assert view.places.frame["place"].tolist() == ["甲"]
    assert "网格" in view.notes


def test_list_is_cut_and_says_so() -> None:
    view = lay_out(*(place(str(n)) for n in range(MOST_PLACES + 1)))

    assert len(view.places.frame) == MOST_PLACES
    assert violation_map.list_title(view).endswith("列出前 1,000 处")


def test_notes_tell_to_pick_a_county_only_where_one_can_be_picked() -> None:
    assert "点圆看该处举报，点县区只看该县区，再点一次恢复。" in lay_out(place("甲")).notes
    alone = lay_out(place("甲"), units=CITY[:1], pickable=False).notes
    assert "点圆看该处举报，再点一次恢复。" in alone


def test_notes_say_the_time_the_rate_and_what_has_no_coordinates_of_its_own() -> None:
    view = lay_out(place("甲", reports=20, located=18, verified=15, substantiated=9))

    assert view.notes.startswith("2022 年 5 月 27 日至 8 月 25 日接报 20 件，")
    assert "截至统计日期已核实 15 件，核实率 60.0%（9/15）。" in view.notes
    assert "2 件自身无坐标，标在同一地点其他举报的位置。" in view.notes
    assert "柳东新区没有边界图形" in view.notes


def test_new_area_is_not_mentioned_where_it_is_not_in_scope() -> None:
    assert "柳东新区" not in lay_out(place("甲"), units=CITY[:1]).notes


def test_chosen_county_is_outlined_and_the_whole_city_is_not() -> None:
    assert "'450202'" in drawn(lay_out(place("甲"), units=CITY[:1]))["outlines"]["getLineColor"]
    assert "'450202'" not in drawn(lay_out(place("甲")))["outlines"]["getLineColor"]


def test_choice_in_the_list_is_newer_than_the_one_on_the_map() -> None:
    view = lay_out(place("甲"), place("乙", substantiated=0))

    for row, picked, name in ((None, "450202:乙", "乙"), (0, "450202:乙", "甲")):
        chosen = violation_map.chosen_place(view, row, picked)
        assert chosen is not None
        assert chosen["place"] == name
    assert violation_map.chosen_place(view, None, "") is None


def test_reports_below_are_those_of_the_place_else_of_the_cell_else_all() -> None:
    view = lay_out(place("甲"))
    chosen = violation_map.chosen_place(view, 0, "")

    assert violation_map.listed(view, chosen, Picked()) == (
        "城中区甲：举报 2 件，属实 1 件，核实率 1/1",
        2,
        {"place_key": "450202:甲"},
    )
    assert violation_map.listed(view, None, Picked(maps.CELLS, "87x"))[2] == {"cell": "87x"}
    assert violation_map.listed(view, None, Picked()) == ("全部举报 2 件", 2, {})


def test_map_goes_to_the_place_chosen_in_the_list_if_it_has_a_point() -> None:
    view = lay_out(place("甲"), place("乙", substantiated=0, longitude=math.nan))

    assert view.point(0) == (109.41, 24.32)
    assert view.point(1) is None
    assert view.point(None) is None


def test_nothing_found_still_draws_the_counties() -> None:
    view = lay_out()

    assert view.found.reports == 0
    assert drawn(view)[maps.PLACES]["data"] == []


@pytest.mark.parametrize(
    ("span", "written"),
    [
        ((time(19), time(20, 30)), "19:00–20:30"),
        ((time(19), None), "19:00"),
        ((None, None), None),
    ],
)
def test_hours_are_written_as_far_as_they_are_known(
    span: tuple[time | None, time | None], written: str | None
) -> None:
    assert hours(*span) == written
