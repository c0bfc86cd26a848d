"""What the three files of a briefing say alike around its content, and how much room words take.

Figures come written in the content; what is written here is the frame: numbers of sections, the
head, what marks mean. So a PDF, a document and slides cannot say it differently.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from analysis.briefing_content import Bar, Bars, Briefing, Grid, Lines, Section
from ui.formatting import MISSING, count, day_of_week, full_day, one_line, percent

OFFICE: Final = "柳州市“双减”工作专班"
LANGUAGE: Final = "zh-CN"
NO_SECTIONS: Final = "本期没有列入的内容。"
NO_ROWS: Final = "没有记录。"
# What is late is red, and marked for who reads it in greyscale.
MARK: Final = "※ "
MARK_MEANS: Final = "标“※”并用红色的：逾期、滞后、反弹或比上周变差。指标下的增减与上周相比。"

_DIGITS: Final = "零一二三四五六七八九"
_FIGURE: Final = re.compile(
    r"[+−↑↓-]?\d[\d,]*(\.\d+)?\s?(%|件|家|起|次|人|天|日|条|处|个|元|万元|个百分点)?(（[\d,./]+）)?"
)
_STEPS: Final = (1, 2, 4, 5, 10)  # each can be halved or is drawn with its end alone
# Of columns, in Chinese letters.
_NARROWEST, _WIDEST, _PADDING = 2.0, 22.0, 1.0
_UNEVEN: Final = 0.6  # by which one of two lines is longer
_SMALLER: Final = 0.9  # letters that are so much smaller are no loss

_Content = TypeVar("_Content")


def cleaned(content: _Content) -> _Content:
    """Return the content with every text in it on one line and without what is not seen.

    Nothing that XML does not allow is left.
    """
    return _cleaned(content)  # type: ignore[no-any-return]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, tuple):
        return tuple(map(_cleaned, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{each.name: _cleaned(getattr(value, each.name)) for each in fields(value)}
        )
    return value


def number(place: int) -> str:
    """Write the number of a section, counted from 1: 3 as ``三``, 12 as ``十二``."""
    tens, ones = divmod(place, 10)
    if tens > 9:
        return str(place)
    ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones or not ten else "")


def headed(place: int, section: Section) -> str:
    """Write what stands above a section: ``二、登记覆盖``."""
    return f"{number(place)}、{section.heading}"


def particulars(briefing: Briefing) -> list[tuple[str, str]]:
    """Return what the head says: a name and its words each."""
    return [
        ("编制单位", OFFICE),
        ("范围", briefing.where),
        ("会议周", day_of_week(briefing.week)),
        ("统计截至", full_day(briefing.as_of)),
        ("口径", briefing.basis),
    ]


def marked(text: str, *, is_late: bool) -> str:
    """Return a text, with the mark if what it tells is late."""
    return f"{MARK}{text}" if is_late else text


def titled(chart: Bars | Lines) -> str:
    """Write a chart's title with its unit."""
    if not chart.unit or chart.unit in chart.title:
        return chart.title
    return f"{chart.title}（单位：{chart.unit}）"


def target_words(chart: Bars) -> str:
    """Write a target as ``目标 75.0%``; empty where there is none."""
    if chart.target is None:
        return ""
    if chart.is_share:
        return f"目标 {percent(chart.target)}"
    return f"目标 {figure(chart.target)} {chart.unit}"


def key(chart: Bars | Lines, *, is_drawn: bool = True) -> str:
    """Say what is to be known of how a chart is drawn, or of its table; empty where nothing is."""
    if isinstance(chart, Lines):
        if not chart.provisional:
            return ""
        return f"{'空心点' if is_drawn else '注明还在补录的'}：数值还会变。"
    said = []
    if chart.target is not None:
        said.append(f"虚线：{target_words(chart)}" if is_drawn else target_words(chart))
    if any(bar.is_small for bar in chart.bars):
        said.append("浅色：基数太小，不作比较")
    if is_drawn and has_intervals(chart):
        said.append("细线：95% 置信区间")
    return "；".join(said) + "。" if said else ""


def figure(value: float) -> str:
    """Write a point of a line: whole as a count, else with one decimal."""
    if math.isnan(value):
        return MISSING
    return count(value) if value == round(value) else f"{value:,.1f}"


def interval(bar: Bar) -> str:
    """Write the ends of a bar's interval as ``12.5%–31.0%``; ``—`` where there is none."""
    if not math.isfinite(bar.low) or not math.isfinite(bar.high):
        return MISSING
    return f"{percent(bar.low)}–{percent(bar.high)}"


def has_intervals(chart: Bars) -> bool:
    """Whether an interval is drawn for any of the bars."""
    return any(interval(bar) != MISSING for bar in chart.bars)


def longest(chart: Bars) -> float:
    """Return what the axis of bars ends with: 1 for shares, else the longest bar or the target."""
    if chart.is_share:
        return 1.0
    known = [bar.value for bar in chart.bars if math.isfinite(bar.value)]
    return max([*known, chart.target or 0.0], default=0.0) or 1.0


def top(chart: Lines) -> float:
    """Return what the axis of lines ends with: a round number that no point is above."""
    known = [value for line in chart.lines for value in line.values if math.isfinite(value)]
    highest = max(known, default=0.0)
    if highest <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(highest))
    return next(step * unit for step in _STEPS if step * unit >= highest)


def room(text: str) -> float:
    """Return how wide a text is, in Chinese letters."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WFA" else 0.56 for each in text)


def columns(grid: Grid, letters: float = math.inf) -> tuple[list[float], float]:
    """Return how wide the columns are, adding up to 1, and by how much their letters are smaller.

    ``letters`` is how many Chinese letters there is room for. Where they do not suffice headings
    stand on two lines, then long cells on several; only then letters are made smaller.
    """
    wanted: list[float] = []
    for widest, lines in ((_WIDEST, 1), (_WIDEST, 2), (_WIDEST * 0.7, 2), (_WIDEST / 2, 2)):
        wanted = [
            _PADDING
            + min(
                max(
                    room(header) / lines + _UNEVEN * (lines - 1),
                    *(room(row[place]) for row in grid.rows),
                    _NARROWEST,
                ),
                widest,
            )
            if grid.rows
            else _PADDING + room(header)
            for place, header in enumerate(grid.headers)
        ]
        if sum(wanted) * _SMALLER <= letters:
            break
    return [each / sum(wanted) for each in wanted], min(letters / sum(wanted), 1.0)


def figures(grid: Grid) -> list[bool]:
    """Return which columns hold figures: they are set to the right."""
    return [
        any(_FIGURE.fullmatch(row[place]) for row in grid.rows)
        and all(
            row[place] in (MISSING, "持平", "") or _FIGURE.fullmatch(row[place])
            for row in grid.rows
        )
        for place in range(len(grid.headers))
    ]
