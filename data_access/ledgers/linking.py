"""Which institution a row of another ledger means, now or when the institution arrives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Row, Select, Table, bindparam, select, update

from data_access.ledgers.draft import Draft, Mask, Values, as_values, choose, nothing, present
from data_access.ledgers.places import name_key
from data_access.ledgers.queries import select_in
from data_access.schema import (
    compliance_check,
    inspection,
    institution,
    rectification,
    refund_dispute,
    roster_decision,
    roster_entry,
    violation_report,
)

LINKED: Final = (violation_report, inspection, rectification, refund_dispute, compliance_check)
_IDENTITY: Final = (
    institution.c.id,
    institution.c.county_code,
    institution.c.name_key,
    institution.c.credit_code,
)


def name_keys(names: Values) -> Values:
    """Return the keys by which names are compared, ``None`` where there is no name."""
    keys = {name: name_key(name) or None for name in set(names[present(names)])}
    return as_values((keys.get(name) for name in names), len(names))


def candidates(
    conn: Connection, stmt: Select[Any], codes: Values, counties: Values, keys: Values
) -> list[Row[Any]]:
    """Return institutions with one of the codes, or one of the names in one of the counties."""
    found = {row.id: row for row in select_in(conn, stmt, institution.c.credit_code, codes)}
    here = sorted({county for county in counties if county is not None})
    named = stmt.where(institution.c.county_code.in_(here))
    for row in select_in(conn, named, institution.c.name_key, keys):
        found.setdefault(row.id, row)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Found:
    """The institution of each row: its id and county, or whether several fit."""

    ids: Values
    counties: Values
    ambiguous: Mask


def resolve(
    conn: Connection, *, codes: Values, counties: Values, names: Values, where: Mask
) -> Found:
    """Find institutions by credit code in the whole city, else by name in the same county.

    A name fits an institution unless both state codes and these differ; several that fit
    are told as ambiguous and not linked. Only the rows in ``where`` are looked for.
    """
    return resolve_keys(conn, codes=codes, counties=counties, keys=name_keys(names), where=where)


def resolve_keys(
    conn: Connection, *, codes: Values, counties: Values, keys: Values, where: Mask
) -> Found:
    """Find institutions as :func:`resolve` does, by name keys."""
    rows = candidates(conn, select(*_IDENTITY), codes[where], counties[where], keys[where])
    by_code = {row.credit_code: row for row in rows if row.credit_code is not None}
    by_name: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_name[row.county_code, row.name_key].append(row)
    ids, found_in = nothing(len(codes)), nothing(len(codes))
    ambiguous = np.zeros(len(codes), dtype=bool)
    for at in np.flatnonzero(where):
        code = codes[at]
        fitting = (
            [by_code[code]]
            if code in by_code
            else [
                row
                for row in by_name.get((counties[at], keys[at]), ())
                if code is None or row.credit_code is None
            ]
        )
        ambiguous[at] = len(fitting) > 1
        if len(fitting) == 1:
            ids[at], found_in[at] = fitting[0].id, fitting[0].county_code
    return Found(ids, found_in, ambiguous)


def link(conn: Connection, draft: Draft) -> None:
    """Work out the institution of each row of a ledger that names one.

    A known row keeps its link unless it names another institution now.
    """
    names, codes = draft.merged["institution_name"], draft.merged["credit_code"]
    keys = name_keys(names)
    draft.derived["institution_name_key"] = keys
    renamed = np.zeros(draft.length, dtype=bool)
    for name in ("institution_name_key", "credit_code", "county_code"):
        renamed |= draft.differs(name)
    linked = draft.known & ~renamed & present(draft.was("institution_id"))
    named = present(keys) | present(codes)
    found = resolve_keys(
        conn,
        codes=codes,
        counties=draft.merged["county_code"],
        keys=keys,
        where=draft.alive & named & ~linked,
    )
    draft.derived["institution_id"] = choose(linked, draft.was("institution_id"), found.ids)
    draft.warn(
        found.ambiguous,
        "institution_name",
        "本县区有多家同名机构，未与机构台账对上。补填统一社会信用代码后重新导入即可对上",
    )
    unknown = named & ~linked & ~present(found.ids) & ~found.ambiguous
    if draft.is_county_file:
        # Whether another county has the institution is not for this one to learn.
        unknown |= named & _is_elsewhere(conn, draft)
    draft.warn(
        unknown,
        "institution_name",
        "本县区的机构台账中没有这家机构，本行已导入；机构台账到齐后自动对上",
    )


def _is_elsewhere(conn: Connection, draft: Draft) -> Mask:
    """Where the institution of a row of a county's file is another county's."""
    ids = draft.derived["institution_id"]
    wanted = select(institution.c.id).where(institution.c.county_code != draft.sender.county_code)
    elsewhere = {row.id for row in select_in(conn, wanted, institution.c.id, ids[draft.alive])}
    return np.array([one in elsewhere for one in ids], dtype=bool)


def link_waiting_rows(conn: Connection, arrived: list[dict[str, Any]]) -> set[date]:
    """Link rows of the other ledgers that were waiting for the institutions that ``arrived``.

    Each of ``arrived`` states ``county_code``, ``name_key`` and ``credit_code``. Returns
    the weeks of reports that may have been linked.
    """
    codes = [one["credit_code"] for one in arrived]
    keys = [one["name_key"] for one in arrived]
    counties = sorted({one["county_code"] for one in arrived})
    weeks = [_link_waiting(conn, table, codes, counties, keys) for table in LINKED]
    _match_waiting_roster(conn, codes)
    return weeks[LINKED.index(violation_report)]


def _link_waiting(
    conn: Connection, table: Table, codes: list[Any], counties: list[str], keys: list[Any]
) -> set[date]:
    columns = table.c
    waiting = select(
        columns.id,
        columns.county_code,
        columns.institution_name_key,
        columns.credit_code,
        *([columns.week] if table is violation_report else []),
    ).where(columns.institution_id.is_(None))
    rows = {row.id: row for row in select_in(conn, waiting, columns.credit_code, codes)}
    named = waiting.where(columns.county_code.in_(counties))
    for row in select_in(conn, named, columns.institution_name_key, keys):
        rows.setdefault(row.id, row)
    if not rows:
        return set()
    ids, found_in, found_keys, found_codes, *weeks = (
        as_values(values, len(rows)) for values in zip(*rows.values(), strict=True)
    )
    found = resolve_keys(
        conn,
        codes=found_codes,
        counties=found_in,
        keys=found_keys,
        where=np.ones(len(rows), dtype=bool),
    )
    _set_institution(conn, table, ids, found.ids, {})
    return set(*weeks)


@dataclass(frozen=True, slots=True)
class DecidedLines:
    """Pairs of a line of a source list and an institution that people have decided."""

    same: frozenset[tuple[int, int]]
    apart: frozenset[tuple[int, int]]


def decided_lines(conn: Connection, lines: Values) -> DecidedLines:
    """Return what people have decided of these lines; no file undoes it."""
    columns = roster_decision.c
    stmt = select(columns.roster_entry_id, columns.institution_id, columns.verdict)
    rows = select_in(conn, stmt, columns.roster_entry_id, lines[present(lines)])
    pairs = {
        verdict: frozenset(
            (row.roster_entry_id, row.institution_id) for row in rows if row.verdict == verdict
        )
        for verdict in ("same", "different")
    }
    return DecidedLines(pairs["same"], pairs["different"])


def _match_waiting_roster(conn: Connection, codes: list[Any]) -> None:
    columns = roster_entry.c
    waiting = select(columns.id, columns.credit_code).where(columns.match_status == "unmatched")
    rows = select_in(conn, waiting, columns.credit_code, codes)
    if not rows:
        return
    known = select_in(
        conn, select(*_IDENTITY), institution.c.credit_code, [row.credit_code for row in rows]
    )
    by_code = {row.credit_code: row.id for row in known}
    ids = as_values((row.id for row in rows), len(rows))
    apart = decided_lines(conn, ids).apart
    fitting = ((row.id, by_code.get(row.credit_code)) for row in rows)
    found = as_values((None if pair in apart else pair[1] for pair in fitting), len(rows))
    _set_institution(conn, roster_entry, ids, found, {"match_status": "matched"})


def _set_institution(
    conn: Connection, table: Table, ids: Values, institutions: Values, also: dict[str, str]
) -> None:
    rows = [
        {"row_id": row, "found": found}
        for row, found in zip(ids, institutions, strict=True)
        if found is not None
    ]
    if rows:
        stmt = update(table).where(table.c.id == bindparam("row_id"))
        conn.execute(stmt.values(institution_id=bindparam("found"), **also), rows)
