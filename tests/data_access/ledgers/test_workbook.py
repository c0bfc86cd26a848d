from __future__ import annotations

import datetime as dt
import tracemalloc
from io import BytesIO

import openpyxl
import pytest
import xlwt

from data_access.ledgers.archive import MAX_CELLS
from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.workbook import (
    MAX_LINE,
    MAX_SHEETS,
    RawSheet,
    read_sheets,
)
from tests.data_access.ledgers.files import saved, xls, xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "文件已加密，无法读取。请取消密码后再报送"
TEXT = "县区,机构名称\r\n融水,甲子\r\n"


def only(file_name: str, data: bytes) -> RawSheet:
    (sheet,) = read_sheets(file_name, data)
    return sheet


def refusal(file_name: str, data: bytes) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        read_sheets(file_name, data)
    return str(refused.value)


ROWS = [["县区", "日期"], ["融水", dt.date(2022, 7, 5)], ["柳城", 3]]


def test_workbook_keeps_numbers_and_days() -> None:
    sheet = only("a.xlsx", xlsx(ROWS))

    assert sheet.rows == [["县区", "日期"], ["融水", dt.date(2022, 7, 5)], ["柳城", 3.0]]
    assert sheet.first_row == 1


def test_old_workbook_comes_as_text() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("融水县")
    sheet.write_merge(2, 4, 1, 1, "县区")
    sheet.write(4, 2, dt.date(2022, 7, 5), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sheet.write(4, 3, 30.0)
    book.add_sheet("隐藏").visibility = 1
    buffer = BytesIO()
    book.save(buffer)

    first, hidden = read_sheets("A.XLS", buffer.getvalue())

    assert (first.name, first.first_row) == ("融水县", 3)
    assert first.rows == [["县区", "", ""], ["", "", ""], ["", "2022-07-05", "30"]]
    assert [[*map(tuple, cells)] for cells in first.merged] == [[(0, 0), (2, 0)]]
    assert (hidden.name, hidden.hidden, hidden.rows) == ("隐藏", True, [])


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("gb18030", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
    ],
)
def test_text_in_every_encoding_of_offices(encoding: str, mark: bytes) -> None:
    sheet = only("融水县.csv", mark + TEXT.encode(encoding))

    assert sheet.name == "融水县"
    assert sheet.rows == [["县区", "机构名称"], ["融水", "甲子"]]


def test_one_character_of_another_encoding_decides_for_the_whole_file() -> None:
    data = ("a,b\n" * 1000 + "融,水\n").encode("gb18030")

    assert only("a.csv", data).rows[-1] == ["融", "水"]


def test_line_break_inside_quotes_is_one_row_and_blank_lines_are_rows() -> None:
    rows = only("a.csv", '县区,地址\n\n融水,"一层\n二层"\n,"说""好"""\n'.encode()).rows

    assert rows == [["县区", "地址"], ["", ""], ["融水", "一层\n二层"], ["", '说"好"']]


def test_rows_of_nothing_but_commas_below_the_last_are_not_counted() -> None:
    data = ("县区,地址\n,\n融水,一层\n" + ", \n" * 250_000).encode()

    assert only("a.csv", data).rows == [["县区", "地址"], ["", ""], ["融水", "一层"]]


def test_short_records_are_filled_to_the_widest() -> None:
    assert only("a.csv", "一\n一,二,三\n".encode()).rows == [["一", "", ""], ["一", "二", "三"]]


def test_empty_rows_and_columns_before_the_cells_do_not_shift_their_numbers() -> None:
    book = openpyxl.Workbook()
    book.active["C5"] = "县区"
    book.active["D7"] = "=1+1"
    book.active["D8"] = "城中"
    book.active.merge_cells("C5:D5")

    sheet = only("a.xlsx", saved(book))

    assert sheet.first_row == 5
    assert sheet.rows[0] == ["县区", ""]
    assert sheet.merged == [((0, 0), (0, 1))]
    assert sheet.uncomputed == {(2, 1)}


