"""会议决定 on a page: what meetings decided, what became of it, and putting it on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import decisions as judgement
from analysis.decisions import State
from data_access import clock, decisions, vocabulary, weeks
from data_access.accounts import Permission, User
from data_access.decisions import Decided
from data_access.scope import Scope
from data_access.writing import WritingError
from ui import saving, tables
from ui.filters import Filters
from ui.formatting import day, plain
from ui.load import load
from ui.rows import in_words
from ui.tables import Table, table

CITY: Final = "全市"
_SAID: Final = "decisions.said"
_SHOWN: Final = "decisions.shown"
_STATES: Final = {State.DONE: "已完成", State.OVERDUE: "逾期", State.OPEN: "未完成"}


def build(conn: Any, *, scope: Scope, as_of: date, **_: Any) -> tuple[str, Table]:
    """Return what to call the list, and every decision up to the day, the newest meeting first."""
    rows = judgement.standing(decisions.decisions(conn, scope=scope, as_of=as_of), as_of=as_of)
    overdue = int((rows["state"] == State.OVERDUE).sum())
    undone = int((rows["state"] != State.DONE).sum())
    if rows.empty:
        title = "还没有登记会议决定"
    elif not undone:
        title = f"会议决定 {len(rows)} 项，全部完成"
    else:
        late = f"，其中逾期 {overdue} 项" if overdue else ""
        title = f"会议决定 {len(rows)} 项，未完成 {undone} 项{late}"
    shown = rows.assign(
        decided_at=rows["week"],
        decision_kind=in_words(rows["kind"], vocabulary.DECISION_KIND),
        decision_county=rows["county"].fillna(CITY),
        decision_state=rows["state"].map(_STATES),
        decision_due=rows["due_on"],
    )
    return title, table(
        shown,
        [
            *("decided_at", "what", "decision_state", "decision_due", "owner"),
            *("decision_county", "decision_kind", "done_on"),
        ],
        widest=["what"],
    )


def show(user: User, chosen: Filters) -> None:
    """List the decisions; who may record them gets the forms beside."""
    said = saving.told(_SAID)
    title, listed = load(build, user, chosen)
    # Known by what it lists, so that a choice never passes on to another row.
    versions = _versions(listed)
    _tell_of_changes((chosen.as_of, chosen.counties), versions, said=said)
    st.subheader(plain(title), anchor=False)
    records = user.may(Permission.DECISION_RECORD)
    left, right = st.columns([5, 3], gap="medium") if records else (st.container(), None)
    with left:
        row = None
        if not listed.empty:
            row = tables.show(
                listed,
                key=f"decisions.{_key_of(versions)}",
                file_name="会议决定",
                alt="会议决定" + ("，选中一行可改" if records else ""),
                height=320,
                select=records,
            )
        elif not records:
            st.caption("会议决定由市督查组登记；与本县区有关的会列在这里。")
    if right is not None:
        with right:
            _record(user, chosen, None if row is None else listed.frame.iloc[row])


def _record(user: User, chosen: Filters, one: pd.Series | None) -> None:
    """Put a decision on record, or change the one that is chosen."""
    # Known by its row version: a click on what has changed since does nothing.
    key = "decision.new" if one is None else f"decision.{one['id']}.{one['row_version']}"
    codes = [None, *chosen.offered]
    kinds = vocabulary.first_words(vocabulary.DECISION_KIND)
    week = weeks.reporting_week(chosen.as_of) if one is None else one["week"].date()
    with st.form(key, border=True):
        st.write("登记一项" if one is None else f"修改 {day(one['week'])}会议的这一项")
        what = st.text_area(
            "决定事项",
            "" if one is None else one["what"],
            max_chars=decisions.LONGEST_WHAT,
            height=80,
        )
        first, second = st.columns(2)
        kind = first.selectbox(
            "种类",
            list(kinds),
            index=0 if one is None else list(kinds).index(one["kind"]),
            format_func=kinds.__getitem__,
        )
        county = second.selectbox(
            "县区",
            codes,
            index=codes.index(None if one is None else _known(one["county_code"])),
            format_func=lambda code: CITY if code is None else chosen.offered[code],
        )
        owner = first.text_input(
            "责任人", "" if one is None else one["owner"], max_chars=decisions.LONGEST_OWNER
        )
        due = second.date_input(
            "期限（可不填）", None if one is None else _day(one["due_on"]), format="YYYY-MM-DD"
        )
        meeting = first.date_input("会议所在周的周四", week, format="YYYY-MM-DD")
        saved = st.form_submit_button("保存")
    if saved:
        wanted = Decided(
            meeting if isinstance(meeting, date) else week,
            what or "",
            owner or "",
            kind,
            county,
            due if isinstance(due, date) else None,
        )
        if one is None:
            _do(lambda: decisions.add(user, wanted), "已登记。")
        else:
            number, version = int(one["id"]), int(one["row_version"])
            _do(lambda: decisions.change(user, number, version, wanted), "已保存。")
    if one is not None:
        _finish(user, one, key)


def _finish(user: User, one: pd.Series, key: str) -> None:
    number, version = int(one["id"]), int(one["row_version"])
    done = _day(one["done_on"])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if done is None:
            on = st.date_input("完成日期", clock.today(), format="YYYY-MM-DD", key=f"{key}.on")
            if st.button("登记完成", key=f"{key}.done") and isinstance(on, date):
                _do(lambda: decisions.mark_done(user, number, version, on), "已登记完成。")
        elif st.button("改为未完成", key=f"{key}.undone"):
            _do(lambda: decisions.mark_done(user, number, version, None), "已改为未完成。")
        with st.popover("撤销这一项", type="tertiary"):
            st.write("撤销后不再列出，记录仍保留。")
            if st.button("确认撤销", key=f"{key}.withdraw"):
                _do(lambda: decisions.withdraw(user, number, version), "已撤销，不再列出。")


def _do(what: Callable[[], Any], said: str) -> None:
    try:
        what()
    except WritingError as error:
        saving.refused(error)
        return
    st.session_state[_SAID] = said
    st.rerun()


Versions = tuple[tuple[int, int], ...]


def _versions(listed: Table) -> Versions:
    """Return number and row version of each decision in the list."""
    rows = listed.frame
    return tuple(zip(rows["id"].tolist(), rows["row_version"].tolist(), strict=True))


def _key_of(versions: Versions) -> str:
    """Name a list by what is in it: another one has a decision more or less, or changed."""
    numbers = [number for number, _ in versions]
    return f"{len(versions)}.{max(numbers, default=0)}.{sum(version for _, version in versions)}"


def _tell_of_changes(asked: tuple[Any, ...], versions: Versions, *, said: bool) -> None:
    """Say that somebody else has changed the list since it was last on this screen."""
    shown = st.session_state.get(_SHOWN)
    st.session_state[_SHOWN] = (asked, versions)
    if shown is not None and shown[0] == asked and shown[1] != versions and not said:
        st.warning(
            "会议决定刚刚有人改动，下面是改动后的名单。您刚才的操作没有执行，请看过再做。",
            icon=":material/sync_problem:",
        )


def _known(value: Any) -> Any:
    return None if pd.isna(value) else value


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else value.date()
