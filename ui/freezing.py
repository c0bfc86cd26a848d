"""冻结与修订 on a page: whether a week is frozen, and which of its figures are others now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from analysis import restated as judgement
from analysis.week_figures import limits, week_figures
from data_access import freezing, meeting_counts, reference, snapshots, weeks
from data_access.accounts import Permission, User
from data_access.freezing import AlreadyFrozenError, FreezeError
from data_access.scope import Scope
from ui import meeting, saving, tables
from ui.filters import Filters
from ui.formatting import day, plain
from ui.load import run
from ui.tables import Table, table

_SAID: Final = "freezing.said"
COLUMNS: Final = (
    *("county", "indicator_title", "frozen_written", "now_written"),
    *("difference_written", "why_restated"),
)


@dataclass(frozen=True, slots=True)
class View:
    """The week of the day, when it was frozen, and what of the last frozen week changed since."""

    week: date
    frozen_at: pd.Timestamp | None
    compared: date | None
    restated: Table | None
    headline: str
    when: str


def build(conn: Any, *, scope: Scope, as_of: date, with_files: bool) -> View:
    """Compare the last frozen week, that of the day or before it, with what is known now.

    ``with_files`` names the files that changed it: for those who import.
    """
    week = weeks.reporting_week(as_of)
    known = snapshots.weeks(conn, scope=scope)
    frozen = known[known["week"] <= pd.Timestamp(week)]
    of_week = frozen.loc[frozen["week"] == pd.Timestamp(week), "frozen_at"]
    compared = None if frozen.empty else frozen["week"].iloc[0].date()
    rows = None if compared is None else restated(conn, scope, compared, with_files=with_files)
    return View(
        week,
        of_week.iloc[0] if len(of_week) else None,
        compared,
        None if rows is None or rows.empty else table(rows, COLUMNS, widest=["why_restated"]),
        _headline(compared, rows),
        "" if frozen.empty else _when(frozen.iloc[0], with_reason=scope.counties is None),
    )


def restated(conn: Any, scope: Scope, week: date, *, with_files: bool) -> pd.DataFrame:
    """List the figures of a frozen week that are others now, each with what changed it."""
    frozen = snapshots.figures(conn, scope=scope, week_from=week, week_to=week)
    counts = meeting_counts.counts(conn, scope=scope, as_of=week, **limits())
    now = week_figures(counts, as_of=week)
    units = pd.DataFrame(
        [(unit.code, unit.name) for unit in reference.counties(conn, scope=scope)],
        columns=["county_code", "county"],
    )
    rows = judgement.restated(frozen.drop(columns="week"), now, units)
    changes = snapshots.changes(conn, scope=scope, week=week, with_files=with_files)
    return rows.assign(
        indicator_title=rows["title"],
        why_restated=judgement.reasons(changes, rows),
    )


def _headline(compared: date | None, rows: pd.DataFrame | None) -> str:
    if compared is None or rows is None:
        return "还没有冻结过的周，没有可比的会上数字"
    if rows.empty:
        return f"{day(compared)}会上的数字至今没有变化"
    counties = rows["county_code"].nunique()
    return f"{day(compared)}会上的数字此后有 {len(rows)} 个变化，涉及 {counties} 个县区"


def _when(week: pd.Series[Any], *, with_reason: bool) -> str:
    """Say when a week was frozen, and that it was not for the first time.

    The reason may name any county, so it is for those who read of all.
    """
    said = f"冻结于 {week['frozen_at']:%Y-%m-%d %H:%M}"
    if week["replaced"]:
        said += f"；此前冻结过 {week['replaced']} 次"
        said += f"，重新冻结的原因：{week['reason']}" if with_reason else ""
    return said


def show(user: User, chosen: Filters) -> None:
    """Say whether the week is frozen, let a supervisor freeze it, and list what changed since."""
    saving.told(_SAID)
    asked = {
        "scope": meeting.released(user, chosen),
        "as_of": chosen.as_of,
        "with_files": user.may(Permission.LEDGER_IMPORT),
    }
    view: View = run(build, user, asked)
    st.subheader(plain(view.headline), anchor=False)
    if view.when:
        st.caption(plain(view.when))
    if user.may(Permission.MEETING_FREEZE):
        _freeze(user, view)
    if view.restated is not None:
        tables.show(
            view.restated,
            key="freezing.restated",
            file_name=f"{view.compared:%m-%d}会上数字的修订",
            alt="会上数字此后的变化和原因",
            height=320,
        )


def _freeze(user: User, view: View) -> None:
    words = f"{day(view.week)}这一周"
    if view.frozen_at is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                plain(f"{words}的会上数字还没有冻结。只数已公布的，冻结后不随迟报、更正改变。")
            )
            if st.button(f"冻结 {words}", key=f"freezing.{view.week}"):
                _do(user, view.week)
        return
    when = f"{words}已于 {view.frozen_at:%Y-%m-%d %H:%M} 冻结"
    with st.expander(plain(when)):
        reason = st.text_input(
            "确需以现在的数字取代，请写明原因（原来的数字会留存）", key=f"freezing.why.{view.week}"
        )
        if st.button("重新冻结", key=f"freezing.again.{view.week}"):
            _do(user, view.week, force=True, reason=reason)


def _do(user: User, week: date, **again: Any) -> None:
    try:
        done = freezing.freeze_week(user, week, **again)
    except (AlreadyFrozenError, FreezeError) as error:
        saving.refused(error)
        return
    st.session_state[_SAID] = f"{day(done.week)}这一周的 {done.figures} 个数字已冻结。"
    st.rerun()
