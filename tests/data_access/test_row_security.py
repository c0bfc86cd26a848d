"""Every table has an answer to who may read it on PostgreSQL, also one that is added later."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table

from data_access import row_security
from data_access.schema import metadata

# What no condition on a county stands for, and what the dashboard may change: read these again
# before adding to them.
SPECIAL = {
    "account",
    "audit_event",
    "county",
    "import_batch",
    "import_problem",
    "officer",
    "rectification_event",
    "row_change",
    "sign_in",
    "visit_candidate",
    "visit_plan",
    "visit_stop",
    "visit_team",
}


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_table_is_of_a_county_or_says_whose_it_is(table: Table) -> None:
    condition = row_security.readable(table)

    if table.name in row_security.OPEN:
        assert condition == "true"
        assert not {"county_code", "email", "withheld"} & set(table.c.keys())
    elif table.name not in SPECIAL:
        assert "county_code = ANY" in condition
    if "withheld" in table.c:
        assert "NOT withheld" in condition


def test_open_tables_say_why() -> None:
    assert all(row_security.OPEN.values())
    assert set(metadata.tables) > set(row_security.OPEN)


def test_table_without_an_answer_is_refused() -> None:
    table = Table("later", MetaData(), Column("id", Integer, primary_key=True))

    with pytest.raises(KeyError, match="later"):
        row_security.readable(table)


def test_nothing_is_put_up_told_or_asked_on_sqlite(conn: Connection) -> None:
    row_security.put_up(conn)
    row_security.tell(conn, email="leader@demo")

    assert row_security.why_no_reader(conn) is None
    assert row_security.why_no_writer(conn) is None
