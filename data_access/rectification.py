"""Queries on rectification items (整改台账): how many are open, and how many came back.

Whether an item was open on a day comes from ``rectification_spell``, which the importer works
out from the events: open from ``opened_on`` until the day before ``closed_on``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    Table,
    and_,
    case,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
    values,
)

from data_access import reference
from data_access.categories import of_categories
from data_access.day_math import days_after
from data_access.frames import read_frame
from data_access.schema import (
    county,
    inspection,
    rectification,
    rectification_spell,
    violation_report,
)
from data_access.scope import Scope
from data_access.weeks import reporting_week

RELAPSE_DAYS: Final = timedelta(days=30)


def open_on_days(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    days: tuple[date, ...],
) -> pd.DataFrame:
    """Count the open items of each county on each of ``days``; days after ``as_of`` are left out.

    Open: opened by the day and not closed by it. Overdue: open, and the due day is past.
    Due this week: open, and due between the day and the Thursday of its reporting week.

    Returns one row per day and county in scope, zeros included, by day and in the order of
    the city's documents:

    =============  =============  ==========================================
    day            datetime64[s]
    county_code    str
    county         str            its full name
    open           int64          items
    overdue        int64          of these: due before the day
    due_this_week  int64          of these: due from the day to its Thursday
    =============  =============  ==========================================
    """
    dtypes = {
        "day": "datetime64[s]",
        "county_code": "str",
        "county": "str",
        "open": "int64",
        "overdue": "int64",
        "due_this_week": "int64",
    }
    wanted = sorted({day for day in days if day <= as_of})
    if not wanted:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in dtypes.items()})
    day = (
        values(column("day", Date), column("week", Date), name="days")
        .data([(one, reporting_week(one)) for one in wanted])
        .cte("days")
    )
    was_open = (
        select(
            rectification_spell.c.county_code,
            rectification_spell.c.opened_on,
            rectification_spell.c.closed_on,
            rectification.c.due_on,
        )
        .join(rectification, rectification.c.id == rectification_spell.c.rectification_id)
        .where(
            *allowed(scope, categories),
            rectification_spell.c.opened_on <= wanted[-1],
            not_closed_by(wanted[0]),
        )
        .subquery("was_open")
    )
    on_the_day = and_(
        was_open.c.county_code == county.c.code,
        was_open.c.opened_on <= day.c.day,
        or_(was_open.c.closed_on.is_(None), was_open.c.closed_on > day.c.day),
    )
    due_this_week = and_(was_open.c.due_on >= day.c.day, was_open.c.due_on <= day.c.week)
    stmt = (
        select(
            day.c.day,
            county.c.code.label("county_code"),
            county.c.name.label("county"),
            func.count(was_open.c.county_code).label("open"),
            _count(was_open.c.due_on < day.c.day).label("overdue"),
            _count(due_this_week).label("due_this_week"),
        )
        .select_from(county)
        .join(day, true())
        .outerjoin(was_open, on_the_day)
        .where(scope.allows(county))
        .group_by(day.c.day, county.c.code, county.c.name, county.c.ordinal)
        .order_by(day.c.day, county.c.ordinal)
    )
    return read_frame(conn, stmt, dtypes)


def closures(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """List every close-out by ``as_of``, and the day on which its relapse was known.

    A close-out relapsed when the item was reopened later, or when within 30 days after it a
    report that proved substantiated was received, or an inspection found a violation, at the
    same institution; where the item is not linked to one, at the same place of the same
    county; where it names no place either, at the same name in the same county. What was
    received or found on the day of the close-out itself does not count.

    Returns one row per close-out, by item and time:

    ================  =============  =====================================================
    rectification_id  int64
    spell_no          int64
    county_code       str
    closed_on         datetime64[s]
    relapsed_on       datetime64[s]  reopened, verified or inspected, whichever came first;
                                     NaT for none by ``as_of``
    ================  =============  =====================================================
    """
    spell, later = rectification_spell, rectification_spell.alias("later")
    reopened_on = (
        select(func.min(later.c.opened_on))
        .where(
            scope.allows(later),
            later.c.rectification_id == spell.c.rectification_id,
            later.c.spell_no > spell.c.spell_no,
            later.c.opened_on <= as_of,
        )
        .scalar_subquery()
    )
    # Of each close-out apart: PostgreSQL would join all reports that ever proved true to all items.
    known_on = [
        select(func.min(ledger.known_on)).where(*conditions).scalar_subquery()
        for ledger in _LEDGERS
        for conditions in _after_close_out(conn, scope, as_of, ledger)
    ]
    days = {"reopened_on": reopened_on, **{f"known_{n}": day for n, day in enumerate(known_on)}}
    stmt = (
        select(
            spell.c.rectification_id,
            spell.c.spell_no,
            spell.c.county_code,
            spell.c.closed_on,
            *(day.label(name) for name, day in days.items()),
        )
        .join(rectification, rectification.c.id == spell.c.rectification_id)
        .where(*allowed(scope, categories), spell.c.closed_on <= as_of)
        .order_by(spell.c.rectification_id, spell.c.spell_no)
    )
    dtypes = {
        "rectification_id": "int64",
        "spell_no": "int64",
        "county_code": "str",
        **dict.fromkeys(("closed_on", *days), "datetime64[s]"),
    }
    closed = read_frame(conn, stmt, dtypes)
    closed["relapsed_on"] = closed[[*days]].min(axis=1)
    return closed.drop(columns=[*days])


def relapse(
    conn: Connection, *, scope: Scope, as_of: date, categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Count, for each county in scope, the items closed at least 30 days before and the relapsed.

    An item counts once, however often it was closed (反弹率 = relapsed ÷ closed_before).

    Returns one row per county, zeros included, in the order of the city's documents:
    ``county_code``, ``county`` (str), ``closed_before`` and ``relapsed`` (int64, items).
    """
    known = closures(conn, scope=scope, as_of=as_of, categories=categories)
    counts = relapse_on(known, as_of).set_index("county_code")
    units = reference.counties(conn, scope=scope)
    codes = pd.Series([unit.code for unit in units], name="county_code", dtype="str")
    counts = counts.reindex(codes, fill_value=0).reset_index()
    counts.insert(1, "county", pd.Series([unit.name for unit in units], dtype="str"))
    return counts


