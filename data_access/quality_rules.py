"""What is wrong with a row of a ledger, as conditions of SQL, ledger by ledger.

What SQL cannot say of a row, ``analysis.data_quality`` judges: whether a place lies in its county,
whether the check digit of a credit code holds, which week is silent. Titles, reasons and who mends
a row stand there, too, by the codes of the rules here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from data_access import quality_fee_rules, quality_reports, schema, vocabulary
from data_access.quality_known import (
    Condition,
    Known,
    Ledger,
    Limits,
    Rule,
    is_blank,
    knows_its_institution,
)

_DAY, _COUNT, _MONEY = "datetime64[s]", "Int64", "float64"


def ledgers(known: Known, limits: Limits) -> list[Ledger]:
    """Return every ledger with its rules."""
    return [build(known, limits) for build in _BUILDERS]


def plain_rows(known: Known) -> dict[str, FromClause]:
    """Return the rows of every ledger by the name of its table, for who only counts them."""
    rows = {table.name: known.rows(table) for table in _TABLES}
    return rows | {schema.rectification_event.name: _told_events(known)}


def _institutions(known: Known, limits: Limits) -> Ledger:
    raw = known.rows(schema.institution)
    checks = _latest_checks(known)
    live = or_(raw.c.deregistered_on.is_(None), raw.c.deregistered_on > known.day)
    lives = case((live, 1), else_=0)

    def alike(*columns: ColumnElement[Any]) -> ColumnElement[int]:
        return func.sum(lives).over(partition_by=columns)

    place = raw.c.county_code
    one = (
        select(
            raw,
            live.label("is_live"),
            alike(place, raw.c.phone).label("with_phone"),
            alike(place, raw.c.licence_no).label("with_licence"),
            alike(raw.c.licence_no).label("with_licence_in_city"),
            func.coalesce(checks.c.failed, 0).label("failed"),
            func.coalesce(checks.c.checked, 0).label("checked"),
        )
        .outerjoin(checks, checks.c.institution_id == raw.c.id)
        .subquery("one")
    )
    c = one.c
    in_business = and_(c.is_live, c.operating_status == "operating")
    qualified = and_(c.is_live, c.qualified_on.is_not(None))
    coded = and_(c.is_live, c.licence_no.is_not(None))
    rules = (
        Rule(
            "institution_ended_early",
            c.deregistered_on.is_not(None),
            c.deregistered_on < c.found_on,
        ),
        Rule(
            "institution_ended_operating",
            c.deregistered_on <= known.day,
            c.operating_status != "deregistered",
        ),
        Rule(
            "registered_unqualified",
            and_(c.is_live, c.platform_registered_on.is_not(None)),
            c.qualified_on.is_(None),
        ),
        Rule("qualified_failed", qualified, c.failed > 0),
        Rule("qualified_unchecked", qualified, c.checked < len(vocabulary.VERIFICATION_ITEM)),
        Rule(
            "unlicensed_registered",
            and_(c.is_live, c.operating_status == "unlicensed"),
            c.platform_registered_on.is_not(None),
        ),
        Rule(
            "licence_expired",
            and_(in_business, c.licence_valid_to.is_not(None)),
            c.licence_valid_to < known.day,
        ),
        Rule("licence_missing", in_business, c.licence_no.is_(None)),
        Rule("code_missing", in_business, c.credit_code.is_(None)),
        Rule(
            "no_teacher",
            and_(c.is_live, c.students > 0),
            func.coalesce(c.teachers, 0) == 0,
        ),
        Rule("institution_no_address", c.is_live, c.address.is_(None)),
        Rule(
            "same_phone",
            and_(c.is_live, c.phone.is_not(None)),
            c.with_phone >= limits.same_phone,
        ),
        Rule("licence_twice", coded, c.with_licence > 1),
        # Of a county alone it finds nothing: it sees no other.
        Rule("licence_elsewhere", coded, c.with_licence_in_city > c.with_licence),
    )
    values = {
        **dict.fromkeys(("found_on", "deregistered_on", "qualified_on"), _DAY),
        **dict.fromkeys(("platform_registered_on", "licence_valid_to"), _DAY),
        **dict.fromkeys(("operating_status", "credit_code", "licence_no", "phone"), "str"),
        **dict.fromkeys(("students", "teachers", "failed", "checked"), _COUNT),
        **dict.fromkeys(("with_phone", "with_licence", "with_licence_in_city"), _COUNT),
    }
    number = func.coalesce(c.credit_code, c.licence_no)
    return Ledger(schema.institution, one, number, c.name, values, rules)


def _latest_checks(known: Known) -> FromClause:
    """Return how many of the items of each institution failed or were checked at last."""
    one = known.rows(schema.verification)
    nth = func.row_number().over(
        partition_by=(one.c.institution_id, one.c.item),
        order_by=(one.c.verified_on.desc(), one.c.id.desc()),
    )
    latest = (
        select(one.c.institution_id, one.c.outcome, nth.label("nth"))
        .where(one.c.verified_on <= known.day)
        .subquery()
    )

    def count(condition: Condition) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    return (
        select(
            latest.c.institution_id,
            count(latest.c.outcome == "fail").label("failed"),
            count(latest.c.outcome.in_(("pass", "fail"))).label("checked"),
        )
        .where(latest.c.nth == 1)
        .group_by(latest.c.institution_id)
        .subquery()
    )


def _verifications(known: Known, limits: Limits) -> Ledger:
    raw, whose = known.rows(schema.verification), known.rows(schema.institution)
    nth = func.row_number().over(
        partition_by=(raw.c.institution_id, raw.c.item),
        order_by=(raw.c.verified_on.desc(), raw.c.id.desc()),
    )
    one = (
        select(raw, nth.label("nth"), whose.c.name.label("named"), whose.c.found_on)
        .join(whose, whose.c.id == raw.c.institution_id)
        .subquery("one")
    )
    c = one.c
    rules = (
        Rule("check_early", true(), c.verified_on < c.found_on),
        Rule(
            "check_pending",
            and_(c.nth == 1, c.outcome == "pending"),
            c.verified_on < known.before(limits.pending_check_days),
        ),
    )
    values = {"verified_on": _DAY, "found_on": _DAY, "outcome": "str"}
    return Ledger(schema.verification, one, c.item, c.named, values, rules)


def _roster_entries(known: Known, _limits: Limits) -> Ledger:
    raw = known.rows(schema.roster_entry)
    same = func.count().over(partition_by=(raw.c.source, raw.c.county_code, raw.c.credit_code))
    one = select(raw, same.label("same_code")).subquery("one")
    c = one.c
    nothing = and_(*(c[name].is_(None) for name in ("credit_code", "licence_no", "address")))
    rules = (
        Rule("roster_twice", c.credit_code.is_not(None), c.same_code > 1),
        Rule("roster_untraceable", true(), and_(nothing, c.phone.is_(None))),
    )
    values = {"source": "str", "credit_code": "str", "same_code": _COUNT}
    return Ledger(schema.roster_entry, one, c.entry_no, c.name, values, rules)


def _inspections(known: Known, _limits: Limits) -> Ledger:
    one = known.rows(schema.inspection)
    c = one.c
    found = c.outcome == "violation"
    nowhere = and_(*(c[name].is_(None) for name in ("institution_name", "place_name", "address")))
    rules = (
        knows_its_institution("inspection_unknown_institution", one),
        Rule("inspection_no_place", true(), and_(nowhere, c.institution_id.is_(None))),
        Rule("inspection_no_people", true(), func.coalesce(c.people, 0) == 0),
        Rule("violation_no_type", found, c.violation_type.is_(None)),
        Rule("violation_no_measures", found, is_blank(c.measures)),
        Rule("inspection_unknown_report", c.report_no.is_not(None), c.report_id.is_(None)),
    )
    values = {
        "inspected_on": _DAY,
        "people": _COUNT,
        **dict.fromkeys(("institution_name", "report_no"), "str"),
    }
    name = func.coalesce(c.institution_name, c.place_name)
    return Ledger(schema.inspection, one, c.inspection_no, name, values, rules)


def _rectifications(known: Known, limits: Limits) -> Ledger:
    raw, event = known.rows(schema.rectification), known.rows(schema.rectification_event)
    steps = (
        select(event.c.rectification_id, func.max(event.c.happened_on).label("last_step_on"))
        .where(event.c.happened_on <= known.day)
        .group_by(event.c.rectification_id)
        .subquery()
    )
    last = func.coalesce(steps.c.last_step_on, raw.c.opened_on)
    alone = (
        select(event.c.id)
        .where(
            event.c.rectification_id == raw.c.id,
            event.c.step == "submit",
            func.trim(event.c.actor) == func.trim(raw.c.verified_by),
        )
        .exists()
    )
    one = (
        select(
            raw,
            last.label("last_step_on"),
            and_(raw.c.status == "closed", alone).label("is_closed_alone"),
        )
        .outerjoin(steps, steps.c.rectification_id == raw.c.id)
        .subquery("one")
    )
    c = one.c
    closed = c.status == "closed"
    rules = (
        Rule("item_closed_early", c.closed_on.is_not(None), c.closed_on < c.opened_on),
        Rule("item_due_early", true(), c.due_on < c.opened_on),
        Rule("item_closed_unproven", closed, or_(is_blank(c.evidence), is_blank(c.verified_by))),
        Rule("item_closed_alone", closed, c.is_closed_alone),
        Rule(
            "item_idle",
            and_(~closed, c.due_on < known.day),
            c.last_step_on < known.before(limits.idle_item_days),
        ),
        Rule("item_no_department", ~closed, is_blank(c.responsible_department)),
        knows_its_institution("item_unknown_institution", one),
    )
    values = {
        **dict.fromkeys(("opened_on", "due_on", "closed_on", "last_step_on"), _DAY),
        **dict.fromkeys(("status", "institution_name", "verified_by"), "str"),
    }
    name = func.coalesce(c.institution_name, c.place_name)
    return Ledger(schema.rectification, one, c.ledger_no, name, values, rules)


def _events(known: Known, _limits: Limits) -> Ledger:
    one = _told_events(known)
    c = one.c
    rules = (
        Rule("step_early", true(), c.happened_on < c.opened_on),
        Rule(
            "step_no_actor", c.step.in_(("submit", "close", "return", "reopen")), is_blank(c.actor)
        ),
    )
    values = {"happened_on": _DAY, "opened_on": _DAY}
    return Ledger(schema.rectification_event, one, c.ledger_no, c.step, values, rules)


def _told_events(known: Known) -> FromClause:
    """Return the steps that were told of, with their items: none that was only inferred."""
    raw, item = known.rows(schema.rectification_event), known.rows(schema.rectification)
    return (
        select(raw, item.c.ledger_no, item.c.opened_on, item.c.institution_id)
        .join(item, item.c.id == raw.c.rectification_id)
        .where(raw.c.inferred.is_(False))
        .subquery("one")
    )


def _disputes(known: Known, _limits: Limits) -> Ledger:
    one = known.rows(schema.refund_dispute)
    c = one.c
    resolved = c.status == "resolved"
    rules = (
        Rule("dispute_resolved_early", c.resolved_on.is_not(None), c.resolved_on < c.opened_on),
        Rule("dispute_no_route", resolved, c.route.is_(None)),
        Rule(
            "dispute_refunded_more", c.refunded_yuan.is_not(None), c.refunded_yuan > c.amount_yuan
        ),
        Rule(
            "dispute_refund_missing",
            and_(resolved, c.route == "refund"),
            func.coalesce(c.refunded_yuan, 0) == 0,
        ),
        Rule("dispute_unlinked", true(), c.institution_id.is_(None)),
    )
    values = {
        **dict.fromkeys(("opened_on", "resolved_on"), _DAY),
        **dict.fromkeys(("amount_yuan", "refunded_yuan"), _MONEY),
        **dict.fromkeys(("status", "institution_name"), "str"),
    }
    return Ledger(
        schema.refund_dispute,
        one,
        c.dispute_no,
        c.institution_name,
        values,
        rules,
    )


def _submissions(known: Known, _limits: Limits) -> Ledger:
    one = known.rows(schema.submission)
    c = one.c
    rules = (Rule("submission_no_file", c.submitted_on <= known.day, c.sha256.is_(None)),)
    values = {"submitted_on": _DAY}
    return Ledger(schema.submission, one, c.period, c.document, values, rules)


def _county_actions(known: Known, _limits: Limits) -> Ledger:
    one = known.rows(schema.county_action)
    c = one.c
    rules = (Rule("action_no_evidence", c.done_on <= known.day, is_blank(c.evidence)),)
    return Ledger(
        schema.county_action,
        one,
        literal("", c.duty.type),
        c.duty,
        {"done_on": _DAY},
        rules,
    )


_BUILDERS: Final[tuple[Callable[[Known, Limits], Ledger], ...]] = (
    _institutions,
    _verifications,
    _roster_entries,
    quality_reports.ledger,
    _inspections,
    _rectifications,
    _events,
    _disputes,
    *quality_fee_rules.BUILDERS,
    _submissions,
    _county_actions,
)
_TABLES: Final = (
    schema.institution,
    schema.verification,
    schema.roster_entry,
    schema.violation_report,
    schema.inspection,
    schema.rectification,
    schema.refund_dispute,
    *quality_fee_rules.TABLES,
    schema.submission,
    schema.county_action,
)
