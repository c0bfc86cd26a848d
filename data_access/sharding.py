"""Move the facts of a PostgreSQL database to shards, and home again.

What is decided here, and what it costs, stands in docs/decisions/0013-shards.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from data_access import row_security
from data_access.engine import connect_to
from data_access.reference import UNITS
from data_access.row_security import READERS
from data_access.shard_keys import pointing_at, put_up_registry, put_up_triggers, quoted, run
from data_access.shards import SHARDED, partition, registry, shards

EXTENSION: Final = "postgres_fdw"
# Measured on a million reports: docs/performance.md, "Shards".
_SERVER_OPTIONS: Final = {
    # What is counted by county comes as counts: the planner must know what rows would cost it.
    "use_remote_estimate": "true",
    "fdw_tuple_cost": "0.2",
    "fetch_size": "2000",
    "async_capable": "true",  # all shards count at once
    "batch_size": "500",
    # A shard that is gone is said to be within seconds; libpq rounds one up to two.
    "connect_timeout": "2",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


class ShardingError(Exception):
    """The rows stay where they are; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Login:
    """An account of the shards and its password."""

    name: str
    password: str


def shard(engine: Engine, to: Sequence[URL], reader: Login) -> list[tuple[str, int]]:
    """Move the rows of the sharded tables to the databases of ``to``, one shard each.

    ``to`` names the account that owns the tables there, ``reader`` the one that the dashboard
    reads with, which may do nothing else. Returns each server and how many rows lie there. On a
    database that is sharded already no row moves: addresses, passwords, rights and triggers are
    put up again.

    Raises:
        ShardingError: it cannot be done, and nothing was.
    """
    with ExitStack() as stack:
        conn = stack.enter_context(engine.begin())
        _refuse_unfit(conn)
        known = shards(conn)
        if known and len(known) != len(to):
            raise ShardingError(
                f"数据库已分到 {len(known)} 个分片，这里给了 {len(to)} 个。"
                "要改分片数，请先运行 shard --back 把数据移回，再重新分片"
            )
        homes = [stack.enter_context(_at_home(url, reader)) for url in to]
        _put_up_servers(conn, to, reader)
        for table in SHARDED:
            places = {each.server: list(each.counties) for each in known}
            if not places:
                places = _places(conn, table, len(to))
                _move_out(conn, homes, table, places)
            _grant(homes, table, reader)
            put_up_triggers(conn, table, places)
            _shut_to_readers(conn, table, places)
        row_security.put_up(conn)
        database = conn.scalar(text("SELECT quote_ident(current_database())"))
        run(conn, f"ALTER DATABASE {database} SET enable_partitionwise_aggregate = on")
        for home in homes:
            home.commit()
        # Only now does the coordinator see what lies there.
        counted = [_count(conn, server) for server in map(_server, range(1, len(to) + 1))]
        _refuse_loss(conn, counted)
    for table in SHARDED:
        for url in to:
            _analyze(_engine(url), table, dispose=True)
        _analyze(engine, table)
    return counted


def bring_back(engine: Engine) -> int:
    """Bring every row home into ordinary tables; return how many. The shards keep theirs.

    Raises:
        ShardingError: nothing is sharded.
    """
    with engine.begin() as conn:
        known = shards(conn)
        if not known:
            raise ShardingError("数据库没有分片，不必移回")
        moved = sum(_move_back(conn, table) for table in SHARDED)
        for each in known:
            run(conn, f"DROP SERVER {each.server} CASCADE")
        row_security.put_up(conn)
    for table in SHARDED:
        _analyze(engine, table)
    return moved


def _refuse_unfit(conn: Connection) -> None:
    if conn.dialect.name != "postgresql":
        raise ShardingError("只有 PostgreSQL 能分片，请核对环境变量 DATABASE_URL")
    user = conn.scalar(text("SELECT quote_ident(current_user)"))
    allowed = conn.scalar(
        text(
            "SELECT bool_and(has_foreign_data_wrapper_privilege(oid, 'USAGE'))"
            " FROM pg_foreign_data_wrapper WHERE fdwname = :name"
        ),
        {"name": EXTENSION},
    )
    if not allowed:
        raise ShardingError(
            "协调库还不能连接分片。请由数据库管理员在协调库中先运行：\n"
            f"    CREATE EXTENSION IF NOT EXISTS {EXTENSION};\n"
            f"    GRANT USAGE ON FOREIGN DATA WRAPPER {EXTENSION} TO {user};"
        )


def _engine(url: URL) -> Engine:
    return connect_to(url.render_as_string(hide_password=False))


@contextmanager
def _at_home(url: URL, reader: Login) -> Iterator[Connection]:
    """Connect to a shard, in a transaction that ends without a trace unless it is committed."""
    _refuse_unknown(
        url.set(username=reader.name, password=reader.password), "只读账号，见 --reader"
    )
    _refuse_unknown(url, "所有者")
    engine = _engine(url)
    try:
        with engine.connect() as conn:
            yield conn
    finally:
        engine.dispose()


