"""Facts on shards: the same answers, the same walls, and what is told when a shard is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, make_url, text

from data_access import __main__ as command_line
from data_access import migration, summaries
from data_access.accounts import Role, scope_of
from data_access.row_security import tell
from data_access.scope import Scope
from tests.databases import OWNER, copy_rows, sample_database
from tests.postgres.conftest import Connect
from tests.queries import COUNTY, OTHER, Query, add_fees, arguments, name_of, scoped
from tests.shard_servers import (
    READER,
    ShardServer,
    make_database,
    programs,
    shard_arguments,
    shard_servers,
)
from tests.workers import skip_or_fail

pytestmark = pytest.mark.postgres

SINGLE, SHARDED = "single", "sharded"


@dataclass(frozen=True)
class City:
    """The same rows twice: on one machine, and on a coordinator with two shards."""

    servers: list[ShardServer]
    single: Engine
    owner: Engine
    reader: Engine

    @property
    def shards(self) -> list[ShardServer]:
        return self.servers[1:]


@pytest.fixture(scope="module")
def city(folder: Path, connect: Connect) -> Iterator[City]:
    if programs() is None:
        skip_or_fail("REQUIRE_SHARDS", "there is no PostgreSQL with postgres_fdw")
    with shard_servers(3) as servers:
        coordinator, *shards = servers
        make_database(coordinator, SINGLE)
        fill(coordinator, sample_database(folder))
        make_database(coordinator, SHARDED, template=SINGLE)
        for each in shards:
            make_database(each, SHARDED)
        run_shard(coordinator, *shard_arguments(shards, SHARDED))
        yield City(
            servers,
            connect(coordinator.login(OWNER, SINGLE)),
            connect(coordinator.login(OWNER, SHARDED)),
            connect(coordinator.login(READER, SHARDED)),
        )


def fill(coordinator: ShardServer, sample: Path) -> None:
    """Fill the database of one machine with the sample city."""
    from data_access.engine import connect_to

    engine = connect_to(coordinator.login(OWNER, SINGLE))
    migration.upgrade(engine)
    superuser = make_url(coordinator.url).set(database=SINGLE)
    copy_rows(sample, superuser.render_as_string(hide_password=False))
    with engine.begin() as conn:
        add_fees(conn)
        summaries.rebuild_all(conn)
    engine.dispose()


def run_shard(coordinator: ShardServer, *options: str, database: str = SHARDED) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", coordinator.login(OWNER, database))
        return command_line.main(["shard", *options])


def canonical(result: Any) -> Any:
    """What a query returned, in an order of its own."""
    if isinstance(result, dict):
        return {name: canonical(each) for name, each in result.items()}
    if not isinstance(result, pd.DataFrame):
        return result
    rows = sorted(map(str, result.itertuples(index=False, name=None)))
    return dict(result.dtypes), rows


@pytest.fixture(scope="module")
def single(city: City) -> Iterator[Connection]:
    with city.single.connect() as conn:
        yield conn


@pytest.fixture
def owner(city: City) -> Iterator[Connection]:
    with city.owner.connect() as conn:
        yield conn


@pytest.fixture
def conn(city: City) -> Iterator[Connection]:
    """The dashboard's connection to the coordinator."""
    with city.reader.connect() as conn:
        yield conn


def tell_role(conn: Connection, role: Role, county: str | None = None) -> Scope:
    scope = scope_of(role, county)
    tell(conn, email=f"{role}@demo", role=role, scope=scope)
    return scope


def plan(conn: Connection, statement: str) -> str:
    return "\n".join(conn.scalars(text(f"EXPLAIN (VERBOSE) {statement}")))


SCOPES = {
    "city": Scope.city(unreleased=True),
    "county": Scope.county(COUNTY),
    "other": Scope.county(OTHER),
    "two": Scope.county(COUNTY, OTHER),
    "nothing": Scope.county(),
}


@pytest.mark.parametrize("query", scoped(), ids=name_of)
def test_every_query_answers_as_on_one_machine(
    single: Connection, owner: Connection, conn: Connection, query: Query
) -> None:
    asked = arguments(single, query, COUNTY)
    for scope in SCOPES.values():
        expected = canonical(query(single, scope=scope, **asked))
        assert canonical(query(owner, scope=scope, **asked)) == expected
        role = Role.SUPERVISOR if scope.counties is None else Role.COUNTY
        tell(conn, email=f"{role}@demo", role=role, scope=scope)
        told = query(conn, scope=scope, **asked)
        if query.__module__ != "data_access.batches" or scope.counties is None:
            assert canonical(told) == expected
