"""From the bytes of a file to sheets of cells: .xlsx, .xls and .csv, and nothing else."""

from __future__ import annotations

import csv
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from itertools import count
from pathlib import PurePath
from typing import Final

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from data_access.ledgers.archive import DAMAGED, MAX_CELLS, Place, check_archive, check_extent
from data_access.ledgers.cells import clean
from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.texts import Cell
from data_access.ledgers.xls_reader import (
    DamagedFileError,
    LockedFileError,
    TooLargeError,
    read_xls,
)

MAX_FILE_BYTES: Final = 100 * 2**20
MAX_SHEETS: Final = 100
MAX_LINE: Final = 1_000_000  # characters of a line of text
MOST_BLANK: Final = 2**21  # twice the rows of a sheet
_CHUNK: Final = 2**20
SHEET_NAME_LENGTH: Final = 31

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
MOST_CONTROLS: Final = 20  # a text may hold one stray control character in so many
_LOCKED: Final = "文件已加密，无法读取。请取消密码后再报送"
_TOO_MANY_SHEETS: Final = f"工作表超过 {MAX_SHEETS} 张，请拆分后再报送"
_TOO_MANY_CELLS: Final = f"各工作表合计超过 {MAX_CELLS:,} 个单元格，请删除多余的行列或拆分后再报送"
_PANIC: Final = "PanicException"


@dataclass(slots=True)
class RawSheet:
    """The cells of one sheet as the file has them.

    ``rows[0]`` is the spreadsheet's row ``first_row`` (from 1). ``merged`` holds the first
    and last cell of each merged range, ``uncomputed`` the cells whose formula has no
    value and ``errors`` those that show one such as ``#REF!``; their rows and columns
    count from 0 in ``rows``.
    """

    name: str
    rows: list[list[Cell]]
    first_row: int = 1
    hidden: bool = False
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    uncomputed: frozenset[Place] = frozenset()
    errors: Mapping[Place, str] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max(map(len, self.rows), default=0)


def read_sheets(file_name: str, data: bytes) -> list[RawSheet]:
    """Return the sheets of a file in their order, hidden ones without their cells.

    The name's ending says what the file must be. Raises ``UnreadableFileError`` with the
    reason in Chinese for a file that is something else, locked, damaged, empty or beyond
    the limits of this module and of ``archive``.
    """
    if not data:
        raise UnreadableFileError("文件是空的")
    check_size(len(data))
    ending = PurePath(file_name).suffix.lower()
    if ending not in (".xlsx", ".xls", ".csv"):
        raise UnreadableFileError("只接受 .xlsx、.xls 和 .csv 文件，请另存为其中一种后再报送")
    found = _format_of(data)
    if found != ending:
        raise UnreadableFileError(_mismatch(ending, found, data))
    if ending == ".csv":
        sheets = [_read_csv(PurePath(file_name).stem, data)]
    else:
        sheets = _read_xlsx(data) if ending == ".xlsx" else _read_xls(data)
    _clean_names(sheets)
    return sheets


def _clean_names(sheets: list[RawSheet]) -> None:
    """Take what cannot be seen out of the names of sheets, and still tell them apart."""
    used: set[str] = set()
    for place, sheet in enumerate(sheets, start=1):
        name = clean(sheet.name) or f"Sheet{place}"
        sheet.name = name if name not in used else f"{name} ({place})"
        used.add(sheet.name)


def check_size(n: int) -> None:
    """Refuse a file of more bytes than may be read."""
    if n > MAX_FILE_BYTES:
        raise UnreadableFileError(f"文件超过 {MAX_FILE_BYTES // 2**20} MB，请拆分后再报送")


def _format_of(data: bytes) -> str:
    """Tell what a file is by its first bytes."""
    if data.startswith(_ZIP):
        return ".xlsx"
    if data.startswith(_OLE):
        # A locked workbook is wrapped in the old format, whatever it was before.
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFileError(_LOCKED)
        return ".xls"
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        return "网页（HTML）"
    if head.startswith(b"<?xml"):
        return "XML 文件"
    if head.startswith(b"%pdf"):
        return "PDF 文件"
    marked = any(data.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS)
    if not marked and len(_CONTROLS.findall(head)) * MOST_CONTROLS > len(head):
        return ""
    return ".csv"


def _mismatch(ending: str, found: str, data: bytes) -> str:
    if not found or (found == ".csv" and not data.strip()):
        return f"文件不是有效的 {ending} 文件，或已损坏。请重新另存后再报送"
    what = {".csv": "文本", ".xls": ".xls 工作簿或其他旧版 Office 文件", ".xlsx": ".xlsx 或压缩包"}
    return (
        f"文件名以 {ending} 结尾，内容却是{what.get(found, found)}。"
        "请用 Excel 或 WPS 打开后另存为 .xlsx 再报送"
    )


