"""Which places first: points for every piece of evidence, each with its reason.

A *unit* is what can be visited: an institution of the ledger (``i:<institution_id>``), or a
place that reports point at without naming an institution of the ledger (``p:<place_key>``).
What a report, a check or an item says counts for the institution it is tied to; where it is
tied to none, for the place. Who inspected is never looked at.

What each piece is worth stands in ``risk_weights.toml``.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def units(evidence: Evidence, as_of: date, weighed: Weights | None = None) -> pd.DataFrame:
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
    opens_at, closes_at   object   ``datetime.time``: a visit begins between them. The hours
                                   that reports name (10th percentile of starts to the 90th
                                   of ends, less a margin), else those of the category
    is_located            bool     has coordinates
    ====================  =======  =========================================================
    """
    given = weighed or weights()
    own, reports = evidence.institutions, evidence.reports
    teaching_on = deregistered.still_teaching(evidence, as_of)["institution_id"]
    is_open = own["deregistered_on"].isna() & (own["operating_status"] != "deregistered")
    own = own[is_open | own["institution_id"].isin(teaching_on)]
    known = pd.DataFrame({name: own[name] for name in _COLUMNS if name in own}).assign(
        key="i:" + own["institution_id"].astype("str")
    )
    at_places = reports[reports["institution_id"].isna() & reports["place_key"].notna()]
    places = at_places.groupby("place_key", as_index=False).agg(
        county_code=("county_code", "first"),
        place_name=("place_name", "last"),
        address=("address", "last"),
        longitude=("longitude", "mean"),
        latitude=("latitude", "mean"),
    )
    places = places.assign(
        key="p:" + places["place_key"],
        institution_id=pd.array([pd.NA] * len(places), dtype="Int64"),
        category=np.nan,
        name=places["place_name"].fillna(places["address"]),
    )
    every = pd.concat(
        [frame[list(_COLUMNS)].astype(_COLUMNS) for frame in (known, places)], ignore_index=True
    )
    rows = rows_of(every, reports)
    every = _located(every, reports, rows)
    opens_at, closes_at = _hours(every, reports, rows, given)
    return every.assign(
        opens_at=opens_at, closes_at=closes_at, is_located=every["longitude"].notna()
    )


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


def visited_since(evidence: Evidence, day: date) -> frozenset[str]:
    """Return the keys of the units inspected on ``day`` or later.

    Where the door stayed closed, nobody has seen anything: it does not count.
    """
    checks = evidence.inspections
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


def _located(
    units: pd.DataFrame, reports: pd.DataFrame, rows: npt.NDArray[np.int64]
) -> pd.DataFrame:
    """Put institutions without coordinates where their reports say on average."""
    is_used = (rows >= 0) & reports["longitude"].notna().to_numpy()
    means = (reports.loc[is_used, ["longitude", "latitude"]].groupby(rows[is_used]).mean()).reindex(
        range(len(units))
    )
    return units.assign(
        longitude=units["longitude"].fillna(means["longitude"]),
        latitude=units["latitude"].fillna(means["latitude"]),
    )


def _hours(
    units: pd.DataFrame, reports: pd.DataFrame, rows: npt.NDArray[np.int64], given: Weights
) -> tuple[pd.Series, pd.Series]:
    starts, ends = (_minutes(reports[name]) for name in ("class_starts_at", "class_ends_at"))
    is_used = (rows >= 0) & (ends > starts)
    said = pd.DataFrame({"starts": starts[is_used], "ends": ends[is_used]}).groupby(rows[is_used])
    spans = pd.DataFrame(
        {
            "opens": said["starts"].quantile(EARLIEST, interpolation="lower"),
            "closes": said["ends"].quantile(LATEST, interpolation="higher") - given.margin_minutes,
        }
    )
    spans = spans[spans["closes"] > spans["opens"]].reindex(range(len(units)))
    usual = [given.hours[each if each in given.hours else "place"] for each in units["category"]]
    return (
        _times(spans["opens"], [hours[0] for hours in usual], units.index),
        _times(spans["closes"], [hours[1] for hours in usual], units.index),
    )


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
