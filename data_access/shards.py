"""Facts that lie on database machines of their own: which they are, and which cannot be reached.

On a database of one machine nothing here is true. Where ``python -m data_access shard`` has been
run, a table of :data:`SHARDED` is partitioned by county, each partition a foreign table on one
shard (``postgres_fdw``), and the same statements read it. Its keys stay on the coordinator, in a
registry that triggers keep: see docs/decisions/0013-shards.md.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine, Table, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from data_access.reference import UNITS
from data_access.schema import violation_report

# What grows without end, every row in one county, and is referred to by number alone.
SHARDED: Final = (violation_report,)
MEND: Final = (
    "数据库已分片：提交到一半时出错，可能有的分片已写入、有的没有。"
    "请系统管理员先运行 python -m data_access shard --check 核对，"
    "不一致的用 shard --repair 修复，再把同一个文件重新导入"
)
_CODES: Final = re.compile(r"'([^']+)'")
# SQLSTATE class 08: of the coordinator's own connection to a shard, for the dashboard's fails
# without one.
_NO_CONNECTION: Final = "08"


class Shard(NamedTuple):
    """One database machine of facts: the server's name and whose rows lie there."""

    server: str
    counties: tuple[str, ...]


def registry(table: Table) -> str:
    """Return the name of the coordinator's table of a sharded table's keys."""
    return f"{table.name}_key"


def partition(table: Table, server: str) -> str:
    """Return the name of the foreign table that holds a server's rows."""
    return f"{table.name}_{server}"


def shards(conn: Connection) -> list[Shard]:
    """Return the shards in the order of their names; none where one machine holds everything."""
    if conn.dialect.name != "postgresql":
        return []
    stmt = text("""
        SELECT s.srvname AS server, pg_get_expr(c.relpartbound, c.oid) AS bound
        FROM pg_inherits AS i
        JOIN pg_class AS c ON c.oid = i.inhrelid
        JOIN pg_foreign_table AS f ON f.ftrelid = c.oid
        JOIN pg_foreign_server AS s ON s.oid = f.ftserver
        WHERE i.inhparent = to_regclass(:parent)
        ORDER BY length(s.srvname), s.srvname
    """)
    rows = conn.execute(stmt, {"parent": SHARDED[0].name})
    return [Shard(row.server, tuple(_CODES.findall(row.bound))) for row in rows]


def is_of_a_shard(error: BaseException | None) -> bool:
    """Whether the coordinator answered, and said that it cannot reach a shard."""
    if not isinstance(error, DBAPIError):
        return False
    return (getattr(error.orig, "sqlstate", None) or "").startswith(_NO_CONNECTION)


def names_away(engine: Engine) -> list[str]:
    """Return the short names of the counties whose rows cannot be reached now, in their order.

    Each shard is asked for one row. Empty where all answer, where there are none, and where the
    coordinator itself is away.
    """
    try:
        with engine.connect() as conn:
            known = shards(conn)
        away = {code for shard in known if not _answers(engine, shard) for code in shard.counties}
    except SQLAlchemyError:
        return []
    return [unit.short_name for unit in UNITS if unit.code in away]


def _answers(engine: Engine, shard: Shard) -> bool:
    table = SHARDED[0]
    one = select(table.c.id).where(table.c.county_code == shard.counties[0]).limit(1)
    try:
        with engine.connect() as conn:
            conn.execute(one)
    except SQLAlchemyError as error:
        if is_of_a_shard(error):
            return False
        raise
    return True


def how_to_mend(engine: Engine) -> str | None:
    """Return, in Chinese, what to do after a write that failed; ``None`` on one machine.

    There the transaction is all or nothing. Shards commit one after another.
    """
    try:
        with engine.connect() as conn:
            return MEND if shards(conn) else None
    except SQLAlchemyError:
        return None