def test_hidden_sheets_come_without_their_cells() -> None:
    book = openpyxl.Workbook()
    for state in ("hidden", "veryHidden"):
        sheet = book.create_sheet(state)
        sheet["A1"] = "秘密"
        sheet.sheet_state = state

    assert [(s.name, s.hidden, s.rows) for s in read_sheets("a.xlsx", saved(book))] == [
        ("Sheet", False, []),
        ("hidden", True, []),
        ("veryHidden", True, []),
    ]


def test_formula_without_a_value_and_formula_with_an_error_are_told_apart() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["甲", "=SUM(A1:A2)", "#REF!", 5])
    sheet["C1"].data_type = "e"

    found = only("a.xlsx", saved(book))

    assert found.rows == [["甲", "", "", 5.0]]
    assert found.uncomputed == {(0, 1)}
    assert found.errors == {(0, 2): "#REF!"}


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"] = dt.date(2022, 7, 5)

    assert only("a.xlsx", saved(book)).rows == [[dt.date(2022, 7, 5)]]


@pytest.mark.parametrize("name", ["a.txt", "a.xlsm", "a.pdf", "a", "a.xlsx.exe", ".xlsx"])
def test_other_endings_are_refused(name: str) -> None:
    assert refusal(name, xlsx([["a"]])) == (
        "只接受 .xlsx、.xls 和 .csv 文件，请另存为其中一种后再报送"
    )


HTML = b"\r\n<HTML><table><tr><td>a</td></tr></table>"


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.xlsx", xls([["a"]]), ".xls 工作簿"),
        ("a.xls", xlsx([["a"]]), ".xlsx 或压缩包"),
        ("a.csv", xlsx([["a"]]), ".xlsx 或压缩包"),
        ("a.csv", xls([["a"]]), ".xls 工作簿"),
        ("a.xls", HTML, "网页（HTML）"),
        ("a.csv", HTML, "网页（HTML）"),
        ("a.xlsx", TEXT.encode(), "文本"),
        ("a.xls", TEXT.encode("gb18030"), "文本"),
        ("a.xls", b'<?xml version="1.0"?><Workbook/>', "XML 文件"),
        ("a.csv", b"%PDF-1.7 ...", "PDF 文件"),
    ],
)
def test_file_that_is_not_what_its_name_says_is_refused(name: str, data: bytes, what: str) -> None:
    assert f"内容却是{what}" in refusal(name, data)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.csv"])
@pytest.mark.parametrize("data", [b"\x00" * 600, b"\x89PNG\r\n\x1a\n\x00\x00", b"GIF89a\x00\x01"])
def test_anything_else_is_refused(name: str, data: bytes) -> None:
    assert "不是有效的" in refusal(name, data)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.csv"])
def test_empty_file_is_refused(name: str) -> None:
    assert refusal(name, b"") == "文件是空的"


def test_text_in_no_known_encoding_is_refused() -> None:
    assert "编码无法识别" in refusal("a.csv", b"\xff\xff\xff\xff")


@pytest.mark.parametrize("text", ['a,b\n"c,d\n', 'a,b\n"c"d,e\n', "a,b\n" + "c" * 200_000])
def test_text_whose_quotes_do_not_pair_is_refused(text: str) -> None:
    assert "第 2 行附近的引号不成对" in refusal("a.csv", text.encode())


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
def test_locked_workbook_is_refused(name: str) -> None:
    stream = "EncryptedPackage".encode("utf-16-le")

    assert refusal(name, OLE + bytes(1024) + stream + bytes(1024)) == LOCKED


def test_locked_old_workbook_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "a")
    plain = book.get_biff_data()
    begins = 4 + int.from_bytes(plain[2:4], "little")
    file_pass = b"\x2f\x00\x36\x00\x01\x00\x01\x00\x01\x00" + bytes(48)
    monkeypatch.setattr(book, "get_biff_data", lambda: plain[:begins] + file_pass + plain[begins:])
    buffer = BytesIO()
    book.save(buffer)

    assert refusal("a.xls", buffer.getvalue()) == LOCKED


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(("name", "write"), [("a.xlsx", xlsx), ("a.xls", xls)])
def test_truncated_workbook_is_refused(name: str, write, share: float) -> None:
    data = write([["县区", "机构名称"], *([f"融水{n}", f"甲子{n}"] for n in range(900))])

    assert "不完整或已损坏" in refusal(name, data[: int(len(data) * share)])


