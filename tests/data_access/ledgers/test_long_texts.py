"""A cell may be as long as a file lets it be: it is read in one go, or the file waits for ever."""

from __future__ import annotations

import time
from typing import Final

import pytest

from tests.data_access.ledgers.files import INSTITUTION, read, said, xlsx

LONG: Final = 60_000
# Looked through from every character anew, one such cell takes minutes of a processor.
MOST_SECONDS: Final = 10


def seconds(file_rows: list[list[str]], kind: str) -> float:
    start = time.process_time()
    read(csv_of(file_rows), kind, file_name="城中区.csv")
    return time.process_time() - start


def csv_of(rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode()


@pytest.mark.parametrize("opening", "(【")
def test_header_of_nothing_but_brackets_is_read_in_one_go(opening: str) -> None:
    rows = [[*INSTITUTION, opening * LONG], [*INSTITUTION.values(), "甲"]]

    assert seconds(rows, "institutions") < MOST_SECONDS


@pytest.mark.parametrize(
    ("column", "filling"),
    [("机构名称", " "), ("机构名称", "1 "), ("排查日期", "2022-"), ("备考", "(")],
)
def test_long_cell_is_read_in_one_go(column: str, filling: str) -> None:
    cells = {"主管部门": "教育", "备考": "甲", **INSTITUTION}
    cells[column] = f"甲\n{(filling * LONG)[:LONG]}乙"

    assert seconds([list(cells), list(cells.values())], "institutions") < MOST_SECONDS


def test_long_period_is_read_in_one_go() -> None:
    cells = {"县区": "城中区", "材料种类": "每周报表", "所属期": f"甲{' ' * LONG}乙"}

    assert seconds([list(cells), list(cells.values())], "submissions") < MOST_SECONDS


def test_blanks_around_a_line_break_become_one_and_others_stay() -> None:
    row = {**INSTITUTION, "机构名称": "甲  子 \n\t 培训　 \r 中心"}

    understanding = read(xlsx([list(row), list(row.values())]))

    assert said(understanding) == []
    assert understanding.rows["name"].tolist() == ["甲  子 培训 中心"]


@pytest.mark.parametrize("header", ["场地面积（m²）", "场地面积((m2))", "场地面积（建筑(m2)）"])
def test_unit_in_brackets_is_no_part_of_a_header(header: str) -> None:
    row = {**INSTITUTION, header: "120"}

    understanding = read(xlsx([list(row), list(row.values())]))

    if header == "场地面积（m²）":
        assert understanding.rows["floor_area_m2"].tolist() == [120]
    else:
        assert said(understanding) == [f"— {header}：这一列不在本台账之内，已忽略"]
