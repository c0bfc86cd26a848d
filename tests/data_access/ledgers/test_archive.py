"""Workbooks made to do harm: refused, and quickly, before anything lays them out."""

from __future__ import annotations

import time
import tracemalloc
import zipfile
from io import BytesIO

import pytest

from data_access.ledgers.archive import MAX_CELLS, MAX_PARTS, MAX_UNPACKED_BYTES, check_archive
from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.workbook import read_sheets
from tests.data_access.ledgers.files import xlsx

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
FOOT = b"</sheetData></worksheet>"


def remade(parts: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a small workbook with some of its parts put in the place of its own."""
    own = zipfile.ZipFile(BytesIO(xlsx([["县区"], ["融水"]])))
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name in own.namelist():
            if name not in parts:
                archive.writestr(name, own.read(name))
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def with_sheet(rows: bytes) -> bytes:
    return remade({SHEET: HEAD + rows + FOOT})


def refusal(data: bytes) -> str:
    tracemalloc.start()
    began = time.monotonic()
    try:
        with pytest.raises(UnreadableFileError) as refused:
            read_sheets("a.xlsx", data)
        assert tracemalloc.get_traced_memory()[1] < 300 * 2**20
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < 20
    return str(refused.value)


def test_sound_workbook_passes_with_its_cells() -> None:
    (sheet,) = read_sheets("a.xlsx", with_sheet(b'<row r="1"><c r="A1"><v>5</v></c></row>'))

    assert sheet.rows == [[5.0]]


def test_part_that_unpacks_a_thousandfold_is_refused() -> None:
    assert "压缩比异常" in refusal(remade({SHEET: HEAD + b" " * (64 * 2**20) + FOOT}))


def test_directory_that_admits_a_gigabyte_is_refused_unopened() -> None:
    data = bytearray(remade({SHEET: HEAD + FOOT}))
    entry = data.rindex(SHEET.encode()) - 46
    data[entry + 24 : entry + 28] = (MAX_UNPACKED_BYTES + 1).to_bytes(4, "little")

    assert "压缩比异常" in refusal(bytes(data))


def test_directory_that_lies_about_the_size_is_refused() -> None:
    data = bytearray(remade({SHEET: HEAD + b" " * (64 * 2**20) + FOOT}))
    entry = data.rindex(SHEET.encode()) - 46
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")

    assert "不完整或已损坏" in refusal(bytes(data))


def test_parts_that_lie_over_each_other_are_counted_each() -> None:
    packed = remade({SHEET: HEAD + FOOT})
    end = packed.rindex(b"PK\x05\x06")
    first = packed.index(b"PK\x01\x02")
    entries = packed[first:end] * 600
    tail = bytearray(packed[end:])
    tail[8:10] = tail[10:12] = (entries.count(b"PK\x01\x02")).to_bytes(2, "little")
    tail[12:16] = len(entries).to_bytes(4, "little")

    assert refusal(packed[:first] + entries + bytes(tail))


def test_locked_archive_is_refused() -> None:
    data = bytearray(remade({SHEET: HEAD + FOOT}))
    entry = data.rindex(SHEET.encode()) - 46
    data[entry + 8] |= 1

    assert refusal(bytes(data)) == "文件已加密，无法读取。请取消密码后再报送"


def test_archive_that_is_no_workbook_is_refused() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")

    assert "不是 Excel 工作簿" in refusal(buffer.getvalue())


def test_part_that_was_altered_is_refused() -> None:
    data = xlsx([["县区", "机构名称"]])
    info = zipfile.ZipFile(BytesIO(data)).getinfo(SHEET)
    middle = info.header_offset + 30 + len(SHEET) + info.compress_size // 2
    altered = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    assert "不完整或已损坏" in refusal(altered)


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="XFD1"><v>1</v></c></row>',
        b'<row r="1"><c s="1" r="XFD1"><v>1</v></c></row>',
        b"<row r='1'><c r='XFD1'><v>1</v></c></row>",
        b'<row r="1"><c\nr="XFD1"><v>1</v></c></row>',
        b'<row r="900000"><c><v>1</v></c></row>',
        b'<row r="1">' + b"<c/>" * 300 + b"<c><v>1</v></c></row>",
        b"<row/>" * 250_000 + b"<row><c><v>1</v></c></row>",
        b"<row></row>" * 250_000 + b"<row><c><v>1</v></c></row>",
        b'<row r="249999"><c r="AZ249999"><v>1</v></c></row>',
    ],
)
def test_one_cell_far_away_does_not_lay_out_all_before_it(row: bytes) -> None:
    assert "上限" in refusal(with_sheet(b'<row r="1"><c r="A1"><v>1</v></c></row>' + row))


def test_prefixed_tags_hide_no_cell() -> None:
    xml = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<x:sheetData><x:row r="1"><x:c r="XFD1"><x:v>1</x:v></x:c></x:row>'
        b"</x:sheetData></x:worksheet>"
    )

    assert "上限" in refusal(remade({SHEET: xml}))


def test_far_cells_that_are_empty_take_no_room() -> None:
    rows = (
        b'<row r="1"><c r="A1"><v>5</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576" s="1"/><c r="A1048576" s="1"></c></row>'
    )

    (sheet,) = read_sheets("a.xlsx", with_sheet(rows))

    assert sheet.rows == [[5.0]]


def test_long_text_said_again_and_again_is_refused() -> None:
    text = b"<sst><si><t>" + b"x" * 2**20 + b"</t></si></sst>"
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 2_000)
    )

    assert "文字过多" in refusal(remade({SHEET: HEAD + cells + FOOT, STRINGS: text}))


@pytest.mark.parametrize("name", [STRINGS, "XL/sharedStrings.xml"])
@pytest.mark.parametrize("before", [b"", b'a=">" '])
def test_number_of_texts_that_are_not_there_is_refused(name: str, before: bytes) -> None:
    part = b"<sst " + before + b'uniqueCount="4294967295"><si><t>a</t></si></sst>'

    assert "不完整或已损坏" in refusal(remade({name: part}))


def test_part_that_no_sheet_seems_to_be_is_looked_through_too() -> None:
    far = HEAD + b'<row r="1"><c r="XFD1"><v>1</v></c></row>' + FOOT

    assert "上限" in refusal(remade({"xl/worksheets/sheet9.xml": far}))


def test_entities_are_not_unfolded() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    rows = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'

    try:
        (sheet,) = read_sheets("a.xlsx", remade({SHEET: bomb + HEAD + rows + FOOT}))
    except UnreadableFileError:
        return
    assert len(str(sheet.rows)) < 100


def test_formulas_with_values_are_left_alone() -> None:
    rows = (
        b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c>'
        b'<c r="B1" t="str"><f>IF(A1,"","")</f><v></v></c>'
        b'<c r="C1"><f>1+1</f><v></v></c><c r="D1"><f t="shared" si="0"/></c>'
        b'<c r="E1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )

    checked = check_archive(with_sheet(rows))

    assert checked.uncomputed == {"Sheet1": {(0, 2), (0, 3)}}
    assert checked.errors == {"Sheet1": {(0, 4): "#DIV/0!"}}


@pytest.mark.parametrize(
    "parts",
    [
        {SHEET: HEAD + b"<c " * 1_300_000 + FOOT},
        {SHEET: HEAD + b'<row r="1"><c ' + b' r="A1"' * 500_000 + b"<f>" + FOOT},
        {SHEET: HEAD + b'<row r="1"><c t="s"' + b' t="s"' * 500_000 + FOOT},
        {SHEET: HEAD + b'<row r="1"><c r="A1"><f' * 150_000 + FOOT},
        {"xl/_rels/workbook.xml.rels": b"<Relationship " * 250_000},
        {"xl/workbook.xml": b"<sheet " + b"a" * 4_000_000 + b">"},
        {"xl/workbook.xml": b"<sheet " + b'a="' * 1_000_000 + b">"},
    ],
    ids=["cells", "places", "texts", "formulas", "relations", "word", "quotes"],
)
def test_tags_without_an_end_are_looked_through_once(parts: dict[str, bytes]) -> None:
    assert refusal(remade(parts))


def test_cell_hidden_behind_a_mark_in_quotes_is_found() -> None:
    near = b'<row r="1"><c r="A1"><v>1</v></c>'
    far = b'<c note=">" r="ZZ200000"><v>1</v></c></row>'

    assert "256 列" in refusal(with_sheet(near + far))


def test_more_texts_than_cells_are_refused() -> None:
    texts = b"<sst>" + b"<si/>" * (MAX_CELLS + 1) + b"</sst>"

    assert f"{MAX_CELLS:,} 段" in refusal(remade({STRINGS: texts}, zipfile.ZIP_STORED))


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A%d" t="s"><v>0</v></c>',
        b"<c t='s' r=\"A%d\"><v>0</v></c>",
        b'<c r="A%d" t="s" note=">"><v>0</v></c>',
        b'<c r="A%d" t="s"><v><!-- -->0</v></c>',
        b'<c r="A%d"   ' + b" " * 300 + b't="s"><v>0</v></c>',
    ],
)
def test_long_text_is_counted_however_a_cell_says_it(cell: bytes) -> None:
    text = b"<sst><si><t>" + b"x" * 2**20 + b"</t></si></sst>"
    rows = b"".join(b'<row r="%d">' % n + cell % n + b"</row>" for n in range(1, 2_000))

    assert "文字过多" in refusal(remade({SHEET: HEAD + rows + FOOT, STRINGS: text}))


def test_too_many_parts_are_refused_with_their_number() -> None:
    data = remade({f"xl/worksheets/sheet{n}.xml": b"" for n in range(2, MAX_PARTS + 2)})

    assert f"{MAX_PARTS:,} 个" in refusal(data)
