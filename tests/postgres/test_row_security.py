"""What the second wall shows to whom, table by table, and what it lets the dashboard write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from data_access import audit, migration, row_security
from data_access.accounts import Role, User, scope_of
from data_access.audit import Action
from data_access.row_security import OPEN, READERS, tell
from data_access.schema import (
    account,
    audit_event,
    county,
    metadata,
    rectification,
    row_change,
    sign_in,
)
from tests.databases import PostgresDatabase, PostgresServer, postgres_database
from tests.factories import CITY, SOUTH, THURSDAY
from tests.postgres.conftest import Connect
from tests.wrong_rows import AT, RIGHT, add_right_rows

pytestmark = pytest.mark.postgres

WHO = "甲@example.org"  # whose rows stand in account and sign_in
READER = "reader@example.org"
ROLES = [*Role, None]
PLANS = {"officer", "visit_candidate", "visit_plan", "visit_stop", "visit_team"}
IMPORTS = {"import_batch", "import_problem"}
CHANGES_OF_THE_LOG = (
    "UPDATE audit_event SET email = NULL",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event",
)
FROZEN = ("weekly_snapshot", "weekly_snapshot_history")
CHANGES_OF_WHAT_IS_FROZEN = (
    "UPDATE weekly_snapshot SET numerator = 9",
    "UPDATE weekly_snapshot SET frozen_at = frozen_at + interval '1 day'",
    "DELETE FROM weekly_snapshot",
    "TRUNCATE weekly_snapshot",
    "INSERT INTO weekly_snapshot SELECT week, 'new', county_code, 1, NULL, '2022-08-26', 0, 0"
    " FROM weekly_snapshot",
    "INSERT INTO weekly_snapshot SELECT * FROM weekly_snapshot ON CONFLICT"
    " (week, indicator, county_code) DO UPDATE SET numerator = 9",
    "UPDATE weekly_snapshot_history SET numerator = 9",
    "DELETE FROM weekly_snapshot_history",
    "TRUNCATE weekly_snapshot_history",
)
PEOPLE = {"account", "audit_event", "sign_in"}
each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "nobody")


@pytest.fixture(scope="module")
def owner(database: PostgresDatabase, connect: Connect) -> Engine:
    """The owner's way into a database with one row in every table."""
    engine = connect(database.owner_url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        add_right_rows(conn)
        conn.execute(text("SELECT setval('audit_event_id_seq', 1)"))  # the row has its own number
    return engine


@pytest.fixture(scope="module")
def engine(owner: Engine, database: PostgresDatabase, connect: Connect) -> Engine:
    """The dashboard's way into it."""
    return connect(database.plain_url)


@pytest.fixture
def conn(engine: Engine) -> Iterator[Connection]:
    """The dashboard's, told nothing; what is written is rolled back."""
    with engine.connect() as conn:
        yield conn


def tell_role(conn: Connection, role: Role | None, county: str = CITY) -> None:
    """Say that somebody of that role reads; nobody: say nothing."""
    if role is not None:
        code = county if role is Role.COUNTY else None
        user = User(READER, role, code, scope_of(role, code))
        tell(conn, email=user.email, role=user.role, scope=user.scope)


def make_rows(owner: Engine, county_code: str | None, *, withheld: bool) -> None:
    """Let all rows be of that county, where they can be of any, and born of a plan or not."""
    with owner.begin() as conn:
        for name in FROZEN:  # which their own triggers would keep as they are
            conn.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        for table in metadata.sorted_tables:
            values: dict[str, object] = {"withheld": withheld} if "withheld" in table.c else {}
            if can_be_of(table, county_code) and table is not account:
                values["county_code"] = county_code
            if values:
                conn.execute(update(table).values(values))
        for name in FROZEN:
            conn.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


def can_be_of(table: Table, county_code: str | None) -> bool:
    return "county_code" in table.c and (county_code is not None or table.c.county_code.nullable)


def may_read(role: Role | None, table: str, county_code: str | None, *, withheld: bool) -> bool:
    """The whole of the rule, said once more and otherwise."""
    if table in OPEN:
        return True
    if role is None:
        return False
    if table in PEOPLE:
        return role is Role.ADMIN
    if table in PLANS:
        return role is Role.SUPERVISOR
    if table in IMPORTS and role in {Role.ADMIN, Role.LEADER}:
        return role is Role.ADMIN
    if role is Role.ADMIN or (role is Role.COUNTY and county_code != CITY):
        return False
    is_of_a_plan = "withheld" in metadata.tables[table].c or table == "rectification_event"
    return role is Role.SUPERVISOR or not (withheld and is_of_a_plan)


@pytest.mark.parametrize("withheld", [False, True], ids=["released", "withheld"])
@pytest.mark.parametrize("county_code", [CITY, SOUTH, None], ids=["own", "other", "no county"])
@each_role
def test_reader_is_shown_what_is_theirs(
    owner: Engine, conn: Connection, role: Role | None, county_code: str | None, withheld: bool
) -> None:
    make_rows(owner, county_code, withheld=withheld)
    tell_role(conn, role)

    tables = [
        table
        for table in metadata.sorted_tables
        if table is not county and ("county_code" not in table.c or can_be_of(table, county_code))
    ]
    shown = {table.name for table in tables if conn.scalar(select(func.count()).select_from(table))}

    assert shown == {
        table.name for table in tables if may_read(role, table.name, county_code, withheld=withheld)
    }


@each_role
def test_reader_is_shown_the_counties_in_scope(conn: Connection, role: Role | None) -> None:
    tell_role(conn, role)
    codes = set(conn.scalars(select(county.c.code)))

    expected = {Role.COUNTY: {CITY}, None: set()}
    assert codes == expected.get(role, codes)
    if role not in expected:
        assert len(codes) == 13


def test_steps_of_a_withheld_item_are_not_shown_to_its_own_county(
    owner: Engine, conn: Connection
) -> None:
    make_rows(owner, CITY, withheld=False)
    with owner.begin() as writing:
        writing.execute(update(rectification).values(withheld=True))
    tell_role(conn, Role.COUNTY)

    assert conn.scalar(text("SELECT count(*) FROM rectification_event")) == 0


def test_county_without_a_code_is_shown_nothing(owner: Engine, conn: Connection) -> None:
    make_rows(owner, None, withheld=False)
    for counties in ("", ",", CITY[:-1]):
        said = {"counties": counties}
        conn.execute(text("SELECT set_config('app.counties', :counties, true)"), said)
        conn.execute(text("SELECT set_config('app.role', 'county', true)"))

        for name in ("institution", "import_batch", "decision", "county"):
            assert conn.scalar(text(f"SELECT count(*) FROM {name}")) == 0  # noqa: S608


def test_people_are_shown_themselves_alone(conn: Connection) -> None:
    tell(conn, email=WHO)
    assert list(conn.scalars(select(account.c.email))) == [WHO]
    assert list(conn.scalars(select(sign_in.c.email))) == [WHO]
    assert conn.scalar(text("SELECT count(*) FROM institution")) == 0

    tell(conn, email=WHO.upper())
    assert list(conn.scalars(select(account.c.email))) == []


def test_copying_a_table_out_and_turning_the_wall_off_show_no_more(
    owner: Engine, conn: Connection
) -> None:
    make_rows(owner, SOUTH, withheld=False)
    tell_role(conn, Role.COUNTY)
    cursor = conn.connection.cursor()
    with cursor.copy("COPY institution TO STDOUT") as copy:  # type: ignore[attr-defined]
        assert list(copy) == []
    tell_role(conn, Role.SUPERVISOR)
    with cursor.copy("COPY institution TO STDOUT") as copy:  # type: ignore[attr-defined]
        assert len(list(copy)) == 1

    conn.execute(text("SET LOCAL row_security = off"))
    with pytest.raises(ProgrammingError, match="row-level security"):
        conn.execute(text("SELECT count(*) FROM institution"))


def test_every_table_is_behind_the_wall_and_its_owner_too(owner: Engine) -> None:
    with owner.connect() as conn:
        behind = {
            name: (enabled, forced)
            for name, enabled, forced in conn.execute(
                text(
                    "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
                    " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
                )
            )
        }
        policies = {
            table: set(names)
            for table, names in conn.execute(
                text("SELECT tablename, array_agg(policyname::text) FROM pg_policies GROUP BY 1")
            )
        }

    assert behind.pop("alembic_version") == (False, False)
    assert behind == dict.fromkeys(metadata.tables, (True, True))
    assert set(policies) == set(metadata.tables)
    for table, names in policies.items():
        writes = names - {"owner", "reader"}
        assert {"owner", "reader"} <= names
        assert not writes or table in PEOPLE


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_who_reads_is_asked_once_a_statement_and_not_for_every_row(
    conn: Connection, table: Table
) -> None:
    tell_role(conn, Role.COUNTY)
    plan = conn.scalars(text(f"EXPLAIN SELECT * FROM {table.name}")).all()  # noqa: S608

    # What is asked once is planned apart; a filter that asks for itself would show it.
    assert not [line for line in plan if "current_setting" in line]
    assert table.name in OPEN or [line for line in plan if "InitPlan" in line]


def test_nothing_leads_around_the_wall(owner: Engine) -> None:
    with owner.connect() as conn:
        views = conn.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm', 'f')"
                " AND relnamespace = 'public'::regnamespace"
            )
        )
        functions = conn.scalars(
            text(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " AND prosecdef"
            )
        )
        for_everybody = conn.scalars(
            text(
                "SELECT relname FROM pg_class, aclexplode(relacl) AS right_of"
                " WHERE relnamespace = 'public'::regnamespace AND right_of.grantee = 0"
            )
        )
        assert [*views, *functions, *for_everybody] == []


