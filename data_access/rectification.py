"""Queries on rectification items (整改台账): how many are open, and how many came back.

Whether an item was open on a day comes from ``rectification_spell``, which the importer works
out from the events: open from ``opened_on`` until the day before ``closed_on``.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
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
    stmt = (
        select(
            spell.c.rectification_id,
            spell.c.spell_no,
            spell.c.county_code,
            spell.c.closed_on,
            reopened_on.label("reopened_on"),
        )
        .join(rectification, rectification.c.id == spell.c.rectification_id)
        .where(*allowed(scope, categories), spell.c.closed_on <= as_of)
        .order_by(spell.c.rectification_id, spell.c.spell_no)
    )
    dtypes = {
        "rectification_id": "int64",
        "spell_no": "int64",
        "county_code": "str",
        "closed_on": "datetime64[s]",
        "reopened_on": "datetime64[s]",
    }
    closed = read_frame(conn, stmt, dtypes)
    arms = _incidents(conn, scope, as_of, categories)
    # Without what only the list tells, an index answers by itself.
    slim = [_only(arm, "rectification_id", "spell_no", "known_on") for arm in arms]
    after = union_all(*slim).subquery()
    of_closure = (after.c.rectification_id, after.c.spell_no)
    first = read_frame(
        conn,
        select(*of_closure, func.min(after.c.known_on).label("known_on")).group_by(*of_closure),
        {"rectification_id": "int64", "spell_no": "int64", "known_on": "datetime64[s]"},
    )
    closed = closed.merge(first, on=["rectification_id", "spell_no"], how="left")
    closed["relapsed_on"] = closed[["reopened_on", "known_on"]].min(axis=1)
    return closed.drop(columns=["reopened_on", "known_on"])


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
    spell, item = rectification_spell, rectification
    arms: list[Select[Any]] = []
    for table, happened_on, known_on, number, kind, proven in (
        (
            violation_report,
            violation_report.c.received_on,
            violation_report.c.verified_on,
            violation_report.c.report_no,
            "report",
            # Written out: only then is it seen that an index has just these.
            violation_report.c.status == literal_column("'substantiated'"),
        ),
        (
            inspection,
            inspection.c.inspected_on,
            inspection.c.inspected_on,
            inspection.c.inspection_no,
            "inspection",
            inspection.c.outcome == "violation",
        ),
    ):
        arms += [
            select(
                spell.c.rectification_id,
                spell.c.spell_no,
                spell.c.closed_on,
                happened_on.label("happened_on"),
                known_on.label("known_on"),
                literal(kind).label("kind"),
                number.label("number"),
                table.c.violation_type_group.label("what"),
            )
            .join(item, item.c.id == spell.c.rectification_id)
            .join(table, same)
            .where(
                *allowed(scope, categories),
                scope.allows(table),
                spell.c.closed_on <= as_of,
                proven,
                known_on <= as_of,
                happened_on > spell.c.closed_on,
                happened_on <= days_after(conn, spell.c.closed_on, RELAPSE_DAYS.days),
            )
            for same in _same_place(table)
        ]
    return arms


def _only(arm: Select[Any], *names: str) -> Select[Any]:
    return arm.with_only_columns(*(arm.selected_columns[name] for name in names))


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
    # A row with a key has a name. Said again: only then is it seen that an index has just these.
    named = table.c.institution_name.is_not(None)
    return (
        item.c.institution_id == table.c.institution_id,
        and_(unlinked, item.c.place_name == table.c.place_name),
        and_(nameless, _name(item) == table.c.institution_name_key, named),
        and_(
            nameless,
            table.c.institution_name_key.is_(None),
            _name(item) == table.c.institution_name,
        ),
    )


def _name(table: Any) -> ColumnElement[str]:
    return func.coalesce(table.c.institution_name_key, table.c.institution_name)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
