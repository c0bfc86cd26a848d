"""Generated reports on a small scale, and the ledger that would have brought them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from data_access import vocabulary
from data_access.ledgers.importing import Imported, import_file
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from data_access.schema import (
    data_version,
    import_batch,
    place_week_summary,
    violation_report,
    weekly_summary,
)
from sample_data import volume
from sample_data.days import LAST_DAY

# What tells of the way by which a row came, and not of the report.
OF_THE_WAY = {"id", "first_batch_id", "received_by_us_on"}
SEED = 7


def fill(url: str, reports: int, seed: int = SEED) -> list[str]:
    """Generate reports into the database; return what was told on the way."""
    told: list[str] = []
    volume.fill(url, reports, seed=seed, progress=told.append)
    return told


def generated(conn: Connection) -> list[dict[str, Any]]:
    """The generated reports in the order of their numbers, as they are stored."""
    stmt = select(violation_report).where(violation_report.c.report_no.startswith("GM"))
    rows = conn.execute(stmt).mappings()
    return sorted((dict(row) for row in rows), key=lambda row: row["report_no"])


def of_reports(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without what tells of the way they came."""
    return [{k: v for k, v in row.items() if k not in OF_THE_WAY} for row in rows]


def counted(conn: Connection) -> list[set[tuple[Any, ...]]]:
    """Every row of both summaries."""
    return [
        {tuple(row) for row in conn.execute(select(table))}
        for table in (weekly_summary, place_week_summary)
    ]


def version(conn: Connection) -> int:
    return conn.scalars(select(data_version.c.version)).one()


def batches(conn: Connection) -> int:
    return conn.scalars(select(func.count()).select_from(import_batch)).one()


def reports(conn: Connection) -> int:
    return conn.scalars(select(func.count()).select_from(violation_report)).one()


def write_ledger(rows: list[dict[str, Any]], path: Path) -> None:
    """Write a ledger of reports as an office would send it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(ledger_lines(rows))


def ledger_lines(rows: list[dict[str, Any]]) -> list[list[Any]]:
    """The header and the lines of a ledger of reports."""
    columns = [c for c in KINDS["violation_reports"].columns if c.name != "row_version"]
    lines: list[list[Any]] = [[column.header for column in columns]]
    return lines + [[_cell(row, column.name) for column in columns] for row in rows]


def _cell(row: dict[str, Any], name: str) -> object:
    if name == "class_hours":
        starts, ends = row["class_starts_at"], row["class_ends_at"]
        return f"{starts:%H:%M}-{ends:%H:%M}" if starts else ""
    if name == "status":
        return vocabulary.REPORT_STATUS[row["status"]][0]
    return "" if row[name] is None else row[name]


def import_ledger(engine: Engine, path: Path) -> Imported:
    """Import a ledger of reports of the whole city, as on the last day of the sample."""
    return import_file(
        engine,
        KINDS["violation_reports"],
        path,
        file_name=path.name,
        sender=Sender("规模数据"),
        received_on=LAST_DAY,
    )
