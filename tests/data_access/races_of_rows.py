"""Two who act on one row at the same moment: exactly one gets through, and the other is told.

Run on SQLite and on PostgreSQL, where the addresses of the database are set.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, select

from data_access import clock, refund_plans, schema
from data_access.dispute_answers import answer
from data_access.item_steps import close, send_back, submit
from tests import factories as make
from tests.data_access import clerks
from tests.data_access.clerks import (
    CHECKER,
    CLERK,
    EVIDENCE,
    SECOND,
    as_in_the_ledger,
    at_once,
    row_of,
    send,
    steps,
)

ITEM = schema.rectification
TIMES = 3


def two_submit(owner: Engine) -> None:
    """Two clerks submit one item."""
    for _ in range(TIMES):
        key = _item(owner)
        seen = clerks.version(owner, ITEM, key)
        refused = at_once(
            lambda key=key, seen=seen: submit(CLERK, key, seen, evidence=EVIDENCE),
            lambda key=key, seen=seen: submit(CLERK, key, seen, evidence="另一份"),
        )
        assert len(refused) == 1
        assert CLERK.email in refused[0]
        assert [step for step, _ in steps(owner, key)] == ["register", "submit"]
        assert clerks.version(owner, ITEM, key) == seen + 1


def one_closes_and_one_returns(owner: Engine) -> None:
    """Of two supervisors one closes an item that the other sends back."""
    for _ in range(TIMES):
        key = _item(owner)
        seen = submit(CLERK, key, clerks.version(owner, ITEM, key), evidence=EVIDENCE).row_version
        refused = at_once(
            lambda key=key, seen=seen: close(CHECKER, key, seen),
            lambda key=key, seen=seen: send_back(SECOND, key, seen, reason="照片不清"),
        )
        assert len(refused) == 1
        state = row_of(owner, ITEM, key).status
        last = steps(owner, key)[-1]
        assert (state, *last) in {
            ("closed", "close", CHECKER.email),
            ("returned", "return", SECOND.email),
        }
        assert (CHECKER.email if state == "closed" else SECOND.email) in refused[0]
        assert len(steps(owner, key)) == 3


def a_file_and_a_page(owner: Engine) -> None:
    """A downloaded workbook comes back while the row is changed on a page."""
    for _ in range(TIMES):
        key = _item(owner)
        row = row_of(owner, ITEM, key)
        sent = as_in_the_ledger(row, severity="3")
        stored: list[Any] = []
        refused = at_once(
            lambda row=row, key=key: submit(CLERK, key, row.row_version, evidence=EVIDENCE),
            lambda sent=sent, stored=stored: stored.append(send(owner, "rectifications", sent)),
        )
        now = row_of(owner, ITEM, key)
        assert len(refused) + stored[0].rows_rejected == 1
        assert (now.status, now.severity) in {("submitted", 1), ("in_progress", 3)}
        assert now.row_version == row.row_version + 1


def two_answer(owner: Engine) -> None:
    """Two clerks answer one dispute, each in another column."""
    with owner.begin() as conn:
        key = make.dispute(conn, institution_name="示例机构")
    settled = {"status": "已化解", "resolved_on": clock.today().isoformat()}
    refused = at_once(
        lambda: answer(CLERK, key, 1, settled),
        lambda: answer(CLERK, key, 1, {"answer": "已约谈"}),
    )
    assert len(refused) == 1
    row = row_of(owner, schema.refund_dispute, key)
    assert (row.status, row.answer) in {("resolved", None), ("open", "已约谈")}


def two_make_a_plan(owner: Engine) -> None:
    """A clerk and a supervisor make a plan for one institution."""
    for turn in range(TIMES):
        aim = refund_plans.Aim("责任人", "分批退费", clock.today())
        whose = refund_plans.Whose(CLERK.county_code or "", f"两人同立{turn}")
        refused = at_once(
            lambda whose=whose, aim=aim: refund_plans.make(CLERK, whose, aim),
            lambda whose=whose, aim=aim: refund_plans.make(CHECKER, whose, aim),
        )
        assert len(refused) == 1
        assert "已有在办的方案" in refused[0]


def two_change_a_step(owner: Engine) -> None:
    """Two record one step, one as done and one as another."""
    today = clock.today()
    whose = refund_plans.Whose(CLERK.county_code or "", "两人同改")
    step = refund_plans.Step("约谈", today)
    plan = refund_plans.make(
        CLERK, whose, refund_plans.Aim("责任人", "分批退费", today), [step, step]
    )
    with owner.connect() as conn:
        is_of_it = schema.refund_plan_step.c.refund_plan_id == plan
        keys = conn.scalars(select(schema.refund_plan_step.c.id).where(is_of_it)).all()
    for key in keys:
        refused = at_once(
            lambda key=key: refund_plans.mark_step(CLERK, key, 1, today, EVIDENCE),
            lambda key=key: refund_plans.change_step(
                CHECKER, key, 1, refund_plans.Step("约谈股东", today)
            ),
        )
        assert len(refused) == 1
        assert "刚刚有改动" in refused[0]
        row = row_of(owner, schema.refund_plan_step, key)
        assert (row.what, row.done_on) in {("约谈", today), ("约谈股东", None)}
        assert row.row_version == 2


def _item(owner: Engine) -> int:
    with owner.begin() as conn:
        return clerks.item(conn)


RACES = pytest.mark.parametrize(
    "race",
    [
        *(two_submit, one_closes_and_one_returns, a_file_and_a_page, two_answer),
        *(two_make_a_plan, two_change_a_step),
    ],
)
