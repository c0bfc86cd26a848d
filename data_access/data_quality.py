"""Rows of the ledgers in which something is wrong, and how many rows were looked at.

Every function reads the rows as they are now, or with ``known_on`` as they were known on that day
(``data_access.as_known``): the same question of a week before says whether the ledgers got better.
``as_of`` is the day by which something is late. Rows born of visit plans
that are not released count for who holds them in scope; reporters' words are read by none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    Connection,
    Select,
    Table,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from data_access import quality_reports, report_weeks, schema
from data_access.as_known import row_key
from data_access.corrections import READABLE
from data_access.frames import read_frame
from data_access.ledgers.queries import is_one_of, select_in
from data_access.quality_known import Known, Ledger, Limits
from data_access.quality_rules import ledgers, plain_rows
from data_access.schema import county, row_change
from data_access.scope import Scope
from data_access.weeks import first_day, reporting_week

__all__ = [
    "EVERY_ROW",
    "Limits",
    "changed_on",
    "checked",
    "codes",
    "findings",
    "places",
    "reports",
    "row_counts",
    "weeks",
]

_WHICH: Final = {"table": "str", "id": "int64", "county_code": "str"}
_COUNTS: Final = {"table": "str", "rule": "str", "county_code": "str", "rows": "int64"}
_REPORTS: Final = schema.violation_report.name
EVERY_ROW: Final = ""  # in place of a rule's code: all rows of the table
_ROW: Final = {
    "id": "int64",
    "row_key": "str",
    "number": "str",
    "name": "str",
    "county_code": "str",
    "county": "str",
    "received_by_us_on": "datetime64[s]",
}


def findings(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    known_on: date | None = None,
    changed_since: date,
    limits: Limits,
    judged: Mapping[str, Sequence[int]] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return by table the rows that a rule finds, each row once.

    Of reports, those alone of which anything was replaced after ``changed_since``: all others
    are counted (``flawed_reports``).
    ``judged`` are ids, by table, of rows in which something else is wrong: they are among them.
    By county in the order of the city's documents, then by number:

    ==================  =============  =======================================================
    id                  int64          of the row in its table
    row_key             str            by what ``row_change`` names it
    number, name        str            what people call it by; may be unknown
    county_code         str            reporting unit
    county              str            its full name
    received_by_us_on   datetime64[s]  day on which it first came
    (values)            …              what rules look at, named as in ``quality_rules``
    (code of a rule)    bool           whether the rule finds it
    ==================  =============  =======================================================
    """
    judged = judged or {}
    known = Known(conn, scope, as_of, categories, known_on)
    known = replace(known, only={_REPORTS: quality_reports.changed(known, changed_since)})
    return {
        ledger.table.name: _found(known, ledger, judged.get(ledger.table.name, ()))
        for ledger in ledgers(known, limits)
    }


def checked(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    known_on: date | None = None,
    limits: Limits,
) -> pd.DataFrame:
    """Count the rows that each rule looked at, by table, rule and county.

    Among them ``report_outside``, which no SQL judges: it looks at the reports with a place.

    Returns ``table`` (str), ``rule`` (str, code; ``EVERY_ROW``: all rows of the table),
    ``county_code`` (str; NaN for lines of lists that name no county) and ``rows`` (int64).
    Counties without a row are left out.
    """
    known = Known(conn, scope, as_of, categories, known_on)
    counted: list[tuple[str, str, str | None, int]] = []
    for ledger in ledgers(known, limits):
        if ledger.table.name == _REPORTS and not categories and known_on is None:
            stmt = quality_reports.looked_at(known)
        else:
            stmt = _looked_at(known, ledger)
        for code, number_of_all, *numbers in conn.execute(stmt):
            of_rules = zip(stmt.selected_columns.keys()[2:], numbers, strict=True)
            counted += [
                (ledger.table.name, rule, code, int(number))
                for rule, number in [(EVERY_ROW, number_of_all), *of_rules]
            ]
    return pd.DataFrame(counted, columns=list(_COUNTS)).astype(_COUNTS)


