"""Which places first: points for every piece of evidence, each with its reason.

A *unit* is what can be visited: an institution of the ledger (``i:<institution_id>``), or a
place that reports point at without naming an institution of the ledger (``p:<place_key>``).
What a report, a check or an item says counts for the institution it is tied to; where it is
tied to none, for the place. Who inspected is never looked at.

What each piece is worth stands in ``risk_weights.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import deregistered
from analysis.evidence import CLOSED_DOOR, Evidence, as_known
from analysis.risk_components import Component, components
from analysis.risk_rows import rows_of
from analysis.risk_weights import Weights, read_weights, weights

__all__ = [
    "Component",
    "Evidence",
    "Weights",
    "as_known",
    "components",
    "read_weights",
    "score",
    "units",
    "visited_since",
    "weights",
    "with_hours",
]

MINUTES_A_DAY: Final = 24 * 60
# One report with a slip of the pen opens no door at six in the morning.
EARLIEST, LATEST = 0.1, 0.9
_COLUMNS: Final = {
    "key": "str",
    "institution_id": "Int64",
    **dict.fromkeys(("county_code", "name", "category", "place_key"), "str"),
    **dict.fromkeys(("place_name", "address"), "str"),
    **dict.fromkeys(("longitude", "latitude"), "float64"),
}


def units(evidence: Evidence, as_of: date) -> pd.DataFrame:
    """List what can be visited, institutions first, then places.

    Institutions in operation on the day (suspended and unlicensed ones too), deregistered
    ones with strong evidence that they teach on (``analysis.deregistered``), and places with
    reports that are tied to no institution. An institution lies where its ledger says, else
    where its reports say on average; a unit without coordinates is listed all the same.

    ====================  =======  =========================================================
    key                   str      ``i:…`` or ``p:…``
    institution_id        Int64    NA: a place
    county_code           str
    name                  str      of the institution; of a place its name or address
    category              str      code; NaN: a place
    place_key             str      missing: an institution without place and coordinates
    place_name, address   str
    longitude, latitude   float64  WGS-84 degrees; NaN unknown
    is_located            bool     has coordinates
    ====================  =======  =========================================================
    """
    own = evidence.institutions
    teaching_on = deregistered.still_teaching(evidence, as_of)["institution_id"]
    is_open = own["deregistered_on"].isna() & (own["operating_status"] != "deregistered")
    own = own[is_open | own["institution_id"].isin(teaching_on)]
    known = pd.DataFrame({name: own[name] for name in _COLUMNS if name in own}).assign(
        key="i:" + own["institution_id"].astype("str")
    )
    is_place = evidence.places["institution_id"].isna()
    places = evidence.places[is_place].sort_values("place_key", ignore_index=True)
    places = places.assign(
        key="p:" + places["place_key"],
        institution_id=pd.array([pd.NA] * len(places), dtype="Int64"),
        category=np.nan,
        name=places["place_name"].fillna(places["address"]),
    )
    every = pd.concat(
        [frame[list(_COLUMNS)].astype(_COLUMNS) for frame in (known, places)], ignore_index=True
    )
    every = _located(every, evidence.places)
    return every.assign(is_located=every["longitude"].notna())


def with_hours(
    units: pd.DataFrame, hours: pd.DataFrame, weighed: Weights | None = None
) -> pd.DataFrame:
    """Add ``opens_at`` and ``closes_at`` (object: ``datetime.time``): a visit begins between them.

    The hours that reports name (10th percentile of starts to the 90th of ends, less a margin),
    else those of the category. ``hours`` is ``data_access.evidence.hours``.
    """
    opens_at, closes_at = _hours(units, hours, weighed or weights())
    return units.assign(opens_at=opens_at, closes_at=closes_at)


def score(
    evidence: Evidence, units: pd.DataFrame, as_of: date, weighed: Weights | None = None
) -> pd.DataFrame:
    """Give each of the ``units`` its points, most first, then by key.

    Adds ``score`` (float64, points with one decimal) and ``reasons`` (object: list of str,
    the heaviest first, each with its figure, its last day and its points). The points of
    the reasons add up to the score.
    """
    found = components(evidence, units, as_of, weighed or weights())
    total = np.round(sum((each.points for each in found), np.zeros(len(units))), 1)
    scored = units.assign(
        score=total, reasons=pd.Series(_reasons(found, len(units)), units.index, dtype="object")
    )
    return scored.sort_values(["score", "key"], ascending=[False, True], ignore_index=True)


def visited_since(checks: pd.DataFrame, day: date) -> frozenset[str]:
    """Return the keys of the units inspected on ``day`` or later; ``checks`` are inspections.

    Where the door stayed closed, nobody has seen anything: it does not count.
    """
    seen = checks[
        (checks["inspected_on"] >= pd.Timestamp(day)) & (checks["outcome"] != CLOSED_DOOR)
    ]
    tied = seen["institution_id"].notna()
    named = seen[~tied & seen["place_key"].notna()]
    return frozenset(
        [*("i:" + seen.loc[tied, "institution_id"].astype("str")), *("p:" + named["place_key"])]
    )


def _reasons(found: Sequence[Component], number: int) -> list[list[str]]:
    told: list[list[tuple[float, str]]] = [[] for _ in range(number)]
    for component in found:
        for at, text in component.reasons():
            told[at].append((-component.points[at], text))
    return [[text for _, text in sorted(each, key=lambda pair: pair[0])] for each in told]


def _located(units: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Put institutions without coordinates where their reports say on average."""
    rows = rows_of(units, places)
    points = places.loc[rows >= 0, ["longitude", "latitude"]].set_axis(rows[rows >= 0])
    points = points.reindex(range(len(units)))
    return units.assign(
        longitude=units["longitude"].fillna(points["longitude"]),
        latitude=units["latitude"].fillna(points["latitude"]),
    )


