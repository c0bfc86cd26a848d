"""Officers who can be sent on visits (检查人员): the list that the lot is drawn from."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, false, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from data_access.accounts import Permission, User
from data_access.frames import read_frame
from data_access.schema import county, officer
from data_access.scope import Scope
from data_access.visit_writing import PlanError, writing_plans

LONGEST_NAME = 64
_TARGET = "检查人员名单"


def officers(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """List all officers, those who can be sent first, by department and name.

    A scope without what is unreleased holds none: who is on the list is the team's alone.

    ``id`` int64, ``name``, ``department``, ``home_county`` (code; NaN: nobody need be avoided)
    str, ``active`` bool: can be sent.
    """
    stmt = (
        select(*(officer.c[name] for name in _COLUMNS))
        .where(true() if scope.unreleased else false())
        .order_by(officer.c.active.desc(), officer.c.department, officer.c.name, officer.c.id)
    )
    return read_frame(conn, stmt, _COLUMNS)


_COLUMNS = {
    "id": "int64",
    "name": "str",
    "department": "str",
    "home_county": "str",
    "active": "bool",
}


def save(
    user: User,
    *,
    name: str,
    department: str,
    home_county: str | None = None,
    officer_id: int | None = None,
) -> int:
    """Add an officer, or change the one of that id; return the id.

    A new one can be sent at once. ``home_county`` is the code of the county that the officer
    keeps away from (回避).

    Raises:
        PlanError: the account may not, a field is empty, too long or unknown, or there is
            another of that name in the department.
    """
    row = {
        "name": _worded(name, "姓名"),
        "department": _worded(department, "部门"),
        "home_county": home_county or None,
    }
    with writing_plans(user, Permission.VISIT_PLAN, target=_TARGET) as conn:
        if row["home_county"] is not None:
            known = select(county.c.code).where(county.c.code == row["home_county"])
            if conn.scalar(known) is None:
                raise PlanError("回避的县区（新区）不在名单里，没有保存")
        try:
            if officer_id is None:
                return _insert(conn, row)
            changed = conn.execute(update(officer).where(officer.c.id == officer_id).values(row))
        except IntegrityError as error:
            raise PlanError(
                f"{row['department']}已有一位“{row['name']}”，没有保存。同名的请在姓名后注明"
            ) from error
        _must_be_there(changed.rowcount)
        return officer_id


def set_active(user: User, officer_id: int, *, active: bool) -> None:
    """Say whether an officer can be sent from now on; plans drawn before stay as they are.

    Raises:
        PlanError: the account may not, or there is no such officer.
    """
    with writing_plans(user, Permission.VISIT_PLAN, target=_TARGET) as conn:
        stmt = update(officer).where(officer.c.id == officer_id).values(active=active)
        _must_be_there(conn.execute(stmt).rowcount)


def _insert(conn: Connection, row: dict[str, str | None]) -> int:
    key = conn.execute(insert(officer).values(**row, active=True)).inserted_primary_key
    return int(key[0])  # type: ignore[index]


def _worded(text: str, title: str) -> str:
    words = " ".join(text.split())
    if not 1 <= len(words) <= LONGEST_NAME:
        raise PlanError(f"请填写{title}，1 到 {LONGEST_NAME} 个字")
    return words


def _must_be_there(found: int) -> None:
    if not found:
        raise PlanError("名单里已没有这位检查人员，没有保存。请刷新后再试")
