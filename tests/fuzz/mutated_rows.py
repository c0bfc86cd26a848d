"""What people and programs do to the cells of a ledger, and worse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from random import Random
from typing import Final

from tests.fuzz.seed_ledgers import Lines
from tests.hostile import HOSTILE, SHEET_NAMES

LONGEST: Final = 1_000_000

EXTREMES: Final = (
    *("NaN", "nan", "inf", "-Infinity", "1e308", "-1e308", "1e-320", "9" * 400, "0x1F", "１２３"),
    *("999999999999999", "-0", "0.1e", "1,2,3", "1.2.3", "１．２万", "1e9亿", "约", "万", "-", "%"),
    *("0001-01-01", "9999-12-31", "99999-01-01", "1899-12-30", "2022-02-30", "2022-13-01"),
    *("0", "-1", "60", "2958465", "2958466", "99999999", "0000-00-00", "13月32日", "7月", "24:00"),
    *("25:61-99:99", "19:00-", "23:59:60", "2022年", "2022-W27", "清空", "合计", "'清空", "'"),
    *("\ud800", "甲\udfff乙", "\udc00\ud800", "_xD800_", "&#xD800;", "\x00", "\x1b[2J", "\u2028"),
    *("=1/0", "=SUM(A1:A9)", "{=1}", "#REF!", "#DIV/0!", "#N/A", "TRUE", "FALSE", "是否", "null"),
    *("91440300192203821X", "0" * 18, "450205" * 3, "11010119900307867X", "1380772000" + "0" * 9),
    *("甲" * 128, "甲" * 129, "甲" * 40_000, "甲\n" * 3_000, '"' * 999, ",", ";", "\t", "\\", "''"),
    *("180", "181", "-90.0000001", "109.42E0", "北纬24°18'", "24,31", "全部", "450200", "柳州市"),
    *HOSTILE.values(),
)
TYPED: Final = (
    *(10**15, 10**18, -1, 0, 1e308, -1e308, 1e-308, 5e-324, 0.1 + 0.2, 123456789012345678),
    *(date(1900, 1, 1), date(9999, 12, 31), date(2022, 7, 5), True, False, 44747, 44747.5, 1e16),
)

Change = Callable[[Random, Lines], None]


def some_row(chance: Random, lines: Lines) -> int:
    return chance.randrange(len(lines)) if lines else 0


def put_extremes(chance: Random, lines: Lines) -> None:
    for _ in range(chance.choice((1, 1, 5, 40))):
        row = lines[some_row(chance, lines)]
        if row:
            row[chance.randrange(len(row))] = chance.choice(
                EXTREMES if chance.random() < 0.8 else TYPED
            )


def fill_a_column(chance: Random, lines: Lines) -> None:
    """Say one thing, or two, in every cell of a column, perhaps its header too."""
    width = max(map(len, lines), default=0)
    if not width:
        return
    at, said = chance.randrange(width), chance.sample(EXTREMES, 2)
    for row in lines[chance.choice((0, 2, 4)) :]:
        if at < len(row):
            row[at] = chance.choice(said)


def swap_columns(chance: Random, lines: Lines) -> None:
    """Swap the cells of two columns in some rows, or all."""
    width = max(map(len, lines), default=0)
    if width < 2:
        return
    one, other = chance.sample(range(width), 2)
    share = chance.choice((0.1, 0.5, 1.0))
    for row in lines:
        if chance.random() < share and max(one, other) < len(row):
            row[one], row[other] = row[other], row[one]


def change_headers(chance: Random, lines: Lines) -> None:
    for row in lines[:4]:
        for at, cell in enumerate(row):
            if isinstance(cell, str) and chance.random() < 0.15:
                others = [c for c in row if isinstance(c, str)] or [""]
                row[at] = chance.choice(
                    (
                        *("", f" {cell}\n", f"{cell}（万元）", f"{cell}*", cell[:-1], cell * 40),
                        *(chance.choice(others), chance.choice(EXTREMES), "姓名", "退回原因"),
                        *("行版本", "县区", "机构名称", "信息\n" + cell),
                    )
                )


def repeat_rows(chance: Random, lines: Lines) -> None:
    for _ in range(chance.choice((1, 3, 30))):
        if lines:
            row = list(lines[some_row(chance, lines)])
            if row and chance.random() < 0.5:
                row[chance.randrange(len(row))] = chance.choice(EXTREMES)
            lines.insert(some_row(chance, lines), row)


def drop_rows(chance: Random, lines: Lines) -> None:
    lines[:] = [row for row in lines if chance.random() > chance.choice((0.05, 0.5))]


def shuffle_rows(chance: Random, lines: Lines) -> None:
    chance.shuffle(lines)


def insert_blanks(chance: Random, lines: Lines) -> None:
    at = some_row(chance, lines)
    blank: Lines = [[None] * chance.choice((0, 1, 5)) for _ in range(chance.choice((1, 45, 2_000)))]
    lines[at:at] = blank


def shift_cells(chance: Random, lines: Lines) -> None:
    """Move rows to the right or left, as a stray comma does."""
    for row in lines:
        if row and chance.random() < 0.2:
            if chance.random() < 0.5:
                row.insert(chance.randrange(len(row)), chance.choice(("", None, "甲")))
            else:
                del row[chance.randrange(len(row))]


def widen(chance: Random, lines: Lines) -> None:
    at = some_row(chance, lines)
    if lines:
        lines[at] = [*lines[at], *[chance.choice(("甲", None, 1))] * chance.choice((30, 256, 300))]


def write_a_book(chance: Random, lines: Lines) -> None:
    """Put a megabyte of text into a cell."""
    row = lines[some_row(chance, lines)] if lines else []
    if row:
        text = chance.choice(("甲", "W", "1", "<", "甲 13807720000 ", "=", "(", "（万元", "-", " "))
        length = chance.choice((32_000, 131_000, LONGEST))
        row[chance.randrange(len(row))] = f"甲{(text * length)[:length]}乙"


CHANGES: Final[tuple[Change, ...]] = (
    *(put_extremes, put_extremes, put_extremes, fill_a_column, swap_columns, swap_columns),
    *(change_headers, change_headers, repeat_rows, repeat_rows, drop_rows, shuffle_rows),
    *(insert_blanks, shift_cells, widen, write_a_book),
)


def mutate(chance: Random, sheets: dict[str, Lines]) -> dict[str, Lines]:
    """Return a copy of sheets with some changes, sheets renamed and repeated among them."""
    changed = {name: [list(row) for row in lines] for name, lines in sheets.items()}
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        for lines in changed.values():
            if lines:
                chance.choice(CHANGES)(chance, lines)
    if chance.random() < 0.2:
        names = (*SHEET_NAMES, "柳北区", "城中村", "汇总", "甲" * 31, "合计", "机构台账", "450205")
        changed = {
            (chance.choice(names) if chance.random() < 0.7 else name): lines
            for name, lines in changed.items()
        }
    if chance.random() < 0.1:
        first = next(iter(changed.values()))
        changed["融水县"] = [list(row) for row in first]
    return changed


def as_days(cell: object) -> object:
    """Return what a cell is to a writer that knows no bare day."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - cells know no zone
    return cell
