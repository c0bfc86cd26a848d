"""How long disputes last, held against the product counted by hand and against published values."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from analysis.durations import answer, details, median, share_after, still_open, turned_round

DAY = date(2022, 8, 25)
# Freireich's remissions under 6-MP, in weeks: events and times last seen, with the curve and the
# standard errors of Greenwood as Kalbfleisch and Prentice, and most books since, print them.
EVENTS = (6, 6, 6, 7, 10, 13, 16, 22, 23)
SEEN = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
PRINTED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def disputes(resolved: tuple[int, ...], still: tuple[int, ...] = ()) -> pd.DataFrame:
    """Disputes resolved after so many days, and others open for so many by the day."""
    opened = [DAY - timedelta(days=days) for days in (*resolved, *still)]
    ended = [DAY] * len(resolved) + [None] * len(still)
    return pd.DataFrame({"opened_on": opened, "resolved_on": ended}).astype("datetime64[s]")


def test_curve_is_the_published_one() -> None:
    curve = still_open(disputes(EVENTS, SEEN), as_of=DAY).set_index("days")

    for days, share in PRINTED.items():
        assert curve["share"][days] == pytest.approx(share, abs=0.0006)
    assert curve.index.tolist() == [0, *PRINTED, 35]
    assert median(curve.reset_index()).days == 23


def test_curve_and_band_are_those_counted_by_hand() -> None:
    random = np.random.default_rng(3)
    resolved = tuple(random.integers(0, 40, 60).tolist())
    still = tuple(random.integers(0, 60, 40).tolist())
    curve = still_open(disputes(resolved, still), as_of=DAY)

    share, terms = Fraction(1), Fraction(0)
    by_days = curve.set_index("days")
    for days in sorted(set(resolved)):
        at_risk = sum(each >= days for each in (*resolved, *still))
        ended = resolved.count(days)
        share *= Fraction(at_risk - ended, at_risk)
        row = by_days.loc[days]
        assert (row["at_risk"], row["resolved"]) == (at_risk, ended)
        assert row["share"] == pytest.approx(float(share), abs=1e-12)
        if at_risk > ended:
            terms += Fraction(ended, at_risk * (at_risk - ended))
            centre = math.log(-math.log(share))
            half = 1.959963985 * math.sqrt(terms) / abs(math.log(share))
            assert row["low"] == pytest.approx(math.exp(-math.exp(centre + half)), abs=1e-8)
            assert row["high"] == pytest.approx(math.exp(-math.exp(centre - half)), abs=1e-8)


def test_of_a_tie_the_resolved_one_comes_before_the_one_last_seen_open() -> None:
    curve = still_open(disputes((5,), (5,)), as_of=DAY)

    assert curve["share"].tolist() == [1.0, 0.5]
    assert curve["at_risk"].tolist() == [2, 2]


def test_those_still_open_lengthen_what_those_resolved_alone_would_say() -> None:
    alone = still_open(disputes((1, 2, 3, 4)), as_of=DAY)
    with_open = still_open(disputes((1, 2, 3, 4), (10, 10, 10)), as_of=DAY)

    assert median(alone).days == 2
    assert median(with_open).days == 4
    assert answer(with_open) == "一半在 4 天内化解"


def test_half_that_is_not_reached_is_said_in_words() -> None:
    curve = still_open(disputes((5,), (9, 12, 40)), as_of=DAY)

    assert math.isnan(median(curve).days)
    assert answer(curve) == "化解的还不到一半（最长已等 40 天）"
    assert details(curve) == "中位用时尚未达到；30 天后约 75.0% 未化解"


def test_interval_of_the_half_is_that_of_r_and_may_have_no_end() -> None:
    # survfit(..., conf.type = "log-log") of R's survival says 3 to NA, and 40 to 60.
    few = still_open(disputes((3, 5, 8, 20), (2, 9, 9)), as_of=DAY)
    many = still_open(disputes(tuple(range(1, 101))), as_of=DAY)

    assert math.isnan(median(few).high)
    assert details(few).startswith("95% 区间 3–未达到")
    assert details(many).startswith("95% 区间 40–60 天；30 天后约 70.0% 未化解")


def test_nothing_resolved_at_all_is_no_error() -> None:
    curve = still_open(disputes((), (3, 9)), as_of=DAY)

    assert curve[["days", "share", "low", "high"]].to_numpy().tolist() == [
        [0, 1, 1, 1],
        [9, 1, 1, 1],
    ]


def test_resolved_on_the_day_it_was_opened_took_no_day() -> None:
    curve = still_open(disputes((0, 0), (4, 4)), as_of=DAY)

    assert curve["days"].tolist() == [0, 4]
    assert curve["share"].tolist() == [0.5, 0.5]


def test_resolved_before_it_was_opened_lasted_nobody_knows_how_long() -> None:
    odd = disputes((-1, -400))

    assert turned_round(pd.concat([odd, disputes((0, 3), (4,))])).tolist() == [
        *(True, True),
        *(False, False, False),
    ]
    both = still_open(pd.concat([odd, disputes((3,), (4,))]), as_of=DAY)
    assert both.equals(still_open(disputes((3,), (4,)), as_of=DAY))
    assert answer(still_open(odd, as_of=DAY), left_out=2) == "这段时间登记的退费纠纷都算不出用时"


def test_share_after_more_days_than_any_was_seen_is_not_known() -> None:
    curve = still_open(disputes((5,), (29,)), as_of=DAY)

    assert share_after(curve, 4) == 1.0
    assert share_after(curve, 5) == share_after(curve, 29) == 0.5
    assert math.isnan(share_after(curve, 30))
    assert "30 天后" not in details(curve)


def test_without_disputes_there_is_no_curve() -> None:
    curve = still_open(disputes(()), as_of=DAY)

    assert curve.empty
    assert curve["share"].dtype == "float64"
    assert (answer(curve), details(curve)) == ("这段时间没有登记退费纠纷", "")
