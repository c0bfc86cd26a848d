"""The keys of facts that lie on shards: a registry on the coordinator, which triggers keep.

A foreign table has no constraint that holds, and none can name its rows. So the registry has them
all, under the names that they have on one machine, and every write of a row passes by it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, ForeignKey, Table, UniqueConstraint

from data_access import schema
from data_access.row_security import READERS
from data_access.shards import registry


def run(conn: Connection, statement: str) -> None:
    """Run a statement as it stands: a password may hold what would look like a parameter."""
    conn.exec_driver_sql(statement, execution_options={"no_parameters": True})


def quoted(value: str) -> str:
    """Return a text as a literal of SQL: statements that define things take no parameters."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"E'{escaped}'"


def kept(table: Table) -> list[str]:
    """Return the columns that the registry keeps: keys of every kind, county and version."""
    kept = ["id", "county_code"]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            kept += constraint.columns.keys()
    kept += [key.parent.name for key in own_keys(table)]
    return [*dict.fromkeys(kept), "row_version"]


def own_keys(table: Table) -> list[ForeignKey]:
    """Return the foreign keys of this table."""
    return sorted(table.foreign_keys, key=lambda key: key.parent.name)


def pointing_at(table: Table) -> list[ForeignKey]:
    """Return the foreign keys of other tables that name a row of this one."""
    return [
        key
        for other in schema.metadata.sorted_tables
        for key in other.foreign_keys
        if key.column.table is table
    ]


def put_up_registry(conn: Connection, table: Table, before: str) -> None:
    """Keep the keys here, under the names that their constraints had, and drop the table.

    A foreign table can have no constraint and be named by none: the registry has them instead.
    """
    keys, columns = registry(table), ", ".join(kept(table))
    run(
        conn,
        f"CREATE TABLE {keys} AS SELECT {columns}, NULL::timestamptz AS moved_at FROM {before}",  # noqa: S608
    )
    for key in pointing_at(table):
        run(conn, f"ALTER TABLE {key.parent.table.name} DROP CONSTRAINT {_key_name(key)}")
    run(conn, f"DROP TABLE {before}")
    run(conn, f"ALTER TABLE {keys} ADD CONSTRAINT pk_{table.name} PRIMARY KEY (id)")
    run(conn, f"ALTER TABLE {keys} ALTER county_code SET NOT NULL, ALTER row_version SET NOT NULL")
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            held = constraint.columns.keys()
            called = f"uq_{table.name}_{'_'.join(held)}"
            run(conn, f"ALTER TABLE {keys} ADD CONSTRAINT {called} UNIQUE ({', '.join(held)})")
    for key in own_keys(table):
        _add_key(conn, keys, key, key.column.table.name)
    for key in pointing_at(table):
        _add_key(conn, key.parent.table.name, key, keys)
    run(
        conn,
        f"COMMENT ON TABLE {keys} IS '分片的表 {table.name} 的编号登记：由触发器保持，不要手工改'",
    )
    run(conn, f"REVOKE ALL ON {keys} FROM PUBLIC, {READERS}")


def _key_name(key: ForeignKey) -> str:
    return f"fk_{key.parent.table.name}_{key.parent.name}"


def _add_key(conn: Connection, on: str, key: ForeignKey, to: str) -> None:
    run(
        conn,
        f"ALTER TABLE {on} ADD CONSTRAINT {_key_name(key)}"
        f" FOREIGN KEY ({key.parent.name}) REFERENCES {to} ({key.column.name})",
    )


def put_up_triggers(conn: Connection, table: Table, places: Mapping[str, Sequence[str]]) -> None:
    """Let every write keep the registry, and a row whose county changes find its shard.

    PostgreSQL moves no row out of a foreign partition: it would be left where nobody looks for
    it. So the row is deleted here and inserted there. The same UPDATE may come across it again
    on the other shard, which is known by the moment of the statement.
    """
    name, keys, columns = table.name, registry(table), kept(table)
    where = json.dumps(
        {county: server for server, counties in places.items() for county in counties}
    )
    new = ", ".join(f"NEW.{column}" for column in columns)
    listed = ", ".join(columns)
    run(
        conn,
        f"""
        CREATE OR REPLACE FUNCTION {name}_keeps_keys() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            places CONSTANT jsonb := '{where}';
            moves boolean;
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF pg_trigger_depth() = 1 THEN
                    INSERT INTO {keys} ({listed}) VALUES ({new});
                END IF;
                RETURN NEW;
            END IF;
            IF TG_OP = 'DELETE' THEN
                IF pg_trigger_depth() = 1 THEN
                    DELETE FROM {keys} WHERE id = OLD.id AND county_code = OLD.county_code;
                END IF;
                RETURN OLD;
            END IF;
            IF EXISTS (
                SELECT FROM {keys} WHERE id = OLD.id AND moved_at = statement_timestamp()
            ) THEN
                RETURN NULL;
            END IF;
            moves := places -> NEW.county_code IS DISTINCT FROM places -> OLD.county_code;
            UPDATE {keys}
                SET ({listed}, moved_at)
                    = ROW({new}, CASE WHEN moves THEN statement_timestamp() END)
                WHERE id = OLD.id;
            IF moves THEN
                DELETE FROM {name} WHERE id = OLD.id AND county_code = OLD.county_code;
                INSERT INTO {name} SELECT NEW.*;
                RETURN NULL;
            END IF;
            RETURN NEW;
        END $$
        """,  # noqa: S608
    )
    run(
        conn,
        f"CREATE OR REPLACE TRIGGER {name}_keeps_keys BEFORE INSERT OR UPDATE OR DELETE"
        f" ON {name} FOR EACH ROW EXECUTE FUNCTION {name}_keeps_keys()",
    )
