"""The period (所属期) of a document that counties send: by which day it is due, and which of it.

A period is written as its due day, ``2022-07-29``; of a weekly form that is the Thursday which
names the reporting week. A further typical case of one day has its place behind it:
``2022-07-29-2``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from data_access.ledgers.days import day_of
from data_access.ledgers.meaning import Meaning, said
from data_access.weeks import THURSDAY, reporting_week

NOT_A_PERIOD: Final = (
    "不是能识别的所属期。每周报表写这一周的周四，其他材料写应报的日期，如 2022-07-29；"
    "第二个典型案例写 2022-07-29-2"
)
NOT_A_CASE: Final = "只有典型案例可以有第二个，所属期请只写日期，如 2022-07-29"

_PERIOD: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-([2-9]))?")
# 7月1日至7月7日, 7月29日前, 7月7日一周, 2022-07-29 (2), 2022-07-29第二个
_FROM: Final = re.compile(r"^.+[至~—]")
_ENDING: Final = re.compile(r"(?:前|一周|这一周|当周|周)$")
_PLACE: Final = re.compile(
    r"^(\d{4}-\d{1,2}-\d{1,2})-([2-9])$|^(.*\S)\s*(?:\((.)\)|第(.)个|之(.))$"
)
_PLACES: Final = {word: at for at, word in enumerate("一二三四五六七八九", start=1)}


def due_day(period: str) -> date | None:
    """Return the last day of a period, as it is stored; ``None`` where it is none."""
    found = _PERIOD.fullmatch(period)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def why_none(document: str, period: str) -> str | None:
    """Return, in Chinese, why a document has no such period; ``None``: it may have."""
    due = due_day(period)
    if due is None:
        return NOT_A_PERIOD
    if document == "weekly_form" and due.weekday() != THURSDAY:
        return f"{due} 不是周四。每周报表的所属期写这一周的周四，应为 {reporting_week(due)}"
    if document != "case" and len(period) > len("2022-07-29"):
        return NOT_A_CASE
    return None


def read_periods(texts: Sequence[str], *, name: str, year: int) -> Meaning:
    """Understand periods; ``7月29日前`` takes ``year``, with a warning."""
    values = np.full(len(texts), None, dtype=object)
    meaning = Meaning({name: values})
    for at, text in said(texts):
        words = unicodedata.normalize("NFKC", text).strip()
        place = 1
        found = _PLACE.fullmatch(words)
        if found:
            words = found[1] or found[3]
            written = found[2] or found[4] or found[5] or found[6]
            place = int(written) if written.isdigit() else _PLACES.get(written, 0)
        day, is_guessed = day_of(_ENDING.sub("", _FROM.sub("", words)).strip(), year)
        if day is None or not place:
            meaning.errors[at] = NOT_A_PERIOD
            continue
        values[at] = day.isoformat() + (f"-{place}" if place > 1 else "")
        if is_guessed:
            meaning.warnings[at] = f"没有写年份，按 {year} 年处理"
    return meaning
