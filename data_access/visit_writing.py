"""How plans of visits are written: by the supervision team alone (see ``data_access.writing``)."""

from __future__ import annotations

from contextlib import AbstractContextManager

from sqlalchemy import Connection

from data_access.accounts import Permission, User
from data_access.writing import WritingError, writing


class PlanError(WritingError):
    """What was asked for cannot be done, and nothing was; the message says why, in Chinese."""


def log_name(plan_id: int) -> str:
    """Return what the access log calls a plan: its number, and never a place."""
    return f"暗访计划 {plan_id}"


def writing_plans(
    user: User, permission: Permission, *, target: str
) -> AbstractContextManager[Connection]:
    """Give the transaction in which ``user`` writes; all of it is kept, or nothing.

    Raises:
        PlanError: the account may not, which is logged as refused for ``target``, or this
            process may not write.
    """
    return writing(user, permission, target=target, what="办理暗访事项", error=PlanError)
