"""What is wrong with a price, a prepaid charge or a compliance check; beside ``quality_rules``."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, FromClause, Table, and_, or_, select, true

from data_access import schema
from data_access.ledgers.fee_prices import HIGHEST_PRICE, LOWEST_PRICE
from data_access.quality_known import Known, Ledger, Limits, Rule, knows_its_institution

_DAY, _COUNT, _MONEY = "datetime64[s]", "Int64", "float64"
_WORDS: Final = "str"


def course_fees(known: Known, _limits: Limits) -> Ledger:
    """Return the prices: what nobody pays for a lesson is a unit or number that is wrong."""
    one = _of_institutions(known, schema.course_fee)
    c = one.c
    price: ColumnElement[float] = c.price_yuan_per_lesson
    rules = (Rule("fee_odd_price", true(), or_(price < LOWEST_PRICE, price > HIGHEST_PRICE)),)
    values = {"effective_on": _DAY, "price_yuan": _MONEY, "class_size": _WORDS}
    return Ledger(schema.course_fee, one, c.course, c.named, values, rules)


def fee_charges(known: Known, _limits: Limits) -> Ledger:
    """Return the charges: what keeps one from being held against the rules, or contradicts it."""
    one = _of_institutions(known, schema.fee_charge)
    c = one.c
    undated = or_(c.course_starts_on.is_(None), c.course_ends_on.is_(None))
    unmeasured = and_(c.months.is_(None), c.lessons.is_(None), undated)
    rules = (
        Rule("charge_unmeasured", true(), unmeasured),
        Rule("charge_no_start", true(), c.course_starts_on.is_(None)),
        Rule("charge_no_account", true(), c.into_escrow.is_(None)),
        Rule("charge_refunded_more", c.refunded_yuan.is_not(None), c.refunded_yuan > c.amount_yuan),
        Rule(
            "charge_ends_early",
            c.course_ends_on.is_not(None),
            c.course_ends_on < c.course_starts_on,
        ),
    )
    values = {
        **dict.fromkeys(("charged_on", "course_starts_on", "course_ends_on"), _DAY),
        **dict.fromkeys(("amount_yuan", "refunded_yuan"), _MONEY),
    }
    return Ledger(schema.fee_charge, one, c.receipt_no, c.named, values, rules)


def compliance_checks(known: Known, _limits: Limits) -> Ledger:
    """Return the checks."""
    one = known.rows(schema.compliance_check)
    c = one.c
    rules = (
        knows_its_institution("compliance_unknown_institution", one),
        Rule("compliance_due_early", c.due_on.is_not(None), c.due_on < c.checked_on),
        Rule("compliance_clear_failed", c.outcome == "clear", c.failed > 0),
    )
    values = {
        **dict.fromkeys(("checked_on", "due_on"), _DAY),
        "failed": _COUNT,
        "institution_name": _WORDS,
    }
    return Ledger(schema.compliance_check, one, c.check_no, c.institution_name, values, rules)


def _of_institutions(known: Known, table: Table) -> FromClause:
    """Return the rows of a table with the name of the institution of each."""
    raw, whose = known.rows(table), known.rows(schema.institution)
    said = [whose.c.name.label("named")]
    if table is schema.course_fee:
        said.append(raw.c.price_yuan_per_lesson.label("price_yuan"))
    return select(raw, *said).join(whose, whose.c.id == raw.c.institution_id).subquery("one")


BUILDERS: Final = (course_fees, fee_charges, compliance_checks)
TABLES: Final = (schema.course_fee, schema.fee_charge, schema.compliance_check)
