"""Whether shards, registry and weekly counts tell of the same rows, and how to make them again.

Shards commit one after another. Where the commit of one fails, those before it keep what the
coordinator has taken back: rows that no registry knows, rows that are gone, rows that say
something else than is known of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, String, Table, func, select, text

from data_access import summaries, versions
from data_access.corrections import NUMBERED
from data_access.schema import data_version, weekly_summary
from data_access.shard_keys import kept, own_keys, pointing_at
from data_access.shards import SHARDED, registry

_WANTED: Final = "county_code = ANY (:counties)"


@dataclass(slots=True)
class Differences:
    """What does not agree of one county: numbers of rows, and whether its weeks are counted right.

    ``missing`` are registered and lie on no shard, ``extra`` lie there and are not registered,
    ``other`` say something else there than is registered of them.
    """

    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    counts_differ: bool = False


def compare(conn: Connection) -> dict[str, Differences]:
    """Return what does not agree, by county; empty where everything does.

    Of each county the shards add up numbers and versions of their rows; only where the registry
    adds up to something else are rows compared one by one. What is in no key and in no version,
    such as a town that was found by an address, is not seen. Waits for an import to end.
    """
    _take_turn(conn)
    found: dict[str, Differences] = defaultdict(Differences)
    for table in SHARDED:
        for row in _wrong_rows(conn, table):
            of_county = found[row.county_code]
            numbers = (
                of_county.extra
                if row.is_extra
                else of_county.missing
                if row.is_missing
                else of_county.other
            )
            numbers.append(row.number)
    for county in _wrongly_counted(conn):
        found[county].counts_differ = True
    return dict(found)


def repair(conn: Connection) -> dict[str, Differences]:
    """Make shards, registry and weekly counts agree; return what did not.

    What an import that was not completed brought is taken away; the numbers of rows that are lost
    become free, so that the same file can bring them again. A row that was changed keeps what it
    says, for what it said before is known to nobody, but belongs to the institution that the
    coordinator knows. Run it again, should it fail: it is no more atomic than an import.
    """
    found = compare(conn)
    if not found:
        return found
    for table in SHARDED:
        rows = _wrong_rows(conn, table)
        _take_away(conn, table, [row for row in rows if row.is_extra])
        _release(conn, table, [row.id for row in rows if row.is_missing])
        _settle(conn, table, [row for row in rows if not row.is_extra and not row.is_missing])
    summaries.rebuild_all(conn)
    versions.bump(conn)
    return found


def _take_turn(conn: Connection) -> None:
    conn.execute(select(data_version.c.version).with_for_update())


def _sums(conn: Connection, table: Table, source: str) -> dict[str, Row[Any]]:
    added = ", ".join(
        f"sum({name}) AS {name}"
        for name in kept(table)
        if not isinstance(table.c[name].type, String)
    )
    stmt = text(
        f"SELECT county_code, count(*) AS n, {added} FROM {source} GROUP BY county_code"  # noqa: S608
    )
    return {row.county_code: row for row in conn.execute(stmt)}


def _wrong_rows(conn: Connection, table: Table) -> list[Row[Any]]:
    """Return the rows that shards and registry do not agree about."""
    there, known = _sums(conn, table, table.name), _sums(conn, table, registry(table))
    counties = [code for code in there.keys() | known.keys() if there.get(code) != known.get(code)]
    if not counties:
        return []
    columns = kept(table)
    listed = ", ".join(columns)
    number = NUMBERED[table.name]
    references = _of("k", _references(table))
    stmt = text(
        f"""
        SELECT coalesce(k.id, t.id) AS id, coalesce(k.county_code, t.county_code) AS county_code,
            coalesce(k.{number}, t.{number}) AS number, {references},
            k.id IS NULL AS is_extra, t.id IS NULL AS is_missing
        FROM (SELECT {listed} FROM {registry(table)} WHERE {_WANTED}) AS k
        FULL JOIN (SELECT {listed} FROM {table.name} WHERE {_WANTED}) AS t
            ON k.id = t.id AND k.county_code = t.county_code
        WHERE k.id IS NULL OR t.id IS NULL
            OR ROW({_of("k", columns)}) IS DISTINCT FROM ROW({_of("t", columns)})
        ORDER BY 2, 1
        """  # noqa: S608
    )
    return list(conn.execute(stmt, {"counties": sorted(counties)}))


def _references(table: Table) -> list[str]:
    """Return the columns that name rows of the coordinator's, but for the county."""
    names = (key.parent.name for key in own_keys(table))
    return [name for name in names if name != "county_code"]


def _of(alias: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in columns)


def _wrongly_counted(conn: Connection) -> set[str]:
    """Return the counties whose rows are not those that the weekly summaries counted."""
    wrong: set[str] = set()
    summary = weekly_summary.c
    for subject, count in summaries.COUNTS.items():
        if count.table not in SHARDED:
            continue
        facts = summaries.counted(subject).subquery().c
        counted = select(facts.county_code, facts.week, func.sum(facts.n)).group_by(
            facts.county_code, facts.week
        )
        held = (
            select(summary.county_code, summary.week, func.sum(summary.n))
            .where(summary.subject == subject)
            .group_by(summary.county_code, summary.week)
        )
        differing = {tuple(row) for row in conn.execute(counted)} ^ {
            tuple(row) for row in conn.execute(held)
        }
        wrong |= {county for county, _, _ in differing}
    return wrong


def _take_away(conn: Connection, table: Table, rows: list[Row[Any]]) -> None:
    """Delete rows that no registry knows where they lie."""
    if rows:
        stmt = text(f"DELETE FROM {table.name} WHERE id = :id AND county_code = :county_code")  # noqa: S608
        conn.execute(stmt, [{"id": row.id, "county_code": row.county_code} for row in rows])


def _release(conn: Connection, table: Table, ids: list[int]) -> None:
    """Forget rows that are lost, and that others name them: a file can bring them again."""
    if not ids:
        return
    for key in pointing_at(table):
        column = key.parent.name
        stmt = f"UPDATE {key.parent.table.name} SET {column} = NULL WHERE {column} = ANY (:ids)"  # noqa: S608
        conn.execute(text(stmt), {"ids": ids})
    conn.execute(text(f"DELETE FROM {registry(table)} WHERE id = ANY (:ids)"), {"ids": ids})  # noqa: S608


def _settle(conn: Connection, table: Table, rows: list[Row[Any]]) -> None:
    """Write a row as it is, but with the coordinator's keys of others; its trigger registers it."""
    if not rows:
        return
    names = _references(table)
    values = ", ".join(f"{name} = :{name}" for name in names)
    stmt = text(
        f"UPDATE {table.name} SET {values} WHERE id = :id AND county_code = :county_code"  # noqa: S608
    )
    conn.execute(
        stmt, [{name: row._mapping[name] for name in ("id", "county_code", *names)} for row in rows]
    )
