"""Refund disputes on screen: their figures, the lists and the disputes of one institution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis import refund_plans as plan_judgement
from analysis import refunds as judgement
from analysis.wording import MINUS
from data_access import refunds as queries
from data_access import vocabulary
from data_access.weeks import WEEK, first_day, reporting_week
from ui import formatting, refund_alarms, refund_plans, row_panel, tables
from ui.filters import Filters
from ui.formatting import plain
from ui.metrics import Figure
from ui.rows import in_words
from ui.tables import Table, table

# Which rows the list holds, as addresses name them.
ROWS: Final = {
    "watched": "一企一策",
    "open": "未化解",
    "opened": "本周登记",
    "resolved": "本周化解",
    "litigation": "诉讼中",
    "alarms": "预警",
}
# What a row is known by: a dispute by its number, anything else by all there are of the others.
_NAMES: Final = ("dispute_id", "week", "county_code", "institution_id", "name_key")
LIST_HEIGHT: Final = 330
_WATCHED: Final = (
    *("county", "institution_name", "plan_written", "next_due_on", "next_step", "reason"),
    *("open", "students", "amount_yuan", "recent", "oldest_on", "plan_in_place"),
)
_OPEN: Final = (
    *("county", "institution_name", "waiting_days", "students", "amount_yuan", "state"),
    *("plan_in_place", "standard_contract", "opened_on", "dispute_no"),
)
_ALL: Final = (
    *("county", "institution_name", "opened_on", "students", "amount_yuan", "state", "route"),
    *("resolved_on", "waiting_days", "refunded_yuan", "plan_in_place", "standard_contract"),
    "dispute_no",
)


class View(NamedTuple):
    """What the page says of the counties chosen; charts as Vega-Lite.

    ``units`` is how many counties the first chart has.
    """

    headline: str
    figures: tuple[Figure, ...]
    counties: dict[str, Any]
    flow: dict[str, Any]
    course: dict[str, Any]
    durations: dict[str, Any]
    notes: str
    units: int


def notes(everywhere: pd.DataFrame, found: pd.DataFrame) -> str:
    """Say how concentrated the money is, and who on the watch list has no plan."""
    of_the_largest = judgement.concentration_sentence(judgement.concentration(everywhere))
    return of_the_largest + plan_judgement.sentence(found)


def build_institution(conn: Any, **asked: Any) -> Table:
    """List all disputes of one institution, the newest first."""
    return institution_rows(queries.disputes_of(conn, **asked), as_of=asked["as_of"])


def build_list(conn: Any, *, rows: str, **asked: Any) -> tuple[str, Table]:
    """List the institutions or disputes that ``rows`` names, and say what there is to say."""
    if rows == "alarms":
        return refund_alarms.build_list(conn, **asked)
    return "", _plain_list(conn, rows=rows, **asked)


def _plain_list(conn: Any, *, rows: str, **asked: Any) -> Table:
    as_of = asked["as_of"]
    if rows == "watched":
        found = queries.by_institution(conn, **asked, recent_days=judgement.WATCH.days)
        return watched_rows(refund_plans.watched(conn, found, **asked))
    if rows in ("open", "litigation"):
        return open_rows(queries.open_disputes(conn, **asked), as_of=as_of, state=rows)
    query = queries.opened_disputes if rows == "opened" else queries.resolved_disputes
    friday = first_day(reporting_week(as_of))
    return dispute_rows(query(conn, **asked, since=friday), as_of=as_of)


def figures(
    course: pd.DataFrame,
    season: Sequence[pd.DataFrame],
    week_before: Sequence[pd.DataFrame],
    median_age: float,
    *,
    as_of: date,
    beside: date,
) -> tuple[Figure, ...]:
    """Return open disputes, students, money, opened and resolved this week, and median age.

    ``course`` has one row a week, the last two being the same weekday of the week before and
    ``as_of``: ``open``, ``students``, ``amount_yuan``. ``season`` are the ``weekly_counts`` of
    what was opened and of what was resolved, ``week_before`` the same as of a week earlier.
    ``beside`` is the last day of the campaign: days of another year say so.
    """
    now, before = course.iloc[-1], course.iloc[-2]
    opened, resolved = (_in_week(counts, as_of) for counts in season)
    opened_before, resolved_before = (_in_week(counts, as_of - WEEK) for counts in week_before)
    count, change = formatting.count, formatting.change
    friday, today = (
        formatting.day_of_week(day, beside=beside)
        for day in (first_day(reporting_week(as_of)), as_of)
    )
    week = f"{friday}到 {today}"
    amount = float(now["amount_yuan"] - before["amount_yuan"])
    return (
        Figure(
            "未化解",
            f"{count(now['open'])} 件",
            f"截至 {today}已登记、尚未化解的纠纷；进入诉讼的，判决或调解之前都算未化解。",
            change(now["open"] - before["open"], "件"),
        ),
        Figure(
            "涉及学生",
            f"{count(now['students'])} 人",
            f"截至 {today}未化解纠纷涉及的学生。",
            change(now["students"] - before["students"], "人"),
        ),
        Figure(
            "涉及金额",
            formatting.yuan(now["amount_yuan"]),
            f"截至 {today}未化解纠纷涉及的金额。",
            _yuan_change(amount),
        ),
        Figure(
            "本周登记",
            f"{count(opened)} 件",
            f"{week}登记的纠纷，与上一周的同样几天相比。",
            change(opened - opened_before, "件"),
        ),
        Figure(
            "本周化解",
            f"{count(resolved)} 件",
            f"{week}化解的纠纷，与上一周的同样几天相比。",
            change(resolved - resolved_before, "件"),
        ),
        Figure(
            "未化解中位天数",
            formatting.MISSING if formatting.is_missing(median_age) else f"{median_age:.0f} 天",
            f"截至 {today}未化解的纠纷，登记至今天数的中位数。",
        ),
    )


def _in_week(counts: pd.DataFrame, day: date) -> int:
    """Return what ``weekly_counts`` counted in the reporting week of ``day``."""
    return int(counts.loc[counts["week"] == pd.Timestamp(reporting_week(day)), "n"].sum())


def _yuan_change(difference: float) -> str:
    if round(difference) == 0:
        return "持平"
    sign = "+" if difference > 0 else MINUS
    return f"{sign}{formatting.yuan(abs(difference))}"


def watched_rows(found: pd.DataFrame) -> Table:
    """List institutions to watch; ``found`` is ``refund_plans.watched``."""
    rows = refund_plans.written(found)
    wide, whole = ["next_step", "reason"], ["plan_written"]
    return table(rows, _WATCHED, money=["amount_yuan"], wide=wide, whole=whole)


def open_rows(disputes: pd.DataFrame, *, as_of: date, state: str = "open") -> Table:
    """List what ``refunds.open_disputes`` found, the oldest first; litigation: those alone."""
    if state == "litigation":
        disputes = disputes[disputes["state"] == "litigation"]
    oldest = disputes.sort_values(["opened_on", "amount_yuan"], ascending=[True, False])
    return table(_worded(oldest, as_of).reset_index(drop=True), _OPEN, money=["amount_yuan"])


def dispute_rows(disputes: pd.DataFrame, *, as_of: date) -> Table:
    """List disputes, open or not, the newest first."""
    newest = disputes.sort_values(["opened_on", "dispute_no"], ascending=False, ignore_index=True)
    return table(_worded(newest, as_of), _ALL, money=["amount_yuan", "refunded_yuan"])


def institution_rows(disputes: pd.DataFrame, *, as_of: date) -> Table:
    """List the disputes of one institution, the newest first."""
    return table(_worded(disputes, as_of), _ALL[2:], money=["amount_yuan", "refunded_yuan"])


def _worded(disputes: pd.DataFrame, as_of: date) -> pd.DataFrame:
    until = disputes["resolved_on"].fillna(pd.Timestamp(as_of))
    waited = (until - disputes["opened_on"]).dt.days.astype("Int64")
    return disputes.assign(
        waiting_days=waited.where(waited >= 0),  # resolved before it was opened: nobody knows
        state=in_words(disputes["state"], vocabulary.DISPUTE_STATUS),
        route=in_words(disputes["route"], vocabulary.DISPUTE_ROUTE),
    )


def show_list(
    listed: tuple[str, Table], rows: str, *, asked: Filters
) -> tuple[dict[str, Any] | None, int | None]:
    """Draw the list that ``rows`` names; return the row chosen in it, and the id of its dispute.

    A row of 一企一策 is an institution, and no dispute, one of 预警 that or a county. ``asked`` is
    what else the reader chose the list by.
    """
    word, (said, found) = ROWS[rows], listed
    if said:
        st.caption(plain(said))
    named = [name for name in _NAMES if name in found.frame]
    known_by = named[:1] if "dispute_id" in named else named
    ids = found.frame[known_by].astype("str").to_numpy().ravel().tolist()
    key, place = row_panel.list_key(f"refunds.{rows}", ids), None
    if found.empty:
        st.info(f"截至统计日期，所选范围内没有“{word}”的记录。可换一个县区、类别、日期或名单。")
    else:
        place = tables.show(
            found,
            key=key,
            file_name=f"退费纠纷（{word}）",
            alt=f"退费纠纷名单：{word}",
            height=LIST_HEIGHT,
            select=True,
        )
    row = None if place is None else {**found.frame.iloc[place]}
    dispute = int(row["dispute_id"]) if row and "dispute_id" in row else None
    return row, row_panel.keep_chosen(("refunds", rows, asked), key, dispute)


def show_institution(
    chosen: dict[str, Any] | None, of: Callable[..., Table], dispute: int | None
) -> int | None:
    """Draw the disputes of the institution of the chosen row; ``of`` gives them.

    Returns the dispute that is chosen among them, else ``dispute``.
    """
    institution = None if chosen is None else refund_plans.institution_of(chosen)
    if chosen is None or institution is None:
        return dispute
    found = of(county_code=chosen["county_code"], institution=institution)
    name = chosen["institution_name"]
    st.markdown(f"**{plain(name)}**：全部 {len(found.frame)} 件纠纷，新的在前")
    ids = found.frame["dispute_id"].tolist()
    place = tables.show(
        found,
        key=row_panel.list_key("refunds.institution", ids),
        file_name=f"{name}的退费纠纷",
        alt="所选机构的全部退费纠纷",
        height=LIST_HEIGHT,
        select=True,
    )
    return dispute if place is None else int(ids[place])


def show_charts(view: View, beside: DeltaGenerator | None) -> None:
    """Draw the courses of the weeks and how long disputes last.

    ``beside`` is where there is room for one of them, if there is.
    """
    st.caption(plain(view.notes))
    columns = [beside, *st.columns(2)] if beside else st.columns(3)
    words = ("每周登记与按途径化解", "未化解的件数、学生和金额", "登记后还有多少未化解")
    for column, name, alt in zip(columns, ("flow", "course", "durations"), words, strict=True):
        column.vega_lite_chart(spec=getattr(view, name), key=f"refunds.{name}", alt=alt)
