"""What a county sends is put on record by the county alone, and read by whom it concerns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import insert, select

from data_access import clock, schema
from data_access.accounts import Role, User, scope_of
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.ledgers.periods import due_day
from data_access.submissions import Sent, SubmissionError, digest, record, submissions, take_back
from tests.data_access.visits import ADMIN, COUNTY, LEADER, SUPERVISOR, an_office
from tests.factories import CITY, SOUTH

FORM = Sent("weekly_form", "2022-07-07", date(2022, 7, 6), "汇总表.xlsx", digest(b"first"))
CASE = replace(FORM, document="case", period="2022-07-29-2")
AS_OF = date(2022, 8, 25)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


def read(user: User = COUNTY, as_of: date = AS_OF) -> pd.DataFrame:
    with reading(user) as conn:
        return submissions(conn, scope=user.scope, as_of=as_of)


def colleague() -> User:
    """Return another account of the same county."""
    other = User("zweite@example.org", Role.COUNTY, CITY, scope_of(Role.COUNTY, CITY))
    with get_engine().begin() as conn:
        row = {"email": other.email, "role": "county", "county_code": CITY, "active": True}
        conn.execute(insert(schema.account).values(row))
    return other


def test_digest_is_that_of_the_file() -> None:
    assert digest(b"first") == hashlib.sha256(b"first").hexdigest()


def test_submission_is_read_as_it_was_recorded() -> None:
    assert record(COUNTY, FORM, row_version=None) == 1

    [row] = read().to_dict("records")
    assert row == {
        "id": 1,
        "county_code": CITY,
        "county": "城中区",
        "document": "weekly_form",
        "period": "2022-07-07",
        "due_on": pd.Timestamp(2022, 7, 7),
        "submitted_on": pd.Timestamp(2022, 7, 6),
        "file_name": "汇总表.xlsx",
        "sha256": digest(b"first"),
        "submitted_by": COUNTY.email,
        "recorded_on": pd.Timestamp(clock.today()),
        "row_version": 1,
    }


def test_who_reads_what() -> None:
    record(COUNTY, FORM, row_version=None)

    assert len(read(SUPERVISOR)) == len(read(LEADER)) == 1
    assert read(User("x@example.org", Role.COUNTY, SOUTH, scope_of(Role.COUNTY, SOUTH))).empty
    with get_engine().connect() as conn:
        nothing = submissions(conn, scope=ADMIN.scope, as_of=AS_OF)
    assert nothing.empty
    assert nothing.dtypes.equals(read().dtypes)


def test_what_was_sent_later_is_not_known_on_the_day() -> None:
    record(COUNTY, FORM, row_version=None)

    [before] = read(as_of=date(2022, 7, 5)).to_dict("records")
    [on_the_day] = read(as_of=date(2022, 7, 6)).to_dict("records")

    assert pd.isna(before["submitted_on"])
    assert pd.isna(before["file_name"])
    assert before["row_version"] == 1
    assert on_the_day["file_name"] == "汇总表.xlsx"


@pytest.mark.parametrize("user", [SUPERVISOR, LEADER, ADMIN], ids=lambda user: user.role)
def test_nobody_but_a_county_records(user: User) -> None:
    with pytest.raises(SubmissionError, match="您的账号已不能登记材料报送"):
        record(user, FORM, row_version=None)

    assert read(SUPERVISOR).empty
    with get_engine().connect() as conn:
        refused = conn.scalars(
            select(schema.audit_event.c.email).where(schema.audit_event.c.action == "refused")
        )
        assert list(refused) == [user.email]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (replace(FORM, document="wish"), "请选择材料种类"),
        (replace(FORM, period="七月"), "不是能识别的所属期"),
        (replace(FORM, period="2022-02-30"), "不是能识别的所属期"),
        (replace(FORM, period="2022-07-06"), "2022-07-06 不是周四.*应为 2022-07-07"),
        (replace(FORM, period="2022-07-07-2"), "只有典型案例可以有第二个"),
        (replace(FORM, submitted_on=date(9999, 1, 1)), "报送日期晚于今天"),
        (replace(FORM, submitted_on=date(2021, 7, 6)), "报送日期早于专项行动开始"),
        (replace(FORM, file_name=" \n"), "请选择报送的文件"),
        (replace(FORM, sha256="0"), "请选择报送的文件"),
        (replace(FORM, file_name="长" * 256), "文件名超过 255 个字"),
    ],
)
def test_what_is_missing_or_wrong_is_refused(sent: Sent, why: str) -> None:
    with pytest.raises(SubmissionError, match=why):
        record(COUNTY, sent, row_version=None)

    assert read().empty


def test_day_of_today_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: FORM.submitted_on)

    assert record(COUNTY, FORM, row_version=None) == 1
    assert record(COUNTY, CASE, row_version=None) == 1
    assert read()["due_on"].tolist() == [pd.Timestamp(2022, 7, 7), pd.Timestamp(2022, 7, 29)]


def test_telephone_numbers_in_a_file_s_name_are_not_kept() -> None:
    record(COUNTY, replace(FORM, file_name="联系 13800138000.xlsx"), row_version=None)

    assert "13800138000" not in str(read().to_dict("records"))


def test_corrected_file_keeps_what_was_there_and_is_logged() -> None:
    record(COUNTY, FORM, row_version=None)
    corrected = replace(FORM, file_name="汇总表（更正）.xlsx", sha256=digest(b"second"))

    assert record(COUNTY, corrected, row_version=1) == 2
    assert record(COUNTY, corrected, row_version=2) == 2

    assert read()["sha256"].tolist() == [digest(b"second")]
    with get_engine().connect() as conn:
        kept = conn.execute(
            select(
                schema.row_change.c.column_name,
                schema.row_change.c.old_value,
                schema.row_change.c.county_code,
                schema.row_change.c.email,
            ).order_by(schema.row_change.c.column_name)
        ).all()
        event = schema.audit_event.c
        logged = conn.execute(
            select(event.target, event.detail).where(event.action == "submission_record")
        ).all()
    assert kept == [
        ("file_name", "汇总表.xlsx", CITY, COUNTY.email),
        ("sha256", digest(b"first"), CITY, COUNTY.email),
    ]
    assert [(target, json.loads(detail)["what"]) for target, detail in logged] == [
        ("材料报送 每周报表 2022-07-07", "登记"),
        ("材料报送 每周报表 2022-07-07", "更正"),
        ("材料报送 每周报表 2022-07-07", "更正"),
    ]


def test_second_of_two_people_is_told() -> None:
    other = colleague()
    record(COUNTY, FORM, row_version=None)

    with pytest.raises(SubmissionError, match="刚刚有改动"):
        record(other, replace(FORM, sha256=digest(b"theirs")), row_version=None)
    record(other, replace(FORM, sha256=digest(b"theirs")), row_version=1)
    with pytest.raises(SubmissionError, match="刚刚有改动"):
        record(COUNTY, FORM, row_version=1)
    with pytest.raises(SubmissionError, match="刚刚有改动"):
        take_back(COUNTY, "weekly_form", "2022-07-07", row_version=1)

    assert read()["sha256"].tolist() == [digest(b"theirs")]
    assert read()["submitted_by"].tolist() == [other.email]


def test_what_was_taken_back_is_not_sent_and_can_be_sent_again() -> None:
    record(COUNTY, FORM, row_version=None)

    assert take_back(COUNTY, "weekly_form", "2022-07-07", row_version=1) == 2
    [row] = read().to_dict("records")
    assert pd.isna(row["submitted_on"])
    assert pd.isna(row["sha256"])
    assert record(COUNTY, FORM, row_version=2) == 3
    assert read()["submitted_on"].notna().all()
    with pytest.raises(SubmissionError, match="刚刚有改动"):
        take_back(COUNTY, "summary", "2022-07-29", row_version=1)


def test_due_day_of_a_period() -> None:
    assert due_day("2022-07-29-2") == date(2022, 7, 29)
    assert due_day("2022-07-29-1") is None
    assert due_day("2022-07-29 前") is None
