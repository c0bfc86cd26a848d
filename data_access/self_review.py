"""What the clauses of the action plan are held against, counted for each county by a day.

Counts alone. Registration, items, disputes and reports of the week are counted by their own
modules (``meeting_counts``); here stands what only a county's review of itself asks for.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from data_access import reference, report_weeks
from data_access.report_weeks import Weeks, verdict_by
from data_access.schema import (
    course_fee,
    inspection,
    institution,
    rectification,
    rectification_spell,
    refund_dispute,
    report_conclusion_summary,
    report_place_summary,
    roster_entry,
    verification,
    violation_report,
    weekly_summary,
)
from data_access.scope import Scope
from data_access.summaries import COUNTS
from data_access.supervision_points import in_operation
from data_access.vocabulary import VERIFICATION_ITEM

# 教监管厅函〔2021〕8号 and the plan name these forms. 假注销真运营 is left out: who looks like
# it is the supervision team's to know.
HIDDEN_FORMS: Final = (
    "一对一",
    "高端家政",
    "众筹私教",
    "住家教师",
    "研学旅行",
    "咨询或文化传播名义",
    "线上直播",
)
OPEN_CLASSES: Final = ("学科类违规开班",)
PRICES: Final = ("恶意涨价", "预收费违规")
GRID: Final = "网格巡查"
# The lists that the plan names: 社区走访、问卷、申报、教育部下发、工商登记.
PLAN_SOURCES: Final = (
    "community_visit",
    "questionnaire",
    "self_report",
    "moe",
    "market_regulator",
)
_RECEIVED, _CONCLUDED, _CHANNEL = (
    *("violation_report", "violation_report_concluded", "violation_report_channel"),
)
BUSY_PLACE: Final = 2  # reports, from which a building needs to be looked at
_COUNTS: Final = (
    *("institutions", "non_subject", "verified", *(f"item_{item}" for item in VERIFICATION_ITEM)),
    *("fees_known", "contracts", "priced", "with_prices"),
    *("lines", "settled", "sources"),
    *("hidden", "hidden_handled", "hidden_proven", "classes", "classes_handled"),
    *("price_reports", "price_handled", "channels", "grid"),
    *("busy_places", "busy_inspected", "joint", "unannounced"),
    *("items", "items_closed", "items_accepted", "disputes", "disputes_resolved"),
)


def review_counts(conn: Connection, *, scope: Scope, as_of: date, since: date) -> pd.DataFrame:
    """Count, for each county in scope, what the plan's clauses ask for, by ``as_of``.

    Institutions are those in operation on the day, of every category. Reports and
    inspections are those from ``since`` (the first day of the campaign) to the day, both
    included. What a ledger keeps without a day (预收费监管方式, 示范合同, 群众认可, how a line
    of a source list was settled) counts as it stands now.

    Returns one row per county, zeros included, in the order of the city's documents:
    ``county_code`` and ``county`` (str), and these counts (int64):

    ==========================  =========================================================
    institutions, non_subject   in operation; of these not 学科类
    verified, item_…            of the institutions: all seven items have an outcome, pass or
                                fail, by the day; this item has
    fees_known                  of the non-subject ones: 预收费监管方式 is on record
    contracts                   of the institutions: 使用示范合同
    priced, with_prices         of the non-subject ones: prices are on record; the non-subject
                                ones where the county has any price on record, else 0
    lines, settled, sources     lines of source lists; matched or dismissed; kinds of list of
                                the five that the plan names
    hidden, hidden_handled      reports of :data:`HIDDEN_FORMS`; verified
    hidden_proven               … and substantiated
    classes, classes_handled    reports of 学科类违规开班; verified
    price_reports, …_handled    reports of :data:`PRICES`; verified
    channels, grid              channels by which reports came; reports of 网格巡查
    busy_places, …_inspected    buildings with two reports or more; looked at
    joint, unannounced          inspections by several departments; unannounced
    items, items_closed         rectification items by the day; not open on it
    items_accepted              of the closed ones: 群众认可
    disputes, …_resolved        refund disputes by the day; resolved
    ==========================  =========================================================
    """
    weeks = report_weeks.weeks(conn, scope=scope, as_of=as_of, since=since)
    statements = (
        _institutions(scope, as_of),
        _rosters(scope, as_of),
        _reports(weeks),
        _busy_places(weeks, as_of, since),
        _inspections(scope, as_of, since),
        _items(scope, as_of),
        _disputes(scope, as_of),
    )
    counts: dict[str, dict[str, int]] = {}
    for stmt in statements:
        for row in conn.execute(stmt).mappings():
            of_county = counts.setdefault(row["county_code"], {})
            of_county |= {k: int(v or 0) for k, v in row.items() if k != "county_code"}
    units = reference.counties(conn, scope=scope)
    frame: dict[str, Any] = {
        "county_code": pd.Series([unit.code for unit in units], dtype="str"),
        "county": pd.Series([unit.name for unit in units], dtype="str"),
    }
    for name in _COUNTS:
        values = [counts.get(unit.code, {}).get(name, 0) for unit in units]
        frame[name] = pd.Series(values, dtype="int64")
    # A ledger that nothing has come into says nothing of anybody.
    frame["with_prices"] = frame["non_subject"].where(frame["with_prices"] > 0, 0)
    return pd.DataFrame(frame)


def _institutions(scope: Scope, as_of: date) -> Select[Any]:
    one, looked = institution.c, verification.c
    items = (
        select(
            looked.institution_id,
            func.count(distinct(looked.item)).label("looked_at"),
            *(
                func.max(case((looked.item == item, 1), else_=0)).label(item)
                for item in VERIFICATION_ITEM
            ),
        )
        .where(scope.allows(verification), looked.verified_on <= as_of, looked.outcome != "pending")
        .group_by(looked.institution_id)
        .subquery()
    )
    is_priced = exists().where(
        scope.allows(course_fee),
        course_fee.c.institution_id == one.id,
        course_fee.c.effective_on <= as_of,
    )
    other = one.category != "subject"
    return (
        select(
            one.county_code,
            func.count().label("institutions"),
            _count(other).label("non_subject"),
            _count(items.c.looked_at == len(VERIFICATION_ITEM)).label("verified"),
            *(func.sum(items.c[item]).label(f"item_{item}") for item in VERIFICATION_ITEM),
            _count(and_(other, one.fee_supervision.is_not(None))).label("fees_known"),
            _count(one.standard_contract.is_(True)).label("contracts"),
            _count(and_(other, is_priced)).label("priced"),
            _count(is_priced).label("with_prices"),
        )
        .select_from(institution)
        .outerjoin(items, items.c.institution_id == one.id)
        .where(scope.allows(institution), *in_operation(as_of))
        .group_by(one.county_code)
    )


def _rosters(scope: Scope, as_of: date) -> Select[Any]:
    line = roster_entry.c
    named = case((line.source.in_(PLAN_SOURCES), line.source))
    return (
        select(
            line.county_code,
            func.count().label("lines"),
            _count(line.match_status != "unmatched").label("settled"),
            func.count(distinct(named)).label("sources"),
        )
        .where(
            scope.allows(roster_entry),
            line.county_code.is_not(None),
            line.received_by_us_on <= as_of,
        )
        .group_by(line.county_code)
    )


def _reports(weeks: Weeks) -> Select[Any]:
    told = _told(weeks).subquery()
    concluded = told.c.subject == _CONCLUDED
    received = told.c.subject == _RECEIVED
    proven = and_(concluded, told.c.status == "substantiated")

    def of(types: tuple[str, ...], which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((and_(which, told.c.kind.in_(types)), told.c.n), else_=0))

    by_channel = told.c.subject == _CHANNEL
    return select(
        told.c.county_code,
        of(HIDDEN_FORMS, received).label("hidden"),
        of(HIDDEN_FORMS, concluded).label("hidden_handled"),
        of(HIDDEN_FORMS, proven).label("hidden_proven"),
        of(OPEN_CLASSES, received).label("classes"),
        of(OPEN_CLASSES, concluded).label("classes_handled"),
        of(PRICES, received).label("price_reports"),
        of(PRICES, concluded).label("price_handled"),
        func.count(distinct(case((by_channel, told.c.kind)))).label("channels"),
        of((GRID,), by_channel).label("grid"),
    ).group_by(told.c.county_code)


def _told(weeks: Weeks) -> CompoundSelect[Any]:
    """Return reports received, concluded by the day, and by channel; whole weeks by sums."""
    summary = weekly_summary.c
    columns = ("subject", "county_code", "status", "kind", "n")
    arms = [
        select(*(summary[name] for name in columns)).where(
            *weeks.whole(weekly_summary), summary.subject.in_((_RECEIVED, _CONCLUDED, _CHANNEL))
        )
    ]

    def more(subject: str, n: ColumnElement[int], *where: ColumnElement[bool]) -> None:
        counted_by = COUNTS[subject]
        keys = [
            column
            for column in (counted_by.county_code, counted_by.status, counted_by.kind)
            if column is not None
        ]
        status = literal("") if counted_by.status is None else counted_by.status
        arms.append(
            select(
                literal(subject).label("subject"),
                counted_by.county_code,
                status.label("status"),
                keys[-1].label("kind"),
                n.label("n"),
            )
            .where(*where)
            .group_by(*keys)
        )

    if weeks.edges:
        more(_RECEIVED, func.count(), *weeks.at_edges())
        more(_CHANNEL, func.count(), *weeks.at_edges())
        more(_CONCLUDED, func.count(), *weeks.at_edges(), verdict_by(weeks.as_of))
    if weeks.late:
        later, rows = weeks.verified_later()
        of = report_conclusion_summary.c
        keys = (of.county_code, of.status, of.violation_type_group)
        arms.append(select(literal(_CONCLUDED), *keys, -later).where(*rows).group_by(*keys))
    return union_all(*arms)


def _busy_places(weeks: Weeks, as_of: date, since: date) -> Select[Any]:
    scope, visit = weeks.scope, inspection.c
    place, report = report_place_summary.c, violation_report.c
    arms = [
        select(place.county_code, place.place_name, func.sum(place.n).label("n"))
        .where(*weeks.whole(report_place_summary), place.place_name != "")
        .group_by(place.county_code, place.place_name)
    ]
    if weeks.edges:
        arms.append(
            select(report.county_code, report.place_name, func.count())
            .where(*weeks.at_edges(), report.place_name != "")
            .group_by(report.county_code, report.place_name)
        )
    each = union_all(*arms).subquery()
    busy = (
        select(each.c.county_code, each.c.place_name)
        .group_by(each.c.county_code, each.c.place_name)
        .having(func.sum(each.c.n) >= BUSY_PLACE)
        .subquery()
    )
    is_inspected = exists().where(
        scope.allows(inspection),
        visit.county_code == busy.c.county_code,
        visit.place_name == busy.c.place_name,
        visit.inspected_on.between(since, as_of),
    )
    return select(
        busy.c.county_code,
        func.count().label("busy_places"),
        _count(is_inspected).label("busy_inspected"),
    ).group_by(busy.c.county_code)


def _inspections(scope: Scope, as_of: date, since: date) -> Select[Any]:
    visit = inspection.c
    return (
        select(
            visit.county_code,
            _count(visit.method == "joint").label("joint"),
            _count(visit.method == "unannounced").label("unannounced"),
        )
        .where(scope.allows(inspection), visit.inspected_on.between(since, as_of))
        .group_by(visit.county_code)
    )


def _items(scope: Scope, as_of: date) -> Select[Any]:
    item, spell = rectification.c, rectification_spell.c
    not_closed = or_(spell.closed_on.is_(None), spell.closed_on > as_of)
    by_item = (
        select(
            item.county_code,
            func.max(case((not_closed, 1), else_=0)).label("is_open"),
            func.max(case((item.public_accepted.is_(True), 1), else_=0)).label("accepted"),
        )
        .join(rectification_spell, spell.rectification_id == item.id)
        .where(
            scope.allows(rectification), scope.allows(rectification_spell), spell.opened_on <= as_of
        )
        .group_by(item.id, item.county_code)
        .subquery()
    )
    closed = by_item.c.is_open == 0
    return select(
        by_item.c.county_code,
        func.count().label("items"),
        _count(closed).label("items_closed"),
        _count(and_(closed, by_item.c.accepted == 1)).label("items_accepted"),
    ).group_by(by_item.c.county_code)


def _disputes(scope: Scope, as_of: date) -> Select[Any]:
    dispute = refund_dispute.c
    return (
        select(
            dispute.county_code,
            func.count().label("disputes"),
            _count(dispute.resolved_on <= as_of).label("disputes_resolved"),
        )
        .where(scope.allows(refund_dispute), dispute.opened_on <= as_of)
        .group_by(dispute.county_code)
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
