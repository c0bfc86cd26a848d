"""The second wall: on PostgreSQL the database itself keeps rows from those they are not for.

``Scope`` stands in every query; should one ever lack it, row-level security returns the same
rows and no more. The dashboard connects as a role of :data:`READERS`, tells at the beginning of
every transaction who is reading (:func:`tell`), and is shown nothing where it does not: a setting
ends with its transaction, so a pooled connection keeps nothing of its last reader. Migrations and
imports connect as the owner of the tables, whom one policy lets see everything.

It holds against a condition that was forgotten, not against somebody who runs statements of
their own as the dashboard's role: they could say that they are anybody.

SQLite knows no such thing; there the first wall stands alone.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Table, bindparam, func, select, text
from sqlalchemy.exc import ProgrammingError

from data_access import schema
from data_access.corrections import NUMBERED, READABLE, REGISTERS, WITH_HISTORY
from data_access.scope import Scope

READERS: Final = "liuzhou_dashboard"

# Each setting is asked for in a subselect: once for a statement, and not for every row. What is
# held against a word is so within it: a shard is sent the answer, and counts by itself.
_IS_CITY: Final = "(SELECT current_setting('app.counties', true) = '*')"
_COUNTIES: Final = "(SELECT string_to_array(current_setting('app.counties', true), ','))::text[]"
_HOLDS_UNRELEASED: Final = "(SELECT current_setting('app.unreleased', true) = 'on')"
_ROLE: Final = "(SELECT current_setting('app.role', true))"
_IS_ADMIN: Final = f"{_ROLE} = 'admin'"
_IS_OWN: Final = "email = (SELECT current_setting('app.email', true))"

# What everybody who is connected may read, and why.
OPEN: Final = {
    "campaign": "names and days that the city makes public",
    "city_median": "without names, and empty where it would stand for few",
    "town": "names that the state makes public",
    "data_version": "a number that says nothing but that something changed",
}


def _row_changes() -> str:
    """Return who may read old values: of all of them the supervision team alone.

    A leader or a county that asks why a frozen week is another now, or whether its ledgers got
    better, counts corrections: of the columns of ``corrections.READABLE``, which hold days,
    states, numbers and places and nobody's words, and of rows that they may read themselves. The
    policy of the other table is asked, too. Of what counties sent and have in place, and of the
    ledgers that a county works on page by page, they read every change: the history of a row.
    """
    registers = ", ".join(f"'{table}'" for table in REGISTERS)
    of_tables = [f"table_name IN ({registers})"]
    for table, columns in READABLE.items():
        listed = ", ".join(f"'{name}'" for name in columns)
        condition = f"table_name = '{table}'"
        if table not in WITH_HISTORY:
            condition += f" AND column_name IN ({listed})"
        if "withheld" in schema.metadata.tables[table].c:
            number = NUMBERED[table]
            condition += f" AND EXISTS (SELECT FROM {table} AS f WHERE f.{number} = row_key)"
        of_tables.append(f"({condition})")
    return (
        f"{_HOLDS_UNRELEASED} OR (({{in_scope}}) AND {_ROLE} IN ('leader', 'county')"
        f" AND ({' OR '.join(of_tables)}))"
    )


# Tables whose rows are not simply those of a county: who may read them.
_SPECIAL: Final = {
    "account": f"{_IS_OWN} OR {_IS_ADMIN}",
    "audit_event": _IS_ADMIN,
    "county": f"({{in_scope}}) OR {_IS_ADMIN}",
    # A leader reads no cells of files; an administrator keeps all files coming in.
    "import_batch": f"(({{in_scope}}) AND {_ROLE} IN ('supervisor', 'county')) OR {_IS_ADMIN}",
    # The policy of the other table is asked, too.
    "import_problem": "EXISTS (SELECT FROM import_batch AS b WHERE b.id = batch_id)",
    "officer": _HOLDS_UNRELEASED,
    "rectification_event": f"({{in_scope}}) AND ({_HOLDS_UNRELEASED} OR EXISTS"
    " (SELECT FROM rectification AS r WHERE r.id = rectification_id))",
    "row_change": _row_changes(),
    "sign_in": f"{_IS_OWN} OR {_IS_ADMIN}",
    "visit_candidate": _HOLDS_UNRELEASED,
    # A leader reads what became of released plans, and of these not whom the lot fell on.
    "visit_plan": f"{_HOLDS_UNRELEASED} OR ({_ROLE} = 'leader' AND status = 'released')",
    "visit_stop": f"{_HOLDS_UNRELEASED} OR ({_ROLE} = 'leader' AND EXISTS"
    " (SELECT FROM visit_plan AS p WHERE p.id = visit_plan_id))",
    "visit_team": _HOLDS_UNRELEASED,
}

# What the dashboard itself writes: the right, the rows it holds for, and what they then are.
_WRITES: Final[dict[str, list[tuple[str, str | None, str]]]] = {
    "account": [
        ("INSERT", None, _IS_ADMIN),
        ("UPDATE", _IS_ADMIN, _IS_ADMIN),
    ],
    "audit_event": [("INSERT", None, "true")],
    "sign_in": [
        ("INSERT", None, _IS_OWN),
        # What has ended stays ended.
        (
            "UPDATE",
            f"({_IS_OWN} OR {_IS_ADMIN}) AND ended_at IS NULL",
            f"({_IS_OWN} OR {_IS_ADMIN}) AND ended_at IS NOT NULL",
        ),
    ],
}
_COLUMNS_WRITTEN: Final = {("sign_in", "UPDATE"): " (ended_at)"}


class RowSecurityError(Exception):
    """Row-level security could not be put up; the message says what to do, in Chinese."""


def readable(table: Table) -> str:
    """Return the condition, in PostgreSQL's SQL, on which a row of the table may be read.

    Raises:
        KeyError: the rows are no county's, and nothing here says whose they are.
    """
    if table.name in OPEN:
        return "true"
    code = "county_code" if "county_code" in table.c else "code"
    in_scope = f"{_IS_CITY} OR {code} = ANY ({_COUNTIES})"
    if table.name in _SPECIAL:
        return _SPECIAL[table.name].format(in_scope=in_scope)
    if "county_code" not in table.c:
        raise KeyError(f"no policy says who may read {table.name}")
    if "withheld" in table.c:
        return f"({in_scope}) AND (NOT withheld OR {_HOLDS_UNRELEASED})"
    return in_scope


def put_up(conn: Connection) -> None:
    """Give the dashboard's role its rights, and every table its policies; again at no cost.

    Does nothing but on PostgreSQL.

    Raises:
        RowSecurityError: there is no such role and it may not be made.
    """
    if conn.dialect.name != "postgresql":
        return
    _make_role(conn)
    schema_name = conn.scalar(text("SELECT quote_ident(current_schema())"))
    statements = [
        # Only a warning where the schema is somebody else's: PostgreSQL 15 and later say so anyway.
        f"REVOKE CREATE ON SCHEMA {schema_name} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema_name} TO {READERS}",
        f"REVOKE ALL ON alembic_version FROM PUBLIC, {READERS}",
        f"GRANT SELECT ON alembic_version TO {READERS}",
        *_outdated(conn),
    ]
    owners = _owners(conn)
    for table in schema.metadata.sorted_tables:
        statements += _policies(table, owners[table.name])
    for statement in statements:
        conn.execute(text(statement))


def take_down(conn: Connection) -> None:
    """Take every policy of ours away: one that asks another table would keep that from going."""
    if conn.dialect.name == "postgresql":
        for statement in _outdated(conn):
            conn.execute(text(statement))


def _make_role(conn: Connection) -> None:
    try:
        conn.execute(
            text(f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READERS}') THEN
                    CREATE ROLE {READERS} NOLOGIN;
                END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- the migration of another database was quicker
            END $$
            """)
        )
    except ProgrammingError as error:
        raise RowSecurityError(
            f"数据库里还没有角色 {READERS}，当前账号也无权建立。请由数据库管理员先运行：\n"
            f"    CREATE ROLE {READERS} NOLOGIN;"
        ) from error


