"""Facts counted by reporting week, kept right by the transaction that writes the facts.

=============================  ===============================================  ==============
subject                        one is counted in the week of                    status, kind
=============================  ===============================================  ==============
violation_report               a report's ``received_on``                       status; type
violation_report_concluded     a report's ``received_on``, it being verified    status; type
                               on a day that is known
violation_report_channel       a report's ``received_on``                       ''; channel
violation_report_verified      a report's ``verified_on``, its status being     status; ''
                               substantiated or unsubstantiated
inspection                     an inspection's ``inspected_on``                 outcome; method
rectification_opened           the first day of a spell of being open:          ''; source
                               registered or reopened
rectification_closed           the last day of a spell                          ''; source
refund_dispute_opened          a dispute's ``opened_on``; all its students      ''; ''
                               and the whole amount
refund_dispute_resolved        a dispute's ``resolved_on``, in court or not;    ''; route or ''
                               its students and what was refunded
institution_found              ``found_on``, from which it is in operation      ''; category
institution_registered         the later of ``platform_registered_on`` and      ''; category
                               ``found_on``, where it is in operation then
institution_deregistered       ``deregistered_on``, from which it is not in     registered or '';
                               operation; whether it was registered before      category
=============================  ===============================================  ==============

By the end of a week, found less deregistered are the institutions in operation, and
registered less those deregistered that were registered are the registered among them.
An institution deregistered on or before the day it was found is in none of the three.

Besides, reports are summed up by the week received: by county and the day they reached us, and
by place (``data_access.report_summaries``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    delete,
    false,
    func,
    insert,
    literal,
    literal_column,
    select,
)

from data_access import report_summaries
from data_access.schema import (
    inspection,
    institution,
    rectification,
    rectification_spell,
    refund_dispute,
    report_week_summary,
    violation_report,
    weekly_summary,
)
from data_access.weeks import reporting_week

INSTITUTION_SUBJECTS: Final = (
    "institution_found",
    "institution_registered",
    "institution_deregistered",
)
# Counted by the same week as ``violation_report``, and with it.
OF_REPORTS: Final = ("violation_report_concluded", "violation_report_channel")
_CHUNK: Final = 500


def rebuild(conn: Connection, touched: Mapping[str, Iterable[date]]) -> None:
    """Count the named weeks of each subject afresh, within the caller's transaction.

    ``institution`` as a subject counts the three subjects of institutions in all weeks.

    Raises:
        KeyError: there is no such subject.
    """
    for subject, weeks in touched.items():
        if subject == "institution":
            _rebuild_institutions(conn)
            continue
        wanted = sorted(set(weeks))
        for start in range(0, len(wanted), _CHUNK):
            _rebuild_weeks(conn, subject, wanted[start : start + _CHUNK])


def rebuild_all(conn: Connection) -> None:
    """Count every week of every subject afresh."""
    conn.execute(delete(weekly_summary))
    for subject in COUNTS:
        _insert(conn, subject, None)
    report_summaries.rebuild(conn)
    _rebuild_institutions(conn)


def fill(conn: Connection) -> None:
    """Count what is stored and not summed up: after a migration."""
    if conn.scalar(select(violation_report.c.id).limit(1)) is None:
        return
    if conn.scalar(select(report_week_summary.c.week).limit(1)) is None:
        rebuild_all(conn)
    else:
        report_summaries.fill(conn)


def _rebuild_weeks(conn: Connection, subject: str, weeks: list[date]) -> None:
    summary = weekly_summary.c
    together = (subject, *(OF_REPORTS if subject == "violation_report" else ()))
    for each in together:
        conn.execute(delete(weekly_summary).where(summary.subject == each, summary.week.in_(weeks)))
        _insert(conn, each, weeks)
    if subject == "violation_report":
        report_summaries.rebuild(conn, weeks)


@dataclass(frozen=True, slots=True)
class Count:
    """What one subject counts: by which day and columns, which sums, of which rows.

    ``table`` is scoped; ``linked`` is the one that names the institution.
    """

    table: Table
    linked: Table
    day: ColumnElement[Any]
    week: ColumnElement[Any]
    county_code: ColumnElement[Any]
    status: ColumnElement[Any] | None = None
    kind: ColumnElement[Any] | None = None
    withheld: ColumnElement[Any] | None = None
    students: ColumnElement[Any] | None = None
    amount: ColumnElement[Any] | None = None
    where: tuple[ColumnElement[bool], ...] = ()


# Written out and not bound: PostgreSQL must see the same expression in GROUP BY.
_BLANK: Final = literal_column("''", String(64))
_ZERO: Final = literal_column("0", Integer)
_report, _spell, _dispute = violation_report.c, rectification_spell.c, refund_dispute.c
COUNTS: Final = {
    "violation_report": Count(
        violation_report,
        violation_report,
        _report.received_on,
        _report.week,
        _report.county_code,
        status=_report.status,
        kind=_report.violation_type_group,
    ),
    "violation_report_concluded": Count(
        violation_report,
        violation_report,
        _report.received_on,
        _report.week,
        _report.county_code,
        status=_report.status,
        kind=_report.violation_type_group,
        where=(
            _report.verified_on.is_not(None),
            _report.status.in_(("substantiated", "unsubstantiated")),
        ),
    ),
    "violation_report_channel": Count(
        violation_report,
        violation_report,
        _report.received_on,
        _report.week,
        _report.county_code,
        kind=_report.channel_group,
    ),
    "violation_report_verified": Count(
        violation_report,
        violation_report,
        _report.verified_on,
        _report.verified_week,
        _report.county_code,
        status=_report.status,
        where=(
            _report.verified_week.is_not(None),
            _report.status.in_(("substantiated", "unsubstantiated")),
        ),
    ),
    "inspection": Count(
        inspection,
        inspection,
        inspection.c.inspected_on,
        inspection.c.week,
        inspection.c.county_code,
        status=inspection.c.outcome,
        kind=inspection.c.method,
        withheld=inspection.c.withheld,
    ),
    "rectification_opened": Count(
        rectification_spell,
        rectification,
        _spell.opened_on,
        _spell.opened_week,
        _spell.county_code,
        kind=rectification.c.source,
        withheld=_spell.withheld,
        where=(_spell.rectification_id == rectification.c.id,),
    ),
    "rectification_closed": Count(
        rectification_spell,
        rectification,
        _spell.closed_on,
        _spell.closed_week,
        _spell.county_code,
        kind=rectification.c.source,
        withheld=_spell.withheld,
        where=(
            _spell.rectification_id == rectification.c.id,
            _spell.closed_week.is_not(None),
        ),
    ),
    "refund_dispute_opened": Count(
        refund_dispute,
        refund_dispute,
        _dispute.opened_on,
        _dispute.week,
        _dispute.county_code,
        students=func.sum(_dispute.students),
        amount=func.sum(_dispute.amount_yuan),
    ),
    "refund_dispute_resolved": Count(
        refund_dispute,
        refund_dispute,
        _dispute.resolved_on,
        _dispute.resolved_week,
        _dispute.county_code,
        kind=func.coalesce(_dispute.route, _BLANK),
        students=func.sum(_dispute.students),
        amount=func.coalesce(func.sum(_dispute.refunded_yuan), _ZERO),
        where=(_dispute.resolved_week.is_not(None),),
    ),
}


def counted(subject: str, *where: ColumnElement[bool]) -> Select[Any]:
    """Return the select that counts a subject from its facts, narrowed by ``where``.

    Its columns are those of ``weekly_summary`` after ``subject``, in their order.

    Raises:
        KeyError: there is no such subject, or it counts institutions.
    """
    count = COUNTS[subject]
    stmt = select(
        count.week.label("week"),
        count.county_code.label("county_code"),
        (_BLANK if count.status is None else count.status).label("status"),
        (_BLANK if count.kind is None else count.kind).label("kind"),
        (false() if count.withheld is None else count.withheld).label("withheld"),
        func.count().label("n"),
        (_ZERO if count.students is None else count.students).label("students"),
        (_ZERO if count.amount is None else count.amount).label("amount_yuan"),
    ).where(*count.where, *where)
    groups = (count.week, count.county_code, count.status, count.kind, count.withheld)
    return stmt.group_by(*(column for column in groups if column is not None))


def _insert(conn: Connection, subject: str, weeks: list[date] | None) -> None:
    narrowed = () if weeks is None else (COUNTS[subject].week.in_(weeks),)
    facts = counted(subject, *narrowed).subquery()
    columns = [column.name for column in weekly_summary.c]
    stmt = select(literal(subject, String(32)), *facts.c)
    conn.execute(insert(weekly_summary).from_select(columns, stmt))


def _rebuild_institutions(conn: Connection) -> None:
    conn.execute(delete(weekly_summary).where(weekly_summary.c.subject.in_(INSTITUTION_SUBJECTS)))
    keys = [
        institution.c[name]
        for name in (
            *("county_code", "category"),
            *("found_on", "platform_registered_on", "deregistered_on"),
        )
    ]
    counts: Counter[tuple[str, date, str, str, str]] = Counter()
    for row in conn.execute(select(*keys, func.count().label("n")).group_by(*keys)):
        days = (row.found_on, row.platform_registered_on, row.deregistered_on)
        for subject, day, status in _milestones(*days):
            counts[subject, reporting_week(day), row.county_code, status, row.category] += row.n
    rows = [
        {
            **dict(zip(("subject", "week", "county_code", "status", "kind"), key, strict=True)),
            "withheld": False,
            "n": n,
            "students": 0,
            "amount_yuan": 0,
        }
        for key, n in counts.items()
    ]
    if rows:
        conn.execute(insert(weekly_summary), rows)


def _milestones(
    found: date, registered: date | None, ended: date | None
) -> Iterator[tuple[str, date, str]]:
    """Yield subject, day and status of what counts in one institution's life."""
    if ended is not None and ended <= found:
        return
    yield "institution_found", found, ""
    was_registered = registered is not None and (ended is None or registered < ended)
    if registered is not None and was_registered:
        yield "institution_registered", max(registered, found), ""
    if ended is not None:
        yield "institution_deregistered", ended, "registered" if was_registered else ""
