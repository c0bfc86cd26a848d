"""Generated reports by the million into a database that nobody reads yet.

The import (``ledgers.importing``) is the way for files: it reads, judges, matches and keeps
history. This is for volumes made by ``sample_data.generate`` alone, whose rows are whole and
right already. They are written as they are, streamed, and what the import would keep right along
the way is made once at the end: indexes, weekly counts, statistics, the version of the data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.schema import AddConstraint, CreateIndex, DropConstraint, DropIndex

from data_access import summaries, versions
from data_access.ledgers.queries import insert_columns
from data_access.schema import data_version, import_batch, institution, violation_report
from data_access.scope import Scope

# The columns that say where a report is about and whom it names, as the import worked them out.
SITE_COLUMNS: Final = (
    *("county_code", "town_code", "place_name", "place_key", "address"),
    *("longitude", "latitude", "cell"),
    *("institution_id", "institution_name", "institution_name_key", "credit_code"),
)
Columns = Mapping[str, Sequence[Any]]
Progress = Callable[[str], None]
_WRITTEN: Final = tuple(
    column.name for column in violation_report.c if column.name not in {"id", "row_version"}
)
_ESCAPED: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
# For the one connection that writes: nobody else has the file, which is put in place when whole.
_UNFINISHED_FILE: Final = (
    "PRAGMA journal_mode = DELETE",  # off may not follow the write-ahead log at once
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA foreign_keys = OFF",  # looked at once, at the end
    "PRAGMA cache_size = -131072",
)


class BrokenLinkError(Exception):
    """A row was given that belongs to no county, batch or institution there is."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the batch of the rows says: ``received_on`` is the day they were generated up to."""

    file_name: str
    imported_by: str
    received_on: date
    rows: int


def senders(conn: Connection) -> set[str]:
    """Return who brought in what the database holds; none where it holds nothing."""
    return set(conn.scalars(select(import_batch.c.imported_by).distinct()))


def sites(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """Return where the reports in scope are about, each place and address once.

    Columns: :data:`SITE_COLUMNS` as stored (codes and texts object, degrees float, missing
    ``None``), ``category`` and ``operating_status`` of the institution (object, ``None`` where none
    is linked), ``n`` (int) how many reports. Ordered by place and address, so that the same
    database gives the same rows.
    """
    report = violation_report.c
    columns = [report[name] for name in SITE_COLUMNS]
    of_institution = [institution.c.category, institution.c.operating_status]
    stmt = (
        select(*columns, *of_institution, func.count().label("n"))
        .select_from(violation_report.outerjoin(institution))
        .where(scope.allows(violation_report))
        .group_by(*columns, *of_institution)
    )
    rows = [tuple(row) for row in conn.execute(stmt)]
    names = [*SITE_COLUMNS, *(column.name for column in of_institution), "n"]
    # Here and not in SQL: databases put Chinese texts and missing values in orders of their own.
    rows.sort(key=_in_order)
    return pd.DataFrame(rows, columns=names, dtype=object)


def _in_order(row: tuple[Any, ...]) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, str(value)) for value in row)


