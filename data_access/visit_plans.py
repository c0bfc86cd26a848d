"""Plans of unannounced visits (暗访计划) as they are stored: read by the supervision team alone.

A scope without what is unreleased holds nothing here, also of released plans: what leaders
read of those is in ``data_access.visit_results``. Where a scope names counties, candidates
and stops elsewhere are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, false, func, select, true

from data_access.frames import read_frame
from data_access.schema import visit_candidate, visit_plan, visit_stop, visit_team
from data_access.scope import Scope

# The columns that the pieces of a plan are written by, and read as.
CANDIDATE: Final = {
    "ordinal": "int64",
    "institution_id": "Int64",
    "county_code": "str",
    "name": "str",
    "category": "str",
    "place_key": "str",
    "place_name": "str",
    "address": "str",
    "longitude": "float64",
    "latitude": "float64",
    "opens_at": "object",
    "closes_at": "object",
    "score": "float64",
    "reasons": "object",
    "must": "bool",
    "drawn_order": "Int64",
    "left_reason": "object",
}
TEAM: Final = {
    "team": "int64",
    "officers": "object",
    "start_name": "str",
    "longitude": "float64",
    "latitude": "float64",
    "starts_at": "object",
    "ends_at": "object",
}
STOP: Final = {
    "visit_on": "datetime64[s]",
    "team": "int64",
    "sequence": "int64",
    "ordinal": "int64",
    "arrives_at": "object",
    "leaves_at": "object",
    "chosen_by": "str",
    "pinned": "bool",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: its days (both included), what was chosen, and what became of it.

    ``status`` is draft, sealed or released. ``parameters`` is what was chosen when it was
    drawn; ``seed`` is the lot's and never changes; ``digest`` is there once it is sealed.
    ``routing`` is what was said of the routes last (``explained``, a list of sentences, and
    ``left_out``, reasons by ordinal), ``None`` before there are any.
    ``row_version`` goes up with every change, and whoever changes the plan says which one
    they saw.
    """

    id: int
    first_day: date
    last_day: date
    status: str
    seed: int | None
    parameters: Mapping[str, Any]
    routing: Mapping[str, Any] | None
    digest: str | None
    created_by: str
    created_at: datetime
    sealed_by: str | None
    sealed_at: datetime | None
    released_by: str | None
    released_at: datetime | None
    row_version: int


