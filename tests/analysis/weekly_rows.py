"""Rows of the weekly form for tests, as the queries give them."""

from __future__ import annotations

from itertools import count
from typing import Any, Final

import pandas as pd

from data_access import refunds

COUNTIES: Final = {"450202": "城中区", "450204": "柳南区", "450226": "三江侗族自治县"}
CITY, SOUTH, QUIET = COUNTIES
DAY: Final = pd.Timestamp("2022-08-22")
INSPECTION: Final = {
    "inspection_no": "str",
    "county_code": "str",
    "county": "str",
    "inspected_on": "datetime64[s]",
    "institution_id": "Int64",
    "institution_name": "str",
    "name_key": "str",
    "place_name": "str",
    "address": "str",
    "method": "str",
    "outcome": "str",
    "people": "Int64",
    "violation_type": "str",
    "type_group": "str",
    "individuals": "Int64",
    "measures": "str",
    "category": "str",
    "operating_status": "str",
    "has_licence": "boolean",
    "licence_valid_to": "datetime64[s]",
    "deregistered_on": "datetime64[s]",
    "late": "boolean",
}
DISPUTE: Final = refunds._DISPUTE
_numbers = count(1)


def inspection(**columns: Any) -> dict[str, Any]:
    """A visit of four people to a licensed arts institution that found nothing."""
    number = next(_numbers)
    row = {
        "inspection_no": f"JC{number}",
        "county_code": CITY,
        "inspected_on": DAY,
        "institution_id": number,
        "institution_name": f"机构{number}",
        "method": "routine",
        "outcome": "clear",
        "people": 4,
        "category": "arts",
        "operating_status": "operating",
        "has_licence": True,
        "licence_valid_to": pd.Timestamp("2025-01-01"),
        "late": False,
    } | columns
    return row | {"county": COUNTIES[row["county_code"]]}


def violation(what: str | None = "一对一", **columns: Any) -> dict[str, Any]:
    """A visit that found a violation of this type, one person's."""
    named = {"outcome": "violation", "violation_type": what, "type_group": what}
    return inspection(**named | {"individuals": 1, "measures": "责令停止办学"} | columns)


def dispute(**columns: Any) -> dict[str, Any]:
    """A dispute of two students, resolved by a refund of 500 yuan."""
    row = {
        "dispute_id": next(_numbers),
        "dispute_no": f"TF{next(_numbers)}",
        "county_code": CITY,
        "institution_name": "机构",
        "opened_on": DAY,
        "students": 2,
        "amount_yuan": 1000.0,
        "state": "resolved",
        "route": "refund",
        "resolved_on": DAY,
        "refunded_yuan": 500.0,
    } | columns
    return row | {"county": COUNTIES[row["county_code"]]}


def inspections(*rows: dict[str, Any]) -> pd.DataFrame:
    return _frame(rows, INSPECTION)


def disputes(*rows: dict[str, Any]) -> pd.DataFrame:
    return _frame(rows, DISPUTE)


def _frame(rows: tuple[dict[str, Any], ...], dtypes: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.Series([row.get(name) for row in rows], dtype=dtype)
            for name, dtype in dtypes.items()
        }
    )
