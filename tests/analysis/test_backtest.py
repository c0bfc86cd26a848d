"""Would the points have led to where something was found: judged by what each day knew alone."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import backtest, backtest_windows, backtest_words, risk
from analysis.backtest import RANDOM, Estimate, Result
from analysis.backtest_windows import REPORTS, SCORE
from analysis.risk import Evidence
from tests.analysis.conftest import ReadEvidence
from tests.analysis.evidence import (
    COUNTY,
    THURSDAY,
    ago,
    check,
    evidence,
    report,
    school,
    true_report,
)

AS_OF = THURSDAY.date()
WEIGHTS = risk.weights()
WEEK = timedelta(days=7)


def window(
    origin: date = AS_OF, *, hits: str, scores: list[float] | None = None, **columns: Any
) -> pd.DataFrame:
    """A window: ``hits`` has a ``x`` for each unit at which something was found, else ``.``."""
    number = len(hits)
    is_hit = np.array([each == "x" for each in hits])
    return pd.DataFrame(
        {
            "origin": pd.Series([origin] * number, dtype="datetime64[s]"),
            "key": [f"i:{each}" for each in range(number)],
            "score": scores or list(range(number, 0, -1)),
            "reports": list(range(number)),
            "points:substantiated_report": scores or list(range(number, 0, -1)),
            "is_hit": is_hit,
            "found_after": np.where(is_hit, 7.0, np.nan),
            "officers": pd.Series(["检查员甲"] * number, dtype="str"),
            **columns,
        }
    ).astype({"score": "float64", "reports": "float64"})


def judged(*windows: pd.DataFrame, capacity: int = 2, horizon: int = 14) -> Result:
    result = backtest.judge(windows, capacity=capacity, horizon=horizon)
    assert result
    return result


def test_hits_are_counted_among_the_first_places_and_held_against_what_a_lot_expects() -> None:
    result = judged(window(hits="xx.x...."), window(hits="x......."))

    score, reports, lot = (result.ways[way] for way in (SCORE, REPORTS, RANDOM))
    assert (score.hits, score.visits, score.precision.value) == (3, 4, 0.75)
    assert reports.hits == 0
    assert lot.hits == pytest.approx(2 * 3 / 8 + 2 * 1 / 8)
    assert score.lift.value == pytest.approx(3.0)
    assert (result.looked_at, result.found) == (16, 4)


def test_capacity_above_the_number_of_places_visits_all_of_them() -> None:
    result = judged(window(hits="x..."), capacity=9)

    assert result.ways[SCORE].visits == 4
    assert result.ways[SCORE].lift.value == 1.0


def test_days_are_won_where_a_place_comes_first_and_lost_where_it_comes_late() -> None:
    # Two a week: the first two have their turn on days 1 and 4, the others on 8, 11, 15.
    first = judged(window(hits="x....", found_after=[9.0, *[np.nan] * 4]))
    late = judged(window(hits="...x.", found_after=[np.nan, np.nan, np.nan, 5.0, np.nan]))
    never = judged(window(hits="....x", found_after=[*[np.nan] * 4, 5.0]))

    assert first.ways[SCORE].earlier.value == 9 - 1
    assert late.ways[SCORE].earlier.value == 5 - 11
    assert never.ways[SCORE].earlier.value == 0


def test_strict_officers_alone_are_no_lift_among_their_own() -> None:
    # Who is inspected by 甲 is found guilty whoever they are, and 甲 goes where points are high.
    officers = pd.Series(["检查员甲"] * 4 + ["检查员乙"] * 4, dtype="str")
    result = judged(window(hits="xxxx....", officers=officers), capacity=4)

    assert result.ways[SCORE].lift.value == 2.0
    assert result.ways[SCORE].within.value == 1.0


def test_lift_within_officers_is_that_of_the_first_places_of_each() -> None:
    officers = pd.Series(["检查员甲", "检查员乙"] * 4, dtype="str")
    result = judged(window(hits="xx.x....", officers=officers), capacity=4)

    # 甲: x...: one of the first two, half is expected; 乙: xx..: two, one is expected.
    assert result.ways[SCORE].within.value == pytest.approx(3 / 1.5)


def test_without_officers_nothing_is_said_of_them() -> None:
    nobody = pd.Series([None] * 4, dtype="str")
    result = judged(window(hits="x...", officers=nobody))

    assert math.isnan(result.ways[SCORE].within.value)
    assert backtest_words.within(result).startswith("没有记下检查人员")


def test_equals_are_put_in_order_by_lot() -> None:
    equal = [1.0] * 400
    result = judged(window(hits="x" * 100 + "." * 300, scores=equal), capacity=100)

    assert 10 < result.ways[SCORE].hits < 45


def test_windows_without_a_find_say_nothing() -> None:
    assert backtest.judge([window(hits="....")], capacity=2, horizon=14) is None
    assert backtest.judge([], capacity=2, horizon=14) is None
    assert backtest.judge([window(hits="x..")], capacity=0, horizon=14) is None
    assert judged(window(hits="x..."), window(hits="....")).looked_at == 4


def test_few_windows_have_no_interval() -> None:
    few = judged(*[window(AS_OF + week * WEEK, hits="xx..") for week in range(3)])
    enough = judged(*[window(AS_OF + week * WEEK, hits="xx..") for week in range(4)])

    assert math.isnan(few.ways[SCORE].lift.low)
    assert enough.ways[SCORE].lift.low == enough.ways[SCORE].lift.value


def test_fitted_model_learns_from_windows_that_were_over_alone() -> None:
    # The points put last what is guilty; a model sees that from the fifth window on.
    windows = [window(AS_OF + week * WEEK, hits="." * 12 + "x" * 4) for week in range(10)]
    result = judged(*windows, capacity=4)

    assert result.fitted
    assert result.fitted.origins == 10 - (4 + 1)
    assert (result.fitted.precision, result.fitted.points) == (1.0, 0.0)
    assert result.fitted.is_better
    assert "可据此调整分值" in backtest_words.fitted(result)


def test_capacity_is_the_median_of_distinct_units_a_reporting_week() -> None:
    friday = ago(6)
    first = [check(institution_id=each, inspected_on=friday) for each in (1, 1, 2)]
    first += [check(place_key=f"{COUNTY}:甲"), check()]
    before = [check(institution_id=1, inspected_on=ago(7))]
    earlier = [check(institution_id=each, inspected_on=ago(14)) for each in range(5)]

    assert backtest_windows.weekly_capacity(evidence(inspections=first)) == 3
    assert backtest_windows.weekly_capacity(evidence(inspections=first + before + earlier)) == 3
    assert backtest_windows.weekly_capacity(evidence()) == 0


@pytest.mark.parametrize(
    ("first", "as_of", "wanted"),
    [
        (ago(57), AS_OF, [date(2022, 8, 11)]),
        (ago(56), AS_OF, [date(2022, 8, 11)]),
        (ago(55), AS_OF, []),
        (ago(63), AS_OF, [date(2022, 8, 4), date(2022, 8, 11)]),
        (ago(63), AS_OF - timedelta(days=1), [date(2022, 8, 4)]),
    ],
)
def test_origins_are_thursdays_with_six_weeks_before_and_a_horizon_after(
    first: pd.Timestamp, as_of: date, wanted: list[date]
) -> None:
    found = evidence(inspections=[check(inspected_on=first)])

    assert backtest_windows.origins(found.inspections, as_of, 14) == wanted


def test_no_more_than_half_a_year_is_looked_back_on() -> None:
    found = evidence(inspections=[check(inspected_on=ago(2_000))])
    days = backtest_windows.origins(found.inspections, AS_OF, 14)

    assert len(days) == backtest_windows.MOST_ORIGINS
    assert days[-1] == date(2022, 8, 11)
    assert backtest_windows.origins(evidence().inspections, AS_OF, 14) == []


def test_only_what_came_to_light_within_the_horizon_counts() -> None:
    origin = ago(20)

    def on(day: int) -> pd.Timestamp:
        return origin + pd.Timedelta(days=day)

    bad = {"outcome": "violation"}
    found = evidence(
        institutions=[school(number) for number in range(1, 10)],
        inspections=[
            check(institution_id=1, inspected_on=on(0), **bad),
            check(institution_id=2, inspected_on=on(1), **bad),
            check(institution_id=3, inspected_on=on(14), **bad),
            check(institution_id=3, inspected_on=on(3), officers="检查员丁"),
            check(institution_id=4, inspected_on=on(15), **bad),
            check(institution_id=5, inspected_on=on(5), outcome="closed_door"),
            check(institution_id=6, inspected_on=on(5)),
        ],
        reports=[
            true_report(institution_id=7, received_on=on(-3), verified_on=on(4)),
            report(institution_id=8, received_on=on(2), verified_on=on(9), state="unsubstantiated"),
            true_report(institution_id=9, received_on=on(-9), verified_on=on(-1)),
        ],
    )

    rows = backtest_windows.look_back(found, origin.date(), 14, WEIGHTS).set_index("key")

    assert rows["is_hit"].to_dict() == {
        "i:2": True,
        "i:3": True,
        "i:6": False,
        "i:7": True,
        "i:8": False,
    }
    assert rows["found_after"].dropna().to_dict() == {"i:2": 1.0, "i:3": 14.0, "i:7": 4.0}
    assert rows.loc["i:3", "officers"] == "检查员丁"
    assert pd.isna(rows.loc["i:7", "officers"])
    assert rows["reports"].to_dict() == {"i:2": 0, "i:3": 0, "i:6": 0, "i:7": 1, "i:8": 0}
    assert rows.loc["i:7", "score"] > rows.loc["i:8", "score"]


def test_nothing_after_the_origin_is_seen(evidence_of: ReadEvidence) -> None:
    origin = date(2022, 7, 7)
    known = evidence_of(AS_OF, days=[origin])
    other = another_future(known, pd.Timestamp(origin))

    before = backtest_windows.look_back(known, origin, 14, WEIGHTS).set_index("key")
    after = backtest_windows.look_back(other, origin, 14, WEIGHTS).set_index("key")

    both = before.index.intersection(after.index)
    seen = [name for name in before if name.startswith("points:")] + [SCORE, REPORTS]
    assert len(both) > 200
    assert before.loc[both, "is_hit"].mean() < 0.5 < after.loc[both, "is_hit"].mean()
    pd.testing.assert_frame_equal(before.loc[both, seen], after.loc[both, seen])


def another_future(known: Evidence, origin: pd.Timestamp) -> Evidence:
    """The same until the day; from then on everything turns out otherwise."""

    def later(frame: pd.DataFrame, column: str) -> pd.Series:
        return frame[column] > origin

    def turned(named: pd.DataFrame) -> pd.DataFrame:
        is_new, is_verified = later(named, "received_on"), later(named, "verified_on")
        other = {"substantiated": "unsubstantiated", "unsubstantiated": "substantiated"}
        return named.assign(
            state=named["state"].map(other).where(is_verified).fillna(named["state"]),
            institution_id=named["institution_id"].where(~is_new, 1),
        )

    reports = known.reports
    is_new = later(reports, "known_on")
    is_true = reports["found_on"].notna()
    reports = reports.assign(
        found_on=reports["found_on"].where(~is_new, reports["verified_on"].mask(is_true)),
        **{
            name: reports[name].where(~is_new, 9 * reports[name])
            for name in ("reports", "proven", "proven_worth", "open", "open_worth")
        },
    )
    checks, items = known.inspections, known.items
    disputes, own = known.disputes, known.institutions
    is_new = later(checks, "inspected_on")
    outcome = checks["outcome"].map({"clear": "violation", "violation": "clear"})
    checks = checks.assign(outcome=outcome.where(is_new).fillna(checks["outcome"]))
    items = items[~later(items, "opened_on")]
    items = items.assign(closed_on=items["closed_on"].mask(later(items, "closed_on")))
    disputes = disputes[~later(disputes, "opened_on")]
    own = own[~later(own, "found_on")]
    own = own.assign(
        **{
            name: own[name].mask(later(own, name))
            for name in ("deregistered_on", "qualified_on", "platform_registered_on")
        }
    )
    return known._replace(
        reports=reports,
        returned=known.returned[~later(known.returned, "known_on")],
        named=turned(known.named),
        inspections=checks,
        items=items,
        disputes=disputes,
        institutions=own,
    )


def planted(*, signal: bool) -> Evidence:
    """A city in which what is reported as true is what checks find; or one by chance alone."""
    rng = np.random.default_rng(7)
    number, days = 200, 150
    is_bad = rng.random(number) < 0.3
    checks, reports = [], []
    for day in range(days):
        for each in rng.choice(number, 6, replace=False):
            odds = (0.7 if is_bad[each] else 0.1) if signal else 0.3
            checks.append(
                check(
                    institution_id=int(each),
                    inspected_on=ago(day),
                    outcome="violation" if rng.random() < odds else "clear",
                    officers=f"检查员{rng.integers(3)}",
                )
            )
        whose = np.flatnonzero(is_bad) if signal else np.arange(number)
        each = int(rng.choice(whose))
        # Verified at once: an open report would be a look of its own.
        reports.append(true_report(institution_id=each, received_on=ago(day), verified_on=ago(day)))
    schools = [school(each) for each in range(number)]
    return evidence(institutions=schools, inspections=checks, reports=reports)


def test_planted_signal_is_found_and_chance_is_not() -> None:
    found = backtest.run(planted(signal=True), AS_OF, horizon=14)
    chance = backtest.run(planted(signal=False), AS_OF, horizon=14)

    assert found
    assert found.ways[SCORE].lift.low > 1.2
    assert found.ways[SCORE].within.low > 1
    assert found.ways[RANDOM].lift.low < 1 < found.ways[RANDOM].lift.high
    assert found.ways[SCORE].earlier.low > 0
    assert "抽签去平均只有" in backtest_words.headline(found)
    assert chance
    assert chance.ways[SCORE].lift.low < 1 < chance.ways[SCORE].lift.high
    assert chance.ways[SCORE].within.low < 1 < chance.ways[SCORE].within.high
    assert "还看不出可靠的差别" in backtest_words.headline(chance)


def test_same_evidence_gives_the_same_result(evidence_of: ReadEvidence) -> None:
    days = backtest_windows.origins(evidence_of(AS_OF).inspections, AS_OF, 28)
    known = (evidence_of(AS_OF, days=days) for _ in range(2))
    first, again = (backtest.run(each, AS_OF, horizon=28) for each in known)

    assert first
    assert again
    assert first.ways == again.ways
    assert first.fitted == again.fitted


def test_nothing_known_is_too_short_a_history() -> None:
    assert backtest.run(evidence(), AS_OF, horizon=14) is None
    assert backtest_words.headline(None) == backtest_words.TOO_SHORT


@pytest.mark.parametrize(
    ("estimate", "written"),
    [
        (Estimate(1.286, 1.15, 1.43), "1.29 倍（1.15–1.43）"),
        (Estimate(1.0, math.nan, math.nan), "1.00 倍"),
        (backtest.UNKNOWN, "—"),
    ],
)
def test_lift_is_written_with_its_interval(estimate: Estimate, written: str) -> None:
    assert backtest_words.times(estimate) == written


def test_days_are_written_with_a_minus_and_no_negative_nothing() -> None:
    assert backtest_words.days(Estimate(-0.01, -1.26, 0.3)) == "0.0 天（−1.3–0.3）"
