"""Personal data that no ledger needs: telephone and identity numbers, and names of pupils.

They are taken out of what people write before anything is stored, and a word stands in their
place. Asking twice changes nothing: the words hold no number and no name.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt

from data_access.ledgers.cells import Cells
from data_access.ledgers.credit_code import check_digit_holds
from data_access.ledgers.kinds import Masks

PHONE: Final = "（电话已隐去）"
IDENTITY: Final = "（证件号已隐去）"
NAME: Final = "（姓名已隐去）"

Rows = npt.NDArray[np.bool_]

# What all of it has in common, so that texts without any are passed over quickly: ten digits
# with little between them, or the word before a name.
_MAY_HOLD: Final = re.compile(r"\d(?:[^\w\n]{0,2}\d){9}|(?:姓名|联系人|家长|学生|孩子)[:：]")

_BETWEEN: Final = r"[-‐-―－\s·.]?"
_COUNTRY: Final = r"(?:(?:[+＋]|[0０]{2})?[8８][6６][-－\s]{0,2})?"
# Letters before a number make it the number of something else, but for these.
_LEAD: Final = (
    r"(?<!\d)(?<!\d\d\.)(?<![A-Za-z])((?:(?:tel|phone|mobile|wx|vx|id|no|v|t|m)[.:：]?\s?)?)"
)
_REST_OF_CODE: Final = r"(?![0-9A-Z]{7}(?![0-9A-Z]))"  # of a credit code, 18 characters
_MOBILE: Final = re.compile(
    rf"{_LEAD}{_COUNTRY}[1１][3-9３-９]\d{_BETWEEN}\d{{4}}{_BETWEEN}\d{{4}}"
    rf"(?!\d|\s?[万亿]?元){_REST_OF_CODE}",
    re.IGNORECASE,
)
_AREA: Final = r"(?:[1１][0０]|[2２]\d|[3-9３-９]\d\d)"
_LANDLINE: Final = re.compile(
    rf"{_LEAD}(?<!\d[-.])(?:"
    rf"(?:[+＋]|[0０]{{2}})[8８][6６][-－\s]{{0,2}}[0０]?{_AREA}[-‐-―－\s]{{0,2}}\d{{7,8}}"
    rf"|[(（][0０]{_AREA}[)）][-‐-―－\s]{{0,2}}\d{{7,8}}"
    rf"|[0０]{_AREA}[-‐-―－\s]{{1,2}}\d{{7,8}}"
    rf"|[0０]{_AREA}[2-9２-９]\d{{6,7}}"
    r")(?!\d)(?:\s?[、/]\s?\d{7,8}(?!\d))*(?:\s?(?:转|-)\s?\d{1,6}(?!\d))?",
    re.IGNORECASE,
)
_PROVINCE: Final = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123])"
_MONTH_DAY: Final = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY_18: Final = re.compile(
    rf"{_LEAD}(\d{{6}}[-\s]?\d{{8}}[-\s]?\d{{3}}[\dXxＸｘ])(?![0-9A-Za-z])", re.IGNORECASE
)
_IDENTITY_15: Final = re.compile(rf"{_LEAD}(\d{{15}})(?![0-9A-Za-z])", re.IGNORECASE)
# Numbers of fifteen digits were given until 1999, to people who are no pupils any more; years
# after that are a county's code and a day in front of a running number.
_OLD: Final = re.compile(rf"{_PROVINCE}\d{{4}}[3-9]\d{_MONTH_DAY}\d{{3}}")
_DATED: Final = re.compile(rf"{_PROVINCE}\d{{4}}((?:19|20)\d\d){_MONTH_DAY}\d{{3}}[\dX]")
_PLACED: Final = re.compile(rf"{_PROVINCE}\d{{15}}[\dX]")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Ledgers number their rows by county, day and running number since then; such a number is an
# identity only where its check digit says so.
_NUMBERED_SINCE: Final = 2021

_HAN: Final = r"\u3400-\u9fff\U00020000-\U0003134f"
_SAID_NAME: Final = re.compile(rf"(姓名[:：]\s*)[{_HAN}]{{2,4}}(?![{_HAN}])")
# Who stands behind these words may also be told of in words: only what begins as a name does is
# one. Those of the region's people stand with the hundred most common; what is more often a word
# than a name (安, 成, 应) is left out.
_SURNAME: Final = (
    "(?:欧阳|上官|司马|司徒|诸葛|"
    "[李王张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤蒙农蓝甘岑凌银樊苗])"
)
_WORDS: Final = (
    "周[一二三四五六日末]|方[便式面]|高[校中]|金额|白天|何[时处人]|马上|钱款|程[序度]|向[我他]"
)
_NAMED: Final = re.compile(
    rf"((?:联系人|家长|学生|孩子)[:：]\s*)(?!{_WORDS}){_SURNAME}[{_HAN}]{{1,2}}(?![{_HAN}])"
)
_BRACKETED: Final = re.compile(r"[(（\[【][^(（\[【)）\]】]*[)）\]】]")
_NAMES_LENGTH: Final = 300  # what is longer is no list of names
_BETWEEN_NAMES: Final = re.compile(r"[、，,;；/|\n]+")
_ROLE: Final = re.compile(
    r"(?:的)?(?:妈妈|爸爸|母亲|父亲|家长|爷爷|奶奶|外公|外婆|同学|女士|先生|小朋友|老师|等|某+)$"
)
_HAN_NAME: Final = re.compile(rf"[{_HAN}]{{2,6}}|[{_HAN}]{{1,8}}(?:[·•][{_HAN}]{{1,8}})+")
_LATIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z .'-]{2,40}")
# What stands in the column where no name is known.
_NO_NAME: Final = re.compile(
    "匿名|不详|未知|保密|没有|未提供|不愿透露|群众|市民|家长|学生|孩子|学员|多人|多名|若干"
    "|全体|全班|本人|同上|清空|合计"
)


def hide(text: str) -> str:
    """Return a text without telephone and identity numbers, and names that it calls so."""
    if not _MAY_HOLD.search(text):
        return text
    text = hide_identities(text)
    text = _LANDLINE.sub(rf"\1{PHONE}", _MOBILE.sub(rf"\1{PHONE}", text))
    return _NAMED.sub(rf"\1{NAME}", _SAID_NAME.sub(rf"\1{NAME}", text))


def hide_identities(text: str) -> str:
    """Return a text without identity numbers; telephone numbers stay, for offices to be called."""
    return _IDENTITY_15.sub(_identity_15, _IDENTITY_18.sub(_identity_18, text))


def is_identity(number: str) -> bool:
    """Whether 18 digits, or 17 and X, are an identity number as far as anybody can tell."""
    number = unicodedata.normalize("NFKC", number).upper()
    if not _PLACED.fullmatch(number):
        return False
    dated = _DATED.fullmatch(number)
    if _check_digit(number) == number[-1]:
        return bool(dated) or not check_digit_holds([number])[0]
    return (
        dated is not None and int(dated[1]) < _NUMBERED_SINCE and not check_digit_holds([number])[0]
    )


def _check_digit(number: str) -> str:
    """Return the check digit of an identity number (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return "10X98765432"[total % 11]


def _identity_18(found: re.Match[str]) -> str:
    number = re.sub(r"[-\s]", "", found[2])
    return f"{found[1]}{IDENTITY}" if is_identity(number) else found[0]


def _identity_15(found: re.Match[str]) -> str:
    number = unicodedata.normalize("NFKC", found[2])
    return f"{found[1]}{IDENTITY}" if _OLD.fullmatch(number) else found[0]


def shown(masks: Masks, text: str | None) -> str | None:
    """Return what may be said elsewhere of a cell of a column that masks so."""
    if text is None or masks is Masks.NOTHING:
        return text
    return PHONE if masks is Masks.PHONE and text else hide(text)


def hide_in(cells: Cells, masks: Masks = Masks.NUMBERS) -> tuple[Cells, Rows]:
    """Hide telephone and identity numbers in a column; also return in which rows."""
    if not _MAY_HOLD.search("\n".join(cells.texts)):
        return cells, cells.has(())
    hides = hide_identities if masks is Masks.IDENTITIES else hide
    texts = [hides(text) for text in cells.texts]
    hidden = [at for at, text in enumerate(texts) if text != cells.texts[at]]
    return Cells(cells.codes, texts), cells.has(hidden)


def hide_names(cells: Cells, names: Cells) -> tuple[Cells, Rows]:
    """Hide in each row the names that its row of ``names`` gives; also return in which rows."""
    patterns = {at: pattern for at, text in enumerate(names.texts) if (pattern := _pattern(text))}
    codes, texts = cells.codes.copy(), list(cells.texts)
    known: dict[tuple[int, int], int] = {}
    for row in np.flatnonzero(names.has(patterns)).tolist():
        pair = int(codes[row]), int(names.codes[row])
        if pair not in known:
            text = patterns[pair[1]].sub(NAME, texts[pair[0]])
            known[pair] = pair[0] if text == texts[pair[0]] else len(texts)
            if known[pair] == len(texts):
                texts.append(text)
        codes[row] = known[pair]
    return Cells(codes, texts), codes != cells.codes


def _pattern(text: str) -> re.Pattern[str] | None:
    """Return what finds the names in a cell, the longest first; ``None`` where there is none."""
    names = set()
    for part in _BETWEEN_NAMES.split(_BRACKETED.sub("", text[:_NAMES_LENGTH])):
        name = part.strip()
        if _LATIN_NAME.fullmatch(name):
            names.add(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])")
            continue
        pieces = name.split()
        # Offices pad a name of two characters with a blank.
        for piece in ["".join(pieces)] if max(map(len, pieces), default=0) == 1 else pieces:
            bare = _ROLE.sub("", piece)
            if _HAN_NAME.fullmatch(bare) and not _NO_NAME.fullmatch(bare):
                names.add(r"\s?".join(map(re.escape, bare)))
    return re.compile("|".join(sorted(names, key=len, reverse=True))) if names else None
