"""A plan as it is stored: what it holds is kept by its row version, which is read at every run."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

import pandas as pd

from data_access import visit_plans
from data_access.accounts import User
from data_access.scope import Scope
from data_access.visit_plans import Plan
from data_access.visit_writing import PlanError
from ui.load import fresh, run

TRIES = 3
CHANGED = "计划刚刚有人改动，请刷新页面后再看"


class Stored(NamedTuple):
    """A plan with its candidates, teams and stops; shared by all who look at it, never changed."""

    plan: Plan
    candidates: pd.DataFrame
    teams: pd.DataFrame
    stops: pd.DataFrame

    def with_places(self) -> pd.DataFrame:
        """Return the stops with what is known of their candidates, in the order of the visits."""
        known = self.candidates.drop(columns=["must"])
        return self.stops.merge(known, on="ordinal", how="left").sort_values(
            ["visit_on", "team", "sequence"], ignore_index=True
        )

    @property
    def version(self) -> dict[str, Any]:
        """What is built of it is kept by this: the arguments of :func:`parts`, but the scope."""
        return {"plan_id": self.plan.id, "row_version": self.plan.row_version}


def read(user: User, plan_id: int) -> Stored | None:
    """Return a plan; ``None`` where there is none that the reader may see.

    Raises:
        PlanError: it changed while it was read.
    """
    asked = {"scope": user.scope, "plan_id": plan_id}
    for _ in range(TRIES):
        plan: Plan | None = fresh(visit_plans.plan, user, asked)
        if plan is None:
            return None
        with suppress(PlanError):
            stored: Stored = run(parts, user, {**asked, "row_version": plan.row_version})
            return stored
    raise PlanError(CHANGED)


def parts(conn: Any, *, scope: Scope, plan_id: int, row_version: int) -> Stored:
    """Read a plan as it is at a row version.

    Raises:
        PlanError: it is at another one by now.
    """
    asked: dict[str, Any] = {"scope": scope, "plan_id": plan_id}
    found = (
        visit_plans.candidates(conn, **asked),
        visit_plans.teams(conn, **asked),
        visit_plans.stops(conn, **asked),
    )
    plan = visit_plans.plan(conn, **asked)
    if plan is None or plan.row_version != row_version:
        raise PlanError(CHANGED)
    return Stored(plan, *found)
