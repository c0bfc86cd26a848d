"""Which institution a row means, when it is known and when it arrives later."""

from __future__ import annotations

from datetime import date

import pytest

from data_access.ledgers.storing import Sender
from tests.data_access.ledgers.conftest import Load, Rows, reasons
from tests.data_access.ledgers.understandings import (
    CLEAR,
    NORTH,
    SOUTH,
    check,
    dispute,
    inspection,
    institution,
    item,
    report,
    roster,
    verification,
)

CODE, OTHER_CODE = "91450205MA5N000001", "91450205MA5N000002"
SAME_NAME = "甲 艺术培训中心"  # a blank within makes no other name
LINKED = [
    ("violation_reports", "violation_report", report),
    ("inspections", "inspection", inspection),
    ("rectifications", "rectification", item),
    ("refund_disputes", "refund_dispute", dispute),
    ("compliance_checks", "compliance_check", check),
]
each_ledger = pytest.mark.parametrize(("kind", "table", "row"), LINKED)
Row = type[dict[str, object]]


# Institutions


def test_an_institution_is_known_again_by_its_code_under_a_new_name(load: Load, rows: Rows) -> None:
    load("institutions", institution(credit_code=CODE))

    stored = load("institutions", institution(credit_code=CODE, name="甲文化传播"))

    assert stored.rows_updated == 1
    assert [row.name for row in rows("institution")] == ["甲文化传播"]


def test_a_known_institution_that_sends_its_code_at_last_is_the_same_one(
    load: Load, rows: Rows
) -> None:
    load("institutions", institution())

    stored = load("institutions", institution(credit_code=CODE, name=SAME_NAME))

    assert stored.rows_updated == 1
    assert [row.credit_code for row in rows("institution")] == [CODE]


def test_a_row_without_code_is_the_one_institution_of_that_name(load: Load, rows: Rows) -> None:
    load("institutions", institution(credit_code=CODE))

    stored = load("institutions", institution(students=30))

    assert stored.rows_updated == 1
    assert [(row.credit_code, row.students) for row in rows("institution")] == [(CODE, 30)]


def test_the_same_name_with_two_codes_is_two_institutions(load: Load, rows: Rows) -> None:
    both = institution(credit_code=CODE), institution(credit_code=OTHER_CODE)

    assert load("institutions", *both).rows_loaded == 2
    assert load("institutions", *both).rows_updated == 2
    assert len(rows("institution")) == 2


def test_a_row_without_code_that_fits_several_is_asked_for_it(load: Load) -> None:
    load("institutions", institution(credit_code=CODE), institution(credit_code=OTHER_CODE))

    stored = load("institutions", institution())

    assert stored.rows_rejected == 1
    assert "请补填统一社会信用代码" in str(reasons(stored))


def test_rows_of_one_file_that_mean_one_institution_are_a_repeat(load: Load) -> None:
    stored = load("institutions", institution(), institution(credit_code=CODE))

    assert (stored.rows_loaded, stored.rows_rejected) == (1, 1)
    assert "第 4 行重复" in str(reasons(stored))


def test_the_same_name_in_another_county_is_another_institution(load: Load) -> None:
    assert load("institutions", institution(), institution(county_code=SOUTH)).rows_loaded == 2


def test_a_code_of_another_county_is_refused_to_a_county_and_moved_by_the_city(
    load: Load, rows: Rows
) -> None:
    load("institutions", institution(credit_code=CODE, name="甲的秘密"))
    load("verifications", verification(institution_name="甲的秘密"))
    sent = institution(credit_code=CODE, county_code=SOUTH)

    refused = load("institutions", sent, sender=Sender("south", SOUTH))

    assert refused.rows_rejected == 1
    assert "甲的秘密" not in str(reasons(refused))

    moved = load("institutions", sent)

    assert (moved.rows_updated, rows("institution")[0].county_code) == (1, SOUTH)
    assert rows("verification")[0].county_code == SOUTH
    assert any("县区" in str(reason) for reason in reasons(moved, "warning"))


def test_a_code_can_be_emptied(load: Load, rows: Rows) -> None:
    load("institutions", institution(credit_code=CODE))

    load("institutions", institution(credit_code=CLEAR))

    assert [row.credit_code for row in rows("institution")] == [None]


@pytest.mark.parametrize("day", [None, date(2022, 6, 1)])
def test_a_deregistered_institution_needs_its_day(load: Load, day: date | None) -> None:
    stored = load("institutions", institution(operating_status="deregistered", deregistered_on=day))

    assert stored.rows_loaded == (0 if day is None else 1)


# Rows that name an institution


@each_ledger
@pytest.mark.parametrize(
    "named",
    [
        {"institution_name": SAME_NAME},
        {"institution_name": "改名之前", "credit_code": CODE},
        {"institution_name": "别县所记", "credit_code": CODE, "county_code": SOUTH},
    ],
    ids=["name", "code", "code from another county"],
)
def test_a_row_waits_for_its_institution_and_is_linked_when_it_arrives(
    load: Load, rows: Rows, kind: str, table: str, row: Row, named: dict[str, str]
) -> None:
    stored = load(kind, row(**named))
    assert stored.rows_loaded == 1
    assert any("机构台账中没有" in str(reason) for reason in reasons(stored, "warning"))
    assert rows(table)[0].institution_id is None

    load("institutions", institution(credit_code=CODE))

    linked = rows(table)[0]
    assert linked.institution_id == rows("institution")[0].id
    assert linked.row_version == 1
    assert rows("row_change") == []