def row_counts(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    known_on: date | None = None,
) -> pd.DataFrame:
    """Count the rows of each ledger by county: the lines of `checked` for ``EVERY_ROW`` alone."""
    known = Known(conn, scope, as_of, categories, known_on)
    counted: list[tuple[str, str, str | None, int]] = []
    for name, rows in plain_rows(known).items():
        if name == _REPORTS and not categories:
            stmt = quality_reports.counts(known)
        else:
            stmt = (
                select(rows.c.county_code, func.count())
                .select_from(rows)
                .where(known.of_categories(schema.metadata.tables[name], rows))
                .group_by(rows.c.county_code)
            )
        counted += [(name, EVERY_ROW, code, int(number)) for code, number in conn.execute(stmt)]
    return pd.DataFrame(counted, columns=list(_COUNTS)).astype(_COUNTS)


def places(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    known_on: date | None = None,
    changed_since: date,
) -> pd.DataFrame:
    """Return the institutions that say where they are, and such reports changed since a day.

    Returns ``table`` (str), ``id`` (int64), ``county_code`` (str), ``longitude`` and ``latitude``
    (float64, WGS-84 degrees). Whether they lie in their county no SQL says.
    """
    known = Known(conn, scope, as_of, categories, known_on)
    known = replace(known, only={_REPORTS: quality_reports.changed(known, changed_since)})
    arms = [
        _of(known, table, "longitude", "latitude")
        for table in (schema.institution, schema.violation_report)
    ]
    degrees = dict.fromkeys(("longitude", "latitude"), "float64")
    return read_frame(conn, union_all(*arms), {**_WHICH, **degrees})


def reports(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    limits: Limits,
    report_ids: Sequence[int],
) -> pd.DataFrame:
    """Return the reports of these ids as they stand now: the columns of `findings`, in its order.

    Besides, ``longitude`` and ``latitude`` (float64).
    """
    known = Known(conn, scope, as_of, categories, None)
    asked = is_one_of(conn, schema.violation_report.c.id, report_ids)
    known = replace(known, only={_REPORTS: asked})
    return _found(known, quality_reports.ledger(known, limits), report_ids)


def codes(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    known_on: date | None = None,
) -> pd.DataFrame:
    """Return the institutions with a credit code, and such lines of lists that have found none.

    Returns ``table`` (str), ``id`` (int64), ``county_code`` and
    ``credit_code`` (str). Whether the check digit holds no SQL says.
    """
    known = Known(conn, scope, as_of, categories, known_on)
    arms = [_of(known, table, "credit_code") for table in (schema.institution, schema.roster_entry)]
    return read_frame(conn, union_all(*arms), {**_WHICH, "credit_code": "str"})


def _of(known: Known, table: Table, *values: str) -> Select[Any]:
    rows = known.rows(table)
    said = [rows.c[name].is_not(None) for name in values]
    if table is schema.roster_entry:
        said.append(rows.c.institution_id.is_(None))
    return select(
        literal(table.name).label("table"),
        rows.c.id,
        rows.c.county_code,
        *(rows.c[name] for name in values),
    ).where(*said, known.of_categories(table, rows))


