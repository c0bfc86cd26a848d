from __future__ import annotations

from typing import Any

import pytest

from tests.data_access.ledgers.files import INSTITUTION, read, said, table, xlsx

HEADERS = ["序号", *INSTITUTION, "学生人数", "说明"]
WHOLE = [1, *INSTITUTION.values(), 30, None]


def rows_of(*rows: list[Any], merged: tuple[str, ...] = ()):
    return read(xlsx([HEADERS, *rows], merged=merged))


@pytest.mark.parametrize(
    "row",
    [
        [],
        [2],
        ["2"],
        [None, "  ", "\u3000", "\n"],
        ["合计", None, None, None, None, None, 30],
        ["合    计", None, None, None, None, None, 30],
        ["合　计：", None, None, None, None, None, 30],
        [None, "合计", "12家", None, None, None, 30],
        [None, "城中区小计", None, None, None, None, 30],
        [2, "城中区", "小计", None, None, None, 30],
        ["总计(人)", None, None, None, None, None, 30],
        ["共计：12家"],
        ["填表人：张某", None, None, "审核人：李某"],
        ["填表人:", "张某", None, "审核人:", "李某"],
        [None, None, "审核人：李某（签字）"],
        ["审核人 李某"],
        ["单位负责人（签字）：", None, "联系电话：0772"],
        ["填报日期：2022年7月5日"],
        ["城中区教育局（盖章）"],
        ["注：本表每周四前报送"],
        ["注1：本表每周四前报送"],
        ["备注：无"],
        ["说明：本表一式两份"],
        ["※本表每周四前报送"],
    ],
)
def test_row_that_is_none_is_not_counted(row: list[Any]) -> None:
    understanding = rows_of(WHOLE, row)

    assert understanding.rows["row"].tolist() == [2]
    assert said(understanding) == ["— 说明：这一列不在本台账之内，已忽略"]


@pytest.mark.parametrize(
    "row",
    [
        [None, None, None, None, None, None, 30],
        [None, None, None, None, None, None, None, "只有一列不认识的内容"],
        [None, None, "合计培训中心"],
        [None, None, "小计算机培训中心", "科技"],
        [None, "城中区", "注册培训中心"],
        [None, "城中区", "乙丑培训中心", "体育", "在营", None],
        ["2", "城中区", "乙丑培训中心", None, None, None, "合计"],
        [None, "清空"],
    ],
)
def test_row_that_holds_anything_else_is_counted_and_answered_for(row: list[Any]) -> None:
    understanding = rows_of(WHOLE, row)

    assert understanding.rows["row"].tolist() == [2, 3]
    assert understanding.rejected.tolist() == [False, True]


def test_institution_that_is_called_a_total_is_loaded_when_its_row_is_complete() -> None:
    understanding = rows_of([1, "城中区", "合计", *WHOLE[3:]])

    assert understanding.rows["name"].tolist() == ["合计"]


def test_note_that_goes_on_is_no_row_but_a_row_after_it_is() -> None:
    rows = [
        ["注：1.本表每周四前报送"],
        ["2.一式两份"],
        ["（三）盖章"],
        [3, "柳北区", "丙寅", *WHOLE[3:]],
    ]

    understanding = rows_of(WHOLE, *rows)

    assert understanding.rows["row"].tolist() == [2, 6]


def test_blank_rows_between_do_not_shift_the_numbers() -> None:
    other = [2, "柳北区", "乙丑", *WHOLE[3:]]

    assert rows_of([], WHOLE, [], [], other).rows["row"].tolist() == [3, 6]


def test_cells_merged_down_a_column_speak_for_each_row() -> None:
    rows = [[n, None, f"甲子{n}", *WHOLE[3:]] for n in range(1, 5)]
    rows[0][1], rows[3][1] = "融水县", "柳北区"

    understanding = rows_of(*rows, [None, "合计", 4], merged=("B2:B4",))

    assert understanding.rows["county_code"].tolist() == ["450225"] * 3 + ["450205"]
    assert [row[1] for row in understanding.originals] == ["融水县"] * 3 + ["柳北区"]


def test_rows_below_a_merged_cell_that_hold_nothing_of_their_own_are_none() -> None:
    understanding = rows_of(WHOLE, merged=("B2:B9", "C2:C9"))

    assert understanding.rows["row"].tolist() == [2]


def test_cells_merged_across_speak_in_their_first_column_alone() -> None:
    row = [1, "城中区", "甲子", None, "在营", "2022-07-05"]

    understanding = rows_of(row, merged=("C2:D2",))

    assert understanding.rows["category"].isna().all()
    assert "2 机构类别：必填项没有填，请补填" in said(understanding)


def test_formulas_without_values_are_empty_cells_with_a_warning() -> None:
    students = {**INSTITUTION, "学生人数": "=10+20", "说明": "=1+1"}
    category = {**INSTITUTION, "机构名称": "乙丑", "机构类别": '="体"&"育"', "学生人数": None}

    understanding = read(xlsx([*table(students, category), ["=1+1"], ["合计", "=SUM(A1:A2)"]]))

    words = "公式没有计算结果，按空单元格处理。请打开文件重新计算并保存，或改填数值"
    assert said(understanding) == [
        "— 说明：这一列不在本台账之内，已忽略",
        f"2 学生人数：{words}",
        "3 机构类别：必填项没有填，请补填",
        f"3 机构类别：{words}",
    ]
    assert understanding.rejected.tolist() == [False, True]
    assert understanding.rows["students"].isna().all()
