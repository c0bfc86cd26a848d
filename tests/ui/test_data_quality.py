"""Rules in words and in SQL are one list, and a county's figures its rows counted by hand."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import h3
import pandas as pd
import pytest
from sqlalchemy import Connection, select, text, update

from analysis import data_quality as judgement
from analysis import outside
from analysis.quality_settings import JUDGED, SILENT_WEEK, settings
from data_access import data_quality as queries
from data_access import flawed_reports, quality_reports, schema, summaries
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
from ui.quality_judging import Judged, judge, polygons

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
        reports = city.reports[city.reports["county_code"] == COUNTY]
        assert reports.to_numpy().tolist() == county.reports.to_numpy().tolist()


def every_report(conn: Connection, scope: Scope, day: date, known_on: date | None) -> pd.DataFrame:
    """The reports that rules find, every one asked and read, with those outside their county."""
    limits = RULES.limits.of(Limits)
    known = Known(conn, scope, day, (), known_on)
    ledger = quality_reports.ledger(known, limits)
    every = conn.scalars(select(ledger.rows.c.id)).all()
    rows = queries._found(known, ledger, every).assign(table=ledger.table.name)
    metres = outside.metres_outside(rows, polygons())
    rows["report_outside"] = metres > RULES.limits.outside_metres
    far = judgement.outside_county(rows, metres, limits=RULES.limits)
    of_rules = [
        rows[rows[code]].assign(rule=code)
        for code in RULES.rules
        if code in flawed_reports.RULES and rows[code].any()
    ]
    return judgement.listed(pd.concat(of_rules), outside=far, settings=RULES, as_of=day)


@pytest.mark.parametrize("code", [None, COUNTY])
@pytest.mark.parametrize("day", [pytest.param(THURSDAY, marks=pytest.mark.soak), date(2022, 7, 3)])
def test_counted_reports_stand_as_every_one_compared(
    outlying: Connection, code: str | None, day: date
) -> None:
    """What was a list of every wrong report, then and now, is counted."""
    scope = Scope.county(code) if code else Scope.city()
    judged = judge(outlying, scope=scope, as_of=day)
    before = day - timedelta(days=7)
    now = every_report(outlying, scope, day, None)
    then = every_report(outlying, scope, before, before)
    keys = {"violation_report": now["row_key"]}
    changes = queries.changed_on(outlying, scope=scope, keys=keys)
    now = judgement.aged(now, changes, settings=RULES, as_of=day)
    here, there = (set(zip(each["rule"], each["row_key"], strict=True)) for each in (now, then))
    assert {rule for rule, _ in here} >= {"report_no_place", "report_open_long", "report_outside"}

    standing = judged.standing.set_index("rule")
    oldest = now.groupby("rule")["known_days"].max()
    for rule in flawed_reports.RULES:
        right = [
            len({key for found_by, key in each if found_by == rule})
            for each in (here, there, there - here, here - there)
        ]
        columns = ["rows", "before", "mended", "added"]
        assert standing.loc[rule, columns].tolist() == right, rule
    ages = standing["oldest_days"].dropna()
    assert ages[ages.index.isin(flawed_reports.RULES)].to_dict() == oldest.to_dict()
    by_county = now.groupby(["rule", "county_code"]).size()
    assert (
        judged.reports.set_index(["rule", "county_code"])["rows"].to_dict() == by_county.to_dict()
    )

    # The rows that the score counts: each report once, beside those of the other ledgers.
    others = judged.found[
        [RULES.rules[rule].is_of_county and rule != SILENT_WEEK for rule in judged.found["rule"]]
    ]
    wrong = pd.concat([others, now]).groupby("county_code")
    right_wrong = {
        code: len(set(zip(each["table"], each["row_key"], strict=True))) for code, each in wrong
    }
    scores = judged.scores.set_index("county_code")["wrong"]
    assert scores[scores > 0].to_dict() == right_wrong


@pytest.fixture
def outlying(sample: Connection) -> Iterator[Connection]:
    """The sample with reports outside their county, one of them changed, until the test ends."""
    with sample.begin_nested() as nested:
        report = schema.violation_report
        wrong = select(report.c.id).where(
            report.c.county_code == COUNTY, report.c.longitude.is_not(None)
        )
        for number, id_ in enumerate(sample.scalars(wrong.limit(40)).all()):
            point = (108.0 + number // 2 / 10, 24.3)
            cell = h3.latlng_to_cell(point[1], point[0], 9) if number else None
            sample.execute(
                update(report)
                .where(report.c.id == id_)
                .values(longitude=point[0], latitude=point[1], cell=cell)
            )
        summaries.rebuild_all(sample)
        yield sample
        nested.rollback()


def test_page_of_the_sample_holds_every_row_of_every_rule(sample: Connection) -> None:
    view = data_quality.build(sample, scope=Scope.city(), as_of=THURSDAY)
    asked: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY}

    def read(slices: Any) -> pd.DataFrame:
        return data_quality.report_rows(sample, **asked, slices=slices)

    assert view.headline.startswith("全市台账")
    rows = view.rules.frame.set_index("rule")["rows"]
    assert list(view.titles) == [*rows[rows > 0].index, data_quality.EVERYTHING]
    every = data_quality.part(view, data_quality.EVERYTHING, 0, 100_000, read)
    assert len(every) == view.sizes[data_quality.EVERYTHING] == rows.sum()
    in_order = [rule for rule in view.titles if rule != data_quality.EVERYTHING]
    assert every["rule"].drop_duplicates().tolist() == in_order
    for rule in in_order:
        assert (every["rule"] == rule).sum() == rows[rule] == view.sizes[rule]
    # Page by page they are the same rows in the same order, wherever a page ends.
    for size in (7, 200):
        pages = [
            data_quality.part(view, data_quality.EVERYTHING, first, size, read)
            for first in range(300, 900, size)
        ]
        keys = pd.concat(pages)[["rule", "row_key"]].to_numpy().tolist()
        assert keys == every[["rule", "row_key"]].iloc[300 : 300 + len(keys)].to_numpy().tolist()


def test_counties_of_a_rule_add_up_to_it(sample: Connection) -> None:
    view = data_quality.build(sample, scope=Scope.city(), as_of=THURSDAY)

    assert set(view.of_counties) == set(view.titles) & set(flawed_reports.RULES)
    for rule, counties in view.of_counties.items():
        assert counties.frame["found_rows"].sum() == view.sizes[rule]
    rows = view.of_counties["report_no_place"].frame.set_index("county_code")
    stmt = text(
        "SELECT county_code, count(*) FROM violation_report WHERE place_name IS NULL"
        " AND longitude IS NULL AND received_on BETWEEN :first AND :last GROUP BY county_code"
    )
    for column, first, last in (
        ("of_week", "2022-08-19", "2022-08-25"),
        ("of_week_before", "2022-08-12", "2022-08-18"),
    ):
        right = dict(map(tuple, sample.execute(stmt, {"first": first, "last": last}).all()))
        assert rows[column][rows[column] > 0].to_dict() == right
        assert right
    assert not data_quality.build(
        sample, scope=Scope.city(), as_of=THURSDAY, categories=("arts",)
    ).of_counties


def test_reports_of_a_rule_are_listed_by_county_and_number(sample: Connection) -> None:
    view = data_quality.build(sample, scope=Scope.city(), as_of=THURSDAY)

    def read(slices: Any) -> pd.DataFrame:
        return data_quality.report_rows(sample, scope=Scope.city(), as_of=THURSDAY, slices=slices)

    rows = data_quality.part(view, "report_no_place", 0, 1_000, read)

    stmt = text(
        "SELECT report_no FROM violation_report AS v JOIN county AS c ON c.code = v.county_code"
        " WHERE place_name IS NULL AND longitude IS NULL ORDER BY c.ordinal, report_no"
    )
    assert rows["number"].tolist() == list(sample.scalars(stmt))