def test_rights_are_to_read_and_to_write_of_people_alone(conn: Connection) -> None:
    held = conn.execute(
        text(
            "SELECT relname, privilege FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE',"
            " 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege WHERE relkind IN ('r', 'p') AND"
            " relnamespace = 'public'::regnamespace AND has_table_privilege(oid, privilege)"
        )
    )

    assert {tuple(row) for row in held} == {
        ("account", "INSERT"),
        ("account", "UPDATE"),
        ("audit_event", "INSERT"),
        ("sign_in", "INSERT"),
    }
    assert conn.scalar(text("SELECT has_column_privilege('sign_in', 'ended_at', 'UPDATE')"))
    assert not conn.scalar(text("SELECT has_schema_privilege('public', 'CREATE')"))


@pytest.mark.parametrize("role", [Role.LEADER, Role.SUPERVISOR, Role.COUNTY, None])
def test_nobody_but_an_administrator_changes_accounts(conn: Connection, role: Role | None) -> None:
    tell_role(conn, role)
    new = insert(account), [{"email": "乙@example.org", "role": "leader", "active": True}]

    assert conn.execute(update(account).values(role="admin")).rowcount == 0
    with pytest.raises(ProgrammingError, match="row-level security"), conn.begin_nested():
        conn.execute(*new)

    tell_role(conn, Role.ADMIN)
    conn.execute(*new)
    assert conn.execute(update(account).values(active=False)).rowcount == 2


