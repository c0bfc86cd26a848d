"""Where the header of a sheet is, and which column of the ledger each of its cells means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from data_access.ledgers.cells import clean
from data_access.ledgers.kinds import Column, Kind, Read
from data_access.ledgers.texts import cell_text
from data_access.ledgers.workbook import RawSheet

SEARCHED_ROWS: Final = 40
LEAST_COLUMNS: Final = 2  # fewer known headers in a row are a coincidence
TALLEST: Final = 2  # rows that a header cell may reach down
REASONS_HEADER: Final = "退回原因"
SERIAL_HEADERS: Final = frozenset({"序号", "序", "行号", "no", "no.", "№"})

_MEASURED: Final = (Read.COUNT, Read.MONEY, Read.NUMBER)
_TENS: Final = {"": 1, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_UNITS: Final = ("元", "人次", "人", "名", "个", "m2", "平方米", "平米", "平方")
_UNIT: Final = rf"(?:单位[:]?)?([百千万亿]?)(?:{'|'.join(_UNITS)})"
# What stands between holds no bracket: a text of nothing but these is still read in one go.
_BRACKETED: Final = re.compile(r"[(\[【〔《<{]([^(\[【〔《<{)\]】〕》>}]*)[)\]】〕》>}]")
_BRACKETED_UNIT: Final = re.compile(_UNIT)
_TRAILING_UNIT: Final = re.compile(rf"[/,:_-]?{_UNIT}$")
_TITLE_UNIT: Final = re.compile(r"单位:?[(]?[百千万亿]+元")
_MARKS: Final = "*※:;,.、"
# 机构信息 over 名称 means 机构名称.
_GROUP_ENDING: Final = re.compile(r"(?:基本)?(?:信息|情况|资料)$")
_UNDER_A_GROUP: Final = {"代码": "信用代码"}
# People whose names or numbers a file may bring along; no ledger has a column for them.
_PEOPLE: Final = (
    "学生|孩子|学员|儿童|幼儿|子女|小孩|未成年人|家长|父母|父亲|母亲|监护人|举报人|投诉人|反映人"
    "|诉求人|信访人|当事人|联系人"
)
_NAMES: Final = re.compile(rf"(?:(?:.{{0,4}}(?:{_PEOPLE}))(?:的?(?:姓名|名字|名单))?|姓名|名字)")
_PERSONAL: Final = re.compile(
    rf"身份证|证件号|学籍号|电话|手机|微信(?!群)|住址|出生(?:日期|年月)|(?:{_PEOPLE})的?(?:姓名|名字|名单)"
)


Words = dict[str, tuple[Column, int]]
LookUp = Callable[[str], tuple[Column, int, int] | None]


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a sheet: its header and what it was taken for.

    ``text`` is the header as the file has it, of a header in two rows the lower cell;
    ``layout`` says both. ``column`` is ``None`` for a column that is ignored, for one that
    means the same as another ``duplicate_of`` is that one's header. Cells are multiplied by
    ``scale``.
    """

    text: str
    layout: str
    column: Column | None = None
    scale: int = 1
    duplicate_of: str | None = None

    @property
    def is_serial(self) -> bool:
        """Whether the column only numbers the rows."""
        return self.column is None and normal(self.text) in SERIAL_HEADERS

    @property
    def is_unknown(self) -> bool:
        """Whether the column is ignored and the sender should hear of it."""
        is_known = self.is_serial or self.holds_reasons or self.is_personal
        return self.column is None and not is_known

    @property
    def holds_names(self) -> bool:
        """Whether the column gives names of pupils, their parents or those who report."""
        named = self.column is None and self.duplicate_of is None
        return named and _NAMES.fullmatch(_bare(self.text)) is not None

    @property
    def is_personal(self) -> bool:
        """Whether the column is about a person, and so is never stored."""
        if self.column is not None or self.duplicate_of is not None:
            return False
        return self.holds_names or _PERSONAL.search(_bare(self.text)) is not None

    @property
    def holds_reasons(self) -> bool:
        """Whether the column is the one that we add to the workbook of rejected rows."""
        return self.column is None and normal(self.text) == REASONS_HEADER


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet; ``last_row`` counts from 0 in the sheet's rows."""

    last_row: int
    headings: tuple[Heading, ...]
    above: str = ""  # what the title rows say

    @property
    def known(self) -> int:
        """How many columns of the ledger were found."""
        return sum(heading.column is not None for heading in self.headings)

    @property
    def layout(self) -> list[str]:
        """Return the header cells, without the column of reasons."""
        return [heading.layout for heading in self.headings if not heading.holds_reasons]

    def unmeasured(self) -> list[Heading]:
        """Return the columns of money without a unit of their own, where the title names one."""
        if not _TITLE_UNIT.search(normal(self.above)):
            return []
        return [
            heading
            for heading in self.headings
            if heading.column and heading.column.read is Read.MONEY and "元" not in heading.layout
        ]

    def missing(self, kind: Kind, *, county_is_given: bool = True) -> list[str]:
        """Return the headers of the required columns that are not there.

        The county is not among them where the sheet's name or the sender gives it.
        """
        found = {heading.column.name for heading in self.headings if heading.column}
        return [
            column.header
            for column in kind.columns
            if column.required
            and column.name not in found
            and not (county_is_given and column.read is Read.COUNTY)
        ]


