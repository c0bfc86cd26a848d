"""一企一策: how the refund disputes of an institution are to be settled, step by step.

A county puts its own plans on record, the supervision team any. Whoever may read the county's
rows reads its plans. What the ledger of disputes says of a plan (``plan_in_place``) is what the
county reported and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Row, Table, and_, case, func, insert, or_, select

from data_access import audit, clock, versions
from data_access.accounts import Permission, User
from data_access.audit import Action
from data_access.frames import read_frame
from data_access.ledgers.masking import hide
from data_access.ledgers.places import name_key
from data_access.row_changes import change_row
from data_access.schema import county, institution, refund_plan, refund_plan_step
from data_access.scope import Scope
from data_access.writing import WritingError, writing

LONGEST_OWNER: Final = 64
LONGEST_NAME: Final = 128
LONGEST_TEXT: Final = 500
_TARGET: Final = "一企一策"
_NOT_SAVED: Final = "没有保存"


class RefundPlanError(WritingError):
    """Nothing was saved; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The institution that a plan is for.

    ``institution_id`` is ``None`` while its disputes are not linked to the ledger.
    """

    county_code: str
    institution_name: str
    institution_id: int | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan says: who sees to it, what is to be reached and how, since when."""

    owner: str
    aim: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a plan: what is to be done, and the last day in time."""

    what: str
    due_on: date


def plans(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the plans made by ``as_of``, the newest first; aim and owner are as they are now.

    ================  =============  =========================================================
    plan_id           int64          number of the plan
    county_code       str            reporting unit
    county            str            its full name
    institution_id    Int64          in the ledger of institutions, also where it was linked
                                     after the plan was made; NA: not linked
    name_key          str            the name it is known by while not linked
    institution_name  str            as it was when the plan was made
    opened_on         datetime64[s]  day on which the plan was made
    owner             str            who sees to it
    aim               str            what is to be reached, and how
    closed_on         datetime64[s]  NaT: not closed by ``as_of``
    row_version       int64          to be given back with a change
    ================  =============  =========================================================
    """
    plan = refund_plan.c
    linked_since = (
        select(func.min(institution.c.id))
        .where(
            institution.c.county_code == plan.county_code,
            institution.c.name_key == plan.institution_name_key,
            scope.allows(institution),
        )
        .scalar_subquery()
    )
    stmt = (
        select(
            plan.id.label("plan_id"),
            plan.county_code,
            county.c.name.label("county"),
            func.coalesce(plan.institution_id, linked_since).label("institution_id"),
            plan.institution_name_key.label("name_key"),
            plan.institution_name,
            plan.opened_on,
            plan.owner,
            plan.aim,
            case((plan.closed_on <= as_of, plan.closed_on)).label("closed_on"),
            plan.row_version,
        )
        .join(county, county.c.code == plan.county_code)
        .where(scope.allows(refund_plan), plan.opened_on <= as_of)
        .order_by(plan.opened_on.desc(), plan.id.desc())
    )
    dtypes = {column.name: "str" for column in stmt.selected_columns}
    dtypes |= dict.fromkeys(("opened_on", "closed_on"), "datetime64[s]")
    dtypes |= {"plan_id": "int64", "institution_id": "Int64", "row_version": "int64"}
    return read_frame(conn, stmt, dtypes)


