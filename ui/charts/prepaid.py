"""Charts of prepaid fees: who is supervised, which rules are broken, what money is at risk."""

from __future__ import annotations

from datetime import date
from typing import Final

import altair as alt
import pandas as pd

from analysis.indicators import SMALL_DENOMINATOR
from ui import formatting
from ui.charts.base import TopLevel, county_selection, whose
from ui.labels import LABELS
from ui.palette import BLUE_SOFT, GREY_LIGHT, INK, RED

_ROW: Final = 25  # pixels a county
_INSIDE: Final = "账户内"
_UNSAID: Final = "账户不明"
_OUTSIDE: Final = "账户外"
_ROOM: Final = 1.7  # of the longest bar, for the words beside it


def coverage_bars(cover: pd.DataFrame, *, as_of: date) -> TopLevel:
    """Draw the share of supervised institutions by county, lowest first, with its interval.

    ``cover`` is ``analysis.prepaid.coverage``. Counties with fewer than ten institutions in
    operation come last and pale: they are not ranked. A click selects ``county_code``.
    """
    chosen = county_selection()
    frame = _written(cover).sort_values(["small", "share"], kind="stable")
    return _shares(frame, "county", chosen).properties(
        height=alt.Step(_ROW),
        title=alt.Title(
            f"{whose(frame['county'])}预收费监管率（已监管/在营），截至 {formatting.day(as_of)}",
            subtitle="黑线为 95% 区间，区间重叠的不分高低；"
            f"浅灰为不足 {SMALL_DENOMINATOR} 家、不参与排序",
        ),
    )


def category_bars(cover: pd.DataFrame) -> TopLevel:
    """Draw the share of supervised institutions by category, in the order of the categories.

    ``cover`` is ``analysis.prepaid.coverage`` by category, with ``category`` in words.
    """
    return _shares(_written(cover), "category").properties(
        height=alt.Step(30),
        title=alt.Title("按机构类别的预收费监管率", subtitle="黑线为 95% 区间"),
    )


def _written(cover: pd.DataFrame) -> pd.DataFrame:
    return cover.assign(
        share=cover["share"].fillna(0.0),
        small=cover["in_operation"] < SMALL_DENOMINATOR,
        label=[
            (
                formatting.share(n, of) + (f"，不明 {formatting.count(unknown)}" if unknown else "")
                if of
                else "无在营机构"
            )
            for n, of, unknown in zip(
                cover["supervised"], cover["in_operation"], cover["unknown"], strict=True
            )
        ],
        interval=[
            f"{formatting.percent(low)}–{formatting.percent(high)}"
            for low, high in zip(cover["low"], cover["high"], strict=True)
        ],
    )


def _shares(
    frame: pd.DataFrame, name: str, chosen: alt.Parameter | None = None
) -> alt.LayerChart | alt.FacetChart:
    columns = [name, "share", "low", "high", "label", "interval", "small", "in_operation"]
    if chosen is not None:
        columns.append("county_code")
    base = alt.Chart(frame[columns]).encode(
        y=alt.Y(
            f"{name}:N",
            sort=frame[name].tolist(),
            title=None,
            axis=alt.Axis(labelColor=INK, labelLimit=140),
        ),
        tooltip=[
            alt.Tooltip(f"{name}:N", title=LABELS[name]),
            alt.Tooltip("label:N", title="预收费监管率"),
            alt.Tooltip("interval:N", title="95% 区间"),
        ],
    )
    x = alt.X(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, _ROOM + 0.1], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    bars = base.mark_bar(size=14, cursor="pointer" if chosen is not None else "default").encode(
        x=x,
        color=alt.when(alt.datum.small).then(alt.value(GREY_LIGHT)).otherwise(alt.value(BLUE_SOFT)),
    )
    if chosen is not None:
        bars = bars.encode(
            opacity=alt.when(chosen).then(alt.value(1)).otherwise(alt.value(0.35))
        ).add_params(chosen)
    spans = (
        base.transform_filter(alt.datum.in_operation > 0)
        .mark_rule(color=INK, strokeWidth=1.5)
        .encode(x=alt.X("low:Q"), x2="high:Q")
    )
    words = base.mark_text(align="left", color=INK).encode(x=alt.datum(1.04), text="label:N")
    return alt.layer(bars, spans, words)


