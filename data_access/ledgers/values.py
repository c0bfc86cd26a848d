"""What the cells of a column mean, by how the column is read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import String, Table

from data_access import schema
from data_access.ledgers import amounts, days, masking, periods
from data_access.ledgers.cells import CLEAR, places_of
from data_access.ledgers.credit_code import LENGTH, check_digit_holds
from data_access.ledgers.kinds import Column, Kind, Read
from data_access.ledgers.meaning import Meaning, fold, listed, said
from data_access.reference import County
from data_access.vocabulary import OTHER, Vocabulary

ERROR_CELLS: Final = frozenset(
    ("#REF!", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!")
)
# Read as text, but numbers by nature: full width and blanks are no part of them.
NUMBERS: Final = frozenset(
    (
        *("report_no", "inspection_no", "ledger_no", "dispute_no", "entry_no", "receipt_no"),
        *("check_no", "phone", "reporter_phone"),
    )
)
TIME_COLUMNS: Final = ("class_starts_at", "class_ends_at")
COORDINATES: Final = ("longitude", "latitude")

_YES: Final = frozenset(("是", "有", "已", "Y", "YES", "1", "TRUE", "√", "✓", "✔", "☑"))
_NO: Final = frozenset(("否", "无", "未", "N", "NO", "0", "FALSE", "×", "✕", "✗", "✘", "X", "☒"))
_CREDIT_CODE: Final = re.compile(rf"[0-9A-Z]{{{LENGTH}}}")
_CREDIT_CODES: Final = re.compile(rf"(?:{_CREDIT_CODE.pattern}\n)*")
_PLAIN_NUMBERS: Final = re.compile(r"[!-~\n]*")
_BLANKS: Final = re.compile(r"\s+")
_BREAK: Final = re.compile(r"[\r\n\t]")
_QUOTES: Final = str.maketrans("“”„‟＂'‘’", '""""""""')
_CITY: Final = re.compile(r"^(?:广西壮族自治区|广西)?柳州市")
_KIND_ENDINGS: Final = {"district": ("区",), "county": ("县",), "new_area": ("新区",)}


@dataclass(frozen=True, slots=True)
class Setting:
    """What reading a file depends on besides the file."""

    today: dt.date
    campaign_year: int
    counties: Sequence[County]
    county: str | None = None
    crs: str = "wgs84"


def database_columns(column: Column) -> tuple[str, ...]:
    """Return the database columns that a column of the ledger fills."""
    if column.read is Read.TIME_SPAN:
        return TIME_COLUMNS
    if column.read is Read.GROUPED:
        return column.name, f"{column.name}_group"
    return (column.name,)


def read_column(
    kind: Kind, column: Column, texts: Sequence[str], *, scale: int, setting: Setting
) -> Meaning:
    """Say what the distinct texts of a column mean; ``scale`` is the unit of its header."""
    broken: list[int] = []
    if ERROR_CELLS.intersection(texts):
        broken = [at for at, text in enumerate(texts) if text in ERROR_CELLS]
        texts = ["" if text in ERROR_CELLS else text for text in texts]
    meaning = _read(kind, column, texts, scale, setting)
    for at in broken:
        meaning.errors[at] = "单元格里的公式出错，请改成数值或文字"
    return meaning


def _read(
    kind: Kind, column: Column, texts: Sequence[str], scale: int, setting: Setting
) -> Meaning:
    name = column.name
    match column.read:
        case Read.YES_NO:
            return _read_yes_no(texts, name)
        case Read.WORD:
            return _read_words(texts, name, column.words or {})
        case Read.GROUPED:
            return _read_groups(texts, column, text_limit(kind, name))
        case Read.COUNTY:
            return _read_counties(texts, name, setting.counties)
        case Read.CREDIT_CODE:
            return _read_credit_codes(texts, name)
        case Read.TEXT:
            return _read_texts(texts, name, text_limit(kind, name))
        case _:
            return _read_measure(column, texts, scale, setting)


def _read_measure(column: Column, texts: Sequence[str], scale: int, setting: Setting) -> Meaning:
    name = column.name
    match column.read:
        case Read.COUNT:
            return amounts.read_counts(texts, name=name, scale=scale)
        case Read.MONEY:
            return amounts.read_money(texts, name=name, scale=scale)
        case Read.NUMBER:
            signed = name in COORDINATES
            return amounts.read_numbers(texts, name=name, scale=scale, signed=signed)
        case Read.PERIOD:
            return periods.read_periods(texts, name=name, year=setting.campaign_year)
        case Read.TIME_SPAN:
            return days.read_spans(texts, starts=TIME_COLUMNS[0], ends=TIME_COLUMNS[1])
        case _:
            latest = setting.today if column.read is Read.DAY else None
            return days.read_days(texts, name=name, year=setting.campaign_year, latest=latest)


def text_limit(kind: Kind, name: str) -> int | None:
    """Return how many characters the database holds of a text; ``None`` is any number."""
    tables: tuple[Table, ...] = (kind.table, schema.rectification)
    for table in tables:
        if name in table.c:
            kept = table.c[name].type
            return kept.length if isinstance(kept, String) else None
    return None


def _read_texts(texts: Sequence[str], name: str, limit: int | None) -> Meaning:
    kept = _mended(texts, name, limit)
    values = np.array(kept, dtype=object)
    values[places_of(texts, "") + places_of(texts, CLEAR)] = None
    meaning = Meaning({name: values})
    if limit and max(map(len, kept), default=0) > limit:
        for at, text in enumerate(kept):
            if len(text) > limit:
                meaning.errors[at] = _too_long(text, limit)
                values[at] = None
    return meaning


def _mended(texts: Sequence[str], name: str, limit: int | None) -> list[str]:
    """Return texts as they are kept: line breaks only where any length is."""
    joined = "\n".join(texts)
    if name in NUMBERS:
        is_plain = _PLAIN_NUMBERS.fullmatch(joined)
        return list(texts) if is_plain else [fold(text) for text in texts]
    if not limit:
        return [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    has_breaks = joined.count("\n") >= len(texts) or "\r" in joined or "\t" in joined
    return [_in_a_line(text) for text in texts] if has_breaks else list(texts)


def _in_a_line(text: str) -> str:
    """Return a text with a blank for each line break and tab, and for the blanks beside them."""
    # All blanks are found at once: those before a break, looked for from each, take for ever.
    return _BLANKS.sub(lambda found: " " if _BREAK.search(found[0]) else found[0], text)


def _too_long(text: str, limit: int) -> str:
    return f"文字过长（{len(text)} 字，最多 {limit} 字），请缩短"


def _read_yes_no(texts: Sequence[str], name: str) -> Meaning:
    answers: list[bool | None] = [None] * len(texts)
    meaning = Meaning({})
    for at, text in said(texts):
        word = fold(text).upper()
        if word in _YES or word in _NO:
            answers[at] = word in _YES
        else:
            meaning.errors[at] = "应填“是”或“否”（也可填 √/×、有/无、已/未、Y/N、1/0）"
    meaning.values[name] = pd.array(answers, dtype="boolean")
    return meaning


def _read_words(texts: Sequence[str], name: str, vocabulary: Vocabulary) -> Meaning:
    # A degree is its own code: 1 is written for 一般.
    ways = {
        code: (words[0], *([code] if code.isdigit() else ()), *words[1:])
        for code, words in vocabulary.items()
    }
    codes = {fold(word): code for code, words in ways.items() for word in words}
    values = np.full(len(texts), None, dtype=object)
    meaning = Meaning({name: values})
    for at, text in said(texts):
        values[at] = codes.get(fold(text))
        if values[at] is None:
            known = listed(
                words[0] + (f"（{listed(words[1:])}）" if words[1:] else "")
                for words in ways.values()
            )
            meaning.errors[at] = f"不是能识别的用词，应填其中之一：{known}"
    return meaning


def _read_groups(texts: Sequence[str], column: Column, limit: int | None) -> Meaning:
    known = {_group_key(group): group for group in column.groups}
    values = np.full(len(texts), None, dtype=object)
    groups = values.copy()
    written, group_name = database_columns(column)
    meaning = Meaning({written: values, group_name: groups})
    for at, text in said(texts):
        kept = _in_a_line(text)
        if limit and len(kept) > limit:
            meaning.errors[at] = _too_long(kept, limit)
            continue
        values[at] = kept
        groups[at] = known.get(_group_key(kept), OTHER)
        if groups[at] == OTHER and _group_key(kept) != OTHER:
            meaning.warnings[at] = f"不是所列用词，归入“{OTHER}”。所列：{listed(column.groups)}"
    return meaning


def _group_key(word: str) -> str:
    return fold(word.translate(_QUOTES)).casefold()


def _read_counties(texts: Sequence[str], name: str, counties: Sequence[County]) -> Meaning:
    codes = county_words(counties)
    values = np.full(len(texts), None, dtype=object)
    meaning = Meaning({name: values})
    for at, text in said(texts):
        values[at] = codes.get(_CITY.sub("", fold(text)).upper())
        if values[at] is None:
            known = listed(county.name for county in counties)
            meaning.errors[at] = f"不是本市的县区（新区），应填其中之一：{known}"
    return meaning


def county_words(counties: Sequence[County]) -> dict[str, str]:
    """Map every way to call a county to its code: 450225, 融水, 融水县, 融水苗族自治县."""
    words: dict[str, str] = {}
    for county in counties:
        endings = _KIND_ENDINGS.get(county.kind, ())
        calls = (county.code, county.name, county.short_name)
        for call in (*calls, *(county.short_name + ending for ending in endings)):
            words.setdefault(call.upper(), county.code)
    return words


def county_of_sheet(sheet: str, counties: Sequence[County]) -> str | None:
    """Return the county that a sheet is named after, alone or among other words.

    Among other words only the longer forms count (融水县机构台账, not 城中村), and only one
    county may be meant.
    """
    name = _CITY.sub("", fold(sheet)).upper()
    words = county_words(counties)
    if name in words:
        return words[name]
    short = {county.short_name for county in counties}
    meant = {code for word, code in words.items() if word not in short and word in name}
    return meant.pop() if len(meant) == 1 else None


def _read_credit_codes(texts: Sequence[str], name: str) -> Meaning:
    values = np.full(len(texts), None, dtype=object)
    meaning = Meaning({name: values})
    places = [at for at, text in said(texts)]
    codes = [texts[at] for at in places]
    if not _CREDIT_CODES.fullmatch("".join(f"{code}\n" for code in codes)):
        codes = [fold(code).upper().replace("-", "") for code in codes]
        for at, code in zip(places, codes, strict=True):
            if not _CREDIT_CODE.fullmatch(code):
                meaning.errors[at] = f"信用代码应为 {LENGTH} 位数字或大写字母，请核对；没有的留空"
        places = [at for at in places if at not in meaning.errors]
        codes = [code for code in codes if _CREDIT_CODE.fullmatch(code)]
    values[places] = codes
    for wrong in np.flatnonzero(~check_digit_holds(codes)):
        at = places[wrong]
        if masking.is_identity(codes[wrong]):
            values[at] = None
            meaning.errors[at] = "像是身份证号，不能入库。请改填统一社会信用代码，没有的留空"
        else:
            meaning.warnings[at] = "统一社会信用代码的校验位不符，已照录，请核对"
    return meaning
