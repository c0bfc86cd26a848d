"""What reports weigh at an institution or a place on a day, from sums by week; see `evidence`.

A report weighs half after every so many days, counted from the day received. The sums have
each day of the week, so that the weight is exact whatever the half-life; at the ends of the
time, and where a verdict came after the day, the reports themselves are counted.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Float,
    Select,
    Subquery,
    and_,
    case,
    column,
    func,
    or_,
    select,
    union_all,
    values,
)

from data_access.corrections import VERIFIED
from data_access.frames import read_frame
from data_access.known import HISTORY
from data_access.report_unit_summaries import INSTITUTION, OF_ONE, PLACE
from data_access.report_weeks import Weeks, weeks
from data_access.report_weighing import REPORTS, SUMS, UNIT, Weighing, reports_of, with_units, worth
from data_access.schema import (
    institution,
    report_unit_summary,
    violation_report,
)
from data_access.schema.unit_summaries import WEEKDAYS
from data_access.scope import Scope
from data_access.weeks import WEEK, thursdays

_report: Final = violation_report.c
_SAID: Final = ("place_name", "address")
_DECIMALS: Final = 7  # to a centimetre: databases add up in an order of their own
_PLACES: Final = {
    "institution_id": "Int64",
    **dict.fromkeys(("place_key", "county_code", *_SAID), "str"),
    **dict.fromkeys(("longitude", "latitude"), "float64"),
    "first_on": "datetime64[s]",
}
_POINTS: Final = ("located", "longitude_sum", "latitude_sum", "named", "addressed")
_LAST: Final = ("proven_on", "open_on")


def reports_and_places(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    since: date | None = None,
    half_life_days: float,
) -> dict[str, pd.DataFrame]:
    """Return what reports from ``since`` to the day weigh, by unit, and where places lie.

    ``reports``: one row per institution that reports are tied to, and per place of reports that
    are tied to none. Those that name neither are left out. What was verified after the day is
    not verified yet.

    ==============  =============  ==========================================================
    known_on        datetime64[s]  the day
    institution_id  Int64          NA: a place
    place_key       str            missing: an institution
    reports         int64
    proven          int64          substantiated by the day
    proven_worth    float64        what these weigh on the day, a report of the day itself 1
    proven_on       datetime64[s]  the last day on which one of these was received
    open            int64          without a verdict by the day; the next two as above
    open_worth      float64
    open_on         datetime64[s]
    verified_on     datetime64[s]  NaT: see :func:`reports_by_week`
    found_on        datetime64[s]  the same
    ==============  =============  ==========================================================

    ``places``: the places of reports that are tied to no institution, and the institutions of
    which the ledger does not know where they are. A place lies where its reports say on average.

    ====================  =============  =================================================
    institution_id        Int64          NA: a place
    place_key             str            missing: an institution
    county_code           str            missing: an institution
    place_name, address   str            as the last report says that says any; the same
    longitude, latitude   float64        WGS-84 degrees; NaN: no report has any
    first_on              datetime64[s]  the first day on which one was received
    ====================  =============  =================================================
    """
    first = since or as_of - HISTORY
    asked = weeks(conn, scope=scope, as_of=as_of, since=first)
    unit = _units(asked, half_life_days).c
    nowhere = select(institution.c.id).where(
        scope.allows(institution),
        or_(institution.c.longitude.is_(None), institution.c.latitude.is_(None)),
    )
    stmt = select(
        *(unit[name] for name in (*UNIT, "county_code", *SUMS, *_LAST, "first_on", *_POINTS)),
        unit.institution_id.in_(nowhere).label("is_nowhere"),
        *(
            case((counted > 0, _last_said(name, unit, scope, first, as_of))).label(name)
            for name, counted in zip(_SAID, (unit.named, unit.addressed), strict=True)
        ),
    ).order_by(unit.institution_id, unit.place_key)
    found = read_frame(
        conn,
        stmt,
        {
            **dict.fromkeys((*UNIT, "county_code"), "object"),
            **{name: REPORTS[name] for name in (*SUMS, *_LAST)},
            "first_on": "datetime64[s]",
            **dict.fromkeys(_POINTS, "float64"),
            "is_nowhere": "bool",
            **dict.fromkeys(_SAID, "str"),
        },
    )
    return {"reports": reports_of(found.assign(known_on=as_of)), "places": _places(found)}


def _units(asked: Weeks, half_life_days: float) -> Subquery:
    """Add up what is known of each unit: whole weeks from the sums, of the others the reports."""
    apart = tuple(sorted({*asked.edges, *asked.late}))
    arms = [of_whole_weeks(asked, half_life_days)]
    if apart:
        arms.append(_one_by_one(asked, apart, half_life_days))
    each = union_all(*arms).subquery().c
    return (
        select(
            *(each[name] for name in UNIT),
            func.min(each.county_code).label("county_code"),
            func.min(each.first_on).label("first_on"),
            *(func.sum(each[name]).label(name) for name in (*SUMS, *_POINTS)),
            *(func.max(each[name]).label(name) for name in _LAST),
        )
        .group_by(*(each[name] for name in UNIT))
        .subquery("unit")
    )


def of_whole_weeks(asked: Weeks, half_life_days: float) -> Select[Any]:
    """Add up by unit the weeks of which the sums say what was known on the day."""
    over = thursdays(asked.first, asked.until) or [asked.last]
    each = Weighing(over, WEEKDAYS, asked.as_of, half_life_days)
    table, of = report_unit_summary, report_unit_summary.c
    sums = {
        "reports": of.n,
        "proven": of.proven,
        "proven_worth": each.weighed(table, "proven"),
        "open": of.open,
        "open_worth": each.weighed(table, "open"),
        **{name: of[name] for name in _POINTS},
    }
    return (
        select(
            *(of[name] for name in UNIT),
            func.min(of.county_code).label("county_code"),
            func.min(of.first_on).label("first_on"),
            *(func.sum(value).label(name) for name, value in sums.items()),
            *(func.max(of[name]).label(name) for name in _LAST),
        )
        .join(each.week, each.week.c.week == of.week)
        .where(*asked.whole(table, but=asked.late))
        .group_by(*(of[name] for name in UNIT))
    )


def _one_by_one(asked: Weeks, apart: tuple[date, ...], half_life_days: float) -> Select[Any]:
    """Add up by unit the reports of the other weeks, each as the day knew it."""
    days = [last - timedelta(days=back) for last in apart for back in range(WEEK.days)]
    day = (
        values(column("day", Date), column("worth", Float), name="day")
        .data([(one, worth(one, asked.as_of, half_life_days)) for one in days])
        .cte("day")
    )
    is_known = and_(
        _report.status.in_(VERIFIED),
        or_(_report.verified_on.is_(None), _report.verified_on <= asked.as_of),
    )
    is_proven, is_open = and_(is_known, _report.status == "substantiated"), ~is_known
    return (
        select(
            INSTITUTION,
            PLACE,
            func.min(_report.county_code),
            func.min(_report.received_on),
            func.count(),
            func.count(case((is_proven, 1))),
            func.coalesce(func.sum(case((is_proven, day.c.worth))), 0.0),
            func.count(case((is_open, 1))),
            func.coalesce(func.sum(case((is_open, day.c.worth))), 0.0),
            func.count(_report.longitude),
            func.coalesce(func.sum(_report.longitude), 0.0),
            func.coalesce(func.sum(_report.latitude), 0.0),
            func.count(_report.place_name),
            func.count(_report.address),
            func.max(case((is_proven, _report.received_on))),
            func.max(case((is_open, _report.received_on))),
        )
        .join(day, day.c.day == _report.received_on)
        .where(*asked.received(), _report.week.in_(apart), OF_ONE)
        .group_by(INSTITUTION, PLACE)
    )


def _last_said(name: str, unit: Any, scope: Scope, since: date, as_of: date) -> ColumnElement[Any]:
    """Return what the last report of a place says that says any."""
    other = violation_report.alias("other")
    return (
        select(other.c[name])
        .where(
            scope.allows(other),
            other.c.place_key == unit.place_key,
            other.c.received_on.between(since, as_of),
            other.c.institution_id.is_(None),
            other.c[name].is_not(None),
        )
        .order_by(other.c.received_on.desc(), other.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _places(found: pd.DataFrame) -> pd.DataFrame:
    is_place = found["institution_id"] == 0
    found = found[is_place | found["is_nowhere"]].reset_index(drop=True)
    is_place = found["institution_id"] == 0
    located = found["located"].where(found["located"] > 0)
    found = with_units(found).assign(
        county_code=found["county_code"].where(is_place),
        longitude=found["longitude_sum"] / located,
        latitude=found["latitude_sum"] / located,
    )
    found = found.reindex(columns=list(_PLACES)).astype(_PLACES)
    return found.round(dict.fromkeys(("longitude", "latitude"), _DECIMALS))
