"""Evidence for tests: frames as ``data_access.evidence`` reads them, from a few columns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

import pandas as pd

from analysis.risk import Evidence, weights

THURSDAY = pd.Timestamp(2022, 8, 25)
COUNTY = "450202"
_numbers = count(1)
_DAY = "datetime64[s]"
DTYPES = {
    "institutions": {
        "institution_id": "int64",
        **dict.fromkeys(("county_code", "name", "credit_code", "category"), "str"),
        **dict.fromkeys(("operating_status", "place_key", "place_name", "address"), "str"),
        **dict.fromkeys(("longitude", "latitude"), "float64"),
        **dict.fromkeys(("found_on", "deregistered_on", "qualified_on"), _DAY),
        "platform_registered_on": _DAY,
        "licence_no": "str",
        "licence_valid_to": _DAY,
        "fee_supervision": "str",
        "students": "Int64",
    },
    "reports": {
        "report_id": "int64",
        "received_on": _DAY,
        "county_code": "str",
        "institution_id": "Int64",
        **dict.fromkeys(("credit_code", "place_key", "place_name", "address"), "str"),
        **dict.fromkeys(("longitude", "latitude"), "float64"),
        **dict.fromkeys(("violation_type_group", "state"), "str"),
        "verified_on": _DAY,
        **dict.fromkeys(("class_starts_at", "class_ends_at"), "object"),
    },
    "inspections": {
        "inspection_id": "int64",
        "inspected_on": _DAY,
        "county_code": "str",
        "institution_id": "Int64",
        **dict.fromkeys(("place_key", "outcome", "violation_type_group", "method"), "str"),
        "officers": "str",
    },
    "items": {
        "rectification_id": "int64",
        "county_code": "str",
        "institution_id": "Int64",
        "place_key": "str",
        **dict.fromkeys(("opened_on", "closed_on", "due_on"), _DAY),
        "severity": "int64",
    },
    "disputes": {
        "institution_id": "int64",
        "county_code": "str",
        **dict.fromkeys(("opened_on", "resolved_on"), _DAY),
        "students": "int64",
        "amount_yuan": "float64",
    },
    "charges": {
        "institution_id": "int64",
        "county_code": "str",
        "charged_on": _DAY,
        "into_escrow": "boolean",
        "amount_yuan": "float64",
    },
    "prices": {
        "institution_id": "int64",
        **dict.fromkeys(("county_code", "course", "class_size"), "str"),
        "effective_on": _DAY,
        "price": "float64",
        "lesson_minutes": "int64",
    },
}
Row = dict[str, Any]


def ago(days: int) -> pd.Timestamp:
    """A day before the Thursday."""
    return THURSDAY - pd.Timedelta(days=days)


def evidence(**rows: Iterable[Row]) -> Evidence:
    """Evidence of the rows given by frame; columns left out are unknown."""
    return of_frames(**{name: rows_of(name, list(rows.get(name, ()))) for name in DTYPES})


def of_frames(reports: pd.DataFrame, **others: pd.DataFrame) -> Evidence:
    """Evidence in which reports, one a row, are summed up as ``data_access.evidence`` does."""
    return Evidence(
        **others,
        reports=summed_up(reports),
        places=places(reports, others["institutions"]),
        returned=returned(reports, others["items"]),
        named=reports[
            [
                *("report_id", "received_on", "county_code", "institution_id", "credit_code"),
                *("place_key", "violation_type_group", "state", "verified_on"),
            ]
        ],
    )


def summed_up(reports: pd.DataFrame) -> pd.DataFrame:
    """Weigh reports by plain means: a row when each comes in, and one when it is verified."""
    reports = _of_units(reports)
    is_true = reports["state"] == "substantiated"
    is_done = reports["state"].isin(("substantiated", "unsubstantiated"))
    is_later = is_done & reports["verified_on"].notna()
    is_open = ~is_done | is_later
    received = reports.assign(
        known_on=reports["received_on"],
        reports=1,
        proven=is_true & ~is_later,
        proven_on=reports["received_on"].where(is_true),
        open=is_open,
        open_on=reports["received_on"].where(~is_done),
        verified_on=pd.NaT,
    )
    verified = reports.assign(
        known_on=reports["verified_on"],
        reports=0,
        proven=is_true,
        proven_on=reports["received_on"].where(is_true),
        open=-1,
        found_on=reports["verified_on"].where(is_true),
    )[is_later]
    rows = pd.concat([received, verified], ignore_index=True)
    worth = 0.5 ** ((rows["known_on"] - rows["received_on"]).dt.days / weights().half_life_days)
    rows = rows.assign(proven_worth=worth * rows["proven"], open_worth=worth * rows["open"])
    return rows.reindex(columns=list(REPORTS)).astype(REPORTS)


def places(reports: pd.DataFrame, institutions: pd.DataFrame) -> pd.DataFrame:
    """Say where places lie, and the institutions of which the ledger does not know it."""
    reports = _of_units(reports)
    points = {"longitude": ("longitude", "mean"), "latitude": ("latitude", "mean")}
    first = {"first_on": ("received_on", "min")}
    at_places = reports.groupby("place_key", as_index=False).agg(
        county_code=("county_code", "first"),
        place_name=("place_name", "last"),
        address=("address", "last"),
        **points,
        **first,
    )
    nowhere = institutions[institutions[["longitude", "latitude"]].isna().any(axis=1)]
    of_known = reports[reports["institution_id"].isin(nowhere["institution_id"])]
    located = of_known.groupby("institution_id", as_index=False).agg(**points, **first)
    found = pd.concat([at_places, located], ignore_index=True).reindex(columns=list(PLACES))
    return found.astype(PLACES).round({"longitude": 7, "latitude": 7})


def hours(reports: pd.DataFrame) -> pd.DataFrame:
    """Count the reports, one a row, that say when classes begin and end."""
    reports = _of_units(reports)
    timed = reports[reports["class_starts_at"].notna() & reports["class_ends_at"].notna()]
    by = timed.groupby(list(_HOURS), dropna=False, as_index=False)
    found = by.size().rename(columns={"size": "reports"})
    return found.reindex(columns=[*_HOURS, "reports"]).astype({**_HOURS, "reports": "int64"})


def returned(reports: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """List the close-outs after which a report came in that proved true."""
    true = _of_units(reports[reports["state"] == "substantiated"])
    true = true.assign(known_on=true[["received_on", "verified_on"]].max(axis=1))
    both = items[["rectification_id", "closed_on", *_UNIT]].merge(true, on=list(_UNIT))
    waited = (both["received_on"] - both["closed_on"]).dt.days
    both = both[(waited > 0) & (waited <= weights().repeat_days)]
    found = both.groupby(["rectification_id", "closed_on"], as_index=False).agg(
        known_on=("known_on", "min"), received_on=("received_on", "max")
    )
    return found.reindex(columns=list(RETURNED)).astype(RETURNED)


def _of_units(reports: pd.DataFrame) -> pd.DataFrame:
    unlinked = reports["institution_id"].isna()
    reports = reports.assign(place_key=reports["place_key"].where(unlinked))
    return reports[reports["institution_id"].notna() | reports["place_key"].notna()]


_UNIT = {"institution_id": "Int64", "place_key": "str"}
_HOURS = {**_UNIT, "class_starts_at": "object", "class_ends_at": "object"}
REPORTS = {
    "known_on": _DAY,
    **_UNIT,
    **dict.fromkeys(("reports", "proven"), "int64"),
    "proven_worth": "float64",
    "proven_on": _DAY,
    "open": "int64",
    "open_worth": "float64",
    **dict.fromkeys(("open_on", "verified_on", "found_on"), _DAY),
}
PLACES = {
    **_UNIT,
    **dict.fromkeys(("county_code", "place_name", "address"), "str"),
    **dict.fromkeys(("longitude", "latitude"), "float64"),
    "first_on": _DAY,
}
RETURNED = {
    "rectification_id": "int64",
    **dict.fromkeys(("closed_on", "known_on", "received_on"), _DAY),
}


def rows_of(name: str, rows: list[Row]) -> pd.DataFrame:
    """One frame of the rows given."""
    columns = DTYPES[name]
    assert not {key for row in rows for key in row} - set(columns)
    return pd.DataFrame(
        {
            column: pd.Series([row.get(column) for row in rows], dtype=dtype)
            for column, dtype in columns.items()
        }
    )


def school(number: int = 1, **columns: Any) -> Row:
    """An arts institution against which nothing speaks."""
    return {
        "institution_id": number,
        "county_code": COUNTY,
        "name": f"机构{number}",
        "category": "arts",
        "operating_status": "operating",
        "found_on": ago(500),
        "qualified_on": ago(400),
        "platform_registered_on": ago(390),
        "licence_no": "示许字",
        "licence_valid_to": ago(-400),
        "fee_supervision": "escrow",
        "longitude": 109.41,
        "latitude": 24.32,
    } | columns


def closed_school(number: int = 1, **columns: Any) -> Row:
    """One that was deregistered a hundred days ago."""
    return school(number, operating_status="deregistered", deregistered_on=ago(100), **columns)


def report(**columns: Any) -> Row:
    """A report of the Thursday that is being verified."""
    return {
        "report_id": next(_numbers),
        "received_on": THURSDAY,
        "county_code": COUNTY,
        "violation_type_group": "一对一",
        "state": "verifying",
    } | columns


def true_report(**columns: Any) -> Row:
    """A report that was found to be true."""
    return report(state="substantiated", verified_on=THURSDAY) | columns


def check(**columns: Any) -> Row:
    """An inspection of the Thursday that found nothing."""
    return {
        "inspection_id": next(_numbers),
        "inspected_on": THURSDAY,
        "county_code": COUNTY,
        "outcome": "clear",
        "method": "routine",
        "officers": "检查员甲",
    } | columns


def item(**columns: Any) -> Row:
    """A rectification item that is open and not yet due."""
    return {
        "rectification_id": next(_numbers),
        "county_code": COUNTY,
        "opened_on": ago(60),
        "due_on": ago(-10),
        "severity": 1,
    } | columns


def dispute(**columns: Any) -> Row:
    """A dispute that is open."""
    return {
        "institution_id": 1,
        "county_code": COUNTY,
        "opened_on": ago(5),
        "students": 1,
        "amount_yuan": 1000.0,
    } | columns


def price(**columns: Any) -> Row:
    """100 yuan a lesson of an hour."""
    return {
        "institution_id": 1,
        "county_code": COUNTY,
        "course": "钢琴",
        "class_size": "一对一",
        "effective_on": ago(300),
        "price": 100.0,
        "lesson_minutes": 60,
    } | columns
