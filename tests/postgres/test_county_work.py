"""What a county puts on record on PostgreSQL: two people at once, and who reads what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, func, insert, select

from data_access import migration, schema
from data_access.accounts import Role, User, scope_of
from data_access.connections import reading
from data_access.county_actions import Recorded, changes, county_actions
from data_access.county_actions import record as record_duty
from data_access.row_security import tell
from data_access.scope import Scope
from data_access.submissions import Sent, digest, submissions
from data_access.submissions import record as record_sent
from data_access.writing import WritingError
from tests.data_access.visits import COUNTY, LEADER, SUPERVISOR, add_accounts
from tests.databases import PostgresDatabase, forget_engines
from tests.factories import CITY, SOUTH
from tests.postgres.conftest import Connect

pytestmark = pytest.mark.postgres

AS_OF = date(2022, 8, 25)
FORM = Sent("weekly_form", "2022-07-07", date(2022, 7, 6), "汇总表.xlsx", digest(b"first"))
HOTLINE = Recorded("hotline", "0772-0001234", None, "")
COLLEAGUE = User("zweite@example.org", Role.COUNTY, CITY, scope_of(Role.COUNTY, CITY))
ELSEWHERE = User("sued@example.org", Role.COUNTY, SOUTH, scope_of(Role.COUNTY, SOUTH))


@pytest.fixture(scope="module")
def owner(database: PostgresDatabase, connect: Connect) -> Engine:
    engine = connect(database.owner_url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        add_accounts(conn)
        for who in (COLLEAGUE, ELSEWHERE):
            row = {"email": who.email, "role": who.role, "county_code": who.county_code}
            conn.execute(insert(schema.account).values({**row, "active": True}))
    return engine


@pytest.fixture(autouse=True)
def office(
    owner: Engine, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    monkeypatch.setenv("IMPORT_DATABASE_URL", database.owner_url)
    forget_engines()
    yield
    forget_engines()
    with owner.begin() as conn:
        for table in (schema.row_change, schema.submission, schema.county_action):
            conn.execute(table.delete())


def together(*works: Callable[[], int]) -> list[str]:
    """Do the works at once; return what became of each."""

    def done(work: Callable[[], int]) -> str:
        try:
            return f"saved {work()}"
        except WritingError as error:
            return str(error)[:12]

    with ThreadPoolExecutor(len(works)) as pool:
        return sorted(pool.map(done, works))


def test_of_two_people_who_record_the_same_at_once_the_second_is_told() -> None:
    theirs = replace(FORM, sha256=digest(b"theirs"))

    first = together(
        lambda: record_sent(COUNTY, FORM, row_version=None),
        lambda: record_sent(COLLEAGUE, theirs, row_version=None),
    )
    again = together(
        lambda: record_duty(COUNTY, HOTLINE, row_version=None),
        lambda: record_duty(COLLEAGUE, replace(HOTLINE, detail="0772-0005678"), row_version=None),
    )

    assert first == ["saved 1", "这份材料的登记刚刚有改动"]
    assert again == ["saved 1", "这一项刚刚有改动，没有保"]
    with reading(COUNTY) as conn:
        assert len(submissions(conn, scope=COUNTY.scope, as_of=AS_OF)) == 1
        assert len(county_actions(conn, scope=COUNTY.scope, as_of=AS_OF)) == 1


@pytest.mark.parametrize(
    ("user", "rows"), [(COUNTY, 1), (SUPERVISOR, 1), (LEADER, 1), (ELSEWHERE, 0)]
)
def test_database_itself_shows_rows_and_what_they_were_to_whom_they_are_for(
    owner: Engine, database: PostgresDatabase, connect: Connect, user: User, rows: int
) -> None:
    record_sent(COUNTY, FORM, row_version=None)
    record_sent(COUNTY, replace(FORM, file_name="更正.xlsx"), row_version=1)
    record_duty(COUNTY, HOTLINE, row_version=None)
    record_duty(COUNTY, replace(HOTLINE, detail="0772-0005678"), row_version=1)

    everything = Scope.city(unreleased=True)  # the first wall is taken away
    with connect(database.plain_url).connect() as conn:
        tell(conn, email=user.email, role=user.role, scope=user.scope)
        assert len(submissions(conn, scope=everything, as_of=AS_OF)) == rows
        assert len(county_actions(conn, scope=everything, as_of=AS_OF)) == rows
        assert len(changes(conn, scope=everything)) == rows
        assert conn.scalar(select(func.count()).select_from(schema.row_change)) == 2 * rows
