from __future__ import annotations

from datetime import date

import pytest

from sample_data.generate import REPORTS, SEED, Delivery, sample_records, write_ledgers
from sample_data.records import Record, Values
from sample_data.world import World, make_world

LAST_DAY = date(2022, 8, 25)


@pytest.fixture(scope="session")
def world() -> World:
    return make_world(SEED, REPORTS)


@pytest.fixture(scope="session")
def records() -> list[Record]:
    return sample_records()


@pytest.fixture(scope="session")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[Delivery]:
    return write_ledgers(tmp_path_factory.mktemp("ledgers"))


@pytest.fixture(scope="session")
def ledgers(records: list[Record]) -> dict[str, list[Values]]:
    """The last row sent of everything that is loaded, by kind."""
    rows: dict[str, list[Values]] = {}
    for record in records:
        if not record.key.endswith("-again"):
            rows.setdefault(record.kind, []).append(record.versions[-1].values)
    return rows
