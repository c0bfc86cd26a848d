"""Changes of visit plans: drawn, planned, sealed, released. Each is logged without any place.

A plan is a draft until it is sealed. Its seed is fixed and logged when it is created, so that
nobody draws again until they like the lot; who is drawn leaves for a reason alone. What is
sealed is held fast by the database itself (``data_access.visit_seals``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Row, delete, insert, select, update

from data_access import audit, clock, summaries, versions, visit_seals
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.ledgers.masking import hide
from data_access.ledgers.rectification_history import weeks_of
from data_access.schema import (
    inspection,
    rectification,
    rectification_spell,
    row_change,
    visit_candidate,
    visit_plan,
    visit_stop,
    visit_team,
)
from data_access.visit_lots import faults, stop_faults
from data_access.visit_plans import CANDIDATE, STOP, TEAM
from data_access.visit_writing import PlanError, log_name, writing_plans

LEAST_REASON: Final = 5
LONGEST_REASON: Final = 200
LARGEST_SEED: Final = 2**31 - 1
# What of its parameters a plan is drawn again by: see ``data_access.verify_command``.
DRAWN_BY: Final = ("stops_by_lot", "teams", "team_size", "counties", "officers")
# What a stop keeps of its candidate.
_COPIED: Final = (
    *("county_code", "institution_id", "name", "address", "place_name", "longitude", "latitude"),
    *("score", "reasons"),
)
_CHANGED: Final = "计划刚刚有改动，没有保存。请重新打开计划，看过再改"


def create(
    user: User,
    *,
    first_day: date,
    last_day: date,
    parameters: Mapping[str, Any],
    seed: int,
    candidates: pd.DataFrame,
    teams: pd.DataFrame,
) -> int:
    """Store a draft with its candidates and teams as they were drawn; return its number.

    ``parameters`` is whatever was chosen, kept as JSON (days and times as text), with what
    the lots were drawn: ``stops_by_lot`` (places drawn by lot), ``teams``, ``team_size``,
    ``counties`` (codes) and ``officers`` (those who could be drawn as they stood: id, name,
    department, home_county). ``candidates`` and ``teams`` have the columns that
    ``data_access.visit_plans`` reads. The first draw is this one: its seed is logged.

    Raises:
        PlanError: the account may not, the days are in no order, or there is no candidate.
        ValueError: the frames or parameters are not what was drawn.
    """
    if last_day < first_day:
        raise PlanError("最后一天早于第一天，没有保存")
    if candidates.empty:
        raise PlanError("没有候选地点，没有保存。请放宽条件")
    if missing := [name for name in DRAWN_BY if name not in parameters]:
        raise ValueError(f"a plan cannot be drawn again without {missing}")
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"{seed} is no seed of a plan")
    _check_drawn(candidates)
    now = clock.now()
    row = {
        "first_day": first_day,
        "last_day": last_day,
        "created_by": user.email,
        "created_at": now,
        "status": "draft",
        "seed": seed,
        "parameters": _in_json(parameters),
    }
    with writing_plans(user, Permission.VISIT_PLAN, target="新的暗访计划") as conn:
        key = conn.execute(insert(visit_plan).values(row)).inserted_primary_key
        plan_id = int(key[0])  # type: ignore[index]
        _insert(conn, visit_candidate, plan_id, _rows(candidates, CANDIDATE))
        _insert(conn, visit_team, plan_id, _rows(teams, TEAM))
        # Neither the days nor how many candidates there were, which would hint at the county.
        _log(conn, Action.PLAN_DRAW, user, plan_id, seed=str(seed))
    return plan_id


def save_stops(
    user: User,
    plan_id: int,
    stops: pd.DataFrame,
    row_version: int,
    *,
    routing: Mapping[str, Any] | None = None,
) -> int:
    """Put these stops in the place of the draft's; return the plan's new row version.

    ``row_version`` is that of the plan as it was seen. The columns are those that
    ``visit_plans.stops`` reads, but for ``stop_id``. ``routing`` is what is to be said of new
    routes (see ``visit_plans.Plan``); without it what was said last stays.

    Raises:
        PlanError: the account may not, the plan is no draft or has changed since, or a stop is
            on no day or of no team or candidate of the plan, or of one that was taken out.
    """
    with writing_plans(user, Permission.VISIT_PLAN, target=log_name(plan_id)) as conn:
        version = _begin(conn, plan_id, row_version)
        plan = _plan(conn, plan_id)
        known = _candidates(conn, plan_id)
        rows = _rows(stops, STOP)
        _refuse(stop_faults(plan, known, _teams(conn, plan_id), rows))
        conn.execute(delete(visit_stop).where(visit_stop.c.visit_plan_id == plan_id))
        for stop in rows:
            candidate = known[stop["ordinal"]]._mapping
            stop |= {name: candidate[name] for name in _COPIED}
        _insert(conn, visit_stop, plan_id, rows)
        if routing is not None:
            conn.execute(
                update(visit_plan).where(visit_plan.c.id == plan_id).values(routing=dict(routing))
            )
        _log(conn, Action.PLAN_CHANGE, user, plan_id, what="排定线路", rows=len(rows))
    return version


def withdraw(user: User, plan_id: int, ordinal: int, reason: str) -> int:
    """Take a place drawn by lot out of a draft for a reason; return the new row version.

    Its stop goes, too; who comes instead is the next one drawn. The log is told its place in
    the lot, and neither its name nor the reason.

    Raises:
        PlanError: the account may not, the reason is too short or too long, the plan is no
            draft, or the candidate was not in the lot or is out already.
    """
    words = hide(" ".join(reason.split()))
    if not LEAST_REASON <= len(words) <= LONGEST_REASON:
        raise PlanError(f"撤下地点须写明理由，{LEAST_REASON} 到 {LONGEST_REASON} 个字，没有撤下")
    with writing_plans(user, Permission.VISIT_PLAN, target=log_name(plan_id)) as conn:
        version = _begin(conn, plan_id, None)
        candidate = _candidates(conn, plan_id).get(ordinal)
        if candidate is None or candidate.drawn_order is None:
            raise PlanError("这个地点不是抽签抽出的，可直接从线路中移除")
        if candidate.left_reason is not None:
            raise PlanError("这个地点已经撤出")
        mine = visit_candidate.c.visit_plan_id == plan_id
        conn.execute(
            update(visit_candidate)
            .where(mine, visit_candidate.c.ordinal == ordinal)
            .values(left_reason=words)
        )
        conn.execute(
            delete(visit_stop).where(
                visit_stop.c.visit_plan_id == plan_id, visit_stop.c.ordinal == ordinal
            )
        )
        lot = candidate.drawn_order
        _log(conn, Action.PLAN_CHANGE, user, plan_id, what="撤出抽中的地点", drawn_order=lot)
    return version


def delete_draft(user: User, plan_id: int) -> None:
    """Delete a draft with all that belongs to it; that it was drawn stays in the log.

    Raises:
        PlanError: the account may not, or there is no such draft.
    """
    with writing_plans(user, Permission.VISIT_PLAN, target=log_name(plan_id)) as conn:
        _begin(conn, plan_id, None)
        conn.execute(delete(visit_plan).where(visit_plan.c.id == plan_id))
        _log(conn, Action.PLAN_CHANGE, user, plan_id, what="删除草稿")


def seal(user: User, plan_id: int, row_version: int) -> str:
    """Make a plan unchangeable, and log its digest and seed; return the digest.

    Raises:
        PlanError: the account may not, the plan is no draft, has changed since or has no stop,
            or a place drawn by lot is missing without a reason.
    """
    with writing_plans(user, Permission.VISIT_PLAN, target=log_name(plan_id)) as conn:
        version = _begin(conn, plan_id, row_version)
        plan = _plan(conn, plan_id)
        stops = _stops(conn, plan_id)
        if not stops:
            raise PlanError("计划里还没有停靠点，不能封存。请先排定线路")
        known = _candidates(conn, plan_id)
        _refuse(stop_faults(plan, known, _teams(conn, plan_id), stops))
        _refuse(faults(known.values(), stops, number=plan.parameters["stops_by_lot"]))
        digest = visit_seals.digest(conn, plan_id)
        conn.execute(
            update(visit_plan)
            .where(visit_plan.c.id == plan_id)
            .values(
                status="sealed",
                digest=digest,
                sealed_by=user.email,
                sealed_at=clock.now(),
                row_version=version,
            )
        )
        _log(conn, Action.PLAN_SEAL, user, plan_id, digest=digest, seed=str(plan.seed))
    return digest


def release(user: User, plan_id: int) -> None:
    """Release a sealed plan: what it found counts for its counties and the leaders, too.

    The marks are cleared and the weeks counted afresh in one transaction. Stops without a
    result stay without one.

    Raises:
        PlanError: the account may not, or the plan is not sealed.
    """
    with writing_plans(user, Permission.VISIT_PLAN, target=log_name(plan_id)) as conn:
        versions.bump(conn)  # takes the turn of imports
        plan = _plan(conn, plan_id)
        if plan.status != "sealed":
            raise PlanError("只有封存后的计划可以公布" if plan.status == "draft" else "计划已公布")
        conn.execute(
            update(visit_plan)
            .where(visit_plan.c.id == plan_id)
            .values(
                status="released",
                released_by=user.email,
                released_at=clock.now(),
                row_version=plan.row_version + 1,
            )
        )
        found = _publish(conn, user, plan_id)
        _log(conn, Action.PLAN_RELEASE, user, plan_id, rows=found)


def _publish(conn: Connection, user: User, plan_id: int) -> int:
    """Clear the mark of all that is born of a plan; return how many visits have a result.

    That it was withheld until now is kept: weeks frozen before did not count it.
    """
    born = inspection.c.visit_stop_id.in_(
        select(visit_stop.c.id).where(visit_stop.c.visit_plan_id == plan_id)
    )
    columns = (inspection.c.inspection_no, inspection.c.week, inspection.c.county_code)
    visits = conn.execute(select(*columns).where(born)).all()
    numbered = rectification.c.ledger_no.in_([visit.inspection_no for visit in visits])
    columns = (rectification.c.id, rectification.c.ledger_no, rectification.c.county_code)
    found = conn.execute(select(*columns).where(numbered)).all()
    items = [item.id for item in found]
    kept = [
        {
            "table_name": table.name,
            "row_key": number,
            "county_code": county_code,
            "column_name": "withheld",
            "old_value": "True",
            "new_value": "False",
            "email": user.email,
            "changed_on": clock.today(),
        }
        for table, number, county_code in (
            *((inspection, each.inspection_no, each.county_code) for each in visits),
            *((rectification, each.ledger_no, each.county_code) for each in found),
        )
    ]
    if kept:
        conn.execute(insert(row_change), kept)
    conn.execute(update(inspection).where(born).values(withheld=False))
    conn.execute(update(rectification).where(numbered).values(withheld=False))
    spells = rectification_spell.c.rectification_id.in_(items)
    conn.execute(update(rectification_spell).where(spells).values(withheld=False))
    weeks = weeks_of(conn, items)
    summaries.rebuild(conn, {"inspection": {visit.week for visit in visits}, **weeks})
    return len(visits)


def _begin(conn: Connection, plan_id: int, row_version: int | None) -> int:
    """Take the draft for this transaction, as it was seen; return its new row version."""
    mine = visit_plan.c.id == plan_id
    seen = () if row_version is None else (visit_plan.c.row_version == row_version,)
    taken = conn.execute(
        update(visit_plan)
        .where(mine, visit_plan.c.status == "draft", *seen)
        .values(row_version=visit_plan.c.row_version + 1)
    )
    plan = _plan(conn, plan_id)
    if not taken.rowcount:
        raise PlanError(_CHANGED if plan.status == "draft" else "计划已封存，不能再改动")
    return int(plan.row_version)


def _plan(conn: Connection, plan_id: int) -> Row[Any]:
    stmt = select(visit_plan).where(visit_plan.c.id == plan_id).with_for_update()
    plan = conn.execute(stmt).one_or_none()
    if plan is None:
        raise PlanError("没有这个暗访计划，可能已被删除。请刷新后再看")
    return plan


def _candidates(conn: Connection, plan_id: int) -> dict[int, Row[Any]]:
    stmt = select(visit_candidate).where(visit_candidate.c.visit_plan_id == plan_id)
    return {row.ordinal: row for row in conn.execute(stmt.order_by(visit_candidate.c.ordinal))}


def _teams(conn: Connection, plan_id: int) -> set[int]:
    return set(conn.scalars(select(visit_team.c.team).where(visit_team.c.visit_plan_id == plan_id)))


def _stops(conn: Connection, plan_id: int) -> list[dict[str, Any]]:
    columns = (visit_stop.c[name] for name in STOP)
    stmt = select(*columns).where(visit_stop.c.visit_plan_id == plan_id)
    return [row._asdict() for row in conn.execute(stmt)]


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise PlanError("；".join(reasons[:3]))


def _check_drawn(candidates: pd.DataFrame) -> None:
    """Refuse a frame whose ordinals, or whose lot, do not count from 1 without a gap."""
    in_lot = candidates.loc[~candidates["must"].astype(bool), "drawn_order"]
    for numbers, count in ((candidates["ordinal"], len(candidates)), (in_lot, len(in_lot))):
        if numbers.isna().any() or sorted(map(int, numbers)) != list(range(1, count + 1)):
            raise ValueError("candidates are not numbered, or not drawn, one by one")


def _insert(conn: Connection, table: Any, plan_id: int, rows: Iterable[dict[str, Any]]) -> None:
    found = [{**row, "visit_plan_id": plan_id} for row in rows]
    if found:
        conn.execute(insert(table), found)


def _rows(frame: pd.DataFrame, columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of a frame as the database takes them.

    Raises:
        ValueError: a column is missing.
    """
    if missing := [name for name in columns if name not in frame.columns]:
        raise ValueError(f"a plan cannot be stored without {missing}")
    return [
        {name: _value(value, name) for name, value in zip(columns, row, strict=True)}
        for row in frame[list(columns)].itertuples(index=False, name=None)
    ]


def _value(value: Any, name: str) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date()
    if isinstance(value, date | time):
        return value
    found = _in_json(value)
    return [] if found is None and name == "reasons" else found


def _in_json(value: Any) -> Any:
    """Return a value as JSON has it: days and times as text, what is missing as nothing."""
    if isinstance(value, Mapping):
        return {str(key): _in_json(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return [_in_json(each) for each in sorted(value)]
    if isinstance(value, list | tuple | np.ndarray):
        return [_in_json(each) for each in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _log(conn: Connection, action: Action, user: User, plan_id: int, **detail: Any) -> None:
    audit.add(conn, action, email=user.email, target=log_name(plan_id), **detail)
