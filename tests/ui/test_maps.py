"""Maps of places and cells."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import h3
import pandas as pd
import pytest

from analysis.violations import PlaceState
from tests.hostile import HOSTILE
from ui import maps
from ui.formatting import one_line
from ui.map_files import MAP_STYLE_FILE, boundaries
from ui.maps import RED_SOFT
from ui.palette import BLUE, GREY, GREY_LIGHT, RED

NEAR, FAR = (109.40, 24.30, 109.42, 24.32), (108.6, 23.9, 110.2, 26.0)


def place(name: str, **columns: Any) -> dict[str, Any]:
    return {
        "county": "城中区",
        "place_key": f"450202:{name}",
        "place": name,
        "longitude": 109.41,
        "latitude": 24.32,
        "reports": 1,
        "verified": 0,
        "substantiated": 0,
        "main_type": "一对一",
        "state": PlaceState.PENDING.value,
        "rate_written": "—",
    } | columns


def frame(*places: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(places), columns=list(place("")))


def layers(deck: maps.CompactDeck) -> dict[str, dict[str, Any]]:
    return {layer["id"]: layer for layer in json.loads(deck.to_json())["layers"]}


def draw(*places: dict[str, Any], pickable: bool = True) -> maps.CompactDeck:
    base = maps.county_layers({"450202": "城中"}, chosen=["450202"], pickable=pickable)
    return maps.places_map(frame(*places), [BLUE] * len(places), base=base, view=NEAR)


def test_map_asks_nothing_of_the_outside() -> None:
    specification = json.loads(draw(place("甲")).to_json())

    assert "mapProvider" not in specification
    assert specification["mapStyle"] == "__MAP_STYLE__"
    assert "http" not in draw(place("甲")).to_json()


def test_boundaries_travel_by_address() -> None:
    deck = draw(place("甲"))

    assert layers(deck)["counties"]["data"] == boundaries().file.url
    assert layers(deck)["outlines"]["data"] == boundaries().file.url
    assert len(deck.to_json()) < 10_000


def test_specification_has_no_blanks_and_keeps_chinese_as_it_is() -> None:
    written = draw(place("甲大厦")).to_json()

    assert "\n " not in written
    assert "甲大厦" in written


def test_fill_is_chosen_without_a_stroke_and_the_outline_is_not_chosen() -> None:
    found = layers(draw(place("甲")))

    assert (found["counties"]["pickable"], found["counties"]["stroked"]) == (True, False)
    assert not found["outlines"].get("pickable")
    assert list(found).index("places") > list(found).index("counties")


def test_county_is_not_chosen_where_there_is_only_one() -> None:
    assert layers(draw(place("甲"), pickable=False))["counties"]["pickable"] is False


def test_tile_service_is_the_ground_when_one_is_configured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    style = {"version": 8, "sources": {}, "layers": []}
    (tmp_path / "style.json").write_text(json.dumps(style), encoding="utf-8")
    monkeypatch.setenv(MAP_STYLE_FILE, str(tmp_path / "style.json"))

    specification = json.loads(draw(place("甲")).to_json())

    assert specification["mapProvider"] == "maplibre"
    assert specification["mapStyle"].startswith("/")


def test_chosen_place_gives_its_key() -> None:
    [record] = layers(draw(place("甲")))["places"]["data"]

    assert record["k"] == "450202:甲"
    assert record["p"] == [109.41, 24.32]


def test_tooltip_is_text_so_that_no_ledger_word_becomes_markup() -> None:
    deck = draw(place("<img src=x onerror=alert(1)>"))

    assert set(deck._tooltip) == {"text", "style"}
    assert deck._tooltip["text"] == "{name}"


def test_tooltip_says_the_count_with_its_rate() -> None:
    said = maps.place_tooltip(
        place("甲大厦", reports=20, verified=15, substantiated=9, rate_written="60.0%（9/15）"), []
    )

    assert said.splitlines() == [
        "城中区甲大厦",
        "举报 20 件 · 属实 9 件 · 核实率 60.0%（9/15）",
        "多为一对一",
    ]
    assert "尚未核实" in maps.place_tooltip(place("乙"), [])


def test_places_at_one_spot_are_drawn_apart_and_name_each_other() -> None:
    deck = draw(place("甲"), place("乙", longitude=109.410001), place("丙", longitude=109.5))

    drawn = {record["k"]: record for record in layers(deck)["places"]["data"]}
    first, second, alone = (drawn[f"450202:{name}"] for name in "甲乙丙")
    assert 10 < 111_000 * math.dist(first["p"], second["p"]) < 50
    assert "同一位置还有：乙" in first["name"]
    assert "同一位置还有：甲" in second["name"]
    assert alone["p"] == [109.5, 24.32]
    assert "同一位置" not in alone["name"]


def test_place_without_coordinates_is_not_drawn() -> None:
    assert layers(draw(place("甲", longitude=math.nan, latitude=math.nan)))["places"]["data"] == []


def test_worst_lie_on_top_of_what_came_to_nothing() -> None:
    states = [state.value for state in PlaceState]

    found = layers(draw(*(place(state, state=state) for state in states)))["places"]["data"]

    assert [record["k"].removeprefix("450202:") for record in found] == states[::-1]


def test_small_circles_lie_on_large_ones_and_large_ones_show_their_count() -> None:
    deck = draw(place("four", reports=4), place("many", reports=36), place("five", reports=5))

    found = layers(deck)
    assert [record["k"] for record in found["places"]["data"]] == [
        "450202:many",
        "450202:five",
        "450202:four",
    ]
    assert [label["t"] for label in found["counts"]["data"]] == ["36", "5"]
    radii = [record["r"] for record in found["places"]["data"]]
    assert radii == sorted(radii, reverse=True)


def test_circles_are_smaller_on_a_map_of_the_whole_city() -> None:
    near, far = (
        maps.places_map(frame(place("甲", reports=36)), [BLUE], base=[], view=view)
        for view in (NEAR, FAR)
    )

    [of_near], [of_far] = (layers(deck)["places"]["data"] for deck in (near, far))
    assert of_far["r"] < of_near["r"]
    assert maps.radius(1, 6) == maps.SMALLEST_PIXELS


def test_number_is_written_only_where_it_fits() -> None:
    far = maps.places_map(
        frame(place("甲", reports=5), place("乙", reports=100)), [BLUE] * 2, base=[], view=FAR
    )

    assert [label["t"] for label in layers(far)["counts"]["data"]] == ["100"]


def test_circles_grow_to_their_size_when_the_map_goes_near() -> None:
    near, far = (
        maps.places_map(frame(place("甲", reports=36)), [BLUE], base=[], view=view)
        for view in (NEAR, FAR)
    )

    focused = layers(maps.focused_on(far, 109.5, 24.5, ringed=True))["places"]

    [of_near], [of_far] = (layers(deck)["places"]["data"] for deck in (near, far))
    assert of_far["r"] * focused["radiusScale"] == pytest.approx(of_near["r"], rel=0.02)


def test_only_what_was_found_to_be_true_is_red() -> None:
    states = [state.value for state in PlaceState]
    judged = frame(*(place(state, state=state) for state in [*states, states[0]]))

    colours, legend = maps.place_colours(judged, by_type=False, largest=())

    assert colours == [RED, RED_SOFT, BLUE, GREY_LIGHT, RED]
    assert [item.words for item in legend] == [
        "属实 3 件起 2 处",
        "属实 1–2 件 1 处",
        "尚待核实 1 处",
        "均不属实 1 处",
    ]


def test_types_beyond_the_largest_share_one_grey() -> None:
    judged = frame(
        *(place(word, main_type=word) for word in ["一对一", "退费难", "其他", "高端家政"])
    )

    colours, legend = maps.place_colours(judged, by_type=True, largest=("退费难", "一对一"))

    assert colours[2:] == [GREY, GREY]
    assert [item.words for item in legend] == ["退费难 1 处", "一对一 1 处", "其他类型 2 处"]
    assert RED not in colours


def test_cells_are_deeper_the_more_reports() -> None:
    addresses = list(h3.grid_disk(h3.latlng_to_cell(24.32, 109.41, 7), 1))[:5]
    cells = pd.DataFrame(
        {
            "cell": addresses,
            "reports": [50, 40, 30, 20, 10],
            "verified": [10, 0, 0, 0, 0],
            "substantiated": [5, 0, 0, 0, 0],
            "rate_written": ["50.0%（5/10）", "—", "—", "—", "—"],
        }
    )

    found = layers(maps.cells_map(cells, base=[], view=NEAR))["cells"]

    assert found["@@type"] == "H3HexagonLayer"
    assert [record["k"] for record in found["data"]] == addresses
    assert "核实率 50.0%（5/10）" in found["data"][0]["name"]
    darkness = [sum(record["c"][:3]) for record in found["data"]]
    assert darkness == sorted(darkness)


def test_legend_of_cells_says_how_many_reports_a_colour_stands_for() -> None:
    cells = pd.DataFrame({"reports": [1, 1, 1, 4, 6, 8, 1200, 1300]})

    words = [item.words for item in maps.cell_legend(cells)]

    assert words[0] == "1 件/格"
    assert words[-1] == "1,200–1,300 件/格"


def test_map_goes_to_a_place_and_rings_it_without_changing_the_shared_one() -> None:
    deck = draw(place("甲"))
    before = deck.to_json()

    focused = maps.focused_on(deck, 109.5, 24.5, ringed=True)
    stayed = maps.focused_on(deck, 109.5, 24.5, ringed=False)

    view = json.loads(focused.to_json())["initialViewState"]
    assert (view["longitude"], view["latitude"]) == (109.5, 24.5)
    assert view["zoom"] >= 13
    assert layers(focused)["focus"]["data"] == [{"p": [109.5, 24.5]}]
    assert stayed.specification["initialViewState"] == view
    assert layers(stayed)["focus"]["data"] == []
    assert deck.to_json() == before


@pytest.mark.parametrize("name", [*HOSTILE.values(), "@@=alert(1)", "@@#甲.乙", "{p}", "$&"])
def test_name_is_data_and_nothing_that_the_map_runs(name: str) -> None:
    deck = draw(place(name), place("乙", main_type=name, longitude=109.4))
    named, other = sorted(
        layers(deck)[maps.PLACES]["data"], key=lambda record: record["k"] == "450202:乙"
    )

    assert sorted(named) == ["c", "k", "name", "p", "r"]
    assert (named["k"], other["k"]) == (f"450202:{name}", "450202:乙")
    assert named["name"].splitlines()[0] == one_line(f"城中区{name}")
    # The map runs texts that begin like this, and reads tooltips as text, not as HTML.
    assert not any(each[key].startswith("@@") for each in (named, other) for key in ("k", "name"))
    assert list(maps.CompactDeck._tooltip) == ["text", "style"]
