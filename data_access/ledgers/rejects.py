"""The rows that came back, as a workbook to mend and send again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Final

import xlsxwriter

from data_access.ledgers.headers import REASONS_HEADER
from data_access.ledgers.understanding import Understanding
from data_access.ledgers.workbook import SHEET_NAME_LENGTH

CELL_LENGTH: Final = 32_767  # what a spreadsheet's cell holds
# Text that begins like this may be run as a formula when it is edited or saved as text.
_FORMULA: Final = re.compile(r"[=+\-@＝＋－＠\t\r]")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]")


def rejects_workbook(understanding: Understanding, reasons: Mapping[int, Sequence[str]]) -> bytes:
    """Return an .xlsx of the rows in ``reasons``, which maps a row's place to its reasons.

    Sheets, headers and columns as the file has them, ignored columns included, and the
    reasons in a last column. All cells are text, and a sign stands before those that a
    spreadsheet would run as a formula; reading takes both away again.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        plain = workbook.add_format({"num_format": "@"})
        heading = workbook.add_format({"num_format": "@", "bold": True, "text_wrap": True})
        wrapped = workbook.add_format({"num_format": "@", "text_wrap": True})
        sheet_of = understanding.rows["sheet"].to_numpy()
        names = dict.fromkeys(sheet_of[sorted(reasons)])
        for name, title in zip(names, _sheet_names(names), strict=True):
            sheet = workbook.add_worksheet(title)
            layout = [*understanding.layouts[name], REASONS_HEADER]
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(layout) - 2, 16, plain)
            sheet.set_column(len(layout) - 1, len(layout) - 1, 60, wrapped)
            for column, text in enumerate(layout):
                sheet.write_string(0, column, harmless(text), heading)
            places = (at for at in sorted(reasons) if sheet_of[at] == name)
            for row, at in enumerate(places, start=1):
                for column, text in enumerate(understanding.originals[at]):
                    if text:
                        sheet.write_string(row, column, harmless(text), plain)
                sheet.write_string(row, len(layout) - 1, "；".join(reasons[at]), wrapped)
    return buffer.getvalue()


def harmless(text: str) -> str:
    """Return a cell's text so that no spreadsheet runs it; plain numbers stay as they are."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return text[:CELL_LENGTH]


def _sheet_names(names: Mapping[str, None]) -> Iterator[str]:
    """Return names that a workbook takes: short, plain and told apart without case."""
    used: set[str] = set()
    for place, name in enumerate(names, start=1):
        title = _NO_SHEET_NAME.sub(" ", name).strip("' ")[:SHEET_NAME_LENGTH] or f"Sheet{place}"
        if title.lower() in used:
            title = f"{title[: SHEET_NAME_LENGTH - 4]}-{place}"
        used.add(title.lower())
        yield title
