"""The list of officers: kept by the supervision team, seen by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data_access import officers
from data_access.accounts import User
from data_access.connections import reading
from data_access.scope import Scope
from data_access.visit_writing import PlanError
from tests.data_access.visits import ADMIN, COUNTY, LEADER, SUPERVISOR, an_office, logged
from tests.factories import CITY


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


def listed(scope: Scope = SUPERVISOR.scope) -> pd.DataFrame:
    with reading(SUPERVISOR) as conn:
        return officers.officers(conn, scope=scope)


def test_officer_is_added_changed_and_sent_no_more() -> None:
    first = officers.save(SUPERVISOR, name=" 检查员 甲 ", department="教育局", home_county=CITY)
    other = officers.save(SUPERVISOR, name="检查员乙", department="公安局")

    changed = officers.save(
        SUPERVISOR, name="检查员甲", department="体育局", home_county="", officer_id=first
    )
    officers.set_active(SUPERVISOR, other, active=False)

    assert changed == first
    assert listed().replace({float("nan"): None}).to_dict("records") == [
        {
            "id": first,
            "name": "检查员甲",
            "department": "体育局",
            "home_county": None,
            "active": True,
        },
        {
            "id": other,
            "name": "检查员乙",
            "department": "公安局",
            "home_county": None,
            "active": False,
        },
    ]


@pytest.mark.parametrize("scope", [Scope.city(), Scope.county(CITY), Scope.county()])
def test_nobody_else_sees_who_can_be_sent(scope: Scope) -> None:
    officers.save(SUPERVISOR, name="检查员甲", department="教育局", home_county=CITY)

    assert listed(scope).empty
    assert listed(scope).dtypes.to_dict() == listed().dtypes.to_dict()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": " "}, "请填写姓名"),
        ({"name": "甲" * 65}, "1 到 64 个字"),
        ({"department": ""}, "请填写部门"),
        ({"home_county": "999999"}, "不在名单里"),
        ({"officer_id": 99}, "已没有这位"),
    ],
)
def test_what_cannot_be_is_refused_in_words(changed: dict[str, str], why: str) -> None:
    asked = {"name": "检查员甲", "department": "教育局"}

    with pytest.raises(PlanError, match=why):
        officers.save(SUPERVISOR, **asked | changed)

    assert listed().empty


def test_name_is_known_once_in_a_department() -> None:
    officers.save(SUPERVISOR, name="检查员甲", department="教育局")
    officers.save(SUPERVISOR, name="检查员甲", department="公安局")

    with pytest.raises(PlanError, match="教育局已有一位“检查员甲”"):
        officers.save(SUPERVISOR, name="检查员甲", department="教育局")

    assert len(listed()) == 2


def test_officer_who_is_not_there_cannot_be_sent_or_not() -> None:
    with pytest.raises(PlanError, match="已没有这位"):
        officers.set_active(SUPERVISOR, 1, active=False)


@pytest.mark.parametrize("who", [LEADER, COUNTY, ADMIN], ids=lambda who: who.role)
def test_others_are_refused_and_that_is_logged(who: User) -> None:
    with pytest.raises(PlanError, match="账号已不能"):
        officers.save(who, name="检查员甲", department="教育局")

    assert listed().empty
    assert [each[:3] for each in logged()] == [(who.email, "refused", "检查人员名单")]
