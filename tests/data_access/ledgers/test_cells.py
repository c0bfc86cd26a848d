from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from data_access.ledgers.cells import clean, factorize
from data_access.ledgers.texts import cell_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("文字", "文字"),
        (5.0, "5"),
        (0.1 + 0.2, "0.3"),
        (109.123456, "109.123456"),
        (13800138000.0, "13800138000"),
        (1e17, "100000000000000000"),
        (1e-7, "0.0000001"),
        (7, "7"),
        (True, "TRUE"),
        (False, "FALSE"),
        (dt.datetime.fromisoformat("2022-07-05"), "2022-07-05"),
        (dt.datetime.fromisoformat("2022-07-05 14:30"), "2022-07-05 14:30:00"),
        (dt.date(2022, 7, 5), "2022-07-05"),
        (dt.time(19, 0), "19:00"),
        (None, ""),
    ],
)
def test_cell_is_the_text_that_a_spreadsheet_shows(cell: object, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("　甲子 ", "甲子"),
        ("\ufeff甲\u200b子\x00\x07", "甲子"),
        ("\u202e甲子\u202c", "甲子"),
        ("甲\ud800子", "甲子"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("مركز التدريب", "مركز التدريب"),
        ("𠮷野家😀", "𠮷野家😀"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("'=1+1", "=1+1"),
        ("'450202", "450202"),
        ("'甲子'", "'甲子'"),
    ],
)
def test_text_loses_what_cannot_be_seen_and_nothing_else(text: str, kept: str) -> None:
    assert clean(text) == kept


def test_column_is_its_distinct_texts_and_who_has_which() -> None:
    cells = factorize(np.array(["甲", " 乙 ", "", "甲", "清空", 5.0, float("nan")], dtype=object))

    assert [cells.texts[code] for code in cells.codes] == [
        *("甲", "乙", "", "甲", "清空", "5", "NaN")
    ]
    assert cells.is_filled.tolist() == [True, True, False, True, True, True, True]
    assert np.flatnonzero(cells.is_clear).tolist() == [4]
