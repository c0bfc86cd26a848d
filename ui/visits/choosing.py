"""Which plan is on the screen, and what was just done to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import streamlit as st

from analysis.draws import DrawError
from data_access import audit, visit_plans
from data_access.accounts import User
from data_access.audit import Action
from data_access.visit_plans import Plan
from data_access.visit_writing import PlanError, log_name
from ui import saving
from ui.filters import DAY_KEY
from ui.formatting import day
from ui.load import fresh

PLAN_KEY: Final = "plan"
NEW: Final = "新计划"
_NEXT: Final = "visits.next"
_SAID: Final = "visits.said"
_OPENED: Final = "visits.opened"
_SEEN_ON: Final = "visits.seen_on"
_SHOWN: Final = "visits.shown"


def choose(user: User, *, new: bool) -> int | None:
    """Ask which plan is meant, the newest first, bound to the address; ``None``: a new one.

    Drafts are offered where a ``new`` one is. That a plan is opened is logged, once a session.
    """
    rows = fresh(visit_plans.plans, user, {"scope": user.scope})
    if not new:  # those that wait for results first
        rows = rows[rows["status"] != "draft"]
        rows = rows.sort_values("status", ascending=False, kind="stable")
    words = {
        # In addresses, too: so it says nothing that changes.
        str(row["id"]): f"{row['id']} 号（{day(row['first_day'])}起）"
        for row in rows.to_dict("records")
    }
    offered = [*([NEW] if new else []), *words]
    if _NEXT in st.session_state:
        st.session_state[PLAN_KEY] = st.session_state.pop(_NEXT)
    if not offered:
        return None
    chosen = st.selectbox(
        "暗访计划",
        offered,
        format_func=lambda number: words.get(number, number),
        key=PLAN_KEY,
        bind="query-params",
        label_visibility="collapsed",
    )
    if chosen not in words:
        return None
    if st.session_state.get(_OPENED) != chosen:
        audit.record(Action.PLAN_OPEN, email=user.email, target=log_name(int(chosen)))
        st.session_state[_OPENED] = chosen
    return int(chosen)


def begin() -> None:
    """Let the day of the filters follow what was just entered; before they are drawn."""
    latest = st.session_state.pop(_SEEN_ON, None)
    shown = st.session_state.get(DAY_KEY)
    if latest is not None and isinstance(shown, date) and shown < latest:
        st.session_state[DAY_KEY] = latest


def see(day_entered: date) -> None:
    """Count as of this day from the next run on, if the figures would not show it otherwise."""
    st.session_state[_SEEN_ON] = day_entered


def told() -> None:
    """Say what was done last, once."""
    if saving.told(_SAID):
        st.session_state.pop(_SHOWN, None)  # what changed was changed here


def tell_of_changes(plan: Plan) -> None:
    """Say that somebody else has changed the plan since it was last on this screen.

    Whatever is offered for a plan is known by its row version, so that a click on what has
    changed since does nothing.
    """
    shown = st.session_state.get(_SHOWN)
    now = (plan.id, plan.row_version)
    st.session_state[_SHOWN] = now
    if shown is not None and shown[0] == plan.id and shown != now:
        st.warning(
            "这个计划刚刚有人改动，下面是改动后的样子。您刚才的操作没有执行，请看过再做。",
            icon=":material/sync_problem:",
        )


def do(
    what: Callable[[], Any],
    said: str | None = None,
    *,
    go_to: Callable[[Any], int | None] | None = None,
) -> None:
    """Do something to a plan and start over, or say why it cannot be done.

    ``said`` is what to say then, what was done itself where there is none.

    ``go_to`` returns the plan to show next, of what was done.
    """
    try:
        done = what()
    except (DrawError, PlanError) as error:
        saving.refused(error)
        return
    st.session_state[_SAID] = str(done) if said is None else said
    if go_to is not None:
        plan_id = go_to(done)
        st.session_state[_NEXT] = NEW if plan_id is None else str(plan_id)
    st.rerun()
