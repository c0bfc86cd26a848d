"""An .xlsx file, checked before anything unpacks it.

The reader of workbooks trusts its input: a few kilobytes may unpack to gigabytes, and one
cell in the last row makes it lay out every row above. So each part is unpacked here with
a bound, looked through, and only what passed is handed on, in a new archive.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from posixpath import join, normpath
from typing import Final

from data_access.ledgers.problems import UnreadableFileError

MAX_UNPACKED_BYTES: Final = 512 * 2**20
MAX_RATIO: Final = 400  # an office's sheet packs 5 to 30 times; deflate ends at 1,032
RATIO_FROM_BYTES: Final = 4 * 2**20
MAX_PARTS: Final = 2_000
MAX_ROWS: Final = 200_000
MAX_SHEET_ROW: Final = 250_000  # the last row that may hold anything
MAX_COLUMNS: Final = 256
WITH_REASONS: Final = MAX_COLUMNS + 1  # rows that we send back have a column of reasons behind
MAX_CELLS: Final = 12_000_000
MAX_TEXT_BYTES: Final = 512 * 2**20

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_STYLES: Final = "xl/styles.xml"
_STRINGS: Final = "xl/sharedstrings.xml"
_READ: Final = re.compile(r"^(xl/.*\.(xml|rels)|_rels/\.rels|\[content_types\]\.xml)$", re.I)
_UNREAD: Final = re.compile(
    r"^xl/(?:media|drawings|charts|embeddings|theme|printerSettings|pivot\w+|tables|externalLinks"
    r"|comments\w*|threadedComments|calcChain|metadata|persons|customXml)(?:/|\.xml)",
    re.I,
)

_PLAIN_ROOT: Final = re.compile(rb"<worksheet[\s>]")
# Any cell but one written as office programs write it, in the first 26 columns.
_UNUSUAL_CELL: Final = re.compile(rb'<c(?: (?!r="[A-Z](?:\d{1,5}|[12]\d{5})")|[\t\r\n/>])')
# All that stands in a tag. It never gives back what it took: no text makes it start over.
_INSIDE: Final = rb"""((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)"""
_TAG: Final = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])" + _INSIDE + rb">(</)?")
_CELL: Final = rb"<(?:\w+:)?c(?=\s)" + _INSIDE + rb">\s*+"
_REFERENCE: Final = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]*)(\d*)["']""")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_FORMULA_PART: Final = rb"<(?:\w+:)?f\b[^<>]*+>(?:(?<=/>)|[^<]*+</(?:\w+:)?f>)\s*+"
# A formula whose value is the empty text (t="str") was computed.
_UNCOMPUTED: Final = re.compile(
    _CELL
    + _FORMULA_PART
    + rb"(?:<(?:\w+:)?v\s*+/>|<(?:\w+:)?v>\s*+</(?:\w+:)?v>)?+\s*+</(?:\w+:)?c>"
)
_ERROR: Final = re.compile(
    _CELL + rb"(?:" + _FORMULA_PART + rb")?+<(?:\w+:)?v>([^<]*+)</(?:\w+:)?v>"
)
_PLACE: Final = re.compile(rb"""\sr="([A-Z]{1,9})(\d{1,9})\"""")
_UNIQUE_COUNT: Final = re.compile(rb"""uniqueCount\s*=\s*["'][^\d"']*(\d{1,99})""")
_STRING_CELL: Final = re.compile(_CELL + rb"(?:<(?:\w+:)?v>\s*+(\d{1,9})\s*+</)?")
_IS_STRING: Final = re.compile(rb"""\st\s*=\s*["']s["']""")

_ATTRIBUTE: Final = re.compile(r"""(?<![\w:])([\w:]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)')""")

Place = tuple[int, int]

DAMAGED: Final = "文件不完整或已损坏，无法读取。请用 Excel 或 WPS 重新打开并另存后再报送"


@dataclass(slots=True)
class CheckedArchive:
    """A workbook safe to read, and what its reader does not tell.

    ``uncomputed[sheet]`` are the cells whose formula has no value, ``errors[sheet]`` the
    cells that show an error such as ``#REF!``; places are row and column, from 0.
    """

    data: bytes
    uncomputed: dict[str, frozenset[Place]] = field(default_factory=dict)
    errors: dict[str, dict[Place, str]] = field(default_factory=dict)


