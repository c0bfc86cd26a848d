"""The chart of the backtest: hit rates week by week."""

from __future__ import annotations

import altair as alt
import pandas as pd

from analysis.backtest import RANDOM, Result
from analysis.backtest_windows import REPORTS, SCORE
from analysis.backtest_words import WAY_WORDS
from analysis.indicators import SMALL_DENOMINATOR
from ui import formatting
from ui.charts.base import TopLevel
from ui.palette import BLUE, GREY, INK_SOFT

_COLOURS = {SCORE: BLUE, REPORTS: GREY, RANDOM: INK_SOFT}
_DASHES = {SCORE: [1, 0], REPORTS: [1, 0], RANDOM: [5, 4]}


def hit_rates(result: Result) -> TopLevel:
    """Draw for each origin the share of the first places at which something was found.

    A Thursday after which nothing was found, or few places were looked at, leaves a gap: of few
    places, most of them reports that proved true, the share would jump to all.
    """
    course = _every_thursday(result)
    frame = course.assign(
        word=course["way"].map(WAY_WORDS),
        rate=(course["precision"] * 100).where(course["visits"] >= SMALL_DENOMINATOR),
        thursday=course["origin"].dt.strftime("%m-%d"),
        day_written=[formatting.day_of_week(day) for day in course["origin"]],
        written=[
            formatting.share(*each) for each in zip(course["hits"], course["visits"], strict=True)
        ],
    ).drop(columns="origin")
    said = ["每个周四回看一次；抽签一线为抽签去的期望值"]
    if frame["rate"].isna().any():
        said.append(f"断开处：之后没有查出问题，或查过、核实过的不足 {SMALL_DENOMINATOR} 处")
    words = [WAY_WORDS[way] for way in _COLOURS]
    x = alt.X(
        "thursday:O",
        title=None,
        sort=None,
        axis=alt.Axis(labelAngle=0, labelOverlap="parity", grid=False),
    )
    y = alt.Y(
        "rate:Q",
        title=None,
        scale=alt.Scale(
            domain=[0, max(float(frame["rate"].fillna(0).max()) * 1.15, 10)], nice=False
        ),
        axis=alt.Axis(tickCount=5, labelExpr="datum.value + '%'"),
    )
    colour = alt.Color(
        "word:N",
        scale=alt.Scale(domain=words, range=list(_COLOURS.values())),
        legend=alt.Legend(symbolType="stroke", offset=2),
    )
    dash = alt.StrokeDash(
        "word:N",
        scale=alt.Scale(domain=words, range=list(_DASHES.values())),
        legend=None,
    )
    base = alt.Chart(frame).encode(x=x, y=y, color=colour)
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=dash)
    points = base.mark_point(size=36, filled=True, opacity=1).encode(
        tooltip=[
            alt.Tooltip("day_written:N", title="周四"),
            alt.Tooltip("word:N", title="办法"),
            alt.Tooltip("written:N", title="查出问题"),
        ]
    )
    return alt.layer(lines, points).properties(
        height=300,
        title=alt.Title(
            f"先去的 {formatting.count(result.capacity)} 处里，"
            f"之后 {result.horizon} 天查出问题的比例",
            subtitle=said,
        ),
    )


def _every_thursday(result: Result) -> pd.DataFrame:
    """Return the course with a row for every Thursday, also where it has none."""
    first, last = result.course["origin"].min(), result.course["origin"].max()
    thursdays = pd.date_range(first, last, freq="7D", unit="s")
    rows = pd.MultiIndex.from_product([thursdays, list(_COLOURS)], names=["origin", "way"])
    return result.course.set_index(["origin", "way"]).reindex(rows).reset_index()