def plans(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """List all plans, the newest first.

    ``id`` int64, ``first_day`` and ``last_day`` datetime64[s], ``status`` (draft, sealed,
    released) and ``created_by`` str, ``created_at`` datetime64[s], ``stops`` int64 (how many),
    ``sealed_at`` and ``released_at`` datetime64[s], NaT until then.
    """
    stops = (
        select(func.count())
        .where(visit_stop.c.visit_plan_id == visit_plan.c.id, scope.allows(visit_stop))
        .scalar_subquery()
    )
    names = ("id", "first_day", "last_day", "status", "created_by", "created_at")
    stmt = (
        select(
            *(visit_plan.c[name] for name in names),
            stops.label("stops"),
            visit_plan.c.sealed_at,
            visit_plan.c.released_at,
        )
        .where(_is_ours(scope))
        .order_by(visit_plan.c.id.desc())
    )
    days = dict.fromkeys(
        ("first_day", "last_day", "created_at", "sealed_at", "released_at"), "datetime64[s]"
    )
    numbers = dict.fromkeys(("id", "stops"), "int64")
    dtypes = {column.name: "str" for column in stmt.selected_columns} | days | numbers
    return read_frame(conn, stmt, dtypes)


def plan(conn: Connection, *, scope: Scope, plan_id: int) -> Plan | None:
    """Return one plan; ``None``: there is none of that number in this scope."""
    columns = (visit_plan.c[name] for name in Plan.__slots__)
    stmt = select(*columns).where(_is_ours(scope), visit_plan.c.id == plan_id)
    row = conn.execute(stmt).one_or_none()
    return None if row is None else Plan(*row)


def candidates(conn: Connection, *, scope: Scope, plan_id: int) -> pd.DataFrame:
    """List the candidates of a plan as they stood when it was drawn, by their ordinal.

    =====================  =======  ======================================================
    ordinal                int64    from 1, by score; the lot is drawn in this order
    institution_id         Int64    NA: a place without a registered institution
    county_code            str      reporting unit
    name                   str      institution, else the place
    category               str      code of ``vocabulary.CATEGORY``; NaN without institution
    place_key, place_name  str      NaN where unknown
    address                str      likewise
    longitude, latitude    float64  WGS-84, degrees
    opens_at, closes_at    object   ``time`` between which a visit must start, or ``None``
    score                  float64  points
    reasons                object   list of Chinese sentences, each with its points
    must                   bool     named by hand; not in the lot
    drawn_order            Int64    place in the lot, from 1; NA: not in the lot
    left_reason            object   why a place drawn was taken out; ``None``: it was not
    =====================  =======  ======================================================
    """
    return _read(conn, visit_candidate, CANDIDATE, scope, plan_id, "ordinal")


def teams(conn: Connection, *, scope: Scope, plan_id: int) -> pd.DataFrame:
    """List the teams of a plan.

    ``team`` int64 from 1; ``officers`` object, a list of ``{"name", "department",
    "home_county"}`` (code or ``None``) as they were drawn; ``start_name`` str, ``longitude``
    and ``latitude`` float64; ``starts_at`` and ``ends_at`` object (``time``).
    """
    return _read(conn, visit_team, TEAM, scope, plan_id, "team")


def stops(conn: Connection, *, scope: Scope, plan_id: int) -> pd.DataFrame:
    """List the stops of a plan by day, team and sequence.

    ``visit_on`` datetime64[s], ``team``, ``sequence`` and ``ordinal`` (of the candidate) int64,
    ``arrives_at`` and ``leaves_at`` object (``time``), ``chosen_by`` str (risk, random, must),
    ``pinned`` bool and ``stop_id`` int64, by which results are recorded; those of a draft
    change whenever its stops are saved.
    """
    frame = _read(
        conn,
        visit_stop,
        STOP | {"id": "int64"},
        scope,
        plan_id,
        *("visit_on", "team", "sequence"),
    )
    return frame.rename(columns={"id": "stop_id"})


@dataclass(frozen=True, slots=True)
class Booked:
    """Who and what sealed plans hold already.

    ``officers`` are pairs of name and department, ``units`` keys as ``analysis.risk`` names
    them: ``i:`` and an institution's id, ``p:`` and a place's key.
    """

    officers: frozenset[tuple[str, str]]
    units: frozenset[str]

    def __bool__(self) -> bool:
        """Whether anybody or anything is held."""
        return bool(self.officers or self.units)


def booked(conn: Connection, *, scope: Scope, first_day: date, last_day: date) -> Booked:
    """Return who is sent by another sealed plan on these days, and what waits to be visited.

    Days include both; a plan that only touches them counts. What a sealed plan visits is held
    until the plan is released, whatever its days.
    """
    sealed = (_is_ours(scope), visit_plan.c.status == "sealed")
    teams_stmt = (
        select(visit_team.c.officers)
        .join(visit_plan, visit_plan.c.id == visit_team.c.visit_plan_id)
        .where(*sealed, visit_plan.c.first_day <= last_day, visit_plan.c.last_day >= first_day)
    )
    stops_stmt = (
        select(visit_candidate.c.institution_id, visit_candidate.c.place_key)
        .join(visit_plan, visit_plan.c.id == visit_candidate.c.visit_plan_id)
        .join(
            visit_stop,
            and_(
                visit_stop.c.visit_plan_id == visit_candidate.c.visit_plan_id,
                visit_stop.c.ordinal == visit_candidate.c.ordinal,
            ),
        )
        .where(*sealed, scope.allows(visit_candidate))
    )
    people = [each for team in conn.scalars(teams_stmt) for each in team]
    return Booked(
        frozenset((each["name"], each["department"]) for each in people),
        frozenset(
            f"p:{stop.place_key}" if stop.institution_id is None else f"i:{stop.institution_id}"
            for stop in conn.execute(stops_stmt)
        ),
    )


def _read(
    conn: Connection, table: Any, dtypes: Mapping[str, str], scope: Scope, plan_id: int, *by: str
) -> pd.DataFrame:
    in_scope = scope.allows(table) if "county_code" in table.c else true()
    stmt = (
        select(*(table.c[name] for name in dtypes))
        .where(_is_ours(scope), in_scope, table.c.visit_plan_id == plan_id)
        .order_by(*(table.c[name] for name in by))
    )
    return read_frame(conn, stmt, dtypes)


def _is_ours(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on which plans are the reader's: all of them, or none."""
    return true() if scope.unreleased else false()
