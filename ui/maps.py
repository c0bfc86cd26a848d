"""Maps: places and cells over the county boundaries, as pydeck specifications.

No map asks anything of the outside: boundaries come by address from this server, and there
is no ground map unless a tile service is configured (see ``ui.map_files``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pydeck as pdk

from analysis.violations import REPEATED_FROM, PlaceState
from ui.formatting import count, one_line
from ui.map_files import boundaries, map_style
from ui.map_views import Box, view_state
from ui.palette import BLUE, BLUES, GREY, GREY_LIGHT, INK, PAPER, RED

PLACES, CELLS, COUNTIES = "places", "cells", "counties"
MOST_POINTS: Final = 20_000
# A circle's radius in pixels is 2.5 and 1.6 times the root of its reports; half that on a map
# of the whole city, where circles would cover each other.
FAR_ZOOM, NEAR_ZOOM = 7.5, 10.5
SMALLEST_PIXELS: Final = 2.5
NUMBERED_PIXELS: Final = 6  # a number fits in
NUMBER_METRES: Final = 300
# In the order in which types get them: dark to light, apart for colour-blind eyes too.
TYPE_COLOURS: Final = (BLUE, "#a8558f", "#2b9c84", "#8ec5e8")
RED_SOFT: Final = "#dc8f82"
OTHER_TYPES: Final = "其他类型"
STATE_WORDS: Final = {
    PlaceState.REPEATED.value: (RED, f"属实 {REPEATED_FROM} 件起"),
    PlaceState.SUBSTANTIATED.value: (RED_SOFT, f"属实 1–{REPEATED_FROM - 1} 件"),
    PlaceState.PENDING.value: (BLUE, "尚待核实"),
    PlaceState.UNSUBSTANTIATED.value: (GREY_LIGHT, "均不属实"),
}
FONTS: Final = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif"
# Places whose points agree to four decimals (ten metres) are drawn fifteen metres apart.
SAME_POINT_DECIMALS: Final = 4
APART_DEGREES: Final = 0.00014


class LegendItem(NamedTuple):
    """One colour of a map and what it stands for."""

    colour: str
    words: str


class CompactDeck:
    """A map as ``st.pydeck_chart`` takes it, written to JSON once and without blanks.

    The tooltip is text, never HTML: nothing that a ledger holds can become markup.
    """

    _tooltip: Final = {
        "text": "{name}",
        "style": {
            "backgroundColor": PAPER,
            "color": INK,
            "fontSize": "13px",
            "lineHeight": "1.5",
            "whiteSpace": "pre-line",
            "border": f"1px solid {GREY_LIGHT}",
            "borderRadius": "4px",
            "maxWidth": "320px",
        },
    }

    def __init__(self, specification: dict[str, Any]) -> None:
        self.specification = specification
        self._json = json.dumps(specification, ensure_ascii=False, separators=(",", ":"))

    def to_json(self) -> str:
        """Return the specification."""
        return self._json


@lru_cache(maxsize=64)
def focused_on(
    deck: CompactDeck, longitude: float, latitude: float, *, ringed: bool
) -> CompactDeck:
    """Return the map gone to a point, with a ring around it where one is asked for."""
    ring = pdk.Layer(
        "ScatterplotLayer",
        data=[{"p": [longitude, latitude]}] if ringed else [],
        id="focus",
        get_position="p",
        get_radius=24,
        radius_units=pdk.types.String("pixels"),
        filled=False,
        stroked=True,
        get_line_color=rgb(INK),
        line_width_units=pdk.types.String("pixels"),
        get_line_width=3,
    )
    view = deck.specification["initialViewState"]
    nearer = {"longitude": longitude, "latitude": latitude, "zoom": max(view["zoom"], 13)}

    def grown(layer: dict[str, Any]) -> dict[str, Any]:
        scale = _scale(nearer["zoom"]) / _scale(view["zoom"])
        return {**layer, "radiusScale": round(scale, 2)} if layer["id"] == PLACES else layer

    return CompactDeck(
        {
            **deck.specification,
            "layers": [*(grown(layer) for layer in deck.specification["layers"]), _plain(ring)],
            "initialViewState": {**view, **nearer},
        }
    )


def rgb(colour: str, alpha: int = 255) -> list[int]:
    """Return ``#1f4e79`` as deck.gl writes it."""
    return [*bytes.fromhex(colour.removeprefix("#")), alpha]


def place_colours(
    judged: pd.DataFrame, *, by_type: bool, largest: tuple[str, ...]
) -> tuple[list[str], list[LegendItem]]:
    """Return a colour for each place and the legend, each colour with its count of places.

    By state: 朱红 where reports were found to be true, the deeper where three or more were;
    blue where none was yet and some are not verified; grey where none was true.
    By type: the ``largest`` types, in their order, and the others.
    """
    if by_type:
        words = dict(zip(largest, TYPE_COLOURS, strict=False))
        names = judged["main_type"].where(judged["main_type"].isin(list(words)), OTHER_TYPES)
        colours = {**words, OTHER_TYPES: GREY}
    else:
        names = judged["state"].map({state: word for state, (_, word) in STATE_WORDS.items()})
        colours = {word: colour for colour, word in STATE_WORDS.values()}
    places = names.value_counts()
    legend = [
        LegendItem(colour, f"{word} {count(places[word])} 处")
        for word, colour in colours.items()
        if word in places
    ]
    return [colours[name] for name in names], legend


