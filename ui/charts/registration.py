"""Charts of registration coverage."""

from __future__ import annotations

from datetime import date
from typing import Final

import altair as alt
import pandas as pd

from analysis.indicators import SMALL_DENOMINATOR
from analysis.registration import BEHIND, Outlook
from ui import formatting
from ui.charts.base import TopLevel, county_selection, whose
from ui.charts.county_map import county_choropleth
from ui.labels import LABELS
from ui.palette import BLUE, BLUE_SOFT, GREY, GREY_LIGHT, INK, INK_SOFT, RED

_ROW: Final = 22  # pixels a county


def projection_words(outlook: str, projected_on: pd.Timestamp, *, as_of: date) -> str:
    """Say when a county reaches full coverage, in the few words that fit beside a bar."""
    match Outlook(outlook):
        case Outlook.DONE:
            return "已全覆盖"
        case Outlook.EMPTY:
            return "无在营机构"
        case Outlook.UNKNOWN:
            return "近四周无进展"
        case Outlook.LATE | Outlook.ON_TIME:
            return f"预计 {formatting.day(projected_on, beside=as_of)}"


def coverage_bars(projection: pd.DataFrame, *, target: float, ends_on: date) -> TopLevel:
    """Draw registration coverage by county, lowest first, with target and projection.

    ``projection`` is the result of ``analysis.registration.projection``. Counties with
    fewer than ten institutions in operation come last and pale: they are not ranked.
    """
    frame = projection.assign(
        written=_written(projection),
        expected=[
            projection_words(outlook, day, as_of=ends_on)
            for outlook, day in zip(projection["outlook"], projection["projected_on"], strict=True)
        ],
        small=projection["in_operation"] < SMALL_DENOMINATOR,
        late=projection["outlook"].isin(BEHIND),
    ).sort_values(["small", "coverage"], kind="stable")
    frame["label"] = frame["written"] + "  " + frame["expected"]
    columns = ["county_code", "county", "coverage", "written", "expected", "label", "small", "late"]
    order = frame["county"].tolist()
    as_of = projection["day"].iloc[0]
    chosen = county_selection()
    base = alt.Chart(frame[columns]).encode(
        y=alt.Y("county:N", sort=order, title=None, axis=alt.Axis(labelColor=INK, labelLimit=140)),
        tooltip=[
            alt.Tooltip("county:N", title=LABELS["county"]),
            alt.Tooltip("written:N", title=LABELS["coverage"]),
            alt.Tooltip("expected:N", title=LABELS["projected_on"]),
        ],
    )
    bars = (
        base.mark_bar(size=15, cursor="pointer")
        .encode(
            x=alt.X(
                "coverage:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1.85]),
                axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
            ),
            color=alt.when(alt.datum.small)
            .then(alt.value(GREY_LIGHT))
            .when(alt.datum.late)
            .then(alt.value(RED))
            .otherwise(alt.value(BLUE)),
            opacity=alt.when(chosen).then(alt.value(1)).otherwise(alt.value(0.35)),
        )
        .add_params(chosen)
    )
    words = base.mark_text(align="left").encode(
        x=alt.datum(target + 0.04),
        text="label:N",
        color=alt.when(alt.datum.late).then(alt.value(RED)).otherwise(alt.value(INK)),
    )
    goal = alt.Chart().mark_rule(strokeDash=[4, 3], color=INK_SOFT).encode(x=alt.datum(target))
    return alt.layer(bars, goal, words).properties(
        height=alt.Step(_ROW),
        title=alt.Title(
            f"{whose(frame['county'])}登记覆盖率（已登记/在营，由低到高），"
            f"截至 {formatting.day(as_of)}",
            subtitle=f"虚线为目标 {target:.0%}；红色为 {formatting.day(ends_on)}前不能全覆盖；"
            f"浅灰为不足 {SMALL_DENOMINATOR} 家、不参与排序",
        ),
    )


