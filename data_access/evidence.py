"""What speaks for a visit (暗访线索): each ledger as it was known on a day, for the whole scope.

A fact of a later day is not there; what was verified, closed, resolved, deregistered or
registered later is not yet. The columns of the institution ledger that keep no history
(``operating_status`` besides deregistration, ``fee_supervision``, ``students``, the licence) are
as they are now.

``since`` bounds what is read of ledgers that grow for ever: facts from that day on, and what
was still open on it. It is 540 days before ``as_of`` unless told otherwise. Reporters' words
and phones are in none of these queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, and_, case, or_, select

from data_access.fee_evidence import charges, prices
from data_access.frames import read_frame
from data_access.known import HISTORY, between, known_by, with_place_key
from data_access.rectification import allowed, not_closed_by
from data_access.report_evidence import after_close_outs, at_places, hours, of_deregistered
from data_access.report_units import reports_and_places
from data_access.report_units_by_week import reports_by_week
from data_access.schema import (
    inspection,
    institution,
    rectification,
    rectification_spell,
    refund_dispute,
)
from data_access.scope import Scope

__all__ = [
    "after_close_outs",
    "at_places",
    "charges",
    "disputes",
    "everything",
    "hours",
    "inspections",
    "institutions",
    "items",
    "of_deregistered",
    "prices",
    "reports_and_places",
    "reports_by_week",
    "teaching_on",
]

_ONE_DAY: Final = timedelta(days=1)


def everything(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date | None = None,
    half_life_days: float,
    repeat_days: int,
    days: Sequence[date] = (),
) -> dict[str, pd.DataFrame]:
    """Return the frames by the names of ``analysis.risk.Evidence``.

    ``half_life_days`` and ``repeat_days`` say by what reports weigh and after how long a close-out
    did not hold: as of a day, or where ``days`` are named, which are Thursdays, as of each.
    """
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of}
    recent = {**asked, "since": since}
    found = reports_and_places(conn, **recent, half_life_days=half_life_days)
    if days:
        weighed: dict[str, Any] = {"days": days, "half_life_days": half_life_days}
        found["reports"] = reports_by_week(conn, **recent, **weighed)
    return {
        "institutions": institutions(conn, **asked),
        **found,
        "named": of_deregistered(conn, **recent),
        "returned": after_close_outs(
            conn, **recent, repeat_days=repeat_days, first_known=bool(days)
        ),
        "inspections": inspections(conn, **recent),
        "items": items(conn, **recent),
        "disputes": disputes(conn, **recent),
        "charges": charges(conn, **recent),
        "prices": prices(conn, **asked),
    }


def teaching_on(conn: Connection, *, scope: Scope, as_of: date) -> dict[str, pd.DataFrame]:
    """Return the frames of which `analysis.deregistered` judges, by the names of its `Proofs`.

    Without what is reported of a place and names nobody: see :func:`at_places`.
    """
    asked: dict[str, Any] = {"scope": scope, "as_of": as_of}
    return {
        "institutions": institutions(conn, **asked),
        "named": of_deregistered(conn, **asked),
        "inspections": inspections(conn, **asked),
        "charges": charges(conn, **asked),
    }


def institutions(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the institutions found by the day, the deregistered ones too, by their number.

    One whose deregistration came after the day was in operation on it.

    ======================  =============  =================================================
    institution_id          int64
    county_code             str
    name                    str
    credit_code             str
    category                str            code of ``vocabulary.CATEGORY``
    operating_status        str            code of ``vocabulary.OPERATING_STATUS``
    place_key               str            missing: neither a place nor coordinates
    place_name              str
    address                 str
    longitude, latitude     float64        WGS-84 degrees
    found_on                datetime64[s]
    deregistered_on         datetime64[s]  NaT: not by the day; so the next two
    qualified_on            datetime64[s]
    platform_registered_on  datetime64[s]
    licence_no              str
    licence_valid_to        datetime64[s]
    fee_supervision         str            code of ``vocabulary.FEE_SUPERVISION``
    students                Int64          people
    ======================  =============  =================================================
    """
    own = institution.c
    is_over = own.deregistered_on <= as_of
    stmt = (
        select(
            own.id.label("institution_id"),
            own.county_code,
            own.name,
            own.credit_code,
            own.category,
            case(
                (is_over, "deregistered"),
                (own.operating_status == "deregistered", "operating"),
                else_=own.operating_status,
            ).label("operating_status"),
            own.place_name,
            own.address,
            own.longitude,
            own.latitude,
            own.found_on,
            *(
                known_by(own[name], as_of)
                for name in ("deregistered_on", "qualified_on", "platform_registered_on")
            ),
            own.licence_no,
            own.licence_valid_to,
            own.fee_supervision,
            own.students,
        )
        .where(scope.allows(institution), own.found_on <= as_of)
        .order_by(own.id)
    )
    dtypes = {
        "institution_id": "int64",
        **dict.fromkeys(("county_code", "name", "credit_code", "category"), "str"),
        **dict.fromkeys(("operating_status", "place_name", "address"), "str"),
        **dict.fromkeys(("longitude", "latitude"), "float64"),
        **dict.fromkeys(("found_on", "deregistered_on", "qualified_on"), "datetime64[s]"),
        "platform_registered_on": "datetime64[s]",
        "licence_no": "str",
        "licence_valid_to": "datetime64[s]",
        "fee_supervision": "str",
        "students": "Int64",
    }
    return with_place_key(read_frame(conn, stmt, dtypes))


