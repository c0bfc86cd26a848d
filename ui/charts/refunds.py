"""Charts of refund disputes."""

from __future__ import annotations

from datetime import date
from typing import Final

import altair as alt
import pandas as pd

from analysis.durations import answer, details, turned_round
from analysis.refunds import days_taken
from ui import formatting
from ui.charts.base import TopLevel, county_selection, last_weeks_of, week_words, whose
from ui.labels import LABELS
from ui.palette import BLUE, BLUE_PALE, BLUE_SOFT, GREY_LIGHT, INK, PAPER

_ROW: Final = 25  # pixels a county
_ROOM: Final = 2.3  # of the longest bar, for the words beside it
_OPENED: Final = "登记"
_ROUTES: Final = {
    "refund": "退费",
    "course_exchange": "兑课",
    "legal": "法律途径",
    "": "途径未填",
}
_ROUTE_COLOURS: Final = (BLUE, BLUE_SOFT, BLUE_PALE, GREY_LIGHT)
_HEIGHT: Final = 220


def county_bars(counts: pd.DataFrame, *, as_of: date) -> TopLevel:
    """Draw the open disputes of each county, with students and money.

    ``counts`` are the rows of ``refunds.open_on_days`` of the day. A click selects
    ``county_code``.
    """
    frame = counts[["county_code", "county", "open"]].assign(
        students=[f"{formatting.count(n)} 人" for n in counts["students"]],
        amount=[formatting.yuan(amount) for amount in counts["amount_yuan"]],
    )
    frame["label"] = [
        f"{formatting.count(n)} 件 · {students} · {amount}" if n else "0 件"
        for n, students, amount in zip(
            frame["open"], frame["students"], frame["amount"], strict=True
        )
    ]
    chosen = county_selection()
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "county:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelColor=INK, labelLimit=140),
        ),
        x=alt.X(
            "open:Q",
            title=None,
            axis=None,
            scale=alt.Scale(domain=[0, max(int(counts["open"].max()), 1) * _ROOM], nice=False),
        ),
        tooltip=[
            alt.Tooltip("county:N", title=LABELS["county"]),
            alt.Tooltip("open:Q", title="未化解（件）"),
            alt.Tooltip("students:N", title="涉及学生"),
            alt.Tooltip("amount:N", title="涉及金额"),
        ],
    )
    bars = (
        base.mark_bar(size=15, color=BLUE, cursor="pointer")
        .encode(opacity=alt.when(chosen).then(alt.value(1)).otherwise(alt.value(0.35)))
        .add_params(chosen)
    )
    words = base.mark_text(align="left", dx=6, color=INK).encode(text="label:N")
    return alt.layer(bars, words).properties(
        height=alt.Step(_ROW),
        title=alt.Title(
            f"{whose(frame['county'])}未化解的退费纠纷，截至 {formatting.day(as_of)}",
            subtitle="条长为件数，后为涉及学生和金额"
            + ("；点选县区可收窄本页" if len(counts) > 1 else ""),
        ),
    )


def flow_bars(flow: pd.DataFrame, *, as_of: date, provisional: int = 0) -> TopLevel:
    """Draw what was resolved by route against what was opened, week by week.

    ``flow`` is the result of ``analysis.refunds.weekly_flow``. A week that is not over on
    ``as_of`` has a hollow point, as have the last ``provisional`` weeks, still filling up.
    """
    still_open = last_weeks_of(flow["week"], provisional)
    frame = flow.assign(
        word=flow["flow"].map({"opened": _OPENED, **_ROUTES}),
        thursday=flow["week"].dt.strftime("%m-%d"),
        ended=(flow["week"] <= pd.Timestamp(as_of)) & ~flow["week"].isin(still_open),
        place=[list(_ROUTES).index(each) if each in _ROUTES else -1 for each in flow["flow"]],
        written=[f"{formatting.count(n)} 件" for n in flow["n"]],
        week_written=[week_words(week, as_of, still_open) for week in flow["week"]],
    )
    x = alt.X(
        "thursday:O",
        title=None,
        sort=None,
        axis=alt.Axis(labelAngle=0, labelOverlap="parity", grid=False),
    )
    highest = max(int(frame.groupby(["week", frame["place"] < 0])["n"].sum().max()), 4)
    # Room above the highest point for its name.
    scale = alt.Scale(domain=[0, highest * 1.25], nice=False)
    y = alt.Y("n:Q", title=None, stack="zero", axis=alt.Axis(tickCount=4, format="d"), scale=scale)
    tooltip = [
        alt.Tooltip("week_written:N", title=LABELS["week"]),
        alt.Tooltip("word:N", title="流向"),
        alt.Tooltip("written:N", title="件数"),
    ]
    resolved, opened = frame[frame["place"] >= 0], frame[frame["place"] < 0]
    bars = (
        alt.Chart(resolved)
        .mark_bar()
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "word:N",
                scale=alt.Scale(domain=list(_ROUTES.values()), range=list(_ROUTE_COLOURS)),
                legend=alt.Legend(offset=2),
            ),
            order=alt.Order("place:O"),
            tooltip=tooltip,
        )
    )
    level = alt.Y("n:Q", title=None, scale=scale)
    line = alt.Chart(opened).mark_line(color=INK, strokeWidth=2).encode(x=x, y=level)
    points = (
        alt.Chart(opened)
        .mark_point(size=40, strokeWidth=2, opacity=1, color=INK)
        .encode(
            x=x,
            y=level,
            fill=alt.when(alt.datum.ended).then(alt.value(INK)).otherwise(alt.value(PAPER)),
            tooltip=tooltip,
        )
    )
    # Named where nothing else can be: above its highest point.
    peak = opened.sort_values("n", kind="stable").tail(1)
    name = (
        alt.Chart(peak.assign(word=f"{_OPENED} " + peak["written"]))
        .mark_text(dy=-14, fontWeight=600, fontSize=13, color=INK)
        .encode(x=x, y=level, text="word:N")
    )
    return alt.layer(bars, line, points, name).properties(
        height=_HEIGHT,
        title=alt.Title(
            f"每周登记与化解（件），截至 {formatting.day(as_of)}",
            subtitle=["线为登记，柱为按途径化解", "空心点为数字还会增加的周"],
        ),
    )


