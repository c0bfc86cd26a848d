"""The ledgers through the ordinary importer: what is planted is refused and told, no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, func, select

from data_access import migration
from data_access.engine import connect_to
from data_access.ledgers.importing import import_file
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from sample_data.generate import Delivery
from sample_data.troubles import doubted_by_kind, refused_by_kind


@dataclass
class Told:
    """What the importer said of all files, by ledger."""

    unread: list[str] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    about_sheets: Counter[str] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = connect_to(f"sqlite:///{tmp_path_factory.mktemp('sample') / 'sample.db'}")
    migration.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def told(sample: Engine, deliveries: list[Delivery]) -> Told:
    told = Told()
    for delivery in deliveries:
        report = import_file(
            sample,
            KINDS[delivery.kind],
            delivery.path,
            file_name=delivery.path.name,
            sender=Sender("sample", delivery.county),
            received_on=delivery.received_on,
        ).report
        if report.is_unread:
            told.unread.append(delivery.path.name)
        told.rejected[delivery.kind] += report.rows_rejected
        for problem in report.problems:
            if problem.row is None:
                told.about_sheets[problem.problem] += 1
            elif problem.severity == "warning":
                told.warned[delivery.kind] += 1
    return told


def test_every_file_is_read(told: Told) -> None:
    assert told.unread == []


def test_exactly_the_planted_rows_are_rejected(told: Told) -> None:
    assert told.rejected == refused_by_kind()


def test_exactly_the_planted_rows_are_warned_about(told: Told) -> None:
    assert told.warned == doubted_by_kind()


def test_hidden_sheets_and_unknown_columns_are_told(told: Told) -> None:
    assert len(told.about_sheets) == 2


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("institutions", 1309),
        ("violation_reports", 2600),
        ("inspections", 3000),
        ("rectifications", 900),
        ("refund_disputes", 1400),
    ],
)
def test_so_many_rows_are_stored(sample: Engine, told: Told, kind: str, rows: int) -> None:
    with sample.connect() as conn:
        assert conn.scalar(select(func.count()).select_from(KINDS[kind].table)) == rows
