"""On PostgreSQL the dashboard's role changes accounts as on SQLite, and the log by no means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from data_access import audit, clock, migration
from data_access.__main__ import main
from data_access.account_changes import Account, accounts, deactivate, save
from data_access.accounts import Role, User, scope_of
from data_access.audit import Action, Wanted
from data_access.row_security import tell
from data_access.schema import account, audit_event, sign_in
from tests.data_access.test_audit import KEPT, SHOWN, WORDS
from tests.databases import PostgresDatabase
from tests.factories import CITY
from tests.postgres.conftest import Connect
from tests.races import deactivate_each_other

pytestmark = pytest.mark.postgres

BOSS, OTHER, CLERK = "boss@example.org", "other@example.org", "clerk@example.org"
READER = "reader@example.org"
Act = Callable[[Connection], Any]


@pytest.fixture(scope="module")
def owner(database: PostgresDatabase, connect: Connect) -> Engine:
    engine = connect(database.owner_url)
    migration.upgrade(engine)
    return engine


@pytest.fixture
def office(owner: Engine, database: PostgresDatabase, connect: Connect) -> Iterator[Engine]:
    """The dashboard's way into an office with two administrators and a clerk."""
    with owner.begin() as conn:
        for email in (BOSS, OTHER):
            save(conn, Account(email, Role.ADMIN), by=None)
        save(conn, Account(CLERK, Role.COUNTY, CITY), by=None)
    yield connect(database.plain_url)
    with owner.begin() as conn:
        conn.execute(delete(sign_in))
        conn.execute(delete(account))


def user(email: str, role: Role = Role.ADMIN) -> User:
    return User(email, role, None, scope_of(role, None))


def acting(engine: Engine, who: User, act: Act) -> Any:
    """What ``act`` returns, as that user in a transaction of the dashboard's role."""
    with engine.begin() as conn:
        tell(conn, email=who.email, role=who.role, scope=who.scope)
        return act(conn)


def test_administrator_changes_accounts_and_the_log_has_it(office: Engine, owner: Engine) -> None:
    with office.begin() as conn:
        tell(conn, email=CLERK)
        conn.execute(insert(sign_in), [{"digest": "0" * 64, "email": CLERK, "at": clock.now()}])

    acting(office, user(BOSS), lambda conn: deactivate(conn, CLERK, by=user(BOSS)))
    found = acting(office, user(BOSS), lambda conn: accounts(conn, by=user(BOSS)))

    assert found.set_index("email")["active"].to_dict() == {BOSS: True, OTHER: True, CLERK: False}
    assert found["county"].dropna().tolist() == ["城中区"]
    with owner.connect() as conn:
        assert conn.scalar(select(sign_in.c.ended_at)) is not None
        newest = select(audit_event).order_by(audit_event.c.id.desc()).limit(1)
        row = conn.execute(newest).one()
    assert (row.email, row.action, row.target) == (BOSS, "account_deactivate", CLERK)


@pytest.mark.parametrize("role", [Role.LEADER, Role.SUPERVISOR, Role.COUNTY])
def test_second_wall_keeps_accounts_from_all_but_administrators(office: Engine, role: Role) -> None:
    reader = user(READER, role)

    found = acting(office, reader, lambda conn: accounts(conn, by=None))
    changed = acting(
        office, reader, lambda conn: conn.execute(update(account).values(active=False)).rowcount
    )

    assert found.empty
    assert changed == 0


def test_two_administrators_cannot_deactivate_each_other_at_once(
    office: Engine, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(who: str, whom: str) -> None:
        acting(office, user(who), lambda conn: deactivate(conn, whom, by=user(who)))

    refused = deactivate_each_other(monkeypatch, (BOSS, OTHER), stop, seconds=1)

    assert refused == ["您的账号已停用或不再是管理员，没有作任何改动。"]
    with owner.connect() as conn:
        is_admin = (account.c.role == "admin", account.c.active)
        assert conn.scalar(select(func.count()).select_from(account).where(*is_admin)) == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET email = NULL", "DELETE FROM audit_event", "TRUNCATE audit_event"],
)
def test_nobody_changes_or_deletes_what_is_logged(
    office: Engine, owner: Engine, statement: str
) -> None:
    count = select(func.count()).select_from(audit_event)
    with owner.connect() as conn:
        before = conn.scalar(count)

    with pytest.raises(ProgrammingError, match="permission denied"):
        acting(office, user(BOSS), lambda conn: conn.execute(text(statement)))
    with pytest.raises(DBAPIError, match="访问日志只增不改"), owner.begin() as conn:
        conn.execute(text(statement))

    with owner.connect() as conn:
        assert conn.scalar(count) == before


def test_everybody_adds_to_the_log_and_administrators_alone_read_it(office: Engine) -> None:
    reader = user(READER, Role.LEADER)
    wanted = Wanted(clock.today(), clock.today(), email=READER)

    acting(office, reader, lambda conn: audit.add(conn, Action.EXPORT, email=READER, rows=1))

    seen = acting(
        office, user(BOSS), lambda conn: audit.count_events(conn, by=user(BOSS), wanted=wanted)
    )
    # As if the first wall were down: a leader who is taken for an administrator in Python.
    kept = acting(
        office, reader, lambda conn: audit.count_events(conn, by=user(BOSS), wanted=wanted)
    )
    assert (seen, kept) == (1, 0)


@pytest.mark.parametrize(("text", "found"), SHOWN)
def test_log_is_searched_as_on_sqlite(office: Engine, text: str, found: list[str]) -> None:
    with office.connect() as conn:  # nothing of it is kept
        tell(conn, email=BOSS, role=Role.ADMIN, scope=user(BOSS).scope)
        for target, detail in KEPT.items():
            audit.add(conn, Action.EXPORT, email="searched@example.org", target=target, **detail)
        wanted = Wanted(
            clock.today(), clock.today(), email="searched@example.org", text=text, words=WORDS
        )
        rows = audit.events(conn, by=user(BOSS), wanted=wanted, limit=10)

        assert audit.count_events(conn, by=user(BOSS), wanted=wanted) == len(rows)
        assert sorted(rows["target"]) == found


def test_command_line_works_as_the_owner_and_not_as_the_dashboard(
    office: Engine,
    owner: Engine,
    database: PostgresDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["account", "add", "new@example.org", "--role", "leader"]
    monkeypatch.setenv("DATABASE_URL", database.plain_url)
    assert main(command) == 2
    assert "不是表的所有者" in capsys.readouterr().err

    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    assert main(command) == 0
    assert main(["account", "deactivate", "new@example.org"]) == 0
    assert main(["account", "list"]) == 0
    assert "new@example.org\t市领导\t—\t停用" in capsys.readouterr().out
