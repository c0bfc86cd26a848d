from __future__ import annotations

import pandas as pd
import pytest

from data_access.ledgers.amounts import (
    NEGATIVE,
    NOT_A_NUMBER,
    TOO_LARGE,
    read_counts,
    read_money,
    read_numbers,
)


def count_of(text: str, scale: int = 1):
    meaning = read_counts([text], name="n", scale=scale)
    value = meaning.values["n"][0]
    return None if value is pd.NA else value, meaning.errors.get(0)


def money_of(text: str, scale: int = 1):
    meaning = read_money([text], name="n", scale=scale)
    value = meaning.values["n"][0]
    return None if value is pd.NA else value, meaning.errors.get(0) or meaning.warnings.get(0)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("30", 30),
        ("30.0", 30),
        ("３０", 30),
        ("1,200", 1200),
        ("1，200", 1200),
        ("1,234,567", 1_234_567),
        ("1.2万", 12_000),
        ("１．２万", 12_000),
        ("30人", 30),
        (" 3 0 ", 30),
        ("2147483647", 2_147_483_647),
    ],
)
def test_count_is_understood(text: str, count: int) -> None:
    assert count_of(text) == (count, None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("约30", NOT_A_NUMBER),
        ("30左右", NOT_A_NUMBER),
        ("三十", NOT_A_NUMBER),
        ("30-40", NOT_A_NUMBER),
        ("1,20", NOT_A_NUMBER),
        ("1e5", NOT_A_NUMBER),
        ("nan", NOT_A_NUMBER),
        ("inf", NOT_A_NUMBER),
        ("1_000", NOT_A_NUMBER),
        ("٣", NOT_A_NUMBER),
        ("45分钟", "请只填数字 45，不要写“分钟”"),
        ("60 节", "请只填数字 60，不要写“节”"),
        ("3个月左右", NOT_A_NUMBER),
        ("1万节", NOT_A_NUMBER),
        ("3.5", "应为整数，请核对"),
        ("0.00001万", "应为整数，请核对"),
        ("-1", NEGATIVE),
        ("2147483648", TOO_LARGE),
        ("9" * 400, TOO_LARGE),
    ],
)
def test_count_that_is_none_is_refused(text: str, problem: str) -> None:
    assert count_of(text) == (None, problem)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("0", 0),
        ("1200", 1200),
        ("1,200.50", 1200.5),
        ("¥1,200", 1200),
        ("￥1200元", 1200),
        ("1.2万", 12_000),
        ("1.2万元", 12_000),
        ("0.30000000000000004", 0.3),
        ("999999999999.99", 999_999_999_999.99),
    ],
)
def test_money_is_yuan(text: str, yuan: float) -> None:
    assert money_of(text) == (yuan, None)


@pytest.mark.parametrize(
    ("text", "yuan"), [("1.2", 12_000), ("0.123456", 1234.56), ("1.2万", 12_000), ("5000元", 5000)]
)
def test_unit_of_the_header_scales_what_has_no_unit_of_its_own(text: str, yuan: float) -> None:
    assert money_of(text, scale=10_000) == (yuan, None)


def test_money_below_a_fen_is_rounded_and_told() -> None:
    assert money_of("12.345") == (12.34, "金额精确到分，多出的小数已舍入")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("约1200", NOT_A_NUMBER),
        ("-0.01", NEGATIVE),
        ("1000000000000", "金额过大，请核对（注意单位是元还是万元）"),
    ],
)
def test_money_that_is_none_is_refused(text: str, problem: str) -> None:
    assert money_of(text) == (None, problem)


def test_only_coordinates_may_be_negative() -> None:
    texts = ["-109.4"]

    assert read_numbers(texts, name="n", scale=1, signed=True).values["n"].tolist() == [-109.4]
    assert read_numbers(texts, name="n", scale=1, signed=False).errors == {0: NEGATIVE}


def test_empty_and_cleared_cells_are_missing_without_a_problem() -> None:
    for meaning in (
        read_counts(["", "清空", "3"], name="n", scale=1),
        read_money(["", "清空", "3"], name="n", scale=1),
    ):
        assert meaning.values["n"].isna().tolist() == [True, True, False]
        assert meaning.errors == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("80元/课时", "请只填数字 80，不要写“元/课时”"),
        ("￥1,280.5元/期", "请只填数字 1,280.5，不要写“元/期”"),
        ("80元起", NOT_A_NUMBER),
        ("约80元/课时", NOT_A_NUMBER),
        ("80-100元/课时", NOT_A_NUMBER),
    ],
)
def test_amount_with_a_unit_that_does_not_belong_is_told_to_drop_it(
    text: str, problem: str
) -> None:
    assert money_of(text) == (None, problem)
