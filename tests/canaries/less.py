"""Copies of a database with less in it, for proofs that what is gone made no difference."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from data_access import schema, snapshot_seals, summaries, visit_seals
from data_access.engine import connect_to
from data_access.schema import metadata
from tests.canaries.city import ADMINISTRATION, PLANS, freeze

_CHILDREN_FIRST = list(reversed(metadata.sorted_tables))


def without_plans(database: Path, copy: Path) -> Path:
    """Copy a database without its plans, its officers, and all that is born of a plan."""
    with _changed(database, copy) as conn:
        _delete_withheld(conn)
        # A released visit stays with its county; of the plan that sent it nothing does.
        conn.execute(update(schema.inspection).values(visit_stop_id=None))
        for table in _CHILDREN_FIRST:
            if table.name in PLANS:
                conn.execute(delete(table))
    return copy


def with_results_alone(database: Path, copy: Path) -> Path:
    """Copy a database without officers, and with nothing of plans but where released ones went.

    Neither drafts nor sealed plans with what is born of them; of released ones neither
    candidates nor teams, and of their stops neither score nor reasons.
    """
    with _changed(database, copy) as conn:
        _delete_withheld(conn)
        plan, stop = schema.visit_plan, schema.visit_stop
        for table in (schema.visit_candidate, schema.visit_team, schema.officer):
            conn.execute(delete(table))
        released = select(plan.c.id).where(plan.c.status == "released")
        conn.execute(delete(stop).where(stop.c.visit_plan_id.not_in(released)))
        conn.execute(delete(plan).where(plan.c.status != "released"))
        conn.execute(update(stop).values(score=None, reasons=None, address=None, ordinal=None))
        conn.execute(update(plan).values(seed=1, digest="0", parameters={}, routing=None))
    return copy


def _delete_withheld(conn: Connection) -> None:
    born = select(schema.rectification.c.id).where(schema.rectification.c.withheld)
    events = schema.rectification_event
    conn.execute(delete(events).where(events.c.rectification_id.in_(born)))
    for table in _CHILDREN_FIRST:
        if "withheld" in table.c:
            conn.execute(delete(table).where(table.c.withheld))


def with_rows_of(county: str, database: Path, copy: Path) -> Path:
    """Copy a database with the ledger rows of one county alone; accounts stay."""
    with _changed(database, copy) as conn:
        own = select(schema.import_batch.c.id).where(schema.import_batch.c.county_code == county)
        conn.execute(
            delete(schema.import_problem).where(schema.import_problem.c.batch_id.not_in(own))
        )
        for table in _CHILDREN_FIRST:
            if "county_code" in table.c and table.name not in ADMINISTRATION:
                conn.execute(delete(table).where(table.c.county_code.is_distinct_from(county)))
    return copy


@contextmanager
def _changed(database: Path, copy: Path) -> Iterator[Connection]:
    engine = connect_to(f"sqlite:///{shutil.copy(database, copy)}")
    with engine.begin() as conn:
        for seals in (visit_seals, snapshot_seals):  # what is sealed or frozen goes, too
            seals.take_down(conn)
        yield conn
        summaries.rebuild_all(conn)
        freeze(conn)
        for seals in (visit_seals, snapshot_seals):
            seals.protect(conn)
    engine.dispose()
