"""The weekly form and the bulletin's table as a workbook that an office prints and signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import pandas as pd
import xlsxwriter

from analysis.form_columns import Column
from analysis.weekly_form import TOTAL
from ui.exports.excel import sheet_name, write_cell
from ui.formatting import MISSING, is_missing

EXPLAINED: Final = "口径说明"
FOOTER: Final = ("填表人：", "审核人：", "填报日期：　　　年　　月　　日")
_A4: Final = 9
_BORDERED: Final = {"border": 1, "valign": "vcenter", "text_wrap": True}
_NUMBER_FORMATS: Final = {"text": "@", "count": "#,##0", "money": "#,##0.00"}


@dataclass(frozen=True, slots=True)
class Part:
    """Columns that stand together, under ``heading`` where it is not empty.

    ``rows`` has a column of each measure, as ``analysis.weekly_form.table`` fills them in;
    the last row is 合计.
    """

    columns: tuple[Column, ...]
    rows: pd.DataFrame
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form: its title, the three words of the line below it, and its parts side by side."""

    name: str
    title: str
    line: tuple[str, str, str]
    parts: tuple[Part, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns from left to right."""
        return tuple(column for part in self.parts for column in part.columns)


def workbook(sheet: Sheet, *, notes: Sequence[str] = ()) -> bytes:
    """Return the form as a workbook: the filled form, and a sheet of definitions.

    The form is laid out for A4 across, one page wide, the header on every page. ``notes`` stand
    above the definitions. Texts are written as texts, as `ui.exports.excel` does; a number that
    is not known is ``—``.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        _write_form(book, sheet)
        _write_definitions(book, sheet, notes)
    return buffer.getvalue()


def _write_form(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet_name(sheet.name))
    last = len(sheet.columns) - 1
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    _merged(page, 0, 0, last, sheet.title, title)
    page.set_row(0, 30)
    for (first, end), words, align in zip(
        _thirds(last), sheet.line, ("left", "center", "right"), strict=True
    ):
        line = book.add_format({"align": align, "valign": "vcenter"})
        _merged(page, 1, first, end, words, line)
    page.set_row(1, 20)
    row = _write_header(book, page, sheet) + 1
    page.freeze_panes(row, 1)
    count = len(sheet.parts[0].rows)
    place = 0
    for part in sheet.parts:
        for column in part.columns:
            values = part.rows[column.measure].tolist()
            for offset, value in enumerate(values):
                _write(book, page, row + offset, place, value, column, total=offset == count - 1)
            place += 1
    if [column.measure for column in sheet.columns[:2]] == ["county", "period"]:
        bold = book.add_format({**_BORDERED, "bold": True, "align": "center"})
        page.merge_range(row + count - 1, 0, row + count - 1, 1, TOTAL, bold)
    below = row + count
    for (first, end), words in zip(_thirds(last), FOOTER, strict=True):
        _merged(page, below, first, end, words, book.add_format({"valign": "vcenter"}))
    page.set_row(below, 28)
    _lay_out(page, sheet, below, last, row)


def _write_header(book: Any, page: Any, sheet: Sheet) -> int:
    """Write one row of headers, or two where parts have headings; return the last one."""
    heading = book.add_format({**_BORDERED, "bold": True, "align": "center", "bg_color": "#eef1f4"})
    has_two = any(part.heading for part in sheet.parts)
    place = 0
    for part in sheet.parts:
        end = place + len(part.columns) - 1
        if part.heading:
            _merged(page, 2, place, end, part.heading, heading)
        for column in part.columns:
            if has_two and not part.heading:
                page.merge_range(2, place, 3, place, column.header, heading)
            else:
                page.write_string(3 if has_two else 2, place, column.header, heading)
            place += 1
    return 3 if has_two else 2


def _lay_out(page: Any, sheet: Sheet, below: int, last: int, first_row: int) -> None:
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.center_horizontally()
    page.fit_to_pages(1, 0)
    page.print_area(0, 0, below, last)
    page.repeat_rows(2, first_row - 1)
    page.set_footer("&C第 &P 页，共 &N 页")


def _write(
    book: Any, page: Any, row: int, place: int, value: object, column: Column, *, total: bool
) -> None:
    align = "left" if column.kind == "text" else "right"
    look = {**_BORDERED, "align": align, "bold": total}
    plain = book.add_format(look)
    if is_missing(value):
        page.write_string(row, place, MISSING, plain)
        return
    if value == "":
        page.write_blank(row, place, None, plain)
        return
    write_cell(
        page,
        row,
        place,
        value,
        text=book.add_format({**look, "quote_prefix": True}),
        day=plain,
        number=book.add_format({**look, "num_format": _NUMBER_FORMATS[column.kind]}),
        other=plain,
    )


def _write_definitions(book: Any, sheet: Sheet, notes: Sequence[str]) -> None:
    page = book.add_worksheet(EXPLAINED)
    heading = book.add_format({**_BORDERED, "bold": True, "bg_color": "#eef1f4"})
    plain = book.add_format({**_BORDERED, "valign": "top"})
    marked = book.add_format({**_BORDERED, "valign": "top", "quote_prefix": True})
    title = book.add_format({"bold": True, "font_size": 14})
    note = book.add_format({"text_wrap": True, "valign": "top"})
    page.write_string(0, 0, f"{sheet.title}：口径说明", title)
    row = 1
    for words in notes:
        _merged(page, row, 0, 1, words, note)
        page.set_row(row, 32)
        row += 1
    first = row
    page.write_string(row, 0, "栏目", heading)
    page.write_string(row, 1, "口径", heading)
    # Parts of one table may have the same column for two times.
    for column in {column.measure: column for column in sheet.columns}.values():
        row += 1
        for place, words in enumerate((column.header, column.definition)):
            write_cell(page, row, place, words, text=marked, day=plain, number=plain, other=plain)
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 100)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.print_area(0, 0, row, 1)
    page.repeat_rows(first)


def _merged(page: Any, row: int, first: int, last: int, words: str, look: Any) -> None:
    """Write words over several cells, never as a formula."""
    if first < last:
        page.merge_range(row, first, row, last, "", look)
    write_cell(page, row, first, words, text=look, day=look, number=look, other=look)


def _thirds(last: int) -> tuple[tuple[int, int], ...]:
    """Return the first and last columns of three parts of the width, the middle one widest."""
    side = max((last + 1) // 3, 1)
    return (0, side - 1), (side, last - side), (last - side + 1, last)
