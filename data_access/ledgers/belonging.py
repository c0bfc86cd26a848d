"""Rows that mean nothing without their institution: verifications, prices and charges."""

from __future__ import annotations

from typing import Final

import numpy as np
from sqlalchemy import Connection, select

from data_access.ledgers import linking
from data_access.ledgers.draft import Draft, present
from data_access.ledgers.queries import select_in
from data_access.schema import course_fee, fee_charge, verification

# What such a row is known by beside its institution.
OF_INSTITUTION: Final = {
    verification.name: ("item", "verified_on"),
    course_fee.name: ("course", "class_size", "effective_on"),
    fee_charge.name: ("receipt_no",),
}


def match_of_institution(conn: Connection, draft: Draft) -> None:
    """By the institution and what the row is known by beside it; none without an institution."""
    _find_institutions(conn, draft)
    names = OF_INSTITUTION[draft.table.name]
    key = ("institution_id", *names)
    keys = list(zip(*(draft.column(name) for name in key), strict=True))
    draft.reject_repeats(keys, names[0])
    table, ids = draft.table, draft.column("institution_id")
    rows = select_in(conn, select(table), table.c.institution_id, ids[draft.alive])
    at = {tuple(row._mapping[name] for name in key): n for n, row in enumerate(rows)}
    draft.attach(rows, [at.get(each) for each in keys])


def _find_institutions(conn: Connection, draft: Draft) -> None:
    found = linking.resolve(
        conn,
        codes=draft.column("credit_code"),
        counties=draft.column("county_code"),
        names=draft.column("institution_name"),
        where=draft.alive,
    )
    # A county must not learn of, or write to, an institution of another county.
    county = draft.column("county_code")
    elsewhere = present(found.ids) & present(county) & (found.counties != county)
    unknown = ~present(found.ids) & ~found.ambiguous
    if draft.is_county_file:
        unknown |= present(found.ids) & (found.counties != draft.sender.county_code)
    else:
        draft.warn(elsewhere, "county_code", "县区与机构台账不一致，已按机构台账的县区计")
    draft.reject(
        found.ambiguous,
        "institution_name",
        "本县区有多家同名机构，无法判断是哪一家。请补填统一社会信用代码",
    )
    draft.reject(
        unknown,
        "institution_name",
        f"机构台账中没有这家机构。请先导入机构台账，再导入{draft.kind.title}",
    )
    draft.settle()
    draft.given |= {"institution_id": found.ids, "county_code": found.counties}
    track(draft, "institution_id")


def track(draft: Draft, *names: str) -> None:
    """Keep old values of these columns and the county, though no cell states them."""
    for name in (*names, "county_code"):
        if name not in draft.tracked:
            draft.tracked.append(name)
        draft.cleared.setdefault(name, np.zeros(draft.length, dtype=bool))
