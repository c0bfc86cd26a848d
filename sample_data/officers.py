"""Made-up officers who can be sent on visits: no ledger of a county lists them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, insert, select

from data_access.schema import county, officer
from sample_data.names import STEMS

ROLES: Final = ("检查员", "督学", "执法员")
DEPARTMENTS: Final = (
    *("教育局", "市场监管局", "文化广电和旅游局", "体育局"),
    *("科技局", "公安局", "应急管理局", "住建局"),
)
_AT_HOME_NOWHERE: Final = 5  # every fifth has no county to keep away from


def add_officers(conn: Connection) -> None:
    """Add thirty officers of eight departments, at home all over the city or nowhere in it."""
    codes = conn.scalars(select(county.c.code).order_by(county.c.ordinal)).all()
    names = [f"{role}{stem}" for role in ROLES for stem in STEMS]
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "department": DEPARTMENTS[at % len(DEPARTMENTS)],
            "home_county": None if at % _AT_HOME_NOWHERE == 0 else codes[at % len(codes)],
            "active": True,
        }
        for at, name in enumerate(names)
    ]
    conn.execute(insert(officer), rows)
