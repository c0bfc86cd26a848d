"""New places without a registered institution (黑班): reported lately, and nobody is registered."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import wording
from analysis.hotspots import WEEK, Settings
from analysis.violations import called

LEAST_REPORTS, LEAST_SUBSTANTIATED = 2, 1
METRES_PER_DEGREE: Final = 111_320.0
_PLACES: Final = {
    "place_key": "str",
    "county_code": "str",
    "county": "str",
    "short_name": "str",
    "place": "str",
    "reports": "int64",
    "substantiated": "int64",
    "first_on": "datetime64[s]",
    "latest_on": "datetime64[s]",
    "main_type": "str",
    "types_written": "str",
    "reported_name": "str",
    "longitude": "float64",
    "latitude": "float64",
    "nearest_metres": "float64",
}


def none() -> pd.DataFrame:
    """Return no new places, with the columns of :func:`new_places`."""
    return pd.DataFrame(columns=list(_PLACES)).astype(_PLACES)


def new_places(
    untied: pd.DataFrame, institutions: pd.DataFrame, week: pd.Timestamp, settings: Settings
) -> pd.DataFrame:
    """List the new places without an institution as of a Thursday, worst first.

    A place counts when its first report of all was received within the window, it has two
    reports or one found to be true, none of them is tied to an institution, and no institution
    found by the day, whatever became of it, is at the same place. ``untied`` and
    ``institutions`` are the results of ``hotspots.untied_places`` and ``.institutions``.

    Worst first: most found to be true, then most reports, then the latest. Returns one row each:

    ==============  =============  ==========================================================
    place_key       str
    county_code     str
    county          str
    short_name      str
    place           str            its name, else an address, else the coordinates
    reports         int64          in the window
    substantiated   int64          of these: found to be true by the day
    first_on        datetime64[s]  first reported
    latest_on       datetime64[s]  last reported
    main_type       str            the most frequent type
    types_written   str            all types with their counts
    reported_name   str            an institution as reporters call it; NaN: they name none
    longitude       float64        WGS-84 degrees; NaN: no report has coordinates
    latitude        float64        the same
    nearest_metres  float64        to the nearest institution there is; NaN: not known
    ==============  =============  ==========================================================
    """
    known = untied[untied["week"] <= week]
    there = institutions[institutions["found_on"] <= week]
    is_registered = known["place_key"].isin(there["place_key"].dropna())
    known = known[~is_registered].assign(
        true=known["reports"].where(known["substantiated_week"] <= week, 0)
    )
    located = known["reports"].where(known["longitude"].notna(), 0)
    known = known.assign(
        located=located,
        x=known["longitude"] * located,
        y=known["latitude"] * located,
    )
    places = known.groupby("place_key").agg(
        county_code=("county_code", "first"),
        county=("county", "first"),
        short_name=("short_name", "first"),
        place_name=("place_name", "first"),
        address=("address", "first"),
        reports=("reports", "sum"),
        substantiated=("true", "sum"),
        tied=("tied", "sum"),
        first_week=("week", "min"),
        first_on=("first_on", "min"),
        latest_on=("latest_on", "max"),
        reported_name=("reported_name", "first"),
        located=("located", "sum"),
        x=("x", "sum"),
        y=("y", "sum"),
    )
    enough = (places["reports"] >= LEAST_REPORTS) | (places["substantiated"] >= LEAST_SUBSTANTIATED)
    is_new = places["first_week"] > week - settings.window * WEEK
    places = places[enough & is_new & (places["tied"] == 0)].reset_index()
    counted = places["located"].where(places["located"] > 0).astype("float64")
    places = places.assign(longitude=places["x"] / counted, latitude=places["y"] / counted)
    types = known[known["place_key"].isin(places["place_key"])]
    return _named(places, types, there)[list(_PLACES)].astype(_PLACES)


def _named(places: pd.DataFrame, types: pd.DataFrame, there: pd.DataFrame) -> pd.DataFrame:
    counted = (
        types.groupby(["place_key", "violation_type_group"])["reports"]
        .sum()
        .reset_index()
        .sort_values(
            ["place_key", "reports", "violation_type_group"], ascending=[True, False, True]
        )
    )
    written = counted.assign(
        text=[
            f"{kind} {wording.count(n)} 件"
            for kind, n in zip(counted["violation_type_group"], counted["reports"], strict=True)
        ]
    ).groupby("place_key")
    first, all_ = written["violation_type_group"].first(), written["text"].agg("、".join)
    named = places.assign(
        place=[
            called(*row)
            for row in zip(
                *(
                    places[name]
                    for name in ("county", "place_name", "address", "longitude", "latitude")
                ),
                strict=True,
            )
        ],
        main_type=places["place_key"].map(first),
        types_written=places["place_key"].map(all_),
        nearest_metres=_nearest(places, there),
    )
    return named.sort_values(
        ["substantiated", "reports", "latest_on", "place_key"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )


def _nearest(places: pd.DataFrame, there: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return how far the nearest institution is, in metres."""
    points = there[["longitude", "latitude"]].dropna().to_numpy(np.float64)
    nearest = np.full(len(places), np.nan)
    if not len(points):
        return nearest
    for at, (longitude, latitude) in enumerate(
        zip(places["longitude"], places["latitude"], strict=True)
    ):
        east = (points[:, 0] - longitude) * np.cos(np.radians(latitude))
        nearest[at] = np.hypot(east, points[:, 1] - latitude).min() * METRES_PER_DEGREE
    return nearest
