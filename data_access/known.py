"""Conditions and columns of what was known on a day, for the queries of `evidence`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import Column, ColumnElement, case

from data_access.ledgers.places import place_keys
from data_access.weeks import reporting_week

# How far back evidence is read unless told otherwise.
HISTORY: Final = timedelta(days=540)


def known_by(day: Column[Any], as_of: date) -> ColumnElement[Any]:
    """Return a day as it was known on another: nothing where it came later."""
    return case((day <= as_of, day)).label(day.name)


def between(
    day: Column[Any], first: date | None, last: date | None, *, week: Column[Any] | None = None
) -> list[ColumnElement[bool]]:
    """Hold a day to a span, both ends included, and its week, which is what has an index."""
    conditions = []
    if first:
        conditions.append(day >= first)
        if week is not None:
            conditions.append(week >= reporting_week(first))
    if last:
        conditions.append(day <= last)
        if week is not None:
            conditions.append(week <= reporting_week(last))
    return conditions


def with_place_key(frame: pd.DataFrame) -> pd.DataFrame:
    """Put ``place_key`` before ``place_name``: county and place, else the coordinates."""
    nowhere = np.full(len(frame), np.nan)
    names = [name if isinstance(name, str) else None for name in frame["place_name"]]
    keys = place_keys(
        frame["county_code"].tolist(),
        names,
        frame["longitude"].to_numpy() if "longitude" in frame else nowhere,
        frame["latitude"].to_numpy() if "latitude" in frame else nowhere,
    )
    at = list(frame.columns).index("place_name")
    frame.insert(at, "place_key", pd.Series(keys, index=frame.index, dtype="str"))
    return frame
