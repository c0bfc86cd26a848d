from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from sample_data.planted_failure import FAILING
from sample_data.records import Values
from sample_data.rectifications import FOUND_AGAIN, REOPENED, REPORTED_AGAIN, Findings, Item
from sample_data.stories import CLUSTERS, GHOSTS, WAVES, Cluster, Ghost, Wave
from sample_data.world import World
from tests.sample_data.conftest import LAST_DAY

README = Path("sample_data/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("cluster", CLUSTERS, ids=lambda cluster: cluster.place.name)
def test_a_cluster_is_all_that_is_reported_at_its_place(world: World, cluster: Cluster) -> None:
    told = [r for r in world.reports if r.story == cluster.place.name]
    others = [
        r
        for r in world.reports
        if r.site.place and r.site.place.name == cluster.place.name and r not in told
    ]

    assert len(told) == cluster.reports
    assert others == []
    assert {r.violation_type for r in told} == {cluster.violation_type}
    assert all(cluster.first <= r.received_on <= cluster.last for r in told)
    assert all(r.received_on.weekday() in cluster.weekdays for r in told)


def test_clusters_prove_true_more_often_than_busy_buildings(world: World) -> None:
    def rate(told: list[bool]) -> float:
        return sum(told) / len(told)

    names = {cluster.place.name for cluster in CLUSTERS}
    planted = [r.substantiated for r in world.reports if r.story in names]
    background = [r.substantiated for r in world.reports if not r.story]

    assert rate(planted) > 2 * rate(background)


@pytest.mark.parametrize("ghost", GHOSTS, ids=lambda ghost: ghost.name)
def test_a_deregistered_one_still_teaches_at_its_place(world: World, ghost: Ghost) -> None:
    later = [r for r in world.reports if r.story == ghost.name]
    checks = [c for c in world.inspections if c.story == ghost.name]

    assert len(later) == len(ghost.named) + len(ghost.nameless)
    assert all(r.received_on > ghost.deregistered_on and r.substantiated for r in later)
    assert {r.site.place for r in later} == {ghost.place}
    assert Counter(c.outcome for c in checks) == {"violation": 1, "closed_door": 1}
    assert all(c.inspected_on > ghost.deregistered_on for c in checks)


@pytest.mark.parametrize("wave", WAVES, ids=lambda wave: wave.name)
def test_a_wave_trips_the_watch_list(world: World, wave: Wave) -> None:
    disputes = [d for d in world.disputes if d.institution.name == wave.name]
    left = [d for d in disputes if d.status != "resolved"]
    recent = [d for d in disputes if d.opened_on > LAST_DAY - timedelta(days=30)]

    assert len(disputes) == wave.disputes
    assert (
        len(recent) >= 3
        or sum(d.students for d in left) >= 30
        or sum(d.amount for d in left) >= 100_000
    )


def test_nobody_else_but_who_is_about_to_fail_is_on_the_watch_list(world: World) -> None:
    told = [d for d in world.disputes if not d.institution.story]
    quiet = [d for d in told if d.institution.name != FAILING.name]
    by_institution: dict[int, list[date]] = {}
    for dispute in quiet:
        by_institution.setdefault(id(dispute.institution), []).append(dispute.opened_on)

    for days in by_institution.values():
        ordered = sorted(days)
        assert all(
            third - first > timedelta(days=30)
            for first, third in zip(ordered, ordered[2:], strict=False)
        )


def came_back(item: Item, bad_days: dict[str, list[date]]) -> bool:
    closed = item.closed_on
    if closed is None or closed > LAST_DAY - timedelta(days=30):
        return False
    name = item.institution.name if item.institution else item.place or ""
    again = any(closed < day <= closed + timedelta(days=30) for day in bad_days.get(name, []))
    return again or any(step.step == "reopen" for step in item.steps)


def test_exactly_the_planted_items_came_back(world: World) -> None:
    bad_days = Findings(world.reports, world.inspections).bad_days()
    planted = {item.number: item.came_back for item in world.items if item.came_back}
    found = {item.number for item in world.items if came_back(item, bad_days)}

    assert Counter(planted.values()) == {
        "reopen": REOPENED,
        "report": REPORTED_AGAIN,
        "inspection": FOUND_AGAIN,
    }
    assert found == set(planted)


def test_every_item_that_was_opened_again_says_so_in_its_steps(
    world: World, ledgers: dict[str, list[Values]]
) -> None:
    planted = {item.number for item in world.items if item.came_back == "reopen"}
    told = {row["台账编号"] for row in ledgers["rectification_events"] if row["环节"] == "reopen"}

    assert told == planted


def test_the_readme_names_every_planted_thing(world: World) -> None:
    told = [
        *(cluster.place.name for cluster in CLUSTERS),
        *(ghost.name for ghost in GHOSTS),
        *(wave.name for wave in WAVES),
        *(item.number for item in world.items if item.came_back),
    ]

    assert [name for name in told if name not in README] == []
