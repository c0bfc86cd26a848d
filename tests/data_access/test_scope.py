"""Every query of data_access keeps inside the scope it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection

from data_access.engine import connect_to
from data_access.scope import Scope
from tests import factories
from tests.databases import sample_database
from tests.queries import (
    COUNTY,
    OTHER,
    Query,
    add_what_the_sample_lacks,
    arguments_of_all,
    is_about_one_thing,
    is_kept_from_counties,
    name_of,
    queries,
)
from tests.workers import shared_folder

Asked = Callable[[Query], dict[str, Any]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, a copy to which fees have been added: it has none."""
    path = Path(
        copy(sample_database(shared_folder(tmp_path_factory)), tmp_path_factory.mktemp("s"))
    )
    engine = connect_to(f"sqlite:///{path}")
    with engine.begin() as conn:
        add_what_the_sample_lacks(conn)
    engine.dispose()
    return path


@pytest.fixture(scope="module")
def rows(sample: Path) -> Iterator[Connection]:
    """The sample, and a sealed plan with a result, which are taken back."""
    engine = connect_to(f"sqlite:///{sample}")
    with engine.connect() as conn:
        stop, _ = factories.visit_plan(conn, COUNTY, OTHER, status="sealed")
        factories.inspection(conn, county_code=COUNTY, visit_stop_id=stop, withheld=True)
        yield conn
        conn.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def asked_of(rows: Connection) -> Asked:
    """What each query asks for, looked up once for all of them."""
    return arguments_of_all(rows, COUNTY)


def test_queries_are_found() -> None:
    assert {"coverage_on_days", "open_on_days", "import_batches"} <= {
        query.__name__ for query in queries()
    }


@pytest.mark.parametrize("query", queries(), ids=name_of)
def test_query_returns_only_the_county_in_scope(
    rows: Connection, asked_of: Asked, query: Query
) -> None:
    asked = asked_of(query)

    everything = query(rows, scope=Scope.city(unreleased=True), **asked)
    own = query(rows, scope=Scope.county(COUNTY), **asked)
    others = query(rows, scope=Scope.county(OTHER), **asked)
    nothing = query(rows, scope=Scope.county(), **asked)

    assert len(everything) > 0, "the sample has nothing that this query finds"
    if is_kept_from_counties(query):
        assert own.empty
        assert others.empty
    elif "county_code" in everything.columns:
        assert set(own["county_code"].dropna()) == {COUNTY}
        assert COUNTY not in set(others["county_code"].dropna())
    assert list(nothing.columns) == list(everything.columns)
    assert is_nothing(nothing)
    assert not own.equals(everything) or is_about_one_thing(query)


def is_nothing(frame: pd.DataFrame) -> bool:
    """No rows, or a row of counts that are all zero."""
    counts = frame.select_dtypes("number")
    return frame.empty or (
        len(counts.columns) == len(frame.columns) and not counts.to_numpy().any()
    )
