"""Walls: a county a row, a thing that every county owes a column, and in each cell a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import altair as alt
import pandas as pd

from ui.charts.base import TopLevel, county_selection
from ui.palette import AMBER_INK, AMBER_PALE, GREY_PALE, INK, INK_SOFT, PAPER, RED, RED_PALE

_ROW: Final = 22  # pixels a county
_LINE: Final = 15  # pixels a line over a column
# The paper and the ink of a cell. None is told by its colour alone: its word stands in it.
_TONES: Final = {
    "in_order": (GREY_PALE, INK),
    "late": (RED_PALE, RED),
    "missing": (RED, PAPER),
    "due": (AMBER_PALE, AMBER_INK),
    "ahead": (PAPER, INK_SOFT),
}


def wall(
    cells: pd.DataFrame,
    *,
    columns: Sequence[str],
    tooltips: Mapping[str, str],
    title: str,
    subtitle: str | Sequence[str],
) -> TopLevel:
    """Draw a wall; a click selects ``county_code``.

    ``cells`` has ``county_code``, ``county``, ``column`` (a blank in it breaks the line),
    ``tone`` (one of ``in_order``, ``late``, ``missing``, ``due``, ``ahead``), ``word``, and what
    ``tooltips`` names, each with its label. ``columns`` is their order.
    """
    chosen = county_selection()
    lines = max((name.count(" ") + 1 for name in columns), default=1)
    base = alt.Chart(cells).encode(
        x=alt.X(
            "column:N",
            sort=list(columns),
            title=None,
            axis=alt.Axis(
                orient="top",
                labelAngle=0,
                labelColor=INK,
                labelFontSize=12,
                labelExpr="split(datum.label, ' ')",
                # Lines are set from the first one down.
                labelPadding=5 + _LINE * (lines - 1),
                labelOverlap=False,
                labelFlush=False,
            ),
        ),
        y=alt.Y(
            "county:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelColor=INK, labelLimit=140, labelFlush=False),
        ),
        opacity=alt.when(chosen).then(alt.value(1)).otherwise(alt.value(0.35)),
        tooltip=[alt.Tooltip(f"{name}:N", title=label) for name, label in tooltips.items()],
    )
    papers, inks = zip(*_TONES.values(), strict=True)
    paper_of, ink_of = (
        alt.Color("tone:N", scale=alt.Scale(domain=list(_TONES), range=list(colours)), legend=None)
        for colours in (papers, inks)
    )
    rects = (
        base.mark_rect(stroke=PAPER, strokeWidth=2, cursor="pointer")
        .encode(color=paper_of)
        .add_params(chosen)
    )
    words = base.mark_text(fontSize=12, cursor="pointer").encode(text="word:N", color=ink_of)
    layers = alt.layer(rects, words).resolve_scale(color="independent")
    drawn: TopLevel = layers.properties(
        height=alt.Step(_ROW), title=alt.Title(title, subtitle=subtitle)
    )
    return drawn
