"""What a county's file is told does not say what other counties, or unreleased plans, hold."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Table, select, update

from data_access import schema
from data_access.ledgers.storing import Sender, Stored
from tests.data_access.ledgers.conftest import Load, Rows
from tests.data_access.ledgers.understandings import (
    NORTH,
    SOUTH,
    charge,
    check,
    dispute,
    inspection,
    institution,
    item,
    price,
    report,
    roster,
    step,
    verification,
)
from tests.factories import visit_stop

OWN = Sender("south@example.org", SOUTH, is_county_account=True)
CODE = "91450205MA5N000001"
NUMBERED = [
    ("rectifications", "ledger_no", item),
    ("inspections", "inspection_no", inspection),
]


def told(stored: Stored) -> list[tuple[str | None, str, str]]:
    return [(p.column, p.problem, p.severity) for p in stored.problems]


def withhold(conn: Connection, table: Table) -> None:
    """Make the rows of a table those of a plan that is not released."""
    values: dict[str, Any] = {"withheld": True}
    if "visit_stop_id" in table.c:
        values["visit_stop_id"] = visit_stop(conn)
    conn.execute(update(table).values(**values))


def bring(conn: Connection, kind: str, **cells: Any) -> None:
    """Put a row in by the city, under a number of the system's own."""
    table = schema.metadata.tables[kind.removesuffix("s")]
    number = next(name for name in cells if name.endswith("_no"))
    conn.execute(update(table).values(**{number: cells[number]}))


@pytest.mark.parametrize(("kind", "number", "row"), NUMBERED)
def test_system_s_own_number_is_refused_alike_whether_or_not_there_is_one(
    conn: Connection, load: Load, kind: str, number: str, row: Any
) -> None:
    def sent() -> list[tuple[str | None, str, str]]:
        stored = load(kind, row(county_code=SOUTH, **{number: "XT-7"}), sender=OWN)
        assert stored.rows_rejected == 1
        return told(stored)

    unknown = sent()
    load(kind, row(county_code=NORTH))
    bring(conn, kind, **{number: "XT-7"})
    of_another_county = sent()
    table = schema.metadata.tables[kind.removesuffix("s")]
    conn.execute(update(table).values(county_code=SOUTH))
    withhold(conn, table)
    of_a_plan = sent()

    assert unknown == of_another_county == of_a_plan
    assert NORTH not in str(unknown)


@pytest.mark.parametrize(("kind", "number", "row"), NUMBERED)
def test_number_of_an_unreleased_plan_is_refused_like_another_county_s(
    conn: Connection, load: Load, kind: str, number: str, row: Any
) -> None:
    load(kind, row(county_code=NORTH))
    table = schema.metadata.tables[kind.removesuffix("s")]
    of_another_county = told(load(kind, row(county_code=SOUTH), sender=OWN))
    conn.execute(update(table).values(county_code=SOUTH))
    withhold(conn, table)
    of_a_plan = told(load(kind, row(county_code=SOUTH), sender=OWN))

    assert of_another_county == of_a_plan
    assert [severity for _, _, severity in of_a_plan] == ["error"]


def test_released_number_of_the_system_is_known_to_its_county(
    conn: Connection, load: Load, rows: Rows
) -> None:
    load("rectifications", item(county_code=SOUTH))
    bring(conn, "rectifications", ledger_no="XT-7")

    stored = load(
        "rectifications", item(county_code=SOUTH, ledger_no="XT-7", place_name="甲"), sender=OWN
    )

    assert (stored.rows_updated, rows("rectification")[0].place_name) == (1, "甲")


def test_steps_of_an_unknown_item_another_county_s_and_a_plan_s_are_refused_alike(
    conn: Connection, load: Load
) -> None:
    unknown = told(load("rectification_events", step(), sender=OWN))
    load("rectifications", item(county_code=NORTH))
    of_another_county = told(load("rectification_events", step(), sender=OWN))
    conn.execute(update(schema.rectification).values(county_code=SOUTH))
    withhold(conn, schema.rectification)
    of_a_plan = told(load("rectification_events", step(), sender=OWN))

    assert unknown == of_another_county == of_a_plan


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("violation_reports", report),
        ("inspections", inspection),
        ("rectifications", item),
        ("refund_disputes", dispute),
        ("verifications", verification),
        ("course_fees", price),
        ("fee_charges", charge),
        ("compliance_checks", check),
        ("roster_entries", roster),
    ],
)
def test_institution_of_another_county_is_told_like_one_that_nobody_has(
    load: Load, kind: str, row: Any
) -> None:
    sent = row(county_code=SOUTH, institution_name="乙", credit_code=CODE)
    if kind == "roster_entries":
        sent = roster(county_code=SOUTH, name="乙", credit_code=CODE)
    nobodys = told(load(kind, sent, sender=OWN))
    load("institutions", institution(name="北的秘密", county_code=NORTH, credit_code=CODE))

    # Sent once more it is linked already, and a new row is linked at once.
    again = told(load(kind, sent, sender=OWN))
    other = {"report_no", "inspection_no", "ledger_no", "dispute_no", "entry_no"} & set(sent)
    other |= {"check_no", "receipt_no"} & set(sent)
    anew = told(load(kind, sent | dict.fromkeys(other, "NEW-1"), sender=OWN))

    assert nobodys == again == anew
    assert "北的秘密" not in str(anew)


def test_own_institution_is_linked_and_nothing_is_said(load: Load) -> None:
    load("institutions", institution(county_code=SOUTH, credit_code=CODE))

    stored = load("refund_disputes", dispute(county_code=SOUTH, credit_code=CODE), sender=OWN)

    assert told(stored) == []


def test_city_is_told_of_no_institution_of_another_county(load: Load) -> None:
    """It reads both counties, and may link across them."""
    load("institutions", institution(county_code=NORTH, credit_code=CODE))

    assert told(load("refund_disputes", dispute(county_code=SOUTH, credit_code=CODE))) == []


def test_reasons_of_refusals_that_are_kept_name_no_county(conn: Connection, load: Load) -> None:
    load("rectifications", item(county_code=NORTH, institution_name="北的秘密"))
    load("institutions", institution(county_code=NORTH, credit_code=CODE, name="北的秘密"))

    load("rectifications", item(county_code=SOUTH), sender=OWN)
    load("institutions", institution(county_code=SOUTH, credit_code=CODE), sender=OWN)

    problem, batch = schema.import_problem.c, schema.import_batch.c
    its_own = select(problem.problem, problem.value).join(schema.import_batch)
    held = str(conn.execute(its_own.where(batch.county_code == SOUTH)).all())
    assert held.count("已被使用") == 2
    assert not [word for word in ("柳北", "北的秘密") if word in held]
