"""The routes of a plan on the map: a line for each team and day, its stops numbered."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final

import pandas as pd
import pydeck as pdk

from analysis.visit_plans import CHOSEN_BY
from data_access.reference import UNITS
from ui.formatting import day, one_line
from ui.map_views import whole_view
from ui.maps import (
    FONTS,
    PLACES,
    TYPE_COLOURS,
    CompactDeck,
    apart,
    county_layers,
    deck_of,
    discs,
    rgb,
)
from ui.palette import INK, PAPER

# Teams beyond the fourth take the colours again: the number beside the line tells them apart.
STOP_PIXELS: Final = 11
# Ranks of numbers go from this to below nought: at the ends of what there is, and close to each
# other, they are not told apart.
HIGHEST: Final = 900


def colour(team: int) -> str:
    """Return the colour of a team's line and stops."""
    return TYPE_COLOURS[(team - 1) % len(TYPE_COLOURS)]


def route_map(stops: pd.DataFrame, teams: pd.DataFrame) -> CompactDeck:
    """Return the map of a plan; a chosen stop gives its ``ordinal`` as ``k``.

    ``stops`` have coordinates and ``name``, ``teams`` are the teams as the plan stores them.
    Each line begins and ends at the team's start, a dot in ink. What is written beside a stop is
    the team and the stop's place in its day: ``2-3`` is the third stop of team 2. Of numbers that
    would lie upon each other the earlier stop's is written; zooming in brings the others out.
    """
    base = county_layers(
        {unit.boundary_code: unit.short_name for unit in UNITS if unit.boundary_code},
        pickable=False,
    )
    homes = {
        int(team["team"]): [float(team["longitude"]), float(team["latitude"])]
        for team in teams.to_dict("records")
    }
    paths: list[dict[str, Any]] = []
    points: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    ordered = stops.sort_values(["visit_on", "team", "sequence"])
    # Stops at one spot are apart, too, where one looks closely.
    spots, _ = apart(ordered.assign(place=ordered["name"]))
    ordered = ordered.assign(spot=pd.Series(spots, index=ordered.index, dtype="object"))
    for _, tour in ordered.groupby(["visit_on", "team"]):
        visits = tour.to_dict("records")
        team = int(visits[0]["team"])
        at = [each["spot"] for each in visits]
        paths.append({"path": [homes[team], *at, homes[team]], "c": rgb(colour(team), 190)})
        for point, stop in zip(at, visits, strict=True):
            label = f"{team}-{stop['sequence']}"
            said = {
                "k": str(stop["ordinal"]),
                "c": rgb(colour(team)),
                "name": _tooltip(stop, label),
            }
            points.append({**said, "p": point})
            rank = round(HIGHEST - 2 * HIGHEST * len(labels) / len(stops))
            labels.append({"p": point, "t": label, "c": said["c"], "n": rank})
    starts = [
        {"p": homes[int(team["team"])], "name": one_line(str(team["start_name"]))}
        for team in teams.drop_duplicates(["longitude", "latitude"]).to_dict("records")
    ]
    return deck_of(
        [
            *base,
            pdk.Layer(
                "PathLayer",
                data=paths,
                id="routes",
                get_path="path",
                get_color="c",
                width_units=pdk.types.String("pixels"),
                get_width=3,
            ),
            discs(starts, id="starts", radius=6, fill=rgb(INK), pickable=False),
            discs(points[::-1], id=PLACES, radius=STOP_PIXELS, fill="c"),  # the first one on top
            pdk.Layer(
                "TextLayer",
                data=labels,
                id="numbers",
                get_position="p",
                get_text="t",
                get_size=11,
                get_color=rgb(PAPER),
                font_family=pdk.types.String(FONTS),
                font_weight=700,
                character_set=pdk.types.String("0123456789-"),
                # What keeps numbers apart looks at what is drawn: there is nothing between digits.
                background=True,
                get_background_color="c",
                extensions=[{"@@type": "CollisionFilterExtension"}],
                get_collision_priority="n",
            ),
        ],
        whole_view([], pd.concat([stops, teams])[["longitude", "latitude"]]),
    )


def _tooltip(stop: dict[Hashable, Any], label: str) -> str:
    way = CHOSEN_BY[str(stop["chosen_by"])]
    lines = [
        f"{label} {stop['name']}",
        f"{day(stop['visit_on'].date())} {stop['arrives_at']:%H:%M} 到达 · {way}",
    ]
    return "\n".join(one_line(line) for line in lines)