def relapse_on(known: pd.DataFrame, day: date) -> pd.DataFrame:
    """Count `relapse` on ``day`` from the `closures` of that day or a later one.

    Returns ``county_code``, ``closed_before`` and ``relapsed``, counties without a close-out
    left out.
    """
    counted = known[known["closed_on"] <= pd.Timestamp(day - RELAPSE_DAYS)]
    has_relapsed = (counted["relapsed_on"] <= pd.Timestamp(day)).astype("int64")
    by_item = (
        counted.assign(relapsed=has_relapsed)
        .groupby(["county_code", "rectification_id"], as_index=False)
        .agg(relapsed=("relapsed", "max"))
    )
    return by_item.groupby("county_code", as_index=False).agg(
        closed_before=("rectification_id", "count"), relapsed=("relapsed", "sum")
    )


def incidents(
    conn: Connection,
    *,
    scope: Scope,
    as_of: date,
    categories: tuple[str, ...] = (),
    rectification_id: int | None = None,
) -> pd.DataFrame:
    """List what happened within 30 days after a close-out at the same institution or place.

    The rule is that of `closures`; ``rectification_id`` narrows to one item.

    Returns one row per close-out and incident, by day:

    ================  =============  =====================================================
    rectification_id  int64
    spell_no          int64          the close-out it followed
    closed_on         datetime64[s]  its day
    happened_on       datetime64[s]  received, or inspected
    known_on          datetime64[s]  verified, or inspected
    kind              str            report or inspection
    number            str            线索编号 or 检查编号
    what              str            violation type, by group; may be unknown
    ================  =============  =====================================================
    """
    arms = _incidents(conn, scope, as_of, categories)
    if rectification_id is not None:
        arms = [arm.where(rectification.c.id == rectification_id) for arm in arms]
    dtypes = {
        "rectification_id": "int64",
        "spell_no": "int64",
        "closed_on": "datetime64[s]",
        "happened_on": "datetime64[s]",
        "known_on": "datetime64[s]",
        "kind": "str",
        "number": "str",
        "what": "str",
    }
    found = read_frame(conn, union_all(*arms), dtypes)
    return found.sort_values(["happened_on", "number"], ignore_index=True)


