"""Suspected rises of prices (疑似涨价): high against an institution's own price and its peers'.

No law says from where a price is raised with ill intent (恶意涨价). So a course is suspected only
where two things hold at once, each told with its evidence: it costs clearly more than the same
course did before the summer, by more than its peers' prices rose in that time; and it costs clearly
more than its peers' courses do. A rise of all together, an institution that was always expensive,
and one that came up from below to where the others are, are none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t

from analysis.price_courses import LINE, then_and_now
from analysis.price_peers import LEAN_OF_RISES, Codes, expected, spread
from analysis.price_units import standardised

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Settings:
    """From where a rise is suspected; all limits must be reached.

    Prices of before the summer are those in force on the last ``baseline`` (month, day) by the day:
    the first of May is two months before the campaign and before places for the summer are sold,
    so that what is raised in May and June is found, and a price of spring is held against.
    ``least`` is the share that counts as clearly more, over the own price (beyond the peers' rise)
    and over the peers' price: 10 %, by which fees under guidance may exceed the standard (发改价格
    〔2021〕1279号). ``peers`` is how many standard deviations above its peers a course must lie,
    ``joint`` how large rise and distance must be together. ``fewest`` is how many other
    institutions an expectation must be worth.
    """

    baseline: tuple[int, int] = (5, 1)
    least: float = 0.10
    peers: float = 1.0
    joint: float = 4.0
    fewest: float = 3.0


SETTINGS: Final = Settings()
# Spreads below these (in logarithms, so about shares) are not believed: prices are round numbers.
_LEAST_CHANGE: Final = 0.05
_LEAST_SPREAD: Final = 0.10
_LEAST_QUARTILE: Final = 0.02
_TAILS: Final = 5  # degrees of freedom of what changes ordinarily are
_NOTHING_MOVED: Final = 1e-3
# A rise of so many standard deviations is beyond doubt; what is more says nothing more.
_MOST_OWN: Final = 6.0
_MOST_PEERS: Final = 3.0  # likewise, so that who was always expensive is not suspected for little


class Rises(NamedTuple):
    """What is suspected as of a day.

    ``courses``: a row for each course that has a price on the day, the highest ``score`` first;
    the columns of ``price_courses.then_and_now`` and

    ===============  =======  ================================================================
    rise             float64  its price ÷ that of before the summer − 1; NaN without one
    peers_rise       float64  what the others' prices rose by, the share expected of it
    peers_standard   float64  what the others lead to expect, yuan a standard lesson
    above_peers      float64  its price ÷ ``peers_standard`` − 1
    peers            int64    other institutions of the kind in the county
    peers_in_city    int64    other institutions of the kind in all rows
    own_score        float64  rise beyond the others', in standard deviations of changes
    peers_score      float64  distance from the others, in standard deviations of prices
    score            float64  both together, of the rise six and of the distance three at
                              most; NaN where not judged or where either is not above
    judged           bool     there is a price of before the summer, and there are enough others
    suspected        bool
    chance           float64  how probable it is suspected by chance alone, 0 where not judged
    ===============  =======  ================================================================

    ``baseline_on``: the day before the summer. ``prices``: how many rows of prices were read.
    """

    courses: pd.DataFrame
    baseline_on: date
    prices: int

    @property
    def by_chance(self) -> float:
        """Return how many courses would be suspected if changes fell on courses by chance."""
        return float(self.courses["chance"].sum())

    @property
    def suspected(self) -> pd.DataFrame:
        """Return the suspected courses alone, the highest score first."""
        return self.courses[self.courses["suspected"]].reset_index(drop=True)


def before_summer(as_of: date, settings: Settings = SETTINGS) -> date:
    """Return the last day by ``as_of`` on which prices were those of before a summer."""
    day = date(as_of.year, *settings.baseline)
    return day if day <= as_of else date(as_of.year - 1, *settings.baseline)


def suspected_rises(prices: pd.DataFrame, *, as_of: date, settings: Settings = SETTINGS) -> Rises:
    """Judge each course's price on ``as_of`` against its own of before the summer and its peers'.

    ``prices`` has one row a price: ``institution_id`` (int64), ``county_code``, ``course``,
    ``item``, ``class_size`` (str), ``class_students`` (a number, missing unknown),
    ``teaching_mode`` (str, missing: offline), ``lesson_minutes`` (int64), ``price`` (float64, yuan
    a person and lesson of that length), ``price_unit`` (str) and ``effective_on``
    (datetime64[s]), as ``data_access.course_fees.prices`` returns them; whatever other columns
    there are stay with their row. Peers are the other institutions in these rows, so a county's
    rows are judged among themselves.

    Logarithms of prices are compared with medians of the others (``price_peers``); how far apart
    prices of a kind lie and how much prices change are median absolute deviations, which a few
    jumps do not move.
    """
    baseline_on = before_summer(as_of, settings)
    courses = then_and_now(standardised(prices), as_of=as_of, baseline_on=baseline_on)
    lines, line_of = _lines(courses)
    price = lines["price"].to_numpy()
    peers = expected(lines, price)
    sigma = spread(lines, (price - peers.middle) / peers.doubt, least=_LEAST_SPREAD)
    others = expected(lines, lines["rise"].to_numpy(), lean=LEAN_OF_RISES)
    rise = np.log((courses["standard"] / courses["base_standard"]).to_numpy(dtype="float64"))
    beyond = rise - others.middle[line_of]
    above = np.log(courses["standard"].to_numpy()) - peers.middle[line_of]
    wide = (sigma * peers.doubt)[line_of]
    usual = max(_usual(beyond), _LEAST_CHANGE)
    enough = peers.support[line_of] >= settings.fewest
    judged = enough & ~np.isnan(beyond)
    own_score, peers_score = beyond / usual, above / wide
    score = np.hypot(np.clip(own_score, 0, _MOST_OWN), np.clip(peers_score, 0, _MOST_PEERS))
    is_high = judged & _is_high(beyond, above, usual, wide, settings)
    moved = np.abs(rise[judged]) > _NOTHING_MOVED
    chance = np.zeros(len(courses))
    chance[judged] = _by_chance(beyond[judged], above[judged], moved, usual, wide[judged], settings)
    courses = courses.assign(
        rise=np.expm1(rise),
        peers_rise=np.expm1(others.middle[line_of]),
        peers_standard=np.exp(peers.middle[line_of]),
        above_peers=np.expm1(above),
        peers=peers.in_county[line_of].astype("int64"),
        peers_in_city=peers.in_city[line_of].astype("int64"),
        own_score=own_score,
        peers_score=peers_score,
        score=np.where(judged & (beyond > 0) & (above > 0), score, np.nan),
        judged=judged,
        suspected=is_high,
        chance=chance,
    )
    order = ["suspected", "score", "rise", "institution_id", "course_key"]
    courses = courses.sort_values(order, ascending=[False, False, False, True, True], kind="stable")
    return Rises(courses.reset_index(drop=True), baseline_on, len(prices))


def _lines(courses: pd.DataFrame) -> tuple[pd.DataFrame, Codes]:
    """Return one row an institution and kind, with its medians, and the row of each course.

    So that an institution of many courses is one peer, and not many.
    """
    logs = courses[LINE].assign(
        price=np.log(courses["standard"].to_numpy(dtype="float64")),
        rise=np.log((courses["standard"] / courses["base_standard"]).to_numpy(dtype="float64")),
    )
    grouped = logs.groupby(LINE, sort=False)
    lines = grouped[["price", "rise"]].median().reset_index()
    return lines, np.asarray(grouped.ngroup(), dtype="intp")


def _is_high(
    beyond: Floats, above: Floats, usual: float, wide: Floats, settings: Settings
) -> Flags:
    """Whether a rise beyond the peers' and a distance from them are both large enough."""
    # A hair less: prices are written in cents, and ten percent of them is not always one.
    clearly = math.log1p(settings.least) - 1e-9
    both: Flags = (
        (beyond >= clearly)
        & (above >= clearly)
        & (above >= settings.peers * wide)
        & (np.hypot(beyond / usual, np.minimum(above / wide, _MOST_PEERS)) >= settings.joint)
    )
    return both


