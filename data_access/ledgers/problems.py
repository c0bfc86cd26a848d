"""What is wrong with a file, said so that the person who sent it can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


class UnreadableFileError(Exception):
    """Nothing of the file can be read; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file.

    ``row`` is the number that the spreadsheet shows; it is ``None`` where a whole sheet
    or column is meant. ``column`` is the header as the file has it. An ``error`` with a
    row rejects that row; a ``warning`` loads it.
    """

    sheet: str | None
    row: int | None
    column: str | None
    value: str | None
    problem: str
    severity: Severity
