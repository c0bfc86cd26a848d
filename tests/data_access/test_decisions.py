"""What meetings decided is put on record by the supervision team, and read by whom it concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from data_access import clock, schema
from data_access.accounts import User
from data_access.connections import reading
from data_access.decisions import (
    Decided,
    DecisionError,
    add,
    change,
    decisions,
    mark_done,
    withdraw,
)
from data_access.engine import get_engine
from data_access.scope import Scope
from tests.data_access.visits import COUNTY, LEADER, SUPERVISOR, an_office
from tests.factories import CITY, SOUTH

WEEK, AS_OF = date(2022, 8, 18), date(2022, 8, 25)
DUE = date(2022, 9, 1)
USUAL: dict[str, Any] = {
    "week": WEEK,
    "what": "约谈举办者",
    "owner": "责任人甲",
    "county_code": CITY,
    "due_on": DUE,
}


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


def wanted(**fields: Any) -> Decided:
    return Decided(**USUAL | fields)


def read(user: User = SUPERVISOR, as_of: date = AS_OF) -> pd.DataFrame:
    with reading(user) as conn:
        return decisions(conn, scope=user.scope, as_of=as_of)


def said() -> list[tuple[str, str, str]]:
    event = schema.audit_event.c
    stmt = select(event.email, event.target, event.detail).where(event.action == "decision_record")
    with get_engine().connect() as conn:
        rows = conn.execute(stmt.order_by(event.id)).all()
    return [(email, target, json.loads(detail)["what"]) for email, target, detail in rows]


def test_decision_is_read_as_it_was_recorded() -> None:
    number = add(SUPERVISOR, wanted())

    [row] = read().to_dict("records")
    assert row == {
        "id": number,
        "week": pd.Timestamp(WEEK),
        "what": "约谈举办者",
        "county_code": CITY,
        "county": "城中区",
        "owner": "责任人甲",
        "due_on": pd.Timestamp(DUE),
        "done_on": pd.NaT,
        "kind": "decision",
        "row_version": 1,
    }
    assert said() == [(SUPERVISOR.email, f"会议决定 {number}", "登记")]


def test_who_reads_what() -> None:
    for code in (CITY, SOUTH, None):
        add(SUPERVISOR, wanted(county_code=code))

    assert len(read(SUPERVISOR)) == len(read(LEADER)) == 3
    assert list(read(COUNTY)["county_code"]) == [COUNTY.county_code]
    with get_engine().connect() as conn:
        assert decisions(conn, scope=Scope.county(), as_of=AS_OF).empty


def test_what_is_known_is_that_of_the_day() -> None:
    number = add(SUPERVISOR, wanted())
    mark_done(SUPERVISOR, number, 1, date(2022, 8, 30))

    assert read(as_of=date(2022, 8, 11)).empty
    assert read(as_of=date(2022, 8, 29))["done_on"].isna().all()
    assert read(as_of=date(2022, 8, 30))["done_on"].tolist() == [pd.Timestamp(2022, 8, 30)]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"week": date(2022, 8, 17)}, "2022-08-17 不是周四，没有保存。.*应写 2022-08-18"),
        ({"what": " \n "}, "请填写决定事项"),
        ({"what": "字" * 501}, "决定事项超过 500 个字"),
        ({"owner": ""}, "请填写责任人"),
        ({"owner": "名" * 65}, "责任人超过 64 个字"),
        ({"kind": "wish"}, "请选择种类"),
        ({"due_on": date(2022, 8, 11)}, "期限早于会议那一周"),
        ({"county_code": "999999"}, "没有这个县区"),
    ],
)
def test_what_is_missing_or_wrong_is_refused(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(DecisionError, match=why):
        add(SUPERVISOR, wanted(**fields))
    number = add(SUPERVISOR, wanted())
    with pytest.raises(DecisionError, match=why):
        change(SUPERVISOR, number, 1, wanted(**fields))

    assert len(read()) == 1
    assert len(said()) == 1


def test_meeting_that_is_still_to_come_decided_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: WEEK - timedelta(days=3))
    add(SUPERVISOR, wanted())
    monkeypatch.setattr(clock, "today", lambda: WEEK - timedelta(days=7))

    with pytest.raises(DecisionError, match="2022-08-18 这一周还没有到"):
        add(SUPERVISOR, wanted())


def test_personal_data_is_not_kept() -> None:
    add(SUPERVISOR, wanted(what="联系家长 13800138000", owner="甲 13800138000"))

    assert "13800138000" not in str(read().to_dict("records"))


def test_change_keeps_what_it_was_and_is_refused_when_it_was_not_seen() -> None:
    number = add(SUPERVISOR, wanted())

    assert change(SUPERVISOR, number, 1, wanted(due_on=None, owner="责任人乙")) == 2
    assert change(SUPERVISOR, number, 2, wanted(due_on=None, owner="责任人乙")) == 2
    with pytest.raises(DecisionError, match="刚刚有改动"):
        change(SUPERVISOR, number, 1, wanted())

    kept = schema.row_change.c
    columns = (kept.row_key, kept.county_code, kept.column_name, kept.old_value, kept.new_value)
    with get_engine().connect() as conn:
        rows = conn.execute(select(*columns, kept.email).order_by(kept.column_name)).all()
    assert [tuple(row) for row in rows] == [
        (str(number), CITY, "due_on", "2022-09-01", None, SUPERVISOR.email),
        (str(number), CITY, "owner", "责任人甲", "责任人乙", SUPERVISOR.email),
    ]
    assert [what for _, _, what in said()] == ["登记", "修改"]


def test_done_is_said_of_a_day_that_can_be() -> None:
    number = add(SUPERVISOR, wanted())

    with pytest.raises(DecisionError, match="晚于今天"):
        mark_done(SUPERVISOR, number, 1, clock.today() + timedelta(days=1))
    with pytest.raises(DecisionError, match="早于会议那一周"):
        mark_done(SUPERVISOR, number, 1, date(2022, 8, 11))
    assert mark_done(SUPERVISOR, number, 1, AS_OF) == 2
    with pytest.raises(DecisionError, match="早于会议那一周"):
        change(SUPERVISOR, number, 2, wanted(week=date(2022, 9, 8), due_on=None))
    assert mark_done(SUPERVISOR, number, 2, None) == 3
    assert read()["done_on"].isna().all()
    assert [what for _, _, what in said()] == ["登记", "登记完成", "改为未完成"]


def test_withdrawn_is_off_the_lists_for_good() -> None:
    number = add(SUPERVISOR, wanted())
    withdraw(SUPERVISOR, number, 1)

    assert read().empty
    with pytest.raises(DecisionError, match="已经撤销或不存在"):
        mark_done(SUPERVISOR, number, 2, AS_OF)
    assert said()[-1][2] == "撤销"


@pytest.mark.parametrize("who", [LEADER, COUNTY])
def test_nobody_but_the_supervision_team_writes(who: User) -> None:
    number = add(SUPERVISOR, wanted())

    for refused in (
        lambda: add(who, wanted()),
        lambda: change(who, number, 1, wanted(owner="乙")),
        lambda: mark_done(who, number, 1, AS_OF),
        lambda: withdraw(who, number, 1),
    ):
        with pytest.raises(DecisionError, match="您的账号已不能登记会议决定"):
            refused()
    assert read()["row_version"].tolist() == [1]
