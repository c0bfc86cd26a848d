"""Prices for tests, as ``data_access.course_fees.prices`` returns them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

AS_OF = date(2022, 8, 25)
SPRING, JUNE = date(2022, 3, 1), date(2022, 6, 10)
_DTYPES = {
    "institution_id": "int64",
    **dict.fromkeys(("county_code", "course", "item", "class_size"), "str"),
    "class_students": "float64",
    "teaching_mode": "str",
    "lesson_minutes": "int64",
    "price": "float64",
    "price_unit": "str",
    "effective_on": "datetime64[s]",
}


def price(institution_id: int, yuan: float, on: date = SPRING, **columns: Any) -> dict[str, Any]:
    """A price a lesson of 45 minutes, one to one, in force since spring."""
    return {
        "institution_id": institution_id,
        "county_code": "450202",
        "course": "钢琴",
        "item": "钢琴",
        "class_size": "一对一",
        "class_students": None,
        "teaching_mode": None,
        "lesson_minutes": 45,
        "price": yuan,
        "price_unit": None,
        "effective_on": on,
        **columns,
    }


def peers(number: int = 10, *, first: int = 100, **columns: Any) -> list[dict[str, Any]]:
    """Institutions whose prices lie about 100 yuan and never changed."""
    return [price(first + each, 100.0 + 4 * (each % 5 - 2), **columns) for each in range(number)]


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """The rows with their dtypes; none, too."""
    return pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)
