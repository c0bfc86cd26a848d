"""What is open in each town (街道、乡镇), so that a county can hand it on.

The town of an institution or a report is told by its address (``ledgers.towns``). An item is in the
town of its institution, else in the one town in which the county's institutions and reports at
its building or estate are; a dispute in the town of its institution. What is in no town that
could be told stands in a line of its own, so that the lines of a county add up to its figures.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from data_access.categories import of_categories
from data_access.corrections import VERIFIED
from data_access.frames import read_frame
from data_access.rectification import allowed, not_closed_by
from data_access.schema import (
    county,
    institution,
    rectification,
    rectification_spell,
    refund_dispute,
    report_place_summary,
    report_week_summary,
    town,
    violation_report,
)
from data_access.schema.report_indexes import OPEN_REPORT
from data_access.scope import Scope
from data_access.weeks import reporting_week

# What can be open, in the order in which it is listed.
KINDS: Final = ("report", "item", "dispute", "unregistered", "unqualified")
NOT_TOLD: Final = ""  # in place of a town's code


def open_by_town(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Count what is open on ``as_of``, by county and town.

    Reports received and not verified by the day; items open on it and of these overdue (the due day
    is in time); disputes open on it; non-subject institutions in operation on the day that are not
    on the national platform, and that have not been found qualified. The same rows as on the
    pages of these ledgers. Counties in the order of the city's documents, their towns by
    code, what could not be told last; towns with nothing open are left out.

    ===================  =====  =================================================================
    county_code, county  str    reporting unit
    town_code            str    code of the town; ``NOT_TOLD``
    town                 str    its name; NaN where it could not be told
    reports              int64  reports without a conclusion
    items, overdue       int64  items not closed; of these past their due day
    disputes             int64  disputes not resolved
    unregistered         int64  institutions not on the platform
    unqualified          int64  institutions not found qualified
    ===================  =====  =================================================================
    """
    open_ = _everything(conn, scope, as_of, categories)

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    code = func.coalesce(open_.c.town_code, NOT_TOLD)
    counts = {
        "reports": count(open_.c.kind == "report"),
        "items": count(open_.c.kind == "item"),
        "overdue": count(and_(open_.c.kind == "item", open_.c.due_on < as_of)),
        "disputes": count(open_.c.kind == "dispute"),
        "unregistered": count(open_.c.kind == "unregistered"),
        "unqualified": count(open_.c.kind == "unqualified"),
    }
    stmt = (
        select(
            open_.c.county_code,
            county.c.name.label("county"),
            code.label("town_code"),
            town.c.name.label("town"),
            *(value.label(name) for name, value in counts.items()),
        )
        .select_from(open_)
        .join(county, county.c.code == open_.c.county_code)
        .outerjoin(town, town.c.code == open_.c.town_code)
        .group_by(open_.c.county_code, county.c.name, county.c.ordinal, code, town.c.name)
        .order_by(county.c.ordinal, code == NOT_TOLD, code)
    )
    names = dict.fromkeys(("county_code", "county", "town_code", "town"), "str")
    return read_frame(conn, stmt, names | dict.fromkeys(counts, "int64"))


def open_in_town(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    county_code: str,
    town_code: str,
) -> pd.DataFrame:
    """List what `open_by_town` counts in one town of a county; ``NOT_TOLD``: in none.

    In the order of ``KINDS``, the oldest first, without the words of reporters:

    ===========  =============  ================================================================
    county_code  str            reporting unit
    kind         str            one of ``KINDS``
    number       str            of the ledger; of an institution its credit code; may be unknown
    name         str            institution, else building or estate; may be unknown
    address      str            as the institution or the report says; may be unknown
    what         str            类型 of a report or item; NaN of others
    since        datetime64[s]  received, opened, registered, found
    due_on       datetime64[s]  last day in time of an item; NaT of others
    ===========  =============  ================================================================
    """
    open_ = _everything(conn, scope, as_of, categories)
    names = {
        **dict.fromkeys(("county_code", "kind", "number", "name", "address", "what"), "str"),
        **dict.fromkeys(("since", "due_on"), "datetime64[s]"),
    }
    order = case({kind: place for place, kind in enumerate(KINDS)}, value=open_.c.kind)
    stmt = (
        select(*(open_.c[name] for name in names))
        .where(
            open_.c.county_code == county_code,
            func.coalesce(open_.c.town_code, NOT_TOLD) == town_code,
        )
        .order_by(order, open_.c.since, open_.c.number, open_.c.name)
    )
    return read_frame(conn, stmt, names)


def _everything(
    conn: Connection, scope: Scope, as_of: date, categories: tuple[str, ...]
) -> Subquery:
    return union_all(
        *_reports(conn, scope, as_of, categories),
        _items(scope, as_of, categories),
        _disputes(scope, as_of, categories),
        _institutions(scope, as_of, categories, "unregistered"),
        _institutions(scope, as_of, categories, "unqualified"),
    ).subquery("open_")


