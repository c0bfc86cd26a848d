"""Tables as they are drawn: labels, units, and what is unknown."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from ui.tables import table


def shown(values: list[Any], dtype: str, name: str = "name", **kinds: Any) -> list[Any]:
    """What is drawn of one column."""
    built = table(pd.DataFrame({name: pd.Series(values, dtype=dtype)}), [name], **kinds)
    return built.shown.column(0).to_pylist()


def test_only_named_columns_are_drawn_under_their_labels() -> None:
    frame = pd.DataFrame({"id": [7], "name": ["甲"], "county": ["城中区"]})

    built = table(frame, ["county", "name"])

    assert built.shown.column_names == ["县区", "机构名称"]
    assert built.shown.to_pylist() == [{"县区": "城中区", "机构名称": "甲"}]
    assert built.columns == ("county", "name")


def test_rows_behind_a_table_keep_what_is_not_drawn() -> None:
    frame = pd.DataFrame({"id": [7], "name": ["甲"]})

    assert table(frame, ["name"]).frame.loc[0, "id"] == 7


@pytest.mark.parametrize("column", ["reporter_phone", "missing"])
def test_column_without_a_label_or_without_values_raises(column: str) -> None:
    with pytest.raises(KeyError, match=column):
        table(pd.DataFrame({"name": ["甲"], "reporter_phone": ["139"]}), ["name", column])


def test_shares_are_drawn_in_percent_and_exported_as_they_are() -> None:
    frame = pd.DataFrame({"coverage": [0.708, math.nan]})

    for kinds in ({"shares": ["coverage"]}, {"bars": ["coverage"]}):
        built = table(frame, ["coverage"], **kinds)

        assert built.shown.column(0).to_pylist() == [pytest.approx(70.8), None]
        assert built.config["登记覆盖率"]["type_config"]["format"] == "%.1f%%"
        assert built.frame["coverage"].iloc[0] == 0.708


def test_bars_reach_from_nought_to_a_hundred() -> None:
    built = table(pd.DataFrame({"coverage": [0.5]}), ["coverage"], bars=["coverage"])
    config = built.config["登记覆盖率"]["type_config"]

    assert (config["type"], config["min_value"], config["max_value"]) == ("progress", 0, 100)


def test_money_has_its_thousands_apart() -> None:
    built = table(pd.DataFrame({"amount_yuan": [1284.5]}), ["amount_yuan"], money=["amount_yuan"])

    assert built.shown.column(0).to_pylist() == [1284.5]
    assert built.config["涉及金额（元）"]["type_config"]["format"] == "localized"


@pytest.mark.parametrize("dtype", ["int64", "Int64"])
def test_counts_have_their_thousands_apart(dtype: str) -> None:
    built = table(pd.DataFrame({"name": pd.Series([4000, 0], dtype=dtype)}), ["name"])

    assert built.shown.column(0).to_pylist() == [4000, 0]
    assert built.config["机构名称"]["type_config"]["format"] == "localized"


@pytest.mark.parametrize(
    ("first", "last", "width"),
    [
        (["甲乙丙丁"] * 5, "甲乙丙丁戊己", 104),
        (["甲乙丙丁"] * 5, "甲乙丙丁", None),
        (["甲乙丙丁"] * 5, "甲乙丙丁戊己a", 112),  # nearly half as wide again
        (["甲乙丙丁"] * 5, "甲乙丙丁戊己ab", None),
        (["甲"] * 5, "甲乙丙丁", None),  # its header has the room
        (["甲" * 5] * 4, "甲" * 6, None),  # among the first
        (["甲"] * 5, None, None),
        ([None] * 5, None, None),
    ],
)
def test_column_whose_longest_text_comes_late_has_room_where_it_is_a_little(
    first: list[str | None], last: str | None, width: int | None
) -> None:
    names = pd.Series([*first, last], dtype="str")
    built = table(pd.DataFrame({"name": names}), ["name"])

    assert built.config.get("机构名称", {}).get("width") == width


@pytest.mark.parametrize(
    ("letters", "width"), [(1, 200), (12, 200), (13, 202), (17, 258), (18, 200), (60, 200)]
)
def test_long_text_has_a_little_more_room_where_it_is_whole_then(letters: int, width: int) -> None:
    config = table(pd.DataFrame({"name": ["甲" * letters]}), ["name"], wide=["name"]).config

    assert config["机构名称"]["width"] == width


@pytest.mark.parametrize(
    ("texts", "width"),
    [
        ([*["在办"] * 6, "无方案（县区报有）"], 146),
        (["在办", "甲 1"], 76),
        (["在办", "甲" * 4 + " 12"], 96),
        (["在办", "甲" * 32], 468),
        (["在办", "甲" * 60], 480),
        (["在办"], 76),  # as much as its header takes
        ([None], 76),
        ([], 76),
    ],
)
def test_column_that_is_to_be_seen_whole_has_the_room_of_its_longest_text(
    texts: list[str | None], width: int
) -> None:
    names = pd.Series(texts, dtype="str")
    config = table(pd.DataFrame({"name": names}), ["name"], whole=["name"]).config

    assert config["机构名称"]["width"] == width


def test_days_are_days_without_a_time() -> None:
    built = table(
        pd.DataFrame({"found_on": pd.Series([date(2022, 8, 25), pd.NaT], dtype="datetime64[s]")}),
        ["found_on"],
    )

    assert built.shown.column(0).to_pylist() == [date(2022, 8, 25), None]
    assert pa.types.is_date(built.shown.schema.field(0).type)
    assert built.config["排查日期"]["type_config"]["format"] == "YYYY-MM-DD"


@pytest.mark.parametrize(
    ("values", "dtype", "drawn"),
    [
        ([True, False], "bool", ["是", "否"]),
        ([True, None, False], "boolean", ["是", None, "否"]),
        (["甲", None], "str", ["甲", None]),
        ([1, None], "Int64", [1, None]),
        ([1.5, math.nan], "float64", [1.5, None]),
        ([0, 3], "int64", [0, 3]),
    ],
)
def test_unknown_is_null_so_that_it_is_drawn_as_a_dash(
    values: list[Any], dtype: str, drawn: list[Any]
) -> None:
    assert shown(values, dtype) == drawn


@pytest.mark.parametrize("dtype", ["str", "int64", "float64", "bool", "boolean", "datetime64[s]"])
def test_table_without_rows_keeps_its_columns(dtype: str) -> None:
    frame = pd.DataFrame({"name": pd.Series(dtype=dtype)})

    built = table(frame, ["name"])

    assert built.empty
    assert (built.shown.num_rows, built.shown.column_names) == (0, ["机构名称"])


def test_table_with_rows_is_not_empty() -> None:
    assert not table(pd.DataFrame({"name": ["甲"]}), ["name"]).empty


def test_index_of_the_rows_is_not_drawn() -> None:
    frame = pd.DataFrame({"name": ["甲", "乙"]}, index=[5, 3])

    assert table(frame, ["name"]).shown.to_pydict() == {"机构名称": ["甲", "乙"]}


def test_long_text_gets_room() -> None:
    frame = pd.DataFrame({"name": ["甲"], "holdups": ["办学资质未核查"]})

    config = table(frame, ["name", "holdups"], wide=["holdups"]).config

    assert set(config) == {"卡在哪一项"}
    assert config["卡在哪一项"]["width"] == 200
