"""Disputes by week and institution, and institutions by contract with what they owe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from data_access.refund_weeks import by_contract, institution_weeks
from data_access.scope import Scope
from data_access.weeks import WEEK
from tests.factories import CITY, SOUTH, THURSDAY, dispute, institution

EVERYWHERE = Scope.city()
WEEKS = (THURSDAY - WEEK, THURSDAY)
FRIDAY = THURSDAY - timedelta(days=6)


def weeks(conn: Connection, scope: Scope = EVERYWHERE, **asked: Any) -> pd.DataFrame:
    return institution_weeks(conn, **{"scope": scope, "as_of": THURSDAY, "weeks": WEEKS} | asked)


def contracts(conn: Connection, scope: Scope = EVERYWHERE, **asked: Any) -> dict[str, list[int]]:
    rows = by_contract(conn, **{"scope": scope, "as_of": THURSDAY, "since": FRIDAY} | asked)
    figures = ["institutions", "disputes", "squares", "students"]
    return dict(zip(rows["contract"], rows[figures].to_numpy().tolist(), strict=True))


def test_week_begins_on_friday_and_other_weeks_are_left_out(conn: Connection) -> None:
    for number, day in enumerate((-14, -13, -7, -6, 0)):
        dispute(conn, dispute_no=f"TF-{number}", opened_on=THURSDAY + timedelta(days=day))

    rows = weeks(conn)
    assert rows["week"].tolist() == [pd.Timestamp(week) for week in WEEKS]
    assert rows["n"].tolist() == [2, 2]
    assert weeks(conn, as_of=THURSDAY - timedelta(days=1))["n"].tolist() == [2, 1]


def test_institutions_are_apart_and_those_not_linked_go_by_name_and_county(
    conn: Connection,
) -> None:
    known = institution(conn, name="新名")
    for number, columns in enumerate(
        (
            {"institution_id": known, "institution_name": "旧名"},
            {"institution_id": known, "institution_name": "新名"},
            {"institution_name": "甲"},
            {"institution_name": "甲", "county_code": SOUTH},
        )
    ):
        dispute(conn, dispute_no=f"TF-{number}", opened_on=THURSDAY, **columns)

    rows = weeks(conn)
    found = rows[["county_code", "institution_id", "institution_name", "n"]].to_numpy().tolist()
    assert sorted(found) == sorted(
        [[CITY, known, "新名", 2], [CITY, 0, "甲", 1], [SOUTH, 0, "甲", 1]]
    )
    assert weeks(conn, Scope.county(SOUTH))["county_code"].tolist() == [SOUTH]
    assert weeks(conn, Scope.county()).empty
    assert weeks(conn, categories=("sports",)).empty


def test_institutions_without_a_dispute_count_too(conn: Connection) -> None:
    many = institution(conn, name="甲", standard_contract=False)
    institution(conn, name="乙", standard_contract=False)
    institution(conn, name="丙", standard_contract=True)
    institution(conn, name="丁", standard_contract=None)
    for number in range(3):
        dispute(conn, dispute_no=f"TF-{number}", institution_id=many, opened_on=FRIDAY, students=2)
    dispute(conn, dispute_no="TF-8", institution_id=many, opened_on=FRIDAY - timedelta(days=1))
    dispute(conn, dispute_no="TF-9", opened_on=THURSDAY, students=5)

    assert contracts(conn) == {
        "no": [2, 3, 9, 6],
        "yes": [1, 0, 0, 0],
        "unknown": [1, 0, 0, 0],
        "unlinked": [0, 1, 0, 5],
    }
    assert contracts(conn, Scope.county(SOUTH)) == {}
    assert "unlinked" not in contracts(conn, categories=("arts", "sports", "subject"))


def test_institution_counts_that_was_there_at_some_time(conn: Connection) -> None:
    for name, days in (("甲", {"found_on": THURSDAY}), ("乙", {"found_on": THURSDAY + WEEK})):
        institution(conn, name=name, standard_contract=True, **days)
    for name, day in (("丙", FRIDAY), ("丁", FRIDAY - timedelta(days=1))):
        institution(
            conn,
            name=name,
            standard_contract=False,
            operating_status="deregistered",
            deregistered_on=day,
        )

    assert contracts(conn) == {"yes": [1, 0, 0, 0], "no": [1, 0, 0, 0]}
