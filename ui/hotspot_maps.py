"""The map of hotspots and of new places without an institution, over the county boundaries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pydeck as pdk

from ui.formatting import count, one_line
from ui.map_views import TILE, Box, view_state
from ui.maps import CELLS, FONTS, PLACES, CompactDeck, deck_of, discs, rgb
from ui.palette import INK, PAPER, RED

# Pixels. A hotspot of one cell would be a dot on a map of the whole city: a circle stands for it.
SMALLEST, PER_ROOT, LARGEST = 9.0, 2.2, 30.0
MARK: Final = "▲"
MARK_PIXELS: Final = 15


def hotspot_map(
    hotspots: pd.DataFrame,
    cells: pd.DataFrame,
    new_places: pd.DataFrame,
    *,
    base: list[pdk.Layer],
    view: Box,
) -> CompactDeck:
    """Return the map: cells in 朱红, on each hotspot a circle with its excess, new places as ▲.

    ``hotspots`` by ``analysis.hotspot_words.describe``, ``cells`` of ``analysis.hotspots.Found``,
    ``new_places`` by ``analysis.new_places``; those without coordinates are left out. What is
    chosen gives as ``k`` its ``key`` (of the layer ``CELLS``) or ``place_key`` (``PLACES``).
    """
    outlines = pdk.Layer(
        "H3HexagonLayer",
        data=[{"h": cell} for cell in cells["cell"]],
        id="hotspot-cells",
        get_hexagon="h",
        extruded=False,
        filled=True,
        get_fill_color=rgb(RED, 45),
        stroked=True,
        get_line_color=rgb(RED),
        line_width_units=pdk.types.String("pixels"),
        get_line_width=1.5,
    )
    drawn = hotspots.assign(radius=_radii(hotspots, view))
    marked = [
        {
            "k": hotspot["key"],
            "name": _hotspot_words(hotspot),
            "p": [round(hotspot["longitude"], 5), round(hotspot["latitude"], 5)],
            "r": round(hotspot["radius"], 1),
            "t": f"+{max(round(hotspot['excess']), 1)}",
            "n": float(hotspot["excess"]),
        }
        for hotspot in reversed(drawn.to_dict("records"))
    ]
    circles = discs(marked, id=CELLS, radius="r", fill=rgb(RED))
    numbers = pdk.Layer(
        "TextLayer",
        data=[{name: each[name] for name in "ptn"} for each in marked],
        id="excesses",
        get_position="p",
        get_text="t",
        get_size=12,
        get_color=rgb(PAPER),
        font_family=pdk.types.String(FONTS),
        font_weight=700,
        character_set=pdk.types.String("+0123456789"),
        # What keeps numbers apart looks at what is drawn, and there is nothing between digits.
        background=True,
        get_background_color=rgb(RED),
        extensions=[{"@@type": "CollisionFilterExtension"}],
        get_collision_priority="n",
    )
    points = new_places[new_places["longitude"].notna()]
    triangles = pdk.Layer(
        "TextLayer",
        data=[
            {
                "k": place["place_key"],
                "name": _place_words(place),
                "p": [round(place["longitude"], 5), round(place["latitude"], 5)],
                "t": MARK,
            }
            for place in reversed(points.to_dict("records"))
        ],
        id=PLACES,
        pickable=True,
        auto_highlight=True,
        highlight_color=rgb(RED, 160),
        get_position="p",
        get_text="t",
        get_size=MARK_PIXELS,
        get_color=rgb(INK),
        font_family=pdk.types.String(FONTS),
        character_set=pdk.types.String(MARK),
    )
    return deck_of([*base, outlines, triangles, circles, numbers], view)


def _radii(hotspots: pd.DataFrame, view: Box) -> npt.NDArray[np.float64]:
    """Return how large the circles are, in pixels: by their excess, as far as there is room.

    On the map as it is first seen, where it is smallest, none reaches into its neighbour.
    """
    wanted = np.minimum(SMALLEST + PER_ROOT * np.sqrt(hotspots["excess"].to_numpy()), LARGEST)
    state = view_state(view)
    across = TILE * 2 ** state["zoom"] / 360
    up = across / math.cos(math.radians(state["latitude"]))
    x, y = hotspots["longitude"].to_numpy() * across, hotspots["latitude"].to_numpy() * up
    away = np.hypot(x[:, None] - x, y[:, None] - y)
    np.fill_diagonal(away, np.inf)
    nearest = away.min(axis=1, initial=np.inf)
    radii: npt.NDArray[np.float64] = np.minimum(wanted, np.maximum(nearest / 2, SMALLEST))
    return radii


def _hotspot_words(hotspot: Mapping[Any, Any]) -> str:
    lines = [
        f"{hotspot['county']}{hotspot['place']}",
        f"举报 {count(hotspot['reports'])} 件，{hotspot['excess_written']}",
        f"属实 {count(hotspot['substantiated'])} 件，多为{hotspot['main_type']}",
        str(hotspot["certainty"]),
    ]
    return "\n".join(one_line(line) for line in lines)


def _place_words(place: Mapping[Any, Any]) -> str:
    lines = [
        f"{place['county']}{place['place']}",
        "新增，台账里没有登记机构",
        f"举报 {count(place['reports'])} 件，属实 {count(place['substantiated'])} 件",
    ]
    return "\n".join(one_line(line) for line in lines)
