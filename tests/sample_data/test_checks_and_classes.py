"""Special checks, the items of their findings, classes too late, and plans for refunds."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from data_access.ledgers.check_items import PREFIX as SYSTEM_PREFIX
from data_access.ledgers.check_items import issue_type
from sample_data.check_items import ISSUES, PREFIX
from sample_data.planted_classes import (
    LATE_ONLINE,
    LATE_UNNAMED,
    ON_A_HOLIDAY,
    ON_A_WORKED_SUNDAY,
)
from sample_data.planted_plans import PLANS
from sample_data.records import Record
from sample_data.rectifications import Findings
from sample_data.reports import Report
from sample_data.stories import WAVES
from sample_data.units import UNITS
from sample_data.world import World
from tests.sample_data.conftest import LAST_DAY
from tests.sample_data.planted_lines import (
    ONLINE,
    ONLINE_END,
    check_lines,
    ends_at,
    evening_lines,
    late_offline,
    late_online_lines,
    plan_lines,
)
from tests.sample_data.test_stories import came_back

README = Path("sample_data/README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def by_number(world: World) -> dict[str, Report]:
    return {report.number: report for report in world.reports}


def test_about_eight_in_a_hundred_checks_find_something(world: World) -> None:
    found = sum(check.found is not None for check in world.checks)

    assert len(world.checks) == len({check.number for check in world.checks}) == 2500
    assert 0.07 < found / 2500 < 0.1
    assert all((check.failed > 0) == (check.found is not None) for check in world.checks)
    assert all(check.failed <= check.examined for check in world.checks)


def test_safety_alone_has_aspects_and_all_domains_are_checked(world: World) -> None:
    assert {c.domain for c in world.checks} == {
        *("staff", "materials", "safety", "epidemic", "contest"),
    }
    for check in world.checks:
        assert (check.aspect is not None) == (check.domain == "safety")


def test_rongan_and_sanjiang_check_least(world: World) -> None:
    there = Counter(i.unit for i in world.institutions if i.status == "operating" and not i.story)
    checks = Counter(check.institution.unit for check in world.checks)
    share = {unit: checks[unit] / there[unit] for unit in UNITS}

    assert set(sorted(UNITS, key=lambda unit: share[unit])[:2]) == {"450224", "450226"}
    assert min(share[unit] for unit in UNITS if unit not in ("450224", "450225", "450226")) > 1.5


def test_items_are_numbered_and_worded_as_the_system_does(world: World) -> None:
    assert PREFIX == SYSTEM_PREFIX
    for check in world.checks:
        assert ISSUES[check.aspect or check.domain] == issue_type(check.domain, check.aspect)
    numbers = {f"{PREFIX}{check.number}" for check in world.checks if check.found}
    taken_up = [item.number for item in world.check_items]
    assert set(taken_up) < numbers
    assert len(set(taken_up)) == len(taken_up)


def test_some_items_are_closed_some_overdue_and_none_came_back(world: World) -> None:
    bad_days = Findings(world.reports, world.inspections).bad_days()
    closed = [item for item in world.check_items if item.closed_on]
    overdue = [i for i in world.check_items if not i.closed_on and i.due_on < LAST_DAY]

    assert len(closed) > 100
    assert len(overdue) > 5
    assert [item.number for item in world.check_items if came_back(item, bad_days)] == []


def test_the_readme_counts_the_items_that_are_known_to_be_closed(records: list[Record]) -> None:
    closed = [
        record
        for record in records
        if record.kind == "rectifications"
        and record.key.startswith(PREFIX)
        and record.versions[-1].values["整改状态"] == "closed"
    ]

    assert f"the ledger knows of {len(closed)} that are closed" in README


def test_online_classes_of_school_subjects_ran_past_nine_five_times(
    world: World, by_number: dict[str, Report]
) -> None:
    late = {
        report.number: report.hours
        for report in world.reports
        if report.violation_type == ONLINE
        and (ends := ends_at(report)) is not None
        and ends > ONLINE_END
    }

    assert late == LATE_ONLINE | LATE_UNNAMED
    for number in LATE_ONLINE:
        institution = by_number[number].institution
        assert institution is not None
        assert institution.is_subject
    assert all(by_number[number].institution is None for number in LATE_UNNAMED)


def test_evening_classes_are_those_of_two_places_and_of_some_hours(world: World) -> None:
    late = late_offline(world)
    places = {"角宿花园": 24, "房宿商业广场": 18}

    assert Counter(report.story for report in late if report.story in places) == places
    assert {report.hours for report in late if report.story not in places} == {"19:00-21:00"}
    assert f"past 20:30 are {len(late)} reports" in README


def test_a_holiday_and_a_worked_sunday_are_told_of(by_number: dict[str, Report]) -> None:
    for number in ON_A_HOLIDAY:
        assert by_number[number].received_on == date(2022, 6, 3)
        assert by_number[number].violation_type == "学科类违规开班"
        assert by_number[number].hours is not None
    report = by_number[ON_A_WORKED_SUNDAY]
    assert report.received_on == date(2022, 4, 24)
    assert report.violation_type == "学科类违规开班"
    assert report.received_on.weekday() == 6
    assert {*ON_A_HOLIDAY, ON_A_WORKED_SUNDAY} <= {n for n in by_number if n in README}


def test_plans_are_of_watched_institutions_with_steps_of_every_sort() -> None:
    steps = [step for plan in PLANS for step in plan.steps]
    overdue = [step for step in steps if not step.done_on and step.due_on < LAST_DAY]
    late = [step for step in steps if step.done_on and step.done_on > step.due_on]

    assert {plan.institution for plan in PLANS} < {wave.name for wave in WAVES}
    assert (len(steps), len(overdue), len(late)) == (9, 1, 1)
    assert sum(step.done_on is None for step in steps) == 5
    for plan in PLANS:
        assert all(plan.opened_on <= (step.done_on or step.due_on) for step in plan.steps)
        assert all(bool(step.done_on) == bool(step.evidence) for step in plan.steps)


def test_the_readme_tells_of_checks_classes_and_plans(world: World) -> None:
    lines = [
        *check_lines(world),
        *evening_lines(world),
        *late_online_lines(),
        *plan_lines(),
    ]

    assert [line for line in lines if line not in README] == []
