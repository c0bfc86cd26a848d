"""What visits found (暗访结果): entered by the supervision team, read by leaders once released.

Counties read neither plans nor their results: what concerns them is in the ledgers, as
inspections and items of their own, once the plan is released.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, false, func, select

from data_access import audit, clock, summaries, versions, vocabulary
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.frames import read_frame
from data_access.ledgers.masking import hide
from data_access.schema import (
    county,
    inspection,
    institution,
    rectification,
    rectification_event,
    visit_plan,
    visit_stop,
)
from data_access.scope import Scope
from data_access.visit_findings import Finding, store
from data_access.visit_writing import PlanError, log_name, writing_plans

LONGEST_TEXT: Final = 500
MOST_PEOPLE: Final = 999
SEVERITIES: Final = (1, 2, 3)


def record(
    user: User,
    stop_id: int,
    outcome: str,
    *,
    visited_on: date,
    violation_type: str | None = None,
    severity: int | None = None,
    due_on: date | None = None,
    measures: str | None = None,
    people: int | None = None,
    individuals: int | None = None,
    note: str | None = None,
) -> None:
    """Enter what a team found at a stop of a sealed plan, or correct what was entered.

    It becomes an inspection and, of a violation, an item to be put right, in one transaction
    with the figures that count them; all of it is withheld until the plan is released.
    ``outcome`` is clear, violation or closed_door; ``violation_type`` (one of
    ``vocabulary.VIOLATION_TYPES``), ``severity`` (1 to 3), ``due_on`` (the last day in time,
    from the day of the visit on) and ``individuals`` (查处个人) are a violation's alone.
    ``people`` are as many as the team has officers unless it says otherwise. ``note`` goes
    into the first step of the item, else to the measures.

    Raises:
        PlanError: the account may not, the plan is not sealed or is released, the day lies
            after today or before the plan, something is missing or wrong, or an item would
            change that has been worked on since.
    """
    found = _checked(
        Finding(
            outcome,
            visited_on,
            violation_type or None,
            severity,
            due_on,
            _worded(measures, "处理方式"),
            _counted(people, "出动人次"),
            _counted(individuals, "查处个人"),
            _worded(note, "备注"),
        )
    )
    with writing_plans(user, Permission.VISIT_RECORD, target="暗访结果") as conn:
        versions.bump(conn)  # takes the turn of imports
        stop = _stop(conn, stop_id)
        if visited_on < stop.first_day:
            raise PlanError("到访日期早于计划的第一天，没有保存。请核对日期")
        is_known = select(inspection.c.id).where(inspection.c.visit_stop_id == stop_id)
        what = "登记" if conn.scalar(is_known) is None else "更正"
        summaries.rebuild(conn, store(conn, user, stop, found))
        audit.add(
            conn,
            Action.VISIT_RECORD,
            email=user.email,
            target=log_name(stop.visit_plan_id),
            what=what,
            stop=stop_id,
        )


def _checked(found: Finding) -> Finding:
    if found.outcome not in vocabulary.INSPECTION_OUTCOME:
        raise PlanError("请选择检查结果")
    if found.visited_on > clock.today():
        raise PlanError("到访日期晚于今天，没有保存。请核对日期")
    if found.outcome != "violation":
        own = (found.violation_type, found.severity, found.due_on, found.individuals)
        if any(value is not None for value in own):
            raise PlanError("只有发现违规才填违规类型、严重程度、整改期限和查处个人")
        return found
    if found.violation_type not in vocabulary.VIOLATION_TYPES:
        raise PlanError(f"请从名单里选择违规类型；名单里没有的选“{vocabulary.OTHER}”")
    if found.severity not in SEVERITIES:
        raise PlanError("请选择严重程度")
    if found.due_on is None or found.due_on < found.visited_on:
        raise PlanError("请填写整改期限，不早于到访日期")
    return found


def _worded(text: str | None, title: str) -> str | None:
    words = hide(" ".join((text or "").replace("\x00", "").split()))
    if len(words) > LONGEST_TEXT:
        raise PlanError(f"{title}超过 {LONGEST_TEXT} 个字，请改短")
    return words or None


def _counted(number: int | None, title: str) -> int | None:
    if number is not None and not 0 <= number <= MOST_PEOPLE:
        raise PlanError(f"{title}应在 0 到 {MOST_PEOPLE} 之间，请核对")
    return number


def _stop(conn: Connection, stop_id: int) -> Any:
    stmt = (
        select(*visit_stop.c, visit_plan.c.status, visit_plan.c.first_day)
        .join(visit_plan, visit_plan.c.id == visit_stop.c.visit_plan_id)
        .where(visit_stop.c.id == stop_id)
        .with_for_update()
    )
    stop = conn.execute(stmt).one_or_none()
    if stop is None:
        raise PlanError("计划里没有这一站，没有保存。请重新打开计划再看")
    if stop.status == "draft":
        raise PlanError("计划还没有封存，不能登记结果。请先封存")
    if stop.status == "released":
        raise PlanError("计划已公布，不能再登记或更正。请在检查台账和整改台账中办理")
    return stop


@dataclass(frozen=True, slots=True)
class Recorded:
    """What stands entered of a stop, to be corrected: the arguments of :func:`record`."""

    outcome: str
    visited_on: date
    violation_type: str | None
    severity: int | None
    due_on: date | None
    measures: str | None
    people: int | None
    individuals: int | None
    note: str | None


def recorded(conn: Connection, *, scope: Scope, stop_id: int) -> Recorded | None:
    """Return what was entered of a stop; ``None``: nothing, or the plan is not the reader's.

    A note of anything but a violation stands among the measures.
    """
    first = (
        select(rectification_event.c.note)
        .where(
            rectification_event.c.rectification_id == rectification.c.id,
            rectification_event.c.step == "register",
        )
        .limit(1)
        .scalar_subquery()
    )
    stmt = (
        select(
            inspection.c.outcome,
            inspection.c.inspected_on,
            inspection.c.violation_type,
            rectification.c.severity,
            rectification.c.due_on,
            inspection.c.measures,
            inspection.c.people,
            inspection.c.individuals,
            first,
        )
        .select_from(_found(scope))
        .where(*shown(scope), visit_stop.c.id == stop_id, inspection.c.id.is_not(None))
    )
    row = conn.execute(stmt).one_or_none()
    return None if row is None else Recorded(*row)


def results(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the stops of plans with what was found there by ``as_of``, the newest plan first.

    A scope that holds what is unreleased has the stops of sealed and of released plans in its
    counties; one of the whole city those of released plans; one of some counties none, so
    leaders ask for the city whatever they chose. The day narrows what was found, not the stops.

    ================  =============  =======================================================
    plan_id           int64          number of the plan
    visit_on          datetime64[s]  day planned
    county_code       str            reporting unit
    county            str            its name
    institution_name  str            as the plan has it; NaN: no registered institution
    place_name        str            building or estate; NaN if unknown
    category          str            code of ``vocabulary.CATEGORY``; NaN: no institution
    chosen_by         str            risk, random or must
    outcome           str            code of ``vocabulary.INSPECTION_OUTCOME``; NaN: not yet
    violation_type    str            NaN: none
    severity          Int64          1 to 3; NA: no item
    inspection_no     str            NaN: not yet
    ledger_no         str            of the item; NaN: none
    released          bool           whether its county may know
    stop_id           int64          what results are recorded by
    team, sequence    int64          which team, and at which place of its day
    inspected_on      datetime64[s]  day of the visit; NaT: not yet
    ================  =============  =======================================================
    """
    is_known = inspection.c.inspected_on <= as_of
    has_institution = visit_stop.c.institution_id.is_not(None)
    found = {
        "outcome": inspection.c.outcome,
        "violation_type": inspection.c.violation_type,
        "severity": rectification.c.severity,
        "inspection_no": inspection.c.inspection_no,
        "ledger_no": rectification.c.ledger_no,
    }
    stmt = (
        select(
            visit_stop.c.visit_plan_id.label("plan_id"),
            visit_stop.c.visit_on,
            visit_stop.c.county_code,
            county.c.name.label("county"),
            case((has_institution, visit_stop.c.name)).label("institution_name"),
            func.coalesce(
                visit_stop.c.place_name, case((~has_institution, visit_stop.c.name))
            ).label("place_name"),
            institution.c.category,
            visit_stop.c.chosen_by,
            *(case((is_known, column)).label(name) for name, column in found.items()),
            (visit_plan.c.status == "released").label("released"),
            visit_stop.c.id.label("stop_id"),
            visit_stop.c.team,
            visit_stop.c.sequence,
            case((is_known, inspection.c.inspected_on)).label("inspected_on"),
        )
        .select_from(_found(scope))
        .join(county, county.c.code == visit_stop.c.county_code)
        .outerjoin(
            institution,
            and_(institution.c.id == visit_stop.c.institution_id, scope.allows(institution)),
        )
        .where(*shown(scope))
        .order_by(
            visit_stop.c.visit_plan_id.desc(),
            *(visit_stop.c[name] for name in ("visit_on", "team", "sequence")),
        )
    )
    numbers = dict.fromkeys(("plan_id", "stop_id", "team", "sequence"), "int64")
    days = dict.fromkeys(("visit_on", "inspected_on"), "datetime64[s]")
    dtypes = {column.name: "str" for column in stmt.selected_columns} | numbers | days
    return read_frame(conn, stmt, dtypes | {"severity": "Int64", "released": "bool"})


def _found(scope: Scope) -> Any:
    """Join stops to their plan, and to what was found there."""
    return (
        visit_stop.join(visit_plan, visit_plan.c.id == visit_stop.c.visit_plan_id)
        .outerjoin(
            inspection,
            and_(inspection.c.visit_stop_id == visit_stop.c.id, scope.allows(inspection)),
        )
        .outerjoin(
            rectification,
            and_(
                rectification.c.ledger_no == inspection.c.inspection_no,
                scope.allows(rectification),
            ),
        )
    )


def shown(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on which stops, joined to their plans, are shown to the reader."""
    is_shown: ColumnElement[bool] = false()
    if scope.unreleased:
        is_shown = visit_plan.c.status != "draft"
    elif scope.counties is None:
        is_shown = visit_plan.c.status == "released"
    return is_shown, scope.allows(visit_stop)
