"""On PostgreSQL a county reviews itself as it does on SQLite, and its workbook comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data_access import migration, versions
from data_access.ledgers.importing import import_file
from data_access.ledgers.storing import Sender
from data_access.ledgers.workbooks import TO_DO
from data_access.reference import UNITS
from data_access.row_security import tell
from data_access.scope import Scope
from tests.databases import PostgresDatabase
from tests.factories import CITY, THURSDAY
from tests.postgres.conftest import Connect
from tests.review_city import fill
from ui import self_review

pytestmark = pytest.mark.postgres

NAMES = {unit.code: unit.name for unit in UNITS}
OWN = Scope.county(CITY)


@pytest.fixture(scope="module")
def owner(database: PostgresDatabase, connect: Connect) -> Engine:
    engine = connect(database.owner_url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        fill(conn)
    return engine


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, connect: Connect) -> Engine:
    """The same city on SQLite."""
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('review') / 'city.db'}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        fill(conn)
    return engine


def test_county_reads_the_same_as_the_dashboard_s_role(
    owner: Engine, small: Engine, database: PostgresDatabase, connect: Connect
) -> None:
    asked = {"scope": OWN, "as_of": THURSDAY, "with_medians": False}
    with connect(database.plain_url).begin() as conn:
        tell(conn, email="a@example.org", role="county", scope=OWN)
        found = self_review.build(conn, **asked)
    with small.connect() as conn:
        wanted = self_review.build(conn, **asked)

    assert found.headline == wanted.headline
    assert found.lines.equals(wanted.lines)
    assert found.rows.drop(columns="row_id").equals(wanted.rows.drop(columns="row_id"))


def test_workbook_comes_back_and_changes_nothing(owner: Engine) -> None:
    def send() -> tuple[int, int]:
        with owner.connect() as conn:
            data = self_review.workbook_of(
                conn, scope=OWN, as_of=THURSDAY, county=NAMES[CITY], counties=NAMES
            )
        sender = Sender("clerk@example.org", CITY, is_county_account=True)
        report = import_file(owner, TO_DO, data, file_name="待办.xlsx", sender=sender).report
        return report.rows_updated, report.rows_rejected

    assert send() == (7, 0)
    with owner.connect() as conn:
        version = versions.current(conn)

    assert send() == (7, 0)
    with owner.connect() as conn:
        assert versions.current(conn) == version
