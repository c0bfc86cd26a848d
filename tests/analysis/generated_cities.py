"""Made-up cities with hidden classes planted in them, for proofs of what is found.

A city is made as one would tell it, and not after any way of finding things in it: people live
in a few dense quarters and many thin ones; training gathers in busy buildings, which draw many
reports, few of them true; some institutions and estates are complained about far more than
others, and that drifts; one angry chat group sends several reports within days; a campaign
more than doubles the reports of late summer; one report in twenty has no coordinates. Ten
hidden classes are planted in estates, wherever people live, also beside the busiest buildings.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

AS_OF: Final = pd.Timestamp(date(2022, 8, 25))
DAYS: Final = 365
LONGITUDE, LATITUDE = 109.41, 24.32
METRES_PER_DEGREE: Final = 111_320.0
QUARTERS, ESTATES, BUILDINGS, INSTITUTIONS = 34, 1_500, 110, 1_300
NO_COORDINATES: Final = 0.05
APART_METRES: Final = 1_000.0  # ten clusters are ten places
REACH_METRES: Final = 300.0  # the block around a hidden class: what a team on foot looks at
TRUE_SHARE, PLANTED_TRUE_SHARE = 0.2, 2 / 3
COUNTED_AT: Final = 5_000
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class City:
    """A year of reports of a city.

    ``reports``: ``received_on``, ``week``, ``substantiated_week`` (NaT: not found to be true),
    ``x``, ``y`` (metres), ``cell`` (None: no coordinates), ``cluster`` (-1: background).
    ``institutions``: ``cell``, ``found_on``, ``deregistered_on``. ``centres``: ``x``, ``y`` of
    the planted clusters.
    """

    reports: pd.DataFrame
    institutions: pd.DataFrame
    centres: Floats

    @property
    def counts(self) -> pd.DataFrame:
        """The reports with coordinates by cell, week and week of being found true."""
        located = self.reports[self.reports["cell"].notna()]
        keys = ["cell", "week", "substantiated_week"]
        counted = located.groupby(keys, dropna=False).size().reset_index(name="reports")
        return counted.astype({"cell": "str", "reports": "int64"})


def city(seed: int, *, reports: int, clusters: int = 10) -> City:
    """Make the city of a seed with so many reports, those of the clusters among them."""
    dice = np.random.default_rng([seed, reports, clusters])
    quarters, spread, people = _quarters(dice)
    estates = _scatter(dice, quarters, spread, people, ESTATES)
    buildings = _scatter(dice, quarters, 0.6 * spread, people**1.3, BUILDINGS)
    addresses, found_on = _institutions(dice, buildings, estates)
    centres = _apart(dice, estates, clusters)
    # A city that reports twenty times as much does so of a hidden class, too, but less than
    # twenty times: the same few families live beside it.
    planted = _planted(dice, centres, scale=(reports / COUNTED_AT) ** 0.5)
    background = _background(dice, addresses, found_on, estates, number=reports - len(planted))
    rows = pd.concat([background, planted], ignore_index=True)
    return City(
        reports=_finished(dice, rows),
        institutions=pd.DataFrame(
            {
                "cell": _cells(addresses),
                "found_on": AS_OF.normalize() - pd.to_timedelta(DAYS - found_on, unit="D"),
                "deregistered_on": pd.Series(pd.NaT, index=range(len(addresses))),
            }
        ).astype({"cell": "str", "found_on": "datetime64[s]", "deregistered_on": "datetime64[s]"}),
        centres=centres,
    )


def shuffled(source: City, seed: int, expected: pd.Series, *, since: pd.Timestamp) -> City:
    """Deal the reports since a day out over cells anew, by chance and as ``expected``.

    ``expected`` is a number by cell. What was planted is gone with it.
    """
    dice = np.random.default_rng([seed, 7])
    rows = source.reports.copy()
    moved = (rows["received_on"] >= since) & rows["cell"].notna()
    share = expected.to_numpy() / expected.sum()
    rows.loc[moved, "cell"] = dice.choice(expected.index.to_numpy(), size=moved.sum(), p=share)
    rows["cluster"] = -1
    return City(rows, source.institutions, np.empty((0, 2)))


def _quarters(dice: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Return where quarters lie, how wide they are, and how many people they have."""
    distance = np.abs(dice.normal(0, 7_000, QUARTERS)) + np.where(
        np.arange(QUARTERS) < 24, 0, dice.uniform(15_000, 60_000, QUARTERS)
    )
    angle = dice.uniform(0, 2 * np.pi, QUARTERS)
    middle = np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])
    return middle, dice.uniform(400, 2_500, QUARTERS), dice.lognormal(0, 0.8, QUARTERS)


def _scatter(
    dice: np.random.Generator, middle: Floats, spread: Floats, weight: Floats, number: int
) -> Floats:
    at = dice.choice(len(middle), size=number, p=weight / weight.sum())
    return middle[at] + dice.normal(0, 1, (number, 2)) * spread[at, None]


def _institutions(
    dice: np.random.Generator, buildings: Floats, estates: Floats
) -> tuple[Floats, Ints]:
    """Return where institutions are and on which day they were found; the most in buildings."""
    attraction = dice.lognormal(0, 1.0, len(buildings))
    inside = int(INSTITUTIONS * 0.6)
    at = dice.choice(len(buildings), size=inside, p=attraction / attraction.sum())
    street = estates[dice.integers(0, len(estates), INSTITUTIONS - inside)]
    street = street + dice.normal(0, 120, street.shape)
    found = np.where(dice.random(INSTITUTIONS) < 0.9, 0, dice.integers(0, DAYS, INSTITUTIONS))
    return np.vstack([buildings[at], street]), found


