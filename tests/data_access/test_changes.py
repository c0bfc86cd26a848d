"""What has come in since a week was frozen is counted for its readers, and no value told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, insert

from data_access import schema, summaries
from data_access.connections import reading
from data_access.engine import get_engine
from data_access.freezing import freeze
from data_access.scope import Scope
from data_access.snapshots import changes
from data_access.visit_plan_changes import release
from data_access.visit_results import record
from tests import factories as make
from tests.data_access.visits import FIRST, SUPERVISOR, an_office, sealed, stop_ids
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.wrong_rows import RIGHT

BEFORE, AFTER = THURSDAY - timedelta(days=10), THURSDAY + timedelta(days=3)
NEXT = THURSDAY + timedelta(weeks=1)
CITY_SCOPE, ALL = Scope.city(), Scope.city(unreleased=True)


@pytest.fixture(autouse=True)
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with an_office(tmp_path, monkeypatch):
        yield


def batch(conn: Connection, county: str | None = CITY, name: str = "迟报.xlsx") -> int:
    row = RIGHT["import_batch"] | {"county_code": county, "file_name": name}
    row = {column: value for column, value in row.items() if column != "id"}
    key = conn.execute(insert(schema.import_batch).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def written(write: Callable[[Connection], None], *, before: bool = False) -> None:
    """Freeze the week with an institution in it, and write before or after."""
    with get_engine().begin() as conn:
        make.institution(conn)
        if before:
            write(conn)
        summaries.rebuild_all(conn)
        freeze(conn, THURSDAY, by=None)
        if not before:
            write(conn)


def changed(conn: Connection, table: str, key: str, column: str, **fields: Any) -> None:
    row = {
        "table_name": table,
        "row_key": key,
        "county_code": CITY,
        "column_name": column,
        "old_value": "1",
        "new_value": "2",
        "email": "甲@example.org",
        "changed_on": NEXT,
    }
    conn.execute(insert(schema.row_change).values(row | fields))


def found(scope: Scope = CITY_SCOPE, week: date = THURSDAY) -> pd.DataFrame:
    with reading(SUPERVISOR) as conn:
        return changes(conn, scope=scope, week=week, with_files=True)


def told(scope: Scope = CITY_SCOPE) -> list[tuple[str, str, bool, int]]:
    rows = found(scope).itertuples()
    return [(str(row.table), str(row.kind), bool(row.in_week), int(row.rows)) for row in rows]


def test_rows_that_came_later_are_counted_by_file_whatever_day_the_file_is_said_to_have_come() -> (
    None
):
    def write(conn: Connection) -> None:
        came = {"first_batch_id": batch(conn), "received_by_us_on": EARLIER}
        make.report(conn, **came)
        make.report(conn, **came)
        make.report(conn, received_on=BEFORE, **came)
        make.report(conn, received_on=AFTER, **came)
        item = make.rectification(conn, **came)
        for inferred in (True, False):
            step = {"happened_on": BEFORE, "step": "assign" if inferred else "submit", **came}
            step |= {"rectification_id": item, "county_code": CITY, "inferred": inferred}
            conn.execute(insert(schema.rectification_event).values(step))

    written(write)

    rows = found()
    assert told() == [
        ("rectification", "late", False, 1),
        ("rectification_event", "late", False, 1),
        ("violation_report", "late", False, 1),
        ("violation_report", "late", True, 2),
    ]
    assert set(rows["file_name"]) == {"迟报.xlsx"}
    assert set(rows["received_on"]) == {pd.Timestamp(EARLIER)}
    assert set(rows["by"]) == {"甲@example.org"}


def test_what_was_there_already_is_no_change() -> None:
    def write(conn: Connection) -> None:
        make.report(conn, report_no="JB-1", first_batch_id=batch(conn), received_by_us_on=NEXT)
        changed(conn, "violation_report", "JB-1", "county_code")

    written(write, before=True)

    assert told() == []
    assert found(week=NEXT).empty


DAY, LATER = BEFORE.isoformat(), AFTER.isoformat()


@pytest.mark.parametrize(
    ("table", "column", "old", "new", "expected"),
    [
        ("rectification", "closed_on", None, DAY, ("filled", False)),
        ("rectification", "closed_on", None, THURSDAY.isoformat(), ("filled", True)),
        ("rectification", "closed_on", None, LATER, None),
        ("rectification", "closed_on", DAY, LATER, ("correction", False)),
        ("rectification", "due_on", LATER, DAY, ("correction", False)),
        ("rectification", "evidence", "甲", "乙", None),
        ("rectification", "status", "in_progress", "closed", None),
        ("violation_report", "status", "assigned", "substantiated", None),
        ("violation_report", "status", "unsubstantiated", "substantiated", ("correction", True)),
        ("violation_report", "summary", "甲", "乙", None),
        ("refund_dispute", "students", "1", "2", ("correction", True)),
        ("refund_dispute", "resolved_on", None, LATER, None),
        ("institution", "platform_registered_on", None, DAY, ("filled", False)),
        ("institution", "phone", "1", "2", None),
    ],
)
def test_correction_counts_where_it_concerns_the_week(
    table: str, column: str, old: str | None, new: str, expected: tuple[str, bool] | None
) -> None:
    def write(conn: Connection) -> None:
        make.report(conn, report_no="JB-1", status="substantiated", verified_on=THURSDAY)
        make.rectification(conn, ledger_no="ZG-1")
        make.dispute(conn, dispute_no="TF-1")
        keys = {"violation_report": "JB-1", "rectification": "ZG-1", "refund_dispute": "TF-1"}
        changed(conn, table, keys.get(table, "1"), column, old_value=old, new_value=new)

    written(write)

    assert told() == ([] if expected is None else [(table, *expected, 1)])
    if expected:
        [row] = found().to_dict("records")
        assert (row["by"], row["received_on"]) == ("甲@example.org", pd.Timestamp(NEXT))
        assert pd.isna(row["batch_id"])


def test_row_corrected_in_several_columns_counts_once() -> None:
    def write(conn: Connection) -> None:
        make.dispute(conn, dispute_no="TF-1")
        file = {"email": None, "batch_id": batch(conn)}
        for column in ("students", "amount_yuan"):
            changed(conn, "refund_dispute", "TF-1", column, **file)

    written(write)

    assert told() == [("refund_dispute", "correction", True, 1)]


def test_county_counts_its_own_and_sees_no_file_of_the_city() -> None:
    def write(conn: Connection) -> None:
        for code in (CITY, SOUTH):
            number = batch(conn, None, "全市.xlsx")
            make.report(conn, county_code=code, first_batch_id=number, received_by_us_on=NEXT)

    written(write)

    own = found(Scope.county(SOUTH))
    assert own["county_code"].tolist() == [SOUTH]
    assert own["file_name"].isna().all()
    assert own["received_on"].tolist() == [pd.Timestamp(NEXT)]
    assert found(Scope.county()).empty
    assert set(found()["file_name"]) == {"全市.xlsx"}


def test_nothing_is_told_of_what_a_plan_brought_until_it_is_released() -> None:
    def write(conn: Connection) -> None:
        make.inspection(
            conn,
            inspection_no="JC-1",
            visit_stop_id=make.visit_stop(conn),
            withheld=True,
        )
        changed(conn, "inspection", "JC-1", "outcome")

    written(write)

    for scope in (CITY_SCOPE, Scope.county(CITY)):
        assert found(scope).empty
    assert told(ALL) == [("inspection", "correction", True, 1)]


def test_release_after_the_freeze_is_told_without_a_name() -> None:
    plan = sealed()
    [stop, *_] = stop_ids(plan)
    record(
        SUPERVISOR,
        stop,
        "violation",
        visited_on=FIRST,
        violation_type="一对一",
        severity=2,
        due_on=FIRST + timedelta(days=30),
    )
    week = FIRST + timedelta(days=(3 - FIRST.weekday()) % 7)
    with get_engine().begin() as conn:
        make.institution(conn)
        freeze(conn, week, by=None)
    assert found(week=week).empty

    release(SUPERVISOR, plan)

    rows = found(week=week)
    assert rows[["table", "kind", "in_week", "rows"]].to_numpy().tolist() == [
        ["inspection", "released", True, 1],
        ["rectification", "released", True, 1],
    ]
    assert rows["by"].isna().all()


def test_plan_that_was_put_on_record_or_dated_back_after_the_freeze_is_told() -> None:
    after = datetime.combine(NEXT, time(9))

    def write(conn: Connection) -> None:
        for name, day in (("甲", BEFORE), ("乙", THURSDAY), ("丙", AFTER)):
            make.refund_plan(conn, institution_name=name, opened_on=day, created_at=after)
        known = make.refund_plan(conn, opened_on=AFTER)
        for column, old, new in (
            ("opened_on", LATER, DAY),
            ("closed_on", None, LATER),
            ("owner", "甲", "乙"),
        ):
            changed(conn, "refund_plan", str(known), column, old_value=old, new_value=new)

    with get_engine().begin() as conn:
        make.institution(conn)
        freeze(conn, THURSDAY, by=None, frozen_at=datetime.combine(NEXT, time(8)))
        write(conn)

    assert told() == [
        ("refund_plan", "correction", False, 1),
        ("refund_plan", "recorded", False, 1),
        ("refund_plan", "recorded", True, 1),
    ]
    assert found()["by"].tolist() == ["甲@example.org", "450202@demo", "450202@demo"]
    assert set(found()["received_on"]) == {pd.Timestamp(NEXT)}


def test_plan_of_the_moment_of_the_freeze_is_no_change() -> None:
    moment = datetime.combine(NEXT, time(8))
    with get_engine().begin() as conn:
        make.institution(conn)
        make.refund_plan(conn, opened_on=THURSDAY, created_at=moment)
        freeze(conn, THURSDAY, by=None, frozen_at=moment)

    assert told() == []
