"""一企一策 on a page: the plan of one institution, its steps, and putting them on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import refund_plans as judgement
from analysis.refund_plans import State
from analysis.refunds import watch_list
from data_access import refund_plans
from data_access.accounts import Permission, User
from data_access.refund_plans import Aim, RefundPlanError, Step, Whose
from data_access.scope import Scope
from data_access.writing import WritingError
from ui import saving
from ui.filters import Filters
from ui.formatting import count, day, is_missing, plain
from ui.load import load

FIRST_STEPS: Final = 3  # lines for steps in the form of a new plan
_KEY: Final = "row.refund_plan"  # as the forms of rows: what changes something
_SAID: Final = "refund_plans.said"
_ROUND: Final = "refund_plans.round"
_SEEN: Final = "refund_plans.seen"
_MOVED: Final = "刚刚有人改动了这个方案，您的操作没有保存；请看过下面现在的内容，再提交一次。"


class Shown(NamedTuple):
    """The plan of one institution as it stands, and its steps; no plan: ``None``."""

    plan: dict[str, Any] | None
    steps: pd.DataFrame


def watched(
    conn: Any, institutions: pd.DataFrame, *, scope: Scope, as_of: date, **_: Any
) -> pd.DataFrame:
    """Return whom to watch of ``refunds.by_institution``, with their plans."""
    plans = refund_plans.plans(conn, scope=scope, as_of=as_of)
    steps = refund_plans.plan_steps(conn, scope=scope, as_of=as_of)
    told = judgement.standing(plans, steps, as_of=as_of)
    return judgement.with_plans(watch_list(institutions, plans), told)


def written(watched: pd.DataFrame) -> pd.DataFrame:
    """Say in words how far each plan is, and where the county reports something else."""
    words = [
        _written(state, late, None if is_missing(reported) else bool(reported))
        for state, late, reported in zip(
            watched["plan_state"], watched["late_steps"], watched["plan_in_place"], strict=True
        )
    ]
    return watched.assign(plan_written=pd.Series(words, index=watched.index, dtype="str"))


def build(
    conn: Any, *, county_code: str, institution: int | str, scope: Scope, as_of: date, **_: Any
) -> Shown:
    """Read the plan of one institution, known by its number or by the name it goes by."""
    number, name = (institution, None) if isinstance(institution, int) else (None, institution)
    one = pd.DataFrame(
        {"county_code": [county_code], "institution_id": [number], "name_key": [name]}
    ).astype({"institution_id": "Int64", "name_key": "str"})
    steps = judgement.steps_standing(
        refund_plans.plan_steps(conn, scope=scope, as_of=as_of), as_of=as_of
    )
    plans = judgement.standing(
        refund_plans.plans(conn, scope=scope, as_of=as_of), steps, as_of=as_of
    )
    plan_id = judgement.with_plans(one, plans)["plan_id"].iloc[0]
    if is_missing(plan_id):
        return Shown(None, steps[:0])
    plan = plans[plans["plan_id"] == plan_id].iloc[0].to_dict()
    mine = steps[steps["plan_id"] == plan_id].reset_index(drop=True)
    return Shown({str(name): value for name, value in plan.items()}, mine)


def institution_of(row: dict[str, Any]) -> int | str | None:
    """Return what the institution of a row is known by: its number, else its name; else nothing."""
    if not is_missing(row["institution_id"]):
        return int(row["institution_id"])
    return None if is_missing(row["name_key"]) else str(row["name_key"])


def show(user: User, chosen: Filters, row: dict[str, Any] | None) -> None:
    """Draw the plan of the institution of the chosen row; who may write gets the forms."""
    institution = None if row is None else institution_of(row)
    if row is None or institution is None:
        return
    code = row["county_code"]
    found = load(build, user, chosen, county_code=code, institution=institution)
    with st.container(border=True):
        saving.told(_SAID)
        _describe(found, row)
        if not user.may(Permission.REFUND_PLAN_WRITE):
            return
        number = institution if isinstance(institution, int) else None
        whose = Whose(code, row["institution_name"], number)
        name = f"{_KEY}.{code}.{institution}.{st.session_state.get(_ROUND, 0)}"
        if found.plan is None or found.plan["plan_state"] == State.CLOSED:
            _make(user, whose, name, chosen.as_of)
        else:
            _Forms(user, found.plan, found.steps, name, chosen.as_of).draw()


def _written(state: str, late: int, reported: bool | None) -> str:
    words = {
        State.NONE: "无方案",
        State.OPEN: "在办",
        State.LATE: f"逾期 {count(late)} 步",
        State.CLOSED: "已办结",
    }[State(state)]
    has_plan = state in (State.OPEN, State.LATE)
    if has_plan and reported is False:
        return f"{words}（县区报无）"
    return f"{words}（县区报有）" if reported and not has_plan else words


def _describe(found: Shown, row: dict[str, Any]) -> None:
    plan, reported = found.plan, row.get("plan_in_place")
    if plan is None:
        said = "；县区在台账中报有方案" if not is_missing(reported) and reported else ""
        st.markdown(f"**一企一策：无方案**{said}")
        return
    closed = plan["plan_state"] == State.CLOSED
    ended = f"{day(plan['closed_on'])}办结" if closed else "在办"
    done = int(found.steps["done_on"].notna().sum())
    st.markdown(
        f"**一企一策：{ended}**，{count(len(found.steps))} 步完成 {count(done)} 步；"
        f"责任人 {plain(plan['owner'])}，{day(plan['opened_on'])}制定"
        + ("；县区在台账中报无方案" if not is_missing(reported) and not reported else "")
    )
    st.markdown(f"目标和办法：{plain(plan['aim'])}")
    st.markdown("  \n".join(_line(step) for step in found.steps.to_dict("records")))


def _line(step: dict[Any, Any]) -> str:
    what = f"第 {step['step_no']} 步　{plain(step['what'])}（期限 {day(step['due_on'])}）"
    if not is_missing(step["done_on"]):
        return f"{what}　{day(step['done_on'])}完成，佐证：{plain(step['evidence'])}"
    if step["is_late"]:
        return f":red[{what}　逾期 {count(step['days_late'])} 天]"
    return f"{what}　未完成"


def _make(user: User, whose: Whose, name: str, first: date) -> None:
    with st.popover("制定方案"), st.form(f"{name}.make", border=False):
        aim = _aim_fields(f"{name}.make", None, first)
        steps = [_step_fields(f"{name}.make.{n}", f"第 {n} 步") for n in range(1, FIRST_STEPS + 1)]
        pressed = st.form_submit_button("保存方案", type="primary")
    if pressed:
        filled = [step for step in steps if step.what.strip() or step.due_on]
        _do(
            lambda: refund_plans.make(user, whose, aim, [step.dated() for step in filled]),
            "方案已登记。",
        )


class _Forms:
    """The forms of a plan that is under way; each knows the version that its reader has seen."""

    def __init__(
        self, user: User, plan: dict[str, Any], steps: pd.DataFrame, name: str, as_of: date
    ) -> None:
        self.user, self.plan, self.steps, self.name = user, plan, steps, name
        self.as_of = as_of  # the forms begin with the day of the page, on which it shows them
        # Known by what is seen: a change by another must not pass for a change of what was seen.
        versions = (plan["row_version"], *steps["row_version"])
        seen = st.session_state.get(_SEEN)
        self.moved = seen is not None and seen[0] == name and seen[1] != versions
        st.session_state[_SEEN] = (name, versions)

    def draw(self) -> None:
        """Draw a button for each form, side by side."""
        if self.moved:
            st.warning(_MOVED, icon=":material/sync_problem:")
        with st.container(horizontal=True):
            if self.steps["done_on"].isna().any():
                self._finish()
            self._add()
            if self.steps["done_on"].isna().any():
                self._change_step()
            self._change()
            self._close()

    def _do(self, change: Callable[[], Any], said: str) -> None:
        if not self.moved:
            _do(change, said)

    def _finish(self) -> None:
        key = f"{self.name}.done"
        with st.popover("登记完成"), st.form(key, border=False):
            step = self._undone(key)
            on = st.date_input("完成日期", self.as_of, format="YYYY-MM-DD", key=f"{key}.on")
            evidence = st.text_area(
                "完成的佐证（文号、照片、协议等；不要写人名和电话）",
                max_chars=refund_plans.LONGEST_TEXT,
                key=f"{key}.evidence",
            )
            pressed = st.form_submit_button("保存", type="primary")
        if pressed:
            number, version = int(step["step_id"]), int(step["row_version"])
            self._do(
                lambda: refund_plans.mark_step(
                    self.user, number, version, _as_day(on, self.as_of), evidence or ""
                ),
                f"第 {step['step_no']} 步已登记完成。",
            )

    def _add(self) -> None:
        key = f"{self.name}.add"
        with st.popover("增加一步"), st.form(key, border=False):
            step = _step_fields(key, "做什么")
            pressed = st.form_submit_button("保存", type="primary")
        if pressed:
            number, version = self._of_plan()
            self._do(
                lambda: refund_plans.add_step(self.user, number, version, step.dated()), "已增加。"
            )

    def _change_step(self) -> None:
        key = f"{self.name}.step"
        with st.popover("修改一步"), st.form(key, border=False):
            step = self._undone(key)
            wanted = _step_fields(key, "改为做什么", due="期限（可不改）")
            pressed = st.form_submit_button("保存", type="primary")
        if pressed:
            number, version = int(step["step_id"]), int(step["row_version"])
            dated = Step(wanted.what, wanted.due_on or step["due_on"].date())
            self._do(
                lambda: refund_plans.change_step(self.user, number, version, dated), "已修改。"
            )

    def _change(self) -> None:
        key = f"{self.name}.aim"
        with st.popover("修改方案"), st.form(key, border=False):
            aim = _aim_fields(key, self.plan, self.as_of)
            pressed = st.form_submit_button("保存", type="primary")
        if pressed:
            number, version = self._of_plan()
            self._do(lambda: refund_plans.change(self.user, number, version, aim), "方案已修改。")

    def _close(self) -> None:
        key = f"{self.name}.close"
        with st.popover("办结方案"), st.form(key, border=False):
            st.write("各步都登记完成后才能办结；办结后不再修改。")
            on = st.date_input("办结日期", self.as_of, format="YYYY-MM-DD", key=f"{key}.on")
            pressed = st.form_submit_button("确认办结", type="primary")
        if pressed:
            number, version = self._of_plan()
            self._do(
                lambda: refund_plans.close(self.user, number, version, _as_day(on, self.as_of)),
                "方案已办结。",
            )

    def _of_plan(self) -> tuple[int, int]:
        return int(self.plan["plan_id"]), int(self.plan["row_version"])

    def _undone(self, key: str) -> dict[str, Any]:
        undone = self.steps[self.steps["done_on"].isna()]
        by_number = {int(step["step_no"]): step for step in undone.to_dict("records")}
        number = st.selectbox(
            "哪一步",
            list(by_number),
            format_func=lambda n: f"第 {n} 步　{by_number[n]['what']}",
            key=f"{key}.which",
        )
        return {str(name): value for name, value in by_number[number].items()}


def _aim_fields(key: str, plan: dict[str, Any] | None, first: date) -> Aim:
    owner = st.text_input(
        "责任人（职务或单位）",
        plan["owner"] if plan else "",
        max_chars=refund_plans.LONGEST_OWNER,
        key=f"{key}.owner",
    )
    aim = st.text_area(
        "目标和办法",
        plan["aim"] if plan else "",
        max_chars=refund_plans.LONGEST_TEXT,
        height=80,
        key=f"{key}.aim",
    )
    opened_on = st.date_input(
        "制定日期",
        plan["opened_on"].date() if plan else first,
        format="YYYY-MM-DD",
        key=f"{key}.opened_on",
    )
    return Aim(owner or "", aim or "", _as_day(opened_on, first))


class _Filled(NamedTuple):
    """What the fields of a step say; a day that nobody has chosen is none."""

    label: str
    what: str
    due_on: date | None

    def dated(self) -> Step:
        """Return the step, which has its last day in time.

        Raises:
            RefundPlanError: no day is chosen.
        """
        if self.due_on is None:
            raise RefundPlanError(f"请选“{self.label}”的期限，还没有保存")
        return Step(self.what, self.due_on)


def _step_fields(key: str, label: str, due: str = "期限") -> _Filled:
    left, right = st.columns([3, 2])
    what = left.text_input(label, max_chars=refund_plans.LONGEST_TEXT, key=f"{key}.what")
    day_of = right.date_input(due, None, format="YYYY-MM-DD", key=f"{key}.due_on")
    return _Filled(label, what or "", day_of if isinstance(day_of, date) else None)


def _as_day(value: Any, first: date) -> date:
    """Return what a field for one day says; an emptied one says what it began with."""
    return value if isinstance(value, date) else first


def _do(change: Callable[[], Any], said: str) -> None:
    try:
        change()
    except WritingError as error:
        saving.refused(error)
        return
    st.session_state[_SAID] = said
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()