@each_ledger
@pytest.mark.parametrize(
    "named",
    [
        {"institution_name": "甲艺术"},
        {"institution_name": SAME_NAME, "county_code": SOUTH},
        {"institution_name": SAME_NAME, "credit_code": OTHER_CODE},
    ],
    ids=["another name", "another county", "another code"],
)
def test_a_row_that_means_another_institution_stays_unlinked(
    load: Load, rows: Rows, kind: str, table: str, row: Row, named: dict[str, str]
) -> None:
    load(kind, row(**named))
    load("institutions", institution(credit_code=CODE))
    load(kind, row(**named))

    assert rows(table)[0].institution_id is None


@each_ledger
def test_a_name_that_fits_several_is_not_linked(
    load: Load, rows: Rows, kind: str, table: str, row: Row
) -> None:
    load("institutions", institution(credit_code=CODE), institution(credit_code=OTHER_CODE))

    stored = load(kind, row(institution_name=SAME_NAME))

    assert any("同名" in str(reason) for reason in reasons(stored, "warning"))
    assert rows(table)[0].institution_id is None


def test_a_row_that_names_no_institution_is_no_matter(load: Load) -> None:
    assert load("violation_reports", report()).problems == []


def test_a_row_keeps_its_link_until_it_names_another(load: Load, rows: Rows) -> None:
    load("institutions", institution(credit_code=CODE), institution(name="乙"))
    load("violation_reports", report(institution_name=SAME_NAME))
    first, second = (row.id for row in rows("institution"))
    load("institutions", institution(credit_code=CODE, name="甲改名"))

    load("violation_reports", report(institution_name=SAME_NAME, summary="补充"))
    assert rows("violation_report")[0].institution_id == first

    load("violation_reports", report(institution_name="乙"))
    assert rows("violation_report")[0].institution_id == second


# Verifications, source lists, inspections


def test_a_verification_of_an_unknown_institution_is_rejected(load: Load) -> None:
    stored = load("verifications", verification())

    assert stored.rows_rejected == 1
    assert "请先导入机构台账" in str(reasons(stored))


def test_a_verification_is_known_by_institution_item_and_day(load: Load, rows: Rows) -> None:
    load("institutions", institution(credit_code=CODE))
    load("verifications", verification())

    stored = load(
        "verifications",
        verification(institution_name="又名", credit_code=CODE, outcome="fail"),
        verification(verified_on=date(2022, 6, 2)),
        verification(item="staff"),
    )

    assert (stored.rows_updated, stored.rows_loaded) == (1, 2)
    assert [row.outcome for row in rows("verification")] == ["fail", "pass", "pass"]


def test_a_county_cannot_verify_an_institution_of_another(load: Load) -> None:
    load("institutions", institution(credit_code=CODE))
    sent = verification(county_code=None, credit_code=CODE)

    stored = load("verifications", sent, sender=Sender("south", SOUTH))

    assert stored.rows_rejected == 1
    assert "机构台账中没有这家机构" in str(reasons(stored))


@pytest.mark.parametrize("first", ["institutions", "roster_entries"])
def test_a_line_of_a_source_list_is_matched_by_code_alone(
    load: Load, rows: Rows, first: str
) -> None:
    files = {
        "institutions": [institution(credit_code=CODE)],
        "roster_entries": [roster(credit_code=CODE, name="名单所记"), roster(entry_no="2")],
    }
    for kind in sorted(files, key=lambda kind: kind != first):
        load(kind, *files[kind])

    known = rows("institution")[0].id
    lines = sorted(rows("roster_entry"), key=lambda row: str(row.entry_no))
    assert [(line.match_status, line.institution_id) for line in lines] == [
        ("matched", known),
        ("unmatched", None),
    ]


def test_lines_of_a_source_list_are_known_by_number_else_by_name(load: Load) -> None:
    unnumbered = roster(entry_no=None)
    load("roster_entries", roster(), unnumbered, roster(source="platform"))

    stored = load(
        "roster_entries",
        roster(name="改名"),
        roster(entry_no=None, name=SAME_NAME),
        roster(entry_no=None, county_code=SOUTH),
    )

    assert (stored.rows_updated, stored.rows_loaded) == (2, 1)


@pytest.mark.parametrize(
    ("county", "linked"), [(NORTH, True), (SOUTH, False)], ids=["its county", "another"]
)
def test_an_inspection_waits_for_the_report_it_answers(
    load: Load, rows: Rows, county: str, linked: bool
) -> None:
    stored = load("inspections", inspection(report_no="JB-1"))
    assert any("线索编号" in str(reason) for reason in reasons(stored, "warning"))

    load("violation_reports", report(county_code=county))

    expected = rows("violation_report")[0].id if linked else None
    assert rows("inspection")[0].report_id == expected


def test_an_inspection_finds_the_report_that_is_there(load: Load, rows: Rows) -> None:
    load("violation_reports", report())

    stored = load("inspections", inspection(report_no="JB-1"))

    assert stored.problems == []
    assert rows("inspection")[0].report_id == rows("violation_report")[0].id
