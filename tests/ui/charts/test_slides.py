"""Charts of a meeting: what is red, pale or hollow, and how large it stands on the wall."""

from __future__ import annotations

import math
from typing import Any

import pytest

from analysis.briefing_content import Bar, Bars, Grid, Line, Lines, Section, Tile
from tests.ui.charts.arrow import decoded
from ui import presenting
from ui.charts.base import TopLevel, spec
from ui.charts.slides import PAGE, WALL, bar_rows, grid_rows, line_rows, sized, tile_row
from ui.palette import BLUE, GREY_LIGHT, INK, INK_SOFT, PAPER, RED, RED_PALE

NAN = math.nan
TILES = (
    Tile("登记覆盖率", "91.3%", "−2.1 个百分点", "1,053/1,153 家", worse=True),
    Tile("本周检查", "146 次", "", ""),
)
BARS = Bars(
    "各县区登记覆盖率",
    "",
    True,
    (
        Bar("甲县", 0.5, "50.0%（10/20）", is_late=True),
        Bar("乙县", 0.9, "90.0%（18/20）"),
        Bar("丙县", 0.4, "40.0%（2/5）", is_small=True),
        Bar("丁县", 0.2, "20.0%（1/5）", is_late=True, is_small=True),
        Bar("戊县", NAN, "—"),
    ),
    target=1.0,
)
LINES = Lines(
    "退费纠纷每周登记与化解",
    "件",
    ("08-04", "08-11", "08-18", "08-25"),
    (Line("登记", (NAN, 4.0, 9.0, 2.0)), Line("化解", (1.0, NAN, 3.0, 2.0))),
    provisional=2,
)
GRID = Grid(
    ("县区", "登记覆盖率"),
    (("甲县", "50.0%（10/20）"), ("三江侗族自治县", "—")),
    frozenset({(0, 1)}),
)


