"""Compliance checks, and the items that their findings become."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, update

from data_access import schema, versions
from data_access.ledgers.check_items import DAYS_ALLOWED
from data_access.ledgers.storing import Sender
from tests.data_access.ledgers.conftest import Load, Rows, reasons
from tests.data_access.ledgers.understandings import (
    CLEAR,
    NORTH,
    SOUTH,
    check,
    institution,
    item,
    step,
)

CHECKED = date(2022, 6, 20)
NUMBER = "XT-ZX-ZX-1"
HERE = Sender("450205@demo", NORTH, is_county_account=True)
THERE = Sender("450204@demo", SOUTH, is_county_account=True)


def facts(conn: Connection) -> dict[str, list[Any]]:
    """All rows of the tables that a check writes."""
    names = ("compliance_check", "rectification", "rectification_event", "rectification_spell")
    tables = [schema.metadata.tables[name] for name in (*names, "weekly_summary", "row_change")]
    return {table.name: list(conn.execute(select(table))) for table in tables}


def opened(rows: Rows) -> list[tuple[Any, ...]]:
    return [
        (row.week, row.county_code, row.kind, row.n)
        for row in rows("weekly_summary")
        if row.subject == "rectification_opened"
    ]


# Checks themselves


def test_check_is_loaded_without_its_institution_and_linked_when_it_comes(
    load: Load, rows: Rows
) -> None:
    stored = load("compliance_checks", check())

    assert stored.rows_loaded == 1
    assert "机构台账到齐后自动对上" in str(reasons(stored, "warning"))

    load("institutions", institution())

    [found], [one], [made] = rows("compliance_check"), rows("institution"), rows("rectification")
    assert found.institution_id == made.institution_id == one.id


@pytest.mark.parametrize(
    ("says", "header"),
    [
        ({"finding": None}, "问题说明"),
        ({"domain": "staff"}, "安全方面"),  # with the aspect of fire
        ({"examined": 3, "failed": 4}, "不合规数量"),
        ({"check_no": "9" * 59}, "检查编号"),
    ],
)
def test_check_that_contradicts_itself_is_refused(
    load: Load, rows: Rows, says: dict[str, Any], header: str
) -> None:
    stored = load("compliance_checks", check(**says))

    assert [str(reason).split("：")[0] for reason in reasons(stored)] == [header]
    assert not rows("compliance_check")
    assert not rows("rectification")


@pytest.mark.parametrize(
    "says",
    [
        {"examined": 3, "failed": 3},
        {"failed": 3},
        {"domain": "staff", "aspect": None},
        {"aspect": None},
        {"due_on": CHECKED},
        {"check_no": "9" * 58},
        {"outcome": "clear", "finding": None},
        {"outcome": "clear", "finding": None, "examined": 5, "failed": 0},
    ],
)
def test_check_on_the_right_side_is_told_of_nothing(load: Load, says: dict[str, Any]) -> None:
    load("institutions", institution())

    stored = load("compliance_checks", check(**says))

    assert (stored.rows_loaded, reasons(stored), reasons(stored, "warning")) == (1, [], [])


@pytest.mark.parametrize(
    ("says", "header"),
    [
        ({"due_on": CHECKED - timedelta(days=1)}, "整改期限"),
        ({"outcome": "clear", "severity": "2"}, "严重程度"),
        ({"outcome": "clear", "due_on": date(2022, 7, 1)}, "整改期限"),
        ({"outcome": "clear", "failed": 1}, "不合规数量"),
    ],
)
def test_odd_check_is_loaded_and_told(load: Load, says: dict[str, Any], header: str) -> None:
    load("institutions", institution())

    stored = load("compliance_checks", check(**says))

    assert stored.rows_loaded == 1
    assert [str(reason).split("：")[0] for reason in reasons(stored, "warning")] == [header]


def test_numbers_are_the_citys(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())

    taken = load("compliance_checks", check(county_code=SOUTH), sender=THERE)
    own = load("compliance_checks", check(check_no="XT-ZX-2"), sender=HERE)

    assert "该编号已被使用" in str(reasons(taken))
    assert "XT- 开头的编号由系统产生" in str(reasons(own))
    assert [row.county_code for row in rows("compliance_check")] == [NORTH]


# The item of a finding


def test_finding_becomes_an_item_with_its_first_step_and_is_counted(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())

    [found], [made], [first] = (
        rows("compliance_check"),
        rows("rectification"),
        rows("rectification_event"),
    )
    assert found.rectification_id == made.id == first.rectification_id
    assert (made.ledger_no, made.source, made.status) == (NUMBER, "check", "assigned")
    assert (made.issue_type, made.severity, made.withheld) == ("安全（消防）", 1, False)
    assert (made.county_code, made.institution_name) == (NORTH, "甲艺术培训中心")
    assert (made.opened_on, made.due_on) == (CHECKED, CHECKED + timedelta(days=30))
    assert (first.step, first.happened_on, first.note) == ("register", CHECKED, "安全出口上锁")
    assert first.inferred is False
    assert made.first_batch_id == first.first_batch_id == found.first_batch_id
    assert opened(rows) == [(date(2022, 6, 23), NORTH, "check", 1)]


@pytest.mark.parametrize("severity", [1, 2, 3])
def test_term_is_by_severity_where_the_check_names_none(
    load: Load, rows: Rows, severity: int
) -> None:
    load(
        "compliance_checks",
        check(severity=str(severity)),
        check(check_no="ZX-2", severity=str(severity), due_on=date(2022, 6, 22)),
    )

    assert [row.due_on for row in rows("rectification")] == [
        CHECKED + timedelta(days=DAYS_ALLOWED[severity]),
        date(2022, 6, 22),
    ]


def test_graver_findings_have_shorter_terms() -> None:
    assert DAYS_ALLOWED[1] > DAYS_ALLOWED[2] > DAYS_ALLOWED[3] > 0


@pytest.mark.parametrize(
    ("domain", "issue"),
    [
        *[("staff", "从业人员"), ("materials", "培训材料"), ("safety", "安全")],
        *[("epidemic", "疫情防控"), ("contest", "违规竞赛")],
    ],
)
def test_item_is_about_what_was_checked(load: Load, rows: Rows, domain: str, issue: str) -> None:
    load("compliance_checks", check(domain=domain, aspect=None))

    assert [row.issue_type for row in rows("rectification")] == [issue]


def test_clear_check_leaves_no_item(load: Load, rows: Rows) -> None:
    load("compliance_checks", check(outcome="clear"))

    assert not rows("rectification")
    assert rows("compliance_check")[0].rectification_id is None


def test_refused_check_leaves_no_item_beside_one_that_is_loaded(load: Load, rows: Rows) -> None:
    load("compliance_checks", check(finding=None), check(check_no="ZX-2"))

    assert [row.ledger_no for row in rows("rectification")] == ["XT-ZX-ZX-2"]


def test_clear_check_that_found_something_after_all_becomes_an_item(load: Load, rows: Rows) -> None:
    load("compliance_checks", check(outcome="clear"))

    load("compliance_checks", check())

    assert [row.ledger_no for row in rows("rectification")] == [NUMBER]
    assert rows("compliance_check")[0].rectification_id == rows("rectification")[0].id


def test_file_sent_twice_changes_nothing(load: Load, conn: Connection) -> None:
    both = check(), check(check_no="ZX-2", severity="3", due_on=date(2022, 7, 1))
    load("compliance_checks", *both)
    before, version = facts(conn), versions.current(conn)

    again = load("compliance_checks", *both, received_on=date(2022, 8, 1))

    assert (again.rows_updated, again.changed) == (2, False)
    assert facts(conn) == before
    assert versions.current(conn) == version


def test_correction_follows_into_an_item_that_nobody_has_worked_on(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())

    stored = load(
        "compliance_checks",
        check(
            checked_on=date(2022, 6, 24),
            finding="灭火器过期",
            severity="3",
            aspect="building",
            institution_name="乙艺术培训中心",
        ),
    )

    [made], [first] = rows("rectification"), rows("rectification_event")
    assert "已有办理记录" not in str(reasons(stored, "warning"))
    assert (made.opened_on, made.due_on) == (date(2022, 6, 24), date(2022, 7, 4))
    assert (made.severity, made.issue_type) == (3, "安全（建筑）")
    assert (made.institution_name, made.institution_name_key) == ("乙艺术培训中心",) * 2
    assert (first.note, first.happened_on) == ("灭火器过期", date(2022, 6, 24))
    assert [row.opened_on for row in rows("rectification_spell")] == [date(2022, 6, 24)]
    assert opened(rows) == [(date(2022, 6, 30), NORTH, "check", 1)]
    changed = {
        (row.table_name, row.column_name): (row.old_value, row.new_value)
        for row in rows("row_change")
    }
    assert changed["rectification", "severity"] == ("1", "3")
    assert changed["rectification_event", "note"] == ("安全出口上锁", "灭火器过期")


def test_item_follows_a_second_correction_as_it_did_the_first(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())
    load("compliance_checks", check(severity="2"))

    load("compliance_checks", check(severity="3"))

    assert [row.severity for row in rows("rectification")] == [3]


WORK = [
    ("rectification_events", step(ledger_no=NUMBER, step="assign")),
    (
        "rectifications",
        item(
            ledger_no=NUMBER,
            source="check",
            issue_type="安全（消防）",
            severity="1",
            opened_on=CHECKED,
            due_on=date(2022, 7, 20),
            status="assigned",
            responsible_department="教育局",
        ),
    ),
]


@pytest.mark.parametrize(("kind", "row"), WORK, ids=["step", "file"])
@pytest.mark.parametrize(
    "says", [{"severity": "3"}, {"finding": "另有问题"}, {"due_on": date(2022, 7, 2)}]
)
def test_correction_leaves_an_item_that_was_worked_on_and_says_so(
    load: Load, rows: Rows, kind: str, row: dict[str, Any], says: dict[str, Any]
) -> None:
    load("compliance_checks", check())
    assert load(kind, row).rows_rejected == 0
    before = rows("rectification"), rows("rectification_event")

    stored = load("compliance_checks", check(**says))

    assert (rows("rectification"), rows("rectification_event")) == before
    assert f"整改事项 {NUMBER} 已有办理记录" in str(reasons(stored, "warning"))
    assert stored.rows_updated == 1
    again = load("compliance_checks", check(**says))
    assert "已有办理记录" not in str(reasons(again, "warning"))


def test_item_is_no_ones_work_where_a_file_repeats_it_word_for_word(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())
    load("rectifications", {**WORK[1][1], "responsible_department": None})

    load("compliance_checks", check(severity="3"))

    assert [row.severity for row in rows("rectification")] == [3]


def test_what_the_item_does_not_say_is_corrected_without_a_word_of_it(
    load: Load, rows: Rows
) -> None:
    load("compliance_checks", check())
    load(*WORK[0])

    stored = load("compliance_checks", check(examined=20, failed=1, severity="1"))

    assert "办理记录" not in str(reasons(stored, "warning"))
    assert [row.examined for row in rows("compliance_check")] == [20]


def test_finding_corrected_to_clear_leaves_its_item_for_close_out(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())

    stored = load("compliance_checks", check(outcome="clear", finding=CLEAR))

    assert f"整改事项 {NUMBER} 仍在台账，须按销号程序办结" in str(reasons(stored, "warning"))
    assert [row.status for row in rows("rectification")] == ["assigned"]
    assert rows("compliance_check")[0].rectification_id == rows("rectification")[0].id
    again = load("compliance_checks", check(outcome="clear", finding=CLEAR))
    assert "销号程序" not in str(reasons(again, "warning"))
    back = load("compliance_checks", check())
    assert (back.rows_updated, len(rows("rectification"))) == (1, 1)


def test_item_follows_its_check_to_another_county(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())

    stored = load("compliance_checks", check(county_code=SOUTH))

    assert "原属另一县区" in str(reasons(stored, "warning"))
    for table in ("rectification", "rectification_event", "rectification_spell"):
        assert [row.county_code for row in rows(table)] == [SOUTH]
    assert opened(rows) == [(date(2022, 6, 23), SOUTH, "check", 1)]


def test_item_that_was_worked_on_stays_in_its_county(load: Load, rows: Rows) -> None:
    load("compliance_checks", check())
    load(*WORK[0])

    stored = load("compliance_checks", check(county_code=SOUTH))

    assert "已有办理记录，未随本次更正改动" in str(reasons(stored, "warning"))
    assert [row.county_code for row in rows("rectification")] == [NORTH]
    assert [row.county_code for row in rows("compliance_check")] == [SOUTH]


def test_county_works_on_its_item_by_file_and_cannot_close_it(load: Load, rows: Rows) -> None:
    load("compliance_checks", check(), sender=HERE)
    done = {**WORK[1][1], "status": "closed", "closed_on": date(2022, 7, 1), "evidence": "照片"}

    stored = load("rectifications", {**done, "verified_by": "韦复核"}, sender=HERE)
    refused = load("rectifications", {**done, "county_code": SOUTH}, sender=THERE)

    assert (stored.rows_updated, rows("rectification")[0].status) == (1, "submitted")
    assert refused.rows_rejected == 1


def test_items_of_many_checks_take_few_statements(load: Load, conn: Connection) -> None:
    """As many for two hundred findings as for twenty."""
    counts: list[int] = []

    def count(*_: Any) -> None:
        counts[-1] += 1

    event.listen(conn, "before_cursor_execute", count)
    try:
        for first, n in ((1000, 20), (2000, 200)):
            counts.append(0)
            many = [check(check_no=f"{first + at}") for at in range(n)]
            load("compliance_checks", *many)
            counts.append(0)
            load("compliance_checks", *(one | {"severity": "3"} for one in many))
    finally:
        event.remove(conn, "before_cursor_execute", count)
    assert counts[:2] == counts[2:]


def test_closed_item_stays_as_it_is(load: Load, conn: Connection, rows: Rows) -> None:
    load("compliance_checks", check())
    says = {
        "status": "closed",
        "closed_on": date(2022, 7, 1),
        "evidence": "甲",
        "verified_by": "乙",
    }
    conn.execute(update(schema.rectification).values(says))

    load("compliance_checks", check(severity="3"))

    assert [(row.status, row.severity) for row in rows("rectification")] == [("closed", 1)]
