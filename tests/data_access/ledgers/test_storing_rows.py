"""How a file's rows are known again, counted, changed and kept."""

from __future__ import annotations

from datetime import date, time

import pytest
from sqlalchemy import Connection, func, select

from data_access import schema, versions
from data_access.ledgers.storing import Sender, store
from tests.data_access.ledgers.conftest import CITY, RECEIVED, Load, Rows, reasons
from tests.data_access.ledgers.understandings import (
    CLEAR,
    MONDAY,
    NORTH,
    SOUTH,
    action,
    closed_item,
    dispute,
    inspection,
    institution,
    item,
    report,
    roster,
    step,
    submission,
    understood,
    verification,
)

LATER = date(2022, 7, 14)
FULL = {
    "institutions": (
        institution(credit_code="91450205MA5N000001", longitude=109.4, latitude=24.36),
        institution(name="乙科技", standard_contract=True, floor_area_m2=120.5),
    ),
    "verifications": (verification(), verification(item="staff", outcome="fail", note="缺证")),
    "roster_entries": (roster(credit_code="91450205MA5N000001"), roster(entry_no=None)),
    "violation_reports": (
        report(institution_name="甲艺术培训中心", class_starts_at=time(19), place_name="锦绣苑"),
        report(report_no="JB-2", status="substantiated", verified_on=date(2022, 7, 6)),
    ),
    "inspections": (inspection(report_no="JB-1"), inspection(inspection_no="JC-2")),
    "rectifications": (item(), closed_item(ledger_no="ZG-2")),
    "rectification_events": (step(), step(step="return", happened_on=date(2022, 6, 28))),
    "refund_disputes": (
        dispute(),
        dispute(dispute_no="TF-2", status="resolved", resolved_on=MONDAY, refunded_yuan=0.1),
    ),
    "submissions": (
        submission(sha256="A" * 64),
        submission(county_code=SOUTH, file_name="表.xlsx"),
    ),
    "county_actions": (action(), action(duty="plan", done_on=MONDAY, evidence="文号")),
}


