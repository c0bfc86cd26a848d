"""Rows of rectification items (整改台账), and the steps of one item."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, select

from data_access.categories import of_categories
from data_access.frames import read_frame
from data_access.rectification import RELAPSE_DAYS, allowed, closures, not_closed_by
from data_access.schema import county, rectification, rectification_event, rectification_spell
from data_access.scope import Scope
from data_access.weeks import reporting_week

# Steps of one day happened in this order.
_STEPS: Final = ("register", "assign", "submit", "return", "close", "reopen")

_ITEM: Final = {
    "rectification_id": "int64",
    "ledger_no": "str",
    "county_code": "str",
    "county": "str",
    "institution_name": "str",
    "place_name": "str",
    "source": "str",
    "issue_type": "str",
    "severity": "int64",
    "spell_no": "int64",
    "opened_on": "datetime64[s]",
    "due_on": "datetime64[s]",
    "closed_on": "datetime64[s]",
    "last_step": "str",
    "responsible_department": "str",
}


def open_items(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the items open on ``as_of``, in the order of counties and ledger numbers.

    Returns the columns of an item:

    =======================  =============  ==================================================
    rectification_id         int64
    ledger_no                str
    county_code, county      str            code and full name
    institution_name         str            as the ledger names it; may be unknown
    place_name               str            may be unknown
    source, issue_type       str            code of 问题来源; 问题类型 as written
    severity                 int64          1 to 3
    spell_no                 int64          2 or more after a relapse
    opened_on                datetime64[s]  open since: registered, or reopened
    due_on                   datetime64[s]  last day in time
    closed_on                datetime64[s]  NaT
    last_step                str            code of the last step by ``as_of``
    responsible_department   str            may be unknown
    =======================  =============  ==================================================
    """
    open_then = and_(rectification_spell.c.opened_on <= as_of, not_closed_by(as_of))
    return _items(conn, open_then, scope=scope, as_of=as_of, categories=categories)


def submitted_items(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the items that wait for the supervisor (申请销号) as the ledger now has them.

    Of those opened by ``as_of``. The one that waits longest comes first. Returns the columns of
    `open_items` and ``handed_in_on`` (datetime64[s]), the day of the last submission by
    ``as_of``, and ``submitted_by`` (str), who submitted it; both may be unknown.
    """
    waits = and_(
        rectification.c.status == "submitted",
        rectification_spell.c.closed_on.is_(None),
        rectification_spell.c.opened_on <= as_of,
    )
    items = _items(conn, waits, scope=scope, as_of=as_of, categories=categories)
    event = rectification_event
    submissions = read_frame(
        conn,
        select(
            event.c.rectification_id,
            event.c.happened_on.label("handed_in_on"),
            event.c.actor.label("submitted_by"),
        )
        .join(rectification, rectification.c.id == event.c.rectification_id)
        .where(
            scope.allows(event),
            scope.allows(rectification),
            rectification.c.status == "submitted",
            event.c.step == "submit",
            event.c.happened_on <= as_of,
        )
        .order_by(event.c.happened_on, *_order_of_a_day()),
        {"rectification_id": "int64", "handed_in_on": "datetime64[s]", "submitted_by": "str"},
    )
    last = submissions.drop_duplicates("rectification_id", keep="last")
    waiting = items.merge(last, on="rectification_id", how="left")
    return waiting.sort_values("handed_in_on", kind="stable", ignore_index=True)


def closed_items(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    since: date,
) -> pd.DataFrame:
    """List the close-outs from ``since`` to ``as_of``, both included: columns of `open_items`.

    An item that was closed twice in that time is listed twice.
    """
    closed = and_(
        rectification_spell.c.closed_week >= reporting_week(since),
        rectification_spell.c.closed_week <= reporting_week(as_of),
        rectification_spell.c.closed_on.between(since, as_of),
    )
    return _items(conn, closed, scope=scope, as_of=as_of, categories=categories)


def relapsed_items(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List the items that `data_access.rectification.relapse` counts as relapsed.

    Returns the columns of `open_items`, for the close-out before the relapse, and
    ``relapsed_on`` (datetime64[s]): the day on which the relapse was known.
    """
    known = closures(conn, scope=scope, as_of=as_of, categories=categories)
    known = known[(known["closed_on"] <= pd.Timestamp(as_of - RELAPSE_DAYS))]
    known = known.dropna(subset=["relapsed_on"]).drop_duplicates("rectification_id", keep="last")
    named = rectification_spell.c.rectification_id.in_(known["rectification_id"].tolist())
    items = _items(
        conn,
        and_(named, rectification_spell.c.closed_on <= as_of),
        scope=scope,
        as_of=as_of,
        categories=categories,
    )
    return items.merge(
        known[["rectification_id", "spell_no", "relapsed_on"]], on=["rectification_id", "spell_no"]
    )


def events(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    rectification_id: int,
) -> pd.DataFrame:
    """List the steps of one item by ``as_of``, in the order in which they happened.

    Returns ``happened_on`` (datetime64[s]), ``step`` (str, code), ``actor`` and ``note`` (str,
    may be unknown) and ``inferred`` (boolean: worked out from a state of the ledger).
    """
    event = rectification_event
    stmt = (
        select(event.c.happened_on, event.c.step, event.c.actor, event.c.note, event.c.inferred)
        .join(rectification, rectification.c.id == event.c.rectification_id)
        .where(
            scope.allows(event),
            scope.allows(rectification),
            of_categories(rectification, categories, scope=scope),
            event.c.rectification_id == rectification_id,
            event.c.happened_on <= as_of,
        )
        .order_by(event.c.happened_on, *_order_of_a_day())
    )
    dtypes = {
        "happened_on": "datetime64[s]",
        "step": "str",
        "actor": "str",
        "note": "str",
        "inferred": "boolean",
    }
    return read_frame(conn, stmt, dtypes)


def _items(
    conn: Connection,
    condition: ColumnElement[bool],
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...],
) -> pd.DataFrame:
    item, spell, event = rectification, rectification_spell, rectification_event
    last_step = (
        select(event.c.step)
        .where(
            scope.allows(event),
            event.c.rectification_id == item.c.id,
            event.c.happened_on <= as_of,
        )
        .order_by(event.c.happened_on.desc(), *(each.desc() for each in _order_of_a_day()))
        .limit(1)
        .scalar_subquery()
    )
    stmt = (
        select(
            item.c.id.label("rectification_id"),
            item.c.ledger_no,
            item.c.county_code,
            county.c.name.label("county"),
            item.c.institution_name,
            item.c.place_name,
            item.c.source,
            item.c.issue_type,
            item.c.severity,
            spell.c.spell_no,
            spell.c.opened_on,
            item.c.due_on,
            # A close-out after the day is not known on it.
            case((spell.c.closed_on <= as_of, spell.c.closed_on)).label("closed_on"),
            last_step.label("last_step"),
            item.c.responsible_department,
        )
        .join(spell, spell.c.rectification_id == item.c.id)
        .join(county, county.c.code == item.c.county_code)
        .where(*allowed(scope, categories), condition)
        .order_by(county.c.ordinal, item.c.ledger_no, spell.c.spell_no)
    )
    return read_frame(conn, stmt, _ITEM)


def _order_of_a_day() -> tuple[ColumnElement[Any], ...]:
    """Return what orders the steps of one day: what files told of, then what people did here."""
    event = rectification_event.c
    order = {step: place for place, step in enumerate(_STEPS)}
    told = event.recorded_at.is_(None)
    by_step = case((told, case(order, value=event.step)), else_=0)
    return case((told, 0), else_=1), event.recorded_at, by_step, event.id
