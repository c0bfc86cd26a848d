"""Charges: each planted one breaks its own rule and no other, and nothing else breaks any."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analysis import alarms
from sample_data.charges import Charge
from sample_data.days import THURSDAYS
from sample_data.planted_charges import (
    EARLY,
    EDGE,
    FAILED,
    LARGE,
    LESSONS,
    MONTHS,
    OUTSIDE,
    STOPPED,
    STOPS,
)
from sample_data.planted_failure import FAILING, STORY
from sample_data.world import World
from tests.sample_data.conftest import LAST_DAY
from tests.sample_data.planted_lines import KINDS, charge_line, charges_of, stop_lines

README = Path("sample_data/README.md").read_text(encoding="utf-8")
MOST_MONTHS, MOST_LESSONS, MOST_YUAN = 3, 60, 5000


def later(day: date | None, months: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def broken(charge: Charge) -> set[str]:
    """The rules that a charge breaks, the one of 2022-12-29 among them."""
    found = set()
    if (charge.months or 0) > MOST_MONTHS:
        found.add(MONTHS)
    if (charge.lessons or 0) > MOST_LESSONS:
        found.add(LESSONS)
    if charge.starts_on and charge.starts_on > later(charge.charged_on, 1):
        found.add(EARLY)
    if charge.into_account is False:
        found.add(OUTSIDE)
    if charge.amount > MOST_YUAN:
        found.add(LARGE)
    return found


@pytest.mark.parametrize("kind", [MONTHS, LESSONS, EARLY, OUTSIDE, LARGE])
def test_twelve_of_each_kind_break_that_rule_alone(world: World, kind: str) -> None:
    told = charges_of(world, kind)

    assert len(told) == 12
    assert all(broken(charge) == {kind} for charge in told)
    assert all(charge.institution.category != "subject" for charge in told)


def test_beyond_them_only_money_of_two_institutions_went_outside(world: World) -> None:
    others = [c for c in world.charges if c.story not in KINDS and broken(c)]

    assert all(broken(charge) == {OUTSIDE} for charge in others)
    assert Counter(charge.institution.name for charge in others) == {FAILED: 24, FAILING.name: 52}


def test_half_of_the_many_lessons_are_within_three_months(world: World) -> None:
    assert Counter(charge.months for charge in charges_of(world, LESSONS)) == {3: 6, None: 6}
    assert min(charge.lessons or 0 for charge in charges_of(world, LESSONS)) == 61


def test_money_went_outside_with_and_without_supervision(world: World) -> None:
    supervised = Counter(c.institution.fee_supervision for c in charges_of(world, OUTSIDE))

    assert supervised["none"] == 4
    assert supervised["escrow"] + supervised["deposit"] == 8


def test_each_limit_is_reached_to_the_point_three_times(world: World) -> None:
    told = charges_of(world, EDGE)

    assert all(not broken(charge) for charge in told)
    assert sum(charge.months == 3 for charge in told) == 3
    assert sum(charge.lessons == 60 for charge in told) == 3
    assert sum(charge.starts_on == later(charge.charged_on, 1) for charge in told) == 3
    assert sum(charge.amount == 5000 for charge in told) == 3


def test_charges_by_lessons_last_no_more_than_three_months(world: World) -> None:
    for charge in world.charges:
        if charge.months is None and charge.ends_on:
            assert charge.ends_on <= later(charge.starts_on, 3)


def test_who_is_not_supervised_takes_no_other_money(world: World) -> None:
    taking = {c.story for c in world.charges if c.institution.fee_supervision == "none"}

    assert taking == {OUTSIDE, STOPPED}


def test_only_the_planted_ones_stopped_with_money(world: World) -> None:
    stopped = {
        (c.institution.unit, c.institution.name)
        for c in world.charges
        if c.institution.status != "operating"
    }

    assert stopped == {
        *((stop.unit, stop.institution) for stop in STOPS),
        ("450205", "柳州市戊午舞蹈培训有限公司"),
    }
    for charge in charges_of(world, STOPPED):
        assert charge.charged_on < charge.institution.status_since
        assert charge.ends_on > charge.institution.status_since


def test_there_are_four_thousand_and_each_has_its_receipt(world: World) -> None:
    receipts = {(id(charge.institution), charge.receipt) for charge in world.charges}

    assert len(world.charges) == len(receipts) == 4000
    unsaid = sum(charge.into_account is None for charge in world.charges)
    assert 0.1 < unsaid / 4000 < 0.16


def test_one_institution_is_about_to_fail(world: World) -> None:
    charges = charges_of(world, STORY)
    [course] = [c for c in world.courses if c.story == STORY]
    [check] = [c for c in world.checks if c.institution.name == FAILING.name]
    opened = [d.opened_on for d in world.disputes if d.institution.name == FAILING.name]
    outside = [charge for charge in charges if charge.into_account is False]

    assert course.institution.status == "operating"
    assert sum(charge.amount for charge in outside) == 249_720
    assert all(charge.ends_on > LAST_DAY for charge in outside)
    assert Counter(charge.charged_on.month for charge in charges) == {5: 2, 6: 4, 7: 22, 8: 30}
    quoted = [price.quoted for price in course.prices]
    assert quoted == sorted(quoted, reverse=True)
    assert (check.domain, check.examined, check.failed) == ("staff", 21, 9)
    weeks = Counter((LAST_DAY - day).days // 7 for day in opened)
    assert weeks == {2: 1, 1: 2, 0: 4}
    assert min(opened) > LAST_DAY - timedelta(weeks=3)


def test_its_disputes_give_an_alarm_in_their_last_week(world: World) -> None:
    opened = [d.opened_on for d in world.disputes if d.institution.name == FAILING.name]
    weeks = pd.Series([pd.Timestamp(next(w for w in THURSDAYS if w >= day)) for day in opened])
    counts = pd.DataFrame({"week": weeks, "name": FAILING.name, "n": 1})
    # That of the city is on record since its first week, and so is its.
    start = pd.DataFrame({"week": [pd.Timestamp(THURSDAYS[0])], "name": ["another"], "n": [1]})
    wide = alarms.by_week(pd.concat([counts, start]), ["name"], weeks=THURSDAYS)

    [alarm] = alarms.of_week(wide).itertuples()
    assert (alarm.name, alarm.n, alarm.passed) == (FAILING.name, 4, 3)
    assert alarms.of_week(wide.iloc[:-1]).empty


def test_the_readme_tells_of_every_planted_charge(world: World) -> None:
    for kind in KINDS:
        for charge in charges_of(world, kind):
            assert charge_line(charge) in README
    for line in stop_lines(world):
        assert line in README
    assert "249,720 yuan, all outside the account" in README
