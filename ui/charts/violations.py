"""The legend of the map of violations, in words."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from ui.charts.base import TopLevel
from ui.palette import INK_SOFT

DOT_PIXELS, GAP_PIXELS = 12, 14
WIDE_PIXELS, NARROW_PIXELS, SPACE_PIXELS = 12.0, 6.7, 3.0
LINE_PIXELS = 20
MOST_PIXELS = 470  # the width of the map where it is smallest


def legend(items: Sequence[tuple[str, str]]) -> TopLevel:
    """Return dots with their words, in as many lines as they need.

    ``items`` are pairs of colour and words.
    """
    rows, x, line = [], 0.0, 0
    for colour, words in items:
        width = DOT_PIXELS + sum(_width(letter) for letter in words)
        if x and x + width > MOST_PIXELS:
            x, line = 0.0, line + 1
        rows.append({"x": x + DOT_PIXELS / 2, "line": line, "colour": colour, "words": words})
        x += width + GAP_PIXELS
    frame = pd.DataFrame(rows, columns=["x", "line", "colour", "words"])
    frame["y"] = (frame["line"] + 0.5) * LINE_PIXELS
    # No scales: positions are in pixels, whatever the width.
    base = alt.Chart(frame).encode(
        x=alt.X("x:Q", axis=None, scale=None), y=alt.Y("y:Q", axis=None, scale=None)
    )
    dots = base.mark_circle(size=110, opacity=1).encode(color=alt.Color("colour:N", scale=None))
    words = base.mark_text(align="left", dx=10, color=INK_SOFT, fontSize=12).encode(text="words:N")
    return alt.layer(dots, words).properties(height=(line + 1) * LINE_PIXELS)


def _width(letter: str) -> float:
    if letter == " ":
        return SPACE_PIXELS
    return NARROW_PIXELS if letter.isascii() or letter == "–" else WIDE_PIXELS
