"""Rows of a file that mean what an earlier row of the same file means."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from data_access.ledgers.belonging import OF_INSTITUTION
from data_access.ledgers.kinds import Kind
from data_access.ledgers.places import name_keys

# By which a row is known again; of the rest an institution's identity is part of the key.
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "violation_reports": ("report_no",),
    "inspections": ("inspection_no",),
    "rectifications": ("ledger_no",),
    "rectification_events": ("ledger_no", "happened_on", "step"),
    "refund_disputes": ("dispute_no",),
    "compliance_checks": ("check_no",),
    "submissions": ("period", "document", "county_code"),
    "county_actions": ("duty", "county_code"),
}


class Repeat(NamedTuple):
    """A row that repeats an earlier one, both by place, and the column that says so."""

    at: int
    first: int
    column: str


def find_repeats(kind: Kind, rows: pd.DataFrame) -> Iterator[Repeat]:
    """Find the rows whose key an earlier row has, in the order of the rows.

    Institutions are the same by credit code, else by county and name; two codes under one
    name are two institutions. A row whose key is incomplete repeats nothing.
    """
    if kind.name == "institutions":
        if rows["credit_code"].notna().all():
            return _repeated_keys(rows, ("credit_code",))
        return _repeated_institutions(rows, "name", ())
    if kind.table.name in OF_INSTITUTION:
        # Whose it is, is but a part of the key; what is told points to what is the row's own.
        other = OF_INSTITUTION[kind.table.name]
        found = _repeated_institutions(rows, "institution_name", other)
        return (repeat._replace(column=other[0]) for repeat in found)
    if kind.name == "roster_entries":
        return _repeated_entries(rows)
    return _repeated_keys(rows, _KEYS[kind.name])


def key_in_words(kind: Kind) -> str:
    """Return the headers by which a row is the same, where they are several; else nothing."""
    names = OF_INSTITUTION.get(kind.table.name, ())
    if names:
        headers = [
            column.header for name in names for column in kind.columns if column.name == name
        ]
        return "、".join(["机构", *headers])
    key = _KEYS.get(kind.name, ())
    headers = [column.header for name in key for column in kind.columns if column.name == name]
    return "、".join(headers) if len(headers) > 1 else ""


def _repeated_keys(rows: pd.DataFrame, key: Sequence[str]) -> Iterator[Repeat]:
    keyed = rows[list(key)].dropna()
    groups = keyed.groupby(list(key), sort=False).ngroup().to_numpy()
    places = keyed.index.to_numpy()
    _, first = np.unique(groups, return_index=True)
    for at in np.flatnonzero(first[groups] != np.arange(len(groups))):
        yield Repeat(int(places[at]), int(places[first[groups[at]]]), key[0])


def _repeated_entries(rows: pd.DataFrame) -> Iterator[Repeat]:
    """Source lists: by source and entry number, else by source, county and name."""
    seen: dict[Hashable, int] = {}
    columns = (rows["source"], rows["entry_no"], rows["county_code"], _name_keys(rows["name"]))
    for at, (source, number, county, name) in enumerate(zip(*columns, strict=True)):
        if source is None or (number is None and name is None):
            continue
        key = (source, number) if number is not None else (source, county, name)
        first = seen.setdefault(key, at)
        if first != at:
            yield Repeat(at, first, "entry_no" if number is not None else "name")


def _repeated_institutions(
    rows: pd.DataFrame, name_column: str, other: Sequence[str]
) -> Iterator[Repeat]:
    """By credit code, else by county and name, each with the ``other`` columns of the key."""
    codes, counties = rows["credit_code"], rows["county_code"]
    names = _name_keys(rows[name_column])
    others = list(zip(*(rows[name] for name in other), strict=True)) or [()] * len(rows)
    complete = rows[list(other)].notna().all(axis=1)
    by_code: dict[Hashable, int] = {}
    by_name: dict[Hashable, int] = {}
    by_bare_name: dict[Hashable, int] = {}  # of rows that give no code
    for at, (code, county, name, rest, is_complete) in enumerate(
        zip(codes, counties, names, others, complete, strict=True)
    ):
        if not is_complete:
            continue
        coded = (code, *rest) if code is not None else None
        named = (county, name, *rest) if name is not None else None
        first = by_code.get(coded) if coded else None
        column = "credit_code"
        if first is None and named:
            first = (by_bare_name if coded else by_name).get(named)
            column = name_column
        if first is not None:
            yield Repeat(at, first, column)
            continue
        if coded:
            by_code[coded] = at
        if named:
            by_name.setdefault(named, at)
            if not coded:
                by_bare_name.setdefault(named, at)


def _name_keys(names: pd.Series[Any]) -> list[str | None]:
    said = names.notna().to_numpy()
    keys = iter(name_keys(list(names[said])))
    return [next(keys) if is_said else None for is_said in said]
