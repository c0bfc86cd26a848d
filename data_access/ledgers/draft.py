"""The rows of one file on their way into a table: what they say, what is stored, what will be.

Everything is held by column, in object arrays with one element a row of the file and
``None`` for what is missing, so that matching, merging and comparing are array operations.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Column, Integer, Numeric, Row, String

from data_access.ledgers import masking
from data_access.ledgers.kinds import Masks, Read
from data_access.ledgers.problems import Problem, Severity
from data_access.ledgers.understanding import Understanding

Values = NDArray[np.object_]
Mask = NDArray[np.bool_]

# Columns of the tables that a file never fills itself.
SYSTEM: Final = frozenset({"id", "row_version", "first_batch_id", "received_by_us_on", "withheld"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a file: ``name`` for the history, and the county it is held to.

    ``county_code`` is ``None`` for the city's own files. A county account may not close
    an item, nor send one back.
    """

    name: str
    county_code: str | None = None
    is_county_account: bool = False

    @property
    def email(self) -> str | None:
        """The account that sends, ``None`` on the command line, which has no address."""
        return self.name if "@" in self.name else None


def present(values: Values) -> Mask:
    """Return where something stands."""
    return np.asarray(values != None, dtype=np.bool_)  # noqa: E711 - element by element


def choose(where: Mask, values: Values, otherwise: Values | None = None) -> Values:
    """Return ``values`` where chosen, else ``otherwise`` (missing where there is none)."""
    chosen = nothing(len(values)) if otherwise is None else otherwise.copy()
    chosen[where] = values[where]
    return chosen


def nothing(length: int) -> Values:
    """Return ``length`` missing values."""
    return np.full(length, None, dtype=object)


def as_values(items: Iterable[Any], length: int) -> Values:
    """Return the items as an object array, whatever they are."""
    values = nothing(length)
    values[:] = list(items)
    return values


def is_below(values: Values, others: Values) -> Mask:
    """Where a value (a day: the earlier) is below the other; not where either is missing."""
    both = present(values) & present(others)
    below = np.zeros(len(values), dtype=bool)
    below[both] = values[both] < others[both]
    return below