def rows_of(drawn: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = decoded(
        drawn["datasets"][(layer.get("data") or drawn["data"])["name"]]
    )
    return found


def chosen(encoding: dict[str, Any], row: dict[str, Any]) -> Any:
    """Return the value that Vega-Lite would draw a row with."""
    conditions = encoding.get("condition", [])
    for condition in conditions if isinstance(conditions, list) else [conditions]:
        test = str(condition["test"]).replace("datum.", "").replace("&&", "and")
        if eval(test, {}, dict(row)):  # noqa: S307 - what the builder wrote
            return condition["value"]
    return encoding["value"]


def marks(drawn: dict[str, Any]) -> list[str]:
    return [layer["mark"]["type"] for layer in drawn["layer"]]


# --- tiles


def test_tiles_stand_beside_each_other_with_all_their_words() -> None:
    drawn = spec(tile_row(TILES, WALL))
    rows = rows_of(drawn, drawn["layer"][0])

    assert [(row["label"], row["value"], row["change"], row["note"]) for row in rows] == [
        ("登记覆盖率", "91.3%", "−2.1 个百分点", "1,053/1,153 家"),
        ("本周检查", "146 次", " ", " "),
    ]
    assert 0 < rows[0]["x"] < rows[1]["x"] < 1_000
    fields = [layer["encoding"]["text"]["field"] for layer in drawn["layer"]]
    assert fields == ["label", "value", "change", "note"]


def test_change_alone_is_red_and_only_where_it_is_for_the_worse() -> None:
    drawn = spec(tile_row(TILES, WALL))
    first, second = rows_of(drawn, drawn["layer"][0])
    colours = [layer["encoding"]["color"] for layer in drawn["layer"]]

    assert [chosen(colour, first) for colour in colours] == [INK_SOFT, BLUE, RED, INK_SOFT]
    assert [chosen(colour, second) for colour in colours] == [INK_SOFT, BLUE, INK_SOFT, INK_SOFT]


# --- bars


def test_late_bars_are_red_and_small_ones_pale() -> None:
    drawn = spec(bar_rows(BARS, WALL))
    bars, words = drawn["layer"][:2]
    rows = rows_of(drawn, bars)

    assert [chosen(bars["encoding"]["color"], row) for row in rows] == [
        *(RED, BLUE, GREY_LIGHT, RED_PALE, BLUE),
    ]
    edge = bars["encoding"]["stroke"]
    assert [chosen(edge, row) for row in rows] == [RED, None, None, RED, None]
    assert [chosen(words["encoding"]["color"], row) for row in rows] == [RED, INK, INK, RED, INK]


def test_bars_keep_their_order_and_their_words() -> None:
    drawn = spec(bar_rows(BARS, WALL))

    for layer in drawn["layer"][:2]:
        assert layer["encoding"]["y"]["sort"] is None
        assert layer["encoding"]["y"]["field"] == "name"
    assert [row["name"] for row in rows_of(drawn, drawn["layer"][0])] == [
        bar.name for bar in BARS.bars
    ]
    assert [row["written"] for row in rows_of(drawn, drawn["layer"][1])] == [
        bar.written for bar in BARS.bars
    ]


def test_bar_of_an_unknown_value_has_no_length() -> None:
    drawn = spec(bar_rows(BARS, WALL))

    assert [row["value"] for row in rows_of(drawn, drawn["layer"][0])] == [0.5, 0.9, 0.4, 0.2, 0.0]


def test_target_is_a_dashed_rule_that_the_title_tells_of() -> None:
    drawn = spec(bar_rows(BARS, WALL))

    assert marks(drawn) == ["bar", "text", "rule"]
    assert drawn["layer"][-1]["encoding"]["x"]["datum"] == 1.0
    assert drawn["layer"][-1]["mark"]["strokeDash"]
    assert drawn["title"]["text"] == "各县区登记覆盖率，虚线为目标 100%"
    # A share of all is as long as the target.
    low, high = drawn["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low == 0 < 1 < high


def test_counts_have_their_unit_and_no_target() -> None:
    counts = Bars("逾期", "件", False, (Bar("甲县", 12, "12 件"), Bar("乙县", 0, "0 件")))

    drawn = spec(bar_rows(counts, WALL))

    assert marks(drawn) == ["bar", "text"]
    assert drawn["title"]["text"] == "逾期（件）"
    assert drawn["layer"][0]["encoding"]["x"]["scale"]["domain"][1] > 12


@pytest.mark.parametrize("value", [0.0, NAN])
def test_bars_of_nothing_are_drawn_without_a_length(value: float) -> None:
    drawn = spec(bar_rows(Bars("逾期", "件", False, (Bar("甲县", value, "—"),)), WALL))

    assert rows_of(drawn, drawn["layer"][0])[0]["value"] == 0
    assert drawn["layer"][0]["encoding"]["x"]["scale"]["domain"][1] > 0


def test_intervals_are_drawn_from_low_to_high_where_there_are_any() -> None:
    shares = Bars(
        "命中率",
        "",
        True,
        (Bar("风险", 0.5, "50.0%（6/12）", low=0.25, high=0.75), Bar("抽签", 0.1, "10.0%（1/10）")),
    )

    drawn = spec(bar_rows(shares, WALL))
    *_, interval = drawn["layer"]

    assert marks(drawn) == ["bar", "text", "rule"]
    assert (interval["encoding"]["x"]["field"], interval["encoding"]["x2"]["field"]) == (
        *("low", "high"),
    )
    rows = rows_of(drawn, interval)
    assert (rows[0]["low"], rows[0]["high"]) == (0.25, 0.75)
    assert all(value is None or math.isnan(value) for value in (rows[1]["low"], rows[1]["high"]))
    # The words stand beyond the longest interval.
    assert drawn["layer"][1]["encoding"]["x"]["datum"] > 1


# --- lines


def test_last_points_are_hollow_while_they_are_filling_up() -> None:
    drawn = spec(line_rows(LINES, WALL))
    _, points, *_ = drawn["layer"]
    rows = rows_of(drawn, points)

    assert [row["is_open"] for row in rows] == [False, False, True, True] * 2
    fill = points["encoding"]["fill"]
    assert fill["condition"]["test"] == "datum.is_open"
    assert fill["condition"]["value"] == PAPER
    assert fill["field"] == "name"
    assert drawn["title"]["text"] == "退费纠纷每周登记与化解（件），空心的最近 2 周还会增加"


def test_no_point_is_hollow_once_all_is_in() -> None:
    full = Lines(LINES.title, LINES.unit, LINES.weeks, LINES.lines)

    drawn = spec(line_rows(full, WALL))

    assert not any(row["is_open"] for row in rows_of(drawn, drawn["layer"][1]))
    assert "空心" not in drawn["title"]["text"]


def test_unknown_weeks_leave_a_gap() -> None:
    drawn = spec(line_rows(LINES, WALL))

    assert [row["value"] for row in rows_of(drawn, drawn["layer"][0])] == [
        *(None, 4, 9, 2),
        *(1, None, 3, 2),
    ]
    assert drawn["layer"][0]["encoding"]["x"]["sort"] is None


def test_last_numbers_lie_apart_and_unknown_ones_are_not_written() -> None:
    drawn = spec(line_rows(LINES, WALL))
    words = drawn["layer"][2:]

    assert [rows_of(drawn, word)[0]["value"] for word in words] == [2, 2]
    first, second = (word["encoding"]["y"]["value"]["expr"] for word in words)
    assert first == f"min(scale('y', 2.0), {second} - {WALL.text * 1.15})"
    assert second.startswith("min(scale('y', 2.0), height + ")
    unknown = Lines(
        LINES.title, LINES.unit, LINES.weeks, (LINES.lines[0], Line("化解", (1.0, 2.0, 3.0, NAN)))
    )
    assert len(spec(line_rows(unknown, WALL))["layer"]) == 3


def test_line_of_which_nothing_is_known_is_no_error() -> None:
    nothing = Lines("流量", "件", ("08-18", "08-25"), (Line("登记", (NAN, NAN)),))

    drawn = spec(line_rows(nothing, WALL))

    assert marks(drawn) == ["line", "point"]
    assert {row["value"] for row in rows_of(drawn, drawn["layer"][0])} == {None}


# --- grids


def test_late_cells_are_red_and_headers_soft() -> None:
    drawn = spec(grid_rows(GRID, WALL))
    _, texts = drawn["layer"]
    rows = rows_of(drawn, texts)

    assert [(row["text"], chosen(texts["encoding"]["color"], row)) for row in rows] == [
        ("县区", INK_SOFT),
        ("登记覆盖率", INK_SOFT),
        ("甲县", INK),
        ("50.0%（10/20）", RED),
        ("三江侗族自治县", INK),
        ("—", INK),
    ]


def test_columns_are_as_wide_as_their_longest_cell() -> None:
    drawn = spec(grid_rows(Grid(("甲", "乙", "丙"), (("很长很长很长的名字", "1", "2"),)), WALL))

    first, second, third = sorted({row["x"] for row in rows_of(drawn, drawn["layer"][1])})
    assert second - first > 2 * (third - second)


def test_table_without_rows_is_not_drawn() -> None:
    empty = Section("points", "四个方面", "没有", "台账", grid=Grid(("县区", "登记覆盖率"), ()))
    full = Section("points", "四个方面", "有", "台账", grid=GRID)

    assert presenting.pictures(empty, WALL) == ()
    assert [words for _, words in presenting.pictures(full, WALL)] == ["表：县区、登记覆盖率"]


# --- sizes

CHARTS = {
    "tiles": lambda sizes: tile_row(TILES, sizes),
    "bars": lambda sizes: bar_rows(BARS, sizes),
    "lines": lambda sizes: line_rows(LINES, sizes),
    "grid": lambda sizes: grid_rows(GRID, sizes),
}


def font_sizes(drawn: Any) -> list[float]:
    """Return every size of letters that stands anywhere in a specification."""
    if isinstance(drawn, dict):
        own = [value for name, value in drawn.items() if name.lower().endswith("fontsize")]
        return own + [size for value in drawn.values() for size in font_sizes(value)]
    if isinstance(drawn, list):
        return [size for value in drawn for size in font_sizes(value)]
    return []


@pytest.mark.parametrize("name", CHARTS)
def test_every_word_on_the_wall_has_twenty_pixels(name: str) -> None:
    drawn = sized(CHARTS[name](WALL), WALL)

    sizes = font_sizes(drawn)
    assert min(sizes) >= 20
    config = drawn["config"]
    # What has no size of its own takes one of these.
    assert {"labelFontSize", "titleFontSize"} <= config["axis"].keys()
    assert "labelFontSize" in config["legend"]
    assert {"fontSize", "subtitleFontSize"} <= config["title"].keys()
    assert "fontSize" in config["text"]


@pytest.mark.parametrize("name", CHARTS)
def test_page_is_smaller_than_the_wall(name: str) -> None:
    chart: TopLevel = CHARTS[name](PAGE)

    assert max(font_sizes(sized(chart, PAGE))) < max(font_sizes(sized(CHARTS[name](WALL), WALL)))
    # Sizing one chart leaves those of all other pages as they were.
    assert spec(chart)["config"]["axis"]["labelFontSize"] == 13


def test_long_cell_of_a_table_is_shortened_to_its_column_and_the_others_keep_their_room() -> None:
    long, short = "各" * 120, "融安县"
    drawn = sized(grid_rows(Grid(("决定事项", "县区"), ((long, short),)), WALL), WALL)

    texts = [
        row["text"] for rows in drawn["datasets"].values() for row in decoded(rows) if "text" in row
    ]
    [cut] = [text for text in texts if text.startswith("各")]
    assert cut.endswith("…")
    assert 40 < len(cut) < 73  # letters of 24 pixels that the wall has room for
    assert short in texts
