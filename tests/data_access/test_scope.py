"""Every query of data_access keeps inside the scope it is given."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, func, select

import data_access
from data_access import schema
from data_access.engine import connect_to
from data_access.scope import Scope
from tests.databases import sample_database
from tests.workers import shared_folder

COUNTY, OTHER = "450203", "450224"
AS_OF = date(2022, 8, 25)
INTERNAL = {"frames"}
Query = Callable[..., pd.DataFrame]


def queries() -> list[Query]:
    """Public functions of data_access that return a DataFrame, scope or no scope."""
    found = []
    for module_info in pkgutil.iter_modules(data_access.__path__):
        if module_info.name in INTERNAL or module_info.ispkg or module_info.name == "__main__":
            continue
        module = importlib.import_module(f"data_access.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            signature = inspect.signature(function)
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            is_query = (
                signature.return_annotation == "pd.DataFrame" and "conn" in signature.parameters
            )
            if is_own and is_query:
                found.append(function)
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(shared_folder(tmp_path_factory))


@pytest.fixture
def rows(sample: Path) -> Iterator[Connection]:
    engine = connect_to(f"sqlite:///{sample}")
    with engine.connect() as conn:
        yield conn
    engine.dispose()


def arguments(conn: Connection, query: Query, county: str) -> dict[str, Any]:
    """What a query asks for besides its scope, pointing at rows of ``county``."""

    def first(column: Any, *where: Any) -> Any:
        table = column.table
        return conn.scalar(
            select(column)
            .where(table.c.county_code == county, column.is_not(None), *where)
            .limit(1)
        )

    report = schema.violation_report.c
    busiest = conn.scalar(
        select(report.place_key)
        .where(report.county_code == county, report.longitude.is_not(None))
        .group_by(report.place_key)
        .order_by(func.count().desc())
        .limit(1)
    )
    known = {
        "as_of": AS_OF,
        "days": (AS_OF,),
        "subject": "violation_report",
        "recent_days": 30,
        "since": AS_OF - timedelta(days=90),
        "county_code": county,
        "institution": first(schema.refund_dispute.c.institution_id),
        "batch_id": conn.scalar(
            select(schema.import_problem.c.batch_id)
            .join(schema.import_batch)
            .where(schema.import_batch.c.county_code == county)
            .limit(1)
        ),
        "rectification_id": first(
            schema.rectification_event.c.rectification_id,
            schema.rectification_event.c.step == "reopen",
        ),
        "institution_id": first(schema.refund_dispute.c.institution_id),
        "place_key": busiest,
    }
    wanted = inspect.signature(query).parameters
    return {
        name: value
        for name, value in known.items()
        if name in wanted and wanted[name].default is inspect.Parameter.empty
    }


def test_queries_are_found() -> None:
    assert {"coverage_on_days", "open_on_days", "import_batches"} <= {
        query.__name__ for query in queries()
    }


@pytest.mark.parametrize(
    "query", queries(), ids=lambda query: f"{query.__module__}.{query.__name__}"
)
def test_query_returns_only_the_county_in_scope(rows: Connection, query: Query) -> None:
    asked = arguments(rows, query, COUNTY)

    everything = query(rows, scope=Scope.city(unreleased=True), **asked)
    own = query(rows, scope=Scope.county(COUNTY), **asked)
    others = query(rows, scope=Scope.county(OTHER), **asked)
    nothing = query(rows, scope=Scope.county(), **asked)

    assert len(everything) > 0, "the sample has nothing that this query finds"
    if "county_code" in everything.columns:
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


def is_about_one_thing(query: Query) -> bool:
    """A query of one item, institution, place or file finds the same in its county's scope."""
    parameters = set(inspect.signature(query).parameters)
    return bool(
        parameters & {"rectification_id", "institution_id", "place_key", "batch_id", "institution"}
    )
