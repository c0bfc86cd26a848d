"""The sample as evidence, read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from sqlalchemy import Connection

from analysis.risk import Evidence
from data_access import evidence
from data_access.engine import connect_to
from data_access.scope import Scope
from tests.databases import sample_database
from tests.workers import shared_folder

ReadEvidence = Callable[[date], Evidence]


@pytest.fixture(scope="session")
def sample_rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = connect_to(f"sqlite:///{sample_database(shared_folder(tmp_path_factory))}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


@pytest.fixture(scope="session")
def evidence_of(sample_rows: Connection) -> ReadEvidence:
    """Read the evidence of the whole sample as of a day."""

    def read(as_of: date) -> Evidence:
        city = Scope.city(unreleased=True)
        return Evidence(**evidence.everything(sample_rows, scope=city, as_of=as_of))

    return read
