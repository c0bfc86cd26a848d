"""Queries on what courses cost (课程收费).

A price is in force from its day on until the course's next one. The ledger knows no day on which
a course ends; the prices of an institution end with it: one that is deregistered by the day is
left out, one that is suspended stays.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.schema import county, course_fee, institution
from data_access.scope import Scope

_PRICE: Final = {
    "institution_id": "int64",
    **dict.fromkeys(("institution_name", "county_code", "county", "category"), "str"),
    **dict.fromkeys(("course", "item", "class_size"), "str"),
    "class_students": "float64",
    "teaching_mode": "str",
    "lesson_minutes": "int64",
    "price": "float64",
    "price_unit": "str",
    "quoted_yuan": "float64",
    "quoted_lessons": "float64",
    "cost": "float64",
    "effective_on": "datetime64[s]",
}


def prices(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the prices in force on any day from ``since`` to ``as_of``.

    So of each course (an institution's, of a name and class size) the last price that began by
    ``since``, and all that began after it, by ``as_of``: what was before costs nothing to read.

    Returns one row a price, by county, institution, course and day:

    ================  =============  ============================================================
    institution_id    int64
    institution_name  str
    county_code       str
    county            str            its full name
    category          str            code, of the institution
    course            str            as written
    item              str            as written
    class_size        str            as written
    class_students    float64        students a class; NaN unknown
    teaching_mode     str            offline or online; missing stands for offline
    lesson_minutes    int64          how long a lesson is
    price             float64        yuan a person and lesson of that length
    price_unit        str            code of what the price was stated for; missing: a lesson
    quoted_yuan       float64        yuan, as stated; NaN unknown
    quoted_lessons    float64        lessons of a term; NaN unknown
    cost              float64        yuan a person and lesson, as reported; NaN not reported
    effective_on      datetime64[s]  the first day it is in force
    ================  =============  ============================================================
    """
    course = (course_fee.c.institution_id, course_fee.c.course, course_fee.c.class_size)
    begun = (
        select(
            course_fee.c.id,
            func.lead(course_fee.c.effective_on)
            .over(partition_by=course, order_by=course_fee.c.effective_on)
            .label("next_on"),
        )
        .where(scope.allows(course_fee), course_fee.c.effective_on <= as_of)
        .subquery("begun")
    )
    in_force = or_(begun.c.next_on.is_(None), begun.c.next_on > since)
    fee, of = course_fee.c, institution.c
    stmt = (
        select(
            fee.institution_id,
            of.name.label("institution_name"),
            fee.county_code,
            county.c.name.label("county"),
            of.category,
            *(fee.course, fee.item, fee.class_size, fee.class_students, fee.teaching_mode),
            fee.lesson_minutes,
            fee.price_yuan_per_lesson.label("price"),
            *(fee.price_unit, fee.quoted_yuan, fee.quoted_lessons),
            fee.cost_yuan_per_lesson.label("cost"),
            fee.effective_on,
        )
        .join(begun, and_(begun.c.id == fee.id, in_force))
        .join(county, county.c.code == fee.county_code)
        .join(institution, and_(of.id == fee.institution_id, scope.allows(institution)))
        .where(
            scope.allows(course_fee),
            of_categories(course_fee, categories, scope=scope),
            or_(of.deregistered_on.is_(None), of.deregistered_on > as_of),
        )
        .order_by(
            *(county.c.ordinal, fee.institution_id, fee.course, fee.class_size, fee.effective_on)
        )
    )
    return read_frame(conn, stmt, _PRICE)
