"""What speaks for a visit in the ledgers of fees; read together with `evidence`."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from data_access.frames import read_frame
from data_access.known import HISTORY, between
from data_access.schema import course_fee, fee_charge
from data_access.scope import Scope


def charges(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """List what was charged in advance from ``since`` to the day, by the day.

    ``institution_id`` (int64), ``county_code`` (str), ``charged_on`` (datetime64[s]),
    ``into_escrow`` (boolean, NA unknown) and ``amount_yuan`` (float64, yuan).
    """
    charge = fee_charge.c
    first = since or as_of - HISTORY
    stmt = (
        select(
            charge.institution_id,
            charge.county_code,
            charge.charged_on,
            charge.into_escrow,
            charge.amount_yuan,
        )
        .where(scope.allows(fee_charge), *between(charge.charged_on, first, as_of))
        .order_by(charge.charged_on, charge.id)
    )
    return read_frame(
        conn,
        stmt,
        {
            "institution_id": "int64",
            "county_code": "str",
            "charged_on": "datetime64[s]",
            "into_escrow": "boolean",
            "amount_yuan": "float64",
        },
    )


def prices(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the prices of courses in force by the day, by course and day.

    Without a first day: what a price rose from may have been in force for years.

    ``institution_id`` (int64), ``county_code``, ``course``, ``class_size`` (str),
    ``effective_on`` (datetime64[s]), ``price`` (float64, yuan a lesson) and
    ``lesson_minutes`` (int64).
    """
    fee = course_fee.c
    stmt = (
        select(
            fee.institution_id,
            fee.county_code,
            fee.course,
            fee.class_size,
            fee.effective_on,
            fee.price_yuan_per_lesson.label("price"),
            fee.lesson_minutes,
        )
        .where(scope.allows(course_fee), fee.effective_on <= as_of)
        .order_by(fee.institution_id, fee.course, fee.class_size, fee.effective_on)
    )
    return read_frame(
        conn,
        stmt,
        {
            "institution_id": "int64",
            **dict.fromkeys(("county_code", "course", "class_size"), "str"),
            "effective_on": "datetime64[s]",
            "price": "float64",
            "lesson_minutes": "int64",
        },
    )
