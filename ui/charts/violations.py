"""The legend of the map of violations, in words."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from ui.charts.base import TopLevel
from ui.palette import INK_SOFT

DOT_PIXELS, GAP_PIXELS = 14, 22
WIDE_PIXELS, NARROW_PIXELS = 12.5, 7.0
HEIGHT = 22


def legend(items: Sequence[tuple[str, str]]) -> TopLevel:
    """Return a line of dots, each with its words; ``items`` are pairs of colour and words."""
    rows, x = [], float(DOT_PIXELS)
    for colour, words in items:
        rows.append({"x": x, "colour": colour, "words": words})
        x += DOT_PIXELS + GAP_PIXELS
        x += sum(WIDE_PIXELS if ord(letter) > 0x2000 else NARROW_PIXELS for letter in words)
    frame = pd.DataFrame(rows, columns=["x", "colour", "words"])
    # No scale: the position is in pixels, whatever the width.
    base = alt.Chart(frame).encode(x=alt.X("x:Q", axis=None, scale=None), y=alt.value(HEIGHT / 2))
    dots = base.mark_circle(size=110, opacity=1).encode(color=alt.Color("colour:N", scale=None))
    words = base.mark_text(align="left", dx=10, color=INK_SOFT, fontSize=12).encode(text="words:N")
    return alt.layer(dots, words).properties(height=HEIGHT)
