"""A new plan: candidates as they stand today, the lot, the teams, stored as a draft."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from analysis import draws, risk
from analysis import visit_plans as judgement
from analysis.visit_plans import Frame
from data_access import evidence, visit_plan_changes, visit_plans
from data_access.accounts import User
from data_access.visit_plans import Booked
from ui.filters import Filters
from ui.load import fresh, load
from ui.visits.asking import Wanted
from ui.visits.start_places import START_PLACES

SEEDS: Final = 2**31


def scored(conn: Any, **asked: Any) -> pd.DataFrame:
    """Return every unit that can be visited with its score, the highest first."""
    categories = asked.pop("categories")
    given = risk.weights()
    found = risk.Evidence(**evidence.everything(conn, **asked, **given.of_reports()))
    units = risk.units(found, asked["as_of"])
    if categories:
        units = units[units["category"].isin(categories)]
    ranked = risk.score(found, units, asked["as_of"])
    return ranked.assign(name=judgement.called(ranked))


def seen(conn: Any, *, days: int, **asked: Any) -> set[str]:
    """Return the units that were checked in the last so many days."""
    asked.pop("categories")
    if not days:
        return set()
    checks = evidence.inspections(conn, **asked)
    return set(risk.visited_since(checks, asked["as_of"] - timedelta(days=days)))


def hours(conn: Any, **asked: Any) -> pd.DataFrame:
    """Return the hours of classes that reports name."""
    asked.pop("categories")
    return evidence.hours(conn, **asked)


def booked(user: User, wanted: Wanted) -> Booked:
    """Return who and what other plans hold already, as it is now."""
    days = {"first_day": wanted.first_day, "last_day": wanted.last_day}
    held: Booked = fresh(visit_plans.booked, user, {"scope": user.scope, **days})
    return held


def frame_of(user: User, chosen: Filters, wanted: Wanted, held: Booked) -> Frame:
    """Return the candidates of a plan, not drawn from yet."""
    lately = load(seen, user, chosen, days=wanted.leave_out_days)
    every = risk.with_hours(load(scored, user, chosen), load(hours, user, chosen))
    return judgement.candidates(every, seen=lately, must=wanted.must, booked=held.units)


def draft(
    user: User,
    chosen: Filters,
    wanted: Wanted,
    frame: Frame,
    officers: pd.DataFrame,
    held: Booked,
    units: Mapping[str, str],
) -> int:
    """Draw places and officers by lot, store the plan, and return its number.

    Officers whom another sealed plan sends on these days (``held``) are not drawn.
    ``units`` names the counties by their codes.

    Raises:
        DrawError: the officers are too few for the teams.
        PlanError: the plan could not be stored.
    """
    seed = secrets.randbelow(SEEDS)
    people = zip(officers["name"], officers["department"], strict=True)
    is_free = pd.Series([pair not in held.officers for pair in people], officers.index)
    eligible = officers[officers["active"] & is_free]
    if wanted.departments:
        eligible = eligible[eligible["department"].isin(wanted.departments)]
    found = frame.candidates
    if found["county_code"].nunique() == 1:  # a team with somebody at home there could go nowhere
        eligible = eligible[eligible["home_county"] != found["county_code"].iloc[0]]
    lots = min(
        draws.share_by_lot(wanted.most_stops, wanted.share),
        wanted.most_stops - len(wanted.must),
        int((~found["must"]).sum()),
    )
    counties = {code: units[code] for code in sorted(found["county_code"].unique())}
    found = found.assign(drawn_order=draws.draw_places(found, number=lots, seed=seed))
    teams = draws.draw_teams(
        eligible, teams=wanted.teams, size=wanted.team_size, seed=seed, counties=counties
    )
    starts = [wanted.starts[n % len(wanted.starts)] for n in range(len(teams))]
    teams = teams.assign(
        start_name=starts,
        longitude=[START_PLACES[name][0] for name in starts],
        latitude=[START_PLACES[name][1] for name in starts],
        starts_at=pd.Series([wanted.starts_at] * len(teams), dtype="object"),
        ends_at=pd.Series([wanted.ends_at] * len(teams), dtype="object"),
    )
    listed = eligible.astype("object").where(eligible.notna(), None).to_dict("records")
    return visit_plan_changes.create(
        user,
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        parameters=wanted.parameters(
            chosen, stops_by_lot=lots, counties=list(counties), officers=listed
        ),
        seed=seed,
        candidates=found,
        teams=teams,
    )
