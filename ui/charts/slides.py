"""Charts of a meeting, for a wall that is read from four metres and for a page.

Each draws what stands in ``analysis.briefing_content`` and works nothing out. A millimetre on the
wall is about a pixel, and Chinese is read at a two hundredth of the distance: 20 pixels and more.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import pandas as pd

from analysis.briefing_content import Bars, Grid, Lines, Tile
from ui.charts.base import TopLevel, beside_their_ends, spec
from ui.palette import (
    BLUE,
    GREY,
    GREY_LIGHT,
    GREY_PALE,
    INK,
    INK_SOFT,
    PAPER,
    RED,
    RED_PALE,
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large things are drawn, in pixels: words, small words, figures, a bar or a line."""

    text: int
    small: int
    figure: int
    row: int


WALL: Final = Sizes(text=24, small=22, figure=76, row=46)
PAGE: Final = Sizes(text=13, small=12, figure=28, row=24)
_WIDTH: Final = 1_000  # of the picture's own scale from left to right
# In letters, a Chinese one being two: between columns, of all of them, of the widest at least.
_GAP, _ROOM, _LEAST = 2.0, 140.0, 24.0
_LEAST_HEIGHT: Final = 220  # of courses, in pixels with what stands above and below
_WORDS: Final = 0.62  # the part of a bar chart that the longest bar takes


def sized(chart: TopLevel, sizes: Sizes) -> dict[str, Any]:
    """Return the specification of a chart in these sizes."""
    result = spec(chart)
    words = {"labelFontSize": sizes.text, "titleFontSize": sizes.text}
    title = {"fontSize": sizes.text, "subtitleFontSize": sizes.small}
    legend = {"labelFontSize": sizes.text, "symbolSize": sizes.text * 12}
    config = dict(result["config"])
    for name, own in (("axis", words), ("title", title), ("legend", legend)):
        config[name] = {**config[name], **own}
    config["text"] = {**config["text"], "fontSize": sizes.text}
    return {**result, "config": config}


def tile_row(tiles: Sequence[Tile], sizes: Sizes) -> TopLevel:
    """Draw figures side by side: name, value, change, what it counts."""
    frame = pd.DataFrame(
        {
            "x": [(place + 0.5) / len(tiles) * _WIDTH for place in range(len(tiles))],
            "label": [tile.label for tile in tiles],
            "value": [tile.value for tile in tiles],
            "change": [tile.change or " " for tile in tiles],
            "note": [tile.note or " " for tile in tiles],
            "worse": [tile.worse for tile in tiles],
        }
    )
    base = alt.Chart(frame).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, _WIDTH], nice=False))
    )
    red = alt.when(alt.datum.worse).then(alt.value(RED))
    lines: tuple[tuple[str, float, int, Any, Any], ...] = (
        ("label", 0.5, sizes.text, "bold", alt.value(INK_SOFT)),
        ("value", 2.1, sizes.figure, "bold", alt.value(BLUE)),
        ("change", 3.8, sizes.text, "bold", red.otherwise(alt.value(INK_SOFT))),
        ("note", 4.7, sizes.small, "normal", alt.value(INK_SOFT)),
    )
    texts = [
        base.mark_text(fontSize=size, fontWeight=weight, baseline="middle").encode(
            y=alt.value(line * sizes.row), text=f"{name}:N", color=colour
        )
        for name, line, size, weight, colour in lines
    ]
    return alt.layer(*texts).properties(height=5.4 * sizes.row, width="container")


def bar_rows(chart: Bars, sizes: Sizes) -> TopLevel:
    """Draw bars with their words beside them; intervals where there are any."""
    bars = chart.bars
    longest = 1.0 if chart.is_share else max([bar.value for bar in bars if bar.value > 0] or [1.0])
    frame = pd.DataFrame(
        {
            "name": [bar.name for bar in bars],
            "value": [0.0 if math.isnan(bar.value) else bar.value for bar in bars],
            "written": [bar.written for bar in bars],
            "late": [bar.is_late for bar in bars],
            "small": [bar.is_small for bar in bars],
            "low": [bar.low for bar in bars],
            "high": [bar.high for bar in bars],
        }
    )
    has_intervals = frame["low"].notna().any()
    scale = alt.Scale(domain=[0, longest / _WORDS], nice=False)
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "name:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelColor=INK, labelLimit=sizes.text * 13),
        )
    )
    late = alt.when(alt.datum.late).then(alt.value(RED))
    # As in the files: what is late of few cases is pale with a red edge.
    filled = alt.when(alt.datum.late & alt.datum.small).then(alt.value(RED_PALE))
    drawn = base.mark_bar(size=sizes.row * 0.6).encode(
        x=alt.X("value:Q", title=None, axis=None, scale=scale),
        color=filled.when(alt.datum.late)
        .then(alt.value(RED))
        .when(alt.datum.small)
        .then(alt.value(GREY_LIGHT))
        .otherwise(alt.value(BLUE)),
        stroke=late.otherwise(alt.value(None)),
    )
    words = base.mark_text(align="left").encode(
        x=alt.datum(longest * 1.03) if chart.target or has_intervals else alt.X("value:Q"),
        xOffset=alt.value(sizes.text / 2),
        text="written:N",
        color=late.otherwise(alt.value(INK)),
    )
    layers: list[Any] = [drawn, words]
    if has_intervals:
        layers.append(
            base.mark_rule(strokeWidth=sizes.text / 6, color=INK).encode(
                x=alt.X("low:Q", scale=scale), x2="high:Q"
            )
        )
    if chart.target is not None:
        layers.append(
            alt.Chart()
            .mark_rule(strokeDash=[8, 6], color=INK_SOFT, strokeWidth=2)
            .encode(x=alt.datum(chart.target))
        )
    title = f"{chart.title}（{chart.unit}）" if chart.unit else chart.title
    if chart.target is not None:
        title += f"，虚线为目标 {chart.target:.0%}"
    return alt.layer(*layers).properties(
        height=alt.Step(sizes.row), width="container", title=alt.Title(title)
    )


