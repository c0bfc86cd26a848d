"""The inspections that the weekly form (查处变相违规学科类培训情况汇总表) is made of.

The form goes outside the office. So rows born of a visit plan that is not released are not
among these for anybody, not even for a reader whose scope holds them.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from data_access.frames import read_frame
from data_access.schema import county, inspection, institution
from data_access.scope import Scope
from data_access.weeks import reporting_week


def visits(conn: Connection, *, scope: Scope, as_of: date, since: date) -> pd.DataFrame:
    """List the inspections from ``since`` to ``as_of``, both included, with the papers of each.

    The papers are those of the linked institution as its ledger says now: it keeps one licence
    and no earlier ones. An institution of another county than the inspection's is not taken:
    a county could not read it, and would see other figures of its own than the city does.

    Returns one row per inspection, by county in the order of the city's documents, day and number:

    ===================  =============  =====================================================
    inspection_no        str
    county_code, county  str            code and full name
    inspected_on         datetime64[s]
    institution_id       Int64          NA while not linked, or linked to another county's
    institution_name     str            as the ledger of institutions has it, else as written
    name_key             str            the written name to compare by; may be unknown
    place_name, address  str            may be unknown
    method, outcome      str            codes
    people               Int64          出动人次; NA not filled in
    violation_type       str            as written; may be unknown
    type_group           str            the listed word of it
    individuals          Int64          查处个人, 人次; NA not filled in
    measures             str            处理方式; may be unknown
    category             str            code, of the linked institution
    operating_status     str            code, the same
    has_licence          boolean        a licence number stands in the ledger
    licence_valid_to     datetime64[s]  last day on which the licence holds; NaT unknown
    deregistered_on      datetime64[s]  NaT unless deregistered
    late                 boolean        first reached us after the Thursday of its week
    ===================  =============  =====================================================
    """
    outside = scope.released()
    linked = and_(
        institution.c.id == inspection.c.institution_id,
        institution.c.county_code == inspection.c.county_code,
        outside.allows(institution),
    )
    numbered = and_(
        institution.c.licence_no.is_not(None), func.trim(institution.c.licence_no) != ""
    )
    stmt = (
        select(
            inspection.c.inspection_no,
            inspection.c.county_code,
            county.c.name.label("county"),
            inspection.c.inspected_on,
            institution.c.id.label("institution_id"),
            func.coalesce(institution.c.name, inspection.c.institution_name).label(
                "institution_name"
            ),
            func.coalesce(inspection.c.institution_name_key, inspection.c.institution_name).label(
                "name_key"
            ),
            inspection.c.place_name,
            inspection.c.address,
            inspection.c.method,
            inspection.c.outcome,
            inspection.c.people,
            inspection.c.violation_type,
            inspection.c.violation_type_group.label("type_group"),
            inspection.c.individuals,
            inspection.c.measures,
            institution.c.category,
            institution.c.operating_status,
            numbered.label("has_licence"),
            institution.c.licence_valid_to,
            institution.c.deregistered_on,
            (inspection.c.received_by_us_on > inspection.c.week).label("late"),
        )
        .join(county, county.c.code == inspection.c.county_code)
        .outerjoin(institution, linked)
        .where(
            outside.allows(inspection),
            inspection.c.week.between(reporting_week(since), reporting_week(as_of)),
            inspection.c.inspected_on.between(since, as_of),
        )
        .order_by(county.c.ordinal, inspection.c.inspected_on, inspection.c.inspection_no)
    )
    return read_frame(
        conn,
        stmt,
        {
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
        },
    )