def check_archive(data: bytes) -> CheckedArchive:
    """Unpack an .xlsx within bounds and return it packed anew, with its odd cells.

    Raises ``UnreadableFileError`` for a damaged or locked archive, one that is no
    workbook, one that unpacks beyond the limits or lays cells out beyond them.
    """
    parts = _unpack(data)
    by_name = {name.lower(): name for name in parts}
    if _WORKBOOK not in by_name or _RELATIONS not in by_name:
        raise UnreadableFileError("文件不是 Excel 工作簿（.xlsx）。请用 Excel 或 WPS 另存为 .xlsx")
    sheets = _sheet_parts(parts[by_name[_WORKBOOK]], parts[by_name[_RELATIONS]])
    strings = parts.get(by_name.get(_STRINGS, ""), b"")
    _check_counts(strings)
    names = {target.lower(): name for name, target in sheets.items()}
    # Every part, also those that no sheet seems to be: the reader may see it otherwise.
    for part, name in by_name.items():
        if part not in (_WORKBOOK, _STRINGS, _STYLES) and part.endswith(".xml"):
            _check_extent(names.get(part, part), parts[name])
            _check_text(parts[name], strings)
    checked = CheckedArchive(_pack(parts))
    for name, target in sheets.items():
        if target.lower() in by_name:
            _find_odd_cells(checked, name, parts[by_name[target.lower()]])
    return checked


def _find_odd_cells(checked: CheckedArchive, name: str, xml: bytes) -> None:
    if (b"<f" in xml or not _is_plain(xml)) and _FORMULA.search(xml):
        checked.uncomputed[name] = frozenset(
            _place(place[1], place[2])
            for found in _UNCOMPUTED.finditer(xml)
            if b't="str"' not in found[1] and (place := _PLACE.search(found[1]))
        )
    if b't="e"' in xml:
        checked.errors[name] = {
            _place(place[1], place[2]): found[2].decode("utf-8", "replace")
            for found in _ERROR.finditer(xml)
            if b't="e"' in found[1] and (place := _PLACE.search(found[1]))
        }


def _unpack(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error):
        raise UnreadableFileError(DAMAGED) from None
    too_big = UnreadableFileError(
        f"文件解压后超过 {MAX_UNPACKED_BYTES // 2**20} MB 或压缩比异常（超过 {MAX_RATIO} 倍），"
        "已拒收。请删除多余内容或拆分后再报送"
    )
    if len(infos) > MAX_PARTS:
        raise UnreadableFileError(f"文件里的部件超过 {MAX_PARTS:,} 个，已拒收。请另存后再报送")
    if sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise too_big
    parts: dict[str, bytes] = {}
    seen: set[str] = set()
    for info in infos:
        if info.flag_bits & 1:
            raise UnreadableFileError("文件已加密，无法读取。请取消密码后再报送")
        if info.file_size > max(RATIO_FROM_BYTES, info.compress_size * MAX_RATIO):
            raise too_big
        if _READ.match(info.filename) and not _UNREAD.match(info.filename):
            # To the reader, names that differ in their case alone are the same.
            if info.filename.lower() in seen:
                raise UnreadableFileError(DAMAGED)
            seen.add(info.filename.lower())
            parts[info.filename] = _unpack_part(data, info)
    return parts


