"""Plans for refunds are made by a county for itself and by the supervision team, step by step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from data_access import clock, refund_plans, schema, versions
from data_access.accounts import User
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.refund_plans import (
    Aim,
    RefundPlanError,
    Step,
    Whose,
    add_step,
    change,
    change_step,
    close,
    make,
    mark_step,
    plan_steps,
    plans,
)
from data_access.scope import Scope
from tests import factories
from tests.data_access.visits import ADMIN, COUNTY, LEADER, SUPERVISOR, an_office
from tests.factories import CITY, SOUTH

OPENED, DUE, AS_OF = date(2022, 8, 12), date(2022, 8, 22), date(2022, 8, 25)
AIM = Aim("责任人甲", "核清名单，分批退费", OPENED)
HERS = Whose(CITY, "示例机构")
STEPS = (Step("约谈举办者", date(2022, 8, 14)), Step("第一批退费到账", DUE))


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


def read(user: User = COUNTY, as_of: date = AS_OF) -> tuple[pd.DataFrame, pd.DataFrame]:
    asked: dict[str, Any] = {"scope": user.scope, "as_of": as_of}
    with reading(user) as conn:
        return plans(conn, **asked), plan_steps(conn, **asked)


def step_ids() -> list[int]:
    return [int(number) for number in read()[1]["step_id"]]


def said() -> list[tuple[str, str, str]]:
    event = schema.audit_event.c
    stmt = select(event.email, event.target, event.detail).where(
        event.action == "refund_plan_write"
    )
    with get_engine().connect() as conn:
        rows = conn.execute(stmt.order_by(event.id)).all()
    return [(email, target, json.loads(detail)["what"]) for email, target, detail in rows]


def kept() -> list[tuple[Any, ...]]:
    change_ = schema.row_change.c
    columns = (change_.table_name, change_.county_code, change_.column_name)
    stmt = select(*columns, change_.old_value, change_.new_value, change_.email)
    with get_engine().connect() as conn:
        return [tuple(row) for row in conn.execute(stmt.order_by(change_.id))]


def version() -> int:
    with get_engine().connect() as conn:
        return versions.current(conn)


def test_plan_is_read_as_it_was_made() -> None:
    before = version()
    number = make(COUNTY, HERS, AIM, STEPS)

    found, steps = read()
    assert found.to_dict("records") == [
        {
            "plan_id": number,
            "county_code": CITY,
            "county": "城中区",
            "institution_id": None,
            "name_key": "示例机构",
            "institution_name": "示例机构",
            "opened_on": pd.Timestamp(OPENED),
            "owner": "责任人甲",
            "aim": "核清名单，分批退费",
            "closed_on": pd.NaT,
            "row_version": 1,
        }
    ]
    assert steps["step_no"].tolist() == [1, 2]
    assert steps["what"].tolist() == ["约谈举办者", "第一批退费到账"]
    assert steps["due_on"].tolist() == [pd.Timestamp(2022, 8, 14), pd.Timestamp(DUE)]
    assert steps["done_on"].isna().all()
    assert said() == [(COUNTY.email, f"一企一策 {number}", "登记方案")]
    assert version() == before + 1


def test_who_reads_what() -> None:
    for code in (CITY, SOUTH):
        make(SUPERVISOR, Whose(code, "示例机构"), AIM, STEPS)

    for user, counties in ((SUPERVISOR, 2), (LEADER, 2), (COUNTY, 1)):
        found, steps = read(user)
        assert (len(found), len(steps)) == (counties, 2 * counties)
    assert read(COUNTY)[0]["county_code"].tolist() == [CITY]
    with get_engine().connect() as conn:
        assert plans(conn, scope=Scope.county(), as_of=AS_OF).empty
        assert plan_steps(conn, scope=Scope.county(), as_of=AS_OF).empty


def test_what_is_known_is_that_of_the_day() -> None:
    number = make(COUNTY, HERS, AIM, STEPS[:1])
    [step] = step_ids()
    mark_step(COUNTY, step, 1, date(2022, 8, 15), "约谈笔录")
    close(COUNTY, number, 1, date(2022, 8, 16))

    assert read(as_of=OPENED - timedelta(days=1))[0].empty
    assert read(as_of=OPENED - timedelta(days=1))[1].empty
    for day, is_done, is_closed in ((14, False, False), (15, True, False), (16, True, True)):
        found, steps = read(as_of=date(2022, 8, day))
        assert steps["done_on"].notna().tolist() == [is_done]
        assert steps["evidence"].notna().tolist() == [is_done]
        assert found["closed_on"].notna().tolist() == [is_closed]


def test_plan_made_by_name_is_known_by_number_once_the_institution_is() -> None:
    make(COUNTY, Whose(CITY, "示例 机构"), AIM)
    with get_engine().begin() as conn:
        factories.institution(conn, name="示例机构", county_code=SOUTH)
    assert read(SUPERVISOR)[0]["institution_id"].isna().all()
    with get_engine().begin() as conn:
        number = factories.institution(conn, name="示例机构", county_code=CITY)

    assert read()[0]["institution_id"].tolist() == [number]


def test_institution_has_one_open_plan_at_a_time() -> None:
    with get_engine().begin() as conn:
        number = factories.institution(conn, name="示例机构", county_code=CITY)
    plan = make(COUNTY, Whose(CITY, "随便写的", number), AIM, STEPS[:1])
    assert read()[0]["institution_name"].tolist() == ["示例机构"]

    for whose in (Whose(CITY, "示例机构", number), HERS, Whose(CITY, "示例 机构")):
        with pytest.raises(RefundPlanError, match="已有在办的方案"):
            make(COUNTY, whose, AIM)
    make(SUPERVISOR, Whose(SOUTH, "示例机构"), AIM)

    mark_step(COUNTY, step_ids()[0], 1, DUE, "约谈笔录")
    close(COUNTY, plan, 1, DUE)
    make(COUNTY, HERS, AIM)
    assert len(read()[0]) == 2


@pytest.mark.parametrize(
    ("aim", "steps", "why"),
    [
        (Aim(" ", "分批退费", OPENED), (), "请填写责任人"),
        (Aim("名" * 65, "分批退费", OPENED), (), "责任人超过 64 个字"),
        (Aim("甲", "\n", OPENED), (), "请填写目标和办法"),
        (Aim("甲", "字" * 501, OPENED), (), "目标和办法超过 500 个字"),
        (AIM, (Step("", DUE),), "请填写做什么"),
        (AIM, (Step("约谈", OPENED - timedelta(days=1)),), "期限早于方案的制定日期"),
    ],
)
def test_what_is_missing_or_wrong_is_refused_and_nothing_is_kept(
    aim: Aim, steps: tuple[Step, ...], why: str
) -> None:
    with pytest.raises(RefundPlanError, match=why):
        make(COUNTY, HERS, aim, steps)

    assert read()[0].empty
    assert said() == []


def test_step_may_be_due_on_the_day_of_the_plan() -> None:
    make(COUNTY, HERS, AIM, (Step("约谈", OPENED),))

    assert len(step_ids()) == 1


def test_plan_is_not_of_tomorrow() -> None:
    today = clock.today()
    with pytest.raises(RefundPlanError, match="制定日期晚于今天"):
        make(COUNTY, HERS, Aim("甲", "分批退费", today + timedelta(days=1)))

    make(COUNTY, HERS, Aim("甲", "分批退费", today))


def test_personal_data_is_not_kept() -> None:
    phone = "13800138000"
    make(COUNTY, HERS, Aim(f"甲 {phone}", f"联系 {phone}", OPENED), (Step(f"打 {phone}", DUE),))
    mark_step(COUNTY, step_ids()[0], 1, DUE, f"通话 {phone}")

    found, steps = read()
    assert phone not in str(found.to_dict("records")) + str(steps.to_dict("records"))
    assert phone not in str(kept())


def test_change_keeps_what_it_was_and_is_refused_when_it_was_not_seen() -> None:
    number = make(COUNTY, HERS, AIM, STEPS)
    wanted = Aim("责任人乙", AIM.aim, OPENED)

    assert change(COUNTY, number, 1, wanted) == 2
    assert change(SUPERVISOR, number, 2, wanted) == 2
    with pytest.raises(RefundPlanError, match="刚刚有改动"):
        change(SUPERVISOR, number, 1, AIM)

    first = step_ids()[0]
    assert change_step(COUNTY, first, 1, Step("约谈举办者和股东", STEPS[0].due_on)) == 2
    with pytest.raises(RefundPlanError, match="这一步刚刚有改动"):
        mark_step(SUPERVISOR, first, 1, DUE, "约谈笔录")
    assert kept() == [
        ("refund_plan", CITY, "owner", "责任人甲", "责任人乙", COUNTY.email),
        ("refund_plan_step", CITY, "what", "约谈举办者", "约谈举办者和股东", COUNTY.email),
    ]


def test_plan_is_not_moved_behind_a_step_that_is_done() -> None:
    number = make(COUNTY, HERS, AIM, STEPS)
    mark_step(COUNTY, step_ids()[0], 1, date(2022, 8, 14), "约谈笔录")

    with pytest.raises(RefundPlanError, match="制定日期晚于已完成步骤"):
        change(COUNTY, number, 1, Aim("甲", "退费", date(2022, 8, 15)))
    assert change(COUNTY, number, 1, Aim("甲", "退费", date(2022, 8, 14))) == 2


def test_step_is_added_at_the_end_and_whoever_saw_the_plan_before_is_told() -> None:
    number = make(COUNTY, HERS, AIM, STEPS)
    add_step(COUNTY, number, 1, Step("退清", date(2022, 9, 5)))

    assert read()[1]["step_no"].tolist() == [1, 2, 3]
    with pytest.raises(RefundPlanError, match="这个方案刚刚有改动"):
        add_step(SUPERVISOR, number, 1, Step("退清", date(2022, 9, 5)))


def test_done_is_said_with_evidence_of_a_day_that_can_be() -> None:
    make(COUNTY, HERS, AIM, STEPS)
    first = step_ids()[0]

    for day, evidence, why in (
        (DUE, " ", "请填写完成的佐证"),
        (DUE, "字" * 501, "完成的佐证超过 500 个字"),
        (clock.today() + timedelta(days=1), "笔录", "完成日期晚于今天"),
        (OPENED - timedelta(days=1), "笔录", "完成日期早于方案的制定日期"),
    ):
        with pytest.raises(RefundPlanError, match=why):
            mark_step(COUNTY, first, 1, day, evidence)
    assert mark_step(COUNTY, first, 1, OPENED, "笔录") == 2
    assert mark_step(COUNTY, first, 2, None) == 3
    assert read()[1]["evidence"].isna().all()
    assert [what for *_, what in said()] == ["登记方案", "第 1 步完成", "第 1 步改为未完成"]


def test_plan_is_closed_when_all_its_steps_are_done_and_then_it_stands() -> None:
    number = make(COUNTY, HERS, AIM)
    with pytest.raises(RefundPlanError, match="方案还没有步骤"):
        close(COUNTY, number, 1, DUE)
    first = add_step(COUNTY, number, 1, STEPS[0])
    with pytest.raises(RefundPlanError, match="还有 1 步没有登记完成"):
        close(COUNTY, number, 2, DUE)
    mark_step(COUNTY, first, 1, DUE, "笔录")
    with pytest.raises(RefundPlanError, match="早于最后一步的完成日期"):
        close(COUNTY, number, 2, DUE - timedelta(days=1))
    with pytest.raises(RefundPlanError, match="办结日期晚于今天"):
        close(COUNTY, number, 2, clock.today() + timedelta(days=1))
    assert close(COUNTY, number, 2, DUE) == 3

    for act in (
        lambda: change(COUNTY, number, 3, AIM),
        lambda: close(COUNTY, number, 3, DUE),
        lambda: add_step(COUNTY, number, 3, STEPS[0]),
        lambda: change_step(COUNTY, first, 2, STEPS[0]),
        lambda: mark_step(COUNTY, first, 2, None),
    ):
        with pytest.raises(RefundPlanError, match="已经办结"):
            act()


def writes(user: User, plan: int, step: int, code: str) -> list[Callable[[], Any]]:
    return [
        lambda: make(user, Whose(code, "另一家"), AIM),
        lambda: change(user, plan, 1, Aim("乙", "另一种", OPENED)),
        lambda: add_step(user, plan, 1, STEPS[0]),
        lambda: change_step(user, step, 1, STEPS[1]),
        lambda: mark_step(user, step, 1, DUE, "笔录"),
        lambda: close(user, plan, 1, DUE),
    ]


@pytest.mark.parametrize("who", [LEADER, ADMIN])
def test_nobody_but_county_and_supervision_team_writes(who: User) -> None:
    plan = make(COUNTY, HERS, AIM, STEPS)

    for act in writes(who, plan, step_ids()[0], CITY):
        with pytest.raises(RefundPlanError, match="您的账号已不能登记一企一策方案"):
            act()
    assert read()[0]["row_version"].tolist() == [1]


def test_county_writes_no_other_county_s() -> None:
    plan = make(SUPERVISOR, Whose(SOUTH, "示例机构"), AIM, STEPS)
    step = int(read(SUPERVISOR)[1]["step_id"].iloc[0])

    for act in writes(COUNTY, plan, step, SOUTH):
        with pytest.raises(RefundPlanError, match="不在您的范围内"):
            act()
    with get_engine().begin() as conn:
        elsewhere = factories.institution(conn, name="南边机构", county_code=SOUTH)
    with pytest.raises(RefundPlanError, match="台账里没有这家机构"):
        make(COUNTY, Whose(CITY, "南边机构", elsewhere), AIM)
    with pytest.raises(RefundPlanError, match="没有这个县区"):
        make(SUPERVISOR, Whose("999999", "示例机构"), AIM)
    assert len(read(SUPERVISOR)[0]) == 1


def test_columns_are_as_long_as_their_limits() -> None:
    assert schema.refund_plan.c.owner.type.length == refund_plans.LONGEST_OWNER
    assert schema.refund_plan.c.institution_name.type.length == refund_plans.LONGEST_NAME
