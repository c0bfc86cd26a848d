"""The bounds are R's, what a rule says without cause is told, and a quiet week is no alarm."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import alarms

REFERENCE = Path(__file__).parent / "reference" / "ears_bounds.csv"
THURSDAY = date(2022, 8, 25)
WEEKS = [THURSDAY - timedelta(weeks=back) for back in reversed(range(alarms.WEEKS))]


def reference() -> list[Any]:
    rows = pd.read_csv(REFERENCE, comment="#")
    return list(rows.groupby(["method", "baseline", "alpha", "min_sigma"]))


@pytest.mark.parametrize(("settings", "rows"), reference(), ids=str)
def test_bounds_and_alarms_are_those_of_r(settings: Any, rows: pd.DataFrame) -> None:
    method, baseline, alpha, min_sigma = settings
    counts, expected, raised = (
        rows.pivot_table(
            index="place", columns="series", values=column, aggfunc="first", dropna=False
        )
        for column in ("observed", "upper_bound", "alarm")
    )

    found = alarms.ears(
        counts.to_numpy(dtype="float64"),
        method,
        baseline=baseline,
        alpha=alpha,
        min_sigma=min_sigma,
    )

    assert found == pytest.approx(expected.to_numpy(dtype="float64"), abs=1e-9, rel=0, nan_ok=True)
    is_told = raised.notna().to_numpy()
    is_alarm = counts.to_numpy(dtype="float64") > found
    assert is_alarm[is_told].tolist() == raised.to_numpy()[is_told].astype(bool).tolist()


def test_reference_holds_zeros_constants_gaps_and_real_alarms() -> None:
    rows = pd.read_csv(REFERENCE, comment="#")

    assert {"zeros", "constant", "with_gap", "from_nothing"} <= set(rows["series"])
    assert rows["upper_bound"].isna().any()
    assert rows["alarm"].eq(True).sum() > 20


def test_what_equals_its_bound_is_no_alarm() -> None:
    wide = weekly([4.0] * 20 + [4.0])
    assert alarms.ears(wide.to_numpy(), "C1", min_sigma=0)[-1] == [4.0]
    assert alarms.of_week(wide).empty


def test_bound_of_the_negative_binomial_rule_is_the_smallest_with_so_small_a_tail() -> None:
    counts = np.array([[3, 5, 2, 8, 4, 6, 1, 9, 5, 3, 4, 7, 2, 40]], dtype="float64").T
    [bound] = alarms.negative_binomial(counts)[-1]

    mean, variance = counts[:13].mean(), counts[:13].var(ddof=1) * 14 / 13
    law = stats.nbinom(mean**2 / (variance - mean), mean / variance)
    assert variance > mean
    assert law.sf(bound) <= alarms.NB_ALPHA < law.sf(bound - 1)
    assert np.isnan(alarms.negative_binomial(counts)[:13]).all()


def test_counts_that_spread_less_than_by_chance_are_held_against_chance() -> None:
    [bound] = alarms.negative_binomial(np.full((14, 1), 6.0))[-1]

    mean = 6.0
    law = stats.nbinom(mean**2 / (mean / 13), 13 / 14)
    assert bound == law.isf(alarms.NB_ALPHA)


@pytest.mark.parametrize(("n", "rules"), [(1, 0), (3, 1), (4, 3)])
def test_first_cases_of_a_quiet_series_are_an_alarm_from_four(n: int, rules: int) -> None:
    [row] = alarms.judged(weekly([0.0] * 20 + [n], beside=1)).to_dict("records")[:1]

    assert row["passed"] == rules
    assert (row["usual"], row["n"]) == (0, n)


def test_alarms_come_with_more_rules_and_more_cases_first() -> None:
    quiet, busy, none = [1, 0] * 10, [9, 11] * 10, [5, 6] * 10
    wide = weekly([*quiet, 12], [*busy, 40], [*none, 6], names=["甲", "乙", "丙"])

    found = alarms.of_week(wide)
    assert found["county_code"].tolist() == ["乙", "甲"]
    assert found["passed"].tolist() == [3, 3]
    assert found["usual"].tolist() == pytest.approx([np.mean(busy[-13:]), np.mean(quiet[-13:])])


def test_weeks_without_a_case_are_zero_and_those_before_the_first_are_unknown() -> None:
    counts = pd.DataFrame(
        {
            "week": pd.to_datetime([WEEKS[10], WEEKS[12], WEEKS[12], WEEKS[-1]]),
            "county_code": ["甲", "甲", "甲", "乙"],
            "n": [1, 2, 3, 4],
        }
    )
    wide = alarms.by_week(counts, ["county_code"], weeks=WEEKS)

    assert wide.iloc[:10].isna().all(axis=None)
    assert wide["甲"].tolist()[10:14] == [1, 0, 5, 0]
    assert wide["乙"].tolist()[10:] == [0] * 54 + [4]


def test_without_enough_weeks_nothing_is_said() -> None:
    few = weekly([0.0, 9, 0, 9, 0, 9, 90])
    assert alarms.of_week(few).empty
    assert np.isnan(alarms.false_alarms_a_year(few.to_numpy()))
    empty = pd.DataFrame({"week": pd.to_datetime([]), "county_code": [], "n": []})
    assert alarms.of_week(alarms.by_week(empty, ["county_code"], weeks=WEEKS)).empty


def test_course_tells_of_each_week_what_its_alarm_would_have_told() -> None:
    rows = np.random.default_rng(4).poisson(3, (alarms.WEEKS, 2)).astype("float64")
    rows[40, 1] = 30
    wide = weekly(*rows.T, names=["甲", "乙"])

    course = alarms.course(wide, 1, weeks=30)
    assert course["week"].tolist() == list(wide.index[-30:])
    raised = course.loc[course["passed"] >= alarms.LEAST_RULES, "week"].tolist()
    for week in wide.index[-30:]:
        told = alarms.of_week(wide[wide.index <= week])
        assert ("乙" in told["county_code"].tolist()) == (week in raised)
    assert wide.index[40] in raised


def test_false_alarms_that_are_told_are_about_those_that_come() -> None:
    random = np.random.default_rng(7)
    levels = np.array([1, 2, 3, 4, 6, 8, 12, 15] * 5)
    counts = random.negative_binomial(10, 10 / (10 + levels), (alarms.WEEKS, 40)).astype("float64")

    came = 0
    for end in range(alarms.NB_WEEKS + 1, alarms.WEEKS + 1):
        came += len(alarms.of_week(weekly(*counts[:end].T, names=[f"{n}" for n in range(40)])))
    assert alarms.false_alarms_a_year(counts) == pytest.approx(came, rel=0.3)
    assert came > 10


def test_thousand_institutions_are_judged_at_once() -> None:
    counts = np.random.default_rng(1).poisson(0.1, (alarms.WEEKS, 1_000)).astype("float64")
    wide = weekly(*counts.T, names=[f"{n}" for n in range(1_000)])

    start = time.process_time()
    alarms.of_week(wide)
    alarms.false_alarms_a_year(counts)
    assert time.process_time() - start < 2


def weekly(*series: Any, names: list[str] | None = None, beside: int = 0) -> pd.DataFrame:
    """Series as ``by_week`` gives them; ``beside``: so many of always five cases beside them."""
    series = (*series, *([5.0] * len(series[0]) for _ in range(beside)))
    weeks = [THURSDAY - timedelta(weeks=back) for back in reversed(range(len(series[0])))]
    columns = pd.Index(names or [f"{n}" for n in range(len(series))], name="county_code")
    index = pd.Index(pd.to_datetime(pd.Series(weeks)).astype("datetime64[s]"), name="week")
    return pd.DataFrame(np.column_stack(series).astype("float64"), index=index, columns=columns)
