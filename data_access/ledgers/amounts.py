"""Counts, money and other numbers as offices write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_access.ledgers.meaning import Meaning, fold, said

LARGEST_COUNT: Final = 2**31 - 1
LARGEST_MONEY: Final = 10**12  # twelve digits before the point
LARGEST_NUMBER: Final = 10**12
_WHOLE_TO: Final = 1e-6  # what a spreadsheet's arithmetic leaves behind a whole number

_TENS: Final = {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_ALL_PLAIN: Final = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?\n)*")
_AMOUNT: Final = re.compile(
    r"[¥￥]?([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)([百千万亿]?)"
    r"(元|人次|人|名|m2|平方米|平米)?"
)
# 80元/课时, 45分钟, 60节: exact, with a unit that is said elsewhere or goes without saying.
_WITH_UNIT: Final = re.compile(
    r"[¥￥]?([0-9][0-9,]*(?:\.[0-9]+)?)"
    r"((?:人民币|[元块分角节次期月年天周个名人班]|课时|分钟|小时|学时|课次|平方|[/每·]|min|m2|㎡)+)"
)
NOT_A_NUMBER: Final = "不是确切的数字，请只填数字（不要写“约”“左右”等）"
NEGATIVE: Final = "不能是负数，请核对"
TOO_LARGE: Final = "数字过大，请核对"

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def read_counts(texts: Sequence[str], *, name: str, scale: int) -> Meaning:
    """Understand whole numbers from 0 to 2,147,483,647; anything else is an error."""
    numbers, meaning = _read(texts, scale)
    whole = np.round(numbers)
    _refuse(meaning, np.abs(numbers - whole) > _WHOLE_TO, "应为整数，请核对")
    _refuse(meaning, whole < 0, NEGATIVE)
    _refuse(meaning, whole > LARGEST_COUNT, TOO_LARGE)
    missing = _missing(numbers, meaning)
    counts = np.where(missing, 0, whole).astype("int64")
    meaning.values[name] = pd.arrays.IntegerArray(counts, missing)
    return meaning


def read_money(texts: Sequence[str], *, name: str, scale: int) -> Meaning:
    """Understand amounts in yuan, not negative, below a million million; rounded to 分."""
    numbers, meaning = _read(texts, scale)
    rounded = np.round(numbers, 2)
    _refuse(meaning, rounded < 0, NEGATIVE)
    _refuse(meaning, rounded >= LARGEST_MONEY, "金额过大，请核对（注意单位是元还是万元）")
    left = np.abs(numbers - rounded) > np.maximum(_WHOLE_TO, np.abs(numbers) * 1e-15)
    for at in np.flatnonzero(left).tolist():
        if at not in meaning.errors:
            meaning.warnings[at] = "金额精确到分，多出的小数已舍入"
    meaning.values[name] = _floats(rounded, _missing(numbers, meaning))
    return meaning


def read_numbers(texts: Sequence[str], *, name: str, scale: int, signed: bool) -> Meaning:
    """Understand decimal numbers; negative ones where they are ``signed``."""
    numbers, meaning = _read(texts, scale)
    if not signed:
        _refuse(meaning, numbers < 0, NEGATIVE)
    _refuse(meaning, np.abs(numbers) >= LARGEST_NUMBER, TOO_LARGE)
    meaning.values[name] = _floats(numbers, _missing(numbers, meaning))
    return meaning


def _refuse(meaning: Meaning, wrong: Mask, problem: str) -> None:
    for at in np.flatnonzero(wrong).tolist():
        meaning.errors.setdefault(at, problem)


def _read(texts: Sequence[str], scale: int) -> tuple[Floats, Meaning]:
    numbers = np.full(len(texts), np.nan)
    meaning = Meaning({})
    places = [at for at, _ in said(texts)]
    words = [texts[at] for at in places]
    if _ALL_PLAIN.fullmatch("".join(f"{word}\n" for word in words)):
        numbers[places] = np.array([float(word) for word in words]) * scale
    else:
        for at, word in zip(places, words, strict=True):
            found = _AMOUNT.fullmatch(fold(word))
            if found is None:
                meaning.errors[at] = _why_no_number(fold(word))
                continue
            # A unit in the cell says more than the one in the header.
            own = _TENS.get(found[2], 1) if found[2] or found[3] else scale
            numbers[at] = float(found[1].replace(",", "")) * own
    _refuse(meaning, np.isinf(numbers), TOO_LARGE)
    numbers[np.isinf(numbers)] = np.nan
    return numbers, meaning


def _why_no_number(word: str) -> str:
    """Say what to do with a cell that is no number: drop its unit, where that is all there is."""
    found = _WITH_UNIT.fullmatch(word)
    if found is None:
        return NOT_A_NUMBER
    return f"请只填数字 {found[1]}，不要写“{found[2]}”"


def _missing(numbers: Floats, meaning: Meaning) -> Mask:
    missing = np.isnan(numbers)
    missing[list(meaning.errors)] = True
    return missing


def _floats(numbers: Floats, missing: Mask) -> Any:
    return pd.arrays.FloatingArray(np.where(missing, 0.0, numbers), missing)
