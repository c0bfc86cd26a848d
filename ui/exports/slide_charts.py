"""Charts of slides that can be edited: native ones, with a workbook in which nothing runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.enum.shapes import MSO_CONNECTOR
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Pt

from analysis.briefing_content import Bars, Lines
from analysis.wording import MISSING
from ui import palette
from ui.exports.briefing_words import (
    OFFICE,
    figure,
    has_intervals,
    longest,
    marked,
    room,
    target_words,
    titled,
    top,
)
from ui.exports.excel import write_cell
from ui.exports.slide_parts import Box, add_text, describe_shape, look, rgb

# Names of columns that are not drawn: the written values stand where they end.
UPPER: Final = "95% 置信区间上限"
WRITTEN_AT: Final = "标签位置"
_SIZE: Final = 12
_FOOT: Final = 0.2  # the part of the axis that a number takes
_WEEK: Final = 1.0  # inches that the name of a week takes
_MARKERS: Final = (
    XL_MARKER_STYLE.CIRCLE,
    XL_MARKER_STYLE.SQUARE,
    XL_MARKER_STYLE.TRIANGLE,
    XL_MARKER_STYLE.DIAMOND,
)
_COLOURS: Final = (palette.BLUE, palette.INK_SOFT, palette.BLUE_SOFT, palette.INK)


class _SafeData(CategoryChartData):
    """Data whose workbook holds names as text, whatever they begin with."""

    def __init__(self, day: Any, **more: Any) -> None:
        super().__init__(**more)  # type: ignore[no-untyped-call]
        self._day = day

    @property
    def xlsx_blob(self) -> bytes:
        """The workbook, with its cells where the chart looks for them."""
        buffer = BytesIO()
        with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
            workbook.set_properties({"author": OFFICE, "created": self._day})
            guarded = workbook.add_format({"quote_prefix": True})
            page = workbook.add_worksheet("Sheet1")
            page.set_column(0, 0, 18)
            names = [category.label for category in self.categories]
            for place, column in enumerate(
                [["", *names], *([series.name, *series.values] for series in self)]
            ):
                for row, value in enumerate(column):
                    write_cell(page, row, place, value, text=guarded, day=None, number=None)
        return buffer.getvalue()


def add_bars(slide: Any, box: Box, chart: Bars, day: Any) -> None:
    """Add horizontal bars, the first on top, with their written values and the target's line.

    A bar of unknown length has its written value behind its name. ``day`` dates the workbook.
    """
    data = _SafeData(day, number_format="0.0%" if chart.is_share else "General")
    data.categories = names = [
        bar.name if math.isfinite(bar.value) else f"{bar.name}（{bar.written}）"
        for bar in chart.bars
    ]
    end = longest(chart)
    _add_series(data, chart.unit or chart.title, [bar.value for bar in chart.bars])
    if chart.target is not None:
        # To the right of all bars: there the target's line does not run through them.
        _add_series(data, WRITTEN_AT, [end for _ in chart.bars])
    elif has_intervals(chart):
        ends = [bar.high if math.isfinite(bar.high) else bar.value for bar in chart.bars]
        _add_series(data, UPPER, ends)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box.lengths, data)
    describe_shape(frame, titled(chart))
    native = frame.chart
    _title(native, titled(chart))
    native.has_legend = False
    _axes(native, end)
    native.category_axis.reverse_order = True
    _skip(native.category_axis, 1)
    native.value_axis.visible = False
    native.value_axis.has_major_gridlines = False
    plot = native.plots[0]
    plot.gap_width = 45
    plot.overlap = 100
    _paint(plot, chart)
    if has_intervals(chart):
        _draw_intervals(plot.series[0]._element, chart)
    left = min(max(map(room, names), default=4) * _SIZE / 72 + 0.25, 3.0)
    written = max((room(bar.written) for bar in chart.bars), default=4) * _SIZE / 72 + 0.45
    above = 0.55 if chart.target is None else 0.8
    # Names stand left of the inner part, written values may reach beyond it on the right.
    inner = Box(
        left / box.width,
        above / box.height,
        max(1 - (left + min(written, 3.0)) / box.width, 0.2),
        1 - (above + 0.1) / box.height,
    )
    _set_inner(native, inner)
    if chart.target is not None:
        _draw_target(slide, box, inner, chart, min(chart.target / end, 1.0))


def add_lines(slide: Any, box: Box, chart: Lines, day: Any) -> None:
    """Add courses over weeks; points that are still filling up are hollow."""
    data = _SafeData(day, number_format="General")
    data.categories = chart.weeks
    for line in chart.lines:
        _add_series(data, line.name, line.values)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *box.lengths, data)
    describe_shape(frame, titled(chart))
    native = frame.chart
    _title(native, titled(chart))
    native.has_legend = True
    native.legend.position = XL_LEGEND_POSITION.BOTTOM
    native.legend.include_in_layout = False
    look(native.legend.font, size=_SIZE)
    _axes(native, top(chart))
    _skip(native.category_axis, _step(len(chart.weeks), box.width))
    native.value_axis.major_unit = top(chart) / 2
    native.value_axis.has_major_gridlines = True
    native.value_axis.major_gridlines.format.line.color.rgb = rgb(palette.GREY_PALE)
    solid = len(chart.weeks) - chart.provisional
    ends = [_last_known(line.values) for line in chart.lines]
    for number, (series, line) in enumerate(zip(native.plots[0].series, chart.lines, strict=True)):
        colour = _COLOURS[number % len(_COLOURS)]
        series.smooth = False
        series.format.line.color.rgb = rgb(colour)
        series.format.line.width = Pt(2.25)
        _mark(series.marker, number, fill=colour, edge=colour)
        for place in range(solid, len(chart.weeks)):
            point = series.points[place]
            _mark(point.marker, number, fill=palette.PAPER, edge=colour)
            point.format.line.color.rgb = rgb(colour)
            point.format.line.dash_style = MSO_LINE_DASH_STYLE.ROUND_DOT
        if (at := ends[number]) is not None:
            position = _position(chart, ends, number)
            _label(series.points[at], figure(line.values[at]), colour, position)


def _last_known(values: Sequence[float]) -> int | None:
    return next((at for at in reversed(range(len(values))) if math.isfinite(values[at])), None)


def _position(chart: Lines, ends: Sequence[int | None], number: int) -> Any:
    """Say where the last number of a line stands, so that no other and no week lies on it.

    That of the highest stands above its point, any other below, and beside it near the axis.
    """
    values = [
        -math.inf if at is None else line.values[at]
        for line, at in zip(chart.lines, ends, strict=True)
    ]
    if number == values.index(max(values)):
        return XL_LABEL_POSITION.ABOVE
    is_low = values[number] < top(chart) * _FOOT
    return XL_LABEL_POSITION.RIGHT if is_low else XL_LABEL_POSITION.BELOW


def _add_series(data: Any, name: str, values: Sequence[float]) -> None:
    data.add_series(name, [value if math.isfinite(value) else None for value in values])


def _title(native: Any, words: str) -> None:
    native.font.size = Pt(_SIZE)
    look(native.font, size=_SIZE)
    native.has_title = True
    frame = native.chart_title.text_frame
    frame.text = words
    look(frame.paragraphs[0].runs[0].font, size=14, colour=palette.INK_SOFT)
    native.chart_title.include_in_layout = False


def _axes(native: Any, end: float) -> None:
    native.value_axis.minimum_scale, native.value_axis.maximum_scale = 0, end
    native.value_axis.format.line.fill.background()
    native.category_axis.format.line.color.rgb = rgb(palette.GREY)
    native.category_axis.has_major_gridlines = False
    for axis in (native.value_axis, native.category_axis):
        look(axis.tick_labels.font, size=_SIZE)


def _step(weeks: int, width: float) -> int:
    """Return which of the weeks have room for a name; the last has, where they divide so."""
    least = math.ceil(weeks / max(int(width / _WEEK), 1))
    return next((each for each in range(least, least + 3) if (weeks - 1) % each == 0), least)


def _skip(axis: Any, step: int) -> None:
    skip = parse_xml(f'<c:tickLblSkip {nsdecls("c")} val="{step}"/>')
    axis._element.find(qn("c:noMultiLvlLbl")).addprevious(skip)


def _paint(plot: Any, chart: Bars) -> None:
    """Colour the bars and write at the last series, the one that reaches furthest."""
    first, last = plot.series[0], plot.series[-1]
    for series in plot.series:
        series.invert_if_negative = False
    if last is not first and len(plot.series) > 1:
        last.format.fill.background()
        last.format.line.fill.background()
    for at, bar in enumerate(chart.bars):
        fill = first.points[at].format.fill
        fill.solid()
        edge = first.points[at].format.line
        if bar.is_late:
            fill.fore_color.rgb = rgb(palette.RED_PALE if bar.is_small else palette.RED)
            edge.color.rgb = rgb(palette.RED)
        elif bar.is_small:
            fill.fore_color.rgb = rgb(palette.GREY_PALE)
            edge.color.rgb = rgb(palette.GREY_LIGHT)
        else:
            fill.fore_color.rgb = rgb(palette.BLUE_SOFT)
            edge.color.rgb = rgb(palette.BLUE_SOFT)
        if math.isfinite(bar.value) and bar.written != MISSING:
            words = marked(bar.written, is_late=bar.is_late)
            colour = palette.RED if bar.is_late else palette.INK
            _label(last.points[at], words, colour, XL_LABEL_POSITION.OUTSIDE_END, bold=bar.is_late)


def _label(point: Any, words: str, colour: str, position: Any, *, bold: bool = True) -> None:
    label = point.data_label
    label.text_frame.text = words
    label.text_frame.word_wrap = False
    look(label.text_frame.paragraphs[0].runs[0].font, size=_SIZE, bold=bold, colour=colour)
    label.position = position


def _mark(marker: Any, number: int, *, fill: str, edge: str) -> None:
    marker.style = _MARKERS[number % len(_MARKERS)]
    marker.size = 8
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = rgb(fill)
    marker.format.line.color.rgb = rgb(edge)


def _draw_intervals(series: Any, chart: Bars) -> None:
    """Draw each bar's interval as the library cannot: as its error bar."""

    def numbers(side: str, lengths: list[float]) -> str:
        points = "".join(
            f'<c:pt idx="{at}"><c:v>{max(length, 0.0):.6f}</c:v></c:pt>'
            for at, length in enumerate(lengths)
            if math.isfinite(length)
        )
        return (
            f'<c:{side}><c:numLit><c:ptCount val="{len(lengths)}"/>{points}</c:numLit></c:{side}>'
        )

    plus = numbers("plus", [bar.high - bar.value for bar in chart.bars])
    minus = numbers("minus", [bar.value - bar.low for bar in chart.bars])
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="0"/>{plus}{minus}<c:spPr><a:ln w="12700"><a:solidFill>'
        f'<a:srgbClr val="{palette.INK[1:]}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    series.find(qn("c:cat")).addprevious(bars)


