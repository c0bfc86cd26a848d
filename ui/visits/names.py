"""What the places and counties of a plan are called on its pages."""

from __future__ import annotations

from typing import Final

import pandas as pd

from data_access.reference import UNITS

SHORT_NAMES: Final = {unit.code: unit.short_name for unit in UNITS}


def named(rows: pd.DataFrame, units: dict[str, str]) -> pd.DataFrame:
    """Add the county's name, and where a visitor goes: the institution and its building."""
    building = rows["place_name"].where(rows["place_name"].notna(), "")
    is_more = (building != "") & (building != rows["name"])
    return rows.assign(
        county=rows["county_code"].map(units),
        short_name=rows["county_code"].map(SHORT_NAMES),
        visited=rows["name"].where(~is_more, rows["name"] + "（" + building + "）"),
        rank=rows["ordinal"],
    )