class Draft:
    """One file's rows, their problems so far, and the stored rows they belong to.

    Without a batch it is one row that a person changes on a page.

    ``given`` holds what the cells say and ``stored`` what the database holds of the same
    row, by database column; ``merged`` is what the database will hold. ``ids`` are the
    stored rows' ids, ``None`` for new rows. ``tracked`` names the columns whose old values
    are kept; ``derived`` holds columns worked out from them.
    """

    def __init__(
        self,
        understanding: Understanding,
        *,
        received_on: date,
        sender: Sender,
        batch_id: int | None,
    ) -> None:
        self.kind = understanding.kind
        self.table = understanding.kind.table
        self.received_on = received_on
        self.sender = sender
        self.batch_id = batch_id
        self.length = len(understanding.rows)
        self.rejected: Mask = np.array(understanding.rejected, dtype=bool)
        self.problems: list[Problem] = list(understanding.problems)
        self._settled = self.rejected.copy()
        self._understanding = understanding
        frame = understanding.rows
        self._texts = {c.name for c in self.kind.columns if c.read is Read.TEXT}
        self.masks = {c.name: c.masks for c in self.kind.columns}
        self._places: dict[tuple[str, str], int | None] = {}
        self._sheets: list[str] = frame["sheet"].tolist()
        self._numbers: list[int] = [int(number) for number in frame["row"]]
        self.given: dict[str, Values] = {
            str(name): _typed(_objects(frame[name]), self.table.c.get(str(name)))
            for name in frame.columns
            if name not in ("sheet", "row")
        }
        self.tracked: list[str] = [
            name for name in self.given if name in self.table.c and name not in SYSTEM
        ]
        self.cleared = {name: self._clearings(name) for name in self.tracked}
        self.ids = nothing(self.length)
        self.stored: dict[str, Values] = {}
        self.merged: dict[str, Values] = {}
        self.derived: dict[str, Values] = {}

    def _clearings(self, name: str) -> Mask:
        sources = [name, name.removesuffix("_group")]
        if name in ("class_starts_at", "class_ends_at"):
            sources.append("class_hours")
        cleared = np.zeros(self.length, dtype=bool)
        for source in sources:
            if source in self._understanding.cleared:
                cleared |= np.asarray(self._understanding.cleared[source], dtype=bool)
        return cleared

    # What is known of the rows

    @property
    def alive(self) -> Mask:
        """Rows not rejected so far."""
        return np.asarray(~self.rejected)

    @property
    def known(self) -> Mask:
        """Rows that the database holds already."""
        return present(self.ids)

    @property
    def is_county_file(self) -> bool:
        """Whether the file is held to one county."""
        return self.sender.county_code is not None

    def column(self, name: str) -> Values:
        """Return what the cells of database column ``name`` say."""
        return self._column_of(self.given, name)

    def _column_of(self, columns: dict[str, Values], name: str) -> Values:
        if name not in columns:
            columns[name] = nothing(self.length)
        return columns[name]

    def was(self, name: str) -> Values:
        """Return what the database holds, ``None`` for new rows."""
        return self._column_of(self.stored, name)

    def attach(self, rows: Sequence[Row[Any]], positions: Sequence[int | None]) -> None:
        """Say which of the stored ``rows`` each row of the file is; ``None`` is a new one."""
        names = list(rows[0]._fields) if rows else [column.name for column in self.table.c]
        where = np.array([-1 if at is None else at for at in positions], dtype=np.int64)
        found = where >= 0
        for name, values in zip(names, zip(*rows, strict=True) if rows else (), strict=False):
            column = nothing(self.length)
            column[found] = as_values(values, len(rows))[where[found]]
            self.stored[name] = column
        self.ids = self.was("id").copy()

    def merge(self) -> None:
        """Work out what the database will hold: cells left empty leave the stored value."""
        for name in self.tracked:
            given = self.given[name]
            merged = choose(present(given), given, self.was(name))
            merged[self.cleared[name]] = None
            self.merged[name] = merged

    def differs(self, name: str) -> Mask:
        """Where what will be held of a known row is not what is held."""
        values = self.merged[name] if name in self.merged else self.derived[name]
        differs: Mask = self.known & np.asarray(values != self.was(name), dtype=np.bool_)
        return differs

    # What is wrong with them

    def settle(self) -> None:
        """End a stage: rows rejected by now gather no further problems."""
        self._settled = self.rejected.copy()

    def reject(self, where: Mask, column: str | None, reason: str | Values) -> None:
        """Reject rows, with the reason; ``column`` is the database column that is meant."""
        self._complain(where, column, reason, "error")
        self.rejected |= where & ~self._settled

    def warn(self, where: Mask, column: str | None, reason: str | Values) -> None:
        """Load rows, with a warning."""
        self._complain(where, column, reason, "warning")

    def warn_if_before(self, name: str, opening: str, where: Mask | None = None) -> None:
        """Warn of rows whose day ``name`` lies before their day ``opening``, naming both."""
        days, openings = self.merged[name], self.merged[opening]
        early = is_below(days, openings)
        if where is not None:
            early &= where
        reasons = nothing(self.length)
        for at in np.flatnonzero(early).tolist():
            day, begun = f"{self.header(name)}（{days[at]}）", openings[at]
            reasons[at] = f"{day}早于{self.header(opening)}（{begun}），请核对"
        self.warn(early, name, reasons)

    def reject_repeats(self, keys: Sequence[Hashable | None], column: str | None) -> None:
        """Reject each row that has the key of an earlier row, naming that row."""
        first: dict[Hashable, int] = {}
        repeats = np.zeros(self.length, dtype=bool)
        reasons = nothing(self.length)
        for at in np.flatnonzero(self.alive).tolist():
            key = keys[at]
            if key is None:
                continue
            earlier = first.setdefault(key, at)
            if earlier != at:
                repeats[at] = True
                reasons[at] = f"与{self.place_of(earlier)}重复，请只保留一行"
        self.reject(repeats, column, reasons)

    def place_of(self, at: int) -> str:
        """Name a row of the file as the spreadsheet does."""
        return f"工作表“{self._sheets[at]}”第 {self._numbers[at]} 行"

    def header(self, name: str) -> str:
        """Return the canonical header of a database column."""
        return next((item.header for item in self.kind.columns if item.name == name), name)

    def _complain(
        self, where: Mask, column: str | None, reason: str | Values, severity: Severity
    ) -> None:
        # What a text column says is its cell's text; others are looked up in the file.
        texts = self.given.get(column or "") if column in self._texts else None
        for at in np.flatnonzero(where & ~self._settled).tolist():
            sheet = self._sheets[at]
            header = self._understanding.header_of.get(sheet, {}).get(column or "")
            self.problems.append(
                Problem(
                    sheet,
                    self._numbers[at],
                    header or (self.header(column) if column else None),
                    masking.shown(
                        self.masks.get(column or "", Masks.NUMBERS),
                        texts[at] if texts is not None else self._cell(at, sheet, header),
                    ),
                    reason if isinstance(reason, str) else str(reason[at]),
                    severity,
                )
            )

    def _cell(self, at: int, sheet: str, header: str | None) -> str | None:
        if header is None:
            return None
        if (sheet, header) not in self._places:
            layout = self._understanding.layouts.get(sheet, [])
            self._places[sheet, header] = layout.index(header) if header in layout else None
        place = self._places[sheet, header]
        cells = self._understanding.originals[at]
        return cells[place] if place is not None and place < len(cells) else None

    def rows_of(self, where: Mask, names: Sequence[str]) -> list[dict[str, Any]]:
        """Return the chosen rows as dictionaries of merged and derived columns."""
        columns = [
            (self.merged[name] if name in self.merged else self.derived[name])[where]
            for name in names
        ]
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _objects(series: pd.Series[Any]) -> Values:
    """Return a column as Python objects, ``None`` where it is missing."""
    if series.dtype.kind == "M":
        days: Values = series.to_numpy().astype("datetime64[D]").astype(object)
        return days
    values = nothing(len(series))
    values[:] = series.astype(object).where(series.notna(), None).to_numpy(dtype=object)
    return values


def _without_nul(values: Values) -> Values:
    """Return texts without the one character that PostgreSQL does not take."""
    if "\x00" not in "".join(values[present(values)].tolist()):
        return values
    return as_values((value and value.replace("\x00", "") for value in values), len(values))


def _typed(values: Values, column: Column[Any] | None) -> Values:
    """Return whole numbers as ``int`` and money with two digits, as the database holds them."""
    if column is None:
        return values
    if isinstance(column.type, String):
        return _without_nul(values)
    if isinstance(column.type, Integer):
        return as_values((None if v is None else int(v) for v in values), len(values))
    if isinstance(column.type, Numeric) and column.type.scale == 2:
        return as_values((None if v is None else round(float(v), 2) for v in values), len(values))
    return values
