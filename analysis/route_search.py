"""The search for routes: places with prizes and hours, vehicles with days, and PyVRP between them.

Every time is a whole minute of the day. A vehicle is one team on one day. Places are numbered from
0; in ``legs`` they follow the start places.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyvrp import (
    Client,
    Depot,
    IteratedLocalSearchParams,
    Location,
    PenaltyParams,
    ProblemData,
    Result,
    Route,
    Solution,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks
from pyvrp.search import NeighbourhoodParams, PerturbationParams
from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement, StoppingCriterion

from analysis.route_start import filled

Routes = list[list[int]]  # the places of each vehicle, in the order of their visits
Progress = Callable[[float, str], None]

# The prize of the highest score; a minute on the road costs 1, so it breaks ties only.
HIGHEST_PRIZE: Final = 10_000
LOWEST_PRIZE: Final = 200
# More than any day has: who would drive it breaks every window.
FORBIDDEN_MINUTES: Final = 5_000
# A visit with its leg is seldom shorter; so many times the visits that fit are searched.
MINUTES_A_VISIT: Final = 50
POOL: Final = 2.2
SMALLEST_POOL: Final = 60
LARGEST_POOL: Final = 600
# Measured on 1,000 places × 8 teams: with PyVRP's defaults (300, 50, 25) and a random start it
# collects a tenth less in 7 s.
HISTORY: Final = 30
NEIGHBOURS: Final = 20
PERTURBATIONS: Final = 8
SHOW_EVERY_SECONDS: Final = 0.25
FIRST_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Vehicle:
    """A team on a day: where it starts, when, and which places it may not visit."""

    start: int
    starts_at: int
    ends_at: int
    is_forbidden: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What there is to visit, and by whom. ``is_first`` places come before any others."""

    legs: NDArray[np.int64]
    starts: int
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    service: NDArray[np.int64]
    score: NDArray[np.float64]
    is_first: NDArray[np.bool_]
    vehicles: Sequence[Vehicle]
    most_stops: int
    most_per_day: int | None = None


def arrivals(problem: Problem, vehicle: Vehicle, route: Sequence[int]) -> list[int] | None:
    """Return when each visit of a route starts, as early as can be; None when it cannot be done."""
    if problem.most_per_day is not None and len(route) > problem.most_per_day:
        return None
    legs, at, now = problem.legs, vehicle.start, vehicle.starts_at
    result = []
    for place in route:
        arrives = max(now + int(legs[at, problem.starts + place]), int(problem.opens[place]))
        if arrives > problem.closes[place] or vehicle.is_forbidden[place]:
            return None
        result.append(arrives)
        at, now = problem.starts + place, arrives + int(problem.service[place])
    home = now + int(legs[at, vehicle.start]) if route else now
    return result if home <= vehicle.ends_at else None


def search(
    problem: Problem,
    reachable: Sequence[int],
    *,
    seconds: float,
    seed: int,
    kept: Routes,
    progress: Progress | None,
) -> Routes:
    """Return the best routes found within the seconds.

    First only the best-scored places as many as stops are wanted: when all of them fit there is
    nothing better. Otherwise more places, best-scored first, as many as may matter.
    """
    started = time.perf_counter()
    shown = _Shown(progress, seconds)
    ordered = sorted(
        reachable, key=lambda place: (not problem.is_first[place], -problem.score[place])
    )
    firsts = sum(bool(problem.is_first[place]) for place in ordered)
    fit = sum(v.ends_at - v.starts_at for v in problem.vehicles) / MINUTES_A_VISIT
    limit = firsts + min(max(int(fit * POOL), SMALLEST_POOL), LARGEST_POOL)
    best = [route.copy() for route in kept]
    wanted = min(problem.most_stops, len(ordered))
    pool = ordered[:wanted]
    if wanted < limit:
        best = _better(
            problem,
            best,
            _solved(problem, pool, best, seconds * FIRST_SHARE, seed, shown, stop_when_all=True),
        )
        missing = wanted - _count(best)
        if missing == 0:
            return best
        pool = ordered[: min(limit, wanted + 5 * missing)]
    else:
        pool = ordered[:limit]
    left = seconds - (time.perf_counter() - started)
    found = _solved(problem, pool, best, left, seed, shown, stop_when_all=False)
    return _better(problem, best, found)


