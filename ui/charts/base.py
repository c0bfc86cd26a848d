"""What all charts share: type, colours, quiet axes, and the specification that is sent."""

from __future__ import annotations

from typing import Any, Final

import altair as alt

from ui.palette import FONT, GREY_PALE, INK, INK_SOFT

TopLevel = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart
MAX_ROWS: Final = 5_000  # a picture of more rows is a table; altair refuses it

_CONFIG: Final[dict[str, Any]] = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK_SOFT,
        "labelFontSize": 13,
        "titleColor": INK_SOFT,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GREY_PALE,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    },
    "title": {
        "color": INK,
        "fontSize": 14,
        "fontWeight": 600,
        "anchor": "start",
        "subtitleColor": INK_SOFT,
        "subtitleFontSize": 12,
        "offset": 10,
    },
    "legend": {
        "labelColor": INK_SOFT,
        "labelFontSize": 12,
        "title": None,
        "orient": "top",
        "symbolType": "square",
    },
    "text": {"color": INK, "fontSize": 12, "font": FONT},
}


def spec(chart: TopLevel) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, styled, as the browser gets it."""
    result: dict[str, Any] = chart.to_dict(context={"pre_transform": False})
    result["config"] = _CONFIG
    return result
