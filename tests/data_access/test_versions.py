"""The version of the data, by which pages keep their results."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, delete
from sqlalchemy.exc import NoResultFound

from data_access import schema, versions


def test_every_bump_is_a_new_version(conn: Connection) -> None:
    before = versions.current(conn)
    versions.bump(conn)
    versions.bump(conn)

    assert versions.current(conn) == before + 2


def test_bump_is_undone_with_the_write_that_it_belongs_to(conn: Connection) -> None:
    before = versions.current(conn)
    with conn.begin_nested() as write:
        versions.bump(conn)
        write.rollback()

    assert versions.current(conn) == before


def test_database_without_a_version_is_an_error_and_not_version_nought(conn: Connection) -> None:
    conn.execute(delete(schema.data_version))

    with pytest.raises(NoResultFound):
        versions.current(conn)
