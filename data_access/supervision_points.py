"""Queries on the four points that the city supervises in every county (专项督查).

暑期专项治理 is registration and rectification, counted by their own modules; here stand the
other three: 安全风险隐患排查, 群众监督举报处理, 联合综合执法.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Subquery,
    Table,
    case,
    func,
    or_,
    select,
)

from data_access import report_weeks
from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.schema import county, inspection, institution, verification, violation_report
from data_access.scope import Scope


def supervision_points(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """Count what each county did on three of the four points by ``as_of``.

    Institutions of every category in operation on the day count, subject ones too; their
    premises are checked when the item 场地条件 has an outcome, pass or fail, by the day. Reports
    and inspections are those from ``since`` (the first day of the campaign) to ``as_of``; a
    report is handled when its day of verification is not after ``as_of``.

    Returns one row per county in scope, zeros included, in the order of the city's documents:

    ===================  =====  ====================================================
    county_code, county  str
    in_operation         int64  institutions
    premises_checked     int64  of these: premises looked at
    received             int64  reports
    handled              int64  of these: verified
    inspections          int64
    joint                int64  of these: by several departments together
    ===================  =====  ====================================================
    """
    premises = _by_county(
        institution,
        (scope.allows(institution), *in_operation(as_of, categories)),
        {
            "in_operation": func.count(),
            "premises_checked": _count(
                institution.c.id.in_(
                    select(verification.c.institution_id).where(
                        scope.allows(verification),
                        verification.c.item == "premises",
                        verification.c.outcome != "pending",
                        verification.c.verified_on <= as_of,
                    )
                )
            ),
        },
    )
    if categories:  # of which the sums know nothing
        reports = _by_county(
            violation_report,
            (
                scope.allows(violation_report),
                of_categories(violation_report, categories, scope=scope),
                violation_report.c.received_on.between(since, as_of),
            ),
            {"received": func.count(), "handled": _count(report_weeks.verdict_by(as_of))},
        )
    else:
        weeks = report_weeks.weeks(conn, scope=scope, as_of=as_of, since=since)
        reports = report_weeks.received_and_verified(weeks).subquery()
    inspections = _by_county(
        inspection,
        (
            scope.allows(inspection),
            of_categories(inspection, categories, scope=scope),
            inspection.c.inspected_on.between(since, as_of),
        ),
        {"inspections": func.count(), "joint": _count(inspection.c.method == "joint")},
    )
    parts = (premises, reports, inspections)
    counts = [column for part in parts for column in part.c if column.name != "county_code"]
    source: FromClause = county
    for part in parts:
        source = source.outerjoin(part, part.c.county_code == county.c.code)
    stmt = (
        select(
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            *(func.coalesce(column, 0).label(column.name) for column in counts),
        )
        .select_from(source)
        .where(scope.allows(county))
        .order_by(county.c.ordinal)
    )
    dtypes = dict.fromkeys((column.name for column in counts), "int64")
    return read_frame(conn, stmt, {"county_code": "str", "county": "str", **dtypes})


def _by_county(
    table: Table, where: tuple[ColumnElement[bool], ...], counts: dict[str, ColumnElement[int]]
) -> Subquery:
    return (
        select(table.c.county_code, *(count.label(name) for name, count in counts.items()))
        .where(*where)
        .group_by(table.c.county_code)
        .subquery()
    )


def in_operation(day: date, categories: tuple[str, ...] = ()) -> list[ColumnElement[bool]]:
    """Return the conditions that keep institutions found by the day and not deregistered by it.

    Of every category, subject ones too, unless categories are named.
    """
    conditions = [
        institution.c.found_on <= day,
        or_(institution.c.deregistered_on.is_(None), institution.c.deregistered_on > day),
    ]
    if categories:
        conditions.append(institution.c.category.in_(categories))
    return conditions


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
