"""Wrong reports found by indexes and counted by sums are those of every report asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import h3
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select, true, update

from data_access import data_quality, flawed_reports, quality_reports, schema, summaries
from data_access.corrections import READABLE, VERIFIED
from data_access.data_quality import EVERY_ROW
from data_access.flawed_reports import ANY_RULE, RULES, Outside, Slice
from data_access.quality_known import Known
from data_access.scope import Scope
from tests import factories as make
from tests.data_access.test_data_quality import LIMITS, before, found_reports, kept
from tests.factories import CITY, SOUTH, THURSDAY
from tests.small_cities import examples

HERE, NEAR, FAR = (109.4, 24.3), (109.42, 24.36), (110.9, 26.0)
WEEK_AGO = before(7)
report = schema.violation_report.c


def cell(point: tuple[float, float]) -> str:
    return h3.latlng_to_cell(point[1], point[0], 9)


# What is outside in these tests: the whole cell of one place in the south, another place in both.
OUTSIDE = Outside(
    {SOUTH: [cell(FAR)]},
    [(code, where, *NEAR) for code in (CITY, SOUTH) for where in (cell(NEAR), None)],
)


def draws(draw: st.DrawFn) -> dict[str, Any]:
    """A report with every kind of gap and wrong day, some changed since."""
    days = st.sampled_from([0, 1, 6, 7, 8, 29, 30, 31, 36, 37, 38, 60]).map(before)
    point = draw(st.sampled_from([None, HERE, NEAR, FAR]))
    return {
        "county_code": draw(st.sampled_from([CITY, SOUTH])),
        "received_on": draw(days),
        "received_by_us_on": draw(days),
        "status": draw(st.sampled_from(["received", "verifying", *VERIFIED])),
        "verified_on": draw(st.none() | days),
        "closed_on": draw(st.none() | days),
        "place_name": draw(st.sampled_from([None, "角宿大厦"])),
        "institution_name": draw(st.sampled_from([None, "甲"])),
        "is_linked": draw(st.booleans()),
        "longitude": point and point[0],
        "latitude": point and point[1],
        "cell": draw(st.sampled_from([None, cell(point)]))
        if point == NEAR
        else point and cell(point),
    }


reports = st.lists(st.composite(draws)(), min_size=1, max_size=8)
# Of the nth report: which column held what until when.
replaced = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.sampled_from(
            [
                *(("status", each) for each in ("received", "substantiated")),
                *(("verified_on", each) for each in (None, "2022-06-02", "2022-08-25")),
                *(("closed_on", each) for each in (None, "2022-06-02")),
                *(("received_on", each) for each in ("2022-06-02", "2022-08-25")),
                *(("place_name", each) for each in (None, "亢宿花园")),
                ("summary", "原话"),
            ]
        ),
        st.sampled_from([0, 1, 6, 7, 8]).map(before),
    ),
    max_size=6,
)


class Every(NamedTuple):
    """What every report was asked: of each rule the ids it finds, and what is known of an id."""

    known: Known
    found: dict[str, set[int]]
    rows: dict[int, Any]
    changed: set[int]

    @property
    def asked(self) -> dict[str, Any]:
        known = self.known
        return {"scope": known.scope, "as_of": known.day, "categories": known.categories}


def ask_every(known: Known, changed: set[str]) -> Every:
    found = found_reports(known)
    rows = {row.id: row for row in known.conn.execute(select(schema.violation_report)).all()}
    mine = set(found_among(known, true()))
    found["report_outside"] = {
        key
        for key in mine
        for row in [rows[key]]
        if row.cell in OUTSIDE.cells.get(row.county_code, ())
        or (row.county_code, row.cell, row.longitude, row.latitude) in OUTSIDE.places
    }
    found[ANY_RULE] = set().union(*found.values())
    return Every(known, found, rows, {key for key in rows if rows[key].report_no in changed})


def found_among(known: Known, condition: Any) -> list[int]:
    rows = quality_reports.ledger(known, LIMITS).rows
    narrowed = known.of_categories(schema.violation_report, rows)
    return list(known.conn.scalars(select(rows.c.id).where(condition, narrowed)))


@examples(8)
@given(rows=reports, changes=replaced)
def test_reports_found_by_indexes_and_counted_by_sums_are_those_of_every_report(
    engine: Engine, rows: list[dict[str, Any]], changes: list[tuple[int, Any, date]]
) -> None:
    with engine.connect() as conn:
        linked = make.institution(conn)
        for n, row in enumerate(rows):
            link = linked if row.pop("is_linked") else None
            make.report(conn, counted=False, report_no=f"甲{n}", institution_id=link, **row)
        for n, (column, old), day in changes:
            county = rows[n % len(rows)]["county_code"]
            kept(conn, "violation_report", f"甲{n % len(rows)}", column, old, day, county)
        summaries.rebuild_all(conn)
        changed = changed_numbers(conn)
        hold(conn, Scope.city(), (), changed)
        hold(conn, Scope.county(SOUTH), (), changed)
        hold(conn, Scope.city(), ("arts",), changed)
        conn.rollback()


def changed_numbers(conn: Connection) -> set[str]:
    """The numbers of the reports of which something that counts was replaced in the last week."""
    change = schema.row_change.c
    stmt = select(change.row_key).where(
        change.table_name == "violation_report",
        change.column_name.in_(READABLE["violation_report"]),
        change.changed_on > WEEK_AGO,
    )
    return set(conn.scalars(stmt))


def hold(conn: Connection, scope: Scope, categories: tuple[str, ...], changed: set[str]) -> None:
    """Hold every statement against every report asked, as it is and as it was known a week ago."""
    now = Known(conn, scope, THURSDAY, categories, None)
    for known in (now, Known(conn, scope, WEEK_AGO, categories, WEEK_AGO)):
        every = ask_every(known, changed)
        hold_changed(every)
        hold_counts(every)
    hold_looked_at(now)
    hold_lists(ask_every(now, changed))
    hold_first_come(ask_every(now, changed))
    hold_places(now)


def hold_changed(every: Every) -> None:
    asked = {**every.asked, "known_on": every.known.known_on, "changed_since": WEEK_AGO}
    frame = data_quality.findings(every.known.conn, **asked, limits=LIMITS)["violation_report"]
    for rule in quality_reports.ledger(every.known, LIMITS).rules:
        assert set(frame.loc[frame[rule.code], "id"]) == every.found[rule.code] & every.changed


def hold_counts(every: Every) -> None:
    counts = flawed_reports.counts(
        every.known.conn,
        **every.asked,
        known_on=every.known.known_on,
        unchanged_since=WEEK_AGO,
        limits=LIMITS,
        outside=OUTSIDE,
    )
    counted = {(row.rule, row.county_code): row for row in counts.itertuples()}
    right: dict[tuple[str, str], list[date]] = {}
    for rule, ids in every.found.items():
        for key in ids - every.changed:
            row = every.rows[key]
            right.setdefault((rule, row.county_code), []).append(row.received_by_us_on)
    assert {key: row.rows for key, row in counted.items()} == {
        key: len(days) for key, days in right.items()
    }
    for key, row in counted.items():
        assert row.first_on.date() <= min(right[key])


def hold_looked_at(known: Known) -> None:
    """How many reports each rule looks at, and how many there are at all."""
    ledger, conn = quality_reports.ledger(known, LIMITS), known.conn
    asked: dict[str, Any] = {
        "scope": known.scope,
        "as_of": known.day,
        "categories": known.categories,
    }
    looked = {rule.code: rule.looks_at for rule in ledger.rules} | dict(ledger.looked_at)
    county, narrowed = ledger.rows.c.county_code, known.of_categories(ledger.table, ledger.rows)
    counts = data_quality.checked(conn, **asked, limits=LIMITS)
    counts = counts[counts["table"] == ledger.table.name].set_index(["rule", "county_code"])["rows"]
    for code, is_it in (looked | {EVERY_ROW: true()}).items():
        stmt = select(county, func.count()).where(is_it, narrowed).group_by(county)
        counted = counts[counts.index.get_level_values("rule") == code].droplevel("rule")
        assert counted[counted > 0].to_dict() == dict(conn.execute(stmt).all()), code
    for known_on in (None, WEEK_AGO):
        plain = data_quality.row_counts(conn, **asked, known_on=known_on)
        plain = plain[plain["table"] == ledger.table.name].set_index("county_code")["rows"]
        by_then = true() if known_on is None else ledger.rows.c.received_by_us_on <= known_on
        stmt = select(county, func.count()).where(by_then, narrowed).group_by(county)
        assert plain.to_dict() == dict(conn.execute(stmt).all())


def hold_lists(every: Every) -> None:
    """Of each rule and county the first report, and then all but the first."""
    slices = [
        Slice(rule, code, *part)
        for rule in RULES
        for code in (CITY, SOUTH)
        for part in ((0, 1), (1, 999))
    ]
    listed = flawed_reports.listed(
        every.known.conn, **every.asked, limits=LIMITS, outside=OUTSIDE, slices=slices
    )
    right = [
        (rule, key)
        for rule in RULES
        for code in (CITY, SOUTH)
        for key in sorted(every.found[rule], key=lambda each: every.rows[each].report_no)
        if every.rows[key].county_code == code
    ]
    assert list(listed.itertuples(index=False, name=None)) == right
    ids = sorted({key for _, key in right})
    rows = data_quality.reports(every.known.conn, **every.asked, limits=LIMITS, report_ids=ids)
    assert sorted(rows["id"]) == ids


def hold_first_come(every: Every) -> None:
    for day in (THURSDAY, before(30), before(31), before(61)):
        come = flawed_reports.first_come(
            every.known.conn,
            **every.asked,
            limits=LIMITS,
            outside=OUTSIDE,
            received_until=dict.fromkeys(RULES, day),
        )
        assert sorted(come.itertuples(index=False, name=None)) == sorted(
            (rule, key)
            for rule in RULES
            for key in every.found[rule]
            if every.rows[key].received_by_us_on <= day
        )


def hold_places(known: Known) -> None:
    names = ("county_code", "cell", "longitude", "latitude")
    stmt = select(*(report[name] for name in names)).where(
        known.scope.allows(schema.violation_report), report.longitude.is_not(None)
    )
    located = set(map(tuple, known.conn.execute(stmt).all()))
    cells = flawed_reports.cells(known.conn, scope=known.scope)
    assert sorted(cells.itertuples(index=False, name=None)) == sorted(
        {(code, where) for code, where, *_ in located if where is not None}
    )
    places = flawed_reports.places(
        known.conn, scope=known.scope, cells=by_county(cells.itertuples(index=False, name=None))
    )
    assert len(places) == len(located)
    read = places.astype({"cell": "object"}).where(places.notna(), None)
    assert set(read.itertuples(index=False, name=None)) == located


def by_county(cells: Any) -> Mapping[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for code, where in cells:
        grouped.setdefault(code, []).append(where)
    return grouped


def test_places_of_the_cells_asked_for_come_back_and_no_others(conn: Connection) -> None:
    for point in (HERE, HERE, NEAR):
        make.report(conn, longitude=point[0], latitude=point[1], cell=cell(point))
    make.report(conn, longitude=HERE[0], latitude=HERE[1], cell=cell(HERE), county_code=SOUTH)
    make.report(conn)

    def places(scope: Scope, **cells: list[str]) -> list[list[Any]]:
        frame = flawed_reports.places(
            conn,
            scope=scope,
            cells={{"city": CITY, "south": SOUTH}[k]: v for k, v in cells.items()},
        )
        return frame[["county_code", "longitude", "latitude"]].to_numpy().tolist()

    assert places(Scope.city(), city=[cell(HERE)]) == [[CITY, *HERE]]
    assert places(Scope.county(SOUTH), city=[cell(HERE)], south=[cell(HERE)]) == [[SOUTH, *HERE]]
    assert places(Scope.city()) == []


def test_nothing_is_found_where_there_is_nothing(conn: Connection) -> None:
    asked: dict[str, Any] = {"scope": Scope.city(), "as_of": THURSDAY, "limits": LIMITS}
    nowhere = Outside({}, ())

    counts = flawed_reports.counts(conn, **asked, unchanged_since=WEEK_AGO, outside=nowhere)
    assert counts.empty
    assert counts.dtypes.astype(str).to_dict() == {
        "county_code": "str",
        "rule": "str",
        "rows": "int64",
        "first_on": "datetime64[s]",
    }
    slices = [Slice(rule, CITY, 0, 5) for rule in RULES]
    assert flawed_reports.listed(conn, **asked, outside=nowhere, slices=slices).empty
    until = dict.fromkeys(RULES, THURSDAY)
    assert flawed_reports.first_come(conn, **asked, outside=nowhere, received_until=until).empty
    assert data_quality.reports(conn, **asked, report_ids=[]).empty


def test_cells_are_noted_with_the_reports_of_a_week(conn: Connection) -> None:
    def noted(scope: Scope | None = None) -> set[tuple[str, str]]:
        frame = flawed_reports.cells(conn, scope=scope or Scope.city())
        return set(frame.itertuples(index=False, name=None))

    at = {"longitude": HERE[0], "latitude": HERE[1]}
    make.report(conn, **at, cell=cell(HERE))
    make.report(conn, **at, cell=cell(HERE))
    make.report(conn, **at, cell=cell(HERE), county_code=SOUTH, received_on=before(30))
    make.report(conn, **at, cell=None)
    assert noted() == {(CITY, cell(HERE)), (SOUTH, cell(HERE))}
    assert noted(Scope.county(SOUTH)) == {(SOUTH, cell(HERE))}

    moved = {"longitude": NEAR[0], "latitude": NEAR[1], "cell": cell(NEAR)}
    conn.execute(update(schema.violation_report).where(report.county_code == CITY).values(**moved))
    summaries.rebuild(conn, {"violation_report": [THURSDAY]})
    # A cell that has lost its last report costs a look, and is forgotten when all is counted again.
    assert noted() == {(CITY, cell(HERE)), (CITY, cell(NEAR)), (SOUTH, cell(HERE))}
    summaries.rebuild_all(conn)
    assert noted() == {(CITY, cell(NEAR)), (SOUTH, cell(HERE))}


def test_wrong_reports_of_the_weeks_asked_for_are_counted(conn: Connection) -> None:
    wrong: dict[str, Any] = {"place_name": None, "institution_name": "无此机构"}
    for days in (0, 6, 7, 13, 14):  # a week begins on a Friday
        make.report(conn, received_on=before(days), **wrong)
    make.report(conn, county_code=SOUTH, status="substantiated", place_name="角宿大厦")
    make.report(conn, place_name="角宿大厦")

    def weeks(scope: Scope) -> set[tuple[Any, ...]]:
        frame = flawed_reports.of_weeks(conn, scope=scope, weeks=(WEEK_AGO, THURSDAY))
        return {
            (row.county_code, row.rule, row.week.date(), row.rows)
            for row in frame.itertuples(index=False)
        }

    of_south = {(SOUTH, "report_no_verified_day", THURSDAY, 1)}
    assert weeks(Scope.county(SOUTH)) == of_south
    assert weeks(Scope.city()) == of_south | {
        (CITY, rule, week, 2)
        for rule in ("report_no_place", "report_unknown_institution")
        for week in (WEEK_AGO, THURSDAY)
    }