def _unpack_part(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """Unpack one part, no further than the directory says it goes."""
    start = info.header_offset
    header = data[start : start + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise UnreadableFileError(DAMAGED)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start += 30 + name_length + extra_length
    packed = memoryview(data)[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        part = bytes(packed)
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        try:
            part = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, info.file_size + 1)
        except zlib.error:
            raise UnreadableFileError(DAMAGED) from None
    else:
        raise UnreadableFileError(DAMAGED)
    if len(part) != info.file_size or zlib.crc32(part) != info.CRC:
        raise UnreadableFileError(DAMAGED)
    return part


def _pack(parts: dict[str, bytes]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _sheet_parts(workbook: bytes, relations: bytes) -> dict[str, str]:
    """Map the name of each sheet to the name of its part."""
    targets = {}
    for tag in re.findall(rb"<(?:\w+:)?Relationship(?=\s)" + _INSIDE + rb">", relations):
        attributes = _attributes(tag)
        target = attributes.get("Target", "")
        # An absolute target begins with a slash, and then join drops the folder.
        targets[attributes.get("Id", "")] = normpath(join("/xl", target)).lstrip("/")
    sheets = {}
    for tag in re.findall(rb"<(?:\w+:)?sheet(?=\s)" + _INSIDE + rb">", workbook):
        attributes = _attributes(tag)
        relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
        if relation in targets:
            sheets[attributes.get("name", "")] = targets[relation]
    return sheets


def _attributes(tag: bytes) -> dict[str, str]:
    pairs = _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
    return {name: unescape(double or single) for name, double, single in pairs}


def _is_plain(xml: bytes) -> bool:
    """Whether the tags carry no prefix, as nearly always; then a search is twice as fast."""
    return _PLAIN_ROOT.search(xml, 0, 4096) is not None


def _check_extent(sheet: str, xml: bytes) -> None:
    """Refuse a sheet that lays cells out beyond the limits."""
    if _is_plain(xml) and not _UNUSUAL_CELL.search(xml):
        return
    row = column = last_row = last_column = 0
    for found in _TAG.finditer(xml):
        reference = _REFERENCE.search(found[2])
        letters, digits = reference.groups() if reference else (b"", b"")
        if found[1] == b"row":
            row = int(digits) if digits else row + 1
            column = 0
            continue
        column = _column(letters) + 1 if letters else column + 1
        is_empty = found[3] or found[2].endswith(b"/")
        if not is_empty:  # an empty cell takes no room
            last_row = max(last_row, int(digits) if digits else row)
            last_column = max(last_column, column)
    check_extent(sheet, last_row, last_column)


def check_extent(sheet: str, rows: int, columns: int, *, most: int = WITH_REASONS) -> None:
    """Refuse a sheet whose content reaches beyond the limits, of columns ``most``."""
    if rows > MAX_SHEET_ROW:
        raise UnreadableFileError(
            f"工作表“{sheet}”第 {rows:,} 行仍有内容，超过 {MAX_ROWS:,} 行的上限。"
            "请删除多余的行或拆分后再报送"
        )
    if columns > most or rows * columns > MAX_CELLS:
        raise UnreadableFileError(
            f"工作表“{sheet}”占 {rows:,} 行、{columns:,} 列，超过"
            f" {MAX_COLUMNS} 列或 {MAX_CELLS:,} 个单元格的上限。"
            "请删除多余的行列或拆分后再报送"
        )


def _check_counts(strings: bytes) -> None:
    """Refuse a number of texts that the part has no room for: the reader would make it."""
    if any(int(found[1]) > len(strings) for found in _UNIQUE_COUNT.finditer(strings)):
        raise UnreadableFileError(DAMAGED)
    if strings.count(b"si>") // 2 + strings.count(b"si/>") > MAX_CELLS:
        raise UnreadableFileError(f"文件中的文字超过 {MAX_CELLS:,} 段，已拒收。请拆分后再报送")


def _check_text(xml: bytes, strings: bytes) -> None:
    """Refuse a sheet that says a long text so often that it fills the memory."""
    if not strings:
        return
    lengths = [len(text) for text in strings.split(b"</si>")]
    longest, shortest_cell = max(lengths), 20
    if longest * (len(xml) // shortest_cell) <= MAX_TEXT_BYTES:
        return
    total = 0
    for found in _STRING_CELL.finditer(xml):
        if _IS_STRING.search(found[1]) and not found[1].endswith(b"/"):
            # Written as no office program writes it, a cell may say the longest one.
            at = int(found[2] or -1)
            total += longest if at < 0 else lengths[at] if at < len(lengths) else 0
    if total > MAX_TEXT_BYTES:
        raise UnreadableFileError(
            f"文件中的文字过多（超过 {MAX_TEXT_BYTES // 2**20} MB），已拒收。请拆分后再报送"
        )


def _place(letters: bytes, digits: bytes) -> Place:
    return int(digits) - 1, _column(letters)


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - 64
    return column - 1
