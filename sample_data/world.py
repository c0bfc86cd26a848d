"""Everything that happened in the made-up city, and the ledger lines that tell of it."""

from __future__ import annotations

from dataclasses import dataclass

from sample_data import city
from sample_data.charges import Charge, charge_records, make_charges
from sample_data.check_items import make_check_items
from sample_data.compliance import Check, check_records, make_checks
from sample_data.county_work import action_records, submission_records
from sample_data.days import dice
from sample_data.fees import Course, fee_records, make_courses
from sample_data.inspections import (
    Inspection,
    inspection_records,
    make_inspections,
    number_inspections,
)
from sample_data.institutions import Institution, institution_records, make_institutions
from sample_data.planted import planted_reports
from sample_data.planted_charges import planted_charges
from sample_data.planted_classes import set_hours
from sample_data.planted_failure import failing_course
from sample_data.planted_fees import planted_courses
from sample_data.planted_rosters import planted_records
from sample_data.records import Record
from sample_data.rectifications import (
    FOUND_AGAIN,
    REPORTED_AGAIN,
    Findings,
    Item,
    item_records,
    make_items,
)
from sample_data.refunds import Dispute, dispute_records, make_disputes
from sample_data.reports import (
    Directory,
    Report,
    background_reports,
    number_reports,
    report_records,
)
from sample_data.rosters import roster_records
from sample_data.stories import story_institutions
from sample_data.verifications import verification_records

INSPECTIONS = 3000
ITEMS = 900
DISPUTES = 1400
CHARGES = 4000
CHECKS = 2500


@dataclass(frozen=True)
class World:
    """The facts, before any office writes them down."""

    institutions: list[Institution]
    reports: list[Report]
    inspections: list[Inspection]
    items: list[Item]
    disputes: list[Dispute]
    courses: list[Course]
    charges: list[Charge]
    checks: list[Check]
    check_items: list[Item]


def make_world(seed: int, reports: int) -> World:
    """Let it happen: the stories first, then so much background that the numbers are met."""
    places = city.make_places(dice(seed, "places"))
    institutions = make_institutions(seed, places)
    institutions += story_institutions(len(institutions) + 1)
    by_name = {institution.name: institution for institution in institutions}
    directory = Directory(institutions)
    planted = planted_reports(seed, by_name)
    background = max(0, reports - len(planted) - REPORTED_AGAIN)
    told = [*planted, *background_reports(seed, background, directory, places)]
    found = make_inspections(seed, INSPECTIONS - FOUND_AGAIN, told, directory, by_name, places)
    findings = Findings(told, found)
    items = make_items(seed, ITEMS, findings, directory)
    number_reports(told)
    set_hours(told)
    number_inspections(found)
    disputes = make_disputes(seed, DISPUTES, directory, by_name)
    courses = make_courses(
        seed, institutions, [*planted_courses(institutions), failing_course(institutions)]
    )
    charges = make_charges(seed, CHARGES, courses, planted_charges(seed, institutions, courses))
    checks = make_checks(seed, CHECKS, institutions)
    of_checks = make_check_items(seed, checks, findings)
    return World(institutions, told, found, items, disputes, courses, charges, checks, of_checks)


def world_records(seed: int, world: World) -> list[Record]:
    """List the lines of every ledger."""
    return [
        *institution_records(seed, world.institutions),
        *roster_records(seed, world.institutions),
        *planted_records(world.institutions),
        *verification_records(seed, world.institutions),
        *report_records(seed, world.reports),
        *inspection_records(seed, world.inspections),
        *item_records(seed, world.items),
        *dispute_records(seed, world.disputes),
        *fee_records(seed, world.courses),
        *charge_records(seed, world.charges),
        *check_records(seed, world.checks),
        *item_records(seed, world.check_items, "check item ledgers"),
        *submission_records(seed),
        *action_records(seed),
    ]
