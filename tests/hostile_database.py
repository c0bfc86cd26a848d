"""A database in which every text that ledgers bring is a hostile one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select, update

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from data_access.ledgers.importing import import_file
from data_access.ledgers.storing import Sender
from data_access.schema import import_batch, rectification, refund_dispute, violation_report
from data_access.weeks import reporting_week
from tests import factories as make
from tests.factories import THURSDAY
from tests.hostile import FILE_NAMES, HOSTILE, hostile_ledgers

SOUTH: Final = "450203"  # 鱼峰区, whose ledgers they are
THAT_DAY: Final = date(2022, 8, 1)  # on which all of it happened
WHOLE: Final = ("right_to_left", "isolates", "zero_width", "controls", "line_breaks")


def build(path: Path) -> None:
    """Import the ledgers of ``tests.hostile`` into a new SQLite database, and age some rows.

    What the import takes out of texts today, rows from before may still hold.
    """
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
    sender = Sender("supervisor@demo", None, is_county_account=False)
    for kind, file_name, data in hostile_ledgers():
        imported = import_file(
            engine,
            kind,
            data,
            file_name=file_name,
            sender=sender,
            crs="wgs84",
            received_on=THURSDAY,
        )
        assert imported.report.rows_loaded == len(HOSTILE), imported.report
    with engine.begin() as conn:
        _age(conn)
    engine.dispose()


def _age(conn: Connection) -> None:
    for table, column in (
        (rectification, "institution_name"),
        (refund_dispute, "institution_name"),
        (violation_report, "institution_name"),
        (violation_report, "place_name"),
    ):
        ids = conn.scalars(select(table.c.id).order_by(table.c.id.desc()).limit(len(WHOLE) + 2))
        texts = [*(HOSTILE[name] for name in WHOLE), "@@=alert(4)", "@@#甲.乙"]
        for id_, text in zip(ids, texts, strict=True):
            conn.execute(update(table).where(table.c.id == id_).values({column: text}))
    # All of them on the watch list, each with a plan that is late: the notes name them.
    conn.execute(update(refund_dispute).values(students=40, plan_in_place=False))
    named = select(
        refund_dispute.c.county_code,
        refund_dispute.c.institution_id,
        refund_dispute.c.institution_name,
    ).distinct()
    for code, number, name in conn.execute(named).all():
        make.refund_plan(
            conn,
            {"what": name, "due_on": make.EARLIER},
            county_code=code,
            institution_id=number,
            institution_name=name,
            aim=name,
            owner=name[:64],
        )
    conn.execute(
        update(violation_report)
        .where(violation_report.c.place_name == HOSTILE["markdown_link"])
        .values(
            status="substantiated", verified_on=THAT_DAY, verified_week=reporting_week(THAT_DAY)
        )
    )
    summaries.rebuild_all(conn)
    batches = conn.scalars(select(import_batch.c.id).order_by(import_batch.c.id))
    for id_, name in zip(batches, FILE_NAMES, strict=False):
        conn.execute(
            update(import_batch).where(import_batch.c.id == id_).values(file_name=name[:255])
        )
