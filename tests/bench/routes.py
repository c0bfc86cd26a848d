"""What planned routes collect, against a greedy plan and against a longer search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

import numpy as np
import pandas as pd

from analysis.travel import travel
from analysis.visit_routes import plan_routes

DAY = date(2022, 7, 15)
# County, longitude, latitude, spread in degrees, share of the candidates.
TOWNS = (
    ("450202", 109.411, 24.316, 0.020, 0.20),
    ("450203", 109.453, 24.319, 0.025, 0.17),
    ("450204", 109.386, 24.336, 0.025, 0.17),
    ("450205", 109.402, 24.363, 0.025, 0.14),
    ("450206", 109.326, 24.255, 0.030, 0.08),
    ("4502LD", 109.530, 24.345, 0.025, 0.05),
    ("450222", 109.245, 24.651, 0.030, 0.05),
    ("450223", 109.751, 24.473, 0.030, 0.06),
    ("450224", 109.398, 25.224, 0.030, 0.03),
    ("450225", 109.257, 25.066, 0.030, 0.03),
    ("450226", 109.607, 25.783, 0.030, 0.02),
)
# When classes are on: mornings, afternoons, evenings, the whole day.
HOURS = ((9, 11), (14, 17), (18, 20), (9, 20))
CATEGORIES = ("subject", "arts", "sports", "technology", None)
# Candidates, teams, seconds of the search, seed of the instance.
INSTANCES = ((50, 2, 1.5, 1), (50, 2, 1.5, 2), *((1_000, 8, 7.0, seed) for seed in (1, 2, 3)))
LONG_SECONDS = 30.0


def candidates(number: int, seed: int) -> pd.DataFrame:
    """Return places around the towns; scores as they are found, a few high and many low."""
    random = np.random.default_rng(seed)
    town = random.choice(len(TOWNS), number, p=[share for *_, share in TOWNS])
    spread = np.array([TOWNS[t][3] for t in town])
    hours = [HOURS[h] for h in random.choice(len(HOURS), number, p=[0.2, 0.3, 0.3, 0.2])]
    category = [CATEGORIES[c] for c in random.integers(len(CATEGORIES), size=number)]
    frame = pd.DataFrame(
        {
            "county_code": [TOWNS[t][0] for t in town],
            "category": pd.Series(category, dtype="str"),
            "longitude": [TOWNS[t][1] for t in town] + random.normal(0, spread),
            "latitude": [TOWNS[t][2] for t in town] + random.normal(0, spread),
            "opens_at": [time(start) for start, _ in hours],
            "closes_at": [time(end) for _, end in hours],
            "score": np.round(random.gamma(1.5, 12, number), 1),
        }
    ).sort_values("score", ascending=False, ignore_index=True)
    return frame.assign(
        ordinal=np.arange(1, number + 1),
        name=[f"地点{n}" for n in range(1, number + 1)],
        must=False,
        left_reason=pd.Series(None, index=frame.index, dtype=object),
    )


def teams(number: int) -> pd.DataFrame:
    """Return teams at work from half past eight to half past eight; each avoids a county."""
    homes = [TOWNS[n % len(TOWNS)][0] for n in range(number)]
    return pd.DataFrame(
        {
            "team": np.arange(1, number + 1),
            "officers": [
                [{"name": "甲", "department": "教育", "home_county": home}] for home in homes
            ],
            "start_name": [f"出发地{n % 2 + 1}" for n in range(number)],
            "longitude": [TOWNS[n % 2][1] for n in range(number)],
            "latitude": [TOWNS[n % 2][2] for n in range(number)],
            "starts_at": time(8, 30),
            "ends_at": time(20, 30),
        }
    )


@dataclass(frozen=True)
class RouteCost:
    """Prizes and wall seconds of one instance; ``long`` is with thirty seconds."""

    candidates: int
    teams: int
    seed: int
    stops: int
    prize: float
    seconds: float
    greedy_prize: float
    long_prize: float

    @property
    def over_greedy(self) -> float:
        """The planned prize ÷ the greedy plan's."""
        return self.prize / self.greedy_prize

    @property
    def of_long(self) -> float:
        """The planned prize ÷ what thirty seconds reach."""
        return self.prize / self.long_prize

    def as_json(self) -> dict[str, float]:
        """Return the same figures for a program."""
        return {**vars(self), "over_greedy": self.over_greedy, "of_long": self.of_long}


def measure() -> Iterator[RouteCost]:
    """Plan each instance within its time, by greed, and with thirty seconds."""
    for number, team_count, within, seed in INSTANCES:
        found, who = candidates(number, seed), teams(team_count)
        planned, longer = (
            plan_routes(
                found,
                who,
                days=[DAY],
                chosen_by=pd.Series("risk", index=found.index),
                travel=travel(),
                most_stops=number,
                seconds=seconds,
                seed=1,
            )
            for seconds in (within, LONG_SECONDS)
        )
        yield RouteCost(
            *(number, team_count, seed, len(planned.stops), planned.prize, planned.seconds),
            *(greedy_prize(found, who), longer.prize),
        )


def greedy_prize(found: pd.DataFrame, who: pd.DataFrame) -> float:
    """Return what teams collect that always drive to the place of most score for its minutes."""
    places = found[["longitude", "latitude"]].to_numpy(float)
    counties = found["county_code"].tolist()
    service = travel().service_minutes(found["category"]).to_numpy()
    opens, closes = (
        np.array([value.hour * 60 + value.minute for value in found[name]])
        for name in ("opens_at", "closes_at")
    )
    scores = found["score"].to_numpy()
    is_free = np.ones(len(found), dtype=bool)
    for _, team in who.iterrows():
        start = team[["longitude", "latitude"]].to_numpy(float)[None, :]
        back = travel().minutes(places, start, from_counties=counties)[:, 0]
        homes = {officer["home_county"] for officer in team["officers"]}
        at, county = start, None
        now = team["starts_at"].hour * 60 + team["starts_at"].minute
        ends = team["ends_at"].hour * 60 + team["ends_at"].minute
        while True:
            legs = travel().minutes(at, places, from_counties=[county], to_counties=counties)[0]
            arrives = np.maximum(now + legs, opens)
            fits = is_free & (arrives <= closes) & (arrives + service + back <= ends)
            fits &= ~found["county_code"].isin(homes).to_numpy()
            if not fits.any():
                break
            best = int(np.where(fits, scores / (arrives + service - now), -1).argmax())
            is_free[best] = False
            at, county, now = places[[best]], counties[best], int(arrives[best] + service[best])
    return float(scores[~is_free].sum())
