"""The reports that the stories plant on top of the background."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from sample_data import city, names
from sample_data.city import Place, Site
from sample_data.days import LAST_DAY, days_between, dice
from sample_data.institutions import Institution
from sample_data.reports import Report, finish, make_report
from sample_data.stories import CLUSTERS, GHOSTS, WAVES, Cluster, Ghost, Wave
from sample_data.units import UNITS

ALL_TRUE, NONE_TRUE = 1.0, 0.0


def planted_reports(seed: int, institutions: dict[str, Institution]) -> list[Report]:
    """Those of the clusters, of the deregistered and of the waves; ``institutions`` by name."""
    rng = dice(seed, "planted reports")
    reports: list[Report] = []
    for cluster in CLUSTERS:
        reports += _of_cluster(cluster, rng)
    for ghost in GHOSTS:
        reports += _of_ghost(ghost, institutions[ghost.name], rng)
    for wave in WAVES:
        reports += _of_wave(wave, institutions[wave.name], rng)
    return reports


def _of_cluster(cluster: Cluster, rng: random.Random) -> Iterator[Report]:
    """Nine in ten in the place itself, one in ten a few steps from it; two in three true."""
    days = [d for d in days_between(cluster.first, cluster.last) if d.weekday() in cluster.weekdays]
    for number in range(cluster.reports):
        site = city.place_site(UNITS[cluster.place.unit], cluster.place, rng)
        if number % 10 == 9:
            site = _nearby(cluster.place, rng)
        report = make_report(cluster.place.unit, rng.choice(days), site, None, rng)
        report.violation_type = cluster.violation_type
        report.hours = cluster.hours
        report.located = True
        report.story = cluster.place.name
        yield finish(report, ALL_TRUE if number % 3 else NONE_TRUE, rng)


def _nearby(place: Place, rng: random.Random) -> Site:
    """Across the street, without the place's name: about fifty metres off."""
    longitude = round(place.longitude + rng.choice((-0.0004, 0.0004)), 6)
    latitude = round(place.latitude + rng.choice((-0.0003, 0.0003)), 6)
    where = f"柳州市{UNITS[place.unit].name}{place.town}{place.street}对面"
    return Site(where, None, longitude, latitude)


def _of_ghost(ghost: Ghost, institution: Institution, rng: random.Random) -> Iterator[Report]:
    for day in (*ghost.named, *ghost.nameless):
        known = institution if day in ghost.named else None
        report = make_report(ghost.place.unit, day, institution.site, known, rng)
        report.violation_type = "假注销真运营" if known else "学科类违规开班"
        report.located = True
        report.hours = "09:00-11:30"
        report.story = ghost.name
        yield _settled(finish(report, ALL_TRUE, rng), 6)


def _settled(report: Report, wait: int) -> Report:
    """Let it be verified so many days after it came in, so that the story shows in time."""
    report.checked_on = report.received_on + timedelta(days=wait)
    report.closed_on = report.checked_on + timedelta(days=2)
    report.first_ready_on = min(report.received_on + timedelta(days=1), LAST_DAY)
    return report


def _of_wave(wave: Wave, institution: Institution, rng: random.Random) -> Iterator[Report]:
    days = days_between(wave.first, wave.last)
    for _ in range(wave.reports):
        report = make_report(wave.unit, rng.choice(days), institution.site, institution, rng)
        report.violation_type = "退费难"
        report.story = wave.name
        yield finish(report, 0.6, rng)


def follow_up(institution: Institution, day: date, rng: random.Random) -> Report:
    """Make a report of a day that turns out true within a week: something came back."""
    report = make_report(institution.unit, day, institution.site, institution, rng)
    report.phone = names.mobile(rng)
    report.story = "came back"
    return _settled(finish(report, ALL_TRUE, rng), 4)
