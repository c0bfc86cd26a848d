"""A row of a ledger in words, as its ledger writes it, and what was changed in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

import pandas as pd

from data_access import vocabulary
from data_access.ledgers.kinds import Column, Kind, Read
from data_access.ledgers.texts import cell_text
from ui.formatting import is_missing

_UNITS: Final[dict[str, str]] = {Read.MONEY: "（元）", "floor_area_m2": "（平方米）"}
YES, NO = "是", "否"
BY_FILE: Final = "文件导入"
# Of a row these are not its own words.
_NOT_SHOWN: Final = frozenset({"county_code", "row_version", "longitude", "latitude"})


def words_of(kind: Kind, row: pd.Series) -> dict[str, str]:
    """Return what each column of a row says, as a cell of its ledger would; empty: nothing.

    ``row`` holds codes and days, as ``data_access.ledger_records`` reads them.
    """
    return {
        column.name: _word(column, row[column.name])
        for column in kind.columns
        if column.name in row.index and column.name not in _NOT_SHOWN
    }


def changes(kind: Kind, found: pd.DataFrame) -> Iterator[tuple[pd.Timestamp, str, str]]:
    """Yield the changes of a row: the day, who, and what became of what.

    ``found`` is ``ledger_records.row_changes``. What one account or file changed on one day, one
    after the other, is told together.
    """
    columns = {column.name: column for column in kind.columns}
    rows = found[found["column_name"].isin(columns)].to_dict("records")
    for (day, who, _), together in groupby(rows, key=_by_whom):
        said = [_change(columns[str(row["column_name"])], row) for row in together]
        yield day, who, "；".join(said)


def last_change(found: pd.DataFrame) -> str:
    """Say who changed a row last, and on which day."""
    if found.empty:
        return "别人刚刚"
    day, who, _ = _by_whom(found.iloc[-1].to_dict())
    return f"{who} 于 {day:%Y-%m-%d}"


def _by_whom(row: dict[Any, Any]) -> tuple[pd.Timestamp, str, Any]:
    if not is_missing(row["email"]):
        return row["changed_on"], str(row["email"]), None
    by_file = "" if is_missing(row["imported_by"]) else f"（{row['imported_by']}）"
    return row["changed_on"], f"{BY_FILE}{by_file}", row["batch_id"]


def _change(column: Column, row: dict[Any, Any]) -> str:
    old, new = (_kept(column, row[name]) or "空" for name in ("old_value", "new_value"))
    return f"{column.header}：{old} → {new}"


def _kept(column: Column, text: Any) -> str:
    """Return an old value in words."""
    if is_missing(text):
        return ""
    if column.read is Read.YES_NO:
        return {"True": YES, "False": NO}.get(str(text), str(text))
    if column.read in (Read.MONEY, Read.NUMBER):
        return cell_text(float(text))
    return _code(column, str(text))


def _word(column: Column, value: Any) -> str:
    if is_missing(value):
        return ""
    if column.read is Read.YES_NO:
        return YES if value else NO
    if column.read in (Read.DAY, Read.DAY_AHEAD):
        return f"{value:%Y-%m-%d}"
    if column.read in (Read.MONEY, Read.NUMBER, Read.COUNT):
        return cell_text(float(value))
    return _code(column, str(value))


def _code(column: Column, text: str) -> str:
    words = vocabulary.first_words(column.words) if column.words else {}
    return words.get(text, text)


def headers_of(kind: Kind) -> dict[str, str]:
    """Return the header of each column of a ledger, with its unit."""
    return {
        column.name: f"{column.header}{_UNITS.get(column.read, '')}{_UNITS.get(column.name, '')}"
        for column in kind.columns
    }
