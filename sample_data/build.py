"""Build the sample database: the made-up city's ledgers through the ordinary importer."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, func, inspect, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from data_access import migration, schema
from data_access.accounts import add_demonstration_accounts
from data_access.engine import connect_to
from data_access.freezing import freeze
from data_access.ledgers.importing import import_file
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from data_access.row_security import RowSecurityError
from sample_data.days import LAST_DAY, THURSDAYS
from sample_data.decisions import add_decisions
from sample_data.generate import Delivery, write_ledgers
from sample_data.officers import add_officers
from sample_data.planted_plans import add_refund_plans
from sample_data.planted_rosters import add_roster_decisions

SENDER: Final = "演示数据"
# The weeks of the campaign, but for the last: that is left to whoever tries freezing.
FROZEN: Final = tuple(week for week in THURSDAYS if date(2022, 7, 1) <= week < LAST_DAY)
MEETING: Final = time(18)
Progress = Callable[[str], None]


class SampleError(Exception):
    """The sample database could not be built; the message says why, in Chinese."""


def build(url: str, *, progress: Progress) -> None:
    """Fill the database at ``url`` with the sample; it must be empty or not exist yet.

    A SQLite file that does not exist appears whole or not at all. ``progress`` is told,
    in Chinese, what is being done.

    Raises:
        SampleError: the database holds something already, or cannot be written.
    """
    parsed = make_url(url)
    path = Path(parsed.database) if parsed.database else None
    if parsed.get_backend_name() == "sqlite" and path is not None and not path.exists():
        _build_file(path, progress)
        return
    engine = connect_to(url)
    try:
        if not is_empty(engine):
            raise SampleError(
                "数据库里已有数据，没有建立演示数据库。请换一个空库，或先删除原来的文件"
            )
        _fill(engine, progress)
    except RowSecurityError as error:
        raise SampleError(str(error)) from error
    except SQLAlchemyError as error:
        raise SampleError(
            f"数据库写不进去，没有建立演示数据库（{error.__class__.__name__}）"
        ) from error
    finally:
        engine.dispose()


def _build_file(path: Path, progress: Progress) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        engine = connect_to(f"sqlite:///{unfinished}")
        try:
            _fill(engine, progress)
        finally:
            # The last connection to close folds the write-ahead log into the file.
            engine.dispose()
        unfinished.replace(path)
    finally:
        for ending in ("", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + ending).unlink(missing_ok=True)


def is_empty(engine: Engine) -> bool:
    """Whether a database of our schema, or of none, holds nothing but what migrating puts in."""
    names = set(inspect(engine).get_table_names()) & set(schema.metadata.tables)
    # What migrating puts in by itself.
    names -= {schema.county.name, schema.town.name, schema.campaign.name, schema.data_version.name}
    with engine.connect() as conn:
        return not any(
            conn.scalar(select(func.count()).select_from(schema.metadata.tables[name]))
            for name in names
        )


def _fill(engine: Engine, progress: Progress) -> None:
    migration.upgrade(engine)
    progress("正在编写演示台账")
    with tempfile.TemporaryDirectory() as folder:
        deliveries = write_ledgers(Path(folder))
        deliveries.sort(key=lambda delivery: delivery.received_on)
        to_freeze = list(FROZEN)
        for done, delivery in enumerate(deliveries, start=1):
            while to_freeze and delivery.received_on > to_freeze[0]:
                _freeze(engine, to_freeze.pop(0))
            title = KINDS[delivery.kind].title
            progress(f"正在导入演示台账 {done}/{len(deliveries)}（{title}）")
            _import(engine, delivery)
    with engine.begin() as conn:
        add_demonstration_accounts(conn)
        add_officers(conn)
        add_decisions(conn)
        add_roster_decisions(conn)
        add_refund_plans(conn)


def _freeze(engine: Engine, week: date) -> None:
    """Freeze a week as on the evening of its Thursday: what came later is not in it."""
    with engine.begin() as conn:
        freeze(conn, week, by=None, frozen_at=datetime.combine(week, MEETING))


def _import(engine: Engine, delivery: Delivery) -> None:
    imported = import_file(
        engine,
        KINDS[delivery.kind],
        delivery.path,
        file_name=delivery.path.name,
        sender=Sender(SENDER, delivery.county),
        received_on=delivery.received_on,
    )
    if imported.report.is_unread:
        reason = imported.report.problems[0].problem
        raise SampleError(f"演示台账 {delivery.path.name} 没有导入：{reason}")
