"""The sample of the other tests here, copied from SQLite, is what importing makes on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, DateTime, create_engine, func, select

from data_access import schema
from tests.databases import PostgresDatabase, build_sample
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres


def written(value: object) -> str:
    """Return a value as text; SQLite gives whole amounts without their cents."""
    return repr(float(value) if isinstance(value, int | float) else value)


def rows(conn: Connection) -> dict[str, list[tuple[str, ...]]]:
    """Return the rows of every table by its name, but for the times of the clock."""
    return {
        table.name: sorted(
            tuple(map(written, row))
            for row in conn.execute(
                select(*(each for each in table.c if not isinstance(each.type, DateTime)))
            )
        )
        for table in schema.metadata.sorted_tables
    }


def test_copy_of_the_sample_has_its_rows_and_counts_on_from_them(
    sample: PostgresDatabase, folder: Path, connect: Connect
) -> None:
    engine = connect(sample.superuser_url)
    with engine.connect() as conn, connect(f"sqlite:///{folder / 'liuzhou.db'}").connect() as lite:
        assert rows(conn) == rows(lite)
        for table in schema.metadata.sorted_tables:
            if table.autoincrement_column is not None:
                named = func.pg_get_serial_sequence(table.name, "id")
                last = conn.scalar(select(func.max(table.c.id))) or 0
                assert conn.scalar(select(func.nextval(named))) > last


@pytest.mark.soak
def test_importing_the_sample_makes_the_rows_that_were_copied(
    database: PostgresDatabase, sample: PostgresDatabase, folder: Path
) -> None:
    """Importing all of it a second time takes as long as all the other tests of a file."""
    build_sample(database.owner_url)
    found = []
    for url in (database.superuser_url, sample.superuser_url):
        engine = create_engine(url)
        with engine.connect() as conn:
            found.append(rows(conn))
        engine.dispose()

    assert sum(map(len, found[0].values())) > 10_000
    for table, imported in found[0].items():
        assert (table, imported) == (table, found[1][table])
