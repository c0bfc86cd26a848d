"""The legend of the map of violations."""

from __future__ import annotations

from typing import Any

from tests.ui.charts.arrow import decoded
from ui.charts.base import spec
from ui.charts.violations import LINE_PIXELS, MOST_PIXELS, legend


def rows(*words: str) -> list[dict[str, Any]]:
    [dots] = map(decoded, spec(legend([("#1f4e79", word) for word in words]))["datasets"].values())
    return dots


def test_every_colour_has_its_words() -> None:
    assert [row["words"] for row in rows("一对一 3 处", "退费难 1 处")] == [
        "一对一 3 处",
        "退费难 1 处",
    ]


def test_words_stand_beside_each_other_until_the_line_is_full() -> None:
    short = rows("甲", "乙")
    long = rows(*["咨询或文化传播名义 123 处"] * 4)

    assert short[0]["y"] == short[1]["y"]
    assert short[0]["x"] < short[1]["x"]
    assert {row["line"] for row in long} == {0, 1}
    assert max(row["x"] for row in long) < MOST_PIXELS


def test_height_grows_with_the_lines() -> None:
    items = [("#1f4e79", "咨询或文化传播名义 123 处")]

    assert spec(legend(items))["height"] == LINE_PIXELS
    assert spec(legend(items * 4))["height"] == 2 * LINE_PIXELS


def test_empty_legend_is_no_error() -> None:
    assert rows() == []
