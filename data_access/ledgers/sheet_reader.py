"""The rows of one sheet as columns of the database, and what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_access.ledgers import masking
from data_access.ledgers.cells import CLEAR, Cells
from data_access.ledgers.headers import Heading
from data_access.ledgers.kinds import Column, Kind, Masks, Read
from data_access.ledgers.points import settle_points
from data_access.ledgers.problems import Problem, Severity
from data_access.ledgers.rows import SheetRows
from data_access.ledgers.understanding import UnderstoodSheet
from data_access.ledgers.values import (
    COORDINATES,
    Setting,
    county_of_sheet,
    database_columns,
    read_column,
)

# Ledgers whose rows find their county elsewhere: an event by its item, a verification, price
# or charge by the institution's code; a line of a source list may have none.
COUNTY_ELSEWHERE: Final = frozenset(
    ("rectification_events", "verifications", "course_fees", "fee_charges", "roster_entries")
)
SHOWN_LENGTH: Final = 200  # of a cell's text, in a problem


class SheetReader:
    """Reads one sheet: first ``read``, then ``frame``, ``cleared`` and ``problems``.

    ``problems`` pairs each problem with the place of its row, ``None`` for a column's.
    ``hidden`` and ``odd`` say by header in how many cells personal data was hidden, and out
    of how many control characters were taken.
    """

    def __init__(self, kind: Kind, rows: SheetRows, setting: Setting) -> None:
        self.kind = kind
        self.rows = rows
        self.setting = setting
        self.length = len(rows.numbers)
        self.problems: list[tuple[int | None, Problem]] = []
        self.values: dict[str, Any] = {}
        self.cleared: dict[str, npt.NDArray[np.bool_]] = {}
        self.header_of: dict[str, str] = {}
        self.hidden: Counter[str] = Counter()
        self.odd: Counter[str] = Counter()
        self._cells: dict[str, tuple[Column, Cells]] = {}
        self.frame = pd.DataFrame()

    def read(self) -> None:
        """Understand every column, then what holds between columns."""
        self._tell_columns()
        found = {
            heading.column.name: (heading, self._hide(heading.column, heading.text, cells))
            for heading, cells in self.rows.columns
            if heading.column
        }
        for column in self.kind.columns:
            if column.name in found:
                self._read_column(column, *found[column.name])
            else:
                self._leave_out(column)
        self._tell_unmeasured()
        self._tell_uncomputed()
        sheet = _series(np.full(self.length, self.rows.name, dtype=object))
        self.frame = pd.DataFrame({"sheet": sheet, "row": self.rows.numbers, **self.values})
        self._settle_county()
        if COORDINATES[0] in self.frame:
            for at, name, problem, severity in settle_points(
                self.frame, self.cleared, self.setting.crs
            ):
                self._add(at, name, problem, severity)

    def understood(self) -> UnderstoodSheet:
        """Say how the sheet was read."""
        headings = self.rows.header.headings
        return UnderstoodSheet(
            self.rows.name,
            self.rows.header_row,
            {h.text: h.column.header for h in headings if h.column},
            tuple(h.text for h in headings if h.is_unknown),
            self.length,
            personal=tuple(h.text for h in headings if h.is_personal),
        )

    def _hide(self, column: Column, header: str, cells: Cells) -> Cells:
        """Return the cells of a column without the personal data that it may not hold."""
        self.odd[header] += int(cells.has(cells.odd).sum())
        if column.read in (Read.TEXT, Read.GROUPED) and column.masks in (
            Masks.IDENTITIES,
            Masks.NUMBERS,
            Masks.NAMES,
        ):
            cells, hidden = masking.hide_in(cells, column.masks)
            for heading, names in self.rows.columns if column.masks is Masks.NAMES else ():
                if heading.holds_names:
                    cells, named = masking.hide_names(cells, names)
                    hidden |= named
            self.hidden[header] += int(hidden.sum())
        for name in (column.name, *database_columns(column)):
            self._cells[name] = column, cells
        return cells

    def _read_column(self, column: Column, heading: Heading, cells: Cells) -> None:
        meaning = read_column(
            self.kind, column, cells.texts, scale=heading.scale, setting=self.setting
        )
        is_clear = cells.is_clear
        for name in database_columns(column):
            self.values[name] = _series(meaning.values[name].take(cells.codes))
            self.cleared[name] = is_clear
            self.header_of[name] = heading.text
        self.header_of[column.name] = heading.text
        self._tell(column, cells, heading.text, meaning.errors, "error")
        self._tell(column, cells, heading.text, meaning.warnings, "warning")
        is_county = column.read is Read.COUNTY
        if is_clear.any() and (column.required or is_county):
            self.cleared[column.name] = np.zeros(self.length, dtype=bool)
            for at in np.flatnonzero(is_clear):
                self._add(int(at), column.name, "此列不能清空，请填写", "error", CLEAR)
        if column.required and not is_county:
            for at in np.flatnonzero(~cells.is_filled):
                self._add(int(at), column.name, "必填项没有填，请补填", "error")

    def _leave_out(self, column: Column) -> None:
        nothing = np.zeros(self.length, dtype=np.intp)
        meaning = read_column(self.kind, column, [""], scale=1, setting=self.setting)
        for name in database_columns(column):
            self.values[name] = _series(meaning.values[name].take(nothing))
            self.cleared[name] = np.zeros(self.length, dtype=bool)

    def _tell(
        self,
        column: Column,
        cells: Cells,
        header: str,
        said: dict[int, str],
        severity: Severity,
    ) -> None:
        for at in np.flatnonzero(cells.has(said)) if said else ():
            code = int(cells.codes[at])
            problem = Problem(
                self.rows.name,
                int(self.rows.numbers[at]),
                header,
                _said_of(column, cells.texts[code]),
                said[code],
                severity,
            )
            self.problems.append((int(at), problem))

    def _add(
        self, at: int, name: str, problem: str, severity: Severity, value: str | None = None
    ) -> None:
        """Tell a problem of one row in the column that fills ``name``."""
        header = self.header_of.get(name)
        if value is None:
            value = self._text_at(at, name)
        number = int(self.rows.numbers[at])
        self.problems.append(
            (at, Problem(self.rows.name, number, header, value, problem, severity))
        )

    def _text_at(self, at: int, name: str) -> str | None:
        if name not in self._cells:
            return None
        column, cells = self._cells[name]
        return _said_of(column, cells.texts[cells.codes[at]]) or None

    def _settle_county(self) -> None:
        """Give each row its county: its own, else the sheet's, else the sender's."""
        county = self.setting.county
        own = self.frame["county_code"].to_numpy(dtype=object)
        text_of = dict(self.problems_by_row("county_code"))
        fallback = county_of_sheet(self.rows.name, self.setting.counties) or county
        missing = np.array([code is None for code in own], dtype=bool)
        settled = own.copy()
        settled[missing] = fallback
        is_broken = np.isin(np.arange(self.length), list(text_of))
        settled[is_broken] = None
        self.frame["county_code"] = pd.Series(settled, dtype=object)
        sender = {unit.code: unit.name for unit in self.setting.counties}.get(county or "")
        for at in np.flatnonzero(~is_broken):
            code = settled[at]
            if code is None:
                if self.kind.name not in COUNTY_ELSEWHERE:
                    self._add(int(at), "county_code", "县区没有填，请补填", "error")
            elif county is not None and code != county:
                said = f"本行的县区与报送县区{sender}不符，请改正县区或由所属县区报送"
                self._add(int(at), "county_code", said, "error")

    def problems_by_row(self, name: str) -> Iterator[tuple[int, str]]:
        """Return the rows with an error in the column that fills ``name``."""
        header = self.header_of.get(name)
        for at, problem in self.problems:
            if at is not None and problem.severity == "error" and problem.column == header:
                yield at, problem.problem

    def _tell_columns(self) -> None:
        for heading, cells in self.rows.columns:
            if heading.column or not (heading.is_unknown or heading.is_personal):
                continue
            problem = "这一列不在本台账之内，已忽略"
            if heading.is_personal:
                problem = "含个人信息，不入库"
            elif heading.duplicate_of is not None:
                problem = (
                    f"与“{heading.duplicate_of}”列重复，只采用“{heading.duplicate_of}”，本列已忽略"
                )
            elif not heading.text:
                if not cells.is_filled.any():
                    continue
                problem = "有内容但没有表头的列，已忽略"
            self.problems.append(
                (None, Problem(self.rows.name, None, heading.text, None, problem, "warning"))
            )

    def _tell_unmeasured(self) -> None:
        for heading in self.rows.header.unmeasured():
            words = "表头上方另写了金额单位，本列未注明，按元处理；如为万元，请写入本列表头"
            self.problems.append(
                (None, Problem(self.rows.name, None, heading.text, None, words, "warning"))
            )

    def _tell_uncomputed(self) -> None:
        headings = self.rows.header.headings
        for at, column in self.rows.uncomputed:
            if headings[column].column:
                self.problems.append(
                    (
                        at,
                        Problem(
                            self.rows.name,
                            int(self.rows.numbers[at]),
                            headings[column].text,
                            None,
                            "公式没有计算结果，按空单元格处理。请打开文件重新计算并保存，或改填数值",
                            "warning",
                        ),
                    )
                )


def _said_of(column: Column, text: str) -> str:
    """Return what a problem says of a cell."""
    return (masking.shown(column.masks, text) or "")[:SHOWN_LENGTH]


def _series(values: Any) -> pd.Series[Any]:
    """Return a column that stays what it is: text is not turned into pandas' own strings."""
    is_object = getattr(values, "dtype", None) == np.dtype(object)
    return pd.Series(values, dtype=object if is_object else None)
