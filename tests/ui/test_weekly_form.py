"""The workbook that an office prints and signs, read back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from analysis.form_columns import forms
from analysis.weekly_form import classify, table
from tests.analysis.weekly_rows import (
    COUNTIES,
    SOUTH,
    dispute,
    disputes,
    inspection,
    inspections,
    violation,
)
from ui.exports.weekly_form import EXPLAINED, Part, Sheet, workbook

FORM, BULLETIN = forms().form, forms().bulletin
LINE = ("填报单位：柳州市“双减”办", "周期：8 月 19 日至 8 月 25 日", "单位：见各栏口径")
FORMULA = '=HYPERLINK("http://example.org")'
HEADERS, FIRST, TOTAL, FOOTER = 3, 4, 7, 8  # rows of the form, three counties


def rows(**of_first: Any) -> Any:
    visits = (
        inspection(people=None),
        violation(measures=FORMULA) | of_first,
        violation("住家教师", county_code=SOUTH, people=1200),
    )
    return classify(inspections(*visits), disputes(dispute(county_code=SOUTH, students=3)))


def opened(sheet: Sheet, **kwargs: Any) -> Workbook:
    return openpyxl.load_workbook(BytesIO(workbook(sheet, **kwargs)))


@pytest.fixture(scope="module")
def form() -> Workbook:
    filled = table(rows(), FORM, COUNTIES, period="8 月 19 日至 8 月 25 日")
    return opened(Sheet("汇总表", forms().form_title, LINE, (Part(FORM, filled),)), notes=("注一",))


@pytest.fixture(scope="module")
def bulletin() -> Workbook:
    filled = table(rows(), BULLETIN, COUNTIES)
    parts = (
        Part(BULLETIN[:1], filled),
        Part(BULLETIN[1:], filled, "行动以来"),
        Part(BULLETIN[1:], filled, "本周"),
    )
    return opened(Sheet("通报表", forms().bulletin_title, LINE, parts))


def line(book: Workbook, row: int) -> list[Any]:
    return [cell.value for cell in book.worksheets[0][row]]


def merged(book: Workbook) -> set[str]:
    return {str(area) for area in book.worksheets[0].merged_cells.ranges}


def test_title_stands_over_the_whole_width_and_unit_and_period_below(form: Workbook) -> None:
    page = form["汇总表"]

    assert page["A1"].value == "柳州市各地查处变相违规学科类培训情况汇总表（线下）"
    assert "A1:M1" in merged(form)
    assert [value for value in line(form, 2) if value] == list(LINE)


def test_columns_are_those_of_the_settings_with_their_widths(form: Workbook) -> None:
    page = form["汇总表"]

    assert line(form, HEADERS) == [column.header for column in FORM]
    assert page.column_dimensions["J"].width == pytest.approx(FORM[9].width, abs=1)
    assert page["A3"].alignment.wrap_text


def test_each_county_has_its_row_and_the_total_is_theirs(form: Workbook) -> None:
    assert line(form, FIRST)[:5] == ["城中区", "8 月 19 日至 8 月 25 日", 4, 2, 0]
    assert line(form, FIRST + 1)[10:12] == [500, 3]
    assert line(form, TOTAL)[0] == "合计"
    assert line(form, TOTAL)[2:4] == [1204, 3]
    assert line(form, TOTAL)[8] == "一对一 1、住家教师 1"
    assert f"A{TOTAL}:B{TOTAL}" in merged(form)
    assert form["汇总表"][f"C{TOTAL}"].font.bold
    assert form["汇总表"][f"K{TOTAL}"].number_format == "#,##0.00"


def test_every_cell_of_the_form_has_its_border_also_where_it_is_empty(form: Workbook) -> None:
    page = form["汇总表"]

    assert page[f"A{TOTAL}"].border.left.style == "thin"  # merged with the next one
    for cells in (*page[f"A{HEADERS}:M{TOTAL - 1}"], *page[f"C{TOTAL}:M{TOTAL}"]):
        assert {cell.border.left.style for cell in cells} == {"thin"}


def test_what_is_not_known_is_a_dash_and_no_number() -> None:
    filled = table(
        classify(inspections(inspection(people=None)), disputes()), FORM, COUNTIES, period="本周"
    )
    book = opened(Sheet("汇总表", "表", LINE, (Part(FORM, filled),)))

    assert line(book, FIRST)[2] == "—"
    assert line(book, FIRST + 1)[2] == 0


def test_form_is_signed_at_the_foot(form: Workbook) -> None:
    signed = [value for value in line(form, FOOTER) if value]

    assert [words.split("：")[0] for words in signed] == ["填表人", "审核人", "填报日期"]


def test_form_prints_on_one_page_across_with_its_header_on_each(form: Workbook) -> None:
    page = form["汇总表"]

    assert page.print_area == f"'汇总表'!$A$1:$M${FOOTER}"
    assert page.print_title_rows == f"${HEADERS}:${HEADERS}"
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.paperSize == 9
    # One page across is what a file that says nothing of it means.
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage


def test_second_sheet_defines_every_column(form: Workbook) -> None:
    page = form[EXPLAINED]
    rows_ = [(row[0].value, row[1].value) for row in page.iter_rows(min_row=3)]

    assert form.sheetnames == ["汇总表", EXPLAINED]
    assert page["A2"].value == "注一"
    assert rows_ == [("栏目", "口径"), *((column.header, column.definition) for column in FORM)]


def test_text_that_would_run_as_a_formula_is_marked_as_text(form: Workbook) -> None:
    cell = form["汇总表"][f"J{FIRST}"]

    assert cell.value == f"{FORMULA} 1"
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_unit_and_county_are_no_formulas_either() -> None:
    filled = table(rows(), FORM, {"450202": FORMULA, SOUTH: "柳南区"}, period="本周")
    book = opened(Sheet(FORMULA, FORMULA, (FORMULA, "", ""), (Part(FORM, filled),)))
    page = book.worksheets[0]

    cells = [page[name] for name in ("A1", "A2", f"A{FIRST}")]
    assert [cell.value for cell in cells] == [FORMULA] * 3
    assert {cell.data_type for cell in cells} == {"s"}


def test_bulletin_has_the_same_columns_twice_under_their_times(bulletin: Workbook) -> None:
    headers = [column.header for column in BULLETIN]

    assert line(bulletin, 3) == ["县区", "行动以来", *[None] * 5, "本周", *[None] * 5]
    assert line(bulletin, 4)[1:] == [*headers[1:], *headers[1:]]
    assert {"A1:M1", "A3:A4", "B3:G3", "H3:M3"} <= merged(bulletin)
    assert line(bulletin, 8)[:3] == ["合计", 1204, 3]
    assert bulletin.worksheets[0].print_title_rows == "$3:$4"
    assert [row[0].value for row in bulletin[EXPLAINED].iter_rows(min_row=3)] == headers