def _solved(
    problem: Problem,
    pool: Sequence[int],
    start: Routes,
    seconds: float,
    seed: int,
    shown: _Shown,
    *,
    stop_when_all: bool,
) -> Routes:
    """Search over a pool of places; keeps places that come first, and to the wanted number."""
    if not pool:
        return [[] for _ in problem.vehicles]
    until = time.perf_counter() + seconds
    data = _data(problem, pool)
    number = {place: client for client, place in enumerate(pool)}
    known = [[place for place in route if place in number] for route in start]
    known = [
        route if arrivals(problem, vehicle, route) is not None else []
        for vehicle, route in zip(problem.vehicles, known, strict=True)
    ]
    prizes = _prizes(problem, pool)
    routes = filled(problem, known, pool, prizes)
    if not any(routes):
        return routes  # not one place fits, so no more do
    initial = Solution(
        data,
        [
            Route(data, [number[place] for place in route], vehicle)
            for vehicle, route in enumerate(routes)
            if route
        ],
    )
    shown.target = len(pool) if stop_when_all else None
    criteria: list[StoppingCriterion] = [
        MaxRuntime(max(until - time.perf_counter(), 0.05)),
        NoImprovement(2_000 + len(pool) ** 2),
        shown,
    ]
    result: Result = solve(
        data,
        MultipleCriteria(criteria),
        seed=seed % 2**32,
        collect_stats=False,
        initial_solution=initial,
        params=SolveParams(
            ils=IteratedLocalSearchParams(
                history_length=HISTORY, exhaustive_on_best=False, callbacks=shown
            ),
            penalty=_penalties(prizes),
            neighbourhood=NeighbourhoodParams(num_neighbours=NEIGHBOURS, weight_wait_time=1.0),
            perturbation=PerturbationParams(max_perturbations=PERTURBATIONS),
        ),
    )
    if result.best.is_feasible():
        routes = [[] for _ in problem.vehicles]
        for driven in result.best.routes():
            visits = [pool[activity.idx] for activity in driven if activity.is_client()]
            routes[driven.vehicle_type()] = visits
    return _trimmed(problem, _with_firsts(problem, routes, pool))


def _data(problem: Problem, pool: Sequence[int]) -> ProblemData:
    nodes = [*range(problem.starts), *(problem.starts + place for place in pool)]
    legs = problem.legs[np.ix_(nodes, nodes)].copy()
    np.fill_diagonal(legs, 0)
    matrices: dict[bytes, int] = {}
    durations: list[Any] = []  # PyVRP's hints name no array that there is
    vehicles = []
    capped = [] if problem.most_per_day is None else [problem.most_per_day]
    for vehicle in problem.vehicles:
        is_forbidden = vehicle.is_forbidden[list(pool)]
        key = is_forbidden.tobytes()
        if key not in matrices:
            matrices[key] = len(durations)
            closed = np.concatenate([np.zeros(problem.starts, dtype=bool), is_forbidden])
            forbidding = np.where(closed[:, None] | closed[None, :], FORBIDDEN_MINUTES, legs)
            np.fill_diagonal(forbidding, 0)
            durations.append(forbidding)
        vehicles.append(
            VehicleType(
                1,
                capacity=capped,
                start_depot=vehicle.start,
                end_depot=vehicle.start,
                tw_early=vehicle.starts_at,
                tw_late=vehicle.ends_at,
                profile=matrices[key],
            )
        )
    prizes = _prizes(problem, pool)
    clients = [
        Client(
            problem.starts + client,
            delivery=[1] if capped else [],
            service_duration=int(problem.service[place]),
            tw_early=int(problem.opens[place]),
            tw_late=int(problem.closes[place]),
            prize=int(prizes[client]),
            required=False,
        )
        for client, place in enumerate(pool)
    ]
    return ProblemData(
        [Location(0, 0) for _ in nodes],
        clients,
        [Depot(start) for start in range(problem.starts)],
        vehicles,
        durations,
        durations,
    )


def _prizes(problem: Problem, pool: Sequence[int]) -> NDArray[np.int64]:
    """Scale scores to prizes; a place that comes first is worth more than all others that fit."""
    score = problem.score[list(pool)]
    highest = score.max()
    shares = np.clip(score / highest, 0, 1) if highest > 0 else np.ones(len(pool))
    prizes = np.maximum(LOWEST_PRIZE, np.rint(shares * HIGHEST_PRIZE)).astype(np.int64)
    is_first = problem.is_first[list(pool)]
    others = np.sort(prizes[~is_first])[::-1][: problem.most_stops]
    prizes[is_first] += others.sum()
    return prizes


