"""DataFrames as Excel workbooks."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

import pandas as pd
import xlsxwriter

from ui.formatting import UNSEEN
from ui.labels import LABELS

# What a spreadsheet, or the one it is sent on to, would take for the beginning of a formula.
_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_CELL_LENGTH: Final = 32_767  # in halves of letters beyond the first plane, as Excel counts
_MOST_ROWS: Final = 1_048_575  # below the heading
_SHEET_NAME_LENGTH: Final = 31
_FORBIDDEN_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_WIDEST: Final = 48


def to_excel(
    frame: pd.DataFrame, columns: Sequence[str], *, sheet: str, shares: Collection[str] = ()
) -> bytes:
    """Return a one-sheet workbook of the named columns under their labels.

    Only columns named and labelled go out, so an internal column cannot leak into a
    file. ``shares`` (0 to 1) are shown in percent. All text is written as text, and where a
    spreadsheet would run it as a formula once it is edited, it is marked as text, too.
    Characters that are not seen are left out: some of them break the file.

    Raises:
        KeyError: a column has no label.
        ValueError: there are more rows than a sheet holds.
    """
    if len(frame) > _MOST_ROWS:
        raise ValueError(f"{len(frame)} rows are more than a sheet holds")
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        heading = workbook.add_format({"bold": True, "bg_color": "#eef1f4", "bottom": 1})
        text = workbook.add_format({"quote_prefix": True})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        percent = workbook.add_format({"num_format": "0.0%"})
        page = workbook.add_worksheet(sheet_name(sheet))
        page.freeze_panes(1, 0)
        for place, name in enumerate(columns):
            label = LABELS[name]
            page.write_string(0, place, label, heading)
            values = frame[name].tolist()
            number = percent if name in shares else None
            for row, value in enumerate(values, start=1):
                write_cell(page, row, place, value, text=text, day=day, number=number)
            longest = max((len(str(value)) for value in values[:200]), default=0)
            page.set_column(place, place, min(max(2 * len(label), longest) + 2, _WIDEST))
        page.autofilter(0, 0, max(len(frame), 1), max(len(columns) - 1, 0))
    return buffer.getvalue()


def write_cell(
    page: Any,
    row: int,
    place: int,
    value: object,
    *,
    text: Any,
    day: Any,
    number: Any,
    other: Any = None,
) -> None:
    """Write a value as what it is; what is unknown leaves the cell empty.

    ``text`` is the format of what a spreadsheet would run, marked as text (``quote_prefix``),
    ``other`` that of any other text.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return
    if isinstance(value, bool):
        page.write_string(row, place, "是" if value else "否")
    elif isinstance(value, date):
        page.write_datetime(row, place, value, day)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            page.write_number(row, place, value, number)
    else:
        written = _fitting(UNSEEN.sub("", str(value)), _CELL_LENGTH)
        page.write_string(row, place, written, text if _FORMULA.match(written) else other)


def sheet_name(words: str) -> str:
    """Return words as a spreadsheet takes them for the name of a sheet."""
    name = _FORBIDDEN_IN_SHEET_NAMES.sub("_", UNSEEN.sub("", " ".join(words.split())))
    # Nor may it begin or end with an apostrophe.
    return _fitting(name, _SHEET_NAME_LENGTH).strip("'")


def _fitting(text: str, length: int) -> str:
    """Return as much of a text as fits, counted as Excel does."""
    if len(text) * 2 <= length:
        return text
    return text.encode("utf-16-le")[: length * 2].decode("utf-16-le", errors="ignore")
