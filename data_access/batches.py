"""Queries on the files that came in (导入批次) and what was wrong with them."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, func, null, select

from data_access.frames import read_frame
from data_access.schema import county, import_batch, import_problem
from data_access.scope import Scope

SHOWN_BATCHES = 200
SHOWN_PROBLEMS = 1_000


def latest_batch(conn: Connection, *, scope: Scope) -> int:
    """Return the number of the file that came in last, 0 where none has."""
    stmt = select(func.max(import_batch.c.id)).where(scope.allows(import_batch))
    return conn.scalar(stmt) or 0


def import_batches(conn: Connection, *, scope: Scope) -> pd.DataFrame:
    """Return the latest 200 files that came in, the newest first.

    A file of the whole city belongs to no county: only a scope of the city holds it.

    ``id`` int64, ``county_code`` and ``county`` str (NaN for a file of the city), ``kind``
    (name of the ledger) and ``file_name`` str, ``imported_by`` str, ``imported_at`` and
    ``received_on`` datetime64[s], and the counts ``rows_read``, ``rows_loaded``,
    ``rows_updated``, ``rows_rejected`` int64.
    """
    columns = [
        import_batch.c[name]
        for name in (
            "kind",
            "file_name",
            "imported_by",
            "imported_at",
            "received_on",
            "rows_read",
            "rows_loaded",
            "rows_updated",
            "rows_rejected",
        )
    ]
    stmt = (
        select(
            import_batch.c.id,
            import_batch.c.county_code,
            county.c.name.label("county"),
            *columns,
        )
        .outerjoin(county, county.c.code == import_batch.c.county_code)
        .where(scope.allows(import_batch))
        .order_by(import_batch.c.id.desc())
        .limit(SHOWN_BATCHES)
    )
    return read_frame(
        conn,
        stmt,
        {
            "id": "int64",
            "county_code": "str",
            "county": "str",
            "kind": "str",
            "file_name": "str",
            "imported_by": "str",
            "imported_at": "datetime64[s]",
            "received_on": "datetime64[s]",
            "rows_read": "int64",
            "rows_loaded": "int64",
            "rows_updated": "int64",
            "rows_rejected": "int64",
        },
    )


def import_problems(conn: Connection, *, scope: Scope, batch_id: int, values: bool) -> pd.DataFrame:
    """Return the first 1,000 things wrong with one file: errors before warnings.

    Within these in the order in which the file was read. What stands in the cells is read
    only where ``values`` says so, and missing otherwise; no ``problem`` repeats it.

    ``county_code``, ``sheet``, ``column``, ``value``, ``problem``, ``severity`` str and
    ``row`` Int64, as the spreadsheet numbers it; NA where a sheet or a column is meant.
    """
    stmt = (
        select(
            import_batch.c.county_code,
            import_problem.c.sheet,
            import_problem.c.row,
            import_problem.c.column,
            import_problem.c.value if values else null().label("value"),
            import_problem.c.problem,
            import_problem.c.severity,
        )
        .join(import_batch, import_batch.c.id == import_problem.c.batch_id)
        .where(scope.allows(import_batch), import_problem.c.batch_id == batch_id)
        .order_by(import_problem.c.severity, import_problem.c.id)
        .limit(SHOWN_PROBLEMS)
    )
    return read_frame(
        conn,
        stmt,
        {
            "county_code": "str",
            "sheet": "str",
            "row": "Int64",
            "column": "str",
            "value": "str",
            "problem": "str",
            "severity": "str",
        },
    )
