"""Routes of a draft: asked of the solver with the progress shown, and stored."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import visit_plans as judgement
from analysis.visit_routes import Routes, plan_routes
from data_access import visit_plan_changes
from data_access.accounts import User
from data_access.visit_writing import PlanError
from ui.formatting import plain
from ui.visits.measured import travel_times
from ui.visits.names import SHORT_NAMES
from ui.visits.stored import Stored

SECONDS: Final = 7.0
TOLD: Final = 200


def solve(user: User, stored: Stored, pins: pd.DataFrame) -> str:
    """Plan the routes of a draft with these stops held where they are; store them, and say so.

    Every team gets a like number of stops a day, unless more fit in without that.

    Raises:
        PlanError: a stop cannot be held where it should be, the plan has changed meanwhile, or
            could not be stored.
    """
    plan = stored.plan
    ways = judgement.chosen_by(stored.candidates, lots=int(plan.parameters["stops_by_lot"]))
    found = stored.candidates.loc[ways.index]
    days = list(pd.date_range(plan.first_day, plan.last_day).date)
    most_stops = int(plan.parameters["most_stops"])
    bar = st.progress(0.0, "正在排路线……")

    def show(share: float, words: str) -> None:
        bar.progress(min(max(share, 0.0), 1.0), plain(words))

    search = partial(
        plan_routes,
        found,
        stored.teams,
        days=days,
        chosen_by=ways,
        travel=travel_times(),
        most_stops=most_stops,
        pins=pins,
        counties=SHORT_NAMES,
        seconds=SECONDS,
        seed=int(plan.seed or 0),
        progress=show,
    )
    fair_share = math.ceil(most_stops / (len(stored.teams) * len(days)))
    routes = search(most_per_day=fair_share, kept=stored.stops)
    if len(routes.stops) < min(most_stops, len(found)):
        freer = search(kept=routes.stops)
        routes = freer if len(freer.stops) > len(routes.stops) else routes
    bar.empty()
    _refuse_lost_pins(routes, pins)
    said = _said_of(routes, ways.set_axis(found["ordinal"]))
    visit_plan_changes.save_stops(user, plan.id, routes.stops, plan.row_version, routing=said)
    return "路线已排好。" if len(routes.stops) else "没有一处排得进去，原因见下。"


def _refuse_lost_pins(routes: Routes, pins: pd.DataFrame) -> None:
    """Refuse routes without a stop that was to be held, and say why it could not be."""
    keys = ["ordinal", "visit_on", "team"]
    kept = set(map(tuple, routes.stops[keys].itertuples(index=False)))
    why = routes.left_out.set_index("ordinal")["why"]
    for pin in pins[keys].itertuples(index=False):
        if tuple(pin) not in kept:
            raise PlanError(
                f"候选第 {pin.ordinal} 号不能由第 {pin.team} 组在 {pin.visit_on:%m-%d} 去："
                f"{why.get(pin.ordinal, '和其余固定的地点排不到一起')}。没有改动"
            )


def _said_of(routes: Routes, ways: pd.Series) -> dict[str, Any]:
    """Return what is to be said of routes: what could not be done, who is left out and why.

    ``ways`` is how each was chosen, by ordinal. Of those there by score alone the first 200 that
    are left out are told of.
    """
    rows = routes.left_out.assign(is_risk=routes.left_out["ordinal"].map(ways) == "risk")
    told = rows.sort_values(["is_risk", "ordinal"])
    told = told.head(int((~told["is_risk"]).sum()) + TOLD)
    return {
        "explained": list(routes.explained),
        "left_out": dict(zip(told["ordinal"].astype(str), told["why"], strict=True)),
    }
