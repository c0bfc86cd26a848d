"""一企一策 plans: what is done of them, what is late, and who on the watch list has none."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from analysis.wording import count, listed


class State(StrEnum):
    """How far a plan is; NONE: there is none."""

    NONE = "none"
    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"


_PLAN: Final = {
    "plan_id": "Int64",
    "plan_state": "str",
    "late_steps": "int64",
    "next_step": "str",
    "next_due_on": "datetime64[s]",
}


def steps_standing(steps: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Add to each step whether it is late: not done, and its last day is past.

    ``steps`` is ``refund_plans.plan_steps``. Returns them with ``is_late`` (bool) and
    ``days_late`` (int64; 0 where not late).
    """
    late = steps["done_on"].isna() & (steps["due_on"] < pd.Timestamp(as_of))
    days = (pd.Timestamp(as_of) - steps["due_on"]).dt.days.where(late, 0)
    return steps.assign(is_late=late, days_late=days.astype("int64"))


def standing(plans: pd.DataFrame, steps: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Say of each plan how far it is, and what comes next.

    ``plans`` and ``steps`` are ``refund_plans.plans`` and ``plan_steps``.

    Returns ``plans`` with ``plan_state`` (str, a :class:`State`), ``late_steps`` (int64), and of
    the undone step that is due first ``next_step`` (str) and ``next_due_on`` (datetime64[s]).
    """
    told = steps_standing(steps, as_of=as_of)
    late = told.groupby("plan_id")["is_late"].sum()
    undone = told[told["done_on"].isna()].sort_values(["due_on", "step_no"], kind="stable")
    following = undone.drop_duplicates("plan_id").set_index("plan_id")
    is_open = plans["closed_on"].isna().to_numpy()
    lateness = late.reindex(plans["plan_id"], fill_value=0).to_numpy() * is_open
    following = following[following.index.isin(plans.loc[is_open, "plan_id"])]
    following = following.reindex(plans["plan_id"])
    state = np.where(is_open, np.where(lateness > 0, State.LATE, State.OPEN), State.CLOSED)
    return plans.assign(
        plan_state=pd.Series(state, index=plans.index, dtype="str"),
        late_steps=lateness.astype("int64"),
        next_step=following["what"].set_axis(plans.index),
        next_due_on=following["due_on"].set_axis(plans.index),
    ).astype({"next_step": "str", "next_due_on": "datetime64[s]"})


def with_plans(institutions: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Add to each institution its plan: the open one, else the newest; ``told`` is `standing`.

    ``institutions`` has ``county_code``, ``institution_id`` and ``name_key`` as
    ``refunds.by_institution``. Known by its number, while not linked by its name.

    Returns them with ``plan_id`` (Int64, NA: none) and ``plan_state``, ``late_steps``,
    ``next_step`` and ``next_due_on`` as `standing`.
    """
    order = told.assign(is_closed=told["plan_state"] == State.CLOSED).sort_values(
        ["is_closed", "opened_on", "plan_id"], ascending=[True, False, False]
    )
    plans = order.assign(whose=_whose(order)).drop_duplicates("whose").set_index("whose")
    mine = plans[list(_PLAN)].reindex(_whose(institutions)).set_axis(institutions.index)
    found = institutions.assign(**{name: mine[name] for name in _PLAN})
    found["plan_state"] = found["plan_state"].fillna(str(State.NONE))
    found["late_steps"] = found["late_steps"].fillna(0)
    return found.astype(_PLAN)


def in_place(institutions: pd.DataFrame, plans: pd.DataFrame) -> pd.Series:
    """Say of each institution whether it has its 一企一策 (bool): every page goes by this.

    It has where the county's ledger says so of an open dispute, and where a plan on record here
    is under way: one that is closed is over, and new disputes ask for a new one.

    ``institutions`` is ``refunds.by_institution``, ``plans`` ``refund_plans.plans`` of the day.
    """
    reported = institutions["plan_in_place"].fillna(value=False).astype(bool)
    under_way = plans[plans["closed_on"].isna()]
    return reported | _whose(institutions).isin(_whose(under_way))


def lacking(unplanned: int) -> str:
    """Say how many of the watch list have no plan."""
    return f"{count(unplanned)} 家还没有方案" if unplanned else "方案均已到位"


def sentence(watched: pd.DataFrame) -> str:
    """Say who on the watch list has a plan on record here, whose county says so, and who has none.

    ``watched`` is ``analysis.refunds.watch_list`` with :func:`with_plans`.
    """
    if watched.empty:
        return "没有达到一企一策条件的机构。"
    state = watched["plan_state"]
    has_plan = state.isin([State.OPEN, State.LATE])
    reported = watched["plan_in_place"].fillna(value=False).astype(bool)
    late = watched.loc[state == State.LATE, "institution_name"].tolist()
    said = f"须一企一策的 {count(len(watched))} 家中，系统内在办方案 {count(has_plan.sum())} 家"
    if late:
        said += f"（{count(len(late))} 家有逾期步骤：{listed(late, at_most=3, unit='家')}）"
    said += f"；县区报有方案 {count(reported.sum())} 家"
    if (only_said := int((reported & ~has_plan).sum())) > 0:
        said += f"，其中 {count(only_said)} 家没有在系统内登记"
    return f"{said}；{lacking(int((~watched['has_plan']).sum()))}。"


def _whose(rows: pd.DataFrame) -> pd.Series:
    """Name whose a row is, within its county: by number, else by name."""
    number = rows["institution_id"].astype("string")
    named = "n" + rows["name_key"].astype("string")
    whose: pd.Series = rows["county_code"].astype("string") + "/" + number.fillna(named)
    return whose
