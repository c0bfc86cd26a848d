"""A briefing as a bulletin to print: A4 upright, two pages as a rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from analysis.briefing_content import Bars, Briefing, Grid, Lines, Section
from ui import palette
from ui.exports.briefing_words import (
    MARK,
    MARK_MEANS,
    NO_ROWS,
    NO_SECTIONS,
    OFFICE,
    cleaned,
    columns,
    figure,
    figures,
    headed,
    key,
    longest,
    particulars,
    target_words,
    titled,
    top,
)
from ui.exports.typesetting import typeset

# What fits into half a page's width.
_COLUMNS_OF_HALF: Final = 5
_ROWS_OF_HALF: Final = 12
_COLOURS: Final = {
    "ink": palette.INK,
    "soft": palette.INK_SOFT,
    "grey": palette.GREY,
    "light": palette.GREY_LIGHT,
    "pale": palette.GREY_PALE,
    "blue": palette.BLUE,
    "blue_soft": palette.BLUE_SOFT,
    "blue_pale": palette.BLUE_PALE,
    "red": palette.RED,
    "red_pale": palette.RED_PALE,
}


def briefing_pdf(briefing: Briefing) -> bytes:
    """Return the briefing as a PDF; what two pages do not hold goes on to the next.

    Raises:
        TypesettingError: it cannot be set.
    """
    briefing = cleaned(briefing)
    return typeset(
        "briefing.typ",
        {
            "title": briefing.title,
            "office": OFFICE,
            "day": [briefing.as_of.year, briefing.as_of.month, briefing.as_of.day],
            "particulars": particulars(briefing),
            "mark": MARK,
            "mark_means": MARK_MEANS,
            "no_sections": NO_SECTIONS,
            "no_rows": NO_ROWS,
            "colours": _COLOURS,
            "sections": [_section(place, each) for place, each in enumerate(briefing.sections, 1)],
            "arrangements": [
                list(_rows(briefing.sections, fits)) for fits in (_is_plain, _is_narrow)
            ],
        },
    )


def _rows(sections: Sequence[Section], fits: Callable[[Section], bool]) -> Iterator[list[int]]:
    """Yield the places of what stands beside one another: two neighbours that fit, else one."""
    place = 0
    while place < len(sections):
        pair = sections[place : place + 2]
        beside = 2 if len(pair) == 2 and all(map(fits, pair)) else 1
        yield list(range(place, place + beside))
        place += beside


def _is_plain(section: Section) -> bool:
    """Whether there is a chart and no table, which has more room beside the chart."""
    return section.chart is not None and not section.tiles and section.grid is None


def _is_narrow(section: Section) -> bool:
    """Whether half a page's width is enough, with a small table below the chart."""
    grid = section.grid
    return (
        section.chart is not None
        and not section.tiles
        and (
            grid is None
            or (len(grid.headers) <= _COLUMNS_OF_HALF and len(grid.rows) <= _ROWS_OF_HALF)
        )
    )


def _section(place: int, section: Section) -> dict[str, Any]:
    chart = section.chart
    return {
        "head": headed(place, section),
        "title": section.title,
        "source": section.source,
        "tiles": [
            {
                "label": tile.label,
                "value": tile.value,
                "change": tile.change,
                "note": tile.note,
                "worse": tile.worse,
            }
            for tile in section.tiles
        ],
        "bars": _bars(chart) if isinstance(chart, Bars) else None,
        "lines": _lines(chart) if isinstance(chart, Lines) else None,
        "grid": _grid(section.grid) if section.grid else None,
        "notes": [
            {"text": note, "late": at in section.late} for at, note in enumerate(section.notes)
        ],
    }


def _bars(chart: Bars) -> dict[str, Any]:
    end = longest(chart)
    return {
        "title": titled(chart),
        "key": key(chart),
        "target": None if chart.target is None else _part(chart.target, end),
        "target_words": target_words(chart),
        "bars": [
            {
                "name": bar.name,
                "written": bar.written,
                "length": _part(bar.value, end),
                "low": _part(bar.low, end),
                "high": _part(bar.high, end),
                "late": bar.is_late,
                "small": bar.is_small,
            }
            for bar in chart.bars
        ],
    }


def _lines(chart: Lines) -> dict[str, Any]:
    end = top(chart)
    return {
        "title": titled(chart),
        "key": key(chart),
        "weeks": chart.weeks,
        "solid": len(chart.weeks) - chart.provisional,
        "ticks": [[part, figure(end * part)] for part in (0, 0.5, 1)],
        "lines": [
            {
                "name": line.name,
                "points": [_part(value, end) for value in line.values],
                "last": next(map(figure, filter(math.isfinite, reversed(line.values))), ""),
            }
            for line in chart.lines
        ],
    }


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "headers": grid.headers,
        "widths": columns(grid)[0],
        "figures": figures(grid),
        "rows": [
            [{"text": cell, "late": (at, place) in grid.late} for place, cell in enumerate(row)]
            for at, row in enumerate(grid.rows)
        ],
    }


def _part(value: float, end: float) -> float | None:
    """Return a length as a part of the axis, ``None`` where it is not known."""
    return min(max(value / end, 0.0), 1.0) if math.isfinite(value) else None