def weeks(
    conn: Connection, *, scope: Scope, as_of: date, since: date, known_on: date | None = None
) -> pd.DataFrame:
    """Count the reports of each county and week from the week of ``since`` to ``as_of``.

    Returns ``county_code``, ``county`` (str), ``week`` (datetime64[s], the Thursday that names
    it) and ``reports`` (int64), in the order of the city's documents; weeks without one are left
    out.
    """
    first, last = reporting_week(since), reporting_week(as_of)
    asked = report_weeks.weeks(conn, scope=scope, as_of=as_of, since=first_day(first))
    arms = []
    for table, n, conditions in (
        (
            schema.report_week_summary,
            func.sum(schema.report_week_summary.c.n),
            asked.whole(schema.report_week_summary),
        ),
        (schema.violation_report, func.count(), asked.at_edges() if asked.edges else None),
    ):
        if conditions is not None:
            known = true() if known_on is None else table.c.received_by_us_on <= known_on
            arms.append(
                select(table.c.county_code, table.c.week, n.label("reports"))
                .where(*conditions, known, table.c.week.between(first, last))
                .group_by(table.c.county_code, table.c.week)
            )
    each = union_all(*arms).subquery()
    stmt = (
        select(each.c.county_code, county.c.name.label("county"), each.c.week, each.c.reports)
        .join(county, county.c.code == each.c.county_code)
        .order_by(county.c.ordinal, each.c.week)
    )
    names = {"county_code": "str", "county": "str", "week": "datetime64[s]", "reports": "int64"}
    return read_frame(conn, stmt, names)


def changed_on(
    conn: Connection, *, scope: Scope, keys: Mapping[str, Iterable[str]]
) -> pd.DataFrame:
    """Return when columns of the rows of these ``keys``, by table, last got another value.

    Returns ``table``, ``row_key``, ``column`` (str) and ``changed_on`` (datetime64[s]), of changes
    to columns of ``corrections.READABLE``.
    """
    change = row_change.c
    found: list[tuple[Any, ...]] = []
    for table, wanted in keys.items():
        stmt = (
            select(
                change.table_name, change.row_key, change.column_name, func.max(change.changed_on)
            )
            .where(
                scope.allows(row_change),
                change.table_name == table,
                change.column_name.in_(READABLE.get(table, ())),
            )
            .group_by(change.table_name, change.row_key, change.column_name)
        )
        found += select_in(conn, stmt, change.row_key, wanted)
    names = {"table": "str", "row_key": "str", "column": "str", "changed_on": "datetime64[s]"}
    return pd.DataFrame(found, columns=list(names)).astype(names)


def _looked_at(known: Known, ledger: Ledger) -> Select[Any]:
    looked = {rule.code: rule.looks_at for rule in ledger.rules} | dict(ledger.looked_at)
    sums = [func.sum(case((is_it, 1), else_=0)).label(code) for code, is_it in looked.items()]
    return (
        select(ledger.rows.c.county_code, func.count(), *sums)
        .select_from(ledger.rows)
        .where(known.of_categories(ledger.table, ledger.rows))
        .group_by(ledger.rows.c.county_code)
    )


def _found(known: Known, ledger: Ledger, judged: Sequence[int]) -> pd.DataFrame:
    flags = [case((rule.finds, 1), else_=0).label(rule.code) for rule in ledger.rules]
    stmt = (
        _row(ledger)
        .add_columns(*(ledger.rows.c[name] for name in ledger.values), *flags)
        .where(
            or_(
                *(rule.finds for rule in ledger.rules),
                is_one_of(known.conn, ledger.rows.c.id, judged) if judged else false(),
            ),
            known.of_categories(ledger.table, ledger.rows),
        )
        .order_by(county.c.ordinal, ledger.number, ledger.rows.c.id)
    )
    dtypes = {
        **_ROW,
        **ledger.values,
        **dict.fromkeys((rule.code for rule in ledger.rules), "bool"),
    }
    return read_frame(known.conn, stmt, dtypes)


def _row(ledger: Ledger) -> Select[Any]:
    rows = ledger.rows
    return (
        select(
            rows.c.id,
            row_key(ledger.table.name, rows).label("row_key"),
            ledger.number.label("number"),
            ledger.name.label("name"),
            rows.c.county_code,
            county.c.name.label("county"),
            rows.c.received_by_us_on,
        )
        .select_from(rows)
        .outerjoin(county, county.c.code == rows.c.county_code)
    )
