"""Texts that do harm where they are not taken as text, and ledgers full of them.

``HOSTILE`` is what stands in the files, by a name for test ids. ``as_stored`` is what the
database must hold of it after the import, and so what pages and exports must show as text.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any, Final

from sqlalchemy import String

from data_access import schema
from data_access.ledgers.check_items import LONGEST_NUMBER
from data_access.ledgers.kinds import KINDS, Column, Kind, Read
from data_access.ledgers.values import NUMBERS
from data_access.reference import UNITS
from data_access.vocabulary import COUNTY_DUTY

# A contact is a name and a number, a mailbox an address, and so no text of these.
_DUTIES: Final = [
    words[0] for duty, words in COUNTY_DUTY.items() if duty not in ("contact", "mailbox")
]
_USUAL: Final = {
    Read.DAY: "2022-08-01",
    Read.DAY_AHEAD: "2022-08-01",
    Read.TIME_SPAN: "19:00-20:30",
    Read.YES_NO: "是",
}
LINE_LENGTH: Final = 64  # what the shortest of the text columns below holds

HOSTILE: Final[dict[str, str]] = {
    "script": "<script>alert('甲')</script>",
    "image": "<img src=x onerror=alert(1)>",
    "svg": '"><svg/onload=alert(2)>',
    "style": "</style></td></table><b>粗</b>",
    "entity": "&lt;i&gt;&amp;&#60;&nbsp;甲",
    "markdown_link": "[点这里](http://evil.example/a)",
    "markdown_image": "![](http://evil.example/b.png)",
    "markdown_marks": "# 题 **粗** _斜_ `码` ~~删~~ | 表 |",
    "markdown_colour": ":red[红] :blue-background[蓝] :material/lock: :smile:",
    "markdown_formula": r"$\frac{1}{0}$ $$x$$ \(y\)",
    "bare_address": "http://evil.example",
    "bare_host": "www.evil.example/甲",
    "script_address": "javascript:alert(3)",
    "mail": "boss@evil.example",
    "formula": "=cmd|'/C calc'!A0",
    "formula_link": '=HYPERLINK("http://evil.example","甲")',
    "formula_plus": "+1+cmd|' /C calc'!A0",
    "formula_minus": "-2+3+cmd|' /C calc'!A0",
    "formula_at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula_wide": "＝1+1",
    "formula_guarded": "'=1+1|乙",
    "formula_after_tab": "\t=1+2",
    "formula_after_return": "\r=1+3",
    "line_breaks": "甲\r\n乙\n=丙",
    "sql": "'; DROP TABLE institution; --",
    "sql_pattern": "%_\\' OR '1'='1",
    "quotes": "\"'`“”‘’",
    "template": "${7*7} {{7*7}} #{7*7} <%= 7*7 %>",
    "format": "%s %d %(x)s {0} {x!r}",
    "path": "../../../../etc/passwd",
    "path_windows": r"..\..\windows\system32\甲",
    "typst": '#read("/etc/passwd") $x$ #import "a"',
    "json": '{"__proto__": {"x": 1}}',
    "right_to_left": "甲\u202eslx.乙\u202c",
    "isolates": "甲\u2066乙\u2069丙",
    "arabic": "شركة التدريب",
    "zero_width": "甲\u200b乙\u2060丙\ufeff丁",
    "zero_width_joiner": "👩\u200d🏫教师",
    "controls": "甲\x01\x07\x08\x0b\x1b[31m乙\x7f\x9b",
    "nul": "甲\x00乙",
    "four_bytes": "𠮷田𪚥教育💥",
    "many_marks": "甲" + "\u0301" * 40,
    "private_use": "甲\ue000乙",
    "only_dash": "—",
    "missing_words": "None NaN null undefined",
    "true_like": "TRUE",
    "long": "很长的名称" * 2_000,
    "long_without_break": "W" * 10_000,
}

# What the import takes out or makes one space of; all others are stored as they are.
_CHANGED: Final = {
    "formula_guarded": "=1+1|乙",
    "formula_after_tab": "=1+2",
    "formula_after_return": "=1+3",
    "line_breaks": "甲 乙 =丙",
    "right_to_left": "甲slx.乙",
    "isolates": "甲乙丙",
    "zero_width": "甲乙丙丁",
    "controls": "甲[31m乙",
    "nul": "甲乙",
}
_CHANGED_IN_LINES: Final = {"line_breaks": "甲\n乙\n=丙"}

FILE_NAMES: Final = (
    "../../../etc/passwd.csv",
    r"..\..\boot.csv",
    "<img src=x onerror=alert(1)>.csv",
    "[点这里](http://evil.example) **粗** :red[红].csv",
    "=cmd|' .csv",
    "甲\u202evsc.exe.csv",
    "甲\x00\r\nX-Evil: 1.csv",
    "%s${7*7}{{7*7}}.csv",
    "很长" * 200 + ".csv",
)
SHEET_NAMES: Final = (
    "<b>甲<b>",
    "=1+1",
    "..",
    "**粗** :red[红]",
    "甲\u202e乙",
    "%s${7*7}{{7*7}}",
)


def as_stored(name: str, *, length: int | None = LINE_LENGTH) -> str:
    """Return what is stored of a text in a column of that length; ``None`` is any length."""
    changed = {**_CHANGED, **_CHANGED_IN_LINES} if length is None else _CHANGED
    return changed.get(name, HOSTILE[name])[:length]


def number_of(name: str) -> str:
    """Return the number (线索编号, 台账编号, …) that the rows of a text have: it begins with it."""
    folded = "".join(unicodedata.normalize("NFKC", as_stored(name)).split())
    return f"{folded[: LONGEST_NUMBER - 4]}#{list(HOSTILE).index(name):03}"


def hostile_ledgers(county: str = "鱼峰区") -> Iterator[tuple[Kind, str, bytes]]:
    """Yield ledgers of every kind, in the order in which they are to be imported.

    Each is its kind, a file name and a CSV file with one row a text, in the order of
    ``HOSTILE``. The text stands in every column that takes text, cut to what it holds, and in
    front of every number. Every row is loaded. A county has each duty once, so those are of
    several counties, ``county`` first.
    """
    for kind in KINDS.values():
        buffer = StringIO()
        writer = csv.writer(buffer)
        writer.writerow([column.header for column in _columns(kind)])
        for name in HOSTILE:
            writer.writerow([_cell(kind, column, name, county) for column in _columns(kind)])
        yield kind, f"{kind.title}.csv", buffer.getvalue().encode("utf-8-sig")


def _columns(kind: Kind) -> list[Column]:
    left_out = ("credit_code", "row_version", "closed_on", "deregistered_on", "resolved_on")
    left_out += ("aspect",)  # of a check of safety alone
    if kind.name == "submissions":
        left_out += ("due_on",)  # the period says it
    return [column for column in kind.columns if column.name not in left_out]


def _cell(kind: Kind, column: Column, name: str, county: str) -> Any:
    if column.name in NUMBERS and column.name not in ("phone", "reporter_phone"):
        return number_of(name)
    if column.name == "outcome" and kind.name == "compliance_checks":
        return "有问题"  # and so an item that says the same
    if kind.name in ("submissions", "county_actions"):
        known = _cell_of_county_work(kind, column, list(HOSTILE).index(name), county)
        if known is not None:
            return known
    match column.read:
        case Read.TEXT | Read.GROUPED:
            if column.name in ("phone", "reporter_phone"):
                return "0772-0000000"
            return HOSTILE[name][: _length(kind, column)]
        case Read.COUNTY:
            return county
        case Read.WORD:
            return next(iter((column.words or {}).values()))[0]
        case Read.NUMBER if column.name in ("longitude", "latitude"):
            return {"longitude": 109.42, "latitude": 24.31}[column.name]
        case _:
            return _USUAL.get(column.read, 1)


def _cell_of_county_work(kind: Kind, column: Column, place: int, county: str) -> str | None:
    """Return what tells the rows of a county apart; ``None`` for what is as in other ledgers."""
    counties = [county, *(unit.name for unit in UNITS if unit.name != county)]
    cells = {
        "period": (date(2022, 7, 7) + timedelta(weeks=place)).isoformat(),
        "sha256": f"{place:064x}",
        "duty": _DUTIES[place % len(_DUTIES)],
    }
    if kind.name == "county_actions":
        cells["county_code"] = counties[place // len(_DUTIES)]
    return cells.get(column.name)


def _length(kind: Kind, column: Column) -> int | None:
    """Return how many characters the column holds; ``None`` is any number."""
    if column.name in kind.table.c:
        kept = kind.table.c[column.name].type
    else:
        kept = schema.institution.c.name.type  # of an institution that is only looked up
    return kept.length if isinstance(kept, String) else None