def _refuse_unknown(url: URL, whose: str) -> None:
    engine = _engine(url)
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise ShardingError(
            f"分片 {url.host}/{url.database} 用账号 {url.username}（{whose}）连不上。"
            "请核对地址和口令；账号还没有的，由那里的数据库管理员建立"
            f"（见 docs/deployment.md）：\n{error.orig}"
        ) from error
    finally:
        engine.dispose()


def _put_up_servers(conn: Connection, to: Sequence[URL], reader: Login) -> None:
    """Say where each shard is, and with which accounts the owner and everybody else go there."""
    known = {each.server for each in shards(conn)}
    for number, url in enumerate(to, start=1):
        server = _server(number)
        if server in known:
            run(conn, f"DROP USER MAPPING IF EXISTS FOR CURRENT_USER SERVER {server}")
            run(conn, f"DROP USER MAPPING IF EXISTS FOR PUBLIC SERVER {server}")
            stmt = text(
                "SELECT option_name FROM pg_foreign_server, pg_options_to_table(srvoptions)"
                " WHERE srvname = :name"
            )
            held = sorted(conn.scalars(stmt, {"name": server}))
            dropped = ", ".join(f"DROP {name}" for name in held)
            run(conn, f"ALTER SERVER {server} OPTIONS ({dropped})")
            run(conn, f"ALTER SERVER {server} OPTIONS ({_options(_server_options(url), 'ADD ')})")
        else:
            options = _options(_server_options(url))
            run(
                conn, f"CREATE SERVER {server} FOREIGN DATA WRAPPER {EXTENSION} OPTIONS ({options})"
            )
        for whose, name, password in (
            ("CURRENT_USER", url.username or "", url.password or ""),
            ("PUBLIC", reader.name, reader.password),
        ):
            login = _options({"user": name, "password": password})
            run(conn, f"CREATE USER MAPPING FOR {whose} SERVER {server} OPTIONS ({login})")


def _server(number: int) -> str:
    return f"shard_{number}"


def _server_options(url: URL) -> dict[str, str]:
    at = {"host": url.host or "", "port": str(url.port or 5432), "dbname": url.database or ""}
    return at | {name: str(value) for name, value in url.query.items()} | _SERVER_OPTIONS


def _options(options: Mapping[str, str], verb: str = "") -> str:
    return ", ".join(f"{verb}{name} {quoted(value)}" for name, value in options.items())


def _name(conn: Connection, name: str) -> str:
    quoted: str = conn.dialect.identifier_preparer.quote(name)
    return quoted


def _places(conn: Connection, table: Table, number: int) -> dict[str, list[str]]:
    """Deal the counties out, the largest first, each to the shard that has least so far."""
    code = table.c.county_code
    rows: dict[str, int] = dict(
        conn.execute(
            text(f"SELECT {code.name}, count(*) FROM {table.name} GROUP BY 1")  # noqa: S608
        ).all()
    )
    units = [unit.code for unit in UNITS]
    units += sorted(set(conn.scalars(text("SELECT code FROM county"))) - set(units))
    places: dict[str, list[str]] = {_server(one): [] for one in range(1, number + 1)}
    held = dict.fromkeys(places, (0, 0))
    for unit in sorted(units, key=lambda unit: -rows.get(unit, 0)):
        least = min(places, key=lambda server: held[server])
        places[least].append(unit)
        held[least] = (held[least][0] + rows.get(unit, 0), held[least][1] + 1)
    if not all(places.values()):
        raise ShardingError(f"只有 {len(units)} 个县区，分不到 {number} 个分片")
    return places


def _move_out(
    conn: Connection,
    homes: Sequence[Connection],
    table: Table,
    places: Mapping[str, list[str]],
) -> None:
    name, before = table.name, f"{table.name}_before"
    run(conn, f"ALTER TABLE {name} RENAME TO {before}")
    run(
        conn,
        f"CREATE TABLE {name} (LIKE {before} INCLUDING DEFAULTS INCLUDING CONSTRAINTS"
        " INCLUDING COMMENTS) PARTITION BY LIST (county_code)",
    )
    run(conn, f"COMMENT ON TABLE {name} IS {quoted(table.comment or '')}")
    run(conn, f"ALTER SEQUENCE {name}_id_seq OWNED BY {name}.id")
    for home, (server, counties) in zip(homes, places.items(), strict=True):
        _make_home(home, table, counties)
        _copy(conn, home, table, before, counties)
        space = home.scalar(text("SELECT current_schema()"))
        listed = ", ".join(map(quoted, counties))
        run(
            conn,
            f"CREATE FOREIGN TABLE {partition(table, server)} PARTITION OF {name}"
            f" FOR VALUES IN ({listed}) SERVER {server}"
            f" OPTIONS (schema_name {quoted(space)}, table_name {quoted(name)})",
        )
    put_up_registry(conn, table, before)


