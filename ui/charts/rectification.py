"""Charts of rectification items."""

from __future__ import annotations

from datetime import date
from typing import Final

import altair as alt
import pandas as pd

from analysis.rectification import AGE_WORDS
from ui import formatting
from ui.charts.base import TopLevel, beside_their_ends, county_selection, last_weeks_of, week_words
from ui.labels import LABELS
from ui.palette import AGES, BLUE, INK, INK_SOFT, PAPER, RED

_ROW: Final = 25  # pixels a county
_ROOM: Final = 1.6  # of the longest bar, for the words beside it


def ageing_bars(ageing: pd.DataFrame, counts: pd.DataFrame, *, as_of: date) -> TopLevel:
    """Draw the open items of each county by age, and how many of them are overdue.

    ``ageing`` is the result of ``analysis.rectification.ageing``; ``counts`` are the rows of
    ``rectification.open_on_days`` of the day, which name every county in its order. A click
    selects ``county_code``.
    """
    totals = counts[["county_code", "county", "open", "overdue"]].assign(
        open_written=[f"{formatting.count(n)} 件" for n in counts["open"]],
        overdue_written=[f"逾期 {formatting.count(n)}" if n else "" for n in counts["overdue"]],
    )
    parts = ageing.merge(counts[["county_code", "open"]], on="county_code").assign(
        age=[AGE_WORDS[band] for band in ageing["band"]],
        written=[
            f"{formatting.count(n)} 件，其中逾期 {formatting.count(late)} 件"
            for n, late in zip(ageing["n"], ageing["overdue"], strict=True)
        ],
    )
    y = alt.Y(
        "county:N",
        sort=counts["county"].tolist(),
        title=None,
        axis=alt.Axis(labelColor=INK, labelLimit=140),
        scale=alt.Scale(domain=counts["county"].tolist()),
    )
    scale = alt.Scale(domain=[0, max(int(counts["open"].max()), 1) * _ROOM], nice=False)
    chosen = county_selection()
    bars = (
        alt.Chart(parts)
        .mark_bar(size=12, yOffset=-3, cursor="pointer", stroke=PAPER, strokeWidth=0.5)
        .encode(
            x=alt.X("n:Q", stack="zero", title=None, scale=scale, axis=None),
            y=y,
            color=alt.Color(
                "age:N",
                scale=alt.Scale(domain=list(AGE_WORDS), range=list(AGES)),
                legend=alt.Legend(offset=2),
            ),
            order=alt.Order("band:O"),
            opacity=alt.when(chosen).then(alt.value(1)).otherwise(alt.value(0.35)),
            tooltip=[
                alt.Tooltip("county:N", title=LABELS["county"]),
                alt.Tooltip("age:N", title=LABELS["open_days"]),
                alt.Tooltip("written:N", title="未销号"),
                alt.Tooltip("open:Q", title="全县区未销号（件）"),
            ],
        )
        .add_params(chosen)
    )
    base = alt.Chart(totals).encode(
        y=y,
        tooltip=[
            alt.Tooltip("county:N", title=LABELS["county"]),
            alt.Tooltip("open:Q", title="未销号（件）"),
            alt.Tooltip("overdue:Q", title="其中逾期（件）"),
        ],
    )
    late = base.mark_bar(size=4, yOffset=6, color=RED).encode(
        x=alt.X("overdue:Q", scale=scale, axis=None)
    )
    total = base.mark_text(align="left", dx=6, dy=-3, color=INK).encode(
        x=alt.X("open:Q", scale=scale, axis=None), text="open_written:N"
    )
    overdue = base.mark_text(align="right", color=RED, fontWeight=600).encode(
        x=alt.value("width"), text="overdue_written:N"
    )
    return alt.layer(bars, late, total, overdue).properties(
        height=alt.Step(_ROW),
        title=alt.Title(
            f"未销号事项及其天数（件），截至 {formatting.day(as_of)}",
            subtitle="红色为其中逾期" + ("；点选县区可收窄本页" if len(counts) > 1 else ""),
        ),
    )


def flow_lines(weekly: pd.DataFrame, *, as_of: date, provisional: int = 0) -> TopLevel:
    """Draw what was opened against what was closed, week by week.

    ``weekly`` has one row a reporting week, oldest first: ``week``, ``opened``, ``closed``
    (counts). A week that is not over on ``as_of`` has a hollow point, as have the last
    ``provisional`` weeks, which are still filling up.
    """
    still_open = last_weeks_of(weekly["week"], provisional)
    frame = weekly.melt(id_vars="week", var_name="flow", value_name="n").assign(
        flow=lambda rows: rows["flow"].map({"opened": "登记", "closed": "销号"}),
        ended=lambda rows: (rows["week"] <= pd.Timestamp(as_of)) & ~rows["week"].isin(still_open),
        thursday=lambda rows: rows["week"].dt.strftime("%m-%d"),
        written=lambda rows: [f"{formatting.count(n)} 件" for n in rows["n"]],
        week_written=lambda rows: [week_words(week, as_of, still_open) for week in rows["week"]],
    )
    last = frame[frame["week"] == frame["week"].max()]
    last = last.assign(word=last["flow"] + " " + last["written"])
    x = alt.X(
        "thursday:O",
        title=None,
        sort=None,
        axis=alt.Axis(labelAngle=0, labelOverlap="parity", grid=False),
    )
    colour = alt.Color(
        "flow:N", scale=alt.Scale(domain=["登记", "销号"], range=[INK_SOFT, BLUE]), legend=None
    )
    line = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=x,
            y=alt.Y(
                "n:Q",
                title=None,
                axis=alt.Axis(tickCount=4, format="d"),
                # Room above for the higher of two words.
                scale=alt.Scale(domain=[0, max(int(frame["n"].max()), 4) * 1.15], nice=False),
            ),
            color=colour,
            strokeDash=alt.StrokeDash(
                "flow:N",
                scale=alt.Scale(domain=["登记", "销号"], range=[[5, 3], [1, 0]]),
                legend=None,
            ),
        )
    )
    points = (
        alt.Chart(frame)
        .mark_point(size=40, strokeWidth=2, opacity=1)
        .encode(
            x=x,
            y="n:Q",
            color=colour,
            fill=alt.when(alt.datum.ended).then(colour).otherwise(alt.value(PAPER)),
            tooltip=[
                alt.Tooltip("week_written:N", title=LABELS["week"]),
                alt.Tooltip("flow:N", title="　"),
                alt.Tooltip("written:N", title="件数"),
            ],
        )
    )
    heights = beside_their_ends(last["n"].tolist(), apart=18)
    words = [
        alt.Chart(last[place : place + 1])
        .mark_text(align="left", dx=10, fontWeight=600, fontSize=13)
        .encode(x=x, y=alt.value(height), text="word:N", color=colour)
        for place, height in enumerate(heights)
    ]
    return alt.layer(line, points, *words).properties(
        height=250,
        title=alt.Title(
            f"每周登记与销号（件），截至 {formatting.day(as_of)}",
            subtitle="报送周以周四为名；空心点为数字还会增加的周；重新整改计入登记",
        ),
    )