def dump(conn: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for the history of imports itself."""
    return {
        name: sorted(map(tuple, conn.execute(select(table))), key=repr)
        for name, table in schema.metadata.tables.items()
        if name not in ("import_batch", "import_problem")
    }


def test_the_same_files_twice_change_nothing(conn: Connection, load: Load) -> None:
    for kind, rows in FULL.items():
        assert load(kind, *rows).rows_loaded == 2, kind
    before = dump(conn)

    for kind, rows in FULL.items():
        stored = load(kind, *rows, received_on=LATER)

        assert (stored.rows_updated, stored.changed) == (2, False), (kind, reasons(stored))
    assert dump(conn) == before


@pytest.mark.parametrize("kind", FULL)
def test_rows_add_up(conn: Connection, load: Load, kind: str) -> None:
    for before in ("institutions", "rectifications"):
        load(before, *FULL[before])
    repeated = FULL[kind][0]

    stored = load(kind, *FULL[kind], repeated)

    assert stored.rows_read == 3 == stored.rows_loaded + stored.rows_updated + stored.rows_rejected
    assert stored.rows_rejected == 1
    assert any("第 3 行重复" in str(reason) for reason in reasons(stored))
    batch = conn.execute(
        select(schema.import_batch).where(schema.import_batch.c.id == stored.batch_id)
    ).one()
    assert (batch.rows_read, batch.rows_loaded, batch.rows_updated, batch.rows_rejected) == (
        stored.rows_read,
        stored.rows_loaded,
        stored.rows_updated,
        stored.rows_rejected,
    )


def test_a_changed_row_keeps_its_old_values_and_its_first_arrival(load: Load, rows: Rows) -> None:
    first = load("refund_disputes", dispute())

    second = load("refund_disputes", dispute(students=5, amount_yuan=13_000), received_on=LATER)

    row = rows("refund_dispute")[0]
    assert (row.students, row.amount_yuan, row.row_version) == (5, 13_000, 2)
    assert (row.first_batch_id, row.received_by_us_on) == (first.batch_id, RECEIVED)
    assert [tuple(change)[1:] for change in rows("row_change")] == [
        ("refund_dispute", "TF-1", NORTH, name, old, new, second.batch_id, None, LATER)
        for name, old, new in (("students", "4", "5"), ("amount_yuan", "12800.5", "13000"))
    ]


def test_whole_amount_is_kept_as_it_was_written_however_the_database_reads_it(
    load: Load, rows: Rows
) -> None:
    for amount in (26_900, 2_690, 2_690.5):
        load("refund_disputes", dispute(amount_yuan=amount))

    kept = [(change.old_value, change.new_value) for change in rows("row_change")]
    assert kept == [("26900", "2690"), ("2690", "2690.5")]


def test_an_empty_cell_leaves_the_stored_value_and_a_clearing_empties_it(
    load: Load, rows: Rows
) -> None:
    load("violation_reports", report(summary="晚上开班", address="锦绣路 1 号"))

    stored = load("violation_reports", report(summary=CLEAR))

    row = rows("violation_report")[0]
    assert (row.summary, row.address, stored.rows_updated) == (None, "锦绣路 1 号", 1)


def test_both_class_hours_are_emptied_by_one_cell(load: Load, rows: Rows) -> None:
    load("violation_reports", report(class_starts_at=time(19), class_ends_at=time(20, 30)))

    load("violation_reports", report(class_hours=CLEAR))

    row = rows("violation_report")[0]
    assert (row.class_starts_at, row.class_ends_at) == (None, None)


def test_clearing_one_coordinate_empties_both_and_their_cell(load: Load, rows: Rows) -> None:
    load("violation_reports", report(longitude=109.4, latitude=24.3))
    assert rows("violation_report")[0].cell

    load("violation_reports", report(longitude=CLEAR))

    row = rows("violation_report")[0]
    assert (row.longitude, row.latitude, row.cell, row.place_key) == (None, None, None, None)


def test_a_required_column_cannot_be_cleared(load: Load, rows: Rows) -> None:
    load("violation_reports", report())

    stored = load("violation_reports", report(channel=CLEAR))

    assert stored.rows_rejected == 1
    assert "举报渠道：举报渠道必填，不能清空" in reasons(stored)
    assert rows("violation_report")[0].channel == "12345 热线"


def test_data_version_rises_once_for_a_file_that_changes_anything(
    conn: Connection, load: Load
) -> None:
    before = versions.current(conn)

    load("violation_reports", report(), report(report_no="JB-2"))
    load("violation_reports", report(), report(report_no="JB-2"))

    assert versions.current(conn) == before + 1


def test_rows_that_reading_rejects_stay_rejected_and_untouched(
    conn: Connection, rows: Rows
) -> None:
    understanding = understood("violation_reports", report(), report(report_no=None))
    understanding.rejected[1] = True

    stored = store(conn, understanding, received_on=RECEIVED, sender=CITY)

    assert (stored.rows_loaded, stored.rows_rejected, stored.problems) == (1, 1, [])
    assert understanding.rejected.tolist() == [False, True]


def test_storing_leaves_the_understanding_as_it_was(conn: Connection) -> None:
    understanding = understood("refund_disputes", dispute(status="resolved"))

    stored = store(conn, understanding, received_on=RECEIVED, sender=CITY)

    assert stored.rejected.tolist() == [True]
    assert understanding.rejected.tolist() == [False]
    assert understanding.problems == []


@pytest.mark.parametrize(
    ("sent", "rejected"), [(1, True), (2, False), (None, False)], ids=["old", "newest", "none"]
)
def test_a_row_changed_since_the_download_is_rejected(
    load: Load, rows: Rows, sent: int | None, rejected: bool
) -> None:
    load("refund_disputes", dispute())
    load("refund_disputes", dispute(students=5))

    stored = load("refund_disputes", dispute(students=6, row_version=sent))

    assert bool(stored.rows_rejected) is rejected
    assert rows("refund_dispute")[0].students == (5 if rejected else 6)


def test_old_row_is_told_of_its_age_before_anything_else_that_is_wrong(load: Load) -> None:
    """Downloaded while open; resolved meanwhile, and sent back as resolved without a day."""
    load("refund_disputes", dispute())
    load("refund_disputes", dispute(students=5))

    stored = load("refund_disputes", dispute(status="resolved", row_version=1))

    [reason] = reasons(stored)
    assert "该行在下载之后已被改动" in str(reason)
    fresh = load("refund_disputes", dispute(status="resolved", row_version=2))
    assert "须填化解日期" in str(reasons(fresh))


@pytest.mark.parametrize(
    ("resolved_on", "told"),
    [
        (date(2022, 6, 20), "化解日期：化解日期（2022-06-20）早于登记日期（2022-06-21），请核对"),
        (date(2022, 6, 21), None),
    ],
)
def test_a_dispute_resolved_before_it_was_opened_is_loaded_and_told_with_both_days(
    load: Load, resolved_on: date, told: str | None
) -> None:
    row = dispute(status="resolved", opened_on=date(2022, 6, 21), resolved_on=resolved_on)

    stored = load("refund_disputes", row)

    assert stored.rows_loaded == 1
    assert [one for one in reasons(stored, "warning") if "早于" in str(one)] == [told] * bool(told)


def test_an_old_version_that_would_change_nothing_is_no_conflict(load: Load) -> None:
    load("refund_disputes", dispute())
    load("refund_disputes", dispute(students=5))

    assert load("refund_disputes", dispute(students=5, row_version=1)).rows_updated == 1


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("violation_reports", report),
        ("inspections", inspection),
        ("rectifications", item),
        ("refund_disputes", dispute),
    ],
)
def test_a_number_of_another_county_is_refused_to_a_county_and_moved_by_the_city(
    conn: Connection, load: Load, rows: Rows, kind: str, row: type[dict[str, object]]
) -> None:
    load(kind, row(institution_name="甲的秘密"))
    table = understood(kind).kind.table.name

    refused = load(kind, row(county_code=SOUTH), sender=Sender("south", SOUTH))

    assert (refused.rows_rejected, rows(table)[0].county_code) == (1, NORTH)
    told = "".join(map(str, reasons(refused)))
    assert "已被使用" in told
    assert not any(word in told for word in ("甲的秘密", NORTH, "柳北"))

    moved = load(kind, row(county_code=SOUTH))

    assert (moved.rows_updated, rows(table)[0].county_code) == (1, SOUTH)
    assert any("县区" in str(reason) for reason in reasons(moved, "warning"))
    changes = conn.execute(
        select(schema.row_change.c.old_value).where(
            schema.row_change.c.column_name == "county_code"
        )
    ).scalars()
    assert list(changes) == [NORTH]


def test_a_county_file_says_nothing_of_other_counties(load: Load) -> None:
    stored = load("violation_reports", report(county_code=SOUTH), sender=Sender("n", NORTH))

    assert stored.rows_rejected == 1


def test_new_numbers_of_the_system_itself_are_refused(load: Load) -> None:
    assert load("rectifications", item(ledger_no="XT-9")).rows_rejected == 1


def test_what_the_table_cannot_hold_is_refused_and_not_an_error(load: Load) -> None:
    stored = load(
        "refund_disputes",
        dispute(dispute_no="一" * 65),
        dispute(dispute_no="2", students=2**40),
        dispute(dispute_no="3", amount_yuan=1e13),
        dispute(dispute_no="4", amount_yuan=-1),
        dispute(dispute_no="5", students=None),
        dispute(dispute_no="6", institution_name="甲\x00乙"),
    )

    assert (stored.rows_loaded, stored.rows_rejected) == (1, 5)


def test_problems_are_kept_with_the_batch_by_their_own_header(conn: Connection, load: Load) -> None:
    stored = load("refund_disputes", dispute(status="resolved"))

    problem = conn.execute(
        select(schema.import_problem).where(schema.import_problem.c.batch_id == stored.batch_id)
    ).one()
    assert (problem.sheet, problem.row, problem.column, problem.severity) == (
        "Sheet1",
        3,
        "化解日期",
        "error",
    )


def test_a_failure_midway_leaves_nothing(
    conn: Connection, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("data_access.summaries.rebuild", fail)
    savepoint = conn.begin_nested()

    with pytest.raises(RuntimeError):
        load("violation_reports", report())
    savepoint.rollback()

    for table in (schema.violation_report, schema.import_batch, schema.weekly_summary):
        assert conn.scalar(select(func.count()).select_from(table)) == 0


# The day of a verdict goes with the verdict

VERDICT = date(2022, 7, 5)


def verdict(**cells: object) -> dict[str, object]:
    return report(status="substantiated", verified_on=VERDICT, **cells)


def days_kept(rows: Rows) -> list[tuple[str, date | None, date | None]]:
    return [(row.status, row.verified_on, row.verified_week) for row in rows("violation_report")]


def test_an_older_state_takes_the_day_of_the_verdict_with_it(
    conn: Connection, load: Load, rows: Rows
) -> None:
    load("violation_reports", verdict())

    stored = load("violation_reports", report(status="verifying"))

    assert (stored.rows_updated, days_kept(rows)) == (1, [("verifying", None, None)])
    assert reasons(stored, "warning") == [
        "办理状态：办理状态改回未核实，原核实日期（2022-07-05）一并删去，旧值已留存。"
        "如果误用了旧文件，请重新导入新文件"
    ]
    change = schema.row_change.c
    kept = conn.execute(select(change.column_name, change.old_value).order_by(change.column_name))
    assert [tuple(row) for row in kept] == [
        ("status", "substantiated"),
        ("verified_on", "2022-07-05"),
    ]
    verified = schema.weekly_summary.c
    of_verdicts = verified.subject == "violation_report_verified"
    assert conn.scalar(select(func.count()).where(of_verdicts)) == 0
    assert load("violation_reports", report(status="verifying")).rows_changed == 0


def test_a_state_that_stays_verified_keeps_its_day(load: Load, rows: Rows) -> None:
    load("violation_reports", verdict())

    stored = load("violation_reports", report(status="unsubstantiated"))

    assert reasons(stored, "warning") == []
    assert [row[:2] for row in days_kept(rows)] == [("unsubstantiated", VERDICT)]


@pytest.mark.parametrize("known", [False, True])
def test_a_day_of_a_verdict_that_there_is_not_is_not_stored(
    load: Load, rows: Rows, known: bool
) -> None:
    if known:
        load("violation_reports", verdict())

    stored = load("violation_reports", report(status="assigned", verified_on=VERDICT))

    assert days_kept(rows) == [("assigned", None, None)]
    assert reasons(stored, "warning") == [
        "核实日期：办理状态不是属实或不属实，核实日期未存入。已核实的请改办理状态"
    ]


def test_a_day_that_is_cleared_with_its_verdict_is_told_of_by_nobody(
    load: Load, rows: Rows
) -> None:
    load("violation_reports", verdict())

    stored = load("violation_reports", report(status="received", verified_on=CLEAR))

    assert reasons(stored, "warning") == []
    assert days_kept(rows) == [("received", None, None)]
