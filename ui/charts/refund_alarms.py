"""The chart of weekly counts of refund disputes with the bounds of their alarms."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from analysis.alarms import LEAST_RULES
from ui import formatting
from ui.charts.base import TopLevel
from ui.palette import BLUE, BLUE_PALE, BLUE_SOFT, GREY, RED

_BOUNDS: Final = {"c1": ("C1", BLUE_SOFT), "c2": ("C2", GREY), "nb": ("负二项", BLUE)}
_HEIGHT: Final = 200


def course_bars(course: pd.DataFrame) -> TopLevel:
    """Draw the weeks of one series, those that give an alarm in red, and the three bounds.

    ``course`` is ``analysis.alarms.course``.
    """
    frame = course.assign(
        thursday=course["week"].dt.strftime("%m-%d"),
        raised=(course["passed"] >= LEAST_RULES),
        written=[formatting.count(n) + " 件" if n == n else "尚无台账" for n in course["n"]],
        week_written=[f"{formatting.day(week)}一周" for week in course["week"]],
    )
    x = alt.X(
        "thursday:O",
        title=None,
        sort=None,
        axis=alt.Axis(labelAngle=0, labelOverlap="parity", grid=False),
    )
    y = alt.Y("n:Q", title=None, axis=alt.Axis(tickCount=4, format="d"))
    bars = (
        alt.Chart(frame)
        .mark_bar(size=14)
        .encode(
            x=x,
            y=y,
            color=alt.when(alt.datum.raised).then(alt.value(RED)).otherwise(alt.value(BLUE_PALE)),
            tooltip=[
                alt.Tooltip("week_written:N", title="报送周"),
                alt.Tooltip("written:N", title="登记"),
                *(
                    alt.Tooltip(f"{rule}:Q", title=f"{word} 界限", format=".1f")
                    for rule, (word, _) in _BOUNDS.items()
                ),
            ],
        )
    )
    long = frame.melt(["thursday"], list(_BOUNDS), "rule", "bound").dropna()
    long["rule"] = long["rule"].map({rule: word for rule, (word, _) in _BOUNDS.items()})
    lines = (
        alt.Chart(long)
        .mark_line(interpolate="step", strokeWidth=1.5)
        .encode(
            x=x,
            y=alt.Y("bound:Q", title=None),
            color=alt.Color(
                "rule:N",
                scale=alt.Scale(
                    domain=[word for word, _ in _BOUNDS.values()],
                    range=[colour for _, colour in _BOUNDS.values()],
                ),
                legend=alt.Legend(offset=2, symbolType="stroke"),
            ),
        )
    )
    return alt.layer(bars, lines).properties(
        height=_HEIGHT,
        title=alt.Title(
            "每周登记（件）与三条界限",
            subtitle="红：至少越过两条。C1、C2 与前 7 周比（C2 隔开最近两周），负二项与前 13 周比",
        ),
    )
