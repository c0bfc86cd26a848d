"""The rows that came back, as a workbook to mend and send again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from data_access.ledgers.headers import REASONS_HEADER
from data_access.ledgers.kinds import Read
from data_access.ledgers.texts import cell_text
from data_access.ledgers.understanding import Understanding
from data_access.ledgers.workbook import SHEET_NAME_LENGTH

CELL_LENGTH: Final = 32_767  # what a spreadsheet's cell holds
# Text that begins like this may be run as a formula when it is edited or saved as text.
_FORMULA: Final = re.compile(r"[=+\-@＝＋－＠\t\r]")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_NUMBERS: Final = (Read.COUNT, Read.MONEY, Read.NUMBER)
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]")


def rejects_workbook(*rejected: tuple[Understanding, Mapping[int, Sequence[str]]]) -> bytes:
    """Return an .xlsx of the rejected rows of a file: of each ledger those in its reasons.

    The reasons are by a row's place in its understanding. Sheets, headers and columns as the
    file has them, ignored columns included, and the reasons in a last column. Counts, amounts
    and the like are numbers where they are read as they stood; all other cells are text, and a
    sign stands before those that a spreadsheet would run as a formula; reading takes both away.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        named = [
            (understanding, reasons, name)
            for understanding, reasons in rejected
            for name in dict.fromkeys(understanding.rows["sheet"].to_numpy()[sorted(reasons)])
        ]
        titles = _sheet_names([name for _, _, name in named])
        for (understanding, reasons, name), title in zip(named, titles, strict=True):
            sheet_of = understanding.rows["sheet"].to_numpy()
            places = [at for at in sorted(reasons) if sheet_of[at] == name]
            _write_sheet(workbook, title, understanding, name, places, reasons)
    return buffer.getvalue()


def _write_sheet(
    workbook: Any,
    title: str,
    understanding: Understanding,
    name: str,
    places: Sequence[int],
    reasons: Mapping[int, Sequence[str]],
) -> None:
    plain = workbook.add_format({"num_format": "@"})
    heading = workbook.add_format({"num_format": "@", "bold": True, "text_wrap": True})
    wrapped = workbook.add_format({"num_format": "@", "text_wrap": True})
    sheet = workbook.add_worksheet(title)
    layout = [*understanding.layouts[name], REASONS_HEADER]
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(layout) - 2, 16, plain)
    sheet.set_column(len(layout) - 1, len(layout) - 1, 60, wrapped)
    for column, text in enumerate(layout):
        sheet.write_string(0, column, harmless(text), heading)
    counted = _columns_of_numbers(understanding, name)
    for row, at in enumerate(places, start=1):
        for column, text in enumerate(understanding.originals[at]):
            if column in counted and is_plain_number(text):
                sheet.write_number(row, column, float(text))
            elif text:
                sheet.write_string(row, column, harmless(text), plain)
        sheet.write_string(row, len(layout) - 1, "；".join(reasons[at]), wrapped)


def _columns_of_numbers(understanding: Understanding, name: str) -> frozenset[int]:
    """Return the places of a sheet's columns that are read as numbers."""
    headers = understanding.header_of.get(name, {})
    numbers = {
        headers.get(column.name) for column in understanding.kind.columns if column.read in _NUMBERS
    }
    return frozenset(
        at for at, header in enumerate(understanding.layouts[name]) if header in numbers
    )


def is_plain_number(text: str) -> bool:
    """Whether a cell that holds this number is read as this text again."""
    return bool(_NUMBER.fullmatch(text)) and cell_text(float(text)) == text


def harmless(text: str) -> str:
    """Return a cell's text so that no spreadsheet runs it; plain numbers stay as they are."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return text[:CELL_LENGTH]


def _sheet_names(names: Sequence[str]) -> Iterator[str]:
    """Return names that a workbook takes: short, plain and told apart without case."""
    used: set[str] = set()
    for place, name in enumerate(names, start=1):
        title = _NO_SHEET_NAME.sub(" ", name).strip("' ")[:SHEET_NAME_LENGTH] or f"Sheet{place}"
        if title.lower() in used:
            title = f"{title[: SHEET_NAME_LENGTH - 4]}-{place}"
        used.add(title.lower())
        yield title
