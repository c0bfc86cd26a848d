"""DataFrames as Excel workbooks."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

import pandas as pd
import xlsxwriter

from ui.labels import LABELS

# What a spreadsheet would take for the beginning of a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_SHEET_NAME_LENGTH: Final = 31
_FORBIDDEN_IN_SHEET_NAMES: Final = str.maketrans(dict.fromkeys(r"[]:*?/\\", "_"))
_WIDEST: Final = 48


def to_excel(
    frame: pd.DataFrame, columns: Sequence[str], *, sheet: str, shares: Collection[str] = ()
) -> bytes:
    """Return a one-sheet workbook of the named columns under their labels.

    Only columns named and labelled go out, so an internal column cannot leak into a
    file. ``shares`` (0 to 1) are shown in percent. Texts that a spreadsheet would run as a
    formula are marked as text.

    Raises:
        KeyError: a column has no label.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        heading = workbook.add_format({"bold": True, "bg_color": "#eef1f4", "bottom": 1})
        text = workbook.add_format({"quote_prefix": True})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        percent = workbook.add_format({"num_format": "0.0%"})
        # Nor may a sheet's name begin or end with an apostrophe.
        page = workbook.add_worksheet(
            sheet.translate(_FORBIDDEN_IN_SHEET_NAMES)[:_SHEET_NAME_LENGTH].strip("'")
        )
        page.freeze_panes(1, 0)
        for place, name in enumerate(columns):
            label = LABELS[name]
            page.write_string(0, place, label, heading)
            values = frame[name].tolist()
            number = percent if name in shares else None
            for row, value in enumerate(values, start=1):
                _write(page, row, place, value, text=text, day=day, number=number)
            longest = max((len(str(value)) for value in values[:200]), default=0)
            page.set_column(place, place, min(max(2 * len(label), longest) + 2, _WIDEST))
        page.autofilter(0, 0, max(len(frame), 1), max(len(columns) - 1, 0))
    return buffer.getvalue()


def _write(
    page: Any, row: int, place: int, value: object, *, text: Any, day: Any, number: Any
) -> None:
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
        written = str(value)
        page.write_string(
            row, place, written, text if written.startswith(_FORMULA_STARTS) else None
        )
