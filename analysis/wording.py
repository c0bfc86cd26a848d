"""Numbers and days as officials write them. ``—`` stands for what is not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

import pandas as pd

MISSING: Final = "—"
MINUS: Final = "−"
YUAN_PER_WAN: Final = 10_000
_WEEKDAYS: Final = "一二三四五六日"


def is_missing(value: object) -> bool:
    """Whether a value is unknown: None, NaN, NaT or NA."""
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def count(value: float | None) -> str:
    """Write 1284 as ``1,284``."""
    return MISSING if value is None or math.isnan(value) else f"{value:,.0f}"


def percent(share: float | None) -> str:
    """Write a share of 0 to 1 as ``70.8%``."""
    return MISSING if share is None or math.isnan(share) else f"{share:.1%}"


def ratio(numerator: float, denominator: float) -> float:
    """Divide; NaN where there is nothing to divide by."""
    return numerator / denominator if denominator else math.nan


def fraction(numerator: float, denominator: float) -> str:
    """Write 46 of 65 as ``46/65``."""
    return f"{count(numerator)}/{count(denominator)}"


def share(numerator: float, denominator: float) -> str:
    """Write 46 of 65 as ``70.8%（46/65）``; ``—`` when there are none or it is not known."""
    if not denominator or math.isnan(numerator) or math.isnan(denominator):
        return MISSING
    return f"{percent(numerator / denominator)}（{fraction(numerator, denominator)}）"


def yuan(amount: float | None) -> str:
    """Write 126000 as ``12.6 万元`` and 860 as ``860 元``."""
    if amount is None or math.isnan(amount):
        return MISSING
    if abs(round(amount)) < YUAN_PER_WAN:
        return f"{amount:,.0f} 元"
    return f"{amount / YUAN_PER_WAN:,.1f} 万元"


def change(difference: float | None, unit: str) -> str:
    """Write a change in a count as ``+3 件``, ``−3 件`` or ``持平``."""
    if difference is None or math.isnan(difference):
        return MISSING
    if round(difference) == 0:
        return "持平"
    sign = "+" if difference > 0 else MINUS
    return f"{sign}{abs(difference):,.0f} {unit}"


def points(difference: float | None) -> str:
    """Write a change in a share as ``+2.1 个百分点``, ``−2.1 个百分点`` or ``持平``."""
    if difference is None or math.isnan(difference):
        return MISSING
    in_points = round(difference * 100, 1)
    if in_points == 0:
        return "持平"
    sign = "+" if in_points > 0 else MINUS
    return f"{sign}{abs(in_points):.1f} 个百分点"


def day(value: date | None, *, beside: date | None = None) -> str:
    """Write a day as ``8 月 25 日``; with its year if that is not the year of ``beside``."""
    if value is None or is_missing(value):
        return MISSING
    if beside is not None and value.year != beside.year:
        return full_day(value)
    return f"{value.month} 月 {value.day} 日"


def day_of_week(value: date | None, *, beside: date | None = None) -> str:
    """Write a day as ``8 月 25 日（周四）``; with its year as :func:`day` does."""
    if value is None or is_missing(value):
        return MISSING
    return f"{day(value, beside=beside)}（周{_WEEKDAYS[value.weekday()]}）"


def full_day(value: date | None) -> str:
    """Write a day as ``2022 年 8 月 25 日``."""
    if value is None or is_missing(value):
        return MISSING
    return f"{value.year} 年 {day(value)}"


def listed(names: Sequence[str], *, at_most: int = 4, unit: str = "个") -> str:
    """Write names as ``融安县、三江县``; more than ``at_most`` as ``甲、乙、丙、丁等 6 个``."""
    if len(names) <= at_most:
        return "、".join(names)
    return f"{'、'.join(names[:at_most])}等 {len(names)} {unit}"
