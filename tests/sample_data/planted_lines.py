"""What README.md says of planted prices, charges, checks and classes, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import time

from sample_data.charges import Charge
from sample_data.fees import Price
from sample_data.planted_charges import EARLY, EDGE, LARGE, LESSONS, MONTHS, OUTSIDE, STOPPED, STOPS
from sample_data.planted_classes import LATE_ONLINE, LATE_UNNAMED
from sample_data.planted_fees import DECOYS, JUMPS, PriceStory
from sample_data.planted_plans import PLANS
from sample_data.reports import Report
from sample_data.units import UNITS
from sample_data.world import World

KINDS = (MONTHS, LESSONS, EARLY, OUTSIDE, LARGE, EDGE)
OFFLINE_END, ONLINE_END = time(20, 30), time(21)
ONLINE = "线上直播"


def price_lines(stories: tuple[PriceStory, ...]) -> Iterator[str]:
    """List the stories of prices: a line a course."""
    for number, story in enumerate(stories, start=1):
        for fee in story.fees:
            prices = "; ".join(f"{price.effective_on}: {said(price)}" for price in fee.prices)
            county = UNITS[fee.unit].name
            yield (
                f"| {number} | {story.why} | {county} | {fee.institution} | {fee.course} |"
                f" {fee.item} | {fee.class_size} | {prices} |"
            )


def said(price: Price) -> str:
    """Say a price as it is written, and what it comes to."""
    unit = {
        "lesson": "a lesson",
        "term": f"a term of {price.lessons} lessons",
        "class_lesson": f"a lesson of a class of {price.students}",
    }[price.unit]
    return (
        f"{price.quoted:,} yuan {unit} of {price.minutes} minutes ({price.per_standard_lesson:.2f})"
    )


def charge_line(charge: Charge) -> str:
    """Say all of a planted charge that a rule looks at."""
    into = {True: "yes", False: "no", None: ""}[charge.into_account]
    return (
        f"| {UNITS[charge.institution.unit].name} | {charge.institution.name} | {charge.receipt} |"
        f" {charge.charged_on} | {charge.amount:,} | {charge.months or ''} |"
        f" {charge.lessons or ''} | {charge.starts_on} | {into} |"
    )


def charges_of(world: World, story: str) -> list[Charge]:
    """Return the charges of a story by day."""
    told = [charge for charge in world.charges if charge.story == story]
    return sorted(told, key=lambda charge: (charge.charged_on, charge.institution.name))


def stop_lines(world: World) -> Iterator[str]:
    """List what those that stopped had taken and not given back."""
    for stop in STOPS:
        taken = [
            charge
            for charge in charges_of(world, STOPPED)
            if (charge.institution.unit, charge.institution.name) == (stop.unit, stop.institution)
        ]
        [institution] = {id(c.institution): c.institution for c in taken}.values()
        state = {"suspended": "停业", "deregistered": "已注销"}[institution.status]
        into = "in the account" if stop.into_account else "outside the account"
        yield (
            f"| {UNITS[stop.unit].name} | {stop.institution} | {state} |"
            f" {institution.status_since} | {len(taken)} |"
            f" {sum(charge.amount for charge in taken):,} | {into} |"
            f" {max(charge.ends_on for charge in taken if charge.ends_on)} |"
        )


def check_lines(world: World) -> Iterator[str]:
    """Count checks, institutions checked and findings by county."""
    for unit in UNITS.values():
        checks = [check for check in world.checks if check.institution.unit == unit.code]
        found = [check for check in checks if check.found]
        there = len({id(check.institution) for check in checks})
        closed = [i for i in world.check_items if i.unit == unit.code and i.closed_on]
        yield (f"| {unit.name} | {len(checks)} | {there} | {len(found)} | {len(closed)} |")


def plan_lines() -> Iterator[str]:
    """List the steps of the plans."""
    for plan in PLANS:
        for number, step in enumerate(plan.steps, start=1):
            yield (
                f"| {plan.institution} | {plan.opened_on} | {number} | {step.what} |"
                f" {step.due_on} | {step.done_on or ''} |"
            )


def late_online_lines() -> Iterator[str]:
    """List the reports of late online classes."""
    for reports, named in ((LATE_ONLINE, "yes"), (LATE_UNNAMED, "no")):
        for number, hours in reports.items():
            yield f"| {number} | {hours} | {named} |"


def ends_at(report: Report) -> time | None:
    """Return when the class of a report ends, None where it doesn't say."""
    return time.fromisoformat(report.hours.split("-")[1]) if report.hours else None


def late_offline(world: World) -> list[Report]:
    """Return the reports of classes offline past 20:30."""
    return [
        report
        for report in world.reports
        if report.violation_type != ONLINE
        and (ends := ends_at(report)) is not None
        and ends > OFFLINE_END
    ]


def evening_lines(world: World) -> Iterator[str]:
    """Count the reports of evening classes offline by what is told of them and when they end."""
    counts = Counter((report.violation_type, report.hours) for report in late_offline(world))
    for (kind, hours), number in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        yield f"| {kind} | {hours} | {number} |"


def all_tables(world: World) -> dict[str, list[str]]:
    """Return every table by its name."""
    return {
        "jumps": list(price_lines(JUMPS)),
        "decoys": list(price_lines(DECOYS)),
        **{kind: [charge_line(c) for c in charges_of(world, kind)] for kind in KINDS},
        "stops": list(stop_lines(world)),
        "checks": list(check_lines(world)),
        "plans": list(plan_lines()),
        "online": list(late_online_lines()),
        "evening": list(evening_lines(world)),
    }
