"""What a county has in place is put on record by the county alone, with evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import insert, select

from analysis import county_actions as judgement
from data_access import clock, schema
from data_access.accounts import Role, User, scope_of
from data_access.connections import reading
from data_access.county_actions import (
    CountyActionError,
    Recorded,
    changes,
    county_actions,
    record,
)
from data_access.engine import get_engine
from data_access.ledgers.duties import due_day, is_contact
from data_access.reference import newest_campaign
from tests.data_access.visits import ADMIN, COUNTY, LEADER, SUPERVISOR, an_office
from tests.factories import CITY, SOUTH

CONTACT = Recorded("contact", "某某 0772-1234567", date(2022, 7, 20), "回执 1 号")
HOTLINE = Recorded("hotline", "0772-1234567", None, "")
AS_OF = date(2022, 8, 25)
ELSEWHERE = User("sued@example.org", Role.COUNTY, SOUTH, scope_of(Role.COUNTY, SOUTH))


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        with get_engine().begin() as conn:
            row = {"email": ELSEWHERE.email, "role": "county", "county_code": SOUTH}
            conn.execute(insert(schema.account).values({**row, "active": True}))
        yield


def read(user: User = COUNTY, as_of: date = AS_OF) -> pd.DataFrame:
    with reading(user) as conn:
        return county_actions(conn, scope=user.scope, as_of=as_of)


def history(user: User = COUNTY) -> pd.DataFrame:
    with reading(user) as conn:
        return changes(conn, scope=user.scope)


def test_duty_is_read_as_it_was_recorded() -> None:
    assert record(COUNTY, CONTACT, row_version=None) == 1

    [row] = read().to_dict("records")
    assert row == {
        "id": 1,
        "county_code": CITY,
        "county": "城中区",
        "duty": "contact",
        "detail": "某某 0772-1234567",
        "due_on": pd.Timestamp(2022, 7, 29),
        "done_on": pd.Timestamp(2022, 7, 20),
        "evidence": "回执 1 号",
        "recorded_by": COUNTY.email,
        "row_version": 1,
    }


def test_who_reads_what() -> None:
    record(COUNTY, CONTACT, row_version=None)
    record(ELSEWHERE, CONTACT, row_version=None)
    record(ELSEWHERE, replace(CONTACT, evidence="回执 2 号"), row_version=1)

    assert len(read(SUPERVISOR)) == len(read(LEADER)) == 2
    assert read()["county_code"].tolist() == [CITY]
    assert history().empty
    assert len(history(ELSEWHERE)) == len(history(SUPERVISOR)) == 1
    with get_engine().connect() as conn:
        assert county_actions(conn, scope=ADMIN.scope, as_of=AS_OF).empty


def test_what_was_done_later_is_not_known_on_the_day() -> None:
    record(COUNTY, CONTACT, row_version=None)
    record(COUNTY, HOTLINE, row_version=None)

    before, on_the_day = read(as_of=date(2022, 7, 19)), read(as_of=date(2022, 7, 20))

    assert before["done_on"].isna().all()
    assert before["evidence"].isna().all()
    assert before["detail"].notna().all()
    assert on_the_day["evidence"].tolist()[0] == "回执 1 号"


@pytest.mark.parametrize("user", [SUPERVISOR, LEADER, ADMIN], ids=lambda user: user.role)
def test_nobody_but_a_county_records(user: User) -> None:
    with pytest.raises(CountyActionError, match="您的账号已不能登记行动机制"):
        record(user, CONTACT, row_version=None)

    assert read(SUPERVISOR).empty


@pytest.mark.parametrize(
    ("recorded", "why"),
    [
        (replace(CONTACT, duty="wish"), "请选择职责"),
        (replace(CONTACT, done_on=date(9999, 1, 1)), "完成日期晚于今天"),
        (replace(CONTACT, done_on=date(2021, 7, 1)), "完成日期不在专项行动这一年"),
        (replace(CONTACT, evidence=" \n"), "登记完成须填佐证"),
        (replace(CONTACT, detail="某某"), "联系人须写姓名和电话"),
        (replace(CONTACT, detail="0772-1234567"), "联系人须写姓名和电话"),
        (replace(CONTACT, detail=""), "联系人须写姓名和电话"),
        (replace(HOTLINE, detail="", done_on=AS_OF, evidence="公告"), "登记完成须填内容"),
        (replace(HOTLINE, detail=" "), "请填写内容"),
        (replace(HOTLINE, detail="长" * 256), "内容超过 255 个字"),
        (replace(HOTLINE, evidence="长" * 501), "佐证超过 500 个字"),
    ],
)
def test_what_is_missing_or_wrong_is_refused(recorded: Recorded, why: str) -> None:
    with pytest.raises(CountyActionError, match=why):
        record(COUNTY, recorded, row_version=None)

    assert read().empty


def test_day_of_today_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: CONTACT.done_on)

    assert record(COUNTY, CONTACT, row_version=None) == 1


def test_contact_is_a_name_and_a_number() -> None:
    for detail in ("某某 13800138000", "办公室某某，0772-1234567 转 3", "某某（1234567）"):
        assert is_contact(detail), detail
    for detail in ("某某", "13800138000", "某 123456", "某某 1 号 2 号", ""):
        assert not is_contact(detail), detail


def test_personal_data_is_not_kept_but_the_office_s_numbers_are() -> None:
    record(COUNTY, replace(CONTACT, evidence="家长 13800138000 来电"), row_version=None)
    record(
        COUNTY,
        Recorded("publicity", "学生姓名：某某某 13800138000", AS_OF, "报道"),
        row_version=None,
    )

    kept = str(read().to_dict("records"))
    assert "13800138000" not in kept
    assert "某某某" not in kept
    assert "0772-1234567" in kept


def test_change_is_kept_shown_and_logged() -> None:
    record(COUNTY, HOTLINE, row_version=None)

    assert record(COUNTY, replace(HOTLINE, detail="0772-7654321"), row_version=1) == 2
    assert record(COUNTY, replace(HOTLINE, detail="0772-7654321"), row_version=2) == 2

    [row] = history().to_dict("records")
    assert row == {
        "county_code": CITY,
        "county": "城中区",
        "duty": "hotline",
        "column_name": "detail",
        "old_value": "0772-1234567",
        "new_value": "0772-7654321",
        "changed_by": COUNTY.email,
        "changed_on": pd.Timestamp(clock.today()),
    }
    event = schema.audit_event.c
    with get_engine().connect() as conn:
        logged = conn.execute(
            select(event.target, event.detail).where(event.action == "county_action_record")
        ).all()
    assert [(target, json.loads(detail)["what"]) for target, detail in logged] == [
        ("行动机制 举报电话", "登记"),
        ("行动机制 举报电话", "修改"),
        ("行动机制 举报电话", "修改"),
    ]


def test_second_of_two_people_is_told() -> None:
    record(COUNTY, HOTLINE, row_version=None)

    with pytest.raises(CountyActionError, match="刚刚有改动"):
        record(COUNTY, replace(HOTLINE, detail="0772-7654321"), row_version=None)
    record(COUNTY, replace(HOTLINE, detail="0772-7654321"), row_version=1)
    with pytest.raises(CountyActionError, match="刚刚有改动"):
        record(COUNTY, HOTLINE, row_version=1)

    assert read()["detail"].tolist() == ["0772-7654321"]


def test_due_days_are_those_that_counties_are_judged_by() -> None:
    with get_engine().connect() as conn:
        campaign = newest_campaign(conn)
    judged = judgement.expected(campaign.starts_on, campaign.ends_on)

    assert {
        row.duty: pd.Timestamp(due_day(row.duty, campaign)) for row in judged.itertuples()
    } == dict(zip(judged["duty"], judged["due_on"], strict=True))
