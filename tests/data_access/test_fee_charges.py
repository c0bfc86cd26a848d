"""Charges in advance: what the database leaves out, what it counts, and who is supervised."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import fee_charges, fee_supervision
from data_access.fee_charges import LONGEST_COURSE, Limits
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

LIMITS = Limits(months=3, lessons=60, months_ahead=1, amount_yuan=5000, outside_account=True)
ASKED: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY}
SINCE = THURSDAY - timedelta(days=30)


@pytest.fixture
def school(conn: Connection) -> int:
    return make.institution(conn, name="示例机构", fee_supervision="escrow")


def suspects(conn: Connection, **asked: Any) -> list[str]:
    asked = {"since": SINCE, "charge_limits": LIMITS} | ASKED | asked
    return fee_charges.suspects(conn, **asked)["receipt_no"].tolist()


@pytest.mark.parametrize(
    ("row", "is_sent"),
    [
        ({}, False),
        ({"months": 3}, False),
        ({"months": 3.5}, True),
        ({"lessons": 60}, False),
        ({"lessons": 61}, True),
        ({"amount_yuan": 5000}, False),
        ({"amount_yuan": 5000.01}, True),
        ({"into_escrow": False}, True),
        ({"into_escrow": None}, False),
        ({"course_starts_on": date(2022, 9, 25)}, False),
        ({"course_starts_on": date(2022, 9, 26)}, True),
        ({"course_starts_on": date(2023, 1, 1)}, True),
        ({"course_starts_on": date(2022, 7, 1), "course_ends_on": date(2022, 10, 1)}, False),
        ({"course_starts_on": date(2022, 7, 1), "course_ends_on": date(2022, 10, 2)}, True),
        ({"course_starts_on": date(2022, 11, 30), "course_ends_on": date(2023, 3, 1)}, True),
        # The months that are stated go before those from day to day.
        (
            {
                "months": 3,
                "course_starts_on": date(2022, 8, 1),
                "course_ends_on": date(2023, 8, 1),
            },
            False,
        ),
    ],
)
def test_only_what_goes_beyond_a_limit_is_sent(
    conn: Connection, school: int, row: dict[str, Any], is_sent: bool
) -> None:
    make.charge(conn, school, receipt_no="PJ", **row)

    assert suspects(conn) == (["PJ"] if is_sent else [])


def test_without_a_rule_nothing_is_sent(conn: Connection, school: int) -> None:
    make.charge(conn, school, months=12, lessons=500, amount_yuan=99999, into_escrow=False)

    assert suspects(conn, charge_limits=Limits()) == []


def test_charges_of_the_time_asked_for_and_of_the_category_are_sent(
    conn: Connection, school: int
) -> None:
    for name, day in {
        "FIRST": SINCE,
        "BEFORE": SINCE - timedelta(days=1),
        "LAST": THURSDAY,
        "AFTER": THURSDAY + timedelta(days=1),
    }.items():
        make.charge(conn, school, receipt_no=name, charged_on=day, months=4)

    assert suspects(conn) == ["FIRST", "LAST"]
    assert suspects(conn, categories=("arts",)) == ["FIRST", "LAST"]
    assert suspects(conn, categories=("sports",)) == []
    assert suspects(conn, scope=Scope.county(SOUTH)) == []
    assert suspects(conn, scope=Scope.county()) == []


def test_state_is_that_of_the_day(conn: Connection) -> None:
    for name, columns in {
        "GONE": {"operating_status": "deregistered", "deregistered_on": THURSDAY},
        "LATER": {
            "operating_status": "deregistered",
            "deregistered_on": THURSDAY + timedelta(days=1),
        },
        "SHUT": {"operating_status": "suspended"},
    }.items():
        make.charge(
            conn, make.institution(conn, **columns), receipt_no=name, months=4, into_escrow=None
        )

    found = fee_charges.suspects(conn, **ASKED, since=SINCE, charge_limits=LIMITS)

    assert dict(zip(found["receipt_no"], found["state"], strict=True)) == {
        "GONE": "deregistered",
        "LATER": "operating",
        "SHUT": "suspended",
    }
    assert found["into_escrow"].isna().all()
    assert found["fee_supervision"].isna().all()


def test_outstanding_is_what_may_not_be_taught_or_paid_back(conn: Connection, school: int) -> None:
    long_ago = THURSDAY - LONGEST_COURSE
    for name, columns in {
        "RUNS": {"course_ends_on": THURSDAY + timedelta(days=1)},
        "OVER": {"course_ends_on": THURSDAY},
        "OPEN": {"charged_on": long_ago + timedelta(days=1)},
        "OLD": {"charged_on": long_ago},
        "OLD_BUT_RUNS": {
            "charged_on": long_ago,
            "course_ends_on": THURSDAY + timedelta(days=1),
        },
        "PAID_BACK": {"refunded_yuan": 1000.0},
        "PARTLY": {"refunded_yuan": 999.99},
        "LATER": {"charged_on": THURSDAY + timedelta(days=1)},
    }.items():
        make.charge(conn, school, receipt_no=name, **columns)

    found = fee_charges.outstanding(conn, **ASKED)

    assert set(found["receipt_no"]) == {"RUNS", "OPEN", "OLD_BUT_RUNS", "PARTLY"}
    assert fee_charges.outstanding(conn, **ASKED, categories=("sports",)).empty


def test_outstanding_charges_are_narrowed_to_states_of_the_day(conn: Connection) -> None:
    for state in ("operating", "suspended", "unlicensed"):
        make.charge(conn, make.institution(conn, operating_status=state), receipt_no=state)

    found = fee_charges.outstanding(conn, **ASKED, states=("suspended", "unlicensed"))

    assert set(found["receipt_no"]) == {"suspended", "unlicensed"}


def test_charges_of_one_institution_stand_newest_first_and_in_scope(
    conn: Connection, school: int
) -> None:
    make.charge(conn, school, receipt_no="OLD", charged_on=date(2022, 1, 1))
    make.charge(conn, school, receipt_no="NEW")
    make.charge(conn, make.institution(conn), receipt_no="OTHER")

    found = fee_charges.charges_of(conn, **ASKED, institution_id=school)
    outside = fee_charges.charges_of(
        conn, scope=Scope.county(SOUTH), as_of=THURSDAY, institution_id=school
    )

    assert found["receipt_no"].tolist() == ["NEW", "OLD"]
    assert outside.empty
    assert outside.dtypes.equals(found.dtypes)


def test_counts_say_out_of_how_many_and_what_is_not_known(conn: Connection, school: int) -> None:
    starts = {"course_starts_on": THURSDAY}
    make.charge(conn, school, months=1, into_escrow=None)
    make.charge(conn, school, lessons=1, into_escrow=False)
    make.charge(conn, school, **starts, course_ends_on=THURSDAY)
    make.charge(conn, school, **starts, amount_yuan=0.5)
    make.charge(conn, school, charged_on=SINCE - timedelta(days=1))

    counts = fee_charges.charge_counts(conn, **ASKED, since=SINCE).set_index("county_code")

    assert len(counts) == 12
    assert counts.loc[CITY].drop("county").to_dict() == {
        "charges": 4,
        "amount_yuan": 3000.5,
        "inside": 2,
        "outside": 1,
        "unsaid": 1,
        "measured": 3,
        "dated": 2,
    }
    assert counts.loc[SOUTH, "charges"] == 0
    narrowed = fee_charges.charge_counts(conn, **ASKED, since=SINCE, categories=("sports",))
    assert narrowed["charges"].sum() == 0


def of_city(found: pd.DataFrame) -> dict[str, dict[str, Any]]:
    rows = found[found["county_code"] == CITY].drop(columns=["county_code", "county"])
    return rows.set_index("category").to_dict("index")


def test_supervision_is_counted_among_those_in_operation_and_the_unknown_apart(
    conn: Connection,
) -> None:
    for said in ("escrow", "deposit", "none", None, None):
        make.institution(conn, fee_supervision=said)
    make.institution(conn, category="subject", fee_supervision="escrow")
    make.institution(conn, operating_status="suspended", fee_supervision="none")
    gone = {"operating_status": "deregistered", "fee_supervision": "escrow"}
    make.institution(conn, **gone, deregistered_on=THURSDAY)
    make.institution(conn, **gone, deregistered_on=THURSDAY + timedelta(days=1))
    make.institution(conn, found_on=THURSDAY + timedelta(days=1), fee_supervision="escrow")

    found = fee_supervision.supervision(conn, **ASKED)

    assert of_city(found) == {
        "arts": {
            "in_operation": 7,
            "supervised": 3,
            "escrow": 2,
            "deposit": 1,
            "unsupervised": 2,
            "unknown": 2,
        },
        "subject": {
            "in_operation": 1,
            "supervised": 1,
            "escrow": 1,
            "deposit": 0,
            "unsupervised": 0,
            "unknown": 0,
        },
    }
    assert found.loc[found["county_code"] == SOUTH, "in_operation"].tolist() == [0]
    assert found["county_code"].nunique() == 12
    assert set(
        fee_supervision.supervision(conn, **ASKED, categories=("subject",))["supervised"]
    ) == {
        0,
        1,
    }


def test_those_under_no_supervision_and_the_unknown_are_listed(conn: Connection) -> None:
    make.institution(conn, name="甲", fee_supervision="none")
    make.institution(conn, name="乙", fee_supervision=None)
    make.institution(conn, name="丙", fee_supervision="deposit")

    found = fee_supervision.not_supervised(conn, **ASKED)

    assert set(found["institution_name"]) == {"甲", "乙"}
    assert fee_supervision.not_supervised(conn, **ASKED, categories=("sports",)).empty
    assert fee_supervision.not_supervised(conn, scope=Scope.county(SOUTH), as_of=THURSDAY).empty