def test_sign_in_is_written_by_whose_it_is_and_ends_for_good(conn: Connection) -> None:
    row = {"digest": "1" * 64, "email": WHO, "at": AT}
    tell(conn, email=READER)
    with pytest.raises(ProgrammingError, match="row-level security"), conn.begin_nested():
        conn.execute(insert(sign_in), [row])
    assert conn.execute(update(sign_in).values(ended_at=AT)).rowcount == 0

    tell(conn, email=WHO)
    conn.execute(insert(sign_in), [row])
    assert conn.execute(update(sign_in).values(ended_at=AT)).rowcount == 2
    assert conn.execute(update(sign_in).values(ended_at=AT + timedelta(1))).rowcount == 0
    with pytest.raises(ProgrammingError, match="permission denied"), conn.begin_nested():
        conn.execute(update(sign_in).values(at=AT + timedelta(1)))


def test_access_log_is_added_to_and_nothing_else(conn: Connection) -> None:
    audit.add(conn, Action.EXPORT, email=None)
    assert conn.scalar(select(func.count()).select_from(audit_event)) == 0
    tell_role(conn, Role.ADMIN)
    assert conn.scalar(select(func.count()).select_from(audit_event)) == 2
    for statement in CHANGES_OF_THE_LOG:
        with pytest.raises(ProgrammingError, match="permission denied"), conn.begin_nested():
            conn.execute(text(statement))


