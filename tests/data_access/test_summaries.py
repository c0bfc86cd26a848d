"""Weekly counts kept by imports are those that the facts give, counted in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Table, delete, select

from data_access import schema, summaries
from data_access.ledgers.storing import Sender, store
from data_access.weeks import reporting_week
from tests import factories as make
from tests.data_access.ledgers.understandings import (
    CLEAR,
    NORTH,
    SOUTH,
    closed_item,
    dispute,
    inspection,
    institution,
    item,
    report,
    step,
    understood,
)

Key = tuple[str, date, str, str, str, bool]
CITY = Sender("supervisor@demo")
START = date(2022, 6, 20)


def stored_counts(conn: Connection) -> dict[Key, tuple[int, int, float]]:
    return {
        (row.subject, row.week, row.county_code, row.status, row.kind, row.withheld): (
            row.n,
            row.students,
            pytest.approx(row.amount_yuan),
        )
        for row in conn.execute(select(schema.weekly_summary))
    }


class Counts:
    """Facts counted one by one."""

    def __init__(self) -> None:
        self.counts: dict[Key, list[float]] = defaultdict(lambda: [0, 0, 0.0])

    def add(
        self,
        subject: str,
        day: date | None,
        row: Any,
        *,
        status: str = "",
        kind: str = "",
        students: int = 0,
        amount: float | None = 0.0,
    ) -> None:
        if day is not None:
            withheld = bool(getattr(row, "withheld", False))
            key = (subject, reporting_week(day), row.county_code, status, kind, withheld)
            for place, value in enumerate((1, students, amount or 0.0)):
                self.counts[key][place] += value

    def add_report(self, row: Any) -> None:
        kind = row.violation_type_group
        self.add("violation_report", row.received_on, row, status=row.status, kind=kind)
        channel = row.channel_group
        self.add("violation_report_channel", row.received_on, row, kind=channel)
        if row.status in ("substantiated", "unsubstantiated") and row.verified_on is not None:
            subject = "violation_report_concluded"
            self.add(subject, row.received_on, row, status=row.status, kind=kind)
        if row.status in ("substantiated", "unsubstantiated"):
            self.add("violation_report_verified", row.verified_on, row, status=row.status)

    def add_dispute(self, row: Any) -> None:
        self.add(
            "refund_dispute_opened",
            row.opened_on,
            row,
            students=row.students,
            amount=row.amount_yuan,
        )
        if row.resolved_on is not None:
            self.add(
                "refund_dispute_resolved",
                row.resolved_on,
                row,
                kind=row.route or "",
                students=row.students,
                amount=row.refunded_yuan,
            )

    def add_institution(self, row: Any) -> None:
        found, registered, ended = row.found_on, row.platform_registered_on, row.deregistered_on
        if ended is not None and ended <= found:
            return
        is_registered = registered is not None and (ended is None or registered < ended)
        self.add("institution_found", found, row, kind=row.category)
        if is_registered:
            day = max(registered, found)
            self.add("institution_registered", day, row, kind=row.category)
        status = "registered" if is_registered else ""
        self.add("institution_deregistered", ended, row, status=status, kind=row.category)


def counts_of_facts(conn: Connection) -> dict[Key, tuple[int, int, float]]:
    counts = Counts()
    for row in conn.execute(select(schema.violation_report)):
        counts.add_report(row)
    for row in conn.execute(select(schema.inspection)):
        counts.add("inspection", row.inspected_on, row, status=row.outcome, kind=row.method)
    sources = {row.id: row.source for row in conn.execute(select(schema.rectification))}
    for row in conn.execute(select(schema.rectification_spell)):
        source = sources[row.rectification_id]
        counts.add("rectification_opened", row.opened_on, row, kind=source)
        counts.add("rectification_closed", row.closed_on, row, kind=source)
    for row in conn.execute(select(schema.refund_dispute)):
        counts.add_dispute(row)
    for row in conn.execute(select(schema.institution)):
        counts.add_institution(row)
    return {key: (int(n), int(s), a) for key, (n, s, a) in counts.counts.items()}


def places_of_facts(conn: Connection) -> Counter[tuple[Any, ...]]:
    return Counter(
        (row.place_key, row.week, row.county_code, row.status, row.violation_type_group)
        for row in conn.execute(select(schema.violation_report))
        if row.place_key is not None
    )


def stored_places(conn: Connection) -> dict[tuple[Any, ...], int]:
    return {tuple(row)[:5]: row.n for row in conn.execute(select(schema.place_week_summary))}


def report_sums() -> tuple[Table, ...]:
    return (
        schema.report_week_summary,
        schema.report_place_summary,
        schema.report_unit_summary,
        schema.report_verdict_summary,
        schema.report_cell_summary,
        schema.report_conclusion_summary,
    )


def stored_sums(conn: Connection) -> list[tuple[Any, ...]]:
    """What is summed up of reports; what it says is held against them
    in test_report_weeks and test_evidence_sums."""
    return [
        tuple(row)
        for table in report_sums()
        for row in conn.execute(select(table).order_by(*table.primary_key.columns))
    ]


days = st.integers(0, 40).map(lambda number: START + timedelta(days=number))
counties = st.sampled_from([NORTH, SOUTH])
numbers = st.sampled_from(["1", "2", "3"])
maybe_day = st.none() | days | st.just(CLEAR)
files = st.one_of(
    st.tuples(
        st.just("violation_reports"),
        st.builds(
            report,
            report_no=numbers,
            received_on=days,
            county_code=counties,
            status=st.sampled_from(["received", "substantiated", "unsubstantiated"]),
            verified_on=maybe_day,
            place_name=st.sampled_from([None, "锦绣苑", "和谐大厦", CLEAR]),
            violation_type=st.sampled_from(["一对一", "无证办学"]),
        ),
    ),
    st.tuples(
        st.just("inspections"),
        st.builds(
            inspection,
            inspection_no=numbers,
            inspected_on=days,
            county_code=counties,
            outcome=st.sampled_from(["clear", "violation"]),
        ),
    ),
    st.tuples(
        st.just("rectifications"),
        st.builds(
            item,
            ledger_no=numbers,
            opened_on=days,
            county_code=counties,
            source=st.sampled_from(["inspection", "check"]),
            status=st.sampled_from(["assigned", "in_progress", "reopened"]),
        )
        | st.builds(closed_item, ledger_no=numbers, closed_on=days, county_code=counties),
    ),
    st.tuples(
        st.just("rectification_events"),
        st.builds(
            step,
            ledger_no=numbers,
            happened_on=days,
            step=st.sampled_from(["submit", "close", "reopen"]),
        ),
    ),
    st.tuples(
        st.just("refund_disputes"),
        st.builds(
            dispute,
            dispute_no=numbers,
            opened_on=days,
            county_code=counties,
            students=st.integers(0, 9),
            resolved_on=maybe_day,
            refunded_yuan=st.none() | st.integers(0, 9).map(lambda n: n + 0.35),
            status=st.sampled_from(["open", "resolved", "litigation"]),
            route=st.sampled_from([None, "refund", "legal"]),
        ),
    ),
    st.tuples(
        st.just("institutions"),
        st.builds(
            institution,
            name=numbers,
            found_on=days,
            platform_registered_on=maybe_day,
            deregistered_on=maybe_day,
            county_code=counties,
        ),
    ),
)


Sent = list[tuple[tuple[str, dict[str, Any]], date]]
any_series = given(sent=st.lists(st.tuples(files, days), min_size=1, max_size=12))
UNTROUBLED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=20, deadline=None, suppress_health_check=UNTROUBLED)
@any_series
def test_counts_after_any_series_of_imports_are_those_of_the_facts(
    engine: Engine, sent: Sent
) -> None:
    check(engine, sent)


@pytest.mark.soak
@settings(max_examples=500, deadline=None, suppress_health_check=UNTROUBLED)
@any_series
def test_counts_after_five_hundred_series_are_those_of_the_facts(
    engine: Engine, sent: Sent
) -> None:
    """The same for more series than there is time for each time: a minute and more."""
    check(engine, sent)


def check(engine: Engine, sent: Sent) -> None:
    with engine.connect() as conn:
        for (kind, row), received_on in sent:
            store(conn, understood(kind, row), received_on=received_on, sender=CITY)
        kept, kept_places = stored_counts(conn), stored_places(conn)
        kept_sums = stored_sums(conn)

        assert kept == counts_of_facts(conn)
        assert kept_places == places_of_facts(conn)

        summaries.rebuild_all(conn)

        assert stored_counts(conn) == counts_of_facts(conn)
        assert stored_places(conn) == kept_places
        assert stored_sums(conn) == kept_sums
        conn.rollback()


@pytest.mark.parametrize("emptied", report_sums(), ids=lambda table: str(table.name))
def test_sums_that_a_migration_has_made_a_table_for_are_filled(
    conn: Connection, emptied: Table
) -> None:
    day = date(2022, 7, 7)
    row = report(received_on=day, status="substantiated", verified_on=day, place_name="锦绣苑")
    store(conn, understood("violation_reports", row), received_on=day, sender=CITY)
    make.report(conn, received_on=day, longitude=109.4, latitude=24.3, cell="8", counted=False)
    summaries.rebuild_all(conn)
    before = stored_sums(conn)
    conn.execute(delete(emptied))
    assert stored_sums(conn) != before

    summaries.fill(conn)

    assert stored_sums(conn) == before


def test_more_weeks_than_are_copied_at_once_are_all_summed_up(conn: Connection) -> None:
    days = [START + timedelta(weeks=number) for number in range(30)]
    for day in days:
        make.report(conn, received_on=day, place_key=f"{SOUTH}:甲大厦", counted=False)

    summaries.rebuild(conn, {"violation_report": [reporting_week(day) for day in days]})
    kept, kept_places = stored_sums(conn), stored_places(conn)

    assert sum(kept_places.values()) == len(days)
    summaries.rebuild_all(conn)
    assert (stored_sums(conn), stored_places(conn)) == (kept, kept_places)


def test_a_week_without_facts_any_more_is_gone(conn: Connection) -> None:
    for day in (date(2022, 7, 7), date(2022, 7, 8)):
        store(
            conn,
            understood("violation_reports", report(received_on=day)),
            received_on=day,
            sender=CITY,
        )

        assert {key[1] for key in stored_counts(conn)} == {reporting_week(day)}


def test_withheld_rows_are_counted_apart(conn: Connection) -> None:
    conn.execute(
        schema.rectification.insert().values(
            item(severity=2, withheld=True, received_by_us_on=START)
        )
    )
    row = conn.execute(select(schema.rectification)).one()
    conn.execute(
        schema.rectification_spell.insert().values(
            rectification_id=row.id,
            spell_no=1,
            county_code=row.county_code,
            opened_on=row.opened_on,
            opened_week=reporting_week(row.opened_on),
            withheld=True,
        )
    )

    summaries.rebuild(conn, {"rectification_opened": {reporting_week(row.opened_on)}})

    assert [key[5] for key in stored_counts(conn)] == [True]
