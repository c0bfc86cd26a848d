"""Workbooks to take away, read back by another library."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from tests.hostile import HOSTILE
from ui.exports.excel import to_excel
from ui.formatting import UNSEEN
from ui.labels import LABELS


def sheet(frame: pd.DataFrame, columns: Sequence[str], name: str = "明细") -> Worksheet:
    workbook = openpyxl.load_workbook(BytesIO(to_excel(frame, columns, sheet=name)))
    (page,) = workbook.worksheets
    return page


def written(values: Sequence[Any], dtype: str = "object") -> list[Cell]:
    """The cells of one column, without its heading."""
    frame = pd.DataFrame({"name": pd.Series(values, dtype=dtype)})
    return [row[0] for row in sheet(frame, ["name"]).iter_rows(min_row=2)]


def test_named_columns_go_out_under_their_labels_in_the_order_asked() -> None:
    frame = pd.DataFrame({"address": ["路 1 号"], "id": [7], "name": ["甲"], "county": ["城中区"]})

    page = sheet(frame, ["county", "name"])

    assert [[cell.value for cell in row] for row in page] == [
        ["县区", "机构名称"],
        ["城中区", "甲"],
    ]


def test_column_without_a_label_raises_and_does_not_leak() -> None:
    frame = pd.DataFrame({"name": ["甲"], "reporter_phone": ["13900000000"]})

    with pytest.raises(KeyError, match="reporter_phone"):
        to_excel(frame, ["name", "reporter_phone"], sheet="明细")


@pytest.mark.parametrize("column", ["reporter_phone", "summary", "id", "county_code", "withheld"])
def test_what_is_internal_or_the_reporters_has_no_label(column: str) -> None:
    assert column not in LABELS


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://example.org","甲")',
        "{=1+1}",
        "+86 772",
        "-3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        " =1+1",
        "＝1+1",
        "　＠SUM(A1)",
    ],
)
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    (cell,) = written([text])

    assert cell.data_type == "s"
    assert unescape(cell.value) == text
    assert cell.quotePrefix is not text.startswith("{")


@pytest.mark.parametrize(
    "text", ["甲", "0772-2821234", "1=1", "http://example.org", "0012", "甲\n=1"]
)
def test_other_text_is_written_as_it_is(text: str) -> None:
    (cell,) = written([text])

    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", False)
    assert cell.hyperlink is None


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([None, "甲"], "str"),
        ([math.nan, 1.5], "float64"),
        ([math.inf, 1.5], "float64"),
        ([pd.NA, 3], "Int64"),
        ([pd.NA, True], "boolean"),
        ([pd.NaT, date(2022, 8, 25)], "datetime64[s]"),
        ([None, 1], "object"),
    ],
)
def test_unknown_is_an_empty_cell(values: list[Any], dtype: str) -> None:
    unknown, known = written(values, dtype)

    assert unknown.value is None
    assert known.value is not None


@pytest.mark.parametrize("dtype", ["datetime64[s]", "object"])
def test_day_is_a_real_date_without_a_time(dtype: str) -> None:
    (cell,) = written([date(2022, 8, 25)], dtype)

    assert cell.is_date
    assert cell.value == datetime(2022, 8, 25)  # noqa: DTZ001
    assert cell.number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("dtype", ["bool", "boolean", "object"])
def test_yes_and_no_are_words(dtype: str) -> None:
    assert [cell.value for cell in written([True, False], dtype)] == ["是", "否"]


@pytest.mark.parametrize("value", [0, -3, 1284, 0.708, 126_000.5])
def test_number_stays_a_number(value: float) -> None:
    (cell,) = written([value])

    assert (cell.value, cell.data_type) == (value, "n")


def test_numbers_of_numpy_stay_numbers() -> None:
    assert [cell.value for cell in written([1, 2], "int64")] == [1, 2]
    assert [cell.value for cell in written([np.float64(1.5)])] == [1.5]


def test_empty_frame_gives_the_headings_alone() -> None:
    frame = pd.DataFrame({"name": pd.Series(dtype="str"), "found_on": pd.Series(dtype="object")})

    page = sheet(frame, ["name", "found_on"])

    assert [[cell.value for cell in row] for row in page] == [["机构名称", "排查日期"]]


def test_headings_stay_in_sight_and_filter_the_rows() -> None:
    page = sheet(pd.DataFrame({"name": ["甲", "乙"], "county": ["城中区"] * 2}), ["county", "name"])

    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B3"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("未登记机构", "未登记机构"),
        ("甲/乙:丙[丁]*?\\", "甲_乙_丙_丁____"),
        ("'甲'", "甲"),
        ("柳" * 32, "柳" * 31),
        ("柳" * 30 + "'县", "柳" * 30),
    ],
)
def test_sheet_has_a_name_that_spreadsheets_take(name: str, title: str) -> None:
    assert sheet(pd.DataFrame({"name": ["甲"]}), ["name"], name).title == title


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_back_as_the_text_it_is(name: str) -> None:
    (cell,) = written([HOSTILE[name]])

    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert unescape(cell.value) == UNSEEN.sub("", HOSTILE[name])


def test_workbook_of_hostile_texts_has_no_formulas_no_links_and_is_sound() -> None:
    texts = [*HOSTILE.values(), "甲\ud83d乙\uffff", "_x0041_"]
    frame = pd.DataFrame({"name": pd.Series(texts, dtype="object")})
    data = to_excel(frame, ["name"], sheet=HOSTILE["markdown_image"])

    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert not any("xternalLink" in name for name in archive.namelist())
        parts = [ET.fromstring(archive.read(name)) for name in archive.namelist()]  # noqa: S314
    tags = {element.tag.rpartition("}")[2] for part in parts for element in part.iter()}
    assert "sheetData" in tags
    assert not tags & {"f", "hyperlink", "hyperlinks", "ddeLink", "oleLink"}


def test_text_longer_than_a_cell_is_cut_between_letters() -> None:
    (plain, beyond) = written(["甲" * 40_000, "甲" + "💥" * 20_000])

    assert plain.value == "甲" * 32_767
    assert beyond.value == "甲" + "💥" * 16_383


def test_more_rows_than_a_sheet_holds_raise_and_are_not_cut() -> None:
    frame = pd.DataFrame({"name": ["甲"]}).iloc[[0] * 1_048_576]

    with pytest.raises(ValueError, match="1048576 rows"):
        to_excel(frame, ["name"], sheet="明细")


@pytest.mark.parametrize("name", HOSTILE)
def test_any_text_gives_a_sheet_its_name(name: str) -> None:
    title = sheet(pd.DataFrame({"name": ["甲"]}), ["name"], HOSTILE[name]).title

    assert 0 < len(title.encode("utf-16-le")) // 2 <= 31


def test_share_is_a_number_that_shows_in_percent() -> None:
    data = to_excel(
        pd.DataFrame({"coverage": [0.9527]}), ["coverage"], sheet="覆盖", shares=["coverage"]
    )

    (page,) = openpyxl.load_workbook(BytesIO(data)).worksheets
    assert page["A2"].value == 0.9527
    assert page["A2"].number_format == "0.0%"