def test_access_log_is_not_changed_by_its_owner_either(owner: Engine) -> None:
    for statement in CHANGES_OF_THE_LOG:
        with owner.connect() as conn, pytest.raises(DBAPIError, match="访问日志只增不改"):
            conn.execute(text(statement))


@pytest.mark.parametrize("statement", CHANGES_OF_WHAT_IS_FROZEN)
def test_what_is_frozen_is_not_changed_by_its_owner_either(owner: Engine, statement: str) -> None:
    with owner.connect() as conn:
        # Beside the row that the history keeps one that it does not.
        conn.execute(
            text(
                "INSERT INTO weekly_snapshot SELECT week, 'other', county_code, 1, NULL, frozen_at,"
                " 0, 0 FROM weekly_snapshot"
            )
        )
        with pytest.raises(DBAPIError, match="已冻结的数字不能改动"):
            conn.execute(text(statement))


def test_what_the_history_keeps_as_it_was_can_be_taken_out(owner: Engine) -> None:
    with owner.connect() as conn:
        assert conn.execute(text("DELETE FROM weekly_snapshot")).rowcount == 1


CHANGE = {
    "email": WHO,
    "changed_on": THURSDAY,
    "county_code": CITY,
    "old_value": "2022-08-01",
    "new_value": "2022-08-02",
}


@pytest.mark.parametrize(
    ("table", "key", "column", "is_withheld", "readers"),
    [
        ("institution", "1", "found_on", False, {"leader", "county", "supervisor"}),
        ("institution", "1", "name", False, {"leader", "county", "supervisor"}),
        ("violation_report", "JB-1", "verified_on", False, {"leader", "county", "supervisor"}),
        ("violation_report", "JB-1", "summary", False, {"supervisor"}),
        ("violation_report", "JB-1", "reporter_phone", False, {"supervisor"}),
        ("inspection", "JC-1", "inspected_on", False, {"leader", "county", "supervisor"}),
        ("inspection", "JC-1", "inspected_on", True, {"supervisor"}),
        ("inspection", "JC-2", "inspected_on", False, {"supervisor"}),
        ("inspection", "JC-1", "measures", False, {"supervisor"}),
        ("rectification", "ZG-1", "due_on", False, {"leader", "county", "supervisor"}),
        ("rectification", "ZG-1", "due_on", True, {"supervisor"}),
        ("rectification", "ZG-1", "evidence", False, {"leader", "county", "supervisor"}),
        ("rectification", "ZG-1", "evidence", True, {"supervisor"}),
        ("refund_dispute", "TF-1", "students", False, {"leader", "county", "supervisor"}),
        ("county_action", "1", "detail", False, {"leader", "county", "supervisor"}),
        ("submission", "1", "file_name", False, {"leader", "county", "supervisor"}),
        ("refund_plan", "1", "aim", False, {"leader", "county", "supervisor"}),
        ("refund_plan_step", "1", "evidence", False, {"leader", "county", "supervisor"}),
        ("decision", "1", "due_on", False, {"supervisor"}),
    ],
)
def test_old_values_that_figures_are_counted_from_are_shown_with_their_rows_alone(
    owner: Engine,
    engine: Engine,
    table: str,
    key: str,
    column: str,
    is_withheld: bool,
    readers: set[str],
) -> None:
    make_rows(owner, CITY, withheld=is_withheld)
    row = CHANGE | {"table_name": table, "row_key": key, "column_name": column}
    with owner.begin() as conn:
        number = conn.scalar(insert(row_change).values(id=99, **row).returning(row_change.c.id))
    try:
        shown = set()
        for role in ROLES:
            with engine.connect() as conn:
                tell_role(conn, role)
                if conn.scalar(select(row_change.c.id).where(row_change.c.id == number)):
                    shown.add(str(role))
        with engine.connect() as conn:
            tell_role(conn, Role.COUNTY, SOUTH)
            assert not conn.scalar(select(row_change.c.id).where(row_change.c.id == number))
    finally:
        with owner.begin() as conn:
            conn.execute(delete(row_change).where(row_change.c.id == number))

    assert shown == readers