def _owners(conn: Connection) -> dict[str, str]:
    """Return who owns each table; it need not be the one who is migrating."""
    stmt = """
        SELECT tablename, quote_ident(tableowner) AS owner FROM pg_tables
        WHERE schemaname = current_schema()
    """
    return {row.tablename: row.owner for row in conn.execute(text(stmt))}


def _outdated(conn: Connection) -> list[str]:
    """Return what takes down the policies of an earlier version, and any other for the readers.

    Policies add up. Those of other roles stay: other systems read this database, too.
    """
    stmt = """
        SELECT quote_ident(policyname) AS policy, quote_ident(tablename) AS "table"
        FROM pg_policies
        WHERE schemaname = current_schema()
            AND (policyname = 'owner' OR roles && ARRAY['public', :readers]::name[])
    """
    rows = conn.execute(text(stmt), {"readers": READERS})
    return [f"DROP POLICY {row.policy} ON {row.table}" for row in rows]


def _policies(table: Table, owner: str) -> list[str]:
    name, writes = table.name, _WRITES.get(table.name, [])
    statements = [
        f"REVOKE ALL ON {name} FROM PUBLIC, {READERS}",
        f"GRANT SELECT ON {name} TO {READERS}",
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY owner ON {name} TO {owner} USING (true) WITH CHECK (true)",
        f"CREATE POLICY reader ON {name} FOR SELECT TO {READERS} USING ({readable(table)})",
    ]
    for right, found, written in writes:
        columns = _COLUMNS_WRITTEN.get((name, right), "")
        using = f" USING ({found})" if found else ""
        statements += [
            f"GRANT {right}{columns} ON {name} TO {READERS}",
            f"CREATE POLICY reader_{right.lower()} ON {name} FOR {right} TO {READERS}"
            f"{using} WITH CHECK ({written})",
        ]
    if writes and table.primary_key.columns.keys() == ["id"]:
        statements.append(f"GRANT USAGE ON SEQUENCE {name}_id_seq TO {READERS}")
    return statements


