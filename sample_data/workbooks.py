"""Sheets into files: the same sheets give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from sample_data.habits import Cell, day
from sample_data.tables import Sheet

# A workbook keeps the moment of its making, which would make every run's files differ.
MADE_ON = datetime(2022, 8, 25, 9, 0)  # noqa: DTZ001 - the file format knows no time zone
HIDDEN_LINES = (("本页为下拉选项和填表说明，勿删",), ("是", "否"), ("在营", "停业"))


def write_xlsx(path: Path, sheets: Sequence[Sheet], *, hidden_sheet: str = "") -> None:
    """Write an Excel workbook, with a hidden sheet of that name when one is given."""
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties({"created": MADE_ON})
    date_format = book.add_format({"num_format": "yyyy-mm-dd"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name)
        for row, line in enumerate(sheet.lines):
            for column, value in enumerate(line):
                _write(page, row, column, value, date_format)
        for first_row, first_column, last_row, last_column in sheet.merges:
            top_left = sheet.lines[first_row][first_column]
            page.merge_range(first_row, first_column, last_row, last_column, top_left)
    if hidden_sheet:
        page = book.add_worksheet(hidden_sheet)
        for row, words in enumerate(HIDDEN_LINES):
            page.write_row(row, 0, words)
        page.hide()
    book.close()


def _write(
    page: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: Cell,
    date_format: xlsxwriter.format.Format,
) -> None:
    if value is None:
        return
    if isinstance(value, date):
        page.write_datetime(row, column, datetime(*value.timetuple()[:3]), date_format)  # noqa: DTZ001
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    elif value.startswith("="):
        # A formula that the program which made the file never worked out.
        page.write_formula(row, column, value, None, "")
    else:
        page.write_string(row, column, value)


def write_csv(path: Path, sheet: Sheet, encoding: str) -> None:
    """Write a CSV file as Excel saves one: UTF-8 with its mark, or GB18030."""
    text = io.StringIO()
    writer = csv.writer(text)
    for line in sheet.lines:
        writer.writerow("" if cell is None else _as_text(cell) for cell in line)
    path.write_bytes(text.getvalue().encode("utf-8-sig" if encoding == "utf-8" else encoding))


def _as_text(cell: Cell) -> str:
    return str(day(cell, "iso")) if isinstance(cell, date) else str(cell)
