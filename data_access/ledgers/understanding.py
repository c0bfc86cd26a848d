"""What was understood of a file, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data_access.ledgers.kinds import Kind
from data_access.ledgers.problems import Problem


@dataclass(frozen=True, slots=True)
class UnderstoodSheet:
    """How one sheet was read, for the person to check before confirming.

    ``columns`` maps each header of the file to the canonical header it was taken for;
    ``unknown`` are the headers that were ignored, ``personal`` those of columns about
    persons, of which nothing is stored. ``header_row`` is the sheet's own
    number of the (last) header row, ``None`` where the sheet was skipped and ``skipped``
    says why.
    """

    name: str
    header_row: int | None
    columns: dict[str, str]
    unknown: tuple[str, ...]
    rows_read: int
    skipped: str | None = None
    personal: tuple[str, ...] = ()


@dataclass(slots=True)
class Understanding:
    """A file of one kind, understood.

    ``rows`` has one row for each row that held anything, a range index, the columns
    ``sheet`` (str) and ``row`` (int, the spreadsheet's own number), and one column for
    each database column that the kind's columns fill, absent ones included: text as
    ``str`` or ``None`` (object), days as ``datetime64[s]`` (NaT), counts and numbers as
    ``Float64``/``Int64`` (NA), yes-no as ``boolean`` (NA), codes as text, times as
    ``datetime.time`` or ``None``. A missing value is a cell left empty: on an update the
    stored value stays. ``cleared[name]`` marks the rows in which the cell said 清空.

    ``rejected`` marks the rows that reading already rejects; each has at least one error
    in ``problems``. ``originals[i]`` are the cells of row ``i`` as text, in the order of
    its sheet's own columns, and ``layouts[sheet]`` that sheet's header cells, both for
    the workbook of rejected rows. ``header_of[sheet][name]`` is the header as the file
    has it of database column ``name``, for problems found later.
    """

    kind: Kind
    file_name: str
    sha256: str
    rows: pd.DataFrame
    rejected: np.ndarray
    cleared: dict[str, np.ndarray]
    originals: Sequence[list[str]]
    layouts: dict[str, list[str]]
    header_of: dict[str, dict[str, str]]
    sheets: list[UnderstoodSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows_read(self) -> int:
        """Rows that held anything."""
        return len(self.rows)
