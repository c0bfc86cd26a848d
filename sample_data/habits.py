"""How each office fills its tables in: the mess that an importer meets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sample_data.names import STEMS
from sample_data.records import Value
from sample_data.routes import CITY
from sample_data.units import UNITS
from sample_data.words import MONEY, WORDS

EXCEL_EPOCH = date(1899, 12, 30)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
Cell = str | int | float | date | None


@dataclass(frozen=True)
class Habit:
    """One office's way of filling a table in.

    ``dates``: iso, slash, dot, han, compact, serial, or real for cells of the date
    type. ``money``: yuan, comma (``1,200``), wan (the header says 万元) or words
    (``1.2万``). ``words`` and ``headers``: which of the words and names an office may
    use, 0 the usual one. ``county``: how it writes a county. ``file``: xlsx, or csv
    in utf-8 or gb18030.
    """

    dates: str = "iso"
    flags: tuple[str, str] = ("是", "否")
    money: str = "yuan"
    words: int = 0
    headers: int = 0
    county: str = "name"
    file: str = "xlsx"
    title: bool = True
    two_rows: bool = False
    serial: bool = True
    units: bool = False
    spaced: bool = False
    full_width: bool = False
    merged_county: bool = False
    says_county: bool = True
    total: str = ""
    footer: bool = False
    note: bool = False
    blank_every: int = 0
    hidden_sheet: str = ""
    extra_column: str = ""


HABITS = {
    CITY: Habit(dates="slash", headers=1, file="gb18030", title=False, serial=False),
    "450202": Habit(total="合计", footer=True),
    "450203": Habit(dates="real", two_rows=True, units=True, footer=True, says_county=False),
    "450204": Habit(
        dates="slash", flags=("√", "×"), words=1, total="合    计", merged_county=True,
    ),
    "450205": Habit(dates="compact", flags=("有", "无"), headers=1, file="gb18030", title=False),
    "450206": Habit(
        dates="dot", flags=("已", "未"), money="wan", units=True, merged_county=True,
        total="合计", footer=True, hidden_sheet="填表说明", note=True,
    ),
    "4502LD": Habit(dates="real", words=1, headers=1, two_rows=True, says_county=False),
    "4502BS": Habit(dates="han", words=2, title=False, serial=False, county="short_name"),
    "450222": Habit(dates="slash", spaced=True, county="short_name", file="utf-8", title=False),
    "450223": Habit(dates="serial", units=True, merged_county=True, county="short_name",
                    hidden_sheet="下拉选项"),
    "450224": Habit(
        dates="han", flags=("Y", "N"), words=1, headers=2, spaced=True, blank_every=12,
        footer=True, note=True, full_width=True, says_county=False,
    ),
    "450225": Habit(
        dates="dot", flags=("√", "×"), money="comma", headers=1, county="short_name",
        total="小计", extra_column="填报单位",
    ),
    "450226": Habit(dates="iso", flags=("1", "0"), county="code", file="utf-8", serial=False),
}  # fmt: skip


def cell(kind: str, header: str, value: Value, habit: Habit) -> Cell:
    """Write a value the way the office does; text that no list knows stays as it is."""
    if value is None:
        return None
    if header == "县区":
        return county_word(str(value), habit)
    if (kind, header) in WORDS:
        return _word(WORDS[kind, header].get(str(value)), str(value), habit)
    if isinstance(value, bool):
        return habit.flags[0] if value else habit.flags[1]
    if isinstance(value, date):
        return day(value, habit.dates)
    if header in MONEY and isinstance(value, int | float):
        return _money(value, habit.money)
    if isinstance(value, int) and habit.full_width:
        return str(value).translate(FULL_WIDTH)
    return value


def county_word(code: str, habit: Habit) -> str:
    """Write a county by its code, full or short name; a word that is no county stays."""
    if code not in UNITS:
        return code
    return str(getattr(UNITS[code], habit.county))


def day(value: date, style: str) -> Cell:
    """Write a day in one of the ways people do."""
    styles: dict[str, Cell] = {
        "real": value,
        "iso": value.isoformat(),
        "slash": f"{value.year}/{value.month}/{value.day}",
        "dot": f"{value.year}.{value.month}.{value.day}",
        "han": f"{value.year}年{value.month}月{value.day}日",
        "compact": f"{value:%Y%m%d}",
        "serial": (value - EXCEL_EPOCH).days,
    }
    return styles[style]


def _word(words: tuple[str, ...] | None, value: str, habit: Habit) -> str:
    return words[min(habit.words, len(words) - 1)] if words else value


def _money(value: float, style: str) -> Cell:
    if style == "wan":
        return value / 10000
    if style == "comma":
        return f"{value:,}"
    return value


def footer(received_on: date, unit_number: int) -> str:
    """Return the line below the table."""
    who, checker = STEMS[unit_number % 10], STEMS[(unit_number + 3) % 10]
    filled = day(received_on, "han")
    return f"填表人：经办人{who}    审核人：审核人{checker}    填报日期：{filled}"