def places_map(
    judged: pd.DataFrame, colours: list[str], *, base: list[pdk.Layer], view: Box
) -> CompactDeck:
    """Return the map of places; those without coordinates are left out.

    ``judged`` is the result of ``analysis.violations.judge_places``, ``colours`` one a row.
    A circle's area grows with the number of reports, which it shows where there is room. The
    worst lie on top, small circles on large ones. A chosen place gives its ``place_key`` as ``k``.
    """
    drawn = judged.assign(
        colour=pd.Series(colours, index=judged.index, dtype="str"),
        depth=judged["state"].map({state: depth for depth, state in enumerate(STATE_WORDS)}),
    )
    drawn = drawn[drawn["longitude"].notna()].sort_values(
        ["depth", "reports", "place_key"], ascending=[False, False, True], ignore_index=True
    )
    points, neighbours = apart(drawn)
    radii = [radius(reports, view_state(view)["zoom"]) for reports in drawn["reports"]]
    records = [
        {
            "k": place["place_key"],
            "name": place_tooltip(place, others),
            "p": point,
            "r": size,
            "c": rgb(place["colour"], 225),
        }
        for place, point, size, others in zip(
            drawn.to_dict("records"), points, radii, neighbours, strict=True
        )
    ]
    labels = [
        {"p": point, "t": str(n), "n": n}
        for point, n, size in zip(points, drawn["reports"], radii, strict=True)
        if size >= NUMBERED_PIXELS
    ]
    circles = discs(records, id=PLACES, radius="r", fill="c")
    numbers = pdk.Layer(
        "TextLayer",
        data=labels,
        id="counts",
        get_position="p",
        get_text="t",
        # Numbers grow with their circles: from afar they would cover the map.
        get_size=NUMBER_METRES,
        size_units=pdk.types.String("meters"),
        size_max_pixels=12,
        get_color=rgb(PAPER),
        font_family=pdk.types.String(FONTS),
        font_weight=700,
        character_set=pdk.types.String("0123456789"),
        # Of numbers that would cover each other the larger one stands.
        extensions=[{"@@type": "CollisionFilterExtension"}],
        get_collision_priority="n",
        collision_test_props={"sizeScale": 1.4},
    )
    return deck_of([*base, circles, numbers], view)


def discs(
    records: list[dict[str, Any]],
    *,
    id: str,  # noqa: A002  deck.gl's word
    radius: str | float,
    fill: str | list[int],
    pickable: bool = True,
) -> pdk.Layer:
    """Return discs with a white rim at the points ``p`` of the records.

    ``radius`` in pixels and ``fill`` as :func:`rgb` returns it are the same for all, or name
    what of a record says them.
    """
    return pdk.Layer(
        "ScatterplotLayer",
        data=records,
        id=id,
        pickable=pickable,
        auto_highlight=pickable,
        highlight_color=rgb(INK, 90),
        get_position="p",
        get_radius=radius,
        radius_units=pdk.types.String("pixels"),
        get_fill_color=fill,
        stroked=True,
        get_line_color=rgb(PAPER),
        line_width_units=pdk.types.String("pixels"),
        get_line_width=1,
    )


def cells_map(cells: pd.DataFrame, *, base: list[pdk.Layer], view: Box) -> CompactDeck:
    """Return the map of H3 cells, the deeper the blue the more reports (five equal shares).

    ``cells`` is the result of ``analysis.violations.drawn_cells`` with ``rate_written``. A
    chosen cell gives its address as ``k``.
    """
    step = _fifths(cells)
    records = [
        {
            "k": cell,
            "name": f"举报 {count(n)} 件 · 属实 {count(true)} 件\n核实率 {rate}",
            "c": rgb(BLUES[at], 200),
        }
        for cell, n, true, rate, at in zip(
            *(cells[name] for name in ("cell", "reports", "substantiated", "rate_written")),
            step,
            strict=True,
        )
    ]
    hexagons = pdk.Layer(
        "H3HexagonLayer",
        data=records,
        id=CELLS,
        pickable=True,
        auto_highlight=True,
        highlight_color=rgb(INK, 90),
        get_hexagon="k",
        get_fill_color="c",
        extruded=False,
        stroked=False,
    )
    return deck_of([*base, hexagons], view)


def cell_legend(cells: pd.DataFrame) -> list[LegendItem]:
    """Return how many reports a cell of each colour has, few to many."""
    spans = cells["reports"].groupby(_fifths(cells)).agg(["min", "max"])
    return [
        LegendItem(BLUES[at], f"{'–'.join(dict.fromkeys([count(few), count(many)]))} 件/格")
        for at, few, many in spans.itertuples()
    ]