def test_old_office_file_that_is_no_workbook_is_refused() -> None:
    assert "不完整或已损坏" in refusal("a.xls", OLE + bytes(4096))


def test_whatever_the_reader_raises_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(_: bytes):
        raise PanicException

    monkeypatch.setattr("data_access.ledgers.workbook._read_cells", panic)

    assert "不完整或已损坏" in refusal("a.xlsx", xlsx([["a"]]))


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: bytes):
        raise KeyboardInterrupt

    monkeypatch.setattr("data_access.ledgers.workbook._read_cells", interrupt)

    with pytest.raises(KeyboardInterrupt):
        read_sheets("a.xlsx", xlsx([["a"]]))


@pytest.mark.parametrize(("name", "write"), [("a.xlsx", xlsx), ("a.xls", xls)])
def test_bytes_turned_over_are_read_or_refused(name: str, write) -> None:
    """Whatever happens to a byte, nothing but a refusal comes out, and the process lives."""
    data = write([["县区", "机构名称"], ["融水", "甲子"]])
    for at in range(7, len(data), len(data) // 40):
        turned = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        try:
            read_sheets(name, turned)
        except UnreadableFileError:
            continue


def test_old_workbook_that_asks_for_all_memory_ends_only_its_own_process() -> None:
    data = bytearray(xls([["县区"], ["融水"]]))
    # The first row of the sheet's dimensions, put behind the last.
    at = data.index(b"\x00\x02\x0e\x00") + 4
    data[at : at + 4] = b"\x00\x00\xff\x00"

    assert "不完整或已损坏" in refusal("a.xls", bytes(data))


def test_old_workbook_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_access.ledgers.xls_reader.MAX_SECONDS", 0.001)

    assert "不完整或已损坏" in refusal("a.xls", xls([["县区"]]))


def test_too_many_sheets_are_refused() -> None:
    sheets = {f"s{n}": [["a"]] for n in range(MAX_SHEETS + 1)}

    assert refusal("a.xlsx", xlsx(**sheets)) == "工作表超过 100 张，请拆分后再报送"


def test_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_access.ledgers.workbook.MAX_FILE_BYTES", 2**20)

    assert refusal("a.csv", b"a" * (2**20 + 1)) == "文件超过 1 MB，请拆分后再报送"


def test_old_workbook_of_one_cell_in_the_last_place_is_refused_with_the_limit() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(0, 0, "a")
    sheet.write(65_535, 255, "z")
    buffer = BytesIO()
    book.save(buffer)

    assert f"{MAX_CELLS:,} 个单元格" in refusal("a.xls", buffer.getvalue())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"," * 50_000_000, f"第 1 行超过 {MAX_LINE:,} 字"),
        (b"a,b\n" + b"a" * 50_000_000, f"第 2 行超过 {MAX_LINE:,} 字"),
        (b"a,b\n" + b"a" * 200_000, "单元格超过 131,072 字"),
        (b"a,b\n" + b",a" * 300, "256 列"),
    ],
    ids=["commas", "letters", "cell", "columns"],
)
def test_long_line_is_refused_within_little_memory(data: bytes, words: str) -> None:
    tracemalloc.start()
    try:
        assert words in refusal("a.csv", data)
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (b"a,b\n" * 300_000, "行的上限"),
        (b"," * 99 + b"a\n" + b"a,b\n" * 130_000, "个单元格的上限"),
        (b"\n" * 3_000, "空行超过 2,000 行"),
        (b",\n" * 3_000 + b"a,b\n", "空行超过 2,000 行"),
    ],
    ids=["rows", "cells", "blanks", "blanks between"],
)
def test_text_with_too_much_in_it_is_refused_with_the_limit(
    rows: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_access.ledgers.workbook.MOST_BLANK", 2_000)

    assert words in refusal("a.csv", b"a,b\n" + rows)