def _make_home(home: Connection, table: Table, counties: Sequence[str]) -> None:
    """Create the table on a shard: its columns, checks and indexes, its rows' counties alone."""
    there = home.scalar(text("SELECT to_regclass(:name)"), {"name": table.name})
    if there is not None:
        raise ShardingError(
            f"分片库 {home.engine.url.host}/{home.engine.url.database} 里已有表 {table.name}。"
            "请核对是不是别的系统的库；确是以前分片留下的，删除后再运行：\n"
            f"    DROP TABLE {table.name};"
        )
    home.execute(CreateTable(table, include_foreign_key_constraints=[]))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        home.execute(CreateIndex(index))
    # Numbers come from the coordinator alone.
    run(home, f"ALTER TABLE {table.name} ALTER id DROP DEFAULT")
    run(home, f"DROP SEQUENCE {table.name}_id_seq")
    listed = ", ".join(map(quoted, counties))
    run(
        home,
        f"ALTER TABLE {table.name} ADD CONSTRAINT ck_{table.name}_of_this_shard"
        f" CHECK (county_code IN ({listed}))",
    )


def _copy(
    conn: Connection, home: Connection, table: Table, before: str, counties: Sequence[str]
) -> None:
    """Stream rows from the coordinator to a shard."""
    columns = ", ".join(_name(conn, column.name) for column in table.columns)
    listed = ", ".join(map(quoted, counties))
    source: Any = conn.connection.driver_connection
    target: Any = home.connection.driver_connection
    chosen = f"SELECT {columns} FROM {before} WHERE county_code IN ({listed}) ORDER BY id"  # noqa: S608
    with (
        source.cursor() as reading,
        target.cursor() as writing,
        reading.copy(f"COPY ({chosen}) TO STDOUT") as out,
        writing.copy(f"COPY {table.name} ({columns}) FROM STDIN") as into,
    ):
        for block in out:
            into.write(block)


def _grant(homes: Sequence[Connection], table: Table, reader: Login) -> None:
    for home in homes:
        name = _name(home, reader.name)
        space = home.scalar(text("SELECT quote_ident(current_schema())"))
        run(home, f"REVOKE ALL ON {table.name} FROM PUBLIC, {name}")
        run(home, f"GRANT USAGE ON SCHEMA {space} TO {name}")
        run(home, f"GRANT SELECT ON {table.name} TO {name}")


def _shut_to_readers(conn: Connection, table: Table, places: Mapping[str, object]) -> None:
    """Let nobody read a partition but through the table, whose policies a foreign table lacks."""
    for server in places:
        run(conn, f"REVOKE ALL ON {partition(table, server)} FROM PUBLIC, {READERS}")
        run(conn, f"REVOKE ALL ON FOREIGN SERVER {server} FROM PUBLIC, {READERS}")


def _count(conn: Connection, server: str) -> tuple[str, int]:
    """Return a server and how many rows lie there, asked the way that every query goes."""
    counts = (
        conn.scalar(text(f"SELECT count(*) FROM {partition(table, server)}"))  # noqa: S608
        for table in SHARDED
    )
    return server, sum(counts)


def _refuse_loss(conn: Connection, counted: Sequence[tuple[str, int]]) -> None:
    keys = sum(
        conn.scalar(text(f"SELECT count(*) FROM {registry(table)}"))  # noqa: S608
        for table in SHARDED
    )
    there = sum(number for _, number in counted)
    if keys != there:
        raise ShardingError(
            f"应有 {keys} 行，分片里有 {there} 行，没有分片成功，协调库未变。"
            "以前分片过的，请先运行 shard --check；第一次分片的，请删除分片库里的表后再试"
        )


def _move_back(conn: Connection, table: Table) -> int:
    """Make the ordinary table again and put every row into it."""
    name, apart = table.name, f"{table.name}_apart"
    run(conn, f"ALTER TABLE {name} RENAME TO {apart}")
    run(conn, f"ALTER SEQUENCE {name}_id_seq RENAME TO {apart}_id_seq")
    run(conn, f"DROP TABLE {registry(table)} CASCADE")
    table.create(conn)
    columns = ", ".join(_name(conn, column.name) for column in table.columns)
    moved: int = conn.execute(
        text(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {apart} ORDER BY id")  # noqa: S608
    ).rowcount
    conn.execute(
        text(
            f"SELECT setval('{name}_id_seq', last_value, is_called) FROM {apart}_id_seq"  # noqa: S608
        )
    )
    run(conn, f"DROP TABLE {apart}")
    run(conn, f"DROP FUNCTION {name}_keeps_keys()")
    for key in pointing_at(table):
        conn.execute(AddConstraint(key.constraint, isolate_from_table=False))  # type: ignore[arg-type]
    return moved


def _analyze(engine: Engine, table: Table, *, dispose: bool = False) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        run(conn, f"ANALYZE {table.name}")
    if dispose:
        engine.dispose()
