"""What a team found at a stop, as rows of the ledgers: an inspection, and an item to be put right.

Both carry one number of the system's own, which leads from the one to the other, and stay
withheld until the plan is released. A later entry corrects the earlier one, and the old
values are kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select

from data_access import clock
from data_access.accounts import User
from data_access.ledgers.matching import OWN_NUMBERS
from data_access.ledgers.places import name_key
from data_access.ledgers.rectification_history import Weeks, rebuild, weeks_of
from data_access.ledgers.system_items import Source, correct, keep, register, worked_on
from data_access.schema import (
    inspection,
    institution,
    rectification,
    rectification_event,
    visit_team,
)
from data_access.visit_writing import PlanError
from data_access.weeks import reporting_week

ACTOR: Final = "市督查组"
_LONGEST: Final = 255
# What an entry says of the inspection and of the item; the rest is the stop's and the team's,
# or was mended in the ledgers since.
_OF_INSPECTION: Final = (
    *("inspected_on", "week", "people", "outcome", "violation_type", "violation_type_group"),
    *("individuals", "measures"),
)
_OF_ITEM: Final = ("issue_type", "severity", "opened_on", "due_on")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a team found; of anything but a violation there is no type, severity or due day."""

    outcome: str
    visited_on: date
    violation_type: str | None
    severity: int | None
    due_on: date | None
    measures: str | None
    people: int | None
    individuals: int | None
    note: str | None


def new_number(conn: Connection) -> str:
    """Return a number for an inspection and its item, by lot.

    Numbers in a row would tell a county, which reads its own once they are released, how many
    places plans went to in between.
    """
    while True:
        number = f"{OWN_NUMBERS}AF{secrets.randbelow(10**8):08d}"
        known = select(inspection.c.id).where(inspection.c.inspection_no == number)
        if conn.scalar(known) is None:
            return number


def store(conn: Connection, user: User, stop: Row[Any], found: Finding) -> Weeks:
    """Write the rows of a stop, or correct those that are there; return the touched weeks.

    Raises:
        PlanError: an item has been worked on since and would become another, or go.
    """
    is_known = inspection.c.visit_stop_id == stop.id
    known = conn.execute(select(inspection).where(is_known)).one_or_none()
    wanted = _of_inspection(conn, stop, found)
    weeks: Weeks = {"inspection": {wanted["week"]}}
    if known is None:
        place = _where(conn, stop)
        number = new_number(conn)
        arrived = {"inspection_no": number, "received_by_us_on": clock.today()}
        conn.execute(insert(inspection).values(wanted | place | arrived))
    else:
        weeks["inspection"].add(known.week)
        # The ledger may have moved it to another county or institution since.
        number, place = known.inspection_no, {name: known._mapping[name] for name in _PLACE}
        says = {name: wanted[name] for name in _OF_INSPECTION}
        correct(conn, inspection, [(known, says)], _source(user))
    item_place = {name: value for name, value in place.items() if name != "address"}
    for subject, touched in _store_item(conn, user, number, item_place, found).items():
        weeks.setdefault(subject, set()).update(touched)
    return weeks


def _of_inspection(conn: Connection, stop: Row[Any], found: Finding) -> dict[str, Any]:
    mine = (visit_team.c.visit_plan_id == stop.visit_plan_id, visit_team.c.team == stop.team)
    officers = conn.scalars(select(visit_team.c.officers).where(*mine)).one_or_none() or []
    notes = [found.measures, None if found.outcome == "violation" else found.note]
    return {
        "inspected_on": found.visited_on,
        "week": reporting_week(found.visited_on),
        "people": len(officers) or None if found.people is None else found.people,
        "method": "unannounced",
        "officers": _listed(officers, "name"),
        "departments": _listed(officers, "department"),
        "outcome": found.outcome,
        "violation_type": found.violation_type,
        "violation_type_group": found.violation_type,
        "individuals": found.individuals,
        "measures": "；".join(filter(None, notes)) or None,
        "visit_stop_id": stop.id,
        "withheld": True,
    }


def _listed(officers: list[dict[str, Any]], name: str) -> str | None:
    words = dict.fromkeys(str(officer[name]) for officer in officers if officer.get(name))
    return "、".join(words)[:_LONGEST] or None


_PLACE: Final = (
    *("county_code", "institution_id", "institution_name", "institution_name_key"),
    *("credit_code", "place_name", "address"),
)


def _where(conn: Connection, stop: Row[Any]) -> dict[str, Any]:
    """Return place and institution as other rows of the ledgers have them."""
    name, code = None, None
    if stop.institution_id is not None:
        columns = (institution.c.name, institution.c.credit_code)
        is_its = institution.c.id == stop.institution_id
        name, code = conn.execute(select(*columns).where(is_its)).one()
    where = (
        *(stop.county_code, stop.institution_id, name, name and (name_key(name) or None), code),
        *(stop.place_name or (stop.name if name is None else None), stop.address),
    )
    return dict(zip(_PLACE, where, strict=True))


def _store_item(
    conn: Connection, user: User, number: str, place: dict[str, Any], found: Finding
) -> Weeks:
    is_its = rectification.c.ledger_no == number
    known = conn.execute(select(rectification).where(is_its)).one_or_none()
    if found.outcome != "violation":
        return {} if known is None else _withdraw_item(conn, user, known)
    wanted = {
        "issue_type": found.violation_type,
        "severity": found.severity,
        "opened_on": found.visited_on,
        "due_on": found.due_on,
    }
    if known is None:
        item = place | wanted | {"ledger_no": number, "source": "supervision", "withheld": True}
        ids = register(conn, [item], [found.note], _source(user), actor=ACTOR)
        return rebuild(conn, ids.values())
    if all(known._mapping[name] == value for name, value in wanted.items()):
        _correct_note(conn, user, known, found)
        return {}
    _refuse_if_worked_on(conn, known)
    weeks = weeks_of(conn, [known.id])
    correct(conn, rectification, [(known, wanted)], _source(user))
    _correct_note(conn, user, known, found)
    for subject, touched in rebuild(conn, [known.id]).items():
        weeks[subject] |= touched
    return weeks


def _withdraw_item(conn: Connection, user: User, item: Row[Any]) -> Weeks:
    _refuse_if_worked_on(conn, item)
    weeks = weeks_of(conn, [item.id])
    gone = dict.fromkeys((*_OF_ITEM, "status"))
    keep(conn, rectification, [(item, gone)], _source(user))
    steps = rectification_event.c.rectification_id == item.id
    conn.execute(delete(rectification_event).where(steps))
    conn.execute(delete(rectification).where(rectification.c.id == item.id))
    return weeks


def _refuse_if_worked_on(conn: Connection, item: Row[Any]) -> None:
    """Refuse what would undo somebody's work."""
    if worked_on(conn, [item]):
        raise PlanError(
            f"整改事项 {item.ledger_no} 已有办理记录，不能随暗访结果更正或撤销，没有保存。"
            "请在整改台账中办理"
        )


def _correct_note(conn: Connection, user: User, item: Row[Any], found: Finding) -> None:
    """Let the first step of an item say what is said now, and be of the item's first day."""
    columns = rectification_event.c
    first = (columns.rectification_id == item.id, columns.step == "register")
    step = conn.execute(select(rectification_event).where(*first)).first()
    if step is None:
        return
    wanted: dict[str, Any] = {"note": found.note}
    if step.happened_on == item.opened_on:
        wanted["happened_on"] = found.visited_on
    correct(conn, rectification_event, [(step, wanted)], _source(user))


def _source(user: User) -> Source:
    return Source(user.email, None, clock.today())
