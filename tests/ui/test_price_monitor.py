"""The files of the price monitor, read back."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from analysis.price_monitor import monitor
from tests.hostile import HOSTILE
from tests.ui.reading_back import missing, squeezed, texts_of_pdf
from ui.exports.price_monitor import (
    DEFINITIONS,
    NO_CELLS,
    Published,
    price_monitor_pdf,
    price_monitor_workbook,
)
from ui.fees import in_words

DAY = date(2022, 8, 25)


def published(*items: str, where: str = "全市") -> Published:
    prices = pd.DataFrame(
        [
            {
                "institution_id": number,
                "county_code": "450202",
                "county": "城中区",
                "course": "班",
                "item": item,
                "class_size": "一对一",
                "class_students": 1.0,
                "teaching_mode": None,
                "lesson_minutes": 45,
                "price": 100.0 + number,
                "cost": 61.0,
                "effective_on": pd.Timestamp(2022, 1, 1),
            }
            for item in items
            for number in range(5)
        ],
        columns=[
            *("institution_id", "county_code", "county", "course", "item", "class_size"),
            *("class_students", "teaching_mode", "lesson_minutes", "price", "cost"),
            "effective_on",
        ],
    )
    types = {"institution_id": "int64", "lesson_minutes": "int64", "price": "float64"}
    types |= dict.fromkeys(("county_code", "county", "item", "teaching_mode", "course"), "str")
    types |= {"class_size": "str", "cost": "float64", "effective_on": "datetime64[s]"}
    cells = monitor(prices.astype(types), as_of=DAY, whole=where == "全市")
    return Published(where, DAY, in_words(cells))


def cells_of(file: bytes) -> list[list[object]]:
    page = openpyxl.load_workbook(BytesIO(file))["价格监测"]
    return [list(row) for row in page.iter_rows(min_row=5, values_only=True)]


def test_sheet_says_where_when_what_is_counted_and_every_cell() -> None:
    texts = texts_of_pdf(price_monitor_pdf(published("钢琴")))
    wanted = [
        "柳州市校外培训机构收费价格监测",
        "截至 2022 年 8 月 25 日",
        "共 1 个培训项目、2 组价格",
    ]
    row = ["钢琴", "一对一", "线下", "全市", "5", "102", "101", "103", "61", "城中区"]

    assert not missing(texts, [*wanted, *row, "说明", *DEFINITIONS])


def test_workbook_holds_the_same_cells_and_its_definitions() -> None:
    file = price_monitor_workbook(published("钢琴"))
    book = openpyxl.load_workbook(BytesIO(file))
    said = [str(row[0]) for row in book["说明"].iter_rows(values_only=True)]

    assert book["价格监测"]["A1"].value == "柳州市校外培训机构收费价格监测"
    assert cells_of(file) == [
        ["钢琴", "一对一", "线下", "全市", 5, 102, 101, 103, 61],
        ["钢琴", "一对一", "线下", "城中区", 5, 102, 101, 103, 61],
    ]
    assert [words.split(". ", 1)[1] for words in said] == list(DEFINITIONS)


def test_county_publishes_under_its_own_name() -> None:
    made = published("钢琴", where="城中区")

    assert made.title == "城中区校外培训机构收费价格监测"
    assert cells_of(price_monitor_workbook(made))[0][3] == "城中区"


def test_nothing_to_publish_is_said() -> None:
    made = published()

    assert squeezed(NO_CELLS) in "".join(texts_of_pdf(price_monitor_pdf(made)))
    assert cells_of(price_monitor_workbook(made))[0][0] == NO_CELLS


@pytest.mark.parametrize("name", HOSTILE)
def test_item_of_any_letters_is_data_and_runs_nowhere(name: str) -> None:
    made = published(name)

    assert price_monitor_pdf(made).startswith(b"%PDF")
    book = openpyxl.load_workbook(BytesIO(price_monitor_workbook(made)))
    assert all(cell.data_type != "f" for row in book["价格监测"].iter_rows() for cell in row)