def _hours(units: pd.DataFrame, hours: pd.DataFrame, given: Weights) -> tuple[pd.Series, pd.Series]:
    rows = rows_of(units, hours)
    starts, ends = (_minutes(hours[name]) for name in ("class_starts_at", "class_ends_at"))
    said = pd.DataFrame(
        {"row": rows, "starts": starts, "ends": ends, "n": hours["reports"].to_numpy()}
    )[(rows >= 0) & (ends > starts)]
    spans = pd.DataFrame(
        {
            "opens": _quantile(said, "starts", EARLIEST, np.floor),
            "closes": _quantile(said, "ends", LATEST, np.ceil) - given.margin_minutes,
        }
    )
    spans = spans[spans["closes"] > spans["opens"]].reindex(range(len(units)))
    usual = [given.hours[each if each in given.hours else "place"] for each in units["category"]]
    return (
        _times(spans["opens"], [span[0] for span in usual], units.index),
        _times(spans["closes"], [span[1] for span in usual], units.index),
    )


def _quantile(
    said: pd.DataFrame, name: str, share: float, rounded: Callable[[Any], Any]
) -> pd.Series:
    """Return for each row the value below which lies that share of the ``n`` of each value."""
    said = said.sort_values(["row", name], kind="stable")
    counts = said.groupby("row")["n"]
    wanted = rounded(share * (counts.transform("sum") - 1))
    values: pd.Series = said[counts.cumsum() > wanted].groupby("row")[name].first()
    return values


def _minutes(times: pd.Series) -> npt.NDArray[np.float64]:
    return np.array(
        [at.hour * 60 + at.minute if isinstance(at, time) else np.nan for at in times],
        dtype="float64",
    )


def _times(minutes: pd.Series, usual: list[time], index: Any) -> pd.Series:
    clock = [time(at // 60, at % 60) for at in range(MINUTES_A_DAY)]
    values = [
        otherwise if np.isnan(at) else clock[int(at)]
        for at, otherwise in zip(minutes, usual, strict=True)
    ]
    return pd.Series(values, index=index, dtype="object")
