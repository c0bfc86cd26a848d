"""Which reports are asked for, and how many of them each place has.

By sums of weeks where these know all that is asked for, else from the reports themselves
(``data_access.report_weeks``). For ``data_access.violations``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    func,
    select,
    union_all,
)

from data_access import report_weeks
from data_access.categories import of_categories
from data_access.corrections import VERIFIED
from data_access.frames import read_frame
from data_access.report_weeks import Weeks
from data_access.schema import report_place_summary, violation_report
from data_access.schema.summaries import TYPE_COLUMNS
from data_access.scope import Scope
from data_access.weeks import reporting_week

# What is known to have been verified only after the day was still being verified on it.
STILL_VERIFYING: Final = "verifying"
COUNTS: Final = {"reports": "int64", "verified": "int64", "substantiated": "int64"}
_PLACE_TYPES: Final = {
    "county_code": "str",
    "place_key": "str",
    "violation_type_group": "str",
    "reports": "int64",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which reports: received from ``since`` to ``until``, of these types, channels, states.

    ``None`` and empty narrow nothing. ``types`` and ``channels`` are the listed words of the
    group columns, ``states`` codes of ``vocabulary.REPORT_STATUS`` as they stood on the day.
    """

    since: date | None = None
    until: date | None = None
    types: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    states: tuple[str, ...] = ()


EVERYTHING: Final = Asked()


def conditions(
    scope: Scope, as_of: date, categories: tuple[str, ...], asked: Asked
) -> list[ColumnElement[bool]]:
    """Return what keeps a select of reports to the scope, the day and what was asked."""
    report = violation_report
    last = min(asked.until or as_of, as_of)
    conditions = [
        scope.allows(report),
        report.c.received_on <= last,
        report.c.week <= reporting_week(last),
        of_categories(report, categories, scope=scope),
    ]
    if asked.since:
        conditions += [
            report.c.received_on >= asked.since,
            report.c.week >= reporting_week(asked.since),
        ]
    if asked.types:
        conditions.append(report.c.violation_type_group.in_(asked.types))
    if asked.channels:
        conditions.append(report.c.channel_group.in_(asked.channels))
    if asked.states:
        conditions.append(state(report, as_of).in_(asked.states))
    return conditions


def state(report: FromClause, as_of: date) -> ColumnElement[str]:
    """Return the state of a report as it stood on the day."""
    verified_later = and_(report.c.status.in_(VERIFIED), report.c.verified_on > as_of)
    return case((verified_later, STILL_VERIFYING), else_=report.c.status)


def counts(as_of: date) -> tuple[ColumnElement[Any], ...]:
    """Return how many reports there are, verified by the day and found to be true by it."""
    report = violation_report
    substantiated = and_(report.c.status == "substantiated", report.c.verified_on <= as_of)
    return (
        func.count().label("reports"),
        func.count(case((report_weeks.verdict_by(as_of), 1))).label("verified"),
        func.count(case((substantiated, 1))).label("substantiated"),
    )


def _are_summed_up(categories: tuple[str, ...], asked: Asked) -> bool:
    """Whether the sums by place know all that is asked; else the reports are asked."""
    return not (categories or asked.types or asked.channels or asked.states)


