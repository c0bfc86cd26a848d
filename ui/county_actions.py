"""行动机制 on screen: who has what in place, whom to call, and putting it on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis import county_actions as judgement
from analysis.county_actions import DUTIES, Duty, State
from data_access import clock, county_actions, reference
from data_access.accounts import Permission, User
from data_access.county_actions import LONGEST_DETAIL, LONGEST_EVIDENCE, Recorded
from data_access.scope import Scope
from ui import filters, saving, tables
from ui.charts import county_actions as charts
from ui.charts.base import spec
from ui.filters import Filters
from ui.formatting import day_of_week, plain
from ui.load import load
from ui.tables import Table, table

# Which rows the list of the city holds, as addresses name them.
ROWS: Final = {
    "undone": "未完成的",
    "ways": "联系人和举报方式",
    "all": "全部",
    "changes": "修改记录",
}
LIST_HEIGHT: Final = 300
_NOTHING: Final = {
    "undone": "各项都已完成。",
    "ways": "没有县区。",
    "all": "没有县区。",
    "changes": "登记以后没有改动过。",
}
_SAID: Final = "county_actions.said"
_COLUMNS: Final = {
    "detail": "内容",
    "due_on": "应完成日期",
    "done_on": "完成日期",
    "evidence": "佐证",
}
_URGENCY: Final = [
    str(state) for state in (State.MISSING, State.DUE, State.AHEAD, State.LATE, State.DONE)
]


class View(NamedTuple):
    """What the page says of the counties chosen; ``wall`` as Vega-Lite."""

    headline: str
    wall: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A duty of one county, and what is on record of it."""

    duty: Duty
    due_on: date
    state: str
    detail: str = ""
    done_on: date | None = None
    evidence: str = ""
    row_version: int | None = None


def build(conn: Any, *, scope: Scope, as_of: date, **_: Any) -> View:
    """Judge how far each county is, and draw the wall."""
    rows = _judged(conn, scope=scope, as_of=as_of)
    if rows["county_code"].nunique() == 1:
        said = judgement.headline(rows, as_of=as_of)
    else:
        said = judgement.city_headline(rows)
    return View(said, spec(charts.duties(rows, as_of=as_of)))


def build_list(conn: Any, *, scope: Scope, as_of: date, rows: str, **_: Any) -> Table:
    """List what ``rows`` names."""
    if rows == "changes":
        return _change_table(county_actions.changes(conn, scope=scope))
    judged = _judged(conn, scope=scope, as_of=as_of)
    if rows == "ways":
        return table(judgement.ways(judged), ["county", "contact", "hotline", "mailbox"])
    if rows == "undone":
        judged = judged[~judged["state"].isin([str(state) for state in judgement.DONE])]
    return _duty_table(judged.reset_index(drop=True), one_county=False)


def build_own(conn: Any, *, scope: Scope, as_of: date, **_: Any) -> Table:
    """List the duties of one county."""
    return _duty_table(_judged(conn, scope=scope, as_of=as_of), one_county=True)


def build_record(
    conn: Any, *, scope: Scope, as_of: date, today: date, **_: Any
) -> tuple[OnRecord, ...]:
    """Return the duties of one county, the most urgent first, as on record ``today``.

    The state is that of ``as_of``.
    """
    judged = _judged(conn, scope=scope, as_of=as_of)
    held = county_actions.county_actions(conn, scope=scope, as_of=today)
    known = {row["duty"]: row for row in held.to_dict("records")}
    by_code = {duty.code: duty for duty in DUTIES}
    made = []
    for row in judged.to_dict("records"):
        duty = OnRecord(by_code[row["duty"]], row["due_on"].date(), row["state"])
        one = known.get(row["duty"])
        if one is not None:
            duty = replace(
                duty,
                detail=_text(one["detail"]),
                done_on=None if pd.isna(one["done_on"]) else one["done_on"].date(),
                evidence=_text(one["evidence"]),
                row_version=one["row_version"],
            )
        made.append(duty)
    return tuple(sorted(made, key=lambda each: _URGENCY.index(each.state)))


def show(user: User, chosen: Filters) -> None:
    """Draw the page: of one county its duties and the form, else the wall of all."""
    saving.told(_SAID)
    if user.may(Permission.COUNTY_ACTION_RECORD):
        _show_own(user, chosen)
    else:
        _show_city(user, chosen)


def _show_city(user: User, chosen: Filters) -> None:
    whole = load(build, user, chosen)
    top = st.container()
    wall = st.vega_lite_chart(
        whole.wall, on_select="rerun", key="county_actions.wall", alt="各县区行动机制的进展"
    )
    focused = filters.focus(chosen, wall)
    with top:
        st.subheader(plain(load(build, user, focused).headline), anchor=False)
    rows = filters.one_of("名单", ROWS, key="rows")
    _show_list(user, focused, rows)


