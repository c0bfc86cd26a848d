"""What all charts share: type, colours, quiet axes, and the specification that is sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import altair as alt
import pandas as pd
import pyarrow as pa

from ui import formatting
from ui.palette import FONT, GREY_PALE, INK, INK_SOFT

TopLevel = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart
MAX_ROWS: Final = 5_000  # a picture of more rows is a table; altair refuses it

COUNTY_SELECTION: Final = "county"

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


def whose(counties: pd.Series) -> str:
    """Say of whom a chart of these counties' names tells: ``各县区``, or the one by its name."""
    names = counties.unique()
    return str(names[0]) if len(names) == 1 else "各县区"


def county_selection() -> alt.Parameter:
    """Let a reader choose one county by a click, and give the choice up by a click on it again."""
    is_chosen = f'datum && vlSelectionTest("{COUNTY_SELECTION}_store", datum)'
    return alt.selection_point(name=COUNTY_SELECTION, fields=["county_code"], toggle=is_chosen)


def spec(chart: TopLevel) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, styled, as the browser gets it.

    Its data are Arrow streams already: Streamlit would turn rows into them at every rerun. It is
    not held to Vega-Lite's schema, which takes as long as all the rest: tests do that.
    """
    result: dict[str, Any] = chart.to_dict(validate=False, context={"pre_transform": False})
    result["config"] = _CONFIG
    datasets: dict[str, list[dict[str, Any]]] = result.get("datasets", {})
    result["datasets"] = {name: _arrow_stream(rows) for name, rows in datasets.items()}
    return result


def week_words(week: pd.Timestamp, as_of: date, still_open: Collection[pd.Timestamp]) -> str:
    """Name a reporting week, and say whether its number will grow."""
    note = (
        "（未完）" if week > pd.Timestamp(as_of) else "（还会增加）" if week in still_open else ""
    )
    return f"{formatting.day(week)}一周{note}"


def beside_their_ends(values: Sequence[float], *, apart: float) -> list[alt.ExprRef]:
    """Say how high the word at the end of each line stands, in pixels from the top.

    It stands beside its point, but over the word of the next lower line, ``apart`` pixels, and
    over the axis. ``values`` are where the lines end on the scale ``y``; of the same, the first
    stands higher.
    """
    heights = [""] * len(values)
    below = f"height + {apart / 2}"
    for place in sorted(range(len(values)), key=lambda place: (values[place], -place)):
        below = f"min(scale('y', {values[place]}), {below} - {apart})"
        heights[place] = below
    return [alt.ExprRef(height) for height in heights]


def last_weeks_of(weeks: pd.Series, provisional: int) -> set[pd.Timestamp]:
    """Return the last ``provisional`` weeks of a column."""
    return set(weeks.drop_duplicates().sort_values().tail(provisional)) if provisional else set()


def _arrow_stream(rows: list[dict[str, Any]]) -> bytes:
    # A rule at a fixed value has one row without columns; Arrow counts rows by its columns.
    table = pa.Table.from_pylist([row or {"": 0} for row in rows])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    stream: bytes = sink.getvalue().to_pybytes()
    return stream