_TELL: Final = select(
    *(
        func.set_config(f"app.{name}", bindparam(name), True)
        for name in ("email", "role", "counties", "unreleased")
    )
)


def tell(conn: Connection, *, email: str, role: str = "", scope: Scope | None = None) -> None:
    """Say who reads until the transaction ends; without a role and a scope nothing but oneself.

    Does nothing but on PostgreSQL.
    """
    if conn.dialect.name != "postgresql":
        return
    scope = scope or Scope.county()
    counties = "*" if scope.counties is None else ",".join(sorted(scope.counties))
    unreleased = "on" if scope.unreleased else ""
    conn.execute(
        _TELL, {"email": email, "role": role, "counties": counties, "unreleased": unreleased}
    )


# From the catalogues alone: a role without any rights may ask it, before anything is migrated.
_STANDING: Final = text("""
    SELECT
        r.rolname,
        r.rolsuper OR r.rolbypassrls OR EXISTS (
            SELECT FROM pg_class AS c
            WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema()))
                AND c.relkind IN ('r', 'p', 'f')
                AND (
                    pg_has_role(r.oid, c.relowner, 'MEMBER')
                    OR has_table_privilege(r.oid, c.oid, 'TRUNCATE')
                    -- No policy stands before the rows of a shard but the whole table's.
                    OR c.relkind = 'f' AND has_table_privilege(r.oid, c.oid, 'SELECT')
                )
        ) AS is_above,
        (
            SELECT bool_and(pg_has_role(r.oid, readers.oid, 'USAGE'))
            FROM pg_roles AS readers WHERE readers.rolname = :readers
        ) AS is_reader,
        (
            SELECT bool_and(pg_has_role(r.oid, c.relowner, 'USAGE'))
            FROM pg_class AS c WHERE c.oid = to_regclass('institution')
        ) AS is_owner
    FROM pg_roles AS r WHERE r.rolname = current_user
""")


def why_no_reader(conn: Connection) -> str | None:
    """Return, in Chinese, why the dashboard may not connect as this role; ``None``: it may.

    Row-level security must hold for it, which it does not for a superuser, a role that
    bypasses it and the tables' owner, and its policies are those of :data:`READERS`. Nothing
    is wrong but on PostgreSQL, nor before the first migration, which makes that role.
    """
    if conn.dialect.name != "postgresql":
        return None
    role = conn.execute(_STANDING, {"readers": READERS}).one()
    if role.is_above:
        return (
            f"DATABASE_URL 的数据库账号 {role.rolname} 不受行级安全约束"
            "（超级用户、BYPASSRLS、表的所有者，可清空表，或可直接读分片）。"
            f"请换成只属于角色 {READERS} 的账号，导入用的账号另设在 IMPORT_DATABASE_URL。"
        )
    if role.is_reader is False:
        return (
            f"DATABASE_URL 的数据库账号 {role.rolname} 不属于角色 {READERS}。"
            f"请由数据库管理员运行：\n    GRANT {READERS} TO {role.rolname};"
        )
    return None


def why_no_writer(conn: Connection) -> str | None:
    """Return, in Chinese, why this role may not import or change accounts; ``None``: it may.

    On PostgreSQL only the owner of the tables may, to whom all rows are shown: to others a
    known row would look new.
    """
    if conn.dialect.name != "postgresql":
        return None
    role = conn.execute(_STANDING, {"readers": READERS}).one()
    if role.is_owner is False:
        return (
            f"数据库账号 {role.rolname} 不是表的所有者，不能写入。"
            "所有者的地址，网页导入设在 IMPORT_DATABASE_URL，命令行设在 DATABASE_URL。"
        )
    return None