def plan_steps(conn: Connection, *, scope: Scope, as_of: date) -> pd.DataFrame:
    """List the steps of the plans made by ``as_of``, by plan and in their order.

    A step that was done after that day stands there as not done.

    ============  =============  =============================================================
    step_id       int64          number of the row
    plan_id       int64          its plan
    step_no       int64          its place in the plan, from 1
    what          str            what is to be done
    due_on        datetime64[s]  last day in time, included
    done_on       datetime64[s]  NaT: not done by ``as_of``
    evidence      str            of its being done; NaN: none
    row_version   int64          to be given back with a change
    ============  =============  =============================================================
    """
    step = refund_plan_step.c
    is_done = step.done_on <= as_of
    stmt = (
        select(
            step.id.label("step_id"),
            step.refund_plan_id.label("plan_id"),
            step.step_no,
            step.what,
            step.due_on,
            case((is_done, step.done_on)).label("done_on"),
            case((is_done, step.evidence)).label("evidence"),
            step.row_version,
        )
        .join(
            refund_plan,
            and_(refund_plan.c.id == step.refund_plan_id, scope.allows(refund_plan)),
        )
        .where(scope.allows(refund_plan_step), refund_plan.c.opened_on <= as_of)
        .order_by(step.refund_plan_id, step.step_no)
    )
    dtypes = {column.name: "int64" for column in stmt.selected_columns}
    dtypes |= dict.fromkeys(("what", "evidence"), "str")
    return read_frame(conn, stmt, dtypes | dict.fromkeys(("due_on", "done_on"), "datetime64[s]"))


def make(user: User, whose: Whose, aim: Aim, steps: Sequence[Step] = ()) -> int:
    """Put a plan with its steps on record; return its number.

    Raises:
        RefundPlanError: the account may not, something is missing or wrong, or the institution
            has a plan that is not closed.
    """
    aim = _checked_aim(aim)
    checked = [_checked_step(step, aim.opened_on) for step in steps]
    with _writing(user) as conn:
        whose = _checked_whose(conn, user, whose)
        key = name_key(whose.institution_name)
        is_it = [refund_plan.c.institution_name_key == key]
        if whose.institution_id is not None:
            is_it.append(refund_plan.c.institution_id == whose.institution_id)
        mine = (refund_plan.c.county_code == whose.county_code, or_(*is_it))
        is_open = select(refund_plan.c.id).where(*mine, refund_plan.c.closed_on.is_(None))
        if conn.scalar(is_open) is not None:
            raise RefundPlanError(f"这家机构已有在办的方案，{_NOT_SAVED}。请在原方案上修改")
        recorded = {"created_by": user.email, "created_at": clock.now()}
        row = asdict(whose) | asdict(aim) | recorded | {"institution_name_key": key}
        plan_id = int(conn.execute(insert(refund_plan).values(row)).inserted_primary_key[0])  # type: ignore[index]
        for number, step in enumerate(checked, start=1):
            _insert_step(conn, plan_id, whose.county_code, number, step)
        _log(conn, user, plan_id, "登记方案")
    return plan_id


def change(user: User, plan_id: int, row_version: int, aim: Aim) -> int:
    """Let a plan say something else; return its new row version. What it said is kept.

    Raises:
        RefundPlanError: the account may not, something is missing or wrong, or the plan is
            closed or has changed since it was seen.
    """
    aim = _checked_aim(aim)
    with _writing(user) as conn:
        plan = _open_plan(conn, user, plan_id, row_version)
        first_done = conn.scalar(
            select(func.min(refund_plan_step.c.done_on)).where(
                refund_plan_step.c.refund_plan_id == plan_id
            )
        )
        if first_done is not None and first_done < aim.opened_on:
            raise RefundPlanError(f"制定日期晚于已完成步骤的日期，{_NOT_SAVED}。请核对日期")
        _log(conn, user, plan_id, "修改方案")
        return change_row(conn, refund_plan, plan, asdict(aim), email=user.email)