def line_rows(chart: Lines, sizes: Sizes) -> TopLevel:
    """Draw courses over weeks, the last points hollow where they are still filling up."""
    first_open = len(chart.weeks) - chart.provisional
    frame = pd.DataFrame(
        [
            {
                "week": week,
                "name": line.name,
                "value": None if math.isnan(value) else value,
                "is_open": place >= first_open,
            }
            for line in chart.lines
            for place, (week, value) in enumerate(zip(chart.weeks, line.values, strict=True))
        ]
    )
    names = [line.name for line in chart.lines]
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=[INK, BLUE, GREY][: len(names)]),
        legend=alt.Legend(symbolType="stroke", symbolStrokeWidth=sizes.text / 5),
    )
    base = alt.Chart(frame).encode(
        x=alt.X(
            "week:O",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=0, labelOverlap="parity", grid=False),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            axis=alt.Axis(tickCount=4, format="d"),
            # Room above for the higher of two numbers.
            scale=alt.Scale(domain=[0, max([*frame["value"].dropna(), 1]) * 1.15], nice=False),
        ),
        color=colour,
    )
    line = base.mark_line(strokeWidth=sizes.text / 6)
    points = base.mark_point(size=sizes.text * 7, strokeWidth=sizes.text / 6, opacity=1).encode(
        fill=alt.when(alt.datum.is_open)
        .then(alt.value(PAPER))
        .otherwise(alt.Color("name:N", scale=alt.Scale(domain=names, range=[INK, BLUE, GREY])))
    )
    ends = frame[frame["week"] == chart.weeks[-1]].dropna(subset="value")
    heights = beside_their_ends(ends["value"].tolist(), apart=sizes.text * 1.15)
    last = [
        alt.Chart(ends[place : place + 1])
        .mark_text(align="left", dx=sizes.text * 0.7, fontWeight=600)
        .encode(x=alt.X("week:O", sort=None), y=alt.value(height), text="value:Q", color=colour)
        for place, height in enumerate(heights)
    ]
    title = f"{chart.title}（{chart.unit}）"
    if chart.provisional:
        title += f"，空心的最近 {chart.provisional} 周还会增加"
    return alt.layer(line, points, *last).properties(
        height=max(7 * sizes.row, _LEAST_HEIGHT), width="container", title=alt.Title(title)
    )


def grid_rows(grid: Grid, sizes: Sizes) -> TopLevel:
    """Draw a table: each column as wide as its longest cell, red where it is late."""
    widths = _widths(grid)
    starts = [sum(widths[:place]) / sum(widths) * _WIDTH for place in range(len(widths))]
    cells = [
        {
            "x": starts[column],
            "row": row,
            "text": _fitted(cell, widths[column] - _GAP),
            "late": (row - 1, column) in grid.late,
            "head": row == 0,
        }
        for row, line in enumerate([grid.headers, *grid.rows])
        for column, cell in enumerate(line)
    ]
    frame = pd.DataFrame(cells)
    base = alt.Chart(frame).encode(
        x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, _WIDTH], nice=False)),
        y=alt.Y("row:O", axis=None),
    )
    texts = base.mark_text(align="left", fontSize=sizes.text).encode(
        text="text:N",
        color=alt.when(alt.datum.late)
        .then(alt.value(RED))
        .when(alt.datum.head)
        .then(alt.value(INK_SOFT))
        .otherwise(alt.value(INK)),
    )
    under = (
        alt.Chart(pd.DataFrame({"row": range(len(grid.rows) + 1)}))
        .mark_rule(color=GREY_PALE)
        .encode(y=alt.Y("row:O", bandPosition=1, axis=None))
    )
    return alt.layer(under, texts).properties(height=alt.Step(sizes.row * 0.95), width="container")


def _widths(grid: Grid) -> list[float]:
    """Return how wide each column is: as its longest cell, the widest as far as there is room."""
    widths = [
        max(_width(cell) for cell in column) + _GAP
        for column in zip(grid.headers, *grid.rows, strict=True)
    ]
    widest = widths.index(max(widths))
    over = sum(widths) - _ROOM
    if over > 0:
        widths[widest] = max(widths[widest] - over, _LEAST)
    return widths


def _fitted(text: str, room: float) -> str:
    """Shorten a text to its column; files and the page have all of it."""
    if _width(text) <= room:
        return text
    kept = text
    while kept and _width(kept) > room - 2:
        kept = kept[:-1]
    return f"{kept}…"


def _width(text: str) -> float:
    """Return how wide a text is, in letters: a Chinese one is two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1.1 for letter in text)