def _incidents(
    conn: Connection, scope: Scope, as_of: date, categories: tuple[str, ...]
) -> list[Select[Any]]:
    """Return what lists `incidents`, one select for each ledger and way of being at a place."""
    spell, item = rectification_spell.c, rectification
    return [
        select(
            spell.rectification_id,
            spell.spell_no,
            spell.closed_on,
            ledger.happened_on.label("happened_on"),
            ledger.known_on.label("known_on"),
            literal(ledger.kind).label("kind"),
            ledger.number.label("number"),
            ledger.table.c.violation_type_group.label("what"),
        )
        .select_from(rectification_spell)
        .join(item, item.c.id == spell.rectification_id)
        .join(ledger.table, true())
        .where(*allowed(scope, categories), spell.closed_on <= as_of, *conditions)
        for ledger in _LEDGERS
        for conditions in _after_close_out(conn, scope, as_of, ledger)
    ]


@dataclass(frozen=True, slots=True)
class _Ledger:
    """A ledger of what may have come back: its days, its numbers, which of its rows count."""

    table: Table
    happened_on: ColumnElement[date]
    known_on: ColumnElement[date]
    number: ColumnElement[str]
    kind: str
    proven: ColumnElement[bool]


_LEDGERS: Final = (
    _Ledger(
        violation_report,
        violation_report.c.received_on,
        violation_report.c.verified_on,
        violation_report.c.report_no,
        "report",
        # Written out: only then is it seen that an index has just these.
        violation_report.c.status == literal_column("'substantiated'"),
    ),
    _Ledger(
        inspection,
        inspection.c.inspected_on,
        inspection.c.inspected_on,
        inspection.c.inspection_no,
        "inspection",
        inspection.c.outcome == "violation",
    ),
)


def _after_close_out(
    conn: Connection, scope: Scope, as_of: date, ledger: _Ledger
) -> list[list[ColumnElement[bool]]]:
    """Return the conditions on what followed a close-out, once for each way of being there."""
    closed_on = rectification_spell.c.closed_on
    followed = [
        scope.allows(ledger.table),
        ledger.proven,
        ledger.known_on <= as_of,
        ledger.happened_on > closed_on,
        ledger.happened_on <= days_after(conn, closed_on, RELAPSE_DAYS.days),
    ]
    return [[same, *followed] for same in _same_place(ledger.table)]


def allowed(scope: Scope, categories: tuple[str, ...]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that every query of spells and their items puts."""
    return (
        scope.allows(rectification_spell),
        scope.allows(rectification),
        of_categories(rectification, categories, scope=scope),
    )


def not_closed_by(day: date) -> ColumnElement[bool]:
    """Whether a spell lasted beyond the day, said so that both of its indexes serve."""
    spell = rectification_spell
    return or_(
        spell.c.closed_on.is_(None),
        and_(spell.c.closed_week >= reporting_week(day), spell.c.closed_on > day),
    )


def _same_place(table: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the ways in which a row of ``table`` is at an item's place, each apart.

    One condition with OR would keep the database from using an index for any of them.
    """
    item = rectification
    unlinked = and_(item.c.institution_id.is_(None), item.c.county_code == table.c.county_code)
    nameless = and_(unlinked, item.c.place_name.is_(None))
    # Said again, as is that a row with a key has a name: only then is it seen that an index has
    # just these.
    named = table.c.institution_name.is_not(None)
    return (
        and_(item.c.institution_id == table.c.institution_id, table.c.institution_id.is_not(None)),
        and_(unlinked, item.c.place_name == table.c.place_name),
        and_(nameless, _name(item) == table.c.institution_name_key, named),
        and_(
            nameless,
            table.c.institution_name_key.is_(None),
            _name(item) == table.c.institution_name,
        ),
    )


def _name(table: Any) -> ColumnElement[str]:
    # No coalesce: PostgreSQL holds it for leaky, and asks no index for it under the policies.
    key: ColumnElement[str] = table.c.institution_name_key
    return case((key.is_not(None), key), else_=table.c.institution_name)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
