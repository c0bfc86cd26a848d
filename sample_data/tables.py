"""A batch of rows laid out as a sheet, the way its office does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sample_data.habits import Cell, Habit, cell, footer
from sample_data.routes import Row
from sample_data.units import UNIT_ORDER
from sample_data.words import HEADER_GROUPS, HEADERS, MONEY, UNITS_OF_HEADERS

Merge = tuple[int, int, int, int]
TITLES = {
    "institutions": "校外培训机构台账",
    "roster_entries": "校外培训机构底数名单",
    "verifications": "校外培训机构资质核查登记表",
    "violation_reports": "校外培训举报线索台账",
    "inspections": "校外培训检查台账",
    "rectifications": "校外培训问题整改台账",
    "rectification_events": "校外培训问题整改过程记录",
    "refund_disputes": "校外培训退费纠纷台账",
    "course_fees": "校外培训课程收费公示台账",
    "fee_charges": "校外培训预收费台账",
    "compliance_checks": "校外培训专项检查台账",
    "submissions": "专项行动材料报送登记表",
    "county_actions": "专项行动机制建立情况登记表",
}
SERIAL = "序号"


@dataclass
class Sheet:
    """Lines of cells with the ranges merged in them (first row, first column, last row, last)."""

    name: str
    lines: list[list[Cell]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)


def lay_out(
    kind: str,
    name: str,
    rows: Sequence[Row],
    habit: Habit,
    *,
    received_on: date,
    county_column: bool,
) -> Sheet:
    """Title, header, rows, total and footer as the habit has them."""
    columns = [header for header in HEADERS[kind] if county_column or header != "县区"]
    sheet = Sheet(name)
    extra = [SERIAL] if habit.serial else []
    tail = [habit.extra_column] if habit.extra_column else []
    shown = [*extra, *(_shown_header(kind, header, habit) for header in columns), *tail]
    if habit.title:
        _add_title(sheet, f"{name}{TITLES[kind]}", len(shown), habit)
    _add_header(sheet, kind, shown, [*extra, *columns, *tail], habit)
    _add_rows(sheet, kind, rows, columns, habit)
    if habit.total:
        sheet.lines.append(_total(sheet, kind, rows, columns, habit))
    if habit.note:
        sheet.lines.append(["注：本表由县区“双减”办按周填报。"])
    if habit.footer:
        sheet.lines.append([footer(received_on, UNIT_ORDER[rows[0].unit])])
    return sheet


def _shown_header(kind: str, header: str, habit: Habit) -> str:
    names = (header, *HEADERS[kind][header])
    shown = names[min(habit.headers, len(names) - 1)]
    if header in MONEY and habit.money == "wan":
        return f"{shown}（万元）"
    if habit.units and header in UNITS_OF_HEADERS:
        return f"{shown}（{UNITS_OF_HEADERS[header]}）"
    if habit.spaced and len(shown) == 4 and habit.file == "xlsx":
        return f"{shown[:2]}\n{shown[2:]}"
    return f"{shown[:2]} {shown[2:]}" if habit.spaced and len(shown) > 4 else shown


def _add_title(sheet: Sheet, title: str, width: int, habit: Habit) -> None:
    sheet.lines.append([title])
    if habit.file == "xlsx":
        sheet.merges.append((0, 0, 0, width - 1))


def _add_header(
    sheet: Sheet, kind: str, shown: list[str], columns: list[str], habit: Habit
) -> None:
    groups = HEADER_GROUPS.get(kind) if habit.two_rows else None
    if not groups:
        sheet.lines.append(list(shown))
        return
    top = len(sheet.lines)
    over: list[Cell] = list(shown)
    under: list[Cell] = [None] * len(shown)
    grouped: set[int] = set()
    for title, (first, last) in groups.items():
        start, end = columns.index(first), columns.index(last)
        over[start : end + 1] = [title, *[None] * (end - start)]
        under[start : end + 1] = shown[start : end + 1]
        grouped.update(range(start, end + 1))
        sheet.merges.append((top, start, top, end))
    sheet.lines += [over, under]
    sheet.merges += [(top, n, top + 1, n) for n in range(len(shown)) if n not in grouped]


def _add_rows(
    sheet: Sheet, kind: str, rows: Sequence[Row], columns: list[str], habit: Habit
) -> None:
    counties = columns.index("县区") + habit.serial if "县区" in columns else None
    merging = habit.merged_county and counties is not None and habit.file == "xlsx"
    start, unit = len(sheet.lines), ""
    for number, row in enumerate(rows, start=1):
        line = [cell(kind, header, row.values.get(header), habit) for header in columns]
        if merging and counties is not None:
            if row.unit == unit:
                line[counties - habit.serial] = None
            else:
                _merge_down(sheet, start, counties)
                start, unit = len(sheet.lines), row.unit
        sheet.lines.append([number, *line] if habit.serial else line)
        if habit.blank_every and number % habit.blank_every == 0:
            sheet.lines.append([])
    if merging and counties is not None:
        _merge_down(sheet, start, counties)


def _merge_down(sheet: Sheet, start: int, column: int) -> None:
    if len(sheet.lines) - start > 1:
        sheet.merges.append((start, column, len(sheet.lines) - 1, column))


def _total(
    sheet: Sheet, kind: str, rows: Sequence[Row], columns: list[str], habit: Habit
) -> list[Cell]:
    line: list[Cell] = [None] * len(columns)
    for place, header in enumerate(columns):
        numbers = [row.values.get(header) for row in rows]
        if header in UNITS_OF_HEADERS:
            added = sum(n for n in numbers if isinstance(n, int) and not isinstance(n, bool))
            line[place] = cell(kind, header, added, habit)
    first: list[Cell] = [habit.total]
    return first + line if habit.serial else first + line[1:]
