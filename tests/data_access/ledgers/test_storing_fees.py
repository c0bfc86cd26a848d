"""Prices and prepaid charges: what they are known by, what is worked out, refused and told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data_access.ledgers.storing import Sender
from tests.data_access.ledgers.conftest import Load, Rows, reasons
from tests.data_access.ledgers.understandings import (
    CLEAR,
    NORTH,
    SOUTH,
    charge,
    institution,
    price,
)

CODE, OTHER_CODE = "91450205MA5N000001", "91450205MA5N000002"
THERE, HERE = Sender("450204@demo", SOUTH, is_county_account=True), Sender("450205@demo", NORTH)
OF_INSTITUTION = [("course_fees", "course_fee", price), ("fee_charges", "fee_charge", charge)]
each_ledger = pytest.mark.parametrize(("kind", "table", "row"), OF_INSTITUTION)


@pytest.fixture(autouse=True)
def known(load: Load) -> None:
    """One institution in the north."""
    load("institutions", institution(credit_code=CODE))


def priced(load: Load, rows: Rows, **says: Any) -> float:
    load("course_fees", price(**says))
    [row] = rows("course_fee")
    return float(row.price_yuan_per_lesson)


# Whose they are, and what they are known by


@each_ledger
@pytest.mark.parametrize(
    "named",
    [
        {},
        {"institution_name": "甲 艺术培训中心"},
        {"institution_name": "改名之前", "credit_code": CODE},
        {"county_code": None, "credit_code": CODE},
    ],
)
def test_institution_is_found_by_code_or_by_name_in_its_county(
    load: Load, rows: Rows, kind: str, table: str, row: Any, named: dict[str, Any]
) -> None:
    stored = load(kind, row(**named))

    assert (stored.rows_loaded, reasons(stored)) == (1, [])
    assert rows(table)[0].county_code == NORTH


@each_ledger
@pytest.mark.parametrize(
    "named",
    [
        {"institution_name": "没有这一家"},
        {"county_code": SOUTH},
        {"credit_code": OTHER_CODE},  # another institution of that name
    ],
)
def test_row_of_no_institution_is_refused_and_says_what_to_do(
    load: Load, rows: Rows, kind: str, table: str, row: Any, named: dict[str, Any]
) -> None:
    stored = load(kind, row(**named))

    assert stored.rows_rejected == 1
    assert "请先导入机构台账，再导入" in str(reasons(stored))
    assert not rows(table)


@each_ledger
def test_county_writes_nothing_of_another_county_and_learns_nothing(
    load: Load, rows: Rows, kind: str, table: str, row: Any
) -> None:
    stored = load(kind, row(county_code=SOUTH, credit_code=CODE), sender=THERE)
    nobody = load(kind, row(county_code=SOUTH, credit_code=OTHER_CODE), sender=THERE)

    assert reasons(stored) == reasons(nobody) != []
    assert not rows(table)
    assert load(kind, row(), sender=HERE).rows_loaded == 1


@each_ledger
def test_file_sent_twice_changes_nothing(
    load: Load, rows: Rows, kind: str, table: str, row: Any
) -> None:
    load(kind, row())
    before = rows(table)

    again = load(kind, row(), received_on=date(2022, 8, 1))

    assert (again.rows_loaded, again.rows_updated, again.changed) == (0, 1, False)
    assert rows(table) == before
    assert not rows("row_change")


@each_ledger
def test_two_rows_of_one_file_with_one_key_are_a_repeat(
    load: Load, kind: str, table: str, row: Any
) -> None:
    stored = load(kind, row(), row(institution_name="别名", credit_code=CODE))

    assert (stored.rows_loaded, stored.rows_rejected) == (1, 1)
    assert "第 3 行重复" in str(reasons(stored))


@each_ledger
def test_rows_of_an_institution_move_county_with_it(
    load: Load, rows: Rows, kind: str, table: str, row: Any
) -> None:
    load(kind, row())

    load("institutions", institution(credit_code=CODE, county_code=SOUTH))

    assert [one.county_code for one in rows(table)] == [SOUTH]
    assert load(kind, row(county_code=SOUTH)).rows_updated == 1


@pytest.mark.parametrize(
    "other",
    [
        {"course": "少儿小提琴"},
        {"class_size": "小班"},
        {"effective_on": date(2022, 7, 1)},
    ],
)
def test_another_course_class_or_day_is_another_price(
    load: Load, rows: Rows, other: dict[str, Any]
) -> None:
    assert load("course_fees", price(), price(**other)).rows_loaded == 2
    assert len(rows("course_fee")) == 2


def test_receipt_is_known_within_its_institution(load: Load, rows: Rows) -> None:
    load("institutions", institution(credit_code=OTHER_CODE, name="乙艺术培训中心"))

    load("fee_charges", charge(), charge(institution_name="乙艺术培训中心"))
    load("fee_charges", charge(amount_yuan=900.0))

    assert [(row.receipt_no, row.amount_yuan) for row in rows("fee_charge")] == [
        ("PJ-1", 900),
        ("PJ-1", 1800),
    ]
    [change] = rows("row_change")
    assert (change.table_name, change.column_name, float(change.old_value)) == (
        "fee_charge",
        "amount_yuan",
        1800,
    )


# The price of one person and lesson


def test_price_is_worked_out_and_what_was_quoted_is_kept(load: Load, rows: Rows) -> None:
    load("course_fees", price(quoted_yuan=1600.0, price_unit="term", quoted_lessons=16))

    [row] = rows("course_fee")
    assert (row.quoted_yuan, row.price_unit, row.price_yuan_per_lesson) == (1600, "term", 100)


def test_corrected_price_or_unit_is_worked_out_again(load: Load, rows: Rows) -> None:
    assert priced(load, rows) == 60
    assert priced(load, rows, quoted_yuan=80.0) == 80
    assert priced(load, rows, price_unit="hour") == 45  # of the 60 yuan; 45 minutes
    assert priced(load, rows, price_unit=CLEAR) == 60
    assert [row.row_version for row in rows("course_fee")] == [4]


def test_cell_left_empty_counts_as_what_is_stored(load: Load, rows: Rows) -> None:
    assert priced(load, rows, price_unit="class_lesson", class_students=4) == 15
    assert priced(load, rows, quoted_yuan=100.0) == 25


@pytest.mark.parametrize(
    ("says", "header"),
    [
        ({"lesson_minutes": 0}, "课时时长"),
        ({"price_unit": "term"}, "每期课时数"),
        ({"price_unit": "class_lesson", "class_size": "小班"}, "班额"),
        ({"price_unit": "class_lesson", "class_size": "1对2-4"}, "班额"),
    ],
)
def test_price_that_comes_to_nothing_names_the_column_to_fill(
    load: Load, rows: Rows, says: dict[str, Any], header: str
) -> None:
    stored = load("course_fees", price(**says))

    [reason] = reasons(stored)
    assert reason is not None
    assert reason.startswith(f"{header}：")
    assert not rows("course_fee")


def test_students_emptied_of_a_price_per_class_are_asked_for(load: Load, rows: Rows) -> None:
    says = {"price_unit": "class_lesson", "class_size": "小班"}
    load("course_fees", price(**says, class_students=6))

    stored = load("course_fees", price(**says, class_students=CLEAR))

    assert "班额" in str(reasons(stored))
    assert [row.class_students for row in rows("course_fee")] == [6]


@pytest.mark.parametrize(
    ("yuan", "is_odd"),
    [(0.0, True), (0.99, True), (1.0, False), (5000.0, False), (5000.01, True)],
)
def test_price_that_nobody_pays_is_loaded_and_told(load: Load, yuan: float, is_odd: bool) -> None:
    stored = load("course_fees", price(quoted_yuan=yuan))

    assert stored.rows_loaded == 1
    assert bool(reasons(stored, "warning")) is is_odd


def test_price_of_a_lesson_too_long_to_hold_is_refused(load: Load) -> None:
    stored = load(
        "course_fees", price(quoted_yuan=999_999_999.0, price_unit="hour", lesson_minutes=10**6)
    )

    assert reasons(stored) == ["收费标准：金额过大，请核对"]


def test_cost_stays_as_it_was_stated(load: Load, rows: Rows) -> None:
    load(
        "course_fees",
        price(cost_yuan_per_lesson=40.0, price_unit="term", quoted_lessons=16),
    )

    assert [row.cost_yuan_per_lesson for row in rows("course_fee")] == [40]


# Charges


@pytest.mark.parametrize(
    ("says", "header"),
    [
        ({"course_ends_on": date(2022, 7, 10)}, "结课日期"),
        ({"amount_yuan": 0.0}, "收费金额"),
        ({"refunded_yuan": 1800.01}, "已退金额"),
        ({"months": None}, "收费月数"),
        (
            {"months": None, "course_starts_on": None, "course_ends_on": date(2022, 9, 1)},
            "收费月数",
        ),
    ],
)
def test_odd_charge_is_loaded_and_told(load: Load, says: dict[str, Any], header: str) -> None:
    stored = load("fee_charges", charge(**says))

    assert stored.rows_loaded == 1
    assert [str(reason).split("：")[0] for reason in reasons(stored, "warning")] == [header]


@pytest.mark.parametrize(
    "says",
    [
        {"course_ends_on": date(2022, 7, 11)},  # a course of one day
        {"amount_yuan": 0.01},
        {"refunded_yuan": 1800.0},
        {"months": None, "lessons": 60},
        {"months": None, "course_ends_on": date(2022, 10, 11)},
    ],
)
def test_charge_that_can_be_judged_is_told_of_nothing(load: Load, says: dict[str, Any]) -> None:
    assert reasons(load("fee_charges", charge(**says)), "warning") == []


def test_charge_of_more_than_a_million_is_refused_as_a_slip_of_the_unit(load: Load) -> None:
    stored = load(
        "fee_charges",
        charge(amount_yuan=1_000_000.0),
        charge(receipt_no="PJ-2", amount_yuan=1_000_000.01),
    )

    assert stored.rows_loaded == 1
    assert reasons(stored) == ["收费金额：一笔收费超过 1,000,000 元，请核对金额和单位（元、万元）"]


def test_charge_loses_what_is_emptied(load: Load, rows: Rows) -> None:
    load("fee_charges", charge(refunded_yuan=10.0))

    load("fee_charges", charge(refunded_yuan=CLEAR, into_escrow=CLEAR))

    [row] = rows("fee_charge")
    assert (row.refunded_yuan, row.into_escrow, row.months) == (None, None, 3)
