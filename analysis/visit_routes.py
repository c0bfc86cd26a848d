"""Routes of unannounced visits: which team goes where on which day, and what does not fit, and why.

A prize-collecting vehicle routing problem with time windows: every place has its score as a
prize, a team on a day is a vehicle, and nobody has to be visited. The search is PyVRP's
(:mod:`analysis.route_search`); what this module adds is the way in and the words on the way out.
"""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

import numpy as np
import pandas as pd

from analysis import route_words
from analysis.route_search import Problem, Progress, Vehicle, arrivals, search
from analysis.route_words import Asked
from analysis.travel import Travel

DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """What was planned.

    ``stops`` by day, team and sequence: ``visit_on`` datetime64[s], ``team`` int64, ``sequence``
    int64 (1…), ``ordinal`` int64, ``arrives_at`` and ``leaves_at`` object (time; a visit begins
    when it arrives, or the team waits), ``chosen_by`` str, ``pinned`` bool. ``left_out``: every
    other candidate, ``ordinal`` int64, ``why`` str. ``explained``: what was asked for and could
    not be done; never empty when there are no stops. ``prize``: the scores of the stops together.
    ``seconds``: how long it took.
    """

    stops: pd.DataFrame
    left_out: pd.DataFrame
    explained: tuple[str, ...]
    prize: float
    seconds: float


