"""Where evidence gathers: planted classes are found, busy buildings and chance are not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import h3
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.excess import Scatter, adjusted, scatter, squares, upper_tail
from analysis.hotspots import DEFAULT, Found, find, grow
from tests.analysis.generated_cities import AS_OF, City, city, shuffled
from tests.analysis.hotspot_scores import Score, score

WEEK = pd.Timedelta(weeks=1)
MIDDLE = h3.latlng_to_cell(24.32, 109.41, 9)
FAR = h3.latlng_to_cell(24.42, 109.51, 9)
# A quiet city around what a test is about: a report a fortnight in each of many cells.
QUIET = [cell for cell in h3.grid_disk(MIDDLE, 7) if h3.grid_distance(cell, MIDDLE) > 3]
SPREAD = {cell: at for at, cell in enumerate(sorted(QUIET))}


def rows(cell: str, weeks: Iterable[int], reports: int = 1, true_after: int | None = None) -> list:
    """Reports of a cell, ``weeks`` ago, found to be true so many weeks later."""
    return [
        (
            cell,
            AS_OF - back * WEEK,
            pd.NaT if true_after is None else AS_OF - (back - true_after) * WEEK,
            reports,
        )
        for back in weeks
    ]


def counts(*parts: list) -> pd.DataFrame:
    quiet = [row for cell, at in SPREAD.items() for row in rows(cell, range(at % 2, 40, 2))]
    columns = ["cell", "week", "substantiated_week", "reports"]
    frame = pd.DataFrame([*quiet, *(row for part in parts for row in part)], columns=columns)
    days = dict.fromkeys(columns[1:3], "datetime64[s]")
    return frame.astype({"cell": "str", "reports": "int64", **days})


def institutions(*of: tuple[str, int], gone: bool = False) -> pd.DataFrame:
    cells = [cell for cell, number in of for _ in range(number)]
    left = AS_OF if gone else pd.NaT
    frame = {"cell": cells, "found_on": AS_OF - 60 * WEEK, "deregistered_on": left}
    days = dict.fromkeys(["found_on", "deregistered_on"], "datetime64[s]")
    return pd.DataFrame(frame).astype({"cell": "str", **days})


NONE = institutions()


def keys(found: Found) -> list[str]:
    return found.hotspots["key"].tolist()


def test_cell_that_is_suddenly_reported_stands_out_with_its_excess() -> None:
    found = find(counts(rows(MIDDLE, range(8), 3)), NONE, AS_OF)

    [hotspot] = found.hotspots.to_dict("records")
    assert (hotspot["key"], hotspot["reports"], hotspot["substantiated"]) == (MIDDLE, 24, 0)
    assert hotspot["excess"] == pytest.approx(24 - hotspot["expected"])
    assert hotspot["expected"] < 4
    assert hotspot["q"] <= DEFAULT.rate
    assert found.cells["cell"].tolist() == [MIDDLE]


def test_building_that_was_always_reported_a_lot_does_not_stand_out() -> None:
    always = [rows(cell, range(40), 3) for cell in (MIDDLE, FAR)]

    assert find(counts(*always), NONE, AS_OF).hotspots.empty


def test_many_institutions_are_expected_to_be_reported() -> None:
    others = sorted(QUIET)[:40:4]
    busy = [rows(cell, range(8), 2) for cell in [*others, MIDDLE]]
    there = institutions(*((cell, 20) for cell in others))

    assert MIDDLE in keys(find(counts(*busy), there, AS_OF))
    with_middle = institutions(*((cell, 20) for cell in [*others, MIDDLE]))
    assert find(counts(*busy), with_middle, AS_OF).hotspots.empty
    gone = pd.concat([there, institutions((MIDDLE, 20), gone=True)])
    assert MIDDLE in keys(find(counts(*busy), gone, AS_OF))


def test_campaign_that_brings_more_reports_everywhere_makes_no_hotspot() -> None:
    surge = [rows(cell, range(8), 2) for cell in SPREAD]

    assert find(counts(*surge), NONE, AS_OF).hotspots.empty


def test_cells_that_touch_are_one_hotspot_and_others_are_not() -> None:
    beside = sorted(set(h3.grid_disk(MIDDLE, 1)) - {MIDDLE})[0]
    parts = [rows(cell, range(8), 3) for cell in (MIDDLE, beside, FAR)]

    found = find(counts(*parts), NONE, AS_OF)

    grouped = found.cells.groupby("hotspot")["cell"].agg(set).tolist()
    assert sorted(grouped, key=len) == [{FAR}, {MIDDLE, beside}]
    assert found.hotspots["reports"].tolist() == [48, 24]
    assert found.hotspots["excess"].is_monotonic_decreasing


def test_class_on_the_corner_of_three_cells_is_found_by_their_ring() -> None:
    # Single reports in cells that share a corner: none of them would be found alone.
    ring = sorted(set(h3.grid_disk(MIDDLE, 1)) - {MIDDLE})
    corner = [MIDDLE, ring[0], next(c for c in ring[1:] if h3.grid_distance(c, ring[0]) == 1)]
    strict = replace(DEFAULT, rate=0.002)
    parts = [rows(cell, [1, 3, 5]) for cell in corner]

    found = find(counts(*parts), NONE, AS_OF, strict)

    assert set(found.cells["cell"]) == set(corner)
    assert len(found.hotspots) == 1
    assert found.hotspots["q"].iloc[0] <= strict.rate
    assert find(counts(parts[0]), NONE, AS_OF, strict).hotspots.empty


def test_fewer_reports_than_asked_for_are_no_hotspot() -> None:
    few = counts(rows(FAR, [1, 2, 3, 4]))

    assert keys(find(few, NONE, AS_OF)) == [FAR]
    assert find(few, NONE, AS_OF, replace(DEFAULT, least=5)).hotspots.empty


def test_reports_found_to_be_true_weigh_more() -> None:
    untrue = find(counts(rows(MIDDLE, range(1, 8))), NONE, AS_OF)
    true = find(counts(rows(MIDDLE, range(1, 8), true_after=1)), NONE, AS_OF)

    assert true.hotspots["tail"].iloc[0] < untrue.hotspots["tail"].iloc[0]
    assert true.hotspots["substantiated"].tolist() == [7]
    assert true.hotspots["reports"].tolist() == untrue.hotspots["reports"].tolist()
    level = replace(DEFAULT, weight=1.0)
    assert find(counts(rows(MIDDLE, range(1, 8), true_after=1)), NONE, AS_OF, level).hotspots[
        "tail"
    ].iloc[0] == pytest.approx(
        find(counts(rows(MIDDLE, range(1, 8))), NONE, AS_OF, level).hotspots["tail"].iloc[0]
    )


def test_what_came_after_the_thursday_is_not_known_on_it() -> None:
    late = rows(MIDDLE, range(4), 6, true_after=0)
    weeks = [AS_OF - 4 * WEEK, AS_OF - 3 * WEEK, AS_OF]

    before, one_week, now = grow(counts(late), NONE, weeks)

    assert before.hotspots.empty
    assert one_week.hotspots["reports"].tolist() == [6]
    assert now.hotspots["reports"].tolist() == [24]


def test_verdict_of_later_is_not_known_yet() -> None:
    late = counts(rows(MIDDLE, range(1, 5), 4, true_after=3))

    before, now = grow(late, NONE, [AS_OF - WEEK, AS_OF])

    assert before.hotspots["substantiated"].tolist() == [4]
    assert now.hotspots["substantiated"].tolist() == [8]


def test_hotspot_grows_and_remembers_when_it_first_stood_out() -> None:
    weeks = [AS_OF - back * WEEK for back in reversed(range(8))]

    steps = grow(counts(rows(MIDDLE, range(5), 4)), NONE, weeks)

    reports = [int(step.hotspots["reports"].sum()) for step in steps]
    assert reports == [0, 0, 0, 4, 8, 12, 16, 20]
    assert set(steps[-1].hotspots["first_week"]) == {weeks[3]}
    assert not steps[-1].hotspots["is_first_seen"].any()


def test_hotspot_of_the_first_thursday_may_be_older() -> None:
    [*_, last] = grow(counts(rows(MIDDLE, range(8), 4)), NONE, [AS_OF - WEEK, AS_OF])

    assert last.hotspots["is_first_seen"].tolist() == [True]


def test_reports_before_the_window_are_not_counted() -> None:
    [hotspot] = find(counts(rows(MIDDLE, range(9), 3)), NONE, AS_OF).hotspots.to_dict("records")

    assert hotspot["reports"] == 24


def test_no_report_at_all_is_no_hotspot() -> None:
    nothing = counts().head(0)

    found = find(nothing, NONE, AS_OF)

    assert found.hotspots.empty
    assert found.hotspots.dtypes.equals(
        find(counts(rows(MIDDLE, range(8), 3)), NONE, AS_OF).hotspots.dtypes
    )


def test_city_without_any_history_is_judged_by_its_cells() -> None:
    young = counts(rows(MIDDLE, range(8), 5))
    young = young[young["week"] > AS_OF - 8 * WEEK]

    assert keys(find(young, NONE, AS_OF)) == [MIDDLE]


@pytest.mark.parametrize(("linear", "square"), [(1.0, 0.1), (2.0, 0.0), (1.5, 0.05)])
def test_tail_is_that_of_the_negative_binomial_of_the_same_variance(
    linear: float, square: float
) -> None:
    mean, seen = np.array([0.5, 4.0, 40.0]), np.array([3.0, 9.0, 70.0])
    variance = linear * mean + square * mean**2
    size = mean**2 / (variance - mean)

    expected = stats.nbinom.sf(seen - 1, size, mean / variance)

    assert upper_tail(seen, mean, variance) == pytest.approx(expected, rel=1e-6)


def test_tail_without_more_scatter_than_chance_is_poissons() -> None:
    mean, seen = np.array([0.5, 4.0]), np.array([3.0, 9.0])

    assert upper_tail(seen, mean, Scatter(1.0, 0.0, 1.0).variance(mean)) == pytest.approx(
        stats.poisson.sf(seen - 1, mean), rel=0.01
    )


def test_false_discoveries_are_adjusted_as_benjamini_and_hochberg_do() -> None:
    tails = np.random.default_rng(1).uniform(0, 1, 200) ** 3

    assert adjusted(tails) == pytest.approx(stats.false_discovery_control(tails, method="bh"))


def test_scatter_beyond_chance_is_measured() -> None:
    dice = np.random.default_rng(2)
    mean = dice.uniform(2, 40, 4_000)
    usual = np.ones(4_000, bool)

    by_chance = scatter([squares(dice.poisson(mean).astype(float), mean, usual)])
    wide = dice.negative_binomial(10, 10 / (10 + mean)).astype(float)
    linear, square, _ = scatter([squares(wide, mean, usual)])

    assert by_chance[:2] == (pytest.approx(1.0, abs=0.1), pytest.approx(0.0, abs=0.01))
    assert linear + square * 20 == pytest.approx(1 + 20 / 10, rel=0.15)


def test_few_places_that_are_reported_again_and_again_are_told_from_single_reports() -> None:
    mean, usual = np.full(1_000, 0.02), np.ones(1_000, bool)
    single, again = np.zeros(1_000), np.zeros(1_000)
    single[:20] = 1
    again[:2] = 10

    alone, together = (scatter([squares(seen, mean, usual)]) for seen in (single, again))

    assert alone.sparse == pytest.approx(1.0, abs=0.1)
    assert together.sparse == pytest.approx(10.0, rel=0.05)
    assert (together.variance(mean) > alone.variance(mean)).all()
    assert Scatter(1.0, 0.0, 10.0).variance(np.array([5.0])) == pytest.approx(5.0, rel=0.001)


@cache
def scored(reports: int, seed: int) -> Score:
    made = city(seed, reports=reports)
    return score(made, find(made.counts, made.institutions, AS_OF))


def dealt_out(made: City, seed: int) -> Found:
    """Hotspots of a city whose reports of the window are dealt out by what was expected."""
    expected = find(made.counts, made.institutions, AS_OF).expected
    since = AS_OF - (DEFAULT.window - 1) * WEEK - pd.Timedelta(days=6)
    chance = shuffled(made, seed, expected, since=since)
    return find(chance.counts, chance.institutions, AS_OF)


def test_generated_city_is_as_said() -> None:
    made = city(3, reports=5_000)

    reports = made.reports
    assert len(reports) == 5_000
    assert 0.03 < reports["cell"].isna().mean() < 0.07
    assert reports["cluster"].nunique() == 11
    # The busiest cells are not the planted ones.
    busiest = reports.groupby("cell")["cluster"].agg(["size", "max"]).nlargest(5, "size")
    assert (busiest["max"] < 0).sum() >= 3
    assert made.institutions["cell"].value_counts().iloc[0] > 20


def test_planted_classes_are_found_and_little_else() -> None:
    scores = [scored(5_000, seed) for seed in range(3)]

    assert np.mean([each.recall for each in scores]) >= 0.9
    assert np.mean([each.precision for each in scores]) >= 0.8


def test_reports_dealt_out_by_chance_make_no_hotspot() -> None:
    assert sum(len(dealt_out(city(seed, reports=5_000), seed).hotspots) for seed in range(3)) == 0


@pytest.mark.soak
@pytest.mark.parametrize("reports", [5_000, 100_000])
def test_twenty_cities_with_ten_planted_classes(reports: int) -> None:
    scores = [scored(reports, seed) for seed in range(20)]

    assert np.mean([each.recall for each in scores]) >= 0.95
    assert np.mean([each.precision for each in scores]) >= 0.85


@pytest.mark.soak
@pytest.mark.parametrize("reports", [5_000, 100_000])
def test_by_chance_at_most_the_stated_share_of_cities_has_a_hotspot(reports: int) -> None:
    found = [len(dealt_out(city(seed, reports=reports), seed).hotspots) for seed in range(20)]

    assert np.mean([each > 0 for each in found]) <= DEFAULT.rate
