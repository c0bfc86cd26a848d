"""An office with four accounts, and plans as pages make them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import insert, select

from data_access import migration, visit_plan_changes, visit_plans
from data_access.accounts import Role, User, scope_of
from data_access.connections import reading
from data_access.engine import connect_to, get_engine
from data_access.schema import account, audit_event
from tests.databases import forget_engines
from tests.factories import CITY, SOUTH

FIRST, LAST = date(2022, 8, 25), date(2022, 8, 26)
OFFICERS = [
    {"id": 1, "name": "检查员甲", "department": "教育局", "home_county": SOUTH},
    {"id": 2, "name": "检查员乙", "department": "市场监管局", "home_county": None},
]
PARAMETERS = {
    "stops_by_lot": 2,
    "teams": 1,
    "team_size": 2,
    "counties": [CITY, SOUTH],
    "officers": OFFICERS,
}


def user(role: Role, county: str | None = None) -> User:
    return User(f"{role}@example.org", role, county, scope_of(role, county))


SUPERVISOR, LEADER = user(Role.SUPERVISOR), user(Role.LEADER)
COUNTY, ADMIN = user(Role.COUNTY, CITY), user(Role.ADMIN)


def add_accounts(conn: Any) -> None:
    for who in (SUPERVISOR, LEADER, COUNTY, ADMIN):
        row = {"email": who.email, "role": who.role, "county_code": who.county_code}
        conn.execute(insert(account), [{**row, "active": True}])


@contextmanager
def an_office(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database of one test's own, that the functions write to."""
    path = folder / "city.db"
    path.write_bytes(_empty_office())
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    forget_engines()
    yield
    forget_engines()


@cache
def _empty_office() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "city.db"
        engine = connect_to(f"sqlite:///{path}")
        migration.upgrade(engine)
        with engine.begin() as conn:
            add_accounts(conn)
        engine.dispose()
        return path.read_bytes()


def candidates(*, number: int = 6) -> pd.DataFrame:
    """Six of two counties in turn, of which the last must be visited; the lot is 2 1 3 5 4."""
    order = [2, 1, 3, 5, 4, *range(6, number)]
    return pd.DataFrame(
        {
            "ordinal": range(1, number + 1),
            "institution_id": pd.Series([pd.NA] * number, dtype="Int64"),
            "county_code": [(CITY, SOUTH)[at % 2] for at in range(number)],
            "name": [f"角宿{at}号楼" for at in range(1, number + 1)],
            "category": pd.Series([None] * number, dtype="str"),
            "place_key": [f"{CITY}:{at}" for at in range(number)],
            "place_name": [f"角宿{at}号楼" for at in range(1, number + 1)],
            "address": "立春路 1 号",
            "longitude": 109.4,
            "latitude": 24.3,
            "opens_at": [time(9)] * number,
            "closes_at": [None] * number,
            "score": [float(number - at) for at in range(number)],
            "reasons": [["属实举报 1 件（+1 分）"]] * number,
            "must": [False] * (number - 1) + [True],
            "drawn_order": pd.Series([*order[: number - 1], pd.NA], dtype="Int64"),
            "left_reason": [None] * number,
        }
    )


def teams() -> pd.DataFrame:
    people = [{key: each[key] for key in each if key != "id"} for each in OFFICERS]
    return pd.DataFrame(
        {
            "team": [1],
            "officers": [people],
            "start_name": ["市政府"],
            "longitude": [109.4],
            "latitude": [24.3],
            "starts_at": [time(8, 30)],
            "ends_at": [time(20, 30)],
        }
    )


def stops(*chosen: tuple[int, str]) -> pd.DataFrame:
    """Stops of team 1 on the first day at these ordinals, each chosen so."""
    count = len(chosen)
    return pd.DataFrame(
        {
            "visit_on": pd.Series([pd.Timestamp(FIRST)] * count, dtype="datetime64[s]"),
            "team": 1,
            "sequence": range(1, count + 1),
            "ordinal": [ordinal for ordinal, _ in chosen],
            "arrives_at": [time(9 + at) for at in range(count)],
            "leaves_at": [time(9 + at, 40) for at in range(count)],
            "chosen_by": [how for _, how in chosen],
            "pinned": [False] * count,
        }
    )


LOT = ((1, "random"), (2, "random"))


def draft(**changed: Any) -> int:
    asked: dict[str, Any] = {
        "first_day": FIRST,
        "last_day": LAST,
        "parameters": PARAMETERS,
        "seed": 7,
        "candidates": candidates(),
        "teams": teams(),
    }
    return visit_plan_changes.create(SUPERVISOR, **asked | changed)


def sealed(*chosen: tuple[int, str], **changed: Any) -> int:
    """A sealed plan with the lot and these stops."""
    plan = draft(**changed)
    version = visit_plan_changes.save_stops(SUPERVISOR, plan, stops(*LOT, *chosen), 1)
    visit_plan_changes.seal(SUPERVISOR, plan, version)
    return plan


def stop_ids(plan: int) -> list[int]:
    with reading(SUPERVISOR) as conn:
        found = visit_plans.stops(conn, scope=SUPERVISOR.scope, plan_id=plan)
    return [int(number) for number in found["stop_id"]]


def logged() -> list[tuple[str | None, str, str | None, str | None]]:
    names = ("email", "action", "target", "detail")
    with get_engine().connect() as conn:
        rows = conn.execute(select(*(audit_event.c[name] for name in names)))
        return [(row.email, row.action, row.target, row.detail) for row in rows]
