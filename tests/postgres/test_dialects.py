"""One SQL for every database: what the queries say compiles for each, and what differs is listed.

CockroachDB and Citus have not been run: what is held here is that the statements are plain enough
for them. CockroachDB's dialect (sqlalchemy-cockroachdb) does not go with this SQLAlchemy yet; where
it can be imported all the same it compiles them, too. It is PostgreSQL's compiler with more words
that need quotes, which is what stands in for it here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ClauseElement, Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import PGIdentifierPreparer
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import iterate

from data_access.scope import Scope
from tests.databases import PostgresDatabase, sample_database
from tests.postgres.conftest import Connect
from tests.queries import COUNTY, arguments_of_all, scoped
from tests.servers import ROOT

pytestmark = pytest.mark.postgres

# Modules of data_access that ask which database it is, and why. Of queries
# only what counts days and reads days that were kept as text is among them.
ASK_FOR_THE_DATABASE = {
    "account_changes.py": "a lock: SQLite has one for the file, PostgreSQL one for rows",
    "account_commands.py": "a file that is not there yet",
    "as_known.py": "days that were kept as text: SQLite has them as text, others cast them",
    "audit.py": "triggers",
    "backup_command.py": "a file is copied, a server asked",
    "bulk.py": "the quickest way in: SQLite's parameters, PostgreSQL's COPY",
    "command_line.py": "a file that is not there yet",
    "day_math.py": "the day so many days after a day, and which of the week it is",
    "engine.py": "settings of a connection",
    "freeze_command.py": "a file that is not there yet",
    "ledgers/importing.py": "the cache of a large write",
    "ledgers/queries.py": "many keys or rows as one parameter: JSON for SQLite, arrays for others",
    "row_security.py": "policies, which SQLite lacks",
    "shard_command.py": "shards, which SQLite lacks",
    "sharding.py": "shards, which SQLite lacks",
    "shards.py": "shards, which SQLite lacks",
    "snapshot_seals.py": "triggers",
    "verify_command.py": "a file that is not there yet",
    "visit_seals.py": "triggers",
}
# Functions that SQLite, PostgreSQL and CockroachDB know alike.
PORTABLE = {
    *("avg", "coalesce", "count", "lag", "lead", "length", "max", "min", "row_number", "substr"),
    *("nullif", "sum", "trim"),
}
ONLY_SQLITE = {"date", "json_each", "json_extract", "strftime"}
ONLY_POSTGRESQL = {"any", "unnest"}
# What CockroachDB lacks of PostgreSQL's SQL, and Citus over tables in several places.
LACKING = re.compile(
    r"\bLATERAL\b|\bTABLESAMPLE\b|\bGROUPING SETS\b|\bROLLUP\b|\bCUBE\b|\bXML\w*|\bSIMILAR TO\b"
    r"|\bRECURSIVE\b|\bFOR (NO KEY )?UPDATE\b|\bFOR SHARE\b|\bctid\b|\bWITHIN GROUP\b",
    re.IGNORECASE,
)
# Reserved by CockroachDB and not by PostgreSQL.
_MORE_WORDS = {"index", "nothing", "role", "virtual", "work"}


class _CockroachPreparer(PGIdentifierPreparer):
    reserved_words = PGIdentifierPreparer.reserved_words | _MORE_WORDS


def cockroach() -> Dialect:
    """CockroachDB's dialect, or what stands in for it."""
    try:
        real = import_module("sqlalchemy_cockroachdb.psycopg")
        dialect: Dialect = real.CockroachDBDialect_psycopg()
    except ImportError:
        dialect = PGDialect_psycopg()
        dialect.identifier_preparer = _CockroachPreparer(dialect)
    return dialect


@pytest.fixture(scope="module")
def statements(folder: Path, sample: PostgresDatabase, connect: Connect) -> dict[str, list[Any]]:
    """What all queries execute on the sample, by the database they were run on."""
    lite = connect(f"sqlite:///{sample_database(folder)}")
    return {"sqlite": recorded(lite), "postgresql": recorded(connect(sample.owner_url))}


def recorded(engine: Engine) -> list[Any]:
    found: list[Any] = []

    def keep(_conn: Connection, element: Any, _many: Any, _params: Any, _options: Any) -> None:
        found.append(element)

    with engine.connect() as conn:
        of = arguments_of_all(conn, COUNTY)
        asked = [(query, of(query)) for query in scoped()]
        event.listen(engine, "before_execute", keep)
        for query, of_it in asked:
            query(conn, scope=Scope.county(COUNTY), **of_it)
    event.remove(engine, "before_execute", keep)
    assert len(found) > len(asked)
    return found


def compiled(element: ClauseElement, dialect: Dialect) -> str:
    return str(element.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))


def functions(element: ClauseElement) -> Iterator[str]:
    for part in iterate(element):
        if isinstance(part, FunctionElement) and hasattr(part, "name"):
            yield part.name


def test_every_statement_is_made_of_parts_and_not_of_text(
    statements: dict[str, list[Any]],
) -> None:
    for each in statements["sqlite"] + statements["postgresql"]:
        assert isinstance(each, ClauseElement)


@pytest.mark.parametrize("name", ["postgresql", "cockroachdb"])
def test_every_statement_compiles_and_says_nothing_that_is_lacking_elsewhere(
    statements: dict[str, list[Any]], name: str
) -> None:
    dialect = cockroach() if name == "cockroachdb" else postgresql.psycopg.dialect()
    for each in statements["postgresql"]:
        said = compiled(each, dialect)
        assert said
        assert not LACKING.search(said), said
        assert set(functions(each)) <= PORTABLE | ONLY_POSTGRESQL


def test_every_statement_compiles_for_sqlite(statements: dict[str, list[Any]]) -> None:
    for each in statements["sqlite"]:
        assert compiled(each, sqlite.dialect())
        assert set(functions(each)) <= PORTABLE | ONLY_SQLITE


@pytest.mark.soak
def test_both_databases_are_asked_the_same(statements: dict[str, list[Any]]) -> None:
    """But for the few that name many keys at once or know days as they were kept."""
    dialect = postgresql.psycopg.dialect()
    said = {name: {compiled(each, dialect) for each in statements[name]} for name in statements}

    many = re.compile(r" ANY \(| unnest\(")
    other = {each for each in said["postgresql"] - said["sqlite"] if not many.search(each)}
    assert len(other) <= len(said["postgresql"]) / 10
    assert all("CAST" in each or "row_change" in each for each in other)


def test_what_asks_for_the_database_is_on_the_list() -> None:
    found = set()
    for path in sorted((ROOT / "data_access").glob("**/*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "name":
                of = node.value
                if isinstance(of, ast.Attribute) and of.attr == "dialect":
                    found.add(path.relative_to(ROOT / "data_access").as_posix())

    assert found == set(ASK_FOR_THE_DATABASE)