def _reports(
    conn: Connection, scope: Scope, as_of: date, categories: tuple[str, ...]
) -> list[Select[Any]]:
    """Select reports not verified by the day: still open, or verified since, if any were."""
    week = report_week_summary.c
    later = select(week.week).where(
        scope.allows(report_week_summary), week.last_verified_on > as_of
    )
    has_later = conn.scalar(later.limit(1)) is not None
    report = violation_report.c
    verified_since = and_(
        report.verified_week >= reporting_week(as_of),
        report.verified_on > as_of,
        report.status.in_(VERIFIED),
    )
    conditions = [and_(OPEN_REPORT), *([verified_since] if has_later else [])]
    return [
        _open(
            violation_report,
            "report",
            town_code=report.town_code,
            number=report.report_no,
            name=func.coalesce(report.institution_name, report.place_name),
            address=report.address,
            what=report.violation_type_group,
            since=report.received_on,
        ).where(
            scope.allows(violation_report),
            of_categories(violation_report, categories, scope=scope),
            report.received_on <= as_of,
            condition,
        )
        for condition in conditions
    ]


def _items(scope: Scope, as_of: date, categories: tuple[str, ...]) -> Select[Any]:
    item, spell, whose, places = rectification, rectification_spell, institution, _places(scope)
    return (
        _open(
            item,
            "item",
            town_code=func.coalesce(whose.c.town_code, places.c.town_code),
            number=item.c.ledger_no,
            name=func.coalesce(item.c.institution_name, item.c.place_name),
            address=whose.c.address,
            what=item.c.issue_type,
            since=spell.c.opened_on,
            due_on=item.c.due_on,
        )
        .select_from(item)
        .join(spell, spell.c.rectification_id == item.c.id)
        .outerjoin(whose, and_(whose.c.id == item.c.institution_id, scope.allows(whose)))
        .outerjoin(
            places,
            and_(
                places.c.county_code == item.c.county_code,
                places.c.place_name == item.c.place_name,
            ),
        )
        .where(*allowed(scope, categories), spell.c.opened_on <= as_of, not_closed_by(as_of))
    )


def _disputes(scope: Scope, as_of: date, categories: tuple[str, ...]) -> Select[Any]:
    dispute, whose = refund_dispute, institution
    return (
        _open(
            dispute,
            "dispute",
            town_code=whose.c.town_code,
            number=dispute.c.dispute_no,
            name=dispute.c.institution_name,
            address=whose.c.address,
            since=dispute.c.opened_on,
        )
        .select_from(dispute)
        .outerjoin(whose, and_(whose.c.id == dispute.c.institution_id, scope.allows(whose)))
        .where(
            scope.allows(dispute),
            of_categories(dispute, categories, scope=scope),
            dispute.c.opened_on <= as_of,
            or_(dispute.c.resolved_on.is_(None), dispute.c.resolved_on > as_of),
        )
    )


def _institutions(scope: Scope, as_of: date, categories: tuple[str, ...], kind: str) -> Select[Any]:
    one = institution.c
    day = one.platform_registered_on if kind == "unregistered" else one.qualified_on
    return _open(
        institution,
        kind,
        town_code=one.town_code,
        number=one.credit_code,
        name=one.name,
        address=one.address,
        since=one.found_on,
    ).where(
        scope.allows(institution),
        one.category.in_(categories) if categories else one.category.is_not(None),
        one.category != "subject",
        one.found_on <= as_of,
        or_(one.deregistered_on.is_(None), one.deregistered_on > as_of),
        or_(day.is_(None), day > as_of),
    )


def _open(table: FromClause, kind: str, **values: ColumnElement[Any]) -> Select[Any]:
    """Select one kind of what is open, in columns that all kinds share."""
    missing: dict[str, ColumnElement[Any]] = {
        "what": cast(null(), String),
        "due_on": cast(null(), Date),
    }
    names = ("town_code", "number", "name", "address", "what", "since", "due_on")
    columns: list[ColumnElement[Any]] = [table.c.county_code, literal(kind).label("kind")]
    columns += [{**missing, **values}[name].label(name) for name in names]
    return select(*columns)


def _places(scope: Scope) -> Subquery:
    """Return the buildings and estates of items that all lie in one town, and the town."""
    named = (
        select(rectification.c.county_code, rectification.c.place_name)
        .where(scope.allows(rectification), rectification.c.place_name.is_not(None))
        .distinct()
        .subquery()
    )
    own = (
        select(
            institution.c.county_code,
            institution.c.place_name,
            func.min(institution.c.town_code).label("first"),
            func.max(institution.c.town_code).label("last"),
        )
        .where(scope.allows(institution), institution.c.place_name.is_not(None))
        .group_by(institution.c.county_code, institution.c.place_name)
        .subquery()
    )
    place = report_place_summary.c
    reported = [
        select(end)
        .where(
            scope.allows(report_place_summary),
            place.county_code == named.c.county_code,
            place.place_name == named.c.place_name,
        )
        .scalar_subquery()
        for end in (func.min(place.first_town), func.max(place.last_town))
    ]
    labels = ["own_first", "reported_first", "own_last", "reported_last"]
    known = (
        select(
            named,
            *(
                end.label(label)
                for end, label in zip(
                    (own.c.first, reported[0], own.c.last, reported[1]), labels, strict=True
                )
            ),
        )
        .select_from(named)
        .outerjoin(
            own,
            and_(own.c.county_code == named.c.county_code, own.c.place_name == named.c.place_name),
        )
        .subquery()
    )
    one = func.coalesce(known.c[labels[0]], known.c[labels[1]])
    return (
        select(known.c.county_code, known.c.place_name, one.label("town_code"))
        .where(*(one == func.coalesce(known.c[label], one) for label in labels))
        .subquery("places")
    )
