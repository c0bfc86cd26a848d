"""Charts of what courses cost: an institution's prices over the years, and where its peers lie."""

from __future__ import annotations

from datetime import date
from typing import Final

import altair as alt
import pandas as pd

from analysis.wording import day
from ui.charts.base import TopLevel
from ui.labels import LABELS
from ui.palette import BLUE_SOFT, GREY, GREY_LIGHT, INK, INK_SOFT, RED

_HEIGHT: Final = 190
_STRIP_HEIGHT: Final = 150


def price_steps(history: pd.DataFrame, *, as_of: date, baseline_on: date, peers: float) -> TopLevel:
    """Draw what an institution's courses of a kind cost a standard lesson, day by day.

    ``history`` is ``analysis.price_evidence.history``; ``peers`` what the others lead to expect.
    """
    frame = history.assign(
        written=[f"{price:,.1f} 元" for price in history["standard"]],
        day_written=[day(each, beside=as_of) for each in history["effective_on"]],
    )
    # A price stays in force until the next: each line goes on to the day.
    last = frame.drop_duplicates(["course", "class_size"], keep="last")
    until = pd.concat([frame, last.assign(effective_on=pd.Timestamp(as_of))], ignore_index=True)
    highest = max(float(frame["standard"].max()), peers) * 1.2
    columns = ["course", "class_size", "effective_on", "standard", "is_it", "written"]
    colour = alt.when(alt.datum.is_it).then(alt.value(RED)).otherwise(alt.value(GREY))
    x = alt.X("effective_on:T", title=None, axis=alt.Axis(format="%Y-%m", grid=False, tickCount=6))
    y = alt.Y(
        "standard:Q",
        title=None,
        axis=alt.Axis(tickCount=4),
        scale=alt.Scale(domain=[0, highest], nice=False),
    )
    lines = (
        alt.Chart(until[columns])
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(x=x, y=y, detail=["course:N", "class_size:N"], color=colour)
    )
    points = (
        alt.Chart(frame[[*columns, "day_written", "lesson_minutes"]])
        .mark_point(filled=True, size=45, opacity=1)
        .encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("course:N", title=LABELS["course"]),
                alt.Tooltip("day_written:N", title="执行日期"),
                alt.Tooltip("written:N", title="每标准课时"),
                alt.Tooltip("lesson_minutes:Q", title="每课时（分钟）"),
            ],
        )
    )
    names = (
        alt.Chart(last[columns].assign(effective_on=pd.Timestamp(as_of)))
        .mark_text(align="right", dy=-9, dx=-2)
        .encode(x=x, y=y, text="course:N", color=colour)
    )
    rule = (
        alt.Chart(pd.DataFrame({"at": [pd.Timestamp(baseline_on)], "words": ["暑期前"]}))
        .mark_rule(strokeDash=[4, 3], color=GREY)
        .encode(x="at:T")
    )
    level = pd.DataFrame({"at": [peers], "words": [f"同行参照价 {peers:,.1f} 元"]})
    others = alt.Chart(level).mark_rule(strokeDash=[2, 2], color=BLUE_SOFT).encode(y=alt.Y("at:Q"))
    words = (
        alt.Chart(level)
        .mark_text(align="left", x=4, dy=9, color=BLUE_SOFT)
        .encode(y=alt.Y("at:Q"), text="words:N")
    )
    return alt.layer(rule, others, words, lines, points, names).properties(
        height=_HEIGHT,
        title=alt.Title(
            f"本机构同类课程的价格（元/人·标准课时），截至 {day(as_of)}",
            subtitle=(
                "红线为疑似涨价的课程，灰线为本机构其他同类课程",
                f"竖虚线为暑期前基准日 {day(baseline_on, beside=as_of)}",
            ),
        ),
    )


def peer_strip(
    peers: pd.DataFrame, *, institution_id: int, price: float, middle: float
) -> TopLevel:
    """Draw a mark for each institution that teaches the same, and where this one stands.

    ``peers`` is ``analysis.price_evidence.peers``; ``price`` the suspected course's, ``middle``
    what the others lead to expect.
    """
    others = peers[peers["institution_id"] != institution_id][["institution_name", "standard"]]
    frame = others.assign(written=[f"{each:,.1f} 元" for each in others["standard"]])
    highest = max(float(frame["standard"].max()) if len(frame) else 0.0, price, middle) * 1.08
    x = alt.X(
        "standard:Q",
        title=None,
        axis=alt.Axis(tickCount=6, grid=True),
        scale=alt.Scale(domain=[0, highest], nice=False),
    )
    y = alt.Y("row:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 4], nice=False))
    ticks = (
        alt.Chart(frame.assign(row=2))
        .mark_tick(color=GREY_LIGHT, thickness=3, size=30, opacity=0.9, orient="vertical")
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("institution_name:N", title=LABELS["institution_name"]),
                alt.Tooltip("written:N", title="每标准课时"),
            ],
        )
    )
    marks = pd.DataFrame(
        {
            "standard": [middle, price],
            "words": [f"同行参照价 {middle:,.1f} 元", f"本机构 {price:,.1f} 元"],
            "is_it": [False, True],
            "row": [2, 2],
        }
    )
    colour = alt.when(alt.datum.is_it).then(alt.value(RED)).otherwise(alt.value(INK_SOFT))
    own = (
        alt.Chart(marks)
        .mark_tick(thickness=4, size=42, opacity=1, orient="vertical")
        .encode(x=x, y=y, color=colour, tooltip=[alt.Tooltip("words:N", title="价格")])
    )
    # Above and below the marks, and on the side where there is room.
    words = [
        alt.Chart(marks[marks["is_it"] == is_it].assign(row=row))
        .mark_text(align="right" if place > highest / 2 else "left", color=INK)
        .encode(x=x, y=y, text="words:N")
        for is_it, row, place in ((False, 0.35, middle), (True, 3.65, price))
    ]
    return alt.layer(ticks, own, *words).properties(
        height=_STRIP_HEIGHT,
        title=alt.Title(
            f"本县区同行的价格（{len(frame)} 家，元/人·标准课时）",
            subtitle="每条竖线一家机构（同类课程的中位价）；红线为所选课程",
        ),
    )
