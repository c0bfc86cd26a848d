"""The town (街道、乡镇) of a row, from its address where the address tells it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, select, update

from data_access import versions
from data_access.schema import institution, town, violation_report

TOWNED: Final = (institution, violation_report)
# 同练瑶族乡 is 同练乡 in most addresses.
_NATIONALITY: Final = re.compile(r"(?:苗|瑶|侗|仫佬)族乡$")
# Where a town's name ends; a road or lane that is called after one need not be in it.
_END: Final = re.compile(r"(?:街道|镇|乡)(?!路|大道|巷)")


class Towns:
    """The towns of the city, by their names.

    ``rows`` are code, name and the county-level unit each town lies in.
    """

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        self._everywhere: dict[str, set[str]] = {}
        self._inside: dict[str, dict[str, set[str]]] = {}
        for code, name, unit in rows:
            for written in {name, _NATIONALITY.sub("乡", name)}:
                for known in (self._everywhere, self._inside.setdefault(unit, {})):
                    known.setdefault(written, set()).add(code)
        lengths = sorted({len(name) for name in self._everywhere}, reverse=True)
        self._last = [slice(-length, None) for length in lengths]

    def town_of(self, address: str | None, county_code: str | None) -> str | None:
        """Return the code of the one town that the address of a row of that county names.

        Of a county or district only its own towns count. The new areas, which have no boundary
        of their own, manage towns that lie in other units: any town of the city counts. No
        address, no town in it, or several: ``None``, for nothing is guessed.
        """
        if not address or county_code is None:
            return None
        written = "".join(unicodedata.normalize("NFKC", address).split())
        known = self._inside.get(county_code, self._everywhere)
        named: set[str] = set()
        for end in _END.finditer(written):
            until = written[: end.end()]
            name = next((n for n in map(until.__getitem__, self._last) if n in known), None)
            if name is not None:
                named |= known[name]
        return named.pop() if len(named) == 1 else None


def read_towns(conn: Connection) -> Towns:
    """Return the towns that the database knows."""
    rows = conn.execute(select(town.c.code, town.c.name, town.c.boundary_code))
    return Towns((row.code, row.name, row.boundary_code) for row in rows)


def fill(conn: Connection) -> int:
    """Give a town to every row that has none and whose address tells it; return to how many."""
    known = read_towns(conn)
    filled = sum(_fill(conn, table, known) for table in TOWNED)
    if filled:
        versions.bump(conn)
    return filled


def _fill(conn: Connection, table: Table, known: Towns) -> int:
    without = select(table.c.id, table.c.county_code, table.c.address).where(
        table.c.town_code.is_(None), table.c.address.is_not(None)
    )
    found: list[dict[str, Any]] = []
    for row in conn.execute(without):
        code = known.town_of(row.address, row.county_code)
        if code is not None:
            found.append({"row_id": row.id, "code": code})
    if found:
        stmt = update(table).where(table.c.id == bindparam("row_id"))
        conn.execute(stmt.values(town_code=bindparam("code")), found)
    return len(found)
