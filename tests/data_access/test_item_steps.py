"""Close-out on a page takes two people, and leaves what an import of the same state would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from data_access import clock, rectification_items, schema, versions
from data_access.engine import get_engine
from data_access.item_steps import close, reopen, send_back, submit
from data_access.ledger_records import row_changes
from data_access.row_edits import EditError, StaleRowError
from data_access.scope import Scope
from data_access.weeks import reporting_week
from tests.data_access import clerks
from tests.data_access.clerks import (
    CHECKER,
    CLERK,
    EVIDENCE,
    NEIGHBOUR,
    READER,
    SECOND,
    as_in_the_ledger,
    row_of,
    send,
    steps,
)
from tests.data_access.visits import an_office
from tests.factories import CITY

ITEM = schema.rectification


@pytest.fixture(autouse=True)
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with an_office(tmp_path, monkeypatch):
        with get_engine().begin() as conn:
            clerks.add_people(conn)
        yield get_engine()


def add(engine: Engine, **columns: Any) -> int:
    with engine.begin() as conn:
        return clerks.item(conn, **columns)


def version(engine: Engine, key: int) -> int:
    return clerks.version(engine, ITEM, key)


def hand_in(engine: Engine, key: int, **said: Any) -> None:
    submit(CLERK, key, version(engine, key), **{"evidence": EVIDENCE} | said)


def test_a_county_submits_and_the_supervisor_closes(engine: Engine) -> None:
    key = add(engine)
    before = row_of(engine, ITEM, key)

    done = submit(CLERK, key, before.row_version, evidence=EVIDENCE, public_accepted=True)
    submitted = row_of(engine, ITEM, key)
    close(CHECKER, key, done.row_version)
    closed = row_of(engine, ITEM, key)

    assert (submitted.status, submitted.evidence, submitted.closed_on) == (
        "submitted",
        EVIDENCE,
        None,
    )
    assert submitted.row_version == before.row_version + 1
    assert (closed.status, closed.closed_on, closed.verified_by, closed.row_version) == (
        "closed",
        clock.today(),
        CHECKER.email,
        before.row_version + 2,
    )
    assert steps(engine, key) == [
        ("register", None),
        ("submit", CLERK.email),
        ("close", CHECKER.email),
    ]
    with engine.connect() as conn:
        told = conn.execute(
            select(schema.rectification_event).where(schema.rectification_event.c.step == "submit")
        ).one()
        assert (told.inferred, told.note, told.happened_on) == (False, EVIDENCE, clock.today())
        log = conn.execute(select(schema.audit_event.c.target, schema.audit_event.c.detail)).all()
    assert [json.loads(detail)["what"] for _, detail in log] == ["申请销号", "销号"]
    assert {target for target, _ in log} == {f"整改台账 {key}"}


def test_every_step_of_one_day_is_kept_in_its_order_and_counts_are_those_of_a_recount(
    engine: Engine,
) -> None:
    key = add(engine)
    for act in (
        lambda: hand_in(engine, key),
        lambda: send_back(CHECKER, key, version(engine, key), reason="照片看不清门牌"),
        lambda: hand_in(engine, key),
        lambda: close(CHECKER, key, version(engine, key)),
        lambda: reopen(CHECKER, key, version(engine, key), reason="群众反映又开班"),
        lambda: hand_in(engine, key),
        lambda: close(SECOND, key, version(engine, key)),
    ):
        act()
        assert clerks.counted(engine) == clerks.counted_afresh(engine)

    with engine.connect() as conn:
        told = rectification_items.events(
            conn, scope=Scope.city(), as_of=clock.today(), rectification_id=key
        )
        week = reporting_week(clock.today())
        closed = conn.scalar(
            select(schema.weekly_summary.c.n).where(
                schema.weekly_summary.c.subject == "rectification_closed",
                schema.weekly_summary.c.week == week,
            )
        )
    assert told["step"].tolist() == [
        *("register", "submit", "return", "submit", "close", "reopen", "submit", "close")
    ]
    assert told["note"].tolist()[2] == "照片看不清门牌"
    assert closed == 1


def test_the_last_step_of_a_day_is_the_one_that_was_taken_last(engine: Engine) -> None:
    key = add(engine)
    hand_in(engine, key)
    send_back(CHECKER, key, version(engine, key), reason="请补照片")
    hand_in(engine, key)

    with engine.connect() as conn:
        items = rectification_items.open_items(conn, scope=Scope.city(), as_of=clock.today())
        waiting = rectification_items.submitted_items(conn, scope=Scope.city(), as_of=clock.today())
    assert items["last_step"].tolist() == ["submit"]
    assert waiting[["rectification_id", "submitted_by"]].values.tolist() == [[key, CLERK.email]]


def test_what_waits_longest_comes_first_and_what_is_sent_back_waits_no_more(
    engine: Engine,
) -> None:
    old, new, back = add(engine), add(engine), add(engine)
    for key in (new, old, back):
        hand_in(engine, key)
    send_back(CHECKER, back, version(engine, back), reason="请补照片")
    with engine.begin() as conn:
        event = schema.rectification_event
        conn.execute(
            update(event)
            .where(event.c.rectification_id == old, event.c.step == "submit")
            .values(happened_on=clock.today().replace(year=2020))
        )
    with engine.connect() as conn:
        found = rectification_items.submitted_items(conn, scope=CLERK.scope, as_of=clock.today())
        others = rectification_items.submitted_items(
            conn, scope=NEIGHBOUR.scope, as_of=clock.today()
        )

    assert found["rectification_id"].tolist() == [old, new]
    assert others.empty


def test_nobody_closes_what_they_submitted_or_brought_in(engine: Engine) -> None:
    by_file = add(engine)
    row = row_of(engine, ITEM, by_file)
    sent = as_in_the_ledger(row, status="submitted", evidence=EVIDENCE)
    assert send(engine, "rectifications", sent, by=CHECKER).rows_rejected == 0
    born = {"ledger_no": "ZG-NEW", "county_code": CITY, "source": "check", "issue_type": "其他"}
    born |= {"severity": "1", "opened_on": row.opened_on, "due_on": row.due_on}
    send(engine, "rectifications", born | {"status": "submitted"}, by=CHECKER)
    with engine.connect() as conn:
        new = conn.scalar(select(ITEM.c.id).where(ITEM.c.ledger_no == "ZG-NEW"))

    for key in (by_file, new):
        with pytest.raises(EditError, match="须由另一人复核"):
            close(CHECKER, key, version(engine, key))
        assert row_of(engine, ITEM, key).status == "submitted"
    close(SECOND, by_file, version(engine, by_file))
    assert row_of(engine, ITEM, by_file).status == "closed"


def test_an_actor_that_a_file_names_does_not_hide_who_submitted(engine: Engine) -> None:
    key = add(engine)
    send(
        engine,
        "rectifications",
        as_in_the_ledger(row_of(engine, ITEM, key), status="submitted", evidence=EVIDENCE),
        by=CHECKER,
    )
    step = {"ledger_no": row_of(engine, ITEM, key).ledger_no, "county_code": CITY}
    step |= {"happened_on": clock.today(), "step": "submit", "actor": "县区经办人"}
    send(engine, "rectification_events", step, by=SECOND)

    with pytest.raises(EditError, match="须由另一人复核"):
        close(CHECKER, key, version(engine, key))


def test_an_account_that_submitted_does_not_close_by_a_file_either(engine: Engine) -> None:
    key = add(engine)
    hand_in(engine, key)
    with engine.begin() as conn:  # the clerk is moved to the supervision team
        conn.execute(
            update(schema.rectification_event)
            .where(schema.rectification_event.c.step == "submit")
            .values(actor=CHECKER.email)
        )
    closed = as_in_the_ledger(
        row_of(engine, ITEM, key), status="closed", closed_on=clock.today(), verified_by="督查员乙"
    )

    assert send(engine, "rectifications", closed, by=CHECKER).rows_rejected == 1
    assert send(engine, "rectifications", closed, by=SECOND).rows_rejected == 0


def test_a_files_submission_after_a_return_of_the_same_day_is_a_step_of_its_own(
    engine: Engine,
) -> None:
    key = add(engine)
    hand_in(engine, key)
    send_back(CHECKER, key, version(engine, key), reason="请补照片")

    sent = as_in_the_ledger(row_of(engine, ITEM, key), status="closed", evidence="补了照片")
    assert send(engine, "rectifications", sent, by=CLERK).rows_rejected == 0

    assert row_of(engine, ITEM, key).status == "submitted"
    assert [step for step, _ in steps(engine, key)] == ["register", "submit", "return", "submit"]
    assert steps(engine, key)[-1] == ("submit", CLERK.email)
    assert clerks.counted(engine) == clerks.counted_afresh(engine)


def test_a_file_does_not_rewrite_a_step_that_was_taken_here(engine: Engine) -> None:
    key = add(engine)
    hand_in(engine, key)
    step = {"ledger_no": row_of(engine, ITEM, key).ledger_no, "county_code": CITY}
    step |= {"happened_on": clock.today(), "step": "submit", "actor": "别人"}

    stored = send(engine, "rectification_events", step)

    assert stored.rows_rejected == 1
    assert steps(engine, key)[-1] == ("submit", CLERK.email)


def test_an_old_workbook_does_not_overwrite_what_was_done_here(engine: Engine) -> None:
    key = add(engine)
    downloaded = as_in_the_ledger(row_of(engine, ITEM, key), due_on=clock.today())
    hand_in(engine, key)

    stored = send(engine, "rectifications", downloaded)

    assert stored.rows_rejected == 1
    assert any("已被改动" in problem.problem for problem in stored.problems)
    assert row_of(engine, ITEM, key).status == "submitted"


def test_the_second_is_told_who_was_first_and_nothing_is_overwritten(engine: Engine) -> None:
    key = add(engine)
    seen = version(engine, key)
    submit(CLERK, key, seen, evidence=EVIDENCE)

    with pytest.raises(StaleRowError, match=rf"{CLERK.email}.*{clock.today()}"):
        submit(CLERK, key, seen, evidence="另一份材料")

    assert row_of(engine, ITEM, key).evidence == EVIDENCE
    assert len(steps(engine, key)) == 2


@pytest.mark.parametrize(
    ("user", "act"),
    [
        (CHECKER, lambda user, key, seen: submit(user, key, seen, evidence=EVIDENCE)),
        (READER, lambda user, key, seen: submit(user, key, seen, evidence=EVIDENCE)),
        (NEIGHBOUR, lambda user, key, seen: submit(user, key, seen, evidence=EVIDENCE)),
        (CLERK, lambda user, key, seen: close(user, key, seen)),
        (CLERK, lambda user, key, seen: send_back(user, key, seen, reason="不行")),
        (CLERK, lambda user, key, seen: reopen(user, key, seen, reason="不行")),
        (READER, lambda user, key, seen: close(user, key, seen)),
        (CHECKER, lambda user, key, seen: close(user, key, seen)),
        (CHECKER, lambda user, key, seen: send_back(user, key, seen, reason="不行")),
        (CHECKER, lambda user, key, seen: reopen(user, key, seen, reason="不行")),
    ],
)
def test_who_may_not_or_not_yet_changes_nothing(engine: Engine, user: Any, act: Any) -> None:
    key = add(engine)
    with engine.connect() as conn:
        before = row_of(engine, ITEM, key), steps(engine, key), versions.current(conn)

    with pytest.raises(EditError):
        act(user, key, version(engine, key))

    with engine.connect() as conn:
        assert (row_of(engine, ITEM, key), steps(engine, key), versions.current(conn)) == before


def test_what_an_unreleased_plan_found_is_not_there_for_a_county(engine: Engine) -> None:
    hidden = add(engine, withheld=True, ledger_no="XT-1")

    with pytest.raises(EditError) as refused:
        submit(CLERK, hidden, version(engine, hidden), evidence=EVIDENCE)
    with pytest.raises(EditError) as nothing_there:
        submit(CLERK, 10_000, 1, evidence=EVIDENCE)

    assert str(refused.value) == str(nothing_there.value)


@pytest.mark.parametrize(("accepted", "closes"), [(None, False), (False, False), (True, True)])
def test_an_item_from_a_report_is_closed_with_the_publics_consent(
    engine: Engine, accepted: bool | None, closes: bool
) -> None:
    key = add(engine, source="report")
    hand_in(engine, key, public_accepted=accepted)
    if closes:
        close(CHECKER, key, version(engine, key))
    else:
        with pytest.raises(EditError, match="群众认可"):
            close(CHECKER, key, version(engine, key))
    assert (row_of(engine, ITEM, key).status == "closed") is closes
    assert [step for step, _ in steps(engine, key)][2:] == (["close"] if closes else [])


def test_words_are_asked_for_and_hold_no_telephone_number(engine: Engine) -> None:
    key = add(engine)
    with pytest.raises(EditError, match="佐证材料"):
        hand_in(engine, key, evidence="  \u200b ")
    done = submit(CLERK, key, version(engine, key), evidence="家长 13900000000 已确认退费")
    with pytest.raises(EditError, match="理由"):
        send_back(CHECKER, key, version(engine, key), reason=" ")
    with pytest.raises(EditError, match="500"):
        send_back(CHECKER, key, version(engine, key), reason="长" * 501)
    send_back(CHECKER, key, version(engine, key), reason="请联系 13900000000 核实")

    assert any("已隐去" in warning for warning in done.warnings)
    with engine.connect() as conn:
        kept = [row_of(engine, ITEM, key).evidence]
        kept += conn.scalars(select(schema.rectification_event.c.note)).all()
        kept += conn.scalars(select(schema.row_change.c.new_value)).all()
    assert "13900000000" not in "".join(filter(None, kept))


def test_old_values_are_told_to_the_county_but_not_what_was_before_the_release(
    engine: Engine,
) -> None:
    key = add(engine, ledger_no="XT-2")
    change = {"table_name": "rectification", "row_key": "XT-2", "county_code": CITY}
    change |= {"email": CHECKER.email, "changed_on": clock.today()}
    with engine.begin() as conn:
        for column, old, new in (("severity", "1", "3"), ("withheld", "True", "False")):
            values = change | {"column_name": column, "old_value": old, "new_value": new}
            conn.execute(insert(schema.row_change).values(values))
    hand_in(engine, key)

    def told(scope: Scope) -> list[Any]:
        with engine.connect() as conn:
            found = row_changes(conn, scope=scope, table_name="rectification", row_id=key)
        columns = ["column_name", "old_value", "new_value", "email"]
        return [tuple(row) for row in found[columns].fillna("").values.tolist()]

    since = [
        ("status", "in_progress", "submitted", CLERK.email),
        ("evidence", "", EVIDENCE, CLERK.email),
    ]
    assert sorted(told(CLERK.scope)) == sorted(since)
    assert told(CHECKER.scope)[0] == ("severity", "1", "3", CHECKER.email)
    assert told(NEIGHBOUR.scope) == []
