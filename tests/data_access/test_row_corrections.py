"""A county answers disputes and corrects institutions, as a file of its own would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data_access import clock, ledger_records, schema, summaries
from data_access.dispute_answers import answer
from data_access.engine import get_engine
from data_access.institution_edits import correct
from data_access.row_edits import CLEAR, EditError, StaleRowError
from data_access.weeks import reporting_week
from tests import factories as make
from tests.data_access import clerks
from tests.data_access.clerks import CHECKER, CLERK, NEIGHBOUR, READER, row_of, send
from tests.data_access.visits import an_office
from tests.factories import CITY, SOUTH, THURSDAY

DISPUTE, INSTITUTION = schema.refund_dispute, schema.institution
CODE, OTHER_CODE = "91450200MA5KAAAA0K", "91450200MA5KBBBB0X"


@pytest.fixture(autouse=True)
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with an_office(tmp_path, monkeypatch):
        with get_engine().begin() as conn:
            clerks.add_people(conn)
        yield get_engine()


def dispute(engine: Engine, **columns: Any) -> int:
    with engine.begin() as conn:
        key = make.dispute(conn, **columns)
        summaries.rebuild_all(conn)
        return key


def institution(engine: Engine, **columns: Any) -> int:
    with engine.begin() as conn:
        return make.institution(conn, **columns)


def test_an_answer_settles_a_dispute_and_its_figures_follow(engine: Engine) -> None:
    key = dispute(engine)
    told = {
        "status": "已化解",
        "route": "退费",
        "resolved_on": THURSDAY.isoformat(),
        "refunded_yuan": "0.08万",
        "plan_in_place": "是",
        "answer": "已退 800 元，家长 13900000000 签字确认",
    }

    done = answer(CLERK, key, 1, told)
    row = row_of(engine, DISPUTE, key)

    assert (row.status, row.route, row.resolved_on) == ("resolved", "refund", THURSDAY)
    assert (row.resolved_week, row.refunded_yuan) == (reporting_week(THURSDAY), 800.0)
    assert (row.plan_in_place, row.row_version, done.row_version) == (True, 2, 2)
    assert "13900000000" not in row.answer
    assert "800 元" in row.answer
    counts, spells = clerks.counted_afresh(engine)
    assert clerks.counted(engine) == (counts, spells)
    assert any("refund_dispute_resolved" in row for row in counts)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"status": "已化解"}, "须填化解日期"),
        ({"resolved_on": THURSDAY.isoformat()}, "不得有化解日期"),
        (
            {"status": "已化解", "resolved_on": (clock.today() + timedelta(days=1)).isoformat()},
            "化解日期",
        ),
        ({"refunded_yuan": "约30"}, "已退金额"),
        ({"refunded_yuan": "-5"}, "已退金额"),
        ({"status": "好了"}, "处理状态"),
        ({"status": CLEAR}, "处理状态"),
        ({}, "没有改动"),
    ],
)
def test_what_a_file_may_not_say_an_answer_may_not_either(
    engine: Engine, cells: dict[str, str], said: str
) -> None:
    key = dispute(engine)
    with pytest.raises(EditError, match=said):
        answer(CLERK, key, 1, cells)
    assert row_of(engine, DISPUTE, key).row_version == 1


def test_today_is_a_day_on_which_a_dispute_may_be_settled(engine: Engine) -> None:
    key = dispute(engine)
    answer(CLERK, key, 1, {"status": "已化解", "resolved_on": clock.today().isoformat()})
    assert row_of(engine, DISPUTE, key).resolved_on == clock.today()


@pytest.mark.parametrize("user", [CHECKER, READER, NEIGHBOUR])
def test_only_its_own_county_answers_and_corrects(engine: Engine, user: Any) -> None:
    key, place = dispute(engine), institution(engine)
    with pytest.raises(EditError):
        answer(user, key, 1, {"answer": "已约谈"})
    with pytest.raises(EditError):
        correct(user, place, 1, {"address": "某路 1 号"})
    assert row_of(engine, DISPUTE, key).answer is None
    assert row_of(engine, INSTITUTION, place).address is None


def test_columns_that_are_not_to_be_changed_here_are_not(engine: Engine) -> None:
    with pytest.raises(KeyError):
        answer(CLERK, dispute(engine), 1, {"amount_yuan": "1"})
    with pytest.raises(KeyError):
        correct(CLERK, institution(engine), 1, {"county_code": SOUTH})


def test_the_second_of_two_answers_is_told_and_an_old_workbook_is_refused(engine: Engine) -> None:
    key = dispute(engine, dispute_no="TF-1")
    answer(CLERK, key, 1, {"answer": "已约谈举办者"})

    with pytest.raises(StaleRowError, match=CLERK.email):
        answer(CLERK, key, 1, {"answer": "别的话"})
    row = {name: row_of(engine, DISPUTE, key)._mapping[name] for name in ("opened_on", "students")}
    row |= {"dispute_no": "TF-1", "county_code": CITY, "institution_name": "示例机构"}
    row |= {"amount_yuan": 2000.0, "status": "open", "row_version": 1}
    assert send(engine, "refund_disputes", row).rows_rejected == 1
    assert send(engine, "refund_disputes", row | {"row_version": 2}).rows_rejected == 0

    kept = row_of(engine, DISPUTE, key)
    assert (kept.answer, kept.amount_yuan, kept.row_version) == ("已约谈举办者", 2000.0, 3)


def test_a_correction_keeps_the_old_values_and_derives_anew(engine: Engine) -> None:
    key = institution(engine, name="甲培训中心", name_key="甲培训中心", phone="07721234567")
    waiting = dispute(
        engine, institution_name="甲艺术中心", institution_name_key="甲艺术中心", dispute_no="TF-2"
    )
    cells = {
        "name": "甲　艺术中心",
        "phone": "0772-7654321",
        "teachers": "１２",
        "operating_status": "已注销",
        "deregistered_on": "2022-08-20",
        "licence_valid_to": (clock.today() + timedelta(days=400)).isoformat(),
        "standard_contract": "是",
    }

    correct(CLERK, key, 1, cells)
    row = row_of(engine, INSTITUTION, key)

    assert (row.name_key, row.teachers, row.operating_status) == (
        "甲艺术中心",
        12,
        "deregistered",
    )
    assert (row.deregistered_on, row.standard_contract) == (date(2022, 8, 20), True)
    assert row.county_code == CITY
    assert row_of(engine, DISPUTE, waiting).institution_id == key
    assert clerks.counted(engine) == clerks.counted_afresh(engine)
    with engine.connect() as conn:
        changes = ledger_records.row_changes(
            conn, scope=CLERK.scope, table_name="institution", row_id=key
        )
        record = ledger_records.institution_row(conn, scope=CLERK.scope, institution_id=key)
        others = ledger_records.institution_row(conn, scope=NEIGHBOUR.scope, institution_id=key)
    said = "".join(changes[["old_value", "new_value"]].fillna("").to_numpy().ravel())
    assert "7654321" not in said
    assert "1234567" not in said
    assert set(changes["column_name"]) == set(cells)
    assert record["phone_ending"].tolist() == ["21"]
    assert others.empty


def test_an_empty_cell_empties_and_what_is_not_said_stays(engine: Engine) -> None:
    key = institution(engine, address="某路 1 号", students=30)
    correct(CLERK, key, 1, {"address": CLEAR})
    row = row_of(engine, INSTITUTION, key)
    assert (row.address, row.students) == (None, 30)


def test_two_institutions_stay_apart(engine: Engine) -> None:
    institution(engine, name="乙", name_key="乙", credit_code=CODE, county_code=SOUTH)
    institution(engine, name="丙", name_key="丙")
    key = institution(engine, name="丁", name_key="丁")

    with pytest.raises(EditError, match="信用代码已被另一家"):
        correct(CLERK, key, 1, {"credit_code": CODE.lower()})
    with pytest.raises(EditError, match="同名"):
        correct(CLERK, key, 1, {"name": "丙"})
    correct(CLERK, key, 1, {"name": "乙"})  # the other one is another county's
    with engine.connect() as conn:
        assert conn.scalars(select(INSTITUTION.c.name).order_by(INSTITUTION.c.id)).all() == [
            *("乙", "丙", "乙")
        ]
