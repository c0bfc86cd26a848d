"""The sample as evidence, read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection

from analysis.risk import Evidence, weights
from data_access import evidence
from data_access.engine import connect_to
from data_access.scope import Scope
from tests.databases import sample_database
from tests.workers import shared_folder

ReadEvidence = Callable[..., Evidence]


@pytest.fixture(scope="session")
def sample_rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = connect_to(f"sqlite:///{sample_database(shared_folder(tmp_path_factory))}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


@pytest.fixture(scope="session")
def evidence_of(sample_rows: Connection) -> ReadEvidence:
    """Read the evidence of the whole sample as of a day, or by several."""

    def read(as_of: date, **asked: Any) -> Evidence:
        of = {"scope": Scope.city(unreleased=True), "as_of": as_of}
        found = evidence.everything(sample_rows, **of, **weights().of_reports(), **asked)
        return Evidence(**found)

    return read
