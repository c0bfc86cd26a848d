"""A plan to set out from: the place with the most prize for a minute goes in next.

PyVRP starts from random routes, and what it cannot do in seconds is to give up a whole day that
leads far out: each single step away from it is worse. So it starts from this plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from analysis.route_search import Problem, Vehicle


def filled(
    problem: Problem,
    routes: Sequence[Sequence[int]],
    pool: Sequence[int],
    prizes: NDArray[np.int64],
) -> list[list[int]]:
    """Return the routes with places of a pool put in, one after the other, while any fits.

    ``prizes`` are those of the pool. Each time the one with the most prize for the minutes that
    it adds (on the road and inside) is put where it adds least.
    """
    result = [list(route) for route in routes]
    planned = {place for route in result for place in route}
    is_free = np.array([place not in planned for place in pool], dtype=bool)
    places = np.array(pool, dtype=np.int64)
    offers = [_offers(problem, v, r, places) for v, r in zip(problem.vehicles, result, strict=True)]
    stops = len(planned)
    while is_free.any() and stops < problem.most_stops:
        rates = np.array([np.where(is_free, prizes / minutes, 0.0) for minutes, _ in offers])
        number, which = divmod(int(rates.argmax()), len(places))
        if rates[number, which] <= 0:
            break
        result[number].insert(int(offers[number][1][which]), pool[which])
        is_free[which] = False
        stops += 1
        offers[number] = _offers(problem, problem.vehicles[number], result[number], places)
    return result


def _offers(
    problem: Problem, vehicle: Vehicle, route: Sequence[int], places: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the minutes that each place adds to a route (inf: does not fit), and where."""
    legs, first = problem.legs, problem.starts
    nodes = np.array([vehicle.start, *(first + place for place in route), vehicle.start])
    leaves, latest = _times(problem, vehicle, route, nodes)
    there = legs[np.ix_(nodes[:-1], first + places)]
    onward = legs[np.ix_(first + places, nodes[1:])].T
    arrives = np.maximum(leaves[:, None] + there, problem.opens[places])
    fits = (arrives <= problem.closes[places]) & ~vehicle.is_forbidden[places]
    fits &= arrives + problem.service[places] + onward <= latest[:, None]
    if problem.most_per_day is not None and len(route) >= problem.most_per_day:
        fits[:] = False
    added = there + onward - legs[nodes[:-1], nodes[1:]][:, None] + problem.service[places]
    added = np.where(fits, np.maximum(added, 1), np.inf)
    where = added.argmin(axis=0)
    return added[where, np.arange(len(places))], where


def _times(
    problem: Problem, vehicle: Vehicle, route: Sequence[int], nodes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when each node is left at the earliest, and the next may be reached at the latest."""
    leaves = [vehicle.starts_at]
    for place, leg in zip(route, problem.legs[nodes[:-1], nodes[1:]], strict=False):
        arrives = max(leaves[-1] + int(leg), int(problem.opens[place]))
        leaves.append(arrives + int(problem.service[place]))
    latest = [vehicle.ends_at]
    for position in range(len(route), 0, -1):
        place, leg = route[position - 1], problem.legs[nodes[position], nodes[position + 1]]
        by_next = latest[-1] - int(leg) - int(problem.service[place])
        latest.append(min(by_next, int(problem.closes[place])))
    return np.array(leaves), np.array(latest[::-1])
