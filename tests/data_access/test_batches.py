"""The files that came in, and what was wrong with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, insert

from data_access import batches, schema
from data_access.batches import import_batches, import_problems, latest_batch
from data_access.scope import Scope
from tests.factories import CITY, SOUTH, THURSDAY

COLUMNS = {
    "id": "int64",
    **dict.fromkeys(("county_code", "county", "kind", "file_name", "imported_by"), "str"),
    **dict.fromkeys(("imported_at", "received_on"), "datetime64[s]"),
    **dict.fromkeys(("rows_read", "rows_loaded", "rows_updated", "rows_rejected"), "int64"),
}


def batch(conn: Connection, file_name: str, county_code: str | None, **columns: Any) -> int:
    row = {
        "kind": "institutions",
        "file_name": file_name,
        "sha256": "0" * 64,
        "county_code": county_code,
        "imported_by": "甲@example.org",
        "imported_at": datetime(2022, 8, 25, 9, 30),  # noqa: DTZ001
        "received_on": THURSDAY,
        "rows_read": 6,
        "rows_loaded": 3,
        "rows_updated": 2,
        "rows_rejected": 1,
    } | columns
    key = conn.execute(insert(schema.import_batch).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def problem(conn: Connection, batch_id: int, text: str, **columns: Any) -> None:
    row = {"batch_id": batch_id, "problem": text, "severity": "error"} | columns
    conn.execute(insert(schema.import_problem).values(row))


@pytest.fixture
def files(conn: Connection) -> dict[str, int]:
    """One file of the city, one of each of two counties, in this order."""
    return {
        "全市.xlsx": batch(conn, "全市.xlsx", None),
        "城中.xlsx": batch(conn, "城中.xlsx", CITY),
        "柳南.xlsx": batch(conn, "柳南.xlsx", SOUTH),
    }


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (Scope.city(), ["柳南.xlsx", "城中.xlsx", "全市.xlsx"]),
        (Scope.county(CITY), ["城中.xlsx"]),
        (Scope.county(CITY, SOUTH), ["柳南.xlsx", "城中.xlsx"]),
        (Scope.county(), []),
    ],
)
def test_county_sees_its_own_files_only_the_newest_first(
    conn: Connection, files: dict[str, int], scope: Scope, seen: list[str]
) -> None:
    rows = import_batches(conn, scope=scope)

    assert rows["file_name"].tolist() == seen
    assert rows.dtypes.astype(str).to_dict() == COLUMNS


@pytest.mark.usefixtures("files")
def test_file_of_the_city_has_no_county(conn: Connection) -> None:
    rows = import_batches(conn, scope=Scope.city()).set_index("file_name")

    assert rows.loc["全市.xlsx", ["county_code", "county"]].isna().all()
    assert rows.loc["城中.xlsx", ["county_code", "county"]].tolist() == [CITY, "城中区"]


def test_file_says_when_it_came_and_what_became_of_its_rows(conn: Connection) -> None:
    batch(conn, "城中.xlsx", CITY, received_on=date(2022, 8, 24))

    row = import_batches(conn, scope=Scope.county(CITY)).iloc[0]

    assert row["imported_at"] == pd.Timestamp("2022-08-25 09:30")
    assert row["received_on"] == pd.Timestamp("2022-08-24")
    assert row["rows_read":"rows_rejected"].tolist() == [6, 3, 2, 1]


def test_only_the_latest_files_are_listed(
    conn: Connection, monkeypatch: pytest.MonkeyPatch, files: dict[str, int]
) -> None:
    monkeypatch.setattr(batches, "SHOWN_BATCHES", 2)

    rows = import_batches(conn, scope=Scope.city())

    assert rows["id"].tolist() == [files["柳南.xlsx"], files["城中.xlsx"]]


def test_problems_are_errors_first_then_as_the_file_has_them(
    conn: Connection, files: dict[str, int]
) -> None:
    sent = files["城中.xlsx"]
    problem(conn, sent, "提示", severity="warning", sheet="表一", row=2, column="地址", value="x")
    problem(conn, sent, "后", sheet="表一", row=5, column="类别", value="书法")
    problem(conn, sent, "先", sheet="表一", row=3)
    problem(conn, files["柳南.xlsx"], "另一个文件")

    rows = import_problems(conn, scope=Scope.county(CITY), batch_id=sent, values=True)

    assert rows["problem"].tolist() == ["后", "先", "提示"]
    assert rows.iloc[0].tolist() == [CITY, "表一", 5, "类别", "书法", "后", "error"]


def test_problem_of_a_whole_sheet_has_no_row(conn: Connection, files: dict[str, int]) -> None:
    problem(conn, files["城中.xlsx"], "隐藏的工作表未读取", sheet="旧表", severity="warning")

    rows = import_problems(conn, scope=Scope.county(CITY), batch_id=files["城中.xlsx"], values=True)

    assert str(rows["row"].dtype) == "Int64"
    assert rows["row"].isna().all()
    assert rows[["column", "value"]].isna().all(axis=None)


def test_cells_are_not_even_read_for_those_who_may_not_see_them(
    conn: Connection, files: dict[str, int]
) -> None:
    sent = files["城中.xlsx"]
    problem(conn, sent, "错误", sheet="表一", row=2, column="地址", value="天知路 1 号")

    rows = import_problems(conn, scope=Scope.city(), batch_id=sent, values=False)

    assert rows[["column", "problem"]].iloc[0].tolist() == ["地址", "错误"]
    assert rows["value"].isna().all()


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope.city(), 1),
        (Scope.county(CITY), 1),
        (Scope.county(SOUTH), 0),
        (Scope.county(), 0),
    ],
)
def test_problems_of_another_county_are_not_read(
    conn: Connection, files: dict[str, int], scope: Scope, found: int
) -> None:
    problem(conn, files["城中.xlsx"], "错误")

    rows = import_problems(conn, scope=scope, batch_id=files["城中.xlsx"], values=True)

    assert len(rows) == found
    assert list(rows) == ["county_code", "sheet", "row", "column", "value", "problem", "severity"]


def test_problems_of_a_file_of_the_city_are_for_the_city_alone(
    conn: Connection, files: dict[str, int]
) -> None:
    problem(conn, files["全市.xlsx"], "错误")

    for scope, found in ((Scope.city(), 1), (Scope.county(CITY), 0)):
        problems = import_problems(conn, scope=scope, batch_id=files["全市.xlsx"], values=True)
        assert len(problems) == found


def test_latest_file_is_the_last_in_scope(conn: Connection, files: dict[str, int]) -> None:
    assert latest_batch(conn, scope=Scope.city()) == max(files.values())
    assert latest_batch(conn, scope=Scope.county(CITY)) == files["城中.xlsx"]
    assert latest_batch(conn, scope=Scope.county()) == 0