def close(user: User, plan_id: int, row_version: int, closed_on: date) -> int:
    """Close a plan whose steps are all done; return its new row version.

    Raises:
        RefundPlanError: the account may not, the day cannot be, a step is not done or was done
            later, or the plan is closed or has changed since it was seen.
    """
    with _writing(user) as conn:
        plan = _open_plan(conn, user, plan_id, row_version)
        _check_done_on(closed_on, plan.opened_on, "办结日期")
        done = conn.scalars(
            select(refund_plan_step.c.done_on).where(refund_plan_step.c.refund_plan_id == plan_id)
        ).all()
        if not done or None in done:
            missing = f"还有 {done.count(None)} 步没有登记完成" if done else "方案还没有步骤"
            raise RefundPlanError(f"{missing}，不能办结，{_NOT_SAVED}")
        if closed_on < max(day for day in done if day is not None):
            raise RefundPlanError(f"办结日期早于最后一步的完成日期，{_NOT_SAVED}。请核对日期")
        _log(conn, user, plan_id, "办结方案")
        return change_row(conn, refund_plan, plan, {"closed_on": closed_on}, email=user.email)


def add_step(user: User, plan_id: int, row_version: int, step: Step) -> int:
    """Add a step at the end of a plan; return the step's number in the database.

    ``row_version`` is the plan's, which goes on by one.

    Raises:
        RefundPlanError: the account may not, something is missing or wrong, or the plan is
            closed or has changed since it was seen.
    """
    with _writing(user) as conn:
        plan = _open_plan(conn, user, plan_id, row_version)
        step = _checked_step(step, plan.opened_on)
        last = conn.scalar(
            select(func.max(refund_plan_step.c.step_no)).where(
                refund_plan_step.c.refund_plan_id == plan_id
            )
        )
        step_id = _insert_step(conn, plan_id, plan.county_code, (last or 0) + 1, step)
        _next_version(conn, plan)
        _log(conn, user, plan_id, "增加步骤")
    return step_id


def change_step(user: User, step_id: int, row_version: int, step: Step) -> int:
    """Let a step be another; return its new row version. What it was is kept.

    Raises:
        RefundPlanError: the account may not, something is missing or wrong, the plan is closed,
            or the step has changed since it was seen.
    """
    with _writing(user) as conn:
        known, plan = _open_step(conn, user, step_id, row_version)
        step = _checked_step(step, plan.opened_on)
        _log(conn, user, plan.id, f"修改第 {known.step_no} 步")
        return change_row(conn, refund_plan_step, known, asdict(step), email=user.email)


def mark_step(
    user: User, step_id: int, row_version: int, done_on: date | None, evidence: str = ""
) -> int:
    """Say on which day a step was done and by what one sees it, ``None`` that it is not done.

    Returns its new row version.

    Raises:
        RefundPlanError: the account may not, the day cannot be, there is no evidence, the plan
            is closed, or the step has changed since it was seen.
    """
    words = _worded(evidence, "完成的佐证", LONGEST_TEXT) if done_on is not None else None
    with _writing(user) as conn:
        known, plan = _open_step(conn, user, step_id, row_version)
        if done_on is not None:
            _check_done_on(done_on, plan.opened_on, "完成日期")
        said = "完成" if done_on is not None else "改为未完成"
        _log(conn, user, plan.id, f"第 {known.step_no} 步{said}")
        fields = {"done_on": done_on, "evidence": words}
        return change_row(conn, refund_plan_step, known, fields, email=user.email)


@contextmanager
def _writing(user: User) -> Iterator[Connection]:
    permission, what = Permission.REFUND_PLAN_WRITE, "登记一企一策方案"
    with writing(user, permission, target=_TARGET, what=what, error=RefundPlanError) as conn:
        versions.bump(conn)  # takes the turn of other writers
        yield conn


def _checked_whose(conn: Connection, user: User, whose: Whose) -> Whose:
    known = select(county.c.code).where(
        county.c.code == whose.county_code, user.scope.allows(county)
    )
    if conn.scalar(known) is None:
        raise RefundPlanError(f"没有这个县区（新区），或它不在您的范围内，{_NOT_SAVED}")
    if whose.institution_id is None:
        name = _worded(whose.institution_name, "机构名称", LONGEST_NAME)
        return Whose(whose.county_code, name)
    stmt = select(institution.c.name).where(
        institution.c.id == whose.institution_id,
        institution.c.county_code == whose.county_code,
    )
    named = conn.scalar(stmt)
    if named is None:
        raise RefundPlanError(f"本县区的机构台账里没有这家机构，{_NOT_SAVED}。请刷新页面再看")
    return Whose(whose.county_code, named, whose.institution_id)


