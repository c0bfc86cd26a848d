"""A briefing as slides to be shown and edited: a title, then one slide a section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from io import BytesIO
from typing import Any, Final

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from analysis.briefing_content import Bars, Briefing, Grid, Section, Tile
from ui import palette
from ui.exports.briefing_words import (
    MARK_MEANS,
    NO_ROWS,
    NO_SECTIONS,
    cleaned,
    columns,
    figures,
    headed,
    key,
    marked,
    particulars,
)
from ui.exports.office_files import describe, settled
from ui.exports.slide_charts import add_bars, add_lines
from ui.exports.slide_parts import (
    LINE,
    MARGIN,
    TITLE_SIZES,
    WIDTH,
    Box,
    add_text,
    describe_shape,
    fitting_size,
    height_of,
    line_below,
    lines_of,
    new_deck,
    new_slide,
    rgb,
    set_language,
    write,
)

_HEADING: Final = Box(MARGIN + 0.1, 0.36, WIDTH - 2 * MARGIN, 0.36)
_BODY: Final = Box(MARGIN + 0.1, 1.85, WIDTH - 2 * MARGIN - 0.2, 4.95)
_SOURCE: Final = Box(MARGIN + 0.1, 6.98, WIDTH - 2 * MARGIN - 1.4, 0.32)
_NOTE_SIZES: Final = (20, 18, 16, 14, 12, 11, 10)
_GRID_SIZES: Final = (16, 14, 13, 12)  # smaller ones are not read from afar
_GAP: Final = 0.2
_CELL_MARGIN: Final = (0.07, 0.035)  # beside and above a cell's text


def briefing_slides(briefing: Briefing) -> bytes:
    """Return the briefing as a .pptx, 16:9, with native charts and tables.

    A table with more rows than a slide holds goes on to the next.
    """
    briefing = cleaned(briefing)
    deck = new_deck()
    describe(deck.core_properties, briefing)
    _add_opening(deck, briefing)
    day = datetime.combine(briefing.as_of, time())
    for place, section in enumerate(briefing.sections, start=1):
        _add_section(deck, place, section, day)
    set_language(deck)
    buffer = BytesIO()
    deck.save(buffer)
    return settled(buffer.getvalue(), briefing)


def _add_opening(deck: Any, briefing: Briefing) -> None:
    slide = new_slide(deck, briefing.title, Box(1.2, 1.9, WIDTH - 2.4, 1.4), (40, *TITLE_SIZES))
    said = [f"{name}：{words}" for name, words in particulars(briefing)]
    add_text(slide, Box(1.3, 3.5, WIDTH - 2.6, 2.4), said, size=18, colour=palette.INK_SOFT, gap=6)
    below = MARK_MEANS if briefing.sections else NO_SECTIONS
    add_text(slide, Box(1.3, 6.3, WIDTH - 2.6, 0.4), [below], size=12, colour=palette.INK_SOFT)


def _add_section(deck: Any, place: int, section: Section, day: datetime) -> None:
    slide = _begin(deck, section, headed(place, section))
    free = _BODY
    if section.tiles:
        free = _add_tiles(slide, free, section.tiles)
    notes = [marked(note, is_late=at in section.late) for at, note in enumerate(section.notes)]
    beside = section.chart is not None and section.grid is None and notes
    noted = _split(free, 0.68)[1] if beside else _strip(free, notes, section)
    if notes and not beside:
        free = Box(free.left, free.top, free.width, noted.top - free.top - _GAP)
    if section.chart is not None:
        left, right = _split(free, 0.68 if beside else 0.5)
        _add_chart(slide, left if beside or section.grid else free, section.chart, day)
        free = right
    more: list[Grid] = []
    if section.grid is not None:
        first, *more = _paged(section.grid, free)
        _add_grid(slide, free, first, section.title)
    if notes:
        size = fitting_size(notes, noted, _NOTE_SIZES, gap=6)
        add_text(slide, noted, notes, size=size, late=section.late, gap=6, bullets=True)
    _end(slide, section)
    for grid in more:
        slide = _begin(deck, section, f"{headed(place, section)}（续）")
        _add_grid(slide, _BODY, grid, section.title)
        _end(slide, section)


def _begin(deck: Any, section: Section, heading: str) -> Any:
    slide = new_slide(deck, section.title)
    shape = add_text(slide, _HEADING, [heading], size=16, bold=True, colour=palette.BLUE)
    # Read first, as it is seen first.
    slide.shapes._spTree.insert(2, shape._element)
    return slide


def _end(slide: Any, section: Section) -> None:
    words = [f"来源：{section.source}"]
    size = fitting_size(words, _SOURCE, (12, 11, 10, 9, 8, 7))
    add_text(slide, _SOURCE, words, size=size, colour=palette.INK_SOFT)


def _split(box: Box, part: float) -> tuple[Box, Box]:
    """Return the two boxes beside one another that a box is divided into."""
    left = box.width * part - _GAP
    right = box.width - left - 2 * _GAP
    return (
        Box(box.left, box.top, left, box.height),
        Box(box.left + left + 2 * _GAP, box.top, right, box.height),
    )


def _strip(box: Box, notes: Sequence[str], section: Section) -> Box:
    """Return where notes stand below what is drawn: at most on half the height."""
    if section.chart is None and section.grid is None:
        return box
    height = min(height_of(notes, _NOTE_SIZES[2], box.width - 0.2, gap=6), box.height / 2)
    return Box(box.left, box.top + box.height - height, box.width, height)


def _add_tiles(slide: Any, box: Box, tiles: Sequence[Tile]) -> Box:
    """Add rows of at most six tiles and return the room below them."""
    rows = -(-len(tiles) // 6)
    in_a_row = -(-len(tiles) // rows)
    height = min(1.8, box.height / rows - _GAP)
    width = (box.width - _GAP * (in_a_row - 1)) / in_a_row
    for at, tile in enumerate(tiles):
        row, place = divmod(at, in_a_row)
        _add_tile(
            slide,
            Box(
                box.left + place * (width + _GAP),
                box.top + row * (height + _GAP),
                width,
                height,
            ),
            tile,
        )
    used = rows * (height + _GAP) + _GAP
    return Box(box.left, box.top + used, box.width, max(box.height - used, 0.5))


def _add_tile(slide: Any, box: Box, tile: Tile) -> None:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *box.lengths)
    shape.name = tile.label
    shape._element.remove(shape._element.find(qn("p:style")))  # a shadow is in it
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb(palette.PAPER)
    shape.line.color.rgb = rgb(palette.GREY_LIGHT)
    shape.line.width = Pt(1)
    frame = shape.text_frame
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_top = Inches(0.12)
    frame.margin_left = frame.margin_right = Inches(0.1)
    inside = Box(0, 0, box.width - 0.05, box.height)
    colour = palette.RED if tile.worse else palette.INK
    texts = (
        (marked(tile.label, is_late=tile.worse), (14, 12, 10, 8), 1, tile.worse, colour),
        (tile.value, (28, 24, 22, 20, 18, 16, 14, 12, 10, 8), 1, True, colour),
        (tile.change, (14, 12, 10, 8), 1, tile.worse, colour),
        (tile.note, (13, 12, 11, 10, 9, 8), 2, False, palette.INK_SOFT),
    )
    for at, (text, sizes, lines, bold, its_colour) in enumerate(texts):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.LEFT
        room_for = Box(0, 0, inside.width, sizes[0] * LINE * lines / 72)
        write(
            paragraph,
            text,
            size=fitting_size([text], room_for, sizes),
            bold=bold,
            colour=its_colour,
        )


def _add_chart(slide: Any, box: Box, chart: Any, day: datetime) -> None:
    said = key(chart)
    drawn = Box(box.left, box.top, box.width, box.height - (0.3 if said else 0))
    if isinstance(chart, Bars):
        if chart.bars:
            add_bars(slide, drawn, chart, day)
        else:
            add_text(slide, drawn, [chart.title, NO_ROWS], size=14, colour=palette.INK_SOFT)
    elif chart.lines and chart.weeks:
        add_lines(slide, drawn, chart, day)
    else:
        add_text(slide, drawn, [chart.title, NO_ROWS], size=14, colour=palette.INK_SOFT)
    if said:
        below = Box(box.left, box.top + box.height - 0.25, box.width, 0.25)
        add_text(slide, below, [said], size=12, colour=palette.INK_SOFT)


def _paged(grid: Grid, box: Box) -> Iterator[Grid]:
    """Yield a grid in parts: one that fits beside what else is on the slide, then whole slides."""
    rows: list[tuple[str, ...]] = []
    begun = 0
    for at, row in enumerate(grid.rows):
        if rows and _grid_size(Grid(grid.headers, (*rows, row)), box) is None:
            yield _part(grid, begun, at)
            rows, begun, box = [], at, _BODY
        rows.append(row)
    yield _part(grid, begun, len(grid.rows))


def _part(grid: Grid, begun: int, ended: int) -> Grid:
    late = frozenset((row - begun, place) for row, place in grid.late if begun <= row < ended)
    return Grid(grid.headers, grid.rows[begun:ended], late)


def _grid_size(grid: Grid, box: Box) -> float | None:
    """Return the largest size in which a grid fits a box; ``None`` if none does.

    Rather smaller letters than cells on two lines.
    """
    fits = [size for size in _GRID_SIZES if sum(_row_heights(grid, box, size)) <= box.height]
    on_a_line = (size for size in fits if columns(grid, box.width * 72 / size)[1] == 1)
    return next(on_a_line, fits[-1] if fits else None)


def _row_heights(grid: Grid, box: Box, size: float) -> list[float]:
    shares, _ = columns(grid, box.width * 72 / size)
    beside, above = _CELL_MARGIN
    return [
        max(
            (
                lines_of(text, size, box.width * share - 2 * beside)
                for text, share in zip(row, shares, strict=True)
            ),
            default=1,
        )
        * size
        * LINE
        / 72
        + 2 * above
        for row in (grid.headers, *grid.rows)
    ]


def _add_grid(slide: Any, box: Box, grid: Grid, words: str) -> None:
    size = _grid_size(grid, box) or _GRID_SIZES[-1]
    heights = _row_heights(grid, box, size)
    # Rows share out what is left, but stay rows.
    spare = min(max(box.height - sum(heights), 0) / len(heights), 0.12)
    placed = Box(box.left, box.top, box.width, sum(heights) + spare * len(heights))
    frame = slide.shapes.add_table(len(heights), len(grid.headers), *placed.lengths)
    describe_shape(frame, words)
    table = frame.table
    table.horz_banding = False
    shares, _ = columns(grid, box.width * 72 / size)
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Inches(box.width * share)
    sides = figures(grid)
    for row, texts in enumerate((grid.headers, *grid.rows)):
        table.rows[row].height = Inches(heights[row] + spare)
        for place, text in enumerate(texts):
            _fill_cell(
                table.cell(row, place),
                text,
                size,
                is_header=row == 0,
                is_late=(row - 1, place) in grid.late,
                is_figure=sides[place],
            )
    if not grid.rows:
        below = Box(box.left, box.top + placed.height + 0.1, box.width, 0.3)
        add_text(slide, below, [NO_ROWS], size=14, colour=palette.INK_SOFT)


def _fill_cell(
    cell: Any, text: str, size: float, *, is_header: bool, is_late: bool, is_figure: bool
) -> None:
    beside, above = _CELL_MARGIN
    cell.margin_left = cell.margin_right = Inches(beside)
    cell.margin_top = cell.margin_bottom = Inches(above)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = rgb("#f3f4f5" if is_header else palette.PAPER)
    line_below(cell, palette.INK if is_header else palette.GREY_PALE, 1.25 if is_header else 0.75)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if is_figure else PP_ALIGN.LEFT
    write(
        paragraph,
        text,
        size=size,
        bold=is_header or is_late,
        colour=palette.RED if is_late else palette.INK,
    )
