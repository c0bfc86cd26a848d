"""The command ``python -m data_access verify-plan ID``: whether a sealed plan was drawn honestly.

This one module of the room asks ``analysis``, which draws the lots, while the command runs: see
docs/decisions/0006-a-lot-is-drawn-again.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Engine, select

from data_access import migration, visit_plans, visit_seals
from data_access.audit import Action
from data_access.command_line import NOT_CURRENT, CommandError, Parser, on_database
from data_access.schema import audit_event, visit_candidate, visit_plan, visit_stop
from data_access.scope import Scope
from data_access.visit_lots import faults, stop_faults
from data_access.visit_plans import Plan
from data_access.visit_writing import log_name

_ALL: Final = Scope.city(unreleased=True)
_STATUS: Final = {"sealed": "已封存", "released": "已公布"}
BEFORE: Final = timedelta(days=7)
SAME_MOMENT: Final = timedelta(minutes=1)
_SHOWN: Final = 5  # of each kind of difference
Check = tuple[str, list[str]]


def add_to(parser: Parser) -> None:
    """Add what the command asks for."""
    parser.description = (
        "核对一个已封存或已公布的暗访计划：重算摘要，按种子重新抽签、抽组，与存下的计划和访问日志比较。"
        "退出码：0 相符，2 不相符或核对不了。"
    )
    parser.add_argument("plan", metavar="ID", type=int, help="计划的编号")
    parser.set_defaults(run=on_database(_verify))


def _verify(engine: Engine, options: argparse.Namespace) -> str:
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    # Connecting would leave an empty file behind.
    if (file and not Path(file).exists()) or not migration.is_current(engine):
        raise CommandError(NOT_CURRENT)
    with engine.connect() as conn:
        plan = visit_plans.plan(conn, scope=_ALL, plan_id=options.plan)
        if plan is None:
            raise CommandError(f"没有编号为 {options.plan} 的暗访计划")
        if plan.status == "draft":
            raise CommandError(f"{log_name(plan.id)} 还是草稿，封存后才能核对")
        checks = list(_checks(conn, plan))
        given_up = _given_up_before(conn, plan)
    lines = [
        f"{log_name(plan.id)}（{plan.first_day} 至 {plan.last_day}），{_STATUS[plan.status]}，"
        f"种子 {plan.seed}，摘要 {plan.digest}"
    ]
    for title, wrong in checks:
        lines.append(f"{'不符' if wrong else '相符'}：{title}")
        lines += [f"    {each}" for each in wrong[:_SHOWN]]
        if len(wrong) > _SHOWN:
            lines.append(f"    ……共 {len(wrong)} 处")
    number = sum(bool(wrong) for _, wrong in checks)
    if number:
        raise CommandError("\n".join([*lines, f"有 {number} 项不符，这个计划不能认定为如实抽取。"]))
    if given_up:
        lines += ["提示：此前 7 天内还有抽过签又删除的草稿，请制定人说明不是为了重抽：", *given_up]
    return "\n".join([*lines, "全部相符：抽签如实，封存后没有改动。"])


def _given_up_before(conn: Connection, plan: Plan) -> list[str]:
    """Return, in words, the drafts drawn in the week before this plan and deleted since.

    No single draw is dishonest; drawing until one likes the lot is, and only shows beside them.
    """
    drawn = audit_event.c
    kept = {log_name(number) for number in conn.scalars(select(visit_plan.c.id))}
    stmt = (
        select(drawn.at, drawn.email, drawn.target)
        .where(
            drawn.action == Action.PLAN_DRAW,
            drawn.at >= plan.created_at - BEFORE,
            drawn.at <= plan.created_at + SAME_MOMENT,
        )
        .order_by(drawn.id)
    )
    return [
        f"    {row.target}，{row.at:%Y-%m-%d %H:%M}，{row.email}"
        for row in conn.execute(stmt)
        if row.target not in kept
    ]


def _checks(conn: Connection, plan: Plan) -> Iterator[Check]:
    """Yield what is checked, each with what differs."""
    candidates = visit_plans.candidates(conn, scope=_ALL, plan_id=plan.id)
    yield "计划的内容与封存时的摘要", _digest(conn, plan)
    yield "访问日志中的抽签", _logged_draw(conn, plan)
    yield "访问日志中的封存", _logged_seal(conn, plan)
    yield f"按种子重抽地点（{len(candidates)} 个候选）", _places(plan, candidates)
    yield f"按种子重抽小组（{plan.parameters['teams']} 组）", _teams(conn, plan)
    yield "线路与抽签结果", _kept_to_the_lot(conn, plan)


def _digest(conn: Connection, plan: Plan) -> list[str]:
    found = visit_seals.digest(conn, plan.id)
    return [] if found == plan.digest else [f"按现存内容重算为 {found}"]


def _logged(conn: Connection, plan: Plan, action: Action) -> dict[str, Any] | None:
    """Return what the newest line of the log says of the plan."""
    columns = audit_event.c
    stmt = (
        select(columns.detail)
        .where(columns.action == action, columns.target == log_name(plan.id))
        .order_by(columns.id.desc())
        .limit(1)
    )
    detail = conn.scalar(stmt)
    if detail is None:
        return None
    said = json.loads(detail)
    return said if isinstance(said, dict) else {}


def _logged_draw(conn: Connection, plan: Plan) -> list[str]:
    said = _logged(conn, plan, Action.PLAN_DRAW)
    if said is None:
        return ["日志里没有这个计划的抽签记录"]
    return _same_seed(said, plan)


def _logged_seal(conn: Connection, plan: Plan) -> list[str]:
    said = _logged(conn, plan, Action.PLAN_SEAL)
    if said is None:
        return ["日志里没有这个计划的封存记录"]
    wrong = _same_seed(said, plan)
    if said.get("digest") != plan.digest:
        wrong.append(f"日志里的摘要是 {said.get('digest')}")
    return wrong


def _same_seed(said: dict[str, Any], plan: Plan) -> list[str]:
    return [] if said.get("seed") == str(plan.seed) else [f"日志里的种子是 {said.get('seed')}"]


def _places(plan: Plan, candidates: pd.DataFrame) -> list[str]:
    from analysis.draws import draw_places

    drawn = draw_places(candidates, number=plan.parameters["stops_by_lot"], seed=_seed(plan))
    return [
        f"候选第 {ordinal} 号：存为{_place_in_lot(stored)}，重抽为{_place_in_lot(again)}"
        for ordinal, stored, again in zip(
            candidates["ordinal"], candidates["drawn_order"], drawn, strict=True
        )
        if _place_in_lot(stored) != _place_in_lot(again)
    ]


def _seed(plan: Plan) -> int:
    if plan.seed is None:
        raise ValueError("a plan that was drawn has its seed")
    return plan.seed


def _place_in_lot(order: Any) -> str:
    return "没有参加抽签" if pd.isna(order) else f"抽签第 {order} 个"


def _teams(conn: Connection, plan: Plan) -> list[str]:
    from analysis.draws import DrawError, draw_teams

    chosen = plan.parameters
    officers = pd.DataFrame(
        [{"active": True, **each} for each in chosen["officers"]],
        columns=["id", "name", "department", "home_county", "active"],
    ).astype({"name": "str", "department": "str", "home_county": "str"})
    try:
        drawn = draw_teams(
            officers,
            teams=chosen["teams"],
            size=chosen["team_size"],
            seed=_seed(plan),
            counties=chosen["counties"],
        )
    except DrawError as error:
        return [f"按留存的名单抽不出小组：{error}"]
    stored = visit_plans.teams(conn, scope=_ALL, plan_id=plan.id)
    mine, again = (
        dict(zip(found["team"], map(_people, found["officers"]), strict=True))
        for found in (stored, drawn)
    )
    return [
        f"第 {team} 组：存为{mine.get(team, '没有')}，重抽为{again.get(team, '没有')}"
        for team in sorted({*mine, *again})
        if mine.get(team) != again.get(team)
    ]


def _people(officers: list[dict[str, Any]]) -> str:
    return "、".join(sorted(f"{each['name']}（{each['department']}）" for each in officers))


def _kept_to_the_lot(conn: Connection, plan: Plan) -> list[str]:
    rows = conn.execute(
        select(visit_candidate).where(visit_candidate.c.visit_plan_id == plan.id)
    ).all()
    columns = (visit_stop.c[name] for name in visit_plans.STOP)
    stmt = select(*columns).where(visit_stop.c.visit_plan_id == plan.id)
    stops = [row._asdict() for row in conn.execute(stmt)]
    teams = set(visit_plans.teams(conn, scope=_ALL, plan_id=plan.id)["team"])
    known = {row.ordinal: row for row in rows}
    return [
        *stop_faults(plan, known, teams, stops),
        *faults(rows, stops, number=plan.parameters["stops_by_lot"]),
    ]