def coverage_map(projection: pd.DataFrame) -> TopLevel:
    """Draw registration coverage on the map; ``projection`` as for :func:`coverage_bars`."""
    return county_choropleth(
        projection.assign(written=_written(projection)),
        value="coverage",
        written="written",
        title=f"登记覆盖率的分布，截至 {formatting.day(projection['day'].iloc[0])}（越深越高）",
        value_label=LABELS["coverage"],
        height=280,
    )


def coverage_course(city: pd.DataFrame, *, target: float) -> TopLevel:
    """Draw the line of registration coverage over the weeks, its last point written out.

    ``city`` is the result of ``analysis.registration.city_course``.
    """
    frame = city.assign(
        written=_written(city),
        day_written=[formatting.day(day) for day in city["day"]],
        week=city["day"].dt.strftime("%m-%d"),
    )
    frame["last"] = frame["day"] == frame["day"].max()
    frame = frame[["week", "coverage", "written", "day_written", "last"]]
    line = (
        alt.Chart(frame)
        .mark_line(color=BLUE, strokeWidth=2.5, point=alt.OverlayMarkDef(color=BLUE, size=36))
        .encode(
            x=alt.X(
                "week:O",
                title=None,
                sort=None,
                axis=alt.Axis(labelAngle=0, labelOverlap="parity", grid=False),
            ),
            y=alt.Y(
                "coverage:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1.05]),
                axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
            ),
            tooltip=[
                alt.Tooltip("day_written:N", title="截至"),
                alt.Tooltip("written:N", title=LABELS["coverage"]),
            ],
        )
    )
    last = (
        alt.Chart(frame)
        .transform_filter(alt.datum.last)
        .mark_text(align="right", dy=34, dx=4, fontSize=14, fontWeight=600, color=BLUE)
        .encode(x=alt.X("week:O", sort=None), y="coverage:Q", text="written:N")
    )
    goal = alt.Chart().mark_rule(strokeDash=[4, 3], color=INK_SOFT).encode(y=alt.datum(target))
    return alt.layer(line, goal, last).properties(
        height=170, title="登记覆盖率的每周进展（虚线为目标 100%）"
    )


def funnel_bars(funnel: pd.DataFrame) -> TopLevel:
    """Draw 排查发现 → 核查完成 → 核查合格 → 平台登记, each with its share of the found.

    ``funnel`` is the result of ``registration.funnel``.
    """
    counts = funnel.iloc[0]
    steps = {
        "found": "排查发现",
        "verified": "核查完成",
        "qualified": "核查合格",
        "registered": "平台登记",
    }
    found = int(counts["found"])
    frame = pd.DataFrame(
        {
            "step": list(steps.values()),
            "n": [int(counts[name]) for name in steps],
            "label": [
                f"{formatting.count(counts[name])} 家"
                + (
                    ""
                    if name == "found"
                    else f"，占发现的 {formatting.percent(formatting.ratio(counts[name], found))}"
                )
                for name in steps
            ],
        }
    )
    base = alt.Chart(frame).encode(
        y=alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelColor=INK)),
        tooltip=[
            alt.Tooltip("step:N", title="环节"),
            alt.Tooltip("label:N", title="机构数"),
        ],
    )
    bars = base.mark_bar(size=18).encode(
        x=alt.X("n:Q", title=None, scale=alt.Scale(domain=[0, max(found, 1) * 1.6]), axis=None),
        color=alt.Color(
            "step:N",
            scale=alt.Scale(domain=list(steps.values()), range=[GREY_LIGHT, GREY, BLUE_SOFT, BLUE]),
            legend=None,
        ),
    )
    words = base.mark_text(align="left", dx=6).encode(x="n:Q", text="label:N")
    return alt.layer(bars, words).properties(
        height=alt.Step(34), title="从排查到登记（在营非学科类机构，家）"
    )


def _written(counts: pd.DataFrame) -> list[str]:
    return [
        formatting.share(registered, total)
        for registered, total in zip(counts["registered"], counts["in_operation"], strict=True)
    ]
