from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.rejects import harmless, rejects_workbook
from data_access.ledgers.understanding import Understanding
from tests.data_access.ledgers.files import (
    DISPUTE,
    INSTITUTION,
    read,
    read_rows,
    said,
    table,
    xlsx,
)

NOWHERE = {key: value for key, value in INSTITUTION.items() if key != "县区"}


def rejects(understanding: Understanding, *places: int) -> bytes:
    """Return the workbook of the rows at the places, else of all that are rejected."""
    chosen = places or tuple(at for at, is_so in enumerate(understanding.rejected) if is_so)
    return rejects_workbook((understanding, {at: ["缺这个", "缺那个"] for at in chosen}))


def cells(data: bytes) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(BytesIO(data))
    return {sheet.title: [[c.value for c in row] for row in sheet.rows] for sheet in book}


def test_rejected_rows_come_back_in_the_files_own_layout_with_the_reasons_last() -> None:
    rows = table(
        {"备注": "甲", **INSTITUTION},
        {"备注": "乙", **INSTITUTION, "机构名称": "乙丑", "机构类别": "x"},
    )

    back = cells(rejects(read(xlsx([["机构台账"], [], *rows]))))

    assert back == {
        "Sheet1": [
            ["备注", *INSTITUTION, "退回原因"],
            ["乙", "城中区", "乙丑", "x", "在营", "2022-07-05", "缺这个；缺那个"],
        ]
    }


def test_each_sheet_keeps_its_name_and_sheets_without_rejects_stay_away() -> None:
    broken = {**NOWHERE, "机构类别": "x"}
    data = xlsx(城中区=table(NOWHERE), 柳北区=table(broken), 融水县=table(NOWHERE, broken))

    assert list(cells(rejects(read(data)))) == ["柳北区", "融水县"]


def test_mended_workbook_goes_in_again() -> None:
    """The county in the sheet's name, a header of two rows, units: all come through."""
    rows = [
        ["退费纠纷台账"],
        ["纠纷编号", "机构信息", None, "登记日期", "涉及情况", None, "处理状态"],
        [None, "名称", "代码", None, "学生数", "金额（万元）", None],
        ["TF-1", "甲子", None, "7月5日", 3, 1.2, "未化解"],
        ["TF-2", "乙丑", None, "2022-07-06", 3, 1.2, "不知"],
    ]
    merged = ("A1:G1", "A2:A3", "B2:C2", "D2:D3", "E2:F2", "G2:G3")
    first = read(xlsx(融水县=rows, merged=merged), "refund_disputes")
    assert first.rejected.tolist() == [False, True]

    book = openpyxl.load_workbook(BytesIO(rejects(first, 0, 1)))
    book.active["G3"] = "已化解"
    mended = BytesIO()
    book.save(mended)
    again = read(mended.getvalue(), "refund_disputes")

    assert said(again, "error") == []
    assert again.rows["county_code"].tolist() == ["450225"] * 2
    assert again.rows["amount_yuan"].tolist() == [12_000, 12_000]
    assert again.rows["status"].tolist() == ["open", "resolved"]
    assert again.rows.drop(columns=["status", "row"]).equals(
        first.rows.drop(columns=["status", "row"])
    )
    assert again.sheets[0].unknown == ()


def test_reasons_are_not_carried_into_the_next_workbook() -> None:
    first = read_rows({**INSTITUTION, "机构类别": "x"})
    second = read(rejects(first))

    assert said(second) == said(first)
    assert cells(rejects(second)) == cells(rejects(first))


def test_merged_county_stands_in_the_row_that_comes_back() -> None:
    rows = [*table(INSTITUTION), [None, "乙丑", "x", "在营", "2022-07-05"]]

    back = cells(rejects(read(xlsx(rows, merged=("A2:A3",)))))

    assert back["Sheet1"][1][:2] == ["城中区", "乙丑"]


FORMULAS = ["=1+1", "@SUM(A1)", "+86772", "-甲子", '=HYPERLINK("http://x","y")', "＝1+1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_cell_that_would_run_is_made_harmless_and_read_as_it_was(text: str) -> None:
    csv = '机构名称,类别,状态,发现日期,地址,=备注\n甲子,x,在营,2022-07-05,"{}",x\n'
    first = read(
        csv.format(text.replace('"', '""')).encode(), file_name="融水县.csv", county="450225"
    )

    data = rejects(first)
    back = cells(data)["融水县"]
    again = read(data, county="450225")

    assert back[1][4] == f"'{text}"
    assert back[0][5] == "'=备注"
    assert again.rows["address"].tolist() == first.rows["address"].tolist() == [text]
    assert cells(rejects(again)) == cells(data)


@pytest.mark.parametrize("text", ["-5", "-0.5", "甲子", "1+1", "", "a=b", "#REF!"])
def test_other_cells_are_left_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_counts_and_amounts_are_numbers_and_all_else_is_text() -> None:
    rows = {**DISPUTE, "纠纷编号": 7, "涉及学生数": 3, "涉及金额": 1200.5, "处理状态": "不知"}

    back = cells(rejects(read_rows(rows, kind="refund_disputes")))["Sheet1"]

    number, *_ = back[1]
    assert (number, back[1][4:6]) == ("7", [3, 1200.5])
    others = [cell for at, cell in enumerate(back[1]) if at not in (4, 5)]
    assert all(isinstance(cell, str) for cell in [*back[0], *others])


@pytest.mark.parametrize("text", ["007", "1.20", "1,200", "1e5", "约30", "3 人", "1.2万", "-"])
def test_number_that_would_be_read_otherwise_stays_text(text: str) -> None:
    rows = {**DISPUTE, "涉及金额": text, "处理状态": "不知"}

    first = read_rows(rows, kind="refund_disputes")
    back = rejects(first)

    assert isinstance(cells(back)["Sheet1"][1][5], str)
    assert list(read(back, "refund_disputes").originals) == list(first.originals)


def test_sheet_names_that_no_workbook_takes_are_mended() -> None:
    understanding = read_rows({**INSTITUTION, "机构类别": "x"}, INSTITUTION)
    names = ["a[1]:*?/\\" + "长" * 40, "'"]
    understanding.rows["sheet"] = names
    understanding.layouts = dict.fromkeys(names, understanding.layouts["Sheet1"])

    assert list(cells(rejects(understanding, 0, 1))) == ["a 1" + " " * 6 + "长" * 22, "Sheet2"]


def test_longest_cell_is_cut_to_what_a_workbook_holds() -> None:
    assert len(harmless("=" + "甲" * 40_000)) == 32_767


def test_rows_of_the_widest_sheet_can_be_sent_again() -> None:
    wide = table({**INSTITUTION, "机构类别": "x"})
    for at in range(256 - len(wide[0])):
        wide[0].append(f"备考{at}")
        wide[1].append("甲")

    again = read(rejects(read(xlsx(wide))))

    assert len(again.layouts["Sheet1"]) == 256
    with pytest.raises(UnreadableFileError, match="超过 256 列"):
        read(xlsx([[*wide[0], "又一列"], [*wide[1], "甲"]]))