def _usual(beyond: Floats) -> float:
    """Return the robust standard deviation of changes beyond the peers'."""
    known = beyond[~np.isnan(beyond)]
    return float(1.4826 * np.median(np.abs(known))) if len(known) else 0.0


def _by_chance(
    beyond: Floats, above: Floats, moved: Flags, usual: float, wide: Floats, settings: Settings
) -> Floats:
    """Return how probable it is of each to be suspected if changes fell on courses by chance.

    What changes ordinarily are is learnt from the middle of those there were: their median (at
    most ``least``: in a market of ordinary changes the typical one is not above it) and the
    distance from there to the lower quartile, which jumps do not reach, with the heavy tails of
    Student's t (an empirical null after Efron, 2004). As many courses as changed, whichever they
    are, get such a change from where they would stand without their own.
    """
    if not moved.any():
        return np.zeros(len(beyond))
    changes = beyond[moved]
    middle = min(float(np.median(changes)), math.log1p(settings.least))
    lower = changes[changes <= middle]
    quartile = middle - float(np.median(lower)) if len(lower) else 0.0
    sigma = max(quartile, _LEAST_QUARTILE) / float(t.ppf(0.75, _TAILS))
    needed = _needed(above - beyond, usual, wide, settings)
    chance: Floats = moved.mean() * t.sf((needed - middle) / sigma, _TAILS)
    return chance


def _needed(without: Floats, usual: float, wide: Floats, settings: Settings) -> Floats:
    """Return the smallest change that makes a course suspected: `_is_high`, solved for it."""
    clearly = math.log1p(settings.least)
    # Of (change ÷ usual)² + ((without + change) ÷ wide)² = joint², the larger solution.
    a = 1 / usual**2 + 1 / wide**2
    b = 2 * without / wide**2
    c = (without / wide) ** 2 - settings.joint**2
    root = b**2 - 4 * a * c
    joint = np.where(root < 0, 0.0, (np.sqrt(np.maximum(root, 0)) - b) / (2 * a))
    apart = np.maximum(clearly, settings.peers * wide) - without
    # However far it lies from its peers, the rest must be its own rise.
    own = usual * math.sqrt(max(settings.joint**2 - _MOST_PEERS**2, 0))
    found: Floats = np.maximum(np.maximum(joint, apart), max(clearly, own))
    return found