def test_putting_up_again_leaves_the_same_and_takes_away_what_would_widen_it(
    owner: Engine, database: PostgresDatabase, connect: Connect
) -> None:
    told = text("SELECT * FROM pg_policies WHERE policyname <> 'bi' ORDER BY tablename, policyname")
    with owner.connect() as conn:
        before = conn.execute(told).all()
    with connect(database.superuser_url).begin() as conn:
        conn.execute(text(f"CREATE POLICY old ON institution TO {READERS} USING (true)"))
        conn.execute(text("CREATE POLICY all_of_it ON officer FOR SELECT USING (true)"))
        conn.execute(text(f"CREATE POLICY bi ON county TO {database.plain_role} USING (true)"))
        conn.execute(text(f"GRANT ALL ON institution TO PUBLIC, {READERS}"))
    with owner.begin() as conn:
        row_security.put_up(conn)

    with owner.connect() as conn:
        assert conn.execute(told).all() == before
        # Another system's own policy is none of ours.
        assert conn.scalar(text("SELECT count(*) FROM pg_policies WHERE policyname = 'bi'")) == 1
    with connect(database.plain_url).connect() as conn:
        assert not conn.scalar(text("SELECT has_table_privilege('institution', 'DELETE')"))
    with owner.begin() as conn:
        conn.execute(text("DROP POLICY bi ON county"))


def test_owner_still_reads_and_writes_when_a_superuser_has_migrated(
    owner: Engine, database: PostgresDatabase, connect: Connect
) -> None:
    migration.upgrade(connect(database.superuser_url))

    with owner.begin() as conn:
        assert conn.scalar(select(func.count()).select_from(county)) == 13
        assert conn.execute(update(county).values(name=county.c.name)).rowcount == 13


def test_owner_without_the_right_to_make_the_role_is_told_what_to_run(
    postgres: PostgresServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_security, "READERS", "readers_of_nothing")
    with postgres_database(postgres) as database:
        engine = connect(database.owner_url)
        with pytest.raises(row_security.RowSecurityError) as refused:
            migration.upgrade(engine)
        assert "CREATE ROLE readers_of_nothing NOLOGIN;" in str(refused.value)
        assert not migration.is_current(engine)

        # Nothing was left half done: the same command works once the role is there.
        with connect(database.superuser_url).begin() as conn:
            conn.execute(text("CREATE ROLE readers_of_nothing NOLOGIN"))
        migration.upgrade(engine)
        assert migration.is_current(engine)
        engine.dispose()
    with connect(postgres.url).begin() as conn:
        conn.execute(text("DROP ROLE readers_of_nothing"))


def test_every_table_has_a_row_to_be_shown() -> None:
    assert set(metadata.tables) == {*RIGHT, "data_version"}
