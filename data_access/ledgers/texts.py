"""Cells as the text that a spreadsheet shows. Needs nothing: a child process uses it too."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

Cell = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta


def cell_text(cell: object) -> str:
    """Return a cell as text: days as ``2022-07-05``, whole numbers without a point."""
    if isinstance(cell, float):
        # Fifteen digits are what a spreadsheet shows; the sixteenth is the machine's own.
        text = f"{cell:.15g}"
        return f"{Decimal(text):f}" if "e" in text else text
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, dt.datetime):
        if cell.time() == dt.time():
            return cell.date().isoformat()
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.time):
        return cell.isoformat(timespec="seconds" if cell.second else "minutes")
    return "" if cell is None else str(cell)
