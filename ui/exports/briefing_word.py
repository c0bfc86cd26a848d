"""A briefing as a document that an office goes on editing: styles, tables, no pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Final

import docx
from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from analysis.briefing_content import Bar, Bars, Briefing, Grid, Lines, Section
from ui import palette
from ui.exports import word_styles
from ui.exports.briefing_words import (
    MARK_MEANS,
    NO_ROWS,
    NO_SECTIONS,
    cleaned,
    columns,
    figure,
    figures,
    has_intervals,
    headed,
    interval,
    key,
    longest,
    marked,
    particulars,
    titled,
)
from ui.exports.office_files import describe, drop_foreign_parts, settled

_LONGEST_BAR: Final = 22  # blocks
_STAYS: Final = 13  # rows of a table that is not broken over two pages
_PROVISIONAL: Final = "（还在补录）"


def briefing_word(briefing: Briefing) -> bytes:
    """Return the briefing as a .docx on A4.

    Bars are drawn in a column of their table as text, so that who edits a figure can edit its bar.
    """
    briefing = cleaned(briefing)
    document = docx.Document()
    word_styles.set_up(document)
    describe(document.core_properties, briefing)
    drop_foreign_parts(document.part.package.rels)
    drop_foreign_parts(document.part.rels)
    document.add_paragraph(briefing.title, style="Title")
    said = [f"{name}：{words}" for name, words in particulars(briefing)]
    for at in range(0, len(said), 2):
        document.add_paragraph("　".join(said[at : at + 2]), style=word_styles.PARTICULARS)
    document.add_paragraph(MARK_MEANS, style=word_styles.SOURCE)
    for place, section in enumerate(briefing.sections, start=1):
        _add_section(document, place, section)
    if not briefing.sections:
        document.add_paragraph(NO_SECTIONS)
    _number_pages(document)
    buffer = BytesIO()
    document.save(buffer)
    return settled(buffer.getvalue(), briefing)


def _add_section(document: Document, place: int, section: Section) -> None:
    document.add_paragraph(headed(place, section), style="Heading 1")
    document.add_paragraph(section.title, style=word_styles.FINDING)
    if section.tiles:
        late = {at for at, tile in enumerate(section.tiles) if tile.worse}
        _add_table(
            document,
            Grid(
                headers=("指标", "数值", "比上周", "说明"),
                rows=tuple(
                    (marked(each.label, is_late=each.worse), each.value, each.change, each.note)
                    for each in section.tiles
                ),
                late=frozenset((row, column) for row in late for column in range(3)),
            ),
        )
    if isinstance(section.chart, Bars):
        _add_bars(document, section.chart)
    elif isinstance(section.chart, Lines):
        _add_lines(document, section.chart)
    if section.grid:
        _add_table(document, section.grid)
    for at, note in enumerate(section.notes):
        is_late = at in section.late
        run = document.add_paragraph(style="List Bullet").add_run(marked(note, is_late=is_late))
        _redden(run, is_late=is_late)
    document.add_paragraph(f"来源：{section.source}", style=word_styles.SOURCE)


def _add_bars(document: Document, chart: Bars) -> None:
    document.add_paragraph(titled(chart), style="Caption")
    intervals = has_intervals(chart)
    end = longest(chart)

    def drawn(row: int, cell: Any) -> None:
        bar = chart.bars[row]
        run = cell.paragraphs[0].add_run(_blocks(bar, end), style=word_styles.DRAWN)
        word_styles.colour(
            run,
            palette.RED
            if bar.is_late
            else palette.GREY_LIGHT
            if bar.is_small
            else palette.BLUE_SOFT,
        )

    _add_table(
        document,
        Grid(
            headers=("名称", "数值", *(("95% 置信区间",) if intervals else ()), "图示"),
            rows=tuple(
                (
                    marked(bar.name, is_late=bar.is_late),
                    bar.written,
                    *((interval(bar),) if intervals else ()),
                    "",
                )
                for bar in chart.bars
            ),
            late=frozenset(
                (row, column)
                for row, bar in enumerate(chart.bars)
                for column in (0, 1)
                if bar.is_late
            ),
        ),
        shares=(0.24, 0.2, 0.18, 0.38) if intervals else (0.26, 0.24, 0.5),
        last_cell=drawn,
    )
    _add_key(document, chart)


def _add_lines(document: Document, chart: Lines) -> None:
    document.add_paragraph(titled(chart), style="Caption")
    solid = len(chart.weeks) - chart.provisional
    _add_table(
        document,
        Grid(
            headers=("周", *(line.name for line in chart.lines)),
            rows=tuple(
                (
                    week if at < solid else week + _PROVISIONAL,
                    *(figure(line.values[at]) for line in chart.lines),
                )
                for at, week in enumerate(chart.weeks)
            ),
        ),
    )
    _add_key(document, chart)


def _add_key(document: Document, chart: Bars | Lines) -> None:
    # A table has no hollow points and no dashed line.
    words = key(chart, is_drawn=False)
    if words:
        document.add_paragraph(words, style=word_styles.SOURCE)


def _blocks(bar: Bar, end: float) -> str:
    if not math.isfinite(bar.value):
        return ""
    return "█" * round(_LONGEST_BAR * min(max(bar.value / end, 0.0), 1.0))


def _add_table(
    document: Document,
    grid: Grid,
    *,
    shares: Sequence[float] = (),
    last_cell: Callable[[int, Any], None] | None = None,
) -> None:
    """Add a table; its first row is said again on every page.

    ``shares`` are widths of columns that do not follow from their words; ``last_cell`` fills the
    last column.
    """
    table = document.add_table(rows=0, cols=len(grid.headers), style=word_styles.BULLETIN_TABLE)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    section = document.sections[0]
    whole = section.page_width - section.left_margin - section.right_margin  # type: ignore[operator]
    fitting, smaller = columns(grid, whole / Pt(word_styles.CELL_SIZE))
    spans = [int(whole * share) for share in shares or fitting]
    for column, span in zip(table.columns, spans, strict=True):
        column.width = span
    sides = [word_styles.CELL_RIGHT if each else word_styles.CELL for each in figures(grid)]
    stays = len(grid.rows) <= _STAYS
    for row, words in enumerate((grid.headers, *grid.rows), start=-1):
        cells = table.add_row()
        _set_row(cells, is_header=row < 0)
        for place, (cell, text) in enumerate(zip(cells.cells, words, strict=True)):
            cell.width = spans[place]
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            cell.paragraphs[0].style = sides[place]
            if row >= 0 and last_cell and place == len(words) - 1:
                last_cell(row, cell)
            else:
                run = cell.paragraphs[0].add_run(text)
                if smaller < 1:
                    run.font.size = Pt(max(round(2 * word_styles.CELL_SIZE * smaller) / 2, 7))
                _redden(run, is_late=(row, place) in grid.late)
            cell.paragraphs[0].paragraph_format.keep_with_next = stays and row < len(grid.rows) - 1
    if not grid.rows:
        document.add_paragraph(NO_ROWS, style=word_styles.SOURCE)


def _set_row(row: Any, *, is_header: bool) -> None:
    """Keep a row on one page; say the header's again on the next."""
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(("w:tblHeader",) if is_header else ())):
        properties.append(OxmlElement(name))


def _redden(run: Any, *, is_late: bool) -> None:
    if is_late:
        run.font.bold = True
        word_styles.colour(run, palette.RED)


def _number_pages(document: Document) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for words, field in (("第 ", "PAGE"), (" 页 共 ", "NUMPAGES"), (" 页", None)):
        paragraph.add_run(words)
        if field:
            simple = OxmlElement("w:fldSimple")
            simple.set(qn("w:instr"), field)
            run = OxmlElement("w:r")
            text = OxmlElement("w:t")
            text.text = "1"
            run.append(text)
            simple.append(run)
            paragraph._p.append(simple)