def open_course(course: pd.DataFrame) -> TopLevel:
    """Draw what was open on each day: disputes, students and money, one strip each.

    ``course`` has one row a day, oldest first: ``day``, ``open``, ``students``,
    ``amount_yuan``. Every strip begins at zero and ends with its figure written out.
    """
    strips = []
    for place, (name, title, write) in enumerate(
        (
            ("amount_yuan", "涉及金额", formatting.yuan),
            ("students", "涉及学生", lambda n: f"{formatting.count(n)} 人"),
            ("open", "未化解", lambda n: f"{formatting.count(n)} 件"),
        )
    ):
        highest = max(float(course[name].max()), 1.0)
        strips.append(
            pd.DataFrame(
                {
                    "day": course["day"],
                    "day_written": [formatting.day(day) for day in course["day"]],
                    "measure": title,
                    "foot": float(place),
                    "level": place + course[name] / highest * 0.55,
                    "written": [write(value) for value in course[name]],
                }
            )
        )
    frame = pd.concat(strips, ignore_index=True)
    frame["last"] = frame["day"] == frame["day"].max()
    frame["heading"] = frame["measure"] + " " + frame["written"]
    x = alt.X(
        "day:T",
        title=None,
        axis=alt.Axis(
            format="%m-%d",
            grid=False,
            values=[alt.DateTime(year=d.year, month=d.month, date=d.day) for d in course["day"]],
            labelOverlap="parity",
            labelFlush=False,
        ),
    )
    y = alt.Y("level:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 3]))
    base = alt.Chart(frame)
    area = base.mark_area(color=BLUE_PALE, opacity=0.6).encode(
        x=x, y=y, y2="foot:Q", detail="measure:N"
    )
    line = base.mark_line(
        color=BLUE, strokeWidth=2, point=alt.OverlayMarkDef(color=BLUE, size=25)
    ).encode(
        x=x,
        y=y,
        detail="measure:N",
        tooltip=[
            alt.Tooltip("day_written:N", title="截至"),
            alt.Tooltip("measure:N", title="项目"),
            alt.Tooltip("written:N", title="数值"),
        ],
    )
    words = (
        base.transform_filter(alt.datum.last)
        .mark_text(align="right", fontWeight=600, fontSize=13, color=INK, dy=-11)
        .encode(x=x, y=y, text="heading:N")
    )
    return alt.layer(area, line, words).properties(
        height=_HEIGHT,
        title=alt.Title(
            f"未化解的走势，截至 {formatting.day(course['day'].max())}",
            subtitle="每周同一天；各按自己的最高值作图，从零起",
        ),
    )


def duration_steps(curve: pd.DataFrame, disputes: pd.DataFrame) -> TopLevel:
    """Draw the share still open so many days after it was opened, with its band.

    ``curve`` is ``analysis.durations.still_open`` of ``disputes``. The median of those resolved
    alone, which is too short, is said beside it, and how many could not be counted.
    """
    frame = curve.assign(
        percent=[formatting.percent(share) for share in curve["share"]],
        band=[
            formatting.MISSING if formatting.is_missing(low) else f"{low:.1%}–{high:.1%}"
            for low, high in zip(curve["low"], curve["high"], strict=True)
        ],
        seen=[f"{formatting.count(n)} 件" for n in curve["at_risk"]],
    )
    x = alt.X("days:Q", title=None, axis=alt.Axis(grid=False, tickMinStep=1, format="d"))
    y = alt.Y(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    band = (
        alt.Chart(frame.dropna(subset=["low", "high"]))
        .mark_area(interpolate="step-after", color=BLUE_PALE, opacity=0.6)
        .encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
    )
    line = (
        alt.Chart(frame)
        .mark_line(interpolate="step-after", color=BLUE, strokeWidth=2)
        .encode(x=x, y=y)
    )
    points = (
        alt.Chart(frame)
        .mark_point(size=60, opacity=0)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("days:Q", title=LABELS["days_after"]),
                alt.Tooltip("percent:N", title="仍未化解"),
                alt.Tooltip("band:N", title="95% 区间"),
                alt.Tooltip("seen:N", title="看到这一天的"),
            ],
        )
    )
    only, odd = days_taken(disputes).median(), int(turned_round(disputes).sum())
    lines = [
        details(curve),
        "近 26 周登记的（含未化解的），横轴为登记后天数",
        "" if formatting.is_missing(only) else f"只看已化解的，中位数 {only:.0f} 天，偏短",
        f"{formatting.count(odd)} 件化解日期早于登记日期，未计入" if odd else "",
    ]
    return alt.layer(band, line, points).properties(
        height=_HEIGHT + 40,
        title=alt.Title(answer(curve, left_out=odd), subtitle=[each for each in lines if each]),
    )
