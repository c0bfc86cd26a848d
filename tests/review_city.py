"""A county whose review of itself is worked out by hand, and another whose rows must not count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select

from data_access import schema, summaries
from data_access.vocabulary import VERIFICATION_ITEM
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

WEEK: Final = timedelta(days=7)


def before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


def fill(conn: Connection) -> None:
    """A county worked out by hand below, and rows of another that must not count."""
    # Twelve non-subject institutions: 1 to 9 qualified and registered, the ninth this week, 10
    # qualified alone, 11 and 12 neither; one subject institution; one gone, one not yet found.
    for number in range(1, 13):
        one = make.institution(
            conn,
            name=f"甲{number:02}",
            qualified_on=date(2022, 7, 20) if number <= 10 else None,
            platform_registered_on=(
                before(2) if number == 9 else date(2022, 7, 25) if number < 9 else None
            ),
            fee_supervision="escrow" if number <= 6 else "none",
            standard_contract=number <= 3,
        )
        if number <= 11:  # the twelfth was looked at in nothing
            for item in VERIFICATION_ITEM:
                is_open = number == 11 and item in ("staff", "premises")
                outcome = "pending" if is_open else "fail" if number == 11 else "pass"
                make.verification(conn, one, item=item, outcome=outcome)
    make.institution(conn, name="甲学科", category="subject", qualified_on=date(2022, 7, 1))
    make.institution(
        conn, name="甲已注销", operating_status="deregistered", deregistered_on=THURSDAY
    )
    make.institution(conn, name="甲未排查", found_on=THURSDAY + timedelta(days=1))
    # Three items open: one a day late, one due on the Thursday itself, one due on the Friday; one
    # that waits for the city; one closed.
    for ledger_no, due_on in (("ZG-LATE", before(1)), ("ZG-TODAY", THURSDAY)):
        make.rectification(conn, ledger_no=ledger_no, due_on=due_on, institution_name="甲01")
    make.rectification(conn, ledger_no="ZG-LATER", due_on=THURSDAY + timedelta(days=1))
    applied = make.rectification(conn, ledger_no="ZG-APPLIED", due_on=before(3), status="submitted")
    step(conn, applied, "submit")
    make.rectification(
        conn, ledger_no="ZG-CLOSED", status="closed", closed_on=before(3), due_on=before(9)
    )
    # Two disputes, one of an institution to watch without a plan; one in court, one resolved.
    make.dispute(conn, dispute_no="TF-OLD", opened_on=before(60), institution_name="甲02")
    make.dispute(
        conn,
        dispute_no="TF-WATCHED",
        institution_name="甲03",
        opened_on=before(5),
        students=40,
        plan_in_place=False,
    )
    make.dispute(conn, dispute_no="TF-COURT", status="litigation", opened_on=before(90))
    make.dispute(
        conn, dispute_no="TF-DONE", status="resolved", resolved_on=THURSDAY, route="refund"
    )
    # Reports since July: four, three verified; of the hidden forms two, one verified and proven.
    seen = {"verified_on": before(9), "status": "substantiated"}
    make.report(conn, received_on=before(20), **seen)
    make.report(conn, received_on=before(15), violation_type_group="其他", **seen)
    make.report(conn, received_on=before(10), violation_type_group="恶意涨价", **seen)
    make.report(conn, received_on=date(2022, 7, 1), channel_group="网格巡查")
    make.report(conn, received_on=date(2022, 6, 30))
    # Inspections since July: four, one joint, one unannounced; one is nobody's to know yet.
    make.inspection(conn, method="joint", inspected_on=before(8))
    make.inspection(conn, method="unannounced", inspected_on=before(8))
    make.inspection(conn)
    make.inspection(conn, inspected_on=date(2022, 7, 1))
    make.inspection(conn, inspected_on=date(2022, 6, 30), method="joint")
    stop, _ = make.visit_plan(conn, CITY, SOUTH, status="sealed")
    make.inspection(conn, method="unannounced", visit_stop_id=stop, withheld=True)
    make.rectification(conn, ledger_no="XT-1", due_on=before(1), withheld=True)
    check_and_charge(conn)
    # Another county.
    for number in range(3):
        make.institution(conn, name=f"乙{number}", county_code=SOUTH)
        make.rectification(
            conn, county_code=SOUTH, ledger_no=f"ZG-SOUTH-{number}", due_on=before(9)
        )
        make.dispute(conn, county_code=SOUTH, dispute_no=f"TF-SOUTH-{number}")
        make.report(conn, county_code=SOUTH)
        make.inspection(conn, county_code=SOUTH, method="joint")
    duty = {"county_code": CITY, "received_by_us_on": THURSDAY}
    conn.execute(
        insert(schema.county_action),
        [
            {
                **duty,
                "duty": "plan",
                "done_on": date(2022, 7, 8),
                "evidence": "柳城双减〔2022〕1号",
            },
            {**duty, "duty": "hotline", "done_on": THURSDAY + timedelta(days=1), "evidence": "报"},
        ],
    )
    sent = {"document": "weekly_form", "due_on": THURSDAY, "received_by_us_on": THURSDAY}
    for number in range(8):
        week = THURSDAY - WEEK * number
        row = {"county_code": CITY, "period": week.isoformat(), "submitted_on": week}
        if number:
            conn.execute(insert(schema.submission).values(sent | row | {"due_on": week}))
    summaries.rebuild_all(conn)


def check_and_charge(conn: Connection) -> None:
    """Three checks that found two things, one of them closed, and charges of which two are wrong.

    What was before July does not count.
    """
    first = (
        select(schema.institution.c.id)
        .where(schema.institution.c.county_code == CITY)
        .order_by(schema.institution.c.name)
        .limit(3)
    )
    closed = select(schema.rectification.c.id).where(
        schema.rectification.c.ledger_no == "ZG-CLOSED"
    )
    found: dict[str, object] = {"outcome": "finding"}
    outcomes = (found | {"rectification_id": conn.scalar(closed)}, found, {})
    charges = ((60, True), (61, True), (20, False))
    for one, outcome, (lessons, escrow) in zip(conn.scalars(first), outcomes, charges, strict=True):
        make.check(conn, one, checked_on=before(20), **outcome)
        make.check(conn, one, domain="contest", checked_on=date(2022, 6, 30), **found)
        make.charge(conn, one, charged_on=before(3), lessons=lessons, into_escrow=escrow)
        make.charge(conn, one, charged_on=date(2022, 6, 30), lessons=99)


def step(conn: Connection, item: int, name: str) -> None:
    row = {"rectification_id": item, "county_code": CITY, "happened_on": before(1), "step": name}
    conn.execute(insert(schema.rectification_event).values(row | {"received_by_us_on": before(1)}))