def inspections(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """List the inspections from ``since`` to the day, by their day.

    ``officers`` tells who inspected. It is there to hold equals against equals when the
    choosing is judged afterwards, and never a reason to visit.

    ====================  =============  ===================================================
    inspection_id         int64
    inspected_on          datetime64[s]
    county_code           str
    institution_id        Int64          NA: tied to no institution of the ledger
    place_key             str            missing: names no place
    outcome               str            code of ``vocabulary.INSPECTION_OUTCOME``
    violation_type_group  str
    method                str            code of ``vocabulary.INSPECTION_METHOD``
    officers              str
    ====================  =============  ===================================================
    """
    check = inspection.c
    first = since or as_of - HISTORY
    stmt = (
        select(
            check.id.label("inspection_id"),
            check.inspected_on,
            check.county_code,
            check.institution_id,
            check.place_name,
            check.outcome,
            check.violation_type_group,
            check.method,
            check.officers,
        )
        .where(
            scope.allows(inspection),
            *between(check.inspected_on, first, as_of, week=check.week),
        )
        .order_by(check.inspected_on, check.id)
    )
    found = read_frame(
        conn,
        stmt,
        {
            "inspection_id": "int64",
            "inspected_on": "datetime64[s]",
            "county_code": "str",
            "institution_id": "Int64",
            **dict.fromkeys(("place_name", "outcome", "violation_type_group"), "str"),
            **dict.fromkeys(("method", "officers"), "str"),
        },
    )
    return with_place_key(found).drop(columns="place_name")


def items(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """List each time in which a rectification item was open, unless it was over before ``since``.

    An item that was opened again has one row for each time, by item and time.

    ================  =============  =======================================================
    rectification_id  int64
    county_code       str
    institution_id    Int64          NA: tied to no institution of the ledger
    place_key         str            missing: names no place
    opened_on         datetime64[s]
    closed_on         datetime64[s]  NaT: still open on the day
    due_on            datetime64[s]  the day itself is in time
    severity          int64          1 to 3, 3 the worst
    ================  =============  =======================================================
    """
    item, spell = rectification.c, rectification_spell.c
    first = since or as_of - HISTORY
    stmt = (
        select(
            item.id.label("rectification_id"),
            item.county_code,
            item.institution_id,
            item.place_name,
            spell.opened_on,
            known_by(spell.closed_on, as_of),
            item.due_on,
            item.severity,
        )
        .join(rectification_spell, spell.rectification_id == item.id)
        .where(*allowed(scope, ()), spell.opened_on <= as_of, not_closed_by(first - _ONE_DAY))
        .order_by(item.id, spell.spell_no)
    )
    found = read_frame(
        conn,
        stmt,
        {
            "rectification_id": "int64",
            "county_code": "str",
            "institution_id": "Int64",
            "place_name": "str",
            **dict.fromkeys(("opened_on", "closed_on", "due_on"), "datetime64[s]"),
            "severity": "int64",
        },
    )
    return with_place_key(found).drop(columns="place_name")


def disputes(
    conn: Connection, *, scope: Scope, as_of: date, since: date | None = None
) -> pd.DataFrame:
    """List the refund disputes of known institutions, unless resolved before ``since``.

    ``institution_id`` (int64), ``county_code`` (str), ``opened_on`` and ``resolved_on``
    (datetime64[s]; NaT: not resolved by the day), ``students`` (int64, people) and
    ``amount_yuan`` (float64, yuan), by the day of opening.
    """
    dispute = refund_dispute.c
    first = since or as_of - HISTORY
    stmt = (
        select(
            dispute.institution_id,
            dispute.county_code,
            dispute.opened_on,
            known_by(dispute.resolved_on, as_of),
            dispute.students,
            dispute.amount_yuan,
        )
        .where(
            scope.allows(refund_dispute),
            dispute.institution_id.is_not(None),
            *between(dispute.opened_on, None, as_of, week=dispute.week),
            or_(
                dispute.resolved_on.is_(None),
                and_(*between(dispute.resolved_on, first, None, week=dispute.resolved_week)),
            ),
        )
        .order_by(dispute.opened_on, dispute.id)
    )
    return read_frame(
        conn,
        stmt,
        {
            "institution_id": "int64",
            "county_code": "str",
            **dict.fromkeys(("opened_on", "resolved_on"), "datetime64[s]"),
            "students": "int64",
            "amount_yuan": "float64",
        },
    )
