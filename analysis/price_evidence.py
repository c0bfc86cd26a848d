"""What stands behind a suspected rise: the institution's prices over the years, and its peers'."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pandas as pd

from analysis.price_units import name_key, standardised


class Kind(NamedTuple):
    """Which courses are alike: a row's ``item_key``, ``size_group`` and ``mode``."""

    item_key: str
    size_group: str
    mode: str


def of_kind(prices: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Return the prices of a kind of course, standardised, by institution, course and day."""
    rows = standardised(prices)
    wanted = (
        (rows["item_key"] == kind.item_key)
        & (rows["size_group"] == kind.size_group)
        & (rows["mode"] == kind.mode)
    )
    order = ["institution_id", "course", "class_size", "effective_on"]
    return rows[wanted].sort_values(order, kind="stable", ignore_index=True)


def history(prices: pd.DataFrame, *, institution_id: int, course: str) -> pd.DataFrame:
    """Return the prices of an institution's courses of a kind, over the days.

    ``prices`` are those of `of_kind`. Adds ``is_it`` (bool): the course asked for.
    """
    own = prices[prices["institution_id"] == institution_id]
    is_it = own["course"].map(name_key) == name_key(course)
    return own.assign(is_it=is_it.astype("bool")).reset_index(drop=True)


def peers(prices: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Return what the institutions ask for a course of the kind on a day, the cheapest first.

    ``prices`` are those of `of_kind`. An institution stands with the median of its courses, as it
    does where it is judged: ``institution_id``, ``institution_name``, ``standard`` (yuan a
    standard lesson).
    """
    course = ["institution_id", "course", "class_size"]
    now = prices[prices["effective_on"] <= pd.Timestamp(as_of)].drop_duplicates(course, keep="last")
    whose = ["institution_id", "institution_name"]
    found = now.groupby(whose)[["standard"]].median().reset_index()
    return found.sort_values(["standard", "institution_id"], ignore_index=True)
