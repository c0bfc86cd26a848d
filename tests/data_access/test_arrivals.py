"""How late rows come in is counted by the week in which it happened."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from data_access import schema
from data_access.arrivals import delays
from data_access.scope import Scope
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY
from tests.wrong_rows import RIGHT

NEXT = THURSDAY + timedelta(weeks=1)


def rows(conn: Connection, subject: str, **asked: Any) -> list[tuple[date, int, int]]:
    usual: dict[str, Any] = {"scope": Scope.city(), "as_of_known": NEXT}
    found = delays(conn, subject=subject, **usual | asked)
    return [(row.week.date(), row.delay_days, row.n) for row in found.itertuples()]


def batch(conn: Connection) -> int:
    row = {name: value for name, value in RIGHT["import_batch"].items() if name != "id"}
    key = conn.execute(insert(schema.import_batch).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def test_delay_is_counted_from_the_end_of_the_week(conn: Connection) -> None:
    came = {"first_batch_id": batch(conn)}
    monday = THURSDAY - timedelta(days=3)
    make.report(conn, received_on=monday, received_by_us_on=monday, **came)
    make.report(conn, received_on=monday, received_by_us_on=THURSDAY, **came)
    make.report(conn, received_on=monday, received_by_us_on=THURSDAY + timedelta(days=4), **came)
    make.report(conn, received_on=monday, received_by_us_on=NEXT, **came)

    assert rows(conn, "violation_report") == [
        (THURSDAY, 0, 2),
        (THURSDAY, 4, 1),
        (THURSDAY, 7, 1),
    ]
    assert rows(conn, "violation_report", as_of_known=THURSDAY) == [(THURSDAY, 0, 2)]
    assert rows(conn, "violation_report", weeks=1) == []


def test_every_subject_is_counted_in_scope_and_by_its_own_day(conn: Connection) -> None:
    came = {"first_batch_id": batch(conn), "received_by_us_on": NEXT}
    for code in (CITY, SOUTH):
        make.inspection(conn, county_code=code, **came)
        make.dispute(conn, county_code=code, **came)
        item = make.rectification(conn, county_code=code, opened_on=THURSDAY, **came)
        make.spell(conn, item, county_code=code, spell_no=2, opened_on=NEXT)

    for subject in ("inspection", "refund_dispute_opened", "rectification_opened"):
        assert rows(conn, subject, scope=Scope.county(CITY)) == [(THURSDAY, 7, 1)]


def test_what_a_plan_brought_is_never_late(conn: Connection) -> None:
    stop = make.visit_stop(conn)
    number = make.inspection(conn, visit_stop_id=stop, withheld=True, received_by_us_on=NEXT)
    assert rows(conn, "inspection", scope=Scope.city(unreleased=True)) == []

    is_it = schema.inspection.c.id == number
    conn.execute(update(schema.inspection).where(is_it).values(withheld=False))
    assert rows(conn, "inspection") == []
