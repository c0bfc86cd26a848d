"""What a report weighs as time goes by, and the columns in which it is told; see `report_units`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import CTE, ColumnElement, Date, Float, FromClause, column, values

from data_access.schema.unit_summaries import WEEKDAYS

UNIT: Final = ("institution_id", "place_key")
SUMS: Final = ("reports", "proven", "proven_worth", "open", "open_worth")
_DECIMALS: Final = 12  # databases add up in an order of their own
REPORTS: Final = {
    "known_on": "datetime64[s]",
    "institution_id": "Int64",
    "place_key": "str",
    "reports": "int64",
    "proven": "int64",
    "proven_worth": "float64",
    "proven_on": "datetime64[s]",
    "open": "int64",
    "open_worth": "float64",
    "open_on": "datetime64[s]",
    "verified_on": "datetime64[s]",
    "found_on": "datetime64[s]",
}


class Weighing:
    """What a report of some weeks weighs on a day: ``week`` has each, and the weight of its end.

    Only the ``days`` of a week count, 1 a Friday.
    """

    def __init__(
        self,
        weeks: Sequence[date],
        days: Sequence[int],
        on: date,
        half_life_days: float,
        name: str = "asked",
    ) -> None:
        self._days, self._half_life_days = days, half_life_days
        self.is_whole = len(days) == len(WEEKDAYS)
        rows = [(week, worth(week, on, half_life_days)) for week in weeks]
        columns = (column("week", Date), column("worth", Float))
        self.week: CTE = values(*columns, name=name).data(rows).cte(name)

    def weighed(self, table: FromClause, kind: str) -> ColumnElement[Any]:
        """Add up the days of a sum's row, each by what it weighs."""
        end = WEEKDAYS[-1]
        first, *others = (
            table.c[f"{kind}_{day}"] * 0.5 ** ((end - day) / self._half_life_days)
            for day in self._days
        )
        each: ColumnElement[Any] = self.week.c.worth * sum(others, first)
        return each

    def counted(self, table: FromClause, kind: str) -> ColumnElement[Any]:
        """Add up the days of a sum's row."""
        first, *others = (table.c[f"{kind}_{day}"] for day in self._days)
        return sum(others, first)


def worth(day: date, on: date, half_life_days: float) -> float:
    """Return what a report received on a day weighs on another; on its own day, 1."""
    return float(0.5 ** ((on - day).days / half_life_days))


def reports_of(found: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of ``reports``; what is not there is missing."""
    found = with_units(found).reindex(columns=list(REPORTS)).astype(REPORTS)
    return found.round(dict.fromkeys(("proven_worth", "open_worth"), _DECIMALS))


def with_units(found: pd.DataFrame) -> pd.DataFrame:
    """Tell what a unit is as elsewhere: what it is not is missing."""
    institutions = found["institution_id"].astype("Int64")
    return found.assign(
        institution_id=institutions.where(institutions != 0),
        place_key=found["place_key"].where(found["place_key"] != ""),
    )