def _show_list(user: User, chosen: Filters, rows: str) -> None:
    listed = load(build_list, user, chosen, rows=rows)
    if listed.empty:
        st.info(_NOTHING[rows])
        return
    tables.show(
        listed,
        key=f"county_actions.{rows}",
        file_name=f"行动机制-{ROWS[rows]}",
        alt=f"行动机制：{ROWS[rows]}",
        height=LIST_HEIGHT,
    )


def _show_own(user: User, chosen: Filters) -> None:
    st.subheader(plain(load(build, user, chosen).headline), anchor=False)
    left, right = st.columns([5, 3], gap="medium")
    with right:
        _record(user, chosen, load(build_record, user, chosen, today=clock.today()))
    with left:
        tables.show(
            load(build_own, user, chosen),
            key="county_actions.own",
            file_name="行动机制",
            alt="本县区的行动机制",
        )
        st.write("修改记录")
        _show_list(user, chosen, "changes")


def _record(user: User, chosen: Filters, duties: tuple[OnRecord, ...]) -> None:
    """Put on record how far the county is with a duty."""
    one = st.selectbox(
        "登记哪一项",
        duties,
        format_func=lambda each: f"{each.duty.title} · {_state(each)}",
        help="按缓急排列：逾期的在前，已完成的在后。已登记的可以修改，原来的内容留存。",
    )
    duty = one.duty
    st.caption(
        plain(
            f"方案{duty.clause}：{duty.demand}。"
            f"应于 {day_of_week(one.due_on, beside=chosen.as_of)}前完成。"
        )
    )
    # Known by its row version: a click on what has changed since does nothing.
    with st.form(f"county_action.{duty.code}.{one.row_version}", border=True):
        detail = st.text_input(f"内容（{duty.detail}）", one.detail, max_chars=LONGEST_DETAIL)
        on = st.date_input(
            "完成日期（没有完成的留空）",
            one.done_on,
            max_value=clock.today(),
            format="YYYY-MM-DD",
        )
        evidence = st.text_area(
            "佐证（链接、文号或回执）",
            one.evidence,
            max_chars=LONGEST_EVIDENCE,
            height=80,
            help="登记完成须有佐证。佐证只记文字，不要写学生和家长的姓名、电话。",
        )
        pressed = st.form_submit_button("保存", type="primary")
    if pressed:
        done_on = on if isinstance(on, date) else None
        recorded = Recorded(duty.code, detail or "", done_on, evidence or "")
        saving.save(
            _SAID,
            lambda: county_actions.record(user, recorded, row_version=one.row_version),
            f"已保存：{duty.title}。",
        )


def _state(one: OnRecord) -> str:
    match State(one.state):
        case State.MISSING:
            return "逾期未完成"
        case State.DONE | State.LATE:
            return "已完成"
        case _:
            return "已填写，未登记完成" if one.detail else "未完成"


def _judged(conn: Any, *, scope: Scope, as_of: date) -> pd.DataFrame:
    campaign = reference.newest_campaign(conn)
    units = pd.DataFrame(
        [(unit.code, unit.name) for unit in reference.counties(conn, scope=scope)],
        columns=["county_code", "county"],
        dtype="str",
    )
    due = judgement.expected(campaign.starts_on, campaign.ends_on)
    actions = county_actions.county_actions(conn, scope=scope, as_of=as_of)
    return judgement.judged(actions, units, due, as_of=as_of)


def _duty_table(rows: pd.DataFrame, *, one_county: bool) -> Table:
    shown = rows.assign(
        duty=rows["duty"].map(judgement.TITLES),
        duty_state=[
            charts.state_words(*each)
            for each in zip(rows["state"], rows["days_late"], rows["detail"], strict=True)
        ],
        duty_due=rows["due_on"],
        duty_detail=rows["detail"],
        duty_evidence=rows["evidence"],
        duty_demand=rows["demand"],
    )
    columns = [
        *("duty", "duty_state", "duty_due", "done_on", "duty_detail", "duty_evidence"),
        *("duty_demand", "clause"),
    ]
    return table(
        shown,
        columns if one_county else ["county", *columns],
        wide=["duty_detail", "duty_evidence", "duty_demand"],
    )


def _change_table(rows: pd.DataFrame) -> Table:
    shown = rows.assign(
        duty=rows["duty"].map(judgement.TITLES),
        changed_column=rows["column_name"].map(_COLUMNS),
        changed_by=rows["changed_by"].fillna("文件导入"),
    )
    columns = [
        *("changed_on", "county", "duty", "changed_column", "old_value", "new_value"),
        "changed_by",
    ]
    return table(shown, columns, wide=["old_value", "new_value"])


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
