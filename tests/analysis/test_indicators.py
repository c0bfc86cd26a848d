"""Figures as value, change and course."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from analysis.indicators import Indicator, count_indicator, share_indicator


def numbers(*values: float) -> pd.Series:
    return pd.Series(values, dtype="float64")


def test_share_is_that_of_the_last_week_with_its_fraction() -> None:
    figure = share_indicator(numbers(1, 2, 3), numbers(10, 10, 12))

    assert (figure.value, figure.numerator, figure.denominator) == (0.25, 3, 12)
    assert figure.change == pytest.approx(0.05)
    assert figure.course == (0.1, 0.2, 0.25)
    assert figure.worse is False


@pytest.mark.parametrize(
    ("registered", "worse"),
    [
        (500, False),
        (501, False),
        (499.6, False),  # 0.04 of a percentage point is written as 持平
        (499, True),
    ],
)
def test_share_is_worse_when_it_is_seen_to_fall(registered: float, worse: bool) -> None:
    figure = share_indicator(numbers(500, registered), numbers(1000, 1000))

    assert figure.worse is worse


def test_share_of_nothing_is_unknown_and_not_worse() -> None:
    figure = share_indicator(numbers(1, 0), numbers(2, 0))

    assert math.isnan(figure.value)
    assert math.isnan(figure.change)
    assert figure.worse is False


def test_share_after_a_week_of_nothing_has_no_change() -> None:
    figure = share_indicator(numbers(0, 1), numbers(0, 2))

    assert figure.value == 0.5
    assert math.isnan(figure.change)


def test_single_week_has_no_change() -> None:
    assert math.isnan(share_indicator(numbers(1), numbers(2)).change)
    assert math.isnan(count_indicator(numbers(1), more_is_worse=True).change)


@pytest.mark.parametrize(
    ("now", "more_is_worse", "worse"),
    [
        (6, True, True),
        (4, True, False),
        (5, True, None),
        (6, False, False),
        (4, False, True),
        (5, False, None),
        (6, None, None),
        (4, None, None),
    ],
)
def test_count_is_worse_by_what_is_said_of_it(
    now: float, more_is_worse: bool | None, worse: bool | None
) -> None:
    figure = count_indicator(numbers(5, now), more_is_worse=more_is_worse)

    assert figure.change == now - 5
    assert figure.worse is worse


@pytest.mark.parametrize("more_is_worse", [True, False, None])
def test_count_whose_change_is_unknown_is_neither_better_nor_worse(
    more_is_worse: bool | None,
) -> None:
    assert count_indicator(numbers(5), more_is_worse=more_is_worse).worse is None


def test_week_under_way_is_held_against_the_same_days_of_the_week_before() -> None:
    figure = count_indicator(numbers(20, 5), more_is_worse=True, before=3)

    assert (figure.value, figure.change, figure.worse) == (5, 2, True)
    assert figure.course == (20, 5)


def test_week_before_without_a_case_is_nought_and_not_unknown() -> None:
    assert count_indicator(numbers(20, 5), more_is_worse=None, before=0).change == 5


@pytest.mark.parametrize(("denominator", "small"), [(0, True), (9, True), (10, False)])
def test_share_of_fewer_than_ten_is_small(denominator: float, small: bool) -> None:
    assert share_indicator(numbers(0), numbers(denominator)).is_small is small


def test_count_has_no_denominator_and_is_never_small() -> None:
    figure = Indicator(value=1, change=0, course=(1,), worse=None)

    assert math.isnan(figure.denominator)
    assert not figure.is_small
