"""Reports that say when a class is held: which are read, and what is known of each."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access import class_hours
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY

EVENING = {"class_starts_at": time(19), "class_ends_at": time(21)}
SINCE = THURSDAY - timedelta(days=30)


def read(conn: Connection, *, scope: Scope | None = None, **asked: Any) -> pd.DataFrame:
    asked = {"as_of": THURSDAY, "since": SINCE} | asked
    return class_hours.reported_classes(conn, scope=scope or Scope.city(), **asked)


def test_reports_without_hours_or_of_another_time_are_left_out(conn: Connection) -> None:
    make.report(conn, report_no="NONE")
    make.report(conn, report_no="ENDS", class_ends_at=time(21))
    make.report(conn, report_no="STARTS", class_starts_at=time(19))
    make.report(conn, report_no="FIRST", received_on=SINCE, **EVENING)
    make.report(conn, report_no="BEFORE", received_on=SINCE - timedelta(days=1), **EVENING)
    make.report(conn, report_no="AFTER", received_on=THURSDAY + timedelta(days=1), **EVENING)

    assert read(conn)["report_no"].tolist() == ["STARTS", "ENDS", "FIRST"]
    assert read(conn)["class_ends_at"].tolist() == [None, time(21), time(21)]


@pytest.mark.parametrize(
    ("violation_type", "linked", "category", "mode"),
    [
        ("学科类违规开班", False, "subject", "offline"),
        ("学科类违规开班", True, "subject", "offline"),
        ("一对一", True, "arts", "offline"),
        ("一对一", False, None, "offline"),
        ("线上直播", True, "arts", "online"),
        ("线上直播", False, None, "online"),
    ],
)
def test_category_is_of_the_report_or_the_institution_and_online_of_the_report(
    conn: Connection, violation_type: str, linked: bool, category: str | None, mode: str
) -> None:
    institution = make.institution(conn) if linked else None
    make.report(
        conn,
        institution_id=institution,
        violation_type=violation_type,
        violation_type_group=violation_type,
        **EVENING,
    )

    (found,) = read(conn).to_dict("records")
    assert found["mode"] == mode
    assert (None if pd.isna(found["category"]) else found["category"]) == category


def test_a_verdict_after_the_day_is_not_known_on_it(conn: Connection) -> None:
    make.report(conn, status="substantiated", verified_on=THURSDAY, **EVENING)

    assert read(conn)["state"].tolist() == ["substantiated"]
    conn.exec_driver_sql("UPDATE violation_report SET verified_on = '2022-08-26'")
    assert read(conn)["state"].tolist() == ["verifying"]


def test_reader_sees_the_counties_and_categories_asked_for(conn: Connection) -> None:
    sports = make.institution(conn, category="sports")
    make.report(conn, report_no="CITY", institution_id=sports, **EVENING)
    make.report(conn, report_no="SOUTH", county_code=SOUTH, **EVENING)

    assert read(conn, scope=Scope.county(CITY))["report_no"].tolist() == ["CITY"]
    assert read(conn, scope=Scope.county()).empty
    assert read(conn, categories=("sports",))["report_no"].tolist() == ["CITY"]
    assert read(conn, categories=("arts",)).empty
    assert "summary" not in read(conn)
    assert read(conn, as_of=date(2020, 1, 1)).dtypes.equals(read(conn).dtypes)
