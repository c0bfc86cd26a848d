"""Numbers and days as officials write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime

import pandas as pd
import pytest

from analysis import wording

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (7, "7"), (1284, "1,284"), (1_234_567.0, "1,234,567"), (None, "—"), (NAN, "—")],
)
def test_counts_have_their_thousands_apart(value: float | None, written: str) -> None:
    assert wording.count(value) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (0, "0.0%"),
        (0.708, "70.8%"),
        (46 / 65, "70.8%"),
        (1, "100.0%"),
        (0.0004, "0.0%"),
        (0.0006, "0.1%"),
        (None, "—"),
        (NAN, "—"),
    ],
)
def test_shares_are_written_in_percent(share: float | None, written: str) -> None:
    assert wording.percent(share) == written


@pytest.mark.parametrize(
    ("numerator", "denominator", "written"),
    [
        (46, 65, "70.8%（46/65）"),
        (0, 65, "0.0%（0/65）"),
        (1000, 1284, "77.9%（1,000/1,284）"),
        (0, 0, "—"),
        (NAN, NAN, "—"),
        (NAN, 65, "—"),
        (46, NAN, "—"),
    ],
)
def test_share_stands_beside_its_fraction(
    numerator: float, denominator: float, written: str
) -> None:
    assert wording.share(numerator, denominator) == written


@pytest.mark.parametrize(
    ("numerator", "denominator", "written"),
    [(46, 65, "46/65"), (0, 0, "0/0"), (NAN, 65, "—/65")],
)
def test_fraction_is_written_as_it_was_counted(
    numerator: float, denominator: float, written: str
) -> None:
    assert wording.fraction(numerator, denominator) == written


def test_ratio_to_nothing_is_unknown() -> None:
    assert wording.ratio(1, 4) == 0.25
    assert wording.ratio(0, 4) == 0
    assert math.isnan(wording.ratio(0, 0))
    assert math.isnan(wording.ratio(3, 0))


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "0 元"),
        (860, "860 元"),
        (9_999, "9,999 元"),
        (9_999.4, "9,999 元"),
        (9_999.5, "1.0 万元"),  # and not 10,000 元
        (10_000, "1.0 万元"),
        (126_000, "12.6 万元"),
        (12_345_678, "1,234.6 万元"),
        (None, "—"),
        (NAN, "—"),
    ],
)
def test_money_is_in_yuan_below_ten_thousand_and_in_wan_from_there(
    amount: float | None, written: str
) -> None:
    assert wording.yuan(amount) == written


@pytest.mark.parametrize(
    ("difference", "written"),
    [
        (3, "+3 件"),
        (-3, "−3 件"),
        (1284, "+1,284 件"),
        (0, "持平"),
        (0.4, "持平"),
        (-0.4, "持平"),
        (None, "—"),
        (NAN, "—"),
    ],
)
def test_change_in_a_count_has_its_sign_and_unit(difference: float | None, written: str) -> None:
    assert wording.change(difference, "件") == written


@pytest.mark.parametrize(
    ("difference", "written"),
    [
        (0.021, "+2.1 个百分点"),
        (-0.021, "−2.1 个百分点"),
        (0, "持平"),
        (0.0004, "持平"),
        (-0.0004, "持平"),
        (0.0006, "+0.1 个百分点"),
        (-0.0006, "−0.1 个百分点"),
        (1, "+100.0 个百分点"),
        (None, "—"),
        (NAN, "—"),
    ],
)
def test_change_in_a_share_is_in_percentage_points(difference: float | None, written: str) -> None:
    assert wording.points(difference) == written


@pytest.mark.parametrize(
    ("write", "written"),
    [
        (wording.day, "8 月 25 日"),
        (wording.day_of_week, "8 月 25 日（周四）"),
        (wording.full_day, "2022 年 8 月 25 日"),
    ],
)
@pytest.mark.parametrize(
    "value",
    [date(2022, 8, 25), datetime(2022, 8, 25, 23, 59), pd.Timestamp("2022-08-25")],  # noqa: DTZ001
)
def test_days_are_written_as_they_are_said(
    write: Callable[..., str], written: str, value: date
) -> None:
    assert write(value) == written


@pytest.mark.parametrize("write", [wording.day, wording.day_of_week, wording.full_day])
@pytest.mark.parametrize("value", [None, pd.NaT, NAN])
def test_unknown_day_is_a_dash(write: Callable[..., str], value: date | None) -> None:
    assert write(value) == "—"


@pytest.mark.parametrize(
    ("value", "weekday"),
    [(date(2022, 8, 22 + n), f"周{word}") for n, word in enumerate("一二三四五六日")],
)
def test_every_weekday_has_its_word(value: date, weekday: str) -> None:
    assert wording.day_of_week(value).endswith(f"（{weekday}）")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2022, 12, 31), "12 月 31 日"),
        (date(2023, 1, 1), "2023 年 1 月 1 日"),
        (date(2021, 12, 31), "2021 年 12 月 31 日"),
        (pd.NaT, "—"),
    ],
)
def test_day_of_another_year_says_so(value: date, written: str) -> None:
    assert wording.day(value, beside=date(2022, 9, 30)) == written
    assert wording.day_of_week(value, beside=date(2022, 9, 30)).startswith(written)


@pytest.mark.parametrize(
    ("names", "written"),
    [
        ([], ""),
        (["甲"], "甲"),
        (["甲", "乙", "丙", "丁"], "甲、乙、丙、丁"),
        (["甲", "乙", "丙", "丁", "戊"], "甲、乙、丙、丁等 5 个"),
    ],
)
def test_names_are_listed_up_to_four(names: list[str], written: str) -> None:
    assert wording.listed(names) == written


def test_fewer_names_are_listed_where_asked() -> None:
    assert wording.listed(["甲", "乙", "丙"], at_most=2) == "甲、乙等 3 个"


@pytest.mark.parametrize("value", [None, NAN, pd.NaT, pd.NA])
def test_unknown_is_missing(value: object) -> None:
    assert wording.is_missing(value)


@pytest.mark.parametrize("value", [0, "", False, "—", date(2022, 8, 25)])
def test_nought_and_empty_are_not_missing(value: object) -> None:
    assert not wording.is_missing(value)