def plan_routes(
    candidates: pd.DataFrame,
    teams: pd.DataFrame,
    *,
    days: list[date],
    chosen_by: pd.Series,
    travel: Travel,
    most_stops: int,
    most_per_day: int | None = None,
    pins: pd.DataFrame | None = None,
    kept: pd.DataFrame | None = None,
    counties: Mapping[str, str] | None = None,
    seconds: float = 7.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> Routes:
    """Plan which team visits which candidates on which day.

    A visit starts within ``opens_at``…``closes_at`` of its candidate, both included (missing:
    at any time), lasts as long as ``travel`` says for its category, and the team is back at its
    start place by ``ends_at``. Nobody visits the home county of an officer of the team, no place
    is visited twice, and there are at most ``most_stops`` stops, ``most_per_day`` by a team on a
    day. Within that, candidates chosen ``random`` or ``must`` and those pinned come first and
    are dropped only when they do not fit; then the scores of the stops together are as high as
    the search finds in its time; then the roads are short. The same seed finds the same unless
    time runs out first.

    Args:
        candidates: ``ordinal``, ``county_code``, ``name``, ``category``, ``longitude``,
            ``latitude``, ``opens_at``, ``closes_at``, ``score``; who has a ``left_reason`` is
            left out.
        teams: ``team``, ``officers`` (``home_county``), ``start_name``, ``longitude``,
            ``latitude``, ``starts_at``, ``ends_at``.
        days: the days of the plan; all are alike.
        chosen_by: ``risk``, ``random`` or ``must``, by the index of ``candidates``.
        travel: settings of roads and visits.
        most_stops: of the whole plan.
        most_per_day: of one team on one day; without, as many as fit.
        pins: ``ordinal``, ``visit_on``, ``team``: candidates that this team must visit that day.
        kept: ``stops`` of an earlier plan to set out from.
        counties: names by code, for the sentences.
        seconds: after which the search stops; small plans end earlier.
        seed: of the search.
        progress: called with the share of the time (0 to 1) and words.
    """
    started = clock.perf_counter()
    fixed = set() if pins is None else set(pins["ordinal"].astype(int))
    asked = Asked(candidates, teams, tuple(days), chosen_by, most_stops, counties or {}, fixed)
    left_out = route_words.not_asked(candidates)
    placed = candidates[~candidates["ordinal"].isin(list(left_out))]
    ordinals: list[int] = placed["ordinal"].astype("int64").tolist()
    problem, pinned = _problem(
        placed, teams, days, chosen_by, travel, most_stops, most_per_day, pins
    )
    whys = route_words.out_of_reach(problem, placed, asked, pinned)
    left_out |= {ordinals[place]: why for place, why in whys.items()}
    reachable = [place for place in range(len(placed)) if place not in whys]
    routes = search(
        problem,
        reachable,
        seconds=max(seconds - (clock.perf_counter() - started), 0.1),
        seed=seed,
        kept=_kept(problem, placed, teams, days, kept, set(reachable)),
        progress=progress,
    )
    planned = {place for route in routes for place in route}
    dropped = [place for place in reachable if place not in planned]
    left_out |= {
        ordinals[place]: why
        for place, why in route_words.did_not_fit(problem, planned, dropped).items()
    }
    stops = _stops(problem, routes, placed, teams, days, chosen_by, pinned)
    return Routes(
        stops,
        pd.DataFrame(
            {
                "ordinal": pd.Series(sorted(left_out), dtype="int64"),
                "why": pd.Series([left_out[n] for n in sorted(left_out)], dtype="str"),
            }
        ),
        route_words.explained(asked, len(stops), left_out),
        float(problem.score[sorted(planned)].sum()),
        clock.perf_counter() - started,
    )


def _problem(
    placed: pd.DataFrame,
    teams: pd.DataFrame,
    days: list[date],
    chosen_by: pd.Series,
    travel: Travel,
    most_stops: int,
    most_per_day: int | None,
    pins: pd.DataFrame | None,
) -> tuple[Problem, dict[int, int | None]]:
    """Return the problem, and the vehicle that each pinned place is pinned to (None: no such)."""
    starts = teams.drop_duplicates(["start_name", "longitude", "latitude"])
    at = ["longitude", "latitude"]
    lonlat = np.vstack([starts[at].to_numpy(float), placed[at].to_numpy(float)])
    counties = [*[None] * len(starts), *placed["county_code"]]
    names = [*starts["start_name"], *placed["name"]]
    legs = travel.minutes(
        *(lonlat, lonlat),
        from_counties=counties,
        to_counties=counties,
        from_names=names,
        to_names=names,
    )
    wheres = ["start_name", *at]
    start_of = {where: n for n, where in enumerate(zip(*(starts[c] for c in wheres), strict=True))}
    pinned = _pinned(placed, teams, days, pins)
    vehicles: list[Vehicle] = []
    for _ in days:
        for officers, where, starts_at, ends_at in zip(
            teams["officers"],
            zip(*(teams[c] for c in wheres), strict=True),
            teams["starts_at"],
            teams["ends_at"],
            strict=True,
        ):
            homes = {officer["home_county"] for officer in officers}
            at_home = placed["county_code"].isin([home for home in homes if home])
            is_forbidden = at_home.to_numpy(dtype=bool, copy=True)
            for place, vehicle in pinned.items():
                is_forbidden[place] |= vehicle != len(vehicles)
            vehicles.append(
                Vehicle(
                    start_of[where],
                    _minute(starts_at, 0),
                    _minute(ends_at, 0),
                    is_forbidden,
                )
            )
    ways = chosen_by.reindex(placed.index, fill_value="risk")
    is_first = ways.isin(["random", "must"]).to_numpy(dtype=bool, copy=True)
    is_first[list(pinned)] = True
    problem = Problem(
        legs,
        len(starts),
        np.array([_minute(value, 0) for value in placed["opens_at"]], dtype=np.int64),
        np.array([_minute(value, DAY_MINUTES) for value in placed["closes_at"]], dtype=np.int64),
        travel.service_minutes(placed["category"]).to_numpy(),
        placed["score"].fillna(0.0).to_numpy(float),
        is_first,
        vehicles,
        most_stops,
        most_per_day,
    )
    return problem, pinned


def _pinned(
    placed: pd.DataFrame, teams: pd.DataFrame, days: list[date], pins: pd.DataFrame | None
) -> dict[int, int | None]:
    if pins is None:
        return {}
    places = {int(ordinal): place for place, ordinal in enumerate(placed["ordinal"])}
    vehicles = _vehicles(teams, days)
    return {
        places[int(ordinal)]: vehicles.get((pd.Timestamp(visit_on).date(), int(team)))
        for ordinal, visit_on, team in zip(
            pins["ordinal"], pins["visit_on"], pins["team"], strict=True
        )
        if int(ordinal) in places
    }


def _vehicles(teams: pd.DataFrame, days: list[date]) -> dict[tuple[date, int], int]:
    """Return the number of each day's team."""
    keys = [(day, int(team)) for day in days for team in teams["team"]]
    return {key: number for number, key in enumerate(keys)}


def _kept(
    problem: Problem,
    placed: pd.DataFrame,
    teams: pd.DataFrame,
    days: list[date],
    kept: pd.DataFrame | None,
    reachable: set[int],
) -> list[list[int]]:
    """Return what can still be driven of an earlier plan."""
    routes: list[list[int]] = [[] for _ in problem.vehicles]
    if kept is None:
        return routes
    places = {int(ordinal): place for place, ordinal in enumerate(placed["ordinal"])}
    vehicles = _vehicles(teams, days)
    kept = kept.sort_values(["visit_on", "team", "sequence"])
    for ordinal, visit_on, team in zip(
        kept["ordinal"], kept["visit_on"], kept["team"], strict=True
    ):
        place = places.get(int(ordinal))
        number = vehicles.get((pd.Timestamp(visit_on).date(), int(team)))
        if place in reachable and place is not None and number is not None:
            longer = [*routes[number], place]
            full = sum(len(route) for route in routes) >= problem.most_stops
            if not full and arrivals(problem, problem.vehicles[number], longer) is not None:
                routes[number] = longer
    return routes


def _stops(
    problem: Problem,
    routes: list[list[int]],
    placed: pd.DataFrame,
    teams: pd.DataFrame,
    days: list[date],
    chosen_by: pd.Series,
    pinned: Mapping[int, Any],
) -> pd.DataFrame:
    rows = []
    for (day, team), number in _vehicles(teams, days).items():
        times = arrivals(problem, problem.vehicles[number], routes[number])
        if times is None:
            raise RuntimeError(f"the search returned a route that team {team} cannot drive")
        for sequence, (place, arrives) in enumerate(zip(routes[number], times, strict=True), 1):
            leaves = arrives + int(problem.service[place])
            index = placed.index[place]
            rows.append(
                (
                    *(pd.Timestamp(day), team, sequence, placed.at[index, "ordinal"]),
                    *(_time(arrives), _time(leaves)),
                    *(chosen_by.get(index, "risk"), place in pinned),
                )
            )
    columns = ["visit_on", "team", "sequence", "ordinal", "arrives_at", "leaves_at"]
    frame = pd.DataFrame(rows, columns=[*columns, "chosen_by", "pinned"])
    return frame.astype(
        {
            "visit_on": "datetime64[s]",
            "team": "int64",
            "sequence": "int64",
            "ordinal": "int64",
            "arrives_at": "object",
            "leaves_at": "object",
            "chosen_by": "str",
            "pinned": "bool",
        }
    ).sort_values(["visit_on", "team", "sequence"], ignore_index=True)


def _minute(value: Any, missing: int) -> int:
    return missing if value is None or pd.isna(value) else value.hour * 60 + value.minute


def _time(minute: int) -> time:
    # A day ends at 23:59 at the latest: a team that is back by ends_at has left before midnight.
    return time(*divmod(minute, 60))