def counted(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...], asked: Asked
) -> Subquery:
    """Count what is asked by county and place, by sums of weeks as far as they know it."""
    if not _are_summed_up(categories, asked):
        return _of_reports(conditions(scope, as_of, categories, asked), as_of).subquery("counted")
    weeks = report_weeks.weeks(conn, scope=scope, as_of=as_of, since=asked.since, until=asked.until)
    place = report_place_summary.c
    arms = [
        select(
            place.county_code,
            place.place_key,
            func.max(place.place_name).label("place_name"),
            func.max(place.address).label("address"),
            func.sum(place.longitude_sum).label("longitude"),
            func.sum(place.latitude_sum).label("latitude"),
            func.sum(place.located).label("located"),
            func.max(place.last_on).label("latest_on"),
            func.sum(place.n).label("reports"),
            func.sum(place.verified).label("verified"),
            func.sum(place.substantiated).label("substantiated"),
        )
        .where(*weeks.whole(report_place_summary, but=weeks.late))
        .group_by(place.county_code, place.place_key)
    ]
    if weeks.edges or weeks.late:
        report = violation_report.c
        by_report = [report.week.in_([*weeks.edges, *weeks.late]), *weeks.received()]
        found = _of_reports(by_report, as_of).subquery()
        arms.append(
            select(
                found.c.county_code,
                func.coalesce(found.c.place_key, ""),
                func.coalesce(found.c.place_name, ""),
                found.c.address,
                func.coalesce(found.c.longitude * found.c.located, 0.0),
                func.coalesce(found.c.latitude * found.c.located, 0.0),
                *(found.c[name] for name in ("located", "latest_on")),
                *(found.c[name] for name in COUNTS),
            )
        )
    each = union_all(*arms).subquery()
    located = func.sum(each.c.located)
    is_located = case((located > 0, located))
    return (
        select(
            each.c.county_code,
            func.nullif(each.c.place_key, "").label("place_key"),
            func.nullif(func.max(each.c.place_name), "").label("place_name"),
            func.max(each.c.address).label("address"),
            (func.sum(each.c.longitude) / is_located).label("longitude"),
            (func.sum(each.c.latitude) / is_located).label("latitude"),
            located.label("located"),
            func.max(each.c.latest_on).label("latest_on"),
            *(func.sum(each.c[name]).label(name) for name in COUNTS),
        )
        .group_by(each.c.county_code, each.c.place_key)
        .subquery("counted")
    )


def _of_reports(conditions: list[ColumnElement[bool]], as_of: date) -> Select[Any]:
    report = violation_report.c
    return (
        select(
            report.county_code,
            report.place_key,
            func.max(report.place_name).label("place_name"),
            func.max(report.address).label("address"),
            func.avg(report.longitude).label("longitude"),
            func.avg(report.latitude).label("latitude"),
            func.count(report.longitude).label("located"),
            func.max(report.received_on).label("latest_on"),
            *counts(as_of),
        )
        .where(*conditions)
        .group_by(report.county_code, report.place_key)
    )


def types(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...], asked: Asked
) -> pd.DataFrame:
    """Return what ``violations.place_types`` does."""
    if not _are_summed_up(categories, asked):
        return read_frame(
            conn, _types_of(conditions(scope, as_of, categories, asked)), _PLACE_TYPES
        )
    weeks = report_weeks.weeks(conn, scope=scope, as_of=as_of, since=asked.since, until=asked.until)
    parts = [_types_summed_up(conn, weeks)]
    if weeks.edges:
        parts.append(read_frame(conn, _types_of(weeks.at_edges()), _PLACE_TYPES))
    keys = list(_PLACE_TYPES)[:-1]
    added = pd.concat(parts).groupby(keys, as_index=False).agg(reports=("reports", "sum"))
    return added.astype(_PLACE_TYPES)


def _types_of(conditions: list[ColumnElement[bool]]) -> Select[Any]:
    report = violation_report.c
    columns = (report.county_code, report.place_key, report.violation_type_group)
    return (
        select(*columns, func.count().label("reports"))
        .where(*conditions, report.place_key.is_not(None))
        .group_by(*columns)
        .order_by(*columns)
    )


def _types_summed_up(conn: Connection, weeks: Weeks) -> pd.DataFrame:
    """Return ``violations.place_types`` of whole weeks: there a column a type."""
    place = report_place_summary.c
    stmt = (
        select(
            place.county_code,
            place.place_key,
            *(func.sum(place[name]).label(word) for name, word in TYPE_COLUMNS.items()),
        )
        .where(*weeks.whole(report_place_summary), place.place_key != "")
        .group_by(place.county_code, place.place_key)
        .order_by(place.county_code, place.place_key)
    )
    keys = ["county_code", "place_key"]
    words = list(TYPE_COLUMNS.values())
    wide = read_frame(conn, stmt, dict.fromkeys(keys, "str") | dict.fromkeys(words, "int64"))
    rows, types = wide[words].to_numpy().nonzero()
    return (
        wide[keys]
        .iloc[rows]
        .assign(
            violation_type_group=[words[at] for at in types],
            reports=wide[words].to_numpy()[rows, types],
        )
    )