def _read_xls(data: bytes) -> list[RawSheet]:
    try:
        sheets = [RawSheet(**sheet) for sheet in read_xls(data)]
    except LockedFileError:
        raise UnreadableFileError(_LOCKED) from None
    except TooLargeError:
        raise UnreadableFileError(_TOO_MANY_CELLS) from None
    except DamagedFileError:
        raise UnreadableFileError(DAMAGED) from None
    if len(sheets) > MAX_SHEETS:
        raise UnreadableFileError(_TOO_MANY_SHEETS)
    return sheets


def _read_xlsx(data: bytes) -> list[RawSheet]:
    archive = check_archive(data)
    try:
        sheets = _read_cells(archive.data)
    except UnreadableFileError:
        raise
    except Exception:  # noqa: BLE001 - whatever a malformed file makes it raise
        raise UnreadableFileError(DAMAGED) from None
    except BaseException as error:
        # The reader's own panics stand beside Exception.
        if type(error).__name__ != _PANIC:
            raise
        raise UnreadableFileError(DAMAGED) from None
    for sheet, top, left in sheets:
        sheet.uncomputed = frozenset(
            (row - top, column - left) for row, column in archive.uncomputed.get(sheet.name, ())
        )
        sheet.errors = {
            (row - top, column - left): shown
            for (row, column), shown in archive.errors.get(sheet.name, {}).items()
        }
    return [sheet for sheet, _, _ in sheets]


def _read_cells(data: bytes) -> list[tuple[RawSheet, int, int]]:
    """Return each sheet with the row and column, from 0, at which its cells begin."""
    sheets = []
    cells = 0
    with CalamineWorkbook.from_filelike(BytesIO(data)) as workbook:
        metadata = [m for m in workbook.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        if len(metadata) > MAX_SHEETS:
            raise UnreadableFileError(_TOO_MANY_SHEETS)
        for meta in metadata:
            if meta.visible != SheetVisibleEnum.Visible:
                sheets.append((RawSheet(meta.name, [], hidden=True), 0, 0))
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            top, left = sheet.start or (0, 0)
            cells += sheet.height * sheet.width
            check_extent(meta.name, top + sheet.height, sheet.width)
            if cells > MAX_CELLS:
                raise UnreadableFileError(_TOO_MANY_CELLS)
            merged = [
                ((first[0] - top, first[1] - left), (last[0] - top, last[1] - left))
                for first, last in sheet.merged_cell_ranges or ()
            ]
            raw = RawSheet(meta.name, sheet.to_python(), first_row=top + 1, merged=merged)
            sheets.append((raw, top, left))
    return sheets


def _read_csv(stem: str, data: bytes) -> RawSheet:
    """Return the records of a text file; a line break inside quotes is one row."""
    name = stem[:SHEET_NAME_LENGTH]
    rows: list[list[Cell]] = []
    width = blank = 0
    records = csv.reader(_lines(data), strict=True)
    while True:
        try:
            record = next(records, None)
        except csv.Error:
            raise UnreadableFileError(
                f"第 {len(rows) + blank + 1:,} 行附近的引号不成对，或单元格超过"
                f" {csv.field_size_limit():,} 字，无法分列。请用 Excel 或 WPS 另存为 .xlsx 再报送"
            ) from None
        if record is None:
            break
        # Where cells below the last row were once used, Excel writes rows of nothing but commas.
        if not any(map(str.strip, record)):
            blank += 1
            if blank > MOST_BLANK:
                raise UnreadableFileError(f"空行超过 {MOST_BLANK:,} 行，请删除多余的空行后再报送")
            continue
        width = max(width, len(record))
        check_extent(name, len(rows) + blank + 1, width)
        rows.extend([] for _ in range(blank))
        rows.append(list(record))
        blank = 0
    for row in rows:
        row.extend([""] * (width - len(row)))
    return RawSheet(name, rows)


def _lines(data: bytes) -> Iterator[str]:
    """Return the lines of a text file one by one, and so never all of it as text."""
    with TextIOWrapper(BytesIO(data), _encoding_of(data), newline="") as text:
        for number in count(1):
            line = text.readline(MAX_LINE + 1)
            if len(line) > MAX_LINE:
                raise UnreadableFileError(
                    f"第 {number:,} 行超过 {MAX_LINE:,} 字，请核对分隔符和换行，"
                    "或用 Excel、WPS 另存为 .xlsx 再报送"
                )
            if not line:
                return
            yield line


def _encoding_of(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            encodings: tuple[str, ...] = (encoding,)
            break
    else:
        encodings = ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            decoder = getincrementaldecoder(encoding)()
            for start in range(0, len(data), _CHUNK):
                decoder.decode(data[start : start + _CHUNK])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFileError("文字编码无法识别。请用 Excel 或 WPS 另存为 .xlsx 再报送")
