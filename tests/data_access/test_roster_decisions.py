"""People decide which line of a list is which institution; no file undoes it, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from data_access import schema, versions
from data_access.accounts import Role, User
from data_access.connections import reading
from data_access.engine import get_engine, get_import_engine
from data_access.ledgers.importing import import_file
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from data_access.reconciliation import decided_pairs, ledger_rows, list_lines
from data_access.roster_decisions import (
    DIFFERENT,
    SAME,
    Pair,
    RosterDecisionError,
    change,
    decide,
    dismiss,
    restore,
    take_back,
)
from data_access.scope import Scope
from tests import factories as make
from tests.data_access.ledgers.files import xlsx
from tests.data_access.visits import ADMIN, COUNTY, LEADER, SUPERVISOR, an_office, user
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY

CODE, OTHER_CODE = "91450202MA5N000014", "91450202MA5N000022"
COLLEAGUE = replace(user(Role.COUNTY, CITY), email="colleague@example.org")
Write = Callable[..., Any]


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        row = {"email": COLLEAGUE.email, "role": "county", "county_code": CITY, "active": True}
        with get_import_engine().begin() as conn:
            conn.execute(insert(schema.account), [row])
        yield


def written(make_one: Write, **columns: Any) -> int:
    with get_import_engine().begin() as conn:
        number: int = make_one(conn, **columns)
    return number


def a_pair(county: str = CITY, **line: Any) -> Pair:
    institution = written(make.institution, county_code=county, name="甲子美术培训中心")
    return Pair(written(make.roster, **{"county_code": county, **line}), institution, 1, 1)


def entry(number: int) -> Any:
    with get_engine().connect() as conn:
        found = schema.roster_entry.c
        return conn.execute(select(schema.roster_entry).where(found.id == number)).one()


def state(number: int) -> tuple[str, int | None, int]:
    row = entry(number)
    return row.match_status, row.institution_id, row.row_version


def kept() -> list[tuple[Any, ...]]:
    was = schema.row_change.c
    columns = (was.table_name, was.column_name, was.old_value, was.new_value, was.email)
    with get_engine().connect() as conn:
        return [tuple(row) for row in conn.execute(select(*columns).order_by(was.id))]


def logged() -> list[str]:
    event = schema.audit_event.c
    with get_engine().connect() as conn:
        stmt = select(event.detail).where(event.action == "roster_decide").order_by(event.id)
        return [detail.split('"')[3] for detail in conn.scalars(stmt)]


def version() -> int:
    with get_engine().connect() as conn:
        return versions.current(conn)


def send(*rows: dict[str, str], kind: str = "roster_entries") -> Any:
    header = list(rows[0])
    return import_file(
        get_import_engine(),
        KINDS[kind],
        xlsx([header, *([row[name] for name in header] for row in rows)]),
        file_name="名单.xlsx",
        sender=Sender("市级"),
        received_on=THURSDAY,
    ).report


def test_same_matches_the_line_and_is_kept_logged_and_told_to_caches() -> None:
    pair, before = a_pair(), version()

    number = decide(COUNTY, pair, SAME)

    assert state(pair.entry) == ("matched", pair.institution, 2)
    assert version() == before + 1
    assert logged() == ["同一家"]
    assert kept() == [
        ("roster_entry", "institution_id", None, str(pair.institution), COUNTY.email),
        ("roster_entry", "match_status", "unmatched", "matched", COUNTY.email),
    ]
    with reading(COUNTY) as conn:
        [made] = decided_pairs(conn, scope=COUNTY.scope).to_dict("records")
    assert (made["id"], made["roster_entry_id"], made["institution_id"], made["verdict"]) == (
        number,
        pair.entry,
        pair.institution,
        "same",
    )


def test_different_leaves_the_line_as_it_is() -> None:
    pair = a_pair()

    decide(SUPERVISOR, pair, DIFFERENT)

    assert state(pair.entry) == ("unmatched", None, 1)
    assert logged() == ["不是同一家"]


def test_second_of_two_people_is_told() -> None:
    pair = a_pair()
    decide(COUNTY, pair, DIFFERENT)

    with pytest.raises(RosterDecisionError, match="已由他人判定为“不是同一家”"):
        decide(COLLEAGUE, pair, SAME)
    decide(COUNTY, replace(pair, institution=written(make.institution)), SAME)
    with pytest.raises(RosterDecisionError, match="刚刚有改动"):
        decide(COLLEAGUE, replace(pair, institution=written(make.institution)), SAME)
    assert len(logged()) == 2


@pytest.mark.parametrize("table", [schema.roster_entry, schema.institution])
def test_what_was_changed_by_a_file_since_must_be_looked_at_again(table: Any) -> None:
    pair = a_pair()
    with get_import_engine().begin() as conn:
        conn.execute(update(table).values(row_version=2))

    with pytest.raises(RosterDecisionError, match="刚刚有改动"):
        decide(COUNTY, pair, SAME)
    assert state(pair.entry)[0] == "unmatched"


def test_line_of_one_institution_is_not_given_to_a_second() -> None:
    pair = a_pair()
    decide(COUNTY, pair, SAME)
    another = Pair(pair.entry, written(make.institution), 2, 1)

    with pytest.raises(RosterDecisionError, match="已与另一家机构对上"):
        decide(COUNTY, another, SAME)
    decide(COUNTY, another, DIFFERENT)
    assert state(pair.entry) == ("matched", pair.institution, 2)


def test_taken_back_the_pair_may_be_asked_again_and_what_it_said_is_kept() -> None:
    pair = a_pair()
    number = decide(COUNTY, pair, SAME)

    take_back(COLLEAGUE, number, 1)

    assert state(pair.entry) == ("unmatched", None, 3)
    assert ("roster_decision", "verdict", "same", None, COLLEAGUE.email) in kept()
    with reading(COUNTY) as conn:
        assert decided_pairs(conn, scope=COUNTY.scope).empty
    with pytest.raises(RosterDecisionError, match="不存在"):
        take_back(COUNTY, number, 1)
    decide(COUNTY, replace(pair, entry_version=3), DIFFERENT)
    assert logged() == ["同一家", "撤回判定", "不是同一家"]


def test_changed_decision_moves_the_line() -> None:
    pair = a_pair()
    number = decide(COUNTY, pair, DIFFERENT)

    assert change(COUNTY, number, 1, SAME) == 2
    assert state(pair.entry)[0] == "matched"
    with pytest.raises(RosterDecisionError, match="刚刚有改动"):
        change(COLLEAGUE, number, 1, DIFFERENT)
    assert change(COUNTY, number, 2, SAME) == 2
    assert change(COUNTY, number, 2, DIFFERENT) == 3
    assert state(pair.entry) == ("unmatched", None, 3)


def test_line_matched_by_its_code_can_be_told_apart() -> None:
    institution = written(make.institution, credit_code=CODE)
    line = written(
        make.roster, credit_code=CODE, institution_id=institution, match_status="matched"
    )
    number = decide(COUNTY, Pair(line, institution, 1, 1), DIFFERENT)
    assert state(line)[:2] == ("unmatched", None)

    take_back(COUNTY, number, 1)
    assert state(line)[:2] == ("matched", institution)


def test_dismissed_for_a_reason_and_restored() -> None:
    line = written(make.roster)

    for reason, why in ((" ", "请填写排除的理由"), ("长" * 201, "超过 200 个字")):
        with pytest.raises(RosterDecisionError, match=why):
            dismiss(COUNTY, line, 1, reason)
    dismiss(COUNTY, line, 1, "已搬离，电话 13800138000")

    row = entry(line)
    assert (row.match_status, row.row_version) == ("dismissed", 2)
    assert "13800138000" not in row.dismissed_reason
    with pytest.raises(RosterDecisionError, match="刚刚有改动"):
        dismiss(COLLEAGUE, line, 1, "搬走")
    with pytest.raises(RosterDecisionError, match="已被排除"):
        decide(COUNTY, Pair(line, written(make.institution), 2, 1), SAME)
    restore(COUNTY, line, 2)
    assert state(line) == ("unmatched", None, 3)
    assert entry(line).dismissed_reason is None
    with pytest.raises(RosterDecisionError, match="没有被排除"):
        restore(COUNTY, line, 3)
    assert logged() == ["排除名单行", "恢复名单行"]


def test_restored_line_is_what_its_code_says() -> None:
    line = written(make.roster, credit_code=CODE)
    dismiss(COUNTY, line, 1, "找不到")
    institution = written(make.institution, credit_code=CODE)

    restore(COUNTY, line, 2)

    assert state(line) == ("matched", institution, 3)
    with pytest.raises(RosterDecisionError, match="已与机构台账对上，不能排除"):
        dismiss(COUNTY, line, 3, "搬走")


def test_county_decides_within_its_own_lines_and_ledger_alone() -> None:
    own, elsewhere = a_pair(), a_pair(SOUTH)
    number = decide(SUPERVISOR, elsewhere, DIFFERENT)
    nowhere = written(make.roster, county_code=None)

    refusals = []
    for refused in (
        lambda: decide(COUNTY, elsewhere, SAME),
        lambda: decide(COUNTY, replace(own, institution=elsewhere.institution), SAME),
        lambda: decide(COUNTY, replace(own, entry=elsewhere.entry), SAME),
        lambda: decide(COUNTY, replace(own, entry=nowhere), SAME),
        lambda: decide(COUNTY, replace(own, entry=999_999), SAME),
        lambda: change(COUNTY, number, 1, SAME),
        lambda: take_back(COUNTY, number, 1),
        lambda: dismiss(COUNTY, elsewhere.entry, 1, "搬走"),
        lambda: restore(COUNTY, elsewhere.entry, 1),
    ):
        with pytest.raises(RosterDecisionError) as refused_with:
            refused()
        refusals.append(str(refused_with.value))
    assert len(set(refusals)) == 1, "what is another's is told like what there is not"
    assert logged() == ["不是同一家"]


def test_line_matched_elsewhere_is_to_a_county_like_one_that_is_not() -> None:
    elsewhere = written(make.institution, county_code=SOUTH, credit_code=CODE)
    matched = {"institution_id": elsewhere, "match_status": "matched", "credit_code": CODE}
    pair = a_pair(**matched)
    other = written(make.roster, **matched)

    for who, status in ((COUNTY, "unmatched"), (LEADER, "matched")):
        with reading(who) as conn:
            lines = list_lines(conn, scope=who.scope, as_of=THURSDAY)
        assert set(lines["match_status"]) == {status}
        assert lines["institution_id"].isna().all() == (who is COUNTY)
    decide(COUNTY, pair, SAME)
    dismiss(COUNTY, other, 1, "不在本县")
    assert state(pair.entry)[:2] == ("matched", pair.institution)


@pytest.mark.parametrize("who", [LEADER, ADMIN])
def test_nobody_else_decides(who: User) -> None:
    pair = a_pair()

    for refused in (
        lambda: decide(who, pair, SAME),
        lambda: dismiss(who, pair.entry, 1, "搬走"),
        lambda: restore(who, pair.entry, 1),
        lambda: change(who, 1, 1, SAME),
        lambda: take_back(who, 1, 1),
    ):
        with pytest.raises(RosterDecisionError, match="您的账号已不能判定底数比对"):
            refused()


def test_word_that_is_no_verdict_is_refused() -> None:
    with pytest.raises(RosterDecisionError, match="请选择"):
        decide(COUNTY, a_pair(), "maybe")


LINE = {"名单来源": "教育部", "名单编号": "JYB1", "县区": "城中区", "机构名称": "甲子美术培训"}


def test_no_file_undoes_what_was_decided() -> None:
    institution = written(make.institution, name="甲子美术培训中心")
    written(make.institution, credit_code=CODE, name="乙丑书法培训中心")
    send(LINE)
    line = 1
    decide(COUNTY, Pair(line, institution, 1, 1), SAME)

    for code in (OTHER_CODE, CODE):  # nobody's, and another institution's
        assert send({**LINE, "统一社会信用代码": code}).rows_updated == 1
        assert state(line)[:2] == ("matched", institution)


def test_no_file_undoes_a_dismissal_nor_brings_together_what_was_told_apart() -> None:
    send(LINE, {**LINE, "名单编号": "JYB2"})
    institution = written(make.institution, name="甲子美术培训中心")
    decide(COUNTY, Pair(1, institution, 1, 1), DIFFERENT)
    dismiss(COUNTY, 2, 1, "搬走")
    with get_import_engine().begin() as conn:
        conn.execute(update(schema.institution).values(credit_code=CODE))

    send(*({**LINE, "名单编号": number, "统一社会信用代码": CODE} for number in ("JYB1", "JYB2")))

    assert [state(line)[:2] for line in (1, 2)] == [("unmatched", None), ("dismissed", None)]


def test_institution_that_comes_with_its_code_at_last_is_not_brought_together_either() -> None:
    send({**LINE, "统一社会信用代码": CODE}, {**LINE, "名单编号": "JYB2", "统一社会信用代码": CODE})
    known = {"县区": "城中区", "机构名称": "甲子美术培训中心", "机构类别": "文化艺术",
             "经营状态": "在营", "排查日期": "2022-06-01"}  # fmt: skip
    send(known, kind="institutions")
    decide(COUNTY, Pair(1, 1, 1, 1), DIFFERENT)

    send({**known, "统一社会信用代码": CODE}, kind="institutions")

    assert [state(line)[:2] for line in (1, 2)] == [("unmatched", None), ("matched", 1)]


def test_lines_and_ledger_are_those_that_had_come_by_the_day() -> None:
    late = date(2022, 8, 1)
    known = written(make.institution, received_by_us_on=late, deregistered_on=date(2022, 8, 10))
    matched = {"institution_id": known, "match_status": "matched"}
    written(make.roster, **matched)
    written(make.roster, received_by_us_on=late, **matched)
    written(make.roster, county_code=SOUTH)

    def counts(day: date, scope: Scope) -> tuple[int, int, int, int]:
        with get_engine().connect() as conn:
            lines = list_lines(conn, scope=scope, as_of=day)
            ledger = ledger_rows(conn, scope=scope, as_of=day)
        gone = int(ledger["deregistered_on"].notna().sum())
        return len(lines), int(lines["institution_id"].notna().sum()), len(ledger), gone

    city = Scope.county(CITY)
    assert counts(EARLIER, city) == (1, 0, 0, 0)
    assert counts(late, city) == (2, 2, 1, 0)
    assert counts(date(2022, 8, 10), city) == (2, 2, 1, 1)
    assert counts(late, Scope.city()) == (3, 2, 1, 0)
    assert counts(late, Scope.county()) == (0, 0, 0, 0)
