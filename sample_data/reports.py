"""Reports from the public: the background, and the planted ones on top of it."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sample_data import city, names
from sample_data.city import Place, Site
from sample_data.days import LAST_DAY, Rhythm, dice, summer_rhythm
from sample_data.institutions import Institution
from sample_data.records import Record, Values, Version, history, paperwork
from sample_data.report_words import (
    CHANNELS,
    CITY_CHANNELS,
    HIDDEN_TYPES,
    HOURS,
    SUMMARIES,
    TYPES_BY_CATEGORY,
)
from sample_data.routes import CITY, arrival
from sample_data.units import LAGGARD, UNITS, Unit

BUSY_BUILDINGS = 8
DISTRICTS = ("450202", "450203", "450204", "450205")
NO_POINT = 0.06


@dataclass
class Report:
    """A report as it went, from the call to its end."""

    unit: str
    received_on: date
    channel: str
    violation_type: str
    site: Site
    institution: Institution | None = None
    hours: str | None = None
    phone: str | None = None
    located: bool = True
    checked_on: date | None = None
    substantiated: bool = False
    closed_on: date | None = None
    first_ready_on: date = LAST_DAY
    number: str = ""
    story: str = ""

    @property
    def sender(self) -> str:
        """Who sends it on: the city for its own channels, else the county."""
        return CITY if self.channel in CITY_CHANNELS else ""

    @property
    def verified_on(self) -> date | None:
        """The day of verification, if that came by the last day."""
        return self.checked_on if self.checked_on and self.checked_on <= LAST_DAY else None

    @property
    def known_on(self) -> date:
        """The day its first row reaches the city."""
        return arrival("violation_reports", self.unit, self.first_ready_on, self.sender)


class Directory:
    """The institutions a report, a check or a dispute of a day may name."""

    def __init__(self, institutions: list[Institution]) -> None:
        self._by_unit: dict[str, list[Institution]] = defaultdict(list)
        self.in_place: dict[str, list[Institution]] = defaultdict(list)
        for institution in sorted(institutions, key=lambda i: i.known_on):
            if institution.story:
                continue
            self._by_unit[institution.unit].append(institution)
            if institution.place:
                self.in_place[institution.place.name].append(institution)
        self._known = {
            unit: [i.known_on for i in members] for unit, members in self._by_unit.items()
        }

    def pick(self, unit: str, day: date, rng: random.Random) -> Institution | None:
        """Draw an institution of the unit that was known by the day and still there."""
        known = bisect_right(self._known[unit], day)
        return _still_there(self._by_unit[unit][:known], day, rng)

    def pick_in(self, place: Place, day: date, rng: random.Random) -> Institution | None:
        """Draw one of those in a building in the same way."""
        return _still_there([i for i in self.in_place[place.name] if i.known_on <= day], day, rng)


def _still_there(members: list[Institution], day: date, rng: random.Random) -> Institution | None:
    if not members:
        return None
    chosen = rng.choice(members)
    gone = chosen.deregistered_on is not None and chosen.deregistered_on <= day
    return None if gone else chosen


def background_reports(
    seed: int, number: int, directory: Directory, places: dict[str, list[Place]]
) -> Iterator[Report]:
    """So many reports, made one at a time, busy buildings getting more than their share."""
    rng = dice(seed, "reports")
    rhythm = summer_rhythm(surge=2.2, weekend=0.45)
    units = list(UNITS.values())
    sizes = [unit.institutions for unit in units]
    busy = busy_buildings(directory, places)
    for _ in range(number):
        if rng.random() < 0.16:
            yield _at_building(rng.choice(busy), rhythm, directory, rng)
        else:
            unit = rng.choices(units, sizes)[0]
            yield _anywhere(unit, rhythm, directory, places[unit.code], rng)


def busy_buildings(directory: Directory, places: dict[str, list[Place]]) -> list[Place]:
    """Return the buildings of the inner districts with most institutions in them."""
    buildings = [place for unit in DISTRICTS for place in places[unit] if place.is_building]
    return sorted(buildings, key=lambda p: -len(directory.in_place[p.name]))[:BUSY_BUILDINGS]


def _at_building(place: Place, rhythm: Rhythm, directory: Directory, rng: random.Random) -> Report:
    day = rhythm.draw(rng)
    institution = directory.pick_in(place, day, rng) if rng.random() < 0.75 else None
    site = institution.site if institution else city.place_site(UNITS[place.unit], place, rng)
    return finish(make_report(place.unit, day, site, institution, rng), 0.15, rng)


def _anywhere(
    unit: Unit, rhythm: Rhythm, directory: Directory, places: list[Place], rng: random.Random
) -> Report:
    day = rhythm.draw(rng)
    institution = directory.pick(unit.code, day, rng) if rng.random() < 0.62 else None
    if institution:
        site = institution.site
    elif rng.random() < 0.6:
        site = city.place_site(unit, rng.choice(places), rng)
    else:
        site = city.street_site(unit, rng)
    return finish(make_report(unit.code, day, site, institution, rng), 0.28, rng)


def make_report(
    unit: str, day: date, site: Site, institution: Institution | None, rng: random.Random
) -> Report:
    """Make a call on a day about a place, with what it says drawn to fit."""
    known_as = institution.category if institution else "nobody"
    if institution and institution.status == "unlicensed":
        known_as = "unlicensed"
    kinds = TYPES_BY_CATEGORY[known_as]
    violation_type = rng.choices(list(kinds), list(kinds.values()))[0]
    hidden = violation_type in HIDDEN_TYPES
    return Report(
        unit=unit,
        received_on=day,
        channel=rng.choices(list(CHANNELS), list(CHANNELS.values()))[0],
        violation_type=violation_type,
        site=site,
        institution=institution,
        hours=rng.choice(HOURS) if rng.random() < (0.75 if hidden else 0.2) else None,
        phone=names.mobile(rng) if rng.random() < 0.55 else None,
        located=rng.random() >= NO_POINT,
    )


def finish(report: Report, chance: float, rng: random.Random) -> Report:
    """Let the report be verified and closed; ``chance`` is that of its being true."""
    slow = rng.randrange(10, 28) if report.unit == LAGGARD else 0
    if rng.random() < 0.95:
        wait = min(40, max(2, int(rng.lognormvariate(1.9, 0.5)))) + slow
        report.checked_on = report.received_on + timedelta(days=wait)
        report.closed_on = report.checked_on + timedelta(days=rng.randrange(0, 8))
    report.substantiated = rng.random() < chance
    report.first_ready_on = min(paperwork(report.received_on, report.unit, rng), LAST_DAY)
    if report.institution:
        report.first_ready_on = max(report.first_ready_on, report.institution.known_on)
    return report


def number_reports(reports: list[Report]) -> None:
    """Give each its number by the day it came in: JB20220705-0001 and so on."""
    today: Counter[date] = Counter()
    for report in sorted(reports, key=lambda report: report.received_on):
        today[report.received_on] += 1
        report.number = f"JB{report.received_on:%Y%m%d}-{today[report.received_on]:04d}"


def report_records(seed: int, reports: list[Report]) -> list[Record]:
    """One ledger line a report."""
    rng = dice(seed, "report ledgers")
    return [_record(report, rng) for report in reports]


def _record(report: Report, rng: random.Random) -> Record:
    versions = _versions(report, rng)
    return Record("violation_reports", report.number, report.unit, versions, report.sender)


def _versions(report: Report, rng: random.Random) -> tuple[Version, ...]:
    lag = report.first_ready_on - report.received_on
    first = _first_row(report)
    if rng.random() < 0.03:
        first["违规类型"] = "其他"
    steps: list[tuple[date, Values]] = [
        (report.received_on, first),
        (report.received_on + timedelta(days=2), {"办理状态": "assigned"}),
        (report.received_on + timedelta(days=4), {"办理状态": "verifying"}),
    ]
    if report.checked_on:
        steps = [step for step in steps if step[0] < report.checked_on or step[1] is first]
        outcome = "substantiated" if report.substantiated else "unsubstantiated"
        known: Values = {
            "办理状态": outcome,
            "核实日期": report.checked_on,
            "违规类型": report.violation_type,
        }
        steps.append((report.checked_on, known))
    if report.closed_on:
        steps.append((report.closed_on, {"办结日期": report.closed_on}))
    return history((day + lag, values) for day, values in steps)


def _first_row(report: Report) -> Values:
    site = report.site
    return {
        "线索编号": report.number,
        "接报日期": report.received_on,
        "举报渠道": report.channel,
        "违规类型": report.violation_type,
        "县区": report.unit,
        "机构名称": report.institution.name if report.institution else None,
        "楼宇小区": site.place.name if site.place else None,
        "地址": site.address,
        "经度": site.longitude if report.located else None,
        "纬度": site.latitude if report.located else None,
        "办理状态": "received",
        "核实日期": None,
        "办结日期": None,
        "上课时间": report.hours,
        "内容摘要": SUMMARIES[report.violation_type],
        "举报人电话": report.phone,
    }