def _penalties(prizes: NDArray[np.int64]) -> PenaltyParams:
    """Let the price of a late minute fall quickly to where late routes are tried and mended.

    At first, and for ever with PyVRP's own pace in these few seconds, none is: and what takes two
    steps is never found.
    """
    return PenaltyParams(
        max_penalty=float(max(100_000, prizes.max())),
        solutions_between_updates=50,
        penalty_increase=1.2,
        penalty_decrease=0.9,
    )


def _with_firsts(problem: Problem, routes: Routes, pool: Sequence[int]) -> Routes:
    """Make room for places that come first and were dropped, where there is room for them.

    The search hardly ever drops one for others; here none is, as far as one more fits into a day
    that has nothing but its like.
    """
    planned = {place for route in routes for place in route}
    for place in pool:
        if not problem.is_first[place] or place in planned:
            continue
        for number, vehicle in enumerate(problem.vehicles):
            bare = [other for other in routes[number] if problem.is_first[other]]
            filled = _inserted(problem, vehicle, bare, place)
            if filled is not None:
                for other in routes[number]:
                    if other not in filled:
                        filled = _inserted(problem, vehicle, filled, other) or filled
                routes[number] = filled
                break
    return routes


def _inserted(
    problem: Problem, vehicle: Vehicle, route: Sequence[int], place: int
) -> list[int] | None:
    """Return the route with one more place where it is over earliest; None where it cannot be."""
    best: tuple[int, list[int]] | None = None
    for position in range(len(route) + 1):
        tried = [*route[:position], place, *route[position:]]
        times = arrivals(problem, vehicle, tried)
        if times is not None and (best is None or times[-1] < best[0]):
            best = (times[-1], tried)
    return None if best is None else best[1]


def _trimmed(problem: Problem, routes: Routes) -> Routes:
    """Leave out the lowest scores of what is more than the stops wanted."""
    routes = [route.copy() for route in routes]
    places = sorted(
        (place for route in routes for place in route),
        key=lambda place: (problem.is_first[place], problem.score[place]),
    )
    excess = len(places) - problem.most_stops
    for place in places:
        if excess <= 0:
            break
        number = next(n for n, route in enumerate(routes) if place in route)
        shorter = [other for other in routes[number] if other != place]
        # A measured detour may be quicker than the straight way: then another is left out.
        if arrivals(problem, problem.vehicles[number], shorter) is not None:
            routes[number] = shorter
            excess -= 1
    return routes


def _better(problem: Problem, one: Routes, other: Routes) -> Routes:
    """Return the routes with more of the places that come first, then with the higher scores."""
    return max(one, other, key=lambda routes: worth(problem, routes))


def worth(problem: Problem, routes: Routes) -> tuple[int, float, int]:
    """Return what routes are compared by: places that come first, scores, few minutes on roads."""
    places = [place for route in routes for place in route]
    minutes = sum(_driven(problem, v, r) for v, r in zip(problem.vehicles, routes, strict=True))
    return (
        int(problem.is_first[places].sum()),
        round(float(problem.score[places].sum()), 6),
        -minutes,
    )


def _driven(problem: Problem, vehicle: Vehicle, route: Sequence[int]) -> int:
    nodes = [vehicle.start, *(problem.starts + place for place in route), vehicle.start]
    return int(problem.legs[nodes[:-1], nodes[1:]].sum()) if route else 0


def _count(routes: Routes) -> int:
    return sum(len(route) for route in routes)


class _Shown(IteratedLocalSearchCallbacks):
    """Tells how far a search is, and stops it when everything is in."""

    def __init__(self, progress: Progress | None, seconds: float) -> None:
        self._progress = progress
        self._seconds = seconds
        self._started = self._shown = time.perf_counter()
        self._planned = 0
        self.target: int | None = None

    def __call__(self, best_cost: int) -> bool:
        """Whether to stop."""
        return self.target is not None and self._planned >= self.target

    def on_start(self, ils: object) -> None:
        """Forget the search before."""
        self._planned = 0

    def on_iteration(
        self, current: object, candidate: object, best: Solution, cost: object
    ) -> None:
        """Look at the best solution so far."""
        now = time.perf_counter()
        if best.is_feasible():
            self._planned = best.num_clients()
        if self._progress and now - self._shown >= SHOW_EVERY_SECONDS:
            self._shown = now
            share = min((now - self._started) / self._seconds, 1.0)
            self._progress(share, f"正在排路线，已排入 {self._planned} 处")
