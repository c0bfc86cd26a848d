"""Which rises are suspected: high against the own price and against the peers', and no others."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from analysis.price_courses import NEW_NAME, NOTHING, SAME_NAME
from analysis.prices import SETTINGS, Rises, before_summer, suspected_rises
from tests.analysis import generated_prices as generated
from tests.analysis.price_rows import AS_OF, JUNE, SPRING, frame, peers, price


def judge(*rows: dict[str, Any], as_of: date = AS_OF) -> Rises:
    return suspected_rises(frame(*rows), as_of=as_of)


def of(found: Rises, institution_id: int, course: str = "钢琴") -> dict[str, Any]:
    rows = found.courses[
        (found.courses["institution_id"] == institution_id) & (found.courses["course"] == course)
    ]
    [row] = rows.to_dict("records")
    return row


def test_price_raised_in_june_far_above_the_peers_is_suspected_and_told_with_its_evidence() -> None:
    found = judge(*peers(), price(1, 100.0), price(1, 150.0, JUNE))
    row = of(found, 1)

    assert found.suspected["institution_id"].tolist() == [1]
    assert row["rise"] == pytest.approx(0.5)
    assert row["base_standard"] == 100.0
    assert row["standard"] == 150.0
    assert row["above_peers"] == pytest.approx(0.5, abs=0.03)
    assert (row["peers"], row["peers_in_city"]) == (10, 10)
    assert row["since"].date() == JUNE
    assert row["matched"] == SAME_NAME
    assert found.baseline_on == date(2022, 5, 1)


def test_rise_of_all_together_is_none_of_one() -> None:
    raised = [{**each, "price": each["price"] * 1.4, "effective_on": JUNE} for each in peers()]
    found = judge(*peers(), *raised, price(1, 130.0), price(1, 182.0, JUNE))

    assert found.suspected.empty
    assert of(found, 1)["peers_rise"] == pytest.approx(0.3, abs=0.1)


def test_expensive_from_before_is_no_rise() -> None:
    assert judge(*peers(), price(1, 300.0)).suspected.empty


def test_expensive_from_before_is_not_suspected_for_a_rise_of_little() -> None:
    found = judge(*peers(), price(1, 300.0), price(1, 336.0, JUNE))

    assert found.suspected.empty
    assert of(found, 1)["above_peers"] > 2


def test_rise_from_far_below_to_where_the_others_are_is_none() -> None:
    found = judge(*peers(), price(1, 60.0), price(1, 100.0, JUNE))

    assert found.suspected.empty
    assert of(found, 1)["rise"] == pytest.approx(2 / 3)


def test_shorter_lesson_at_the_old_price_is_a_rise_and_at_a_lower_price_is_none() -> None:
    rows = [price(1, 100.0), price(1, 100.0, JUNE, lesson_minutes=30)]
    fair = [price(2, 100.0), price(2, 66.67, JUNE, lesson_minutes=30)]
    found = judge(*peers(), *rows, *fair)

    assert found.suspected["institution_id"].tolist() == [1]
    assert of(found, 1)["rise"] == pytest.approx(0.5)
    assert of(found, 2)["rise"] == pytest.approx(0.0, abs=1e-3)


def test_new_name_at_a_higher_price_is_held_against_the_course_it_replaced() -> None:
    rows = [price(1, 100.0, course="钢琴启蒙"), price(1, 150.0, JUNE, course="暑期大师营")]
    found = judge(*peers(), *rows)
    row = of(found, 1, "暑期大师营")

    assert found.suspected["course"].tolist() == ["暑期大师营"]
    assert (row["matched"], row["base_course"]) == (NEW_NAME, "钢琴启蒙")
    assert row["since"].date() == JUNE


def test_new_name_is_held_against_the_nearest_name_else_the_nearest_price() -> None:
    old = [price(1, 90.0, course="钢琴启蒙班"), price(1, 140.0, course="演奏提高课")]
    found = judge(
        *peers(),
        *old,
        price(1, 150.0, JUNE, course="钢琴启蒙营"),
        price(1, 150.0, JUNE, course="暑期特训"),
    )

    assert of(found, 1, "钢琴启蒙营")["base_course"] == "钢琴启蒙班"
    assert of(found, 1, "暑期特训")["base_course"] == "演奏提高课"


@pytest.mark.parametrize(
    "other", [{"item": "古筝"}, {"class_size": "20人班"}, {"teaching_mode": "online"}]
)
def test_course_of_another_kind_is_nothing_to_compare_with(other: dict[str, Any]) -> None:
    found = judge(*peers(), price(1, 60.0, course="别的", **other), price(1, 150.0, JUNE))

    assert of(found, 1)["matched"] == NOTHING
    assert not of(found, 1)["judged"]
    assert found.suspected.empty


def test_class_for_a_counted_few_is_no_new_name_of_a_small_class_and_other_words_are() -> None:
    old = price(1, 100.0, course="舞蹈", class_size="小班")
    others = [{**each, "class_size": "小班"} for each in peers()]

    def matched(words: str) -> str:
        new = price(1, 150.0, JUNE, course="舞蹈精品", class_size=words)
        return str(of(judge(*others, old, new), 1, "舞蹈精品")["matched"])

    assert matched("1对4") == NOTHING
    assert matched("精品小班") == NEW_NAME


def test_price_of_the_baseline_day_is_the_old_one_and_of_the_day_after_a_new_one() -> None:
    on, after = date(2022, 5, 1), date(2022, 5, 2)

    assert judge(*peers(), price(1, 100.0), price(1, 150.0, on)).suspected.empty
    assert len(judge(*peers(), price(1, 100.0), price(1, 150.0, after)).suspected) == 1


def test_price_counts_from_its_day_on() -> None:
    rows = (*peers(), price(1, 100.0), price(1, 150.0, JUNE))

    assert judge(*rows, as_of=JUNE - timedelta(days=1)).suspected.empty
    assert len(judge(*rows, as_of=JUNE).suspected) == 1


@pytest.mark.parametrize(
    ("as_of", "day"),
    [
        (date(2022, 5, 1), date(2022, 5, 1)),
        (date(2022, 4, 30), date(2021, 5, 1)),
        (date(2023, 1, 1), date(2022, 5, 1)),
    ],
)
def test_summer_is_the_last_one_that_began(as_of: date, day: date) -> None:
    assert before_summer(as_of) == day


@pytest.mark.parametrize(("yuan", "suspected"), [(109.0, 0), (150.0, 1)])
def test_less_than_ten_percent_is_not_clearly_more(yuan: float, suspected: int) -> None:
    # The peers are all alike, so that little is far.
    alike = [price(100 + each, 100.0) for each in range(20)]

    assert len(judge(*alike, price(1, 100.0), price(1, yuan, JUNE)).suspected) == suspected


def test_one_price_ten_times_too_high_moves_nobody_else() -> None:
    rows = (*peers(), price(1, 100.0), price(1, 150.0, JUNE))
    before, after = judge(*rows), judge(*rows, price(2, 1000.0))

    assert after.suspected["institution_id"].tolist() == [1]
    assert of(after, 1)["above_peers"] == pytest.approx(of(before, 1)["above_peers"], abs=0.03)


def test_institution_of_many_courses_is_one_peer() -> None:
    many = [price(2, 300.0, course=f"钢琴{each}") for each in range(20)]
    found = judge(*peers(), *many, price(1, 100.0), price(1, 150.0, JUNE))

    assert of(found, 1)["peers"] == 11
    assert found.suspected["institution_id"].tolist() == [1]


def test_few_of_a_county_lean_on_the_city_and_are_held_against_it() -> None:
    here = {"county_code": "450226"}
    rows = (price(1, 100.0, **here), price(1, 150.0, JUNE, **here), price(2, 104.0, **here))
    alone, city = judge(*rows), judge(*rows, *peers(20))

    assert alone.suspected.empty
    assert not of(alone, 1)["judged"]
    assert city.suspected["institution_id"].tolist() == [1]
    assert (of(city, 1)["peers"], of(city, 1)["peers_in_city"]) == (1, 21)


@pytest.mark.parametrize(("others", "judged"), [(2, False), (3, True)])
def test_three_others_are_the_fewest(others: int, judged: bool) -> None:
    found = judge(*peers(others), price(1, 100.0), price(1, 150.0, JUNE))

    assert of(found, 1)["judged"] is judged


def test_two_steps_are_one_rise_since_the_larger() -> None:
    july = JUNE + timedelta(days=30)
    found = judge(*peers(), price(1, 100.0), price(1, 110.0, JUNE), price(1, 160.0, july))

    assert of(found, 1)["rise"] == pytest.approx(0.6)
    assert of(found, 1)["since"].date() == july


def test_nothing_gives_no_courses_but_all_columns() -> None:
    found = judge()

    assert found.courses.empty
    assert {"rise", "above_peers", "score", "suspected", "since"} <= set(found.courses.columns)
    assert (found.by_chance, found.prices) == (0.0, 0)


def test_where_nothing_changed_nothing_is_expected_by_chance() -> None:
    assert judge(*peers(20)).by_chance == 0.0


def test_order_of_the_rows_changes_nothing() -> None:
    prices = generated.city(3, prices=2_000).prices
    mixed = prices.sample(frac=1, random_state=1)
    one, other = (suspected_rises(each, as_of=AS_OF) for each in (prices, mixed))

    assert one.suspected["course"].tolist() == other.suspected["course"].tolist()
    assert np.allclose(one.suspected["score"], other.suspected["score"])
    assert one.by_chance == pytest.approx(other.by_chance)


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_thirty_highest_of_thirty_thousand_prices_are_mostly_true(seed: int) -> None:
    made = generated.city(seed)
    started = time.process_time()
    found = suspected_rises(made.prices, as_of=generated.AS_OF)
    seconds = time.process_time() - started

    assert len(made.prices) > 27_000
    assert len(made.truth) == 30
    assert made.precision(found.suspected, 30) >= 0.8
    assert made.recall(found.suspected, len(found.suspected)) >= 0.8
    assert seconds < 2  # about 0.3 on a machine that does nothing else


def test_without_jumps_about_as_many_are_suspected_as_chance_expects() -> None:
    quiet = generated.Decoys(*[0] * 10)
    found = [
        suspected_rises(generated.city(seed, jumps=0, decoys=quiet).prices, as_of=AS_OF)
        for seed in range(2)
    ]
    flags = sum(len(each.suspected) for each in found)
    expected = sum(each.by_chance for each in found)

    assert expected / 2 < flags < expected * 2


def test_settings_are_those_that_pages_tell_of() -> None:
    assert (SETTINGS.baseline, SETTINGS.least, SETTINGS.fewest) == ((5, 1), 0.10, 3)
    assert SPRING < before_summer(AS_OF) < JUNE