def write_reports(
    engine: Engine, chunks: Iterable[Columns], provenance: Provenance, *, progress: Progress
) -> None:
    """Write reports, given by column, as one batch; all of it or nothing.

    ``chunks`` hold every column of a report but ``id``, ``first_batch_id`` and ``row_version``, and
    are read one at a time. On PostgreSQL it is one transaction of the tables' owner, during which
    readers wait. A SQLite file must be one that nobody else has open and that is thrown away if
    this fails: it is written without a journal.

    Raises:
        BrokenLinkError: a row belongs to no county or institution there is.
        SQLAlchemyError: the database refuses, for want of room or rights or for a number twice.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as conn:
        for setting in _UNFINISHED_FILE if is_sqlite else ():
            conn.exec_driver_sql(setting)
        conn.commit()
        with conn.begin():
            batch = _begin(conn, provenance)
            with _bare(conn, progress):
                copy = _insert if is_sqlite else _copy
                copy(conn, _with_batch(chunks, batch, provenance.rows, progress))
            progress("正在按周汇总")
            summaries.rebuild_all(conn)
            versions.bump(conn)
        progress("正在更新统计信息")
        if is_sqlite:
            _finish_file(conn)
    if not is_sqlite:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            # Index-only scans need the visibility map, which only a vacuum makes.
            conn.execute(text("VACUUM (ANALYZE)"))


def _begin(conn: Connection, provenance: Provenance) -> int:
    batch = conn.execute(
        insert(import_batch).values(
            kind="violation_reports",
            file_name=provenance.file_name,
            sha256=hashlib.sha256(provenance.file_name.encode()).hexdigest(),
            imported_by=provenance.imported_by,
            imported_at=datetime.combine(provenance.received_on, datetime.min.time()),
            received_on=provenance.received_on,
            rows_read=provenance.rows,
            rows_loaded=provenance.rows,
            rows_updated=0,
            rows_rejected=0,
        )
    )
    # Takes its turn among the imports, as these do.
    conn.execute(select(data_version.c.version).with_for_update())
    key: int = batch.inserted_primary_key[0]  # type: ignore[index]
    return key


def _with_batch(
    chunks: Iterable[Columns], batch: int, rows: int, progress: Progress
) -> Iterator[Columns]:
    done = 0
    for chunk in chunks:
        size = len(chunk["report_no"])
        yield {**chunk, "first_batch_id": [batch] * size}
        done += size
        progress(f"正在写入举报 {done:,}/{rows:,}")


@contextmanager
def _bare(conn: Connection, progress: Progress) -> Iterator[None]:
    """Take indexes and foreign keys off the reports, and put them on again when the rows are in.

    One pass over all rows at the end is several times as fast as keeping them at every row.
    """
    table = violation_report
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    is_sqlite = conn.dialect.name == "sqlite"
    # Named and in one order; SQLite can not take a foreign key off, it only does not look.
    links = [] if is_sqlite else sorted(table.foreign_key_constraints, key=lambda k: str(k.name))
    for index in indexes:
        conn.execute(DropIndex(index))
    for link in links:
        conn.execute(DropConstraint(link))
    if not is_sqlite:
        conn.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        # COPY goes past policies, and PostgreSQL refuses it where one holds for who writes.
        conn.execute(text(f"ALTER TABLE {table.name} NO FORCE ROW LEVEL SECURITY"))
    yield
    if not is_sqlite:
        conn.execute(text(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY"))
    for link in links:
        conn.execute(AddConstraint(link, isolate_from_table=False))
    for at, index in enumerate(indexes, start=1):
        progress(f"正在建立索引 {at}/{len(indexes)}")
        conn.execute(CreateIndex(index))


def _insert(conn: Connection, chunks: Iterable[Columns]) -> None:
    for chunk in chunks:
        insert_columns(conn, violation_report, chunk)


def _copy(conn: Connection, chunks: Iterable[Columns]) -> None:
    cursor: Any = conn.connection.cursor()
    statement = f"COPY {violation_report.name} ({', '.join(_WRITTEN)}) FROM STDIN"
    with cursor.copy(statement) as copy:
        for chunk in chunks:
            copy.write(_lines(chunk))


def _lines(chunk: Columns) -> str:
    """Return rows as COPY reads them; each of the few distinct values of a column is put once."""
    columns = []
    for name in _WRITTEN:
        values = chunk[name]
        put = {value: _put(value) for value in set(values)}
        columns.append(map(put.__getitem__, values))
    return "".join(f"{line}\n" for line in map("\t".join, zip(*columns, strict=True)))


def _put(value: object) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPED)


def _finish_file(conn: Connection) -> None:
    broken = conn.exec_driver_sql(f"PRAGMA foreign_key_check({violation_report.name})").first()
    if broken is not None:
        raise BrokenLinkError(f"row {broken[1]} belongs to no {broken[2]}")
    conn.exec_driver_sql("PRAGMA analysis_limit = 1000")
    conn.exec_driver_sql("ANALYZE")
    conn.commit()
    conn.exec_driver_sql("PRAGMA journal_mode = WAL")