def _checked_aim(aim: Aim) -> Aim:
    if aim.opened_on > clock.today():
        raise RefundPlanError(f"制定日期晚于今天，{_NOT_SAVED}。请核对日期")
    return Aim(
        _worded(aim.owner, "责任人", LONGEST_OWNER),
        _worded(aim.aim, "目标和办法", LONGEST_TEXT),
        aim.opened_on,
    )


def _checked_step(step: Step, opened_on: date) -> Step:
    if step.due_on < opened_on:
        raise RefundPlanError(f"步骤的期限早于方案的制定日期，{_NOT_SAVED}。请核对日期")
    return Step(_worded(step.what, "做什么", LONGEST_TEXT), step.due_on)


def _check_done_on(day: date, opened_on: date, title: str) -> None:
    if day > clock.today():
        raise RefundPlanError(f"{title}晚于今天，{_NOT_SAVED}。请核对日期")
    if day < opened_on:
        raise RefundPlanError(f"{title}早于方案的制定日期，{_NOT_SAVED}。请核对日期")


def _worded(text: str, title: str, longest: int) -> str:
    words = hide(" ".join(text.replace("\x00", "").split()))
    if not words:
        raise RefundPlanError(f"请填写{title}")
    if len(words) > longest:
        raise RefundPlanError(f"{title}超过 {longest} 个字，请改短")
    return words


def _open_plan(conn: Connection, user: User, plan_id: int, row_version: int | None) -> Row[Any]:
    plan = _row(conn, user, refund_plan, plan_id)
    if plan is None:
        raise RefundPlanError(f"没有这个方案，或它不在您的范围内，{_NOT_SAVED}。请刷新页面再看")
    if row_version is not None and plan.row_version != row_version:
        raise RefundPlanError(f"这个方案刚刚有改动，{_NOT_SAVED}。请看过新的内容再提交")
    if plan.closed_on is not None:
        raise RefundPlanError(f"这个方案已经办结，{_NOT_SAVED}。如有新的纠纷，请另立方案")
    return plan


def _open_step(
    conn: Connection, user: User, step_id: int, row_version: int
) -> tuple[Row[Any], Row[Any]]:
    step = _row(conn, user, refund_plan_step, step_id)
    if step is None:
        raise RefundPlanError(f"没有这一步，或它不在您的范围内，{_NOT_SAVED}。请刷新页面再看")
    if step.row_version != row_version:
        raise RefundPlanError(f"这一步刚刚有改动，{_NOT_SAVED}。请看过新的内容再提交")
    return step, _open_plan(conn, user, step.refund_plan_id, None)


def _row(conn: Connection, user: User, table: Table, row_id: int) -> Row[Any] | None:
    mine = (table.c.id == row_id, user.scope.allows(table))
    return conn.execute(select(table).where(*mine).with_for_update()).one_or_none()


def _insert_step(conn: Connection, plan_id: int, code: str, number: int, step: Step) -> int:
    row = {"refund_plan_id": plan_id, "county_code": code, "step_no": number} | asdict(step)
    return int(conn.execute(insert(refund_plan_step).values(row)).inserted_primary_key[0])  # type: ignore[index]


def _next_version(conn: Connection, plan: Row[Any]) -> None:
    """Count the plan on: with a step more it is another one for whoever saw it before."""
    is_it = refund_plan.c.id == plan.id
    conn.execute(
        refund_plan.update().where(is_it).values(row_version=refund_plan.c.row_version + 1)
    )


def _log(conn: Connection, user: User, plan_id: int, what: str) -> None:
    target = f"{_TARGET} {plan_id}"
    audit.add(conn, Action.REFUND_PLAN_WRITE, email=user.email, target=target, what=what)
