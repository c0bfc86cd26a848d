"""The ledgers through the ordinary importer: what is planted is refused and told, no more.

The command that builds the sample has imported them, and the sample says what it was told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from data_access.engine import connect_to
from data_access.ledgers.kinds import KINDS
from data_access.schema import import_batch, import_problem, rectification
from sample_data.records import Record
from sample_data.routes import batches
from sample_data.troubles import doubted_by_kind, refused_by_kind
from sample_data.units import LAGGARD
from tests.databases import sample_database
from tests.sample_data.conftest import LAST_DAY
from tests.workers import shared_folder


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """The sample as it was built. Not to be written to."""
    engine = connect_to(f"sqlite:///{sample_database(shared_folder(tmp_path_factory))}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


def test_every_file_is_read(sample: Connection, records: list[Record]) -> None:
    batch = import_batch.c
    read = sample.execute(
        select(batch.kind, batch.received_on, batch.file_name, batch.rows_read).order_by(batch.id)
    ).all()
    sent = [
        (each.route.kind, each.received_on, f"{each.received_on:%Y%m%d}-{each.route.name}")
        for each in batches(records)
    ]

    assert [(kind, day, Path(name).stem) for kind, day, name, _ in read] == sent
    assert all(rows > 0 for *_, rows in read)


def test_exactly_the_planted_rows_are_rejected(sample: Connection) -> None:
    rejected: Counter[str] = Counter()
    for kind, rows in sample.execute(select(import_batch.c.kind, import_batch.c.rows_rejected)):
        rejected[kind] += rows

    assert rejected == refused_by_kind()


def test_exactly_the_planted_rows_are_warned_about(sample: Connection) -> None:
    of_rows = (
        select(import_batch.c.kind)
        .join_from(import_problem, import_batch)
        .where(import_problem.c.row.is_not(None), import_problem.c.severity == "warning")
    )

    assert Counter(sample.scalars(of_rows)) == doubted_by_kind()


def test_hidden_sheets_and_unknown_columns_are_told(sample: Connection) -> None:
    of_sheets = select(import_problem.c.problem).where(import_problem.c.row.is_(None))

    assert len(set(sample.scalars(of_sheets))) == 2


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("institutions", 1309),
        ("violation_reports", 2600),
        ("inspections", 3000),
        ("course_fees", 4225),
        ("fee_charges", 4000),
        ("compliance_checks", 2500),
        ("rectifications", 900 + 216),
        ("refund_disputes", 1400),
        ("submissions", 151),
        ("county_actions", 56),
    ],
)
def test_so_many_rows_are_stored(sample: Connection, kind: str, rows: int) -> None:
    assert sample.scalar(select(func.count()).select_from(KINDS[kind].table)) == rows


def test_rongan_has_most_overdue_items_those_of_checks_among_them(sample: Connection) -> None:
    item = rectification.c
    overdue = (
        select(item.county_code)
        .where(item.status != "closed", item.due_on < LAST_DAY)
        .group_by(item.county_code)
        .order_by(func.count().desc())
    )

    assert sample.scalars(overdue).first() == LAGGARD