def normal(text: str) -> str:
    """Return a header as headers are compared: no blanks or line breaks, one width."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(folded.split()).strip(_MARKS)


def _bare(text: str) -> str:
    return normal(_BRACKETED.sub("", normal(text)))


def find_header(kind: Kind, sheet: RawSheet) -> Header | None:
    """Return the header of a sheet, or ``None`` where no row is one.

    The row, or pair of rows, in which most columns of the ledger are found; of equals the
    first and the shorter. At least two columns must be found.
    """
    top = _top_of(sheet)
    # Every row is looked at alone, under the one before and over the next.
    look_up = cache(partial(_lookup, _words(kind.columns)))
    best = Header(-1, ())
    for first in range(min(len(top), SEARCHED_ROWS)):
        for last in range(first, min(first + 2, len(top))):
            header = Header(last, tuple(_headings(look_up, top[first], top[last])))
            if header.known > best.known:
                best = header
    if best.known < LEAST_COLUMNS:
        return None
    below = _below_merged(sheet, best.last_row)
    if below > best.last_row:
        # A unit may stand in a row of its own, below the cells that are merged downwards.
        taller = Header(below, tuple(_headings(look_up, top[best.last_row], top[below])))
        best = taller if taller.known >= best.known else Header(below, best.headings)
    above = " ".join(text for row in top[: best.last_row] for text in row)
    return Header(best.last_row, best.headings, above)


def _top_of(sheet: RawSheet) -> list[list[str]]:
    """Return the first rows as text, every merged cell saying what its range says."""
    width = sheet.width
    top = [
        [clean(cell_text(cell)) for cell in row] + [""] * (width - len(row))
        for row in sheet.rows[: SEARCHED_ROWS + 1]
    ]
    for (row, column), (last_row, last_column) in sheet.merged:
        if 0 <= row < len(top) and 0 <= column < width:
            for filled in top[row : last_row + 1]:
                filled[column : last_column + 1] = [top[row][column]] * (
                    min(last_column, width - 1) - column + 1
                )
    return top


def _below_merged(sheet: RawSheet, last_row: int) -> int:
    """Return the last row that a header cell, merged downwards, reaches."""
    reached = (last[0] for first, last in sheet.merged if first[0] <= last_row <= last[0])
    furthest = min(last_row + TALLEST, len(sheet.rows) - 1, SEARCHED_ROWS)
    return min(max(reached, default=last_row), max(furthest, last_row))


def _headings(look_up: LookUp, upper: Sequence[str], lower: Sequence[str]) -> Iterator[Heading]:
    """Match each column; of several that mean the same the best match, else the first."""
    found: list[tuple[Heading, int]] = []
    group = ""
    for over, under in zip(upper, lower, strict=True):
        # Without merged cells the name of a group stands over its first column only.
        group = over or (group if under else "")
        found.append(_match(look_up, group, under))
    chosen: dict[str, int] = {}
    for at, (heading, rank) in enumerate(found):
        if heading.column:
            best = chosen.get(heading.column.name)
            if best is None or rank < found[best][1]:
                chosen[heading.column.name] = at
    for at, (heading, _) in enumerate(found):
        if heading.column and chosen[heading.column.name] != at:
            used = found[chosen[heading.column.name]][0].text
            yield Heading(heading.text, heading.layout, duplicate_of=used)
        else:
            yield heading


def _match(look_up: LookUp, over: str, under: str) -> tuple[Heading, int]:
    """Return a column's heading and how far its words are from the canonical header."""
    text = under or over
    grouped = bool(over and under and over != under)
    if not text:
        return Heading("", ""), 0
    # A line break may stand between a group and its column, as in workbooks we send back.
    upper, _, lower = text.partition("\n")
    pairs = [(over, under)] if grouped else [(upper, lower)] if lower else []
    joined = [candidate for pair in pairs for candidate in _joined(*pair)]
    for rank, candidate in enumerate([text, *joined]):
        found = look_up(candidate)
        if found:
            column, scale, distance = found
            layout = f"{over}\n{under}" if grouped and rank else text
            return Heading(text, layout, column, scale), rank * 10 + distance
    return Heading(text, text), 0


def _joined(over: str, under: str) -> list[str]:
    """Return what a column under a group may be called: 机构信息 over 名称 is 机构名称."""
    stem = _GROUP_ENDING.sub("", normal(_BRACKETED.sub("", normal(over))))
    words = [over + under, stem + under]
    if normal(under) in _UNDER_A_GROUP and stem.endswith("机构"):
        words.append(_UNDER_A_GROUP[normal(under)])
    return words


def _lookup(words: Words, text: str) -> tuple[Column, int, int] | None:
    """Return the column that a header means, its scale, and how far it is from canonical."""
    whole = normal(text)
    bare = normal(_BRACKETED.sub("", whole))
    # The pattern is tried at every letter of a text: most end in no unit, as their end tells.
    unitless = _TRAILING_UNIT.sub("", bare) if bare.endswith(_UNITS) else bare
    for distance, candidate in enumerate((whole, bare, unitless)):
        found = words.get(candidate)
        if not found:
            continue
        column, rank = found
        measured = column.read in _MEASURED
        if distance == 2 and not measured:
            continue
        return column, _scale(whole, bare) if measured else 1, distance * 3 + rank
    return None


def _scale(whole: str, bare: str) -> int:
    """Return what the unit in a header multiplies the column by."""
    units = [_BRACKETED_UNIT.search(inside) for inside in _BRACKETED.findall(whole)]
    found = next((unit for unit in units if unit), None) or _TRAILING_UNIT.search(bare)
    return _TENS[found[1]] if found else 1


def _words(columns: tuple[Column, ...]) -> Words:
    """Map every way to say a header to its column, and whether it is a synonym."""
    words: Words = {}
    for rank, bare in ((0, False), (1, False), (1, True)):
        for column in columns:
            said = (column.header,) if rank == 0 else (column.header, *column.synonyms)
            if rank and column.read is Read.YES_NO:
                said = (*said, f"是否{column.header}")
            for word in said:
                key = _BRACKETED.sub("", normal(word)) if bare else normal(word)
                words.setdefault(key, (column, rank))
    return words