def _apart(dice: np.random.Generator, estates: Floats, number: int) -> Floats:
    """Return estates, each a kilometre from the others at least."""
    chosen: list[Floats] = []
    for place in estates[dice.permutation(len(estates))]:
        if len(chosen) == number:
            break
        if all(np.hypot(*(place - other)) >= APART_METRES for other in chosen):
            chosen.append(place)
    return np.array(chosen).reshape(-1, 2)


def _planted(dice: np.random.Generator, centres: Floats, *, scale: float) -> pd.DataFrame:
    """Report each hidden class: begun in the last nine weeks, at the place or close to it."""
    parts = []
    for number, centre in enumerate(centres):
        size = round(dice.uniform(15, 30) * scale)
        began = DAYS - int(dice.integers(21, 63))
        away = dice.choice([0.0, 30.0, 90.0], size=size, p=[0.6, 0.3, 0.1])
        point = centre + dice.normal(0, 1, (size, 2)) * away[:, None]
        parts.append(
            pd.DataFrame(
                {
                    "day": dice.integers(began, DAYS, size) + 1,
                    "x": point[:, 0],
                    "y": point[:, 1],
                    "cluster": number,
                }
            )
        )
    columns = ["day", "x", "y", "cluster"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _background(
    dice: np.random.Generator, addresses: Floats, found: Ints, estates: Floats, *, number: int
) -> pd.DataFrame:
    """Report institutions and estates as people do, whatever goes on there."""
    places = np.vstack([addresses, estates])
    opened = np.concatenate([found, np.zeros(len(estates), int)])
    notoriety = np.concatenate(
        [
            0.6 * _shares(dice.lognormal(0, 1.2, len(addresses))),
            0.4 * _shares(dice.gamma(0.7, 1.0, len(estates))),
        ]
    )
    drift = dice.lognormal(0, 0.3, (4, len(places)))
    days: list[Ints] = []
    at: list[Ints] = []
    missing = number
    while missing > 0:
        day = _days(dice, missing)
        where = np.empty(missing, int)
        for quarter in range(4):
            of_quarter = np.flatnonzero((day - 1) * 4 // DAYS == quarter)
            chances = _shares(notoriety * drift[quarter])
            where[of_quarter] = dice.choice(len(places), size=len(of_quarter), p=chances)
        is_open = opened[where] < day
        day, where = day[is_open], where[is_open]
        # One report in eight brings others of the same place within ten days.
        more = np.where(dice.random(len(day)) < 0.125, dice.geometric(0.5, len(day)), 0)
        day = np.concatenate([day, np.repeat(day, more) + dice.integers(0, 10, more.sum())])
        where = np.concatenate([where, np.repeat(where, more)])
        kept = np.flatnonzero(day <= DAYS)
        kept = dice.permutation(kept)[:missing]
        days.append(day[kept])
        at.append(where[kept])
        missing -= len(kept)
    where = np.concatenate(at)
    point = places[where] + dice.normal(0, 1, (number, 2)) * 20
    return pd.DataFrame(
        {"day": np.concatenate(days), "x": point[:, 0], "y": point[:, 1], "cluster": -1}
    )


def _shares(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _days(dice: np.random.Generator, number: int) -> Ints:
    """Draw days of the year, the last being ``DAYS``: a campaign from June to mid August."""
    day = np.arange(1, DAYS + 1)
    surge = np.where((day > DAYS - 85) & (day <= DAYS - 10), 2.5, 1.0)
    quiet = np.where(day % 7 < 2, 0.5, 1.0)
    return dice.choice(day, size=number, p=_shares(surge * quiet))


def _finished(dice: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Add weeks, verdicts, and cells; one report in twenty has none."""
    first = AS_OF - pd.Timedelta(days=DAYS)
    received = first + pd.to_timedelta(rows["day"].to_numpy(int), unit="D")
    is_planted = rows["cluster"].to_numpy(int) >= 0
    share = np.where(is_planted, PLANTED_TRUE_SHARE, TRUE_SHARE)
    verified = received + pd.to_timedelta(dice.integers(3, 21, len(rows)), unit="D")
    is_true = (dice.random(len(rows)) < share) & (verified <= AS_OF)
    points = rows[["x", "y"]].to_numpy(float)
    cells = _cells(points)
    cells[dice.random(len(rows)) < NO_COORDINATES] = None
    frame = pd.DataFrame(
        {
            "received_on": received,
            "week": _thursday(received),
            "substantiated_week": _thursday(verified).where(is_true),
            "x": points[:, 0],
            "y": points[:, 1],
            "cell": cells,
            "cluster": rows["cluster"].to_numpy(int),
        }
    )
    days = dict.fromkeys(["received_on", "week", "substantiated_week"], "datetime64[s]")
    return frame.astype(days)


def _thursday(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return days + pd.to_timedelta((3 - days.day_of_week) % 7, unit="D")


def _cells(points: Floats) -> npt.NDArray[np.object_]:
    north = LATITUDE + points[:, 1] / METRES_PER_DEGREE
    east = LONGITUDE + points[:, 0] / (METRES_PER_DEGREE * np.cos(np.radians(LATITUDE)))
    cells = np.empty(len(points), dtype=object)
    cells[:] = [h3.latlng_to_cell(lat, lon, 9) for lat, lon in zip(north, east, strict=True)]
    return cells
