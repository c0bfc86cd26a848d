"""The map of a plan's routes: what is written where stops lie close to each other."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from ui.maps import PLACES
from ui.visits.route_map import route_map

DAY = pd.Timestamp("2022-08-26")
TEAMS = pd.DataFrame(
    [
        {"team": number, "longitude": 109.41, "latitude": 24.33, "start_name": "城中区"}
        for number in (1, 2)
    ]
)


def layers(*places: tuple[int, int, float]) -> dict[str, Any]:
    """Draw stops of (team, place in its day, longitude); return the data of each layer."""
    stops = pd.DataFrame(
        [
            {
                "ordinal": place,
                "visit_on": DAY,
                "team": team,
                "sequence": sequence,
                "arrives_at": DAY,
                "name": f"第 {place} 处",
                "chosen_by": "risk",
                "longitude": longitude,
                "latitude": 24.35,
            }
            for place, (team, sequence, longitude) in enumerate(places)
        ]
    )
    drawn = json.loads(route_map(stops, TEAMS).to_json())
    return {layer["id"]: layer["data"] for layer in drawn["layers"]}


def test_of_numbers_that_lie_upon_each_other_the_earlier_stop_is_written() -> None:
    stops = layers((2, 1, 109.4), (1, 2, 109.4), (1, 1, 109.4))

    ranks = {each["t"]: each["n"] for each in stops["numbers"]}
    assert sorted(ranks, key=ranks.__getitem__, reverse=True) == ["1-1", "1-2", "2-1"]
    assert [each["name"].split()[0] for each in stops[PLACES]] == ["2-1", "1-2", "1-1"]


@pytest.mark.parametrize("n", [1, 2, 100])
def test_ranks_of_numbers_are_apart_and_within_what_the_map_tells_apart(n: int) -> None:
    numbers = layers(*((1, nth + 1, 109.4) for nth in range(n)))["numbers"]

    ranks = [each["n"] for each in numbers]
    assert max(abs(rank) for rank in ranks) < 1000
    assert all(above - below >= 10 for above, below in pairwise(ranks))


def test_stops_at_one_spot_are_apart_and_others_stay_where_they_are() -> None:
    stops = layers((1, 1, 109.4), (1, 2, 109.4), (1, 3, 109.5))

    first, second, third = (each["p"] for each in stops["numbers"])
    assert first != second
    assert third == [109.5, 24.35]
    assert [each["p"] for each in reversed(stops[PLACES])] == [first, second, third]
    assert stops["routes"][0]["path"][1:-1] == [first, second, third]
