"""The rows of a sheet that hold something: no totals, footers, notes or blank rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, overload

import numpy as np
import numpy.typing as npt

from data_access.ledgers.archive import MAX_CELLS
from data_access.ledgers.cells import Cells, factorize
from data_access.ledgers.headers import Header, Heading
from data_access.ledgers.kinds import Read
from data_access.ledgers.meaning import fold
from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.workbook import RawSheet

# A total stands in one of the first cells: behind a serial number, a county, a number.
_TOTAL_WITHIN: Final = 3
_TOTAL: Final = re.compile(r".{0,12}?(?:合计|小计|总计|累计|共计)(?:\([^)]*\))?[:]?")
_COUNTED: Final = re.compile(r"(?:合计|小计|总计|累计|共计|共)[:]?\d+\S*")
_FOOTER: Final = re.compile(
    r"(?:填表|填报|制表|审核|复核|审批)人|.*\((?:盖章|公章|签章)\)"
    r"|(?:(?:填表|填报|制表|审核|报送|联系|统计)(?:日期|时间|单位|电话|部门|人)"
    r"|(?:单位|部门|分管|主管|主要)?(?:负责人|领导)|经办人|校对人?)(?:\([^)]*\))?(?:签字|签名)?(?:[:]|$)"
)
_NOTE: Final = re.compile(r"(?:注|备注|说明|填表说明|附注|注意事项?)\d*(?:[:]|$)|※")
_NOTE_GOES_ON: Final = re.compile(r"[(]?[\d一二三四五六七八九十]+[).、．,]")


@dataclass(slots=True)
class SheetRows:
    """The rows of one sheet, column by column as the file has them.

    ``header_row`` and ``numbers`` are the numbers that the spreadsheet shows;
    ``uncomputed`` the places, in ``numbers`` and ``cells``, of formulas without a value,
    ``unfilled`` how many rows were left out because they say nothing.
    """

    name: str
    header: Header
    header_row: int
    numbers: npt.NDArray[np.int64]
    cells: list[Cells]
    uncomputed: list[tuple[int, int]]
    unfilled: int = 0

    @property
    def columns(self) -> Iterator[tuple[Heading, Cells]]:
        """Return each column's heading with its cells."""
        return zip(self.header.headings, self.cells, strict=True)


def rows_of(sheet: RawSheet, header: Header, to_fill: tuple[str, ...] = ()) -> SheetRows:
    """Return the rows below the header that hold something, merged cells filled downwards.

    A row holds something when a cell of its own does, besides the one that numbers it; where
    ``to_fill`` names columns, one of these must. The cells of ``sheet`` are given up on the way.
    """
    first = header.last_row + 1
    columns = _columns(sheet, first)
    own = [factorize(column) for column in columns]
    headings = header.headings
    is_filled = [cells.is_filled for cells in own]
    holds = np.zeros(len(columns[0]) if columns else 0, dtype=bool)
    for heading, filled in zip(headings, is_filled, strict=True):
        if not heading.is_serial and not heading.holds_reasons:
            holds |= filled
    cells = _fill_merged(sheet, first, columns, own)
    for at in _asides(headings, cells, own, is_filled, holds):
        holds[at] = False
    unfilled = np.zeros(len(holds), dtype=bool)
    if to_fill:
        asked = [
            filled
            for heading, filled in zip(headings, is_filled, strict=True)
            if heading.column and heading.column.name in to_fill
        ]
        unfilled = holds & ~np.any(asked, axis=0)
        holds &= ~unfilled
    kept = np.flatnonzero(holds)
    place_of = {int(at): place for place, at in enumerate(kept)} if sheet.uncomputed else {}
    uncomputed = [
        (place_of[row - first], column)
        for row, column in sorted(sheet.uncomputed)
        if row - first in place_of and column < len(cells)
    ]
    return SheetRows(
        sheet.name,
        header,
        sheet.first_row + header.last_row,
        kept.astype(np.int64) + sheet.first_row + first,
        [column.keep(kept) for column in cells],
        uncomputed,
        int(unfilled.sum()),
    )


def _columns(sheet: RawSheet, first: int) -> list[npt.NDArray[np.object_]]:
    width = sheet.width
    rows, sheet.rows = sheet.rows[first:], []
    for (row, at), shown in sheet.errors.items():
        if row >= first and at < width:
            rows[row - first][at] = shown
    table = np.array(rows, dtype=object).reshape(len(rows), width)
    return list(np.ascontiguousarray(table.T))


def _fill_merged(
    sheet: RawSheet, first: int, columns: list[npt.NDArray[np.object_]], own: list[Cells]
) -> list[Cells]:
    """Say below the first cell of a merged range what the first says, in its first column."""
    cells = list(own)
    filled: dict[int, Cells] = {}
    room = MAX_CELLS
    for (row, column), (last_row, _) in sheet.merged:
        if row < first or last_row == row or not 0 <= column < len(columns):
            continue
        room -= last_row - row
        if room < 0:
            raise UnreadableFileError("合并单元格过多，请取消合并后再报送")
        if column not in filled:
            one = own[column]
            filled[column] = cells[column] = Cells(one.codes.copy(), one.texts, one.odd)
        codes = filled[column].codes
        codes[row - first : last_row - first + 1] = own[column].codes[row - first]
    return cells


def _asides(
    headings: Sequence[Heading],
    cells: Sequence[Cells],
    own: Sequence[Cells],
    is_filled: Sequence[npt.NDArray[np.bool_]],
    holds: npt.NDArray[np.bool_],
) -> Iterator[int]:
    """Return the rows that are totals, footers or notes; a complete row never is."""
    complete = np.ones(len(holds), dtype=bool)
    for heading, column in zip(headings, cells, strict=True):
        wanted = heading.column
        if wanted and wanted.required and wanted.read is not Read.COUNTY:
            complete &= column.is_filled
    in_notes = False
    for at in np.flatnonzero(holds & ~complete):
        said = [
            fold(column.texts[column.codes[at]])
            for column, filled in zip(own, is_filled, strict=True)
            if filled[at]
        ]
        is_note = bool(_NOTE.match(said[0]))
        goes_on = in_notes and len(said) == 1 and bool(_NOTE_GOES_ON.match(said[0]))
        in_notes = is_note or goes_on
        if in_notes or _FOOTER.match(said[0]) or _is_total(said):
            yield int(at)


def _is_total(said: Sequence[str]) -> bool:
    return any(_TOTAL.fullmatch(word) for word in said[:_TOTAL_WITHIN]) or (
        len(said) == 1 and _COUNTED.fullmatch(said[0]) is not None
    )


class Originals(Sequence[list[str]]):
    """The cells of each row as text, without the column of reasons; put together when asked."""

    def __init__(self, sheets: Sequence[SheetRows]) -> None:
        self._columns = [
            [cells for heading, cells in sheet.columns if not heading.holds_reasons]
            for sheet in sheets
        ]
        self._starts = np.cumsum([0, *(len(sheet.numbers) for sheet in sheets)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[str]]: ...
    def __getitem__(self, at: int | slice) -> list[str] | list[list[str]]:
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        row = range(len(self))[at]
        sheet = int(np.searchsorted(self._starts, row, side="right")) - 1
        place = row - self._starts[sheet]
        return [cells.texts[cells.codes[place]] for cells in self._columns[sheet]]
