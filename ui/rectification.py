"""Rectification on screen: its figures, the lists of items and the history of one."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from analysis.rectification import RelapseRate, by_urgency, closed_between
from data_access import rectification_items, vocabulary
from data_access.rectification import relapse_on
from data_access.weeks import WEEK, first_day, reporting_week
from ui import formatting, row_panel, tables
from ui.filters import Filters
from ui.formatting import is_missing, plain
from ui.metrics import Figure
from ui.rows import in_words
from ui.tables import Table, table

# Which rows the list holds, as addresses name them.
ROWS: Final = {
    "open": "未销号",
    "submitted": "待复核",
    "overdue": "逾期",
    "due": "本周到期",
    "closed": "本周销号",
    "relapsed": "反弹",
}
LIST_HEIGHT: Final = 330
_OPEN: Final = (
    *("county", "urgency", "where", "issue_type", "severity", "due_on", "open_days"),
    *("last_step", "responsible_department", "source", "opened_on", "place_name", "ledger_no"),
)
_CLOSED: Final = (
    *("county", "closed_on", "where", "issue_type", "severity", "due_on"),
    *("responsible_department", "source", "opened_on", "place_name", "ledger_no"),
)
_SUBMITTED: Final = (
    *("county", "handed_in_on", "where", "issue_type", "severity", "source", "due_on"),
    *("submitted_by", "responsible_department", "opened_on", "place_name", "ledger_no"),
)
_RELAPSED: Final = ("county", "relapsed_on", *_CLOSED[1:4], "last_step", *_CLOSED[4:])
_INCIDENTS: Final = {"report": "举报属实", "inspection": "检查发现违规"}


class View(NamedTuple):
    """What the page says of the counties chosen; charts as Vega-Lite.

    ``waiting`` is how many items waited for the supervisor on the day.
    """

    headline: str
    figures: tuple[Figure, ...]
    ageing: dict[str, Any]
    flow: dict[str, Any]
    relapse: str
    waiting: int


def waiting(items: pd.DataFrame) -> int:
    """Count items that waited for the supervisor on the day of ``rectification_items.open_items``.

    The last step that was known of them by then is that they were handed in.
    """
    return int((items["last_step"] == "submit").sum())


def build_list(conn: Any, *, rows: str, **asked: Any) -> Table:
    """List the items that ``rows`` names."""
    week = reporting_week(asked["as_of"])
    if rows == "submitted":
        return submitted_rows(rectification_items.submitted_items(conn, **asked))
    if rows == "closed":
        since = first_day(week)
        return closed_rows(rectification_items.closed_items(conn, **asked, since=since))
    if rows == "relapsed":
        return relapsed_rows(rectification_items.relapsed_items(conn, **asked))
    items = rectification_items.open_items(conn, **asked)
    ranked = by_urgency(items, as_of=asked["as_of"], week_ends_on=week)
    return open_rows(ranked if rows == "open" else ranked[ranked["stage"] == rows])


def figures(
    counts: pd.DataFrame, closures: pd.DataFrame, *, as_of: date, beside: date
) -> tuple[Figure, ...]:
    """Return open, overdue, due this week, closed this week and relapse rate.

    ``counts`` is ``rectification.open_on_days`` of ``as_of`` and of the same weekday of the
    week before; ``closures`` is ``rectification.closures`` of ``as_of``.
    ``beside`` is the last day of the campaign: days of another year say so.
    """
    then, friday = as_of - WEEK, first_day(reporting_week(as_of))
    is_now = counts["day"] == pd.Timestamp(as_of)
    sums = ["open", "overdue", "due_this_week"]
    now = {name: int(counts.loc[is_now, name].sum()) for name in sums}
    difference = {name: now[name] - int(counts.loc[~is_now, name].sum()) for name in sums}
    closed = closed_between(closures, friday, as_of)
    closed_before = closed_between(closures, friday - WEEK, then)
    rate, rate_before = (RelapseRate.of(relapse_on(closures, day)) for day in (as_of, then))
    difference_in_rate = rate.share - rate_before.share
    count, change = formatting.count, formatting.change
    since, today = (formatting.day_of_week(day, beside=beside) for day in (friday, as_of))
    return (
        Figure(
            "未销号",
            f"{count(now['open'])} 件",
            f"截至 {today}已登记（或重新整改）、尚未销号的事项。",
            change(difference["open"], "件"),
        ),
        Figure(
            f"其中逾期　{formatting.fraction(now['overdue'], now['open'])}",
            f"{count(now['overdue'])} 件",
            f"截至 {today}未销号、且整改期限已过的事项；期限当天不算逾期。",
            change(difference["overdue"], "件"),
            worse=difference["overdue"] > 0,
        ),
        Figure(
            "本周到期",
            f"{count(now['due_this_week'])} 件",
            f"未销号、整改期限在 {today}到本报送周周四之间的事项。",
            change(difference["due_this_week"], "件"),
        ),
        Figure(
            "本周销号",
            f"{count(closed)} 件",
            f"{since}到 {today}的销号次数，与上一周的同样几天相比。",
            change(closed - closed_before, "件"),
        ),
        Figure(
            f"反弹率　{formatting.fraction(rate.relapsed, rate.closed_before)}",
            formatting.percent(rate.share),
            f"截至 {today}，销号满 30 天的事项中，后来重新整改的，或销号后 30 天内同一机构"
            "（没有对上机构的，同一地点）又有举报属实、检查发现违规的。",
            None if is_missing(difference_in_rate) else formatting.points(difference_in_rate),
            worse=difference_in_rate > 0,
        ),
    )


def open_rows(ranked: pd.DataFrame) -> Table:
    """List items; ``ranked`` is the result of ``analysis.rectification.by_urgency``."""
    return table(_worded(ranked), _OPEN)


def submitted_rows(items: pd.DataFrame) -> Table:
    """List what waits for the supervisor; from ``rectification_items.submitted_items``."""
    return table(_worded(items), _SUBMITTED)


def closed_rows(items: pd.DataFrame) -> Table:
    """List close-outs, the latest first; ``items`` from ``rectification_items.closed_items``."""
    return table(_worded(_latest(items, "closed_on")), _CLOSED)


def relapsed_rows(items: pd.DataFrame) -> Table:
    """List relapses, the latest first; from ``rectification_items.relapsed_items``."""
    return table(_worded(_latest(items, "relapsed_on")), _RELAPSED)


def history_rows(history: pd.DataFrame) -> Table:
    """List what happened to one item; ``history`` is that of ``analysis.rectification``."""
    notes = [_note(row) for row in history.to_dict("records")]
    written = history.assign(
        step_written=in_words(history["step"], vocabulary.RECTIFICATION_STEP).fillna(
            history["kind"].map(_INCIDENTS)
        ),
        note=pd.Series(notes, index=history.index, dtype="str"),
    )
    return table(written, ["happened_on", "step_written", "actor", "note"], wide=["note"])


def _latest(items: pd.DataFrame, day: str) -> pd.DataFrame:
    return items.sort_values(day, ascending=False, kind="stable", ignore_index=True)


def _worded(items: pd.DataFrame) -> pd.DataFrame:
    return items.assign(
        where=items["institution_name"].fillna(items["place_name"]),
        severity=in_words(items["severity"].astype("str"), vocabulary.SEVERITY),
        source=in_words(items["source"], vocabulary.RECTIFICATION_SOURCE),
        last_step=in_words(items["last_step"], vocabulary.RECTIFICATION_STEP),
    )


def _note(row: dict[Any, Any]) -> str | None:
    """Write what is known about a step or an incident."""
    if row["kind"] == "step":
        said = [] if is_missing(row["note"]) else [row["note"]]
        if row["inferred"]:
            said.append("由台账状态推得，日期为收到之日")
        return "；".join(said) or None
    what = "" if is_missing(row["what"]) else f"，{row['what']}"
    if row["kind"] == "inspection":
        return f"检查 {row['number']}{what}"
    return f"线索 {row['number']}{what}，{formatting.day(row['known_on'])}核实"


def show_list(found: Table, rows: str, *, asked: Filters, waiting: int) -> int | None:
    """Draw the list that ``rows`` names; return the id of the item chosen in it, if any.

    ``asked`` is what else the reader chose the list by, ``waiting`` that of the :class:`View`.
    """
    word = ROWS[rows]
    if rows == "submitted":
        then = f"{formatting.day(asked.as_of)}时待复核 {formatting.count(waiting)} 件"
        st.caption(plain(f"这是现在的名单，等得最久的在前，不随统计日期变；{then}。"))
    ids = found.frame["rectification_id"].tolist()
    key, place = row_panel.list_key(f"rectification.{rows}", ids), None
    if found.empty:
        when = "现在" if rows == "submitted" else "截至统计日期，"
        st.info(f"{when}所选范围内没有“{word}”的事项。可换一个县区、类别、日期或名单。")
    else:
        place = tables.show(
            found,
            key=key,
            file_name=f"整改事项（{word}）",
            alt=f"整改事项名单：{word}",
            height=LIST_HEIGHT,
            select=True,
        )
    chosen = None if place is None else int(ids[place])
    return row_panel.keep_chosen(("rectification", rows, asked), key, chosen)


def tell_of_queue(queue: Table) -> None:
    """Say how many items wait now for the supervisor to verify them, and since when."""
    if queue.empty:
        st.caption("现在没有待复核的事项。")
        return
    first = queue.frame["handed_in_on"].min()
    since = "" if is_missing(first) else f"，最早的 {formatting.day(first)}提交"
    said = f"现在待复核 {formatting.count(len(queue.frame))} 件{since}"
    st.info(plain(said), icon=":material/rule:")
