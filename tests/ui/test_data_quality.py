"""Rules in words and in SQL are one list, and a county's figures its rows counted by hand."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, text

from analysis.quality_settings import JUDGED, SILENT_WEEK, settings
from data_access import schema
from data_access.corrections import READABLE
from data_access.data_quality import Limits
from data_access.engine import connect_to
from data_access.quality_known import Known
from data_access.quality_rules import ledgers
from data_access.scope import Scope
from tests.databases import sample_database
from tests.factories import THURSDAY
from tests.workers import shared_folder
from ui import data_quality
from ui.quality_judging import Judged, judge

COUNTY = "450225"
RULES = settings()
WORKED_OUT = {"outside", "phone_ending", "always_weeks"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = connect_to(f"sqlite:///{sample_database(shared_folder(tmp_path_factory))}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


@pytest.fixture(scope="module")
def county(sample: Connection) -> Judged:
    return judge(sample, scope=Scope.county(COUNTY), as_of=THURSDAY)


def test_every_rule_has_its_words_and_every_word_its_rule(conn: Connection) -> None:
    known = Known(conn, Scope.city(), THURSDAY, (), None)
    of_sql = {
        rule.code: ledger
        for ledger in ledgers(known, RULES.limits.of(Limits))
        for rule in ledger.rules
    }

    assert {*of_sql, *JUDGED, SILENT_WEEK} == set(RULES.rules)
    assert len({rule.title for rule in RULES.rules.values()}) == len(RULES.rules)
    by_table = {ledger.table.name: ledger for ledger in of_sql.values()}
    for code, rule in RULES.rules.items():
        assert code not in of_sql or of_sql[code].table.name == rule.table
        assert rule.table == JUDGED.get(code, rule.table)
        asked = {name for _, name, _, _ in string.Formatter().parse(rule.said) if name}
        held = {*by_table[rule.table].values, *WORKED_OUT}
        assert asked <= held, (code, asked - held)
        assert {column for column, _ in rule.since} <= held
        assert set(rule.columns) <= set(READABLE.get(rule.table, ())), code


def test_what_is_known_again_are_columns_of_their_tables_and_nobody_s_words() -> None:
    words = {"summary", "reporter_phone", "phone", "measures", "evidence", "note", "answer"}
    for table, columns in READABLE.items():
        assert set(columns) <= set(schema.metadata.tables[table].c.keys())
        assert not set(columns) & words


# What is wrong in the county on the day, written once more and by hand.
BY_HAND = {
    "report_open_long": "SELECT count(*) FROM violation_report WHERE county_code = :county AND"
    " status NOT IN ('substantiated', 'unsubstantiated') AND received_on < '2022-07-26'",
    "report_no_place": "SELECT count(*) FROM violation_report WHERE county_code = :county AND"
    " place_name IS NULL AND longitude IS NULL",
    "registered_unqualified": "SELECT count(*) FROM institution WHERE county_code = :county AND"
    " platform_registered_on IS NOT NULL AND qualified_on IS NULL AND deregistered_on IS NULL",
    "code_missing": "SELECT count(*) FROM institution WHERE county_code = :county AND"
    " operating_status = 'operating' AND credit_code IS NULL",
    "check_pending": "SELECT count(*) FROM verification AS v WHERE county_code = :county AND"
    " outcome = 'pending' AND verified_on < '2022-07-26' AND NOT EXISTS (SELECT 1 FROM verification"
    " AS l WHERE l.institution_id = v.institution_id AND l.item = v.item"
    " AND l.verified_on > v.verified_on)",
    "item_idle": "SELECT count(*) FROM rectification AS r WHERE county_code = :county AND"
    " status <> 'closed' AND due_on < '2022-08-25' AND NOT EXISTS (SELECT 1 FROM"
    " rectification_event AS e WHERE e.rectification_id = r.id AND e.happened_on >= '2022-07-26')",
    "roster_twice": "SELECT count(*) FROM roster_entry AS r WHERE county_code = :county AND"
    " EXISTS (SELECT 1 FROM roster_entry AS o WHERE o.id <> r.id AND o.source = r.source"
    " AND o.county_code = r.county_code AND o.credit_code = r.credit_code)",
    "dispute_unlinked": "SELECT count(*) FROM refund_dispute WHERE county_code = :county AND"
    " institution_id IS NULL",
}


def test_figures_of_a_county_are_its_rows_counted_by_hand(
    sample: Connection, county: Judged
) -> None:
    rows = county.standing.set_index("rule")["rows"]
    for rule, by_hand in BY_HAND.items():
        assert rows[rule] == sample.scalar(text(by_hand), {"county": COUNTY}), rule
    tables = [
        *("institution", "verification", "violation_report", "inspection", "rectification"),
        *("refund_dispute", "submission", "county_action", "course_fee", "fee_charge"),
        "compliance_check",
    ]
    counts = [f"SELECT count(*) FROM {table} WHERE county_code = :county" for table in tables]  # noqa: S608
    counts.append(
        "SELECT count(*) FROM rectification_event WHERE county_code = :county AND NOT inferred"
    )
    every = sum(sample.scalar(text(each), {"county": COUNTY}) for each in counts)
    assert county.scores["rows"].tolist() == [every]


def test_week_before_is_what_was_known_then(sample: Connection, county: Judged) -> None:
    """Rows that were wrong a week before are those of a database that never heard of the week."""
    before = county.standing.set_index("rule")["before"]
    then = THURSDAY - timedelta(days=7)
    late = date(2022, 7, 19)
    open_then = sample.scalar(
        text(
            "SELECT count(*) FROM violation_report AS v WHERE county_code = :county"
            " AND received_by_us_on <= :then AND received_on < :late AND coalesce((SELECT old_value"
            " FROM row_change WHERE table_name = 'violation_report' AND row_key = v.report_no"
            " AND column_name = 'status' AND changed_on > :then ORDER BY id LIMIT 1), status)"
            " NOT IN ('substantiated', 'unsubstantiated')"
        ),
        {"county": COUNTY, "then": then.isoformat(), "late": late.isoformat()},
    )

    assert before["report_open_long"] == open_then


def test_county_and_city_say_the_same_of_a_county(sample: Connection, county: Judged) -> None:
    for scope in (Scope.city(), Scope.city(unreleased=True)):
        city = judge(sample, scope=scope, as_of=THURSDAY)
        of_county = city.scores[city.scores["county_code"] == COUNTY]

        figures = ["rows", "right", "wrong", "mended", "added"]
        assert of_county[figures].to_numpy().tolist() == county.scores[figures].to_numpy().tolist()
        rows = city.found[city.found["county_code"] == COUNTY]
        assert sorted(zip(rows["rule"], rows["row_key"], strict=True)) == sorted(
            zip(county.found["rule"], county.found["row_key"], strict=True)
        )


def test_page_of_the_sample_holds_a_table_for_every_rule_that_found_something(
    sample: Connection,
) -> None:
    view = data_quality.build(sample, scope=Scope.city(), as_of=THURSDAY)

    assert view.headline.startswith("全市台账")
    assert list(view.titles) == list(view.rows)
    rows = view.rules.frame.set_index("rule")["rows"]
    for rule, listed in view.rows.items():
        if rule != data_quality.EVERYTHING:
            assert len(listed.frame) == rows[rule]
    assert len(view.rows[data_quality.EVERYTHING].frame) == rows.sum()
