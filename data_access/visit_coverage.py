"""What can be visited, and what of it nobody has looked at: by inspections and by visits."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, literal, or_, select, union_all

from data_access import report_weeks
from data_access.frames import read_frame
from data_access.ledgers.places import place_keys
from data_access.schema import (
    county,
    inspection,
    institution,
    report_place_summary,
    violation_report,
    visit_plan,
    visit_stop,
)
from data_access.scope import Scope
from data_access.visit_results import shown


def units(conn: Connection, *, scope: Scope, as_of: date, since: date) -> pd.DataFrame:
    """List what can be visited, and when somebody last looked at it, by county and category.

    That is each institution in operation on ``as_of``, and each place that a report received by
    then points at without naming a known institution, as ``analysis.risk.units`` has it (which
    adds the deregistered that teach on). Looked at it has whoever inspected it from ``since`` to
    ``as_of``, both included, and found it open or not: of a place, at a building or estate of
    that name or, on a visit, at its coordinates.

    ``unit`` (``i:`` and the institution's id, ``p:`` and the place's key), ``county_code``,
    ``county``, ``name``, ``category`` (NaN: a place) str, ``looked_on`` datetime64[s] (NaT:
    nobody) and ``by_plan`` bool: on a visit of a plan that the scope shows.
    """
    looks = _looks(conn, scope, as_of, since)
    by_institution = looks.groupby("institution_id")[["looked_on", "by_plan"]].max()
    by_place = looks.groupby("place_key")[["looked_on", "by_plan"]].max()
    institutions = _institutions(conn, scope, as_of).join(by_institution, on="id")
    institutions["unit"] = "i:" + institutions["id"].astype("str")
    reported = _reported_places(conn, scope, as_of).join(by_place, on="place_key")
    reported["unit"] = "p:" + reported["place_key"]
    found = pd.concat([institutions, reported], ignore_index=True)
    found = found.sort_values(["ordinal", "category", "name"], ignore_index=True)
    found["by_plan"] = found["by_plan"].eq(True)
    dtypes = {
        **dict.fromkeys(("unit", "county_code", "county", "name", "category"), "str"),
        "looked_on": "datetime64[s]",
        "by_plan": "bool",
    }
    return found[list(dtypes)].astype(dtypes)


_UNIT: Final = {"county_code": "str", "county": "str", "ordinal": "int64", "name": "str"}


def _institutions(conn: Connection, scope: Scope, as_of: date) -> pd.DataFrame:
    ends = institution.c.deregistered_on
    stmt = (
        select(
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            county.c.ordinal,
            institution.c.name,
            institution.c.category,
            institution.c.id,
        )
        .join(county, county.c.code == institution.c.county_code)
        .where(
            scope.allows(institution),
            institution.c.found_on <= as_of,
            or_(ends.is_(None), ends > as_of),
        )
    )
    return read_frame(conn, stmt, _UNIT | {"category": "str", "id": "Int64"})


def _reported_places(conn: Connection, scope: Scope, as_of: date) -> pd.DataFrame:
    weeks = report_weeks.weeks(conn, scope=scope, as_of=as_of)
    place, report = report_place_summary.c, violation_report.c
    arms = [
        select(
            place.county_code,
            place.place_key,
            func.nullif(func.max(place.place_name), "").label("place_name"),
            func.max(place.unlinked_address).label("address"),
        )
        .where(*weeks.whole(report_place_summary), place.place_key != "", place.unlinked > 0)
        .group_by(place.county_code, place.place_key)
    ]
    if weeks.edges:
        arms.append(
            select(
                report.county_code,
                report.place_key,
                func.max(report.place_name),
                func.max(report.address),
            )
            .where(
                *weeks.at_edges(), report.place_key.is_not(None), report.institution_id.is_(None)
            )
            .group_by(report.county_code, report.place_key)
        )
    each = union_all(*arms).subquery().c
    name = func.coalesce(func.max(each.place_name), func.max(each.address), each.place_key)
    stmt = (
        select(
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            county.c.ordinal,
            name.label("name"),
            literal(None).label("category"),
            each.place_key,
        )
        .join(county, county.c.code == each.county_code)
        .group_by(county.c.code, county.c.name, county.c.ordinal, each.place_key)
    )
    return read_frame(conn, stmt, _UNIT | {"category": "str", "place_key": "str"})


def _looks(conn: Connection, scope: Scope, as_of: date, since: date) -> pd.DataFrame:
    """Read who was looked at when, each with the key of the place."""
    ours = select(visit_stop).join(visit_plan, visit_plan.c.id == visit_stop.c.visit_plan_id)
    stop = ours.where(*shown(scope)).subquery()
    dtypes = {
        "institution_id": "Int64",
        "county_code": "str",
        "place_name": "str",
        "looked_on": "datetime64[s]",
        "longitude": "float64",
        "latitude": "float64",
        "by_plan": "bool",
    }
    stmt = (
        select(
            inspection.c.institution_id,
            inspection.c.county_code,
            inspection.c.place_name,
            inspection.c.inspected_on.label("looked_on"),
            stop.c.longitude,
            stop.c.latitude,
            stop.c.id.is_not(None).label("by_plan"),
        )
        .outerjoin(stop, stop.c.id == inspection.c.visit_stop_id)
        .where(scope.allows(inspection), inspection.c.inspected_on.between(since, as_of))
    )
    looks = read_frame(conn, stmt, dtypes)
    names = looks["place_name"].astype(object).where(looks["place_name"].notna(), None)
    keys = place_keys(
        looks["county_code"].tolist(),
        names.tolist(),
        looks["longitude"].to_numpy(dtype=np.float64),
        looks["latitude"].to_numpy(dtype=np.float64),
    )
    return looks.assign(place_key=pd.Series(keys, index=looks.index, dtype="str"))
