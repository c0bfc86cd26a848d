"""What the database itself keeps out, whoever writes."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from data_access.schema import metadata
from tests.wrong_rows import RIGHT, WrongRow, add_right_rows, add_wrong_row, wrong_rows


def test_right_rows_are_taken(conn: Connection) -> None:
    add_right_rows(conn)


@pytest.mark.parametrize("wrong", wrong_rows(), ids=str)
def test_row_that_breaks_one_rule_is_refused_by_it(conn: Connection, wrong: WrongRow) -> None:
    with pytest.raises(IntegrityError) as refused:
        add_wrong_row(conn, wrong)

    assert str(refused.value.orig) == wrong.sqlite


@pytest.mark.parametrize(
    "rule",
    [
        "ck_institution_coordinates_come_in_pairs",
        "ck_institution_deregistered_has_its_day",
        "ck_rectification_closed_is_verified",
        "ck_account_county_account_has_county",
        "ck_refund_dispute_amount_yuan_not_negative",
        "ck_institution_category_known",
        "uq_institution_credit_code",
        "uq_violation_report_report_no",
        "fk_verification_institution_id",
    ],
)
def test_rules_that_other_systems_rely_on_stand(rule: str) -> None:
    assert rule in {wrong.rule for wrong in wrong_rows()}


def test_every_table_has_its_right_row() -> None:
    assert set(metadata.tables) - {"data_version"} == set(RIGHT)