def _set_inner(native: Any, inner: Box) -> None:
    """Fix where the bars begin and end, so that the target's line stands where it should."""
    area = native._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    sides = (("x", inner.left), ("y", inner.top), ("w", inner.width), ("h", inner.height))
    placed = "".join(f'<c:{side} val="{part:.4f}"/>' for side, part in sides)
    area.insert(
        0,
        parse_xml(
            f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/>'
            f'<c:xMode val="edge"/><c:yMode val="edge"/>{placed}</c:manualLayout></c:layout>'
        ),
    )


def _draw_target(slide: Any, box: Box, inner: Box, chart: Bars, part: float) -> None:
    at = box.left + box.width * (inner.left + inner.width * part)
    start = box.top + box.height * inner.top
    line = slide.shapes.add_connector(
        MSO_CONNECTOR.STRAIGHT,
        Inches(at),
        Inches(start),
        Inches(at),
        Inches(start + box.height * inner.height),
    )
    line.name = target_words(chart)
    line.line.color.rgb = rgb(palette.INK)
    line.line.width = Pt(1.5)
    line.line.dash_style = MSO_LINE_DASH_STYLE.DASH
    words = Box(at + 0.05, start - 0.24, 2.0, 0.24)
    add_text(slide, words, [target_words(chart)], size=_SIZE)
