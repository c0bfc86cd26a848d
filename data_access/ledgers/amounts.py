"""Counts, money and other numbers as offices write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from data_access.ledgers.meaning import Meaning, fold, said

LARGEST_COUNT: Final = 2**31 - 1
LARGEST_MONEY: Final = 10**12  # twelve digits before the point
LARGEST_NUMBER: Final = 10**12
_WHOLE_TO: Final = 1e-6  # what a spreadsheet's arithmetic leaves behind a whole number

_TENS: Final = {"百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_PLAIN: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_AMOUNT: Final = re.compile(
    r"[¥￥]?([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)([百千万亿]?)"
    r"(元|人次|人|名|m2|平方米|平米)?"
)
NOT_A_NUMBER: Final = "不是确切的数字，请只填数字（不要写“约”“左右”等）"
NEGATIVE: Final = "不能是负数，请核对"


def read_counts(texts: Sequence[str], *, name: str, scale: int) -> Meaning:
    """Understand whole numbers from 0 to 2,147,483,647; anything else is an error."""
    numbers, meaning = _read(texts, scale)
    whole = np.round(numbers)
    for at in np.flatnonzero(np.isfinite(numbers)):
        if abs(numbers[at] - whole[at]) > _WHOLE_TO:
            meaning.errors[int(at)] = "应为整数，请核对"
        elif whole[at] < 0:
            meaning.errors[int(at)] = NEGATIVE
        elif whole[at] > LARGEST_COUNT:
            meaning.errors[int(at)] = "数字过大，请核对"
    missing = _missing(numbers, meaning)
    counts = np.where(missing, 0, whole).astype("int64")
    meaning.values[name] = pd.arrays.IntegerArray(counts, missing)
    return meaning


def read_money(texts: Sequence[str], *, name: str, scale: int) -> Meaning:
    """Understand amounts in yuan, not negative, below a million million; rounded to 分."""
    numbers, meaning = _read(texts, scale)
    rounded = np.round(numbers, 2)
    for at in np.flatnonzero(np.isfinite(numbers)):
        if rounded[at] < 0:
            meaning.errors[int(at)] = NEGATIVE
        elif rounded[at] >= LARGEST_MONEY:
            meaning.errors[int(at)] = "金额过大，请核对（注意单位是元还是万元）"
        elif abs(numbers[at] - rounded[at]) > max(_WHOLE_TO, abs(numbers[at]) * 1e-15):
            meaning.warnings[int(at)] = f"金额精确到分，按 {rounded[at]:.2f} 元处理"
    meaning.values[name] = _floats(rounded, _missing(numbers, meaning))
    return meaning


def read_numbers(texts: Sequence[str], *, name: str, scale: int, signed: bool) -> Meaning:
    """Understand decimal numbers; negative ones where they are ``signed``."""
    numbers, meaning = _read(texts, scale)
    for at in np.flatnonzero(numbers < 0) if not signed else ():
        meaning.errors[int(at)] = NEGATIVE
    for at in np.flatnonzero(np.abs(numbers) >= LARGEST_NUMBER):
        meaning.errors[int(at)] = "数字过大，请核对"
    meaning.values[name] = _floats(numbers, _missing(numbers, meaning))
    return meaning


def _read(texts: Sequence[str], scale: int) -> tuple[np.ndarray[Any, Any], Meaning]:
    numbers = np.full(len(texts), np.nan)
    meaning = Meaning({})
    for at, text in said(texts):
        if _PLAIN.fullmatch(text):
            numbers[at] = float(text) * scale
            continue
        found = _AMOUNT.fullmatch(fold(text))
        if found is None:
            meaning.errors[at] = NOT_A_NUMBER
            continue
        # A unit in the cell says more than the one in the header.
        own = _TENS.get(found[2], 1) if found[2] or found[3] else scale
        numbers[at] = float(found[1].replace(",", "")) * own
    too_long = np.flatnonzero(np.isinf(numbers))
    for at in too_long:
        meaning.errors[int(at)] = "数字过大，请核对"
    numbers[too_long] = np.nan
    return numbers, meaning


def _missing(numbers: np.ndarray[Any, Any], meaning: Meaning) -> np.ndarray[Any, Any]:
    missing: np.ndarray[Any, Any] = np.isnan(numbers)
    missing[list(meaning.errors)] = True
    return missing


def _floats(numbers: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Any:
    return pd.arrays.FloatingArray(np.where(missing, 0.0, numbers), missing)
