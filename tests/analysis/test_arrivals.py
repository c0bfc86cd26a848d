"""What is still to come of a week: by hand, by simulation and on the sample."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection

from analysis.arrivals import PROVISIONAL, expected_later, sentence
from data_access.arrivals import SUBJECTS, delays
from data_access.scope import Scope

THURSDAY = date(2022, 8, 25)


def triangle(*rows: tuple[int, int, int]) -> pd.DataFrame:
    """Rows by weeks ago, weeks late and number."""
    return pd.DataFrame(
        {
            "week": pd.Series(
                [THURSDAY - timedelta(weeks=ago) for ago, _, _ in rows], dtype="datetime64[s]"
            ),
            "delay_days": pd.Series([7 * late for _, late, _ in rows], dtype="int64"),
            "n": pd.Series([n for _, _, n in rows], dtype="int64"),
        }
    )


def steady(weeks: int, by_delay: tuple[int, ...]) -> pd.DataFrame:
    """Every week alike; what lies ahead of the last Thursday is not known yet."""
    return triangle(
        *(
            (ago, late, n)
            for ago in range(weeks)
            for late, n in enumerate(by_delay)
            if late <= ago and n
        )
    )


def test_steady_weeks_lack_just_what_earlier_ones_had_late() -> None:
    found = expected_later(steady(20, (90, 6, 4)), known_on=THURSDAY)

    assert found["share_later"].iloc[-3:].tolist() == pytest.approx([0, 0.04, 0.1])
    assert found["estimate"].iloc[-3:].tolist() == pytest.approx([100, 100, 100])
    assert found["n_known"].iloc[-3:].tolist() == [100, 96, 90]
    assert found["provisional"].iloc[-4:].tolist() == [False, False, True, True]
    assert (found["share_later"].iloc[:-2].abs() < 1e-12).all()


def test_triangle_worked_out_by_hand() -> None:
    # Of delays of at most a week: (5 + 7) of (50 + 70) in weeks old enough to show one.
    rows = [(ago, 0, 10) for ago in range(3, 12)]
    rows += [(2, 0, 45), (2, 1, 5), (1, 0, 63), (1, 1, 7), (0, 0, 18)]
    found = expected_later(triangle(*rows), known_on=THURSDAY)

    hazard = 12 / (50 + 70 + 90)
    assert found["share_later"].iloc[-1] == pytest.approx(hazard)
    assert found["estimate"].iloc[-1] == pytest.approx(18 / (1 - hazard))
    assert found["share_later"].iloc[-2] == 0


@pytest.mark.parametrize(
    "known",
    [steady(8, (90, 10)), steady(20, (1,)), triangle()],
    ids=["too few weeks", "too few rows", "nothing"],
)
def test_too_little_history_leaves_it_unknown_and_not_provisional(known: pd.DataFrame) -> None:
    found = expected_later(known, known_on=THURSDAY)

    assert found["share_later"].isna().all()
    assert found["estimate"].isna().all()
    assert not found["provisional"].any()
    assert sentence(found, title="举报") == ""


def test_week_that_has_not_ended_is_provisional_and_not_estimated() -> None:
    for known in (steady(20, (90, 10)), steady(3, (90, 10))):
        found = expected_later(known, known_on=THURSDAY + timedelta(days=4))

        assert found["week"].iloc[-1] == pd.Timestamp(2022, 9, 1)
        assert found["n_known"].iloc[-1] == 0
        assert found["provisional"].iloc[-1]
        assert math.isnan(found["share_later"].iloc[-1])
        assert sentence(found, title="举报") == "9 月 1 日这一周还没有结束，举报数还会增加。"


def test_what_came_with_the_first_files_is_not_late() -> None:
    first_files = triangle(*((ago, ago - 15, 50) for ago in range(16, 24)))
    known = pd.concat([first_files, steady(16, (90, 10))], ignore_index=True)

    found = expected_later(known, known_on=THURSDAY)

    assert found["share_later"].iloc[-1] == pytest.approx(0.1)
    assert found["share_later"].iloc[0] == 0


def test_weeks_without_a_row_are_listed_as_zeros() -> None:
    known = steady(20, (90, 10))
    known = known[known["week"] != pd.Timestamp(THURSDAY - timedelta(weeks=3))]

    found = expected_later(known, known_on=THURSDAY)

    assert len(found) == 20
    assert found["n_known"].iloc[-4] == 0
    assert found["estimate"].iloc[-4] == 0


@pytest.mark.parametrize("late", [(0.9, 0.06, 0.03, 0.01), (0.7, 0.2, 0, 0.1)])
def test_estimate_is_close_to_what_comes_in_the_end(late: tuple[float, ...]) -> None:
    rng = np.random.default_rng(20220825)
    shares, ratios = [], []
    for _ in range(200):
        totals = rng.poisson(np.linspace(80, 160, 20))  # a surge, which must not count as late
        drawn = np.array([rng.multinomial(total, late) for total in totals])
        rows = [
            (19 - week, delay, int(n))
            for week, by_delay in enumerate(drawn)
            for delay, n in enumerate(by_delay)
            if n and delay <= 19 - week
        ]
        newest = expected_later(triangle(*rows), known_on=THURSDAY).iloc[-1]
        shares.append(newest["share_later"])
        ratios.append(newest["estimate"] / totals[-1])

    assert np.mean(shares) == pytest.approx(1 - late[0], abs=0.01)
    assert np.mean(ratios) == pytest.approx(1, abs=0.01)
    assert np.std(ratios) < 0.08


def test_delay_within_the_week_counts_by_days() -> None:
    known = steady(20, (90,))
    monday = known.assign(delay_days=4, n=10)[known["week"] < pd.Timestamp(THURSDAY)]

    found = expected_later(
        pd.concat([known, monday], ignore_index=True), known_on=THURSDAY + timedelta(days=1)
    )

    assert found["share_later"].iloc[-2] == pytest.approx(0.1)
    assert found["share_later"].iloc[-3] == 0


def test_sentence_says_what_is_there_and_what_is_expected() -> None:
    found = expected_later(steady(20, (940, 60)), known_on=THURSDAY)

    assert sentence(found, title="举报") == (
        "8 月 25 日这一周的举报通常还有约 6% 以后才报来：现有 940 件，预计约 1,000 件。"
    )
    complete = expected_later(steady(20, (99, 1)), known_on=THURSDAY)
    assert complete["share_later"].iloc[-1] < PROVISIONAL
    assert sentence(complete, title="举报") == ""


@pytest.mark.parametrize("subject", SUBJECTS)
def test_estimates_of_the_sample_are_close_to_what_came_in_the_end(
    sample_rows: Connection, subject: str
) -> None:
    """Of units that send every week; the last days of a week come with the next file."""
    scope = Scope.county("450202", "450203", "450204", "450205", "450206", "4502LD", "4502BS")

    def known_on(day: date) -> pd.DataFrame:
        known = delays(sample_rows, scope=scope, as_of_known=day, subject=subject)
        return expected_later(known, known_on=day).set_index("week")

    in_the_end = known_on(THURSDAY)["n_known"]
    weeks = [THURSDAY - timedelta(weeks=back) for back in range(3, 9)]
    newest = [known_on(week).loc[pd.Timestamp(week)] for week in weeks]
    estimated = sum(row["estimate"] for row in newest)
    known = sum(row["n_known"] for row in newest)
    came = in_the_end[pd.to_datetime(weeks)].sum()

    assert known < 0.8 * came
    assert estimated == pytest.approx(came, rel=0.1)
    assert all(row["provisional"] for row in newest)
