"""Drives a plan as a team would, and says every rule that it breaks.

It knows the tables of a plan and the settings of travel, and nothing of how a plan was made.
"""

from __future__ import annotations

from datetime import date, time

import numpy as np
import pandas as pd

from analysis.travel import Travel


def minutes(value: time) -> int:
    return value.hour * 60 + value.minute


def leg(start: pd.Series, end: pd.Series, travel: Travel) -> int:
    """Minutes of one leg between two rows with coordinates, county_code and name."""
    return int(
        travel.minutes(
            np.array([[start["longitude"], start["latitude"]]], dtype=float),
            np.array([[end["longitude"], end["latitude"]]], dtype=float),
            from_counties=[start.get("county_code")],
            to_counties=[end.get("county_code")],
            from_names=[start["name"]],
            to_names=[end["name"]],
        )[0, 0]
    )


def broken_rules(
    stops: pd.DataFrame,
    candidates: pd.DataFrame,
    teams: pd.DataFrame,
    *,
    days: list[date],
    travel: Travel,
    most_stops: int,
    most_per_day: int | None = None,
    pins: pd.DataFrame | None = None,
) -> list[str]:
    """Return what is wrong with a plan; nothing when it can be driven as it stands."""
    broken = broken_pins(stops, pins)
    places = candidates.set_index("ordinal", drop=False)
    known = teams.set_index("team", drop=False)
    if stops["ordinal"].duplicated().any():
        broken.append("a place is visited twice")
    if len(stops) > most_stops:
        broken.append("too many stops")
    for (visit_on, team), driven in stops.groupby(["visit_on", "team"]):
        who = f"team {team} on {visit_on.date()}"
        if visit_on.date() not in days or team not in known.index:
            broken.append(f"{who}: not of the plan")
            continue
        if most_per_day is not None and len(driven) > most_per_day:
            broken.append(f"{who}: too many stops a day")
        if driven["sequence"].tolist() != list(range(1, len(driven) + 1)):
            broken.append(f"{who}: the sequence has gaps")
        broken += [
            f"{who}: {rule}" for rule in driven_badly(driven, places, known.loc[team], travel)
        ]
    return broken


def driven_badly(
    driven: pd.DataFrame, places: pd.DataFrame, team: pd.Series, travel: Travel
) -> list[str]:
    """Return what is wrong with one team's day, driven in the order of its rows."""
    broken = []
    start = at = team.rename({"start_name": "name"})
    now = minutes(team["starts_at"])
    homes = {officer["home_county"] for officer in team["officers"]} - {None}
    for _, stop in driven.iterrows():
        place = places.loc[stop["ordinal"]]
        arrives, leaves = minutes(stop["arrives_at"]), minutes(stop["leaves_at"])
        category = place["category"] if isinstance(place["category"], str) else "unregistered"
        opens, closes = place["opens_at"], place["closes_at"]
        rules = {
            "cannot be there so early": arrives >= now + leg(at, place, travel),
            "is not open yet": pd.isna(opens) or arrives >= minutes(opens),
            "is over": pd.isna(closes) or arrives <= minutes(closes),
            "stays too long or too short": leaves - arrives == dict(travel.service)[category],
            "is at home": place["county_code"] not in homes,
            "has left": not isinstance(place["left_reason"], str),
        }
        broken += [f"{stop['ordinal']} {rule}" for rule, holds in rules.items() if not holds]
        at, now = place, leaves
    if now + leg(at, start, travel) > minutes(team["ends_at"]):
        broken.append("back too late")
    return broken


def broken_pins(stops: pd.DataFrame, pins: pd.DataFrame | None) -> list[str]:
    """A pinned place is visited as pinned or not at all."""
    broken = []
    pinned = {} if pins is None else pins.set_index("ordinal")[["visit_on", "team"]].T.to_dict()
    for _, stop in stops.iterrows():
        pin = pinned.get(stop["ordinal"])
        if bool(stop["pinned"]) != (pin is not None):
            broken.append(f"{stop['ordinal']} is marked wrongly")
        if pin is not None and (
            stop["visit_on"].date() != pd.Timestamp(pin["visit_on"]).date()
            or stop["team"] != pin["team"]
        ):
            broken.append(f"{stop['ordinal']} is not where it is pinned")
    return broken
