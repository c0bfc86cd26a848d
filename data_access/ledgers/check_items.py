"""What a check found, as an item of the rectifications ledger.

A check whose outcome is a finding leaves an item ``XT-ZX-`` and its number, once. A correction
of the check, its county among it, follows into the item as long as nobody has worked on that;
later it does not, and says so. A check that turns out clear leaves its item: what stands in the
ledger goes by close-out alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Row, bindparam, select, update

from data_access import vocabulary
from data_access.ledgers import system_items
from data_access.ledgers.draft import Draft, Mask, Values, as_values, present
from data_access.ledgers.matching import OWN_NUMBERS
from data_access.ledgers.queries import select_in
from data_access.ledgers.rectification_history import Weeks, rebuild
from data_access.ledgers.system_items import Source
from data_access.schema import compliance_check, rectification, rectification_event

PREFIX: Final = f"{OWN_NUMBERS}ZX-"
# Days for putting right, by severity, where the check names no due day. The plan names none
# either: a month for what is slight, and the graver the sooner, as the ledger's own items have.
DAYS_ALLOWED: Final = {1: 30, 2: 20, 3: 10}
# So that the number of the item fits, too.
LONGEST_NUMBER: Final = 58
_SLIGHT: Final = 1
_DOMAINS: Final = vocabulary.first_words(vocabulary.CHECK_DOMAIN)
_ASPECTS: Final = vocabulary.first_words(vocabulary.CHECK_ASPECT)
# What a check and its item both state.
_SHARED: Final = ("county_code", "institution_name", "credit_code")
_LINK: Final = ("institution_id", "institution_name_key")
_READ: Final = (*_SHARED, "domain", "aspect", "severity", "checked_on", "due_on", "finding")


def follow(conn: Connection, draft: Draft, written: Mask) -> Weeks:
    """Open the items of new findings and correct those of corrected checks; return the weeks."""
    source = Source(
        draft.sender.name if draft.batch_id is None else None, draft.batch_id, draft.received_on
    )
    wanted = rectification.c.id
    known = select_in(conn, select(rectification), wanted, draft.was("rectification_id")[written])
    items = {item.id: item for item in known}
    item_of = as_values(map(items.get, draft.was("rectification_id")), draft.length)
    found = np.asarray(draft.merged["outcome"] == "finding", dtype=np.bool_)
    has_item = written & present(item_of)
    touched = _open(conn, draft, written & found & ~has_item, source)
    touched += _correct(conn, draft, has_item & found, item_of, source)
    draft.warn(
        has_item & ~found & draft.differs("outcome"),
        "outcome",
        as_values(
            (
                item
                and f"检查结果已改为无问题，整改事项 {item.ledger_no} 仍在台账，须按销号程序办结"
                for item in item_of
            ),
            draft.length,
        ),
    )
    return rebuild(conn, touched)


def _open(conn: Connection, draft: Draft, new: Mask, source: Source) -> list[int]:
    places = np.flatnonzero(new).tolist()
    numbers = draft.merged["check_no"]
    items = [
        _item(_of_row(draft, at))
        | {name: draft.derived[name][at] for name in _LINK}
        | {"ledger_no": f"{PREFIX}{numbers[at]}", "source": "check"}
        for at in places
    ]
    notes = [draft.merged["finding"][at] for at in places]
    ids = system_items.register(conn, items, notes, source)
    if ids:
        stmt = update(compliance_check).where(compliance_check.c.check_no == bindparam("number"))
        conn.execute(
            stmt.values(rectification_id=bindparam("item")),
            [{"number": numbers[at], "item": ids[f"{PREFIX}{numbers[at]}"]} for at in places],
        )
    return list(ids.values())


def _correct(
    conn: Connection, draft: Draft, where: Mask, item_of: Values, source: Source
) -> list[int]:
    """Let items follow what their checks say otherwise now; warn of those worked on since."""
    changed = np.zeros(draft.length, dtype=bool)
    for at in np.flatnonzero(where):
        before = {name: draft.was(name)[at] for name in _READ}
        changed[at] = _said(before) != _said(_of_row(draft, int(at)))
    items: list[Row[Any]] = list(item_of[changed])
    taken = system_items.worked_on(conn, items)
    late = changed & np.array([item is not None and item.id in taken for item in item_of])
    draft.warn(
        late,
        "check_no",
        as_values(
            (
                item
                and f"整改事项 {item.ledger_no} 已有办理记录，未随本次更正改动。"
                "如须更正，请在整改台账中办理"
                for item in item_of
            ),
            draft.length,
        ),
    )
    places = np.flatnonzero(changed & ~late).tolist()
    _let_follow(conn, draft, {item_of[at]: at for at in places}, source)
    return [item_of[at].id for at in places]


def _let_follow(
    conn: Connection, draft: Draft, place_of: Mapping[Row[Any], int], source: Source
) -> None:
    """Write what checks say now into their items, and into the one step that each has."""
    says = {
        item.id: _item(_of_row(draft, at)) | {name: draft.derived[name][at] for name in _LINK}
        for item, at in place_of.items()
    }
    items = [(item, says[item.id]) for item in place_of]
    system_items.correct(conn, rectification, items, source)
    notes = {item.id: draft.merged["finding"][at] for item, at in place_of.items()}
    event = rectification_event
    steps = [
        (
            step,
            {
                "note": notes[step.rectification_id],
                "happened_on": says[step.rectification_id]["opened_on"],
                "county_code": says[step.rectification_id]["county_code"],
            },
        )
        for step in select_in(conn, select(event), event.c.rectification_id, says)
    ]
    system_items.correct(conn, event, steps, source)


def _of_row(draft: Draft, at: int) -> dict[str, Any]:
    return {name: draft.merged[name][at] for name in _READ}


def _said(row: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    return _item(row), row["finding"]


def _item(row: dict[str, Any]) -> dict[str, Any]:
    """Return what an item says of a check, its link and number aside."""
    severity = row["severity"] or _SLIGHT
    checked_on: date = row["checked_on"]
    return {name: row[name] for name in _SHARED} | {
        "issue_type": issue_type(row["domain"], row["aspect"]),
        "severity": severity,
        "opened_on": checked_on,
        "due_on": row["due_on"] or checked_on + timedelta(days=DAYS_ALLOWED[severity]),
    }


def issue_type(domain: str, aspect: str | None) -> str:
    """Return what the item of a check is about: 从业人员, or 安全（消防）."""
    return f"{_DOMAINS[domain]}（{_ASPECTS[aspect]}）" if aspect else _DOMAINS[domain]