def _fifths(cells: pd.DataFrame) -> pd.Series:
    ranks = cells["reports"].rank(method="average", pct=True) * len(BLUES)
    return ranks.apply(math.ceil).clip(1, len(BLUES)) - 1


def county_layers(
    names: Mapping[str, str], *, chosen: Collection[str] = (), pickable: bool
) -> list[pdk.Layer]:
    """Return the counties: a fill that can be chosen, outlines that cannot, names.

    ``names`` gives the short name to write by boundary code; ``chosen`` codes are outlined
    in ink. Kept apart because a fill with a stroke is too slow to be picked in time.
    """
    found = boundaries()
    url = found.file.url
    is_chosen = " || ".join(f"properties.adcode == '{code}'" for code in sorted(chosen)) or "false"
    fill = pdk.Layer(
        "GeoJsonLayer",
        data=url,
        id=COUNTIES,
        pickable=pickable,
        stroked=False,
        filled=True,
        get_fill_color=rgb("#8bafd0", 10 if map_style() else 34),
    )
    outline = pdk.Layer(
        "GeoJsonLayer",
        data=url,
        id="outlines",
        stroked=True,
        filled=False,
        get_line_color=f"{is_chosen} ? {rgb(INK)} : {rgb(GREY)}",
        line_width_units=pdk.types.String("pixels"),
        get_line_width=f"{is_chosen} ? 2.5 : 1",
    )
    written = pdk.Layer(
        "TextLayer",
        data=[
            {"p": list(found.label_points[code]), "t": name}
            for code, name in names.items()
            if code in found.label_points
        ],
        id="names",
        get_position="p",
        get_text="t",
        get_size=13,
        opacity=0.6,
        font_family=pdk.types.String(FONTS),
        character_set=pdk.types.String("auto"),
    )
    return [fill, outline, written]


def radius(reports: int, zoom: float) -> float:
    """Return the radius of a circle in pixels, on a map that begins at this zoom."""
    return round(max((2.5 + 1.6 * math.sqrt(reports)) * _scale(zoom), SMALLEST_PIXELS), 1)


def _scale(zoom: float) -> float:
    nearness = min(max((zoom - FAR_ZOOM) / (NEAR_ZOOM - FAR_ZOOM), 0.0), 1.0)
    return 0.5 + 0.5 * nearness


def apart(places: pd.DataFrame) -> tuple[list[list[float]], list[list[str]]]:
    """Return a point for each place, and the names of the other places at the same spot.

    Places at one spot are drawn in a ring around it, so that each can be chosen; a place
    alone stays where it is.
    """
    longitude, latitude = (places[name].to_numpy(float) for name in ("longitude", "latitude"))
    at_spot = places["place"].groupby(
        [np.round(longitude, SAME_POINT_DECIMALS), np.round(latitude, SAME_POINT_DECIMALS)]
    )
    turn = at_spot.cumcount().to_numpy()
    size = at_spot.transform("size").to_numpy(int)
    angle, reach = 2 * np.pi * turn / size, np.where(size > 1, APART_DEGREES, 0.0)
    points = np.column_stack(
        [longitude + reach * np.sin(angle), latitude + reach * np.cos(angle)]
    ).round(5)
    names = dict(enumerate(at_spot.agg(list)))
    neighbours = [
        [name for n, name in enumerate(names[spot]) if n != own] if many > 1 else []
        for spot, own, many in zip(at_spot.ngroup(), turn, size, strict=True)
    ]
    return points.tolist(), neighbours


def place_tooltip(place: Mapping[Any, Any], others: list[str]) -> str:
    """Return what a place says when pointed at."""
    verdict = f"核实率 {place['rate_written']}" if place["verified"] else "尚未核实"
    lines = [
        f"{place['county']}{place['place']}",
        f"举报 {count(place['reports'])} 件 · 属实 {count(place['substantiated'])} 件 · {verdict}",
        f"多为{place['main_type']}",
    ]
    if others:
        lines.append(f"同一位置还有：{'、'.join(others[:3])}{'等' if len(others) > 3 else ''}")
    return "\n".join(one_line(line) for line in lines)


def deck_of(layers: list[pdk.Layer], box: Box) -> CompactDeck:
    """Return the map of these layers, from below to above, that looks at the box first."""
    style = map_style()
    # Without a provider the style stays unset: any value, even none, fetches one from abroad.
    ground = {"map_provider": "maplibre", "map_style": style.file.url} if style else {}
    deck = pdk.Deck(
        layers=layers,
        views=[pdk.View(type="MapView", controller=True)],
        **({"map_provider": None} | ground),
    )
    return CompactDeck({**_plain(deck), "initialViewState": view_state(box)})


def _plain(item: pdk.Deck | pdk.Layer) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(item.to_json())
    return plain
