"""Queries on when classes are held, as reports tell it.

The reporter's words and phone are not in them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import Connection, and_, case, func, or_, select

from data_access.categories import of_categories
from data_access.corrections import VERIFIED
from data_access.frames import read_frame
from data_access.known import between
from data_access.schema import county, institution, violation_report
from data_access.scope import Scope
from data_access.violations import STILL_VERIFYING

SUBJECT_CLASSES: Final = "学科类违规开班"
ONLINE_CLASSES: Final = "线上直播"
_CLASS: Final = {
    "report_no": "str",
    "received_on": "datetime64[s]",
    "county_code": "str",
    "county": "str",
    "institution_name": "str",
    "place_name": "str",
    "violation_type": "str",
    "category": "str",
    "mode": "str",
    "state": "str",
    "class_starts_at": "object",
    "class_ends_at": "object",
}


def reported_classes(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the reports from ``since`` to ``as_of`` that say when a class is held, newest first.

    Returns one row per report:

    ================  =============  =======================================================
    report_no         str
    received_on       datetime64[s]  the only day that is known; the class's own is not
    county_code       str
    county            str            its full name
    institution_name  str            as the ledger of institutions has it, else as reported
    place_name        str
    violation_type    str            as written
    category          str            ``subject`` of a report of 学科类违规开班, else that of its
                                     institution; missing while that is not linked
    mode              str            ``online`` of a report of 线上直播, else ``offline``
    state             str            as of the day; what was verified later is ``verifying``
    class_starts_at   object         ``datetime.time`` or ``None``
    class_ends_at     object         the same
    ================  =============  =======================================================
    """
    report = violation_report.c
    verified_later = and_(report.status.in_(VERIFIED), report.verified_on > as_of)
    stmt = (
        select(
            report.report_no,
            report.received_on,
            report.county_code,
            county.c.name.label("county"),
            func.coalesce(institution.c.name, report.institution_name).label("institution_name"),
            report.place_name,
            report.violation_type,
            case(
                (report.violation_type_group == SUBJECT_CLASSES, "subject"),
                else_=institution.c.category,
            ).label("category"),
            case((report.violation_type_group == ONLINE_CLASSES, "online"), else_="offline").label(
                "mode"
            ),
            case((verified_later, STILL_VERIFYING), else_=report.status).label("state"),
            report.class_starts_at,
            report.class_ends_at,
        )
        .join(county, county.c.code == report.county_code)
        .outerjoin(
            institution,
            and_(institution.c.id == report.institution_id, scope.allows(institution)),
        )
        .where(
            scope.allows(violation_report),
            of_categories(violation_report, categories, scope=scope),
            *between(report.received_on, since, as_of, week=report.week),
            or_(report.class_starts_at.is_not(None), report.class_ends_at.is_not(None)),
        )
        .order_by(report.received_on.desc(), report.report_no.desc())
    )
    return read_frame(conn, stmt, _CLASS)
