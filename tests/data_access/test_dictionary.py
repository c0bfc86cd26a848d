"""The data dictionary is what the schema says."""

from __future__ import annotations

import pytest
from sqlalchemy import Table

from data_access.dictionary import dictionary
from data_access.schema import metadata
from tests.servers import ROOT

each_table = pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)


def test_dictionary_in_docs_is_up_to_date() -> None:
    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")

    assert written == dictionary(), "docs/data-dictionary.md is stale: run make docs"


@each_table
def test_table_and_every_column_say_what_they_hold(table: Table) -> None:
    assert table.comment
    assert [column.name for column in table.columns if not column.comment] == []


@each_table
def test_dictionary_lists_every_column_under_its_table(table: Table) -> None:
    _, section = dictionary().split(f"## {table.name}\n", 1)
    listed = section.split("\n## ")[0]

    assert [line.split("`")[1] for line in listed.splitlines() if line.startswith("| `")] == [
        column.name for column in table.columns
    ]


@pytest.mark.parametrize(
    "line",
    [
        "| `category` | VARCHAR(16) | 是 | 机构类别：`subject` 学科类、`sports` 体育、"
        "`arts` 文化艺术、`technology` 科技、`other` 其他 |",
        "| `amount_yuan` | NUMERIC(14, 2) | 是 | 涉及金额，元 |",
        "| `code` | VARCHAR(6) | 主键 | 行政区划代码；新区为自编代码 |",
        "| `credit_code` | VARCHAR(32) |  | 统一社会信用代码 |",
        "| `institution_id` | BIGINT |  | 机构台账编号；空为尚未对上（→ `institution.id`） |",
    ],
)
def test_column_says_its_type_its_codes_and_what_it_points_at(line: str) -> None:
    assert line in dictionary().splitlines()
