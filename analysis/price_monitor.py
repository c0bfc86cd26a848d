"""What lessons cost in the city, to publish (价格监测): without anybody's own price.

A cell is an item, a group of class sizes and a mode in a county or in the whole city. It is
published where there are enough institutions in it, so that nobody's price can be told from it:
the middle and the quartiles, never the lowest and highest; likewise what lessons cost the
institutions, where enough of them reported it.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from analysis.price_units import SIZE_GROUPS, STANDARD_MINUTES, standardised

FEWEST: Final = 5  # institutions a cell; as many as counties behind a city's median
CITY: Final = "全市"
_KIND: Final = ["item_key", "size_group", "mode"]
_COLUMNS: Final = {
    **dict.fromkeys(("item", "size_group", "mode", "county_code", "county"), "str"),
    "institutions": "int64",
    **dict.fromkeys(("median", "lower", "upper"), "float64"),
    "cost_institutions": "float64",
    "cost_median": "float64",
}


def monitor(
    prices: pd.DataFrame, *, as_of: date, whole: bool, fewest: int = FEWEST
) -> pd.DataFrame:
    """Return the cells that may be published, by item, class size and mode; the city's first.

    ``prices`` are the rows of ``data_access.course_fees.prices``, in the order of counties.
    ``whole``: they are those of the whole city, so a cell of the city stands above its counties'.
    An institution counts once in a cell, with the median of its courses in force on ``as_of``;
    the institutions with most cells' worth of prices come with their item first.

    Returns one row a cell:

    =================  =======  ==============================================================
    item               str      as most ledgers write it
    size_group, mode   str      as ``price_units`` names them
    county_code        str      empty for the whole city
    county             str      全市, or its full name
    institutions       int64    how many the prices are of, ``fewest`` at least
    median             float64  yuan a person and standard lesson
    lower, upper       float64  quartiles (25 % and 75 %) of the institutions, likewise
    cost_institutions  float64  how many reported a cost; NaN where fewer than ``fewest``
    cost_median        float64  of their costs, yuan a person and standard lesson; NaN likewise
    =================  =======  ==============================================================
    """
    lines = _of_institutions(standardised(prices), as_of)
    counties = list(dict.fromkeys(lines["county"]))
    parts = [lines] if not whole else [lines.assign(county_code="", county=CITY), lines]
    cells = pd.concat([_cells(part, fewest) for part in parts], ignore_index=True)
    item_size = cells.groupby("item_key")["institutions"].transform("max")
    order = cells.assign(
        many=-item_size,
        size=cells["size_group"].map(list(SIZE_GROUPS).index),
        place=cells["county"].map([CITY, *counties].index),
    )
    order = order.sort_values(["many", "item_key", "size", "mode", "place"])
    return order[list(_COLUMNS)].astype(_COLUMNS).reset_index(drop=True)


def _of_institutions(prices: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return one row an institution and kind: the medians of its courses and of their costs."""
    names = prices.groupby("item_key")["item"].agg(lambda written: written.mode().iloc[0])
    now = (
        prices[prices["effective_on"] <= pd.Timestamp(as_of)]
        .sort_values("effective_on", kind="stable")
        .drop_duplicates(["institution_id", "course", "class_size"], keep="last")
        .sort_index()
    )
    minutes = now["mode"].map(STANDARD_MINUTES).astype("float64")
    cost = now["cost"].where(now["cost"] > 0) * minutes / now["lesson_minutes"]
    lines = (
        now.assign(cost=cost)
        .groupby(["county_code", "county", "institution_id", *_KIND], sort=False)[
            ["standard", "cost"]
        ]
        .median()
        .reset_index()
    )
    return lines.assign(item=lines["item_key"].map(names))


def _cells(lines: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Return the cells with enough institutions."""
    grouped = lines.groupby([*_KIND, "item", "county_code", "county"], sort=False)
    price, cost = grouped["standard"], grouped["cost"]
    cells = pd.DataFrame(
        {
            "institutions": price.size(),
            "median": price.median(),
            "lower": price.quantile(0.25),
            "upper": price.quantile(0.75),
            "cost_institutions": cost.count().astype("float64"),
            "cost_median": cost.median(),
        }
    ).reset_index()
    few = cells["cost_institutions"] < fewest
    cells.loc[few, ["cost_institutions", "cost_median"]] = np.nan
    return cells[cells["institutions"] >= fewest]
