"""Prices: those planted are what they are told to be, and everything else keeps still."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from statistics import median

import pytest

from data_access.ledgers.fee_prices import Quote, per_person_and_lesson
from sample_data.fee_words import STUDENTS
from sample_data.fees import Course, Price
from sample_data.planted_failure import FAILING
from sample_data.planted_fees import DECOYS, JUMPS, Fee, PriceStory
from sample_data.world import World
from tests.sample_data.planted_lines import price_lines

README = Path("sample_data/README.md").read_text(encoding="utf-8")
BEFORE_SUMMER, JULY = date(2022, 5, 1), date(2022, 7, 1)
FEWEST_PEERS = 3


def peers_of(world: World, fee: Fee) -> list[float]:
    """What the others of the county ask for the item and class size before the summer."""
    return [
        course.price_on(BEFORE_SUMMER).per_standard_lesson
        for course in world.courses
        if (course.item, course.class_size) == (fee.item, fee.class_size)
        and course.institution.unit == fee.unit
        and course.institution.name != fee.institution
        and course.mode != "online"
    ]


def first_and_last(story: PriceStory) -> tuple[Price, Price]:
    prices = [price for fee in story.fees for price in fee.prices]
    return prices[0], prices[-1]


def rise(story: PriceStory) -> float:
    first, last = first_and_last(story)
    return last.per_standard_lesson / first.per_standard_lesson - 1


def test_eight_prices_jumped_in_june_each_at_its_own_institution() -> None:
    assert len(JUMPS) == 8
    for story in JUMPS:
        _, last = first_and_last(story)
        assert date(2022, 6, 1) <= last.effective_on < JULY
    told = [{fee.institution for fee in story.fees} for story in (*JUMPS, *DECOYS)]
    assert all(len(names) == 1 for names in told)
    assert len(set.union(*told)) == len(told)
    assert Counter(story.why for story in JUMPS) == {
        "a plain rise": 2,
        "shorter lessons at the same price": 2,
        "renamed and dearer": 2,
        "priced by the term instead of the lesson": 1,
        "the same price of a class for fewer in it": 1,
    }


@pytest.mark.parametrize("story", JUMPS, ids=lambda story: story.fees[0].institution)
def test_a_jump_is_high_against_its_own_price_and_its_peers(
    world: World, story: PriceStory
) -> None:
    _, last = first_and_last(story)
    peers = peers_of(world, story.fees[-1])

    assert rise(story) >= 0.35
    assert len(peers) >= FEWEST_PEERS
    assert last.per_standard_lesson > 1.3 * median(peers)


def test_shorter_lessons_cost_the_same_and_renamed_ones_teach_the_same() -> None:
    for story in JUMPS:
        first, last = first_and_last(story)
        if story.why.startswith("shorter"):
            assert first.quoted == last.quoted
            assert first.minutes > last.minutes
        if story.why.startswith("renamed"):
            old, new = story.fees
            assert old.course != new.course
            assert (old.item, old.class_size) == (new.item, new.class_size)
        if story.why.startswith("priced by"):
            assert (first.unit, last.unit) == ("lesson", "term")
        if story.why.startswith("the same price of a class"):
            assert first.quoted == last.quoted
            assert (first.students, last.students) == (8, 5)


def test_a_decoy_fails_one_of_the_two() -> None:
    for story in DECOYS:
        if story.why.startswith(("high for years", "longer", "a term", "renamed")):
            assert rise(story) < 0.04
        if story.why.startswith("one to one"):
            assert len({fee.class_size for fee in story.fees}) == 2


def test_who_rose_from_below_asks_no_more_than_the_peers(world: World) -> None:
    [story] = [story for story in DECOYS if story.why.startswith("from far below")]
    _, last = first_and_last(story)

    assert rise(story) > 0.9
    assert last.per_standard_lesson <= 1.05 * median(peers_of(world, story.fees[0]))


def test_all_of_a_small_item_rose_together_and_are_alike(world: World) -> None:
    shared = [story for story in DECOYS if story.why.startswith("a rise that every")]
    courses = [course for course in world.courses if course.item == "击剑"]

    assert len(courses) == len(shared) == 6
    rises = [rise(story) for story in shared]
    assert max(rises) - min(rises) < 0.02
    assert min(rises) > 0.25
    now = [course.prices[-1].per_standard_lesson for course in courses]
    assert max(now) < 1.07 * min(now)


def test_nobody_else_moved_by_more_than_a_tenth(world: World) -> None:
    for course in world.courses:
        if course.story:
            continue
        for one, other in zip(course.prices, course.prices[1:], strict=False):
            assert one.minutes == other.minutes
            assert one.unit == other.unit
            assert 0.89 < other.per_lesson / one.per_lesson < 1.11


def test_there_are_so_many_prices_of_units_and_lessons_of_every_sort(world: World) -> None:
    prices = [price for course in world.courses for price in course.prices]

    assert 4000 <= len(prices) <= 5000
    assert {price.unit for price in prices} == {"lesson", "hour", "term", "class_lesson"}
    assert {price.minutes for price in prices} == {30, 40, 45, 60, 90}
    assert {course.class_size for course in world.courses} == set(STUDENTS)
    assert Counter(course.mode for course in world.courses).keys() == {"offline", "online", None}
    by_institution: dict[int, list[Course]] = defaultdict(list)
    for course in world.courses:
        by_institution[id(course.institution)].append(course)
    assert all(courses[0].institution.category != "subject" for courses in by_institution.values())
    stating = sum(
        any(price.cost for course in courses for price in course.prices)
        for courses in by_institution.values()
    )
    assert 0.15 < stating / len(by_institution) < 0.25
    assert all(price.cost < price.per_lesson for price in prices if price.cost)


def test_the_sample_and_the_importer_bring_prices_down_alike(world: World) -> None:
    for course in world.courses:
        for price in course.prices:
            quote = Quote(
                price.quoted,
                price.unit,
                price.minutes,
                price.lessons,
                price.students,
                course.class_size,
            )
            assert per_person_and_lesson(quote) == pytest.approx(price.per_lesson, abs=0.01)


def test_the_readme_tells_of_every_planted_price() -> None:
    for line in (*price_lines(JUMPS), *price_lines(DECOYS)):
        assert line in README
    assert FAILING.name in README
