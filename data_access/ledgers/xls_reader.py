"""Reads an .xls in a process of its own: ``python -m data_access.ledgers.xls_reader``.

A malformed file of the old binary format can make its reader ask for all memory there is
and end the process, and with it every session of the server. The file comes on standard
input, the sheets leave on standard output as JSON, every cell as text.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from data_access.ledgers.archive import MAX_CELLS
from data_access.ledgers.texts import cell_text

MAX_MEMORY_BYTES: Final = 2 * 2**30
MAX_SECONDS: Final = 120
MAX_TEXT: Final = 100_000_000  # characters, of all cells together
LOCKED: Final = 3
TOO_LARGE: Final = 4

_ROOT: Final = Path(__file__).parents[2]


class LockedFileError(Exception):
    """The workbook asks for a password."""


class DamagedFileError(Exception):
    """The workbook cannot be read, or not within the limits of time and memory."""


class TooLargeError(Exception):
    """The workbook has more cells than may be read."""


def read_xls(data: bytes) -> list[dict[str, Any]]:
    """Return the sheets as dictionaries with the fields of ``RawSheet``.

    Raises ``LockedFileError``, ``TooLargeError`` or ``DamagedFileError``.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "data_access.ledgers.xls_reader"],
            input=data,
            capture_output=True,
            cwd=_ROOT,
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DamagedFileError from None
    if done.returncode == LOCKED:
        raise LockedFileError
    if done.returncode == TOO_LARGE:
        raise TooLargeError
    if done.returncode:
        raise DamagedFileError
    sheets: list[dict[str, Any]] = json.loads(done.stdout)
    return sheets


def _sheets(data: bytes) -> list[dict[str, Any]]:
    sheets = []
    room, cells = MAX_TEXT, 0
    with NamedTemporaryFile(suffix=".xls") as file:
        # Only of a file with a name does the reader say that it is locked.
        file.write(data)
        file.flush()
        workbook = CalamineWorkbook.from_path(file.name)
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            if meta.visible != SheetVisibleEnum.Visible:
                sheets.append({"name": meta.name, "rows": [], "hidden": True})
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            top, left = sheet.start or (0, 0)
            cells += sheet.height * sheet.width
            if cells > MAX_CELLS:
                raise TooLargeError
            rows = []
            for row in sheet.to_python():
                rows.append([cell_text(cell) for cell in row])
                room -= sum(map(len, rows[-1]))
                if room < 0:
                    raise DamagedFileError
            merged = [
                ((first[0] - top, first[1] - left), (last[0] - top, last[1] - left))
                for first, last in sheet.merged_cell_ranges or ()
            ]
            sheets.append({"name": meta.name, "rows": rows, "first_row": top + 1, "merged": merged})
    return sheets


def _main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheets = _sheets(sys.stdin.buffer.read())
    except PasswordError:
        return LOCKED
    except TooLargeError:
        return TOO_LARGE
    # Half a pair of 16 bits is text to the reader and to JSON, but not to UTF-8.
    sys.stdout.write(json.dumps(sheets))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