def rule_bars(counted: pd.DataFrame, *, as_of: date) -> TopLevel:
    """Draw how many charges broke each rule; ``counted`` is ``analysis.prepaid.by_rule``.

    Of a rule that was not in force yet on the day, its first day is said.
    """
    frame = counted.assign(
        written=[
            f"{formatting.full_day(first)}起施行"
            if first.date() > as_of
            else f"{formatting.count(n)} 笔" + (f" · {formatting.yuan(amount)}" if n else "")
            for first, n, amount in zip(
                counted["rule_from"], counted["charges"], counted["amount_yuan"], strict=True
            )
        ],
        since=[f"{formatting.full_day(first)}起" for first in counted["rule_from"]],
    )
    base = alt.Chart(frame[["rule_title", "charges", "written", "citation", "since"]]).encode(
        y=alt.Y(
            "rule_title:N", sort=None, title=None, axis=alt.Axis(labelColor=INK, labelLimit=200)
        ),
        x=alt.X(
            "charges:Q",
            title=None,
            axis=None,
            scale=alt.Scale(domain=[0, max(int(frame["charges"].max()), 1) * 2.8], nice=False),
        ),
        tooltip=[
            alt.Tooltip("rule_title:N", title=LABELS["rule_title"]),
            alt.Tooltip("written:N", title="违规收费"),
            alt.Tooltip("since:N", title=LABELS["rule_from"]),
            alt.Tooltip("citation:N", title=LABELS["citation"]),
        ],
    )
    bars = base.mark_bar(size=16, color=RED)
    words = base.mark_text(align="left", dx=6, color=INK).encode(text="written:N")
    return alt.layer(bars, words).properties(
        height=alt.Step(30),
        title=alt.Title("违规收费按规定（笔）", subtitle="近一年；金额为这些收费的全额"),
    )


def risk_bars(institutions: pd.DataFrame, cover: pd.DataFrame, *, as_of: date) -> TopLevel:
    """Draw the money at risk by county, and how much of it is outside the supervised account.

    ``institutions`` is ``analysis.prepaid.institutions_at_risk``; ``cover`` names every county
    in its order.
    """
    sums = institutions.groupby("county_code")[["risk_yuan", "outside_yuan", "unsaid_yuan"]].sum()
    by_county = cover[["county_code", "county"]].join(sums, on="county_code").fillna(0.0)
    order = by_county["county"].tolist()
    parts = {
        _OUTSIDE: by_county["outside_yuan"],
        _UNSAID: by_county["unsaid_yuan"],
        _INSIDE: (
            by_county["risk_yuan"] - by_county["outside_yuan"] - by_county["unsaid_yuan"]
        ).clip(lower=0),
    }
    frame = pd.concat(
        [
            by_county[["county"]].assign(
                part=name, place=place, yuan=values, written=values.map(formatting.yuan)
            )
            for place, (name, values) in enumerate(parts.items())
        ],
        ignore_index=True,
    )
    scale = alt.Scale(domain=[0, max(float(by_county["risk_yuan"].max()), 1.0) * _ROOM], nice=False)
    y = alt.Y("county:N", sort=order, title=None, axis=alt.Axis(labelColor=INK, labelLimit=140))
    bars = (
        alt.Chart(frame)
        .mark_bar(size=13)
        .encode(
            y=y,
            x=alt.X("yuan:Q", stack="zero", title=None, axis=None, scale=scale),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=list(parts), range=[RED, GREY_LIGHT, BLUE_SOFT]),
                legend=alt.Legend(offset=2),
            ),
            order=alt.Order("place:O"),
            tooltip=[
                alt.Tooltip("county:N", title=LABELS["county"]),
                alt.Tooltip("part:N", title="资金所在"),
                alt.Tooltip("written:N", title="未上课金额（估算）"),
            ],
        )
    )
    totals = by_county.assign(written=by_county["risk_yuan"].map(formatting.yuan))
    words = (
        alt.Chart(totals[["county", "risk_yuan", "written"]])
        .mark_text(align="left", dx=6, color=INK)
        .encode(y=y, x=alt.X("risk_yuan:Q", axis=None, scale=scale), text="written:N")
    )
    return alt.layer(bars, words).properties(
        height=alt.Step(22),
        title=alt.Title(f"未上课预收费（估算），截至 {formatting.day(as_of)}"),
    )
