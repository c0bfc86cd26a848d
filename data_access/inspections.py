"""Queries on inspections (检查)."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Connection, func, select

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.schema import county, inspection, institution
from data_access.scope import Scope
from data_access.weeks import reporting_week


def inspections_of_week(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the inspections of the reporting week of ``as_of``, up to that day, newest first.

    ``inspection_no``, ``county_code``, ``county``, ``institution_name`` (as the ledger of
    institutions has it, else as written down), ``place_name``, ``method``, ``outcome``,
    ``violation_type``, ``measures`` (str, NaN if unknown; codes for method and outcome),
    ``inspected_on`` (datetime64[s]) and ``people`` (Int64, 出动人次).
    """
    stmt = (
        select(
            inspection.c.inspection_no,
            inspection.c.county_code,
            county.c.name.label("county"),
            inspection.c.inspected_on,
            func.coalesce(institution.c.name, inspection.c.institution_name).label(
                "institution_name"
            ),
            inspection.c.place_name,
            inspection.c.method,
            inspection.c.people,
            inspection.c.outcome,
            inspection.c.violation_type,
            inspection.c.measures,
        )
        .join(county, county.c.code == inspection.c.county_code)
        .outerjoin(
            institution,
            (institution.c.id == inspection.c.institution_id) & scope.allows(institution),
        )
        .where(
            scope.allows(inspection),
            inspection.c.week == reporting_week(as_of),
            inspection.c.inspected_on <= as_of,
            of_categories(inspection, categories, scope=scope),
        )
        .order_by(inspection.c.inspected_on.desc(), county.c.ordinal, inspection.c.inspection_no)
    )
    return read_frame(
        conn,
        stmt,
        {
            "inspection_no": "str",
            "county_code": "str",
            "county": "str",
            "inspected_on": "datetime64[s]",
            "institution_name": "str",
            "place_name": "str",
            "method": "str",
            "people": "Int64",
            "outcome": "str",
            "violation_type": "str",
            "measures": "str",
        },
    )
