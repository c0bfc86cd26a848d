"""What a county's clerk and the supervision team do to rows, for tests on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, insert, select

from data_access import clock, schema, summaries
from data_access.accounts import Role, User, scope_of
from data_access.ledgers import rectification_history
from data_access.ledgers.storing import Sender, Stored, store
from data_access.writing import WritingError
from tests import factories as make
from tests.data_access.ledgers.understandings import understood
from tests.factories import CITY, SOUTH

CLERK = User("clerk@example.org", Role.COUNTY, CITY, scope_of(Role.COUNTY, CITY))
NEIGHBOUR = User("neighbour@example.org", Role.COUNTY, SOUTH, scope_of(Role.COUNTY, SOUTH))
CHECKER = User("checker@example.org", Role.SUPERVISOR, None, scope_of(Role.SUPERVISOR, None))
SECOND = User("second@example.org", Role.SUPERVISOR, None, scope_of(Role.SUPERVISOR, None))
READER = User("reader@example.org", Role.LEADER, None, scope_of(Role.LEADER, None))
PEOPLE = (CLERK, NEIGHBOUR, CHECKER, SECOND, READER)
EVIDENCE = "已拆除招牌，附现场照片 3 张"


def add_people(conn: Connection) -> None:
    rows = [{"email": p.email, "role": p.role, "county_code": p.county_code} for p in PEOPLE]
    conn.execute(insert(schema.account), [{**row, "active": True} for row in rows])


def item(conn: Connection, **columns: Any) -> int:
    """An item of the city's first county with its first step, as an import leaves it."""
    key = make.rectification(conn, **{"institution_name": "示例机构"} | columns)
    row = {"rectification_id": key, "county_code": columns.get("county_code", CITY)}
    row |= {"happened_on": make.EARLIER, "step": "register", "inferred": True}
    conn.execute(
        insert(schema.rectification_event).values(row | {"received_by_us_on": make.EARLIER})
    )
    summaries.rebuild_all(conn)
    return key


def row_of(engine: Engine, table: Table, key: int) -> Row[Any]:
    with engine.connect() as conn:
        return conn.execute(select(table).where(table.c.id == key)).one()


def version(engine: Engine, table: Table, key: int) -> int:
    return row_of(engine, table, key).row_version


def steps(engine: Engine, key: int) -> list[tuple[str, str | None]]:
    """Each step of an item and who took it, in the order in which it was taken."""
    event = schema.rectification_event.c
    with engine.connect() as conn:
        stmt = select(event.step, event.actor).where(event.rectification_id == key)
        return [tuple(row) for row in conn.execute(stmt.order_by(event.id))]


def send(engine: Engine, kind: str, row: dict[str, Any], by: User = CLERK) -> Stored:
    """Import one row, as the account's file."""
    county = by.county_code
    sender = Sender(by.email, county, is_county_account=by.role is Role.COUNTY)
    with engine.begin() as conn:
        return store(conn, understood(kind, row), received_on=clock.today(), sender=sender)


def as_in_the_ledger(row: Row[Any], **changed: Any) -> dict[str, Any]:
    """An item as a downloaded workbook has it."""
    names = ("ledger_no", "county_code", "source", "issue_type", "severity", "opened_on", "due_on")
    named = {name: row._mapping[name] for name in (*names, "status", "row_version")}
    return named | {"severity": str(row.severity)} | changed


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Let all act at the same moment; return what each who was refused was told."""
    ready = threading.Barrier(len(acts), timeout=60)
    refused: list[str] = []
    failed: list[BaseException] = []

    def run(act: Callable[[], Any]) -> None:
        ready.wait()
        try:
            act()
        except WritingError as error:
            refused.append(str(error))
        except BaseException as error:  # noqa: BLE001  told to the test
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return refused


def counted(engine: Engine) -> tuple[set[Any], set[Any]]:
    """The weekly counts and the spells as they are kept."""
    with engine.connect() as conn:
        return _counted(conn)


def counted_afresh(engine: Engine) -> tuple[set[Any], set[Any]]:
    """The weekly counts and the spells as a fresh count has them; nothing is kept of it."""
    with engine.connect() as conn:
        items = conn.scalars(select(schema.rectification.c.id)).all()
        rectification_history.rebuild(conn, items)
        summaries.rebuild_all(conn)
        found = _counted(conn)
        conn.rollback()
        return found


def _counted(conn: Connection) -> tuple[set[Any], set[Any]]:
    tables = (schema.weekly_summary, schema.rectification_spell)
    counts, spells = ({tuple(row) for row in conn.execute(select(table))} for table in tables)
    return counts, spells
