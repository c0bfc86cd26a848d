"""Days and times of day as offices write them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np

from data_access.ledgers.meaning import Meaning, said

# A spreadsheet's day 60 is a 29 February 1900 that never was; from there on it counts
# from this day. The range keeps other five-digit numbers out: 2000-01-01 to 2099-12-31.
SERIAL_EPOCH: Final = dt.date(1899, 12, 30)
FIRST_SERIAL: Final = 36_526
LAST_SERIAL: Final = 73_050
FIRST_YEAR: Final = 1900

_TIME: Final = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_FULL_DAY: Final = (
    re.compile(rf"(\d{{4}})\s?([-/.])\s?(\d{{1,2}})\s?\2\s?(\d{{1,2}}){_TIME}"),
    re.compile(rf"(\d{{4}})\s?(年)\s?(\d{{1,2}})\s?月\s?(\d{{1,2}})\s?[日号]?{_TIME}"),
    re.compile(r"(\d{4})()(\d{2})(\d{2})(?:\.0)?"),
)
_DAY_OF_YEAR: Final = re.compile(r"(\d{1,2})\s?月\s?(\d{1,2})\s?[日号]")
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?")
_SPAN: Final = re.compile(
    r"(\d{1,2})[:点时](\d{2})?分?\s*(?:[-‐-―−~〜至到]|--)\s*(\d{1,2})[:点时](\d{2})?分?"
)

NOT_A_DAY: Final = "不是能识别的日期，请写成 2022-07-05 的样子"
NOT_A_SPAN: Final = "不是能识别的时段，请写成 19:00-20:30 的样子"


def read_days(texts: Sequence[str], *, name: str, year: int, latest: dt.date | None) -> Meaning:
    """Understand days; ``7月5日`` takes ``year``, with a warning.

    Also real dates, Excel serials and a time of day behind the day, which is dropped. A
    day after ``latest`` is an error, ``latest`` itself is not.
    """
    days = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[s]")
    meaning = Meaning({name: days})
    for at, text in said(texts):
        folded = unicodedata.normalize("NFKC", text).strip()
        day, is_guessed = day_of(folded, year)
        if day is None:
            meaning.errors[at] = NOT_A_DAY
        elif latest and day > latest:
            meaning.errors[at] = f"日期晚于收到的那天（{latest}），请核对"
        else:
            days[at] = np.datetime64(day, "s")
            if is_guessed:
                meaning.warnings[at] = f"没有写年份，按 {year} 年处理"
    return meaning


def day_of(text: str, year: int) -> tuple[dt.date | None, bool]:
    """Return the day that a text says, and whether it takes ``year`` because it has none."""
    for pattern in _FULL_DAY:
        found = pattern.fullmatch(text)
        if found:
            return _date(int(found[1]), int(found[3]), int(found[4])), False
    found = _DAY_OF_YEAR.fullmatch(text)
    if found:
        return _date(year, int(found[1]), int(found[2])), True
    found = _SERIAL.fullmatch(text)
    if found and FIRST_SERIAL <= int(found[1]) <= LAST_SERIAL:
        return SERIAL_EPOCH + dt.timedelta(days=int(found[1])), False
    return None, False


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if year >= FIRST_YEAR else None
    except ValueError:
        return None


def read_spans(texts: Sequence[str], *, starts: str, ends: str) -> Meaning:
    """Understand ``19:00-20:30`` as two times of day; it must end after it starts."""
    first = np.full(len(texts), None, dtype=object)
    last = first.copy()
    meaning = Meaning({starts: first, ends: last})
    for at, text in said(texts):
        found = _SPAN.fullmatch(unicodedata.normalize("NFKC", text).strip())
        begin = _time(found[1], found[2]) if found else None
        end = _time(found[3], found[4]) if found else None
        if begin is None or end is None:
            meaning.errors[at] = NOT_A_SPAN
        elif end <= begin:
            meaning.errors[at] = "结束时间不晚于开始时间，请核对"
        else:
            first[at], last[at] = begin, end
    return meaning


def _time(hours: str, minutes: str | None) -> dt.time | None:
    try:
        return dt.time(int(hours), int(minutes or 0))
    except ValueError:
        return None
