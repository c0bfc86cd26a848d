"""Import a day's new reports into the database of ``DATABASE_URL``, and print what it cost as JSON.

``python -m tests.bench.scale_import [--rows N]``. Reading the file and storing it in its one
transaction are timed apart, against a bare read of the same file; what was stored is held to the
weekly counts, and then taken out again.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import Connection, Engine, delete, func, select

from data_access import bulk, summaries
from data_access.engine import connect_to, database_url
from data_access.ledgers.importing import import_understandings, understand_file
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from data_access.schema import import_batch, import_problem, violation_report, weekly_summary
from data_access.scope import Scope
from sample_data.days import LAST_DAY
from sample_data.volume import Reports
from tests.volumes import ledger_lines

SENDER = Sender("一日一万条")
READS = 3
# A range and not LIKE, which no index serves on SQLite.
_OF_THE_DAY = (violation_report.c.report_no >= "RB", violation_report.c.report_no < "RC")


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    options = parser.parse_args()
    engine = connect_to(database_url())
    try:
        with tempfile.TemporaryDirectory(prefix="day-") as folder:
            sys.stdout.write(json.dumps(measure(engine, Path(folder), options.rows)) + "\n")
    finally:
        engine.dispose()


def measure(engine: Engine, folder: Path, rows: int) -> dict[str, Any]:
    """Import a workbook of so many reports of the sample's last day, and take them out again."""
    path = folder / "day.xlsx"
    with engine.connect() as conn:
        write_day(path, conn, rows)
    kind = KINDS["violation_reports"]
    bare = statistics.median(_bare_read(path) for _ in range(READS))
    start, cpu = time.perf_counter(), time.process_time()
    understood = understand_file(engine, kind, path.name, path.read_bytes(), sender=SENDER)
    read, read_cpu = time.perf_counter(), time.process_time()
    report = import_understandings(
        engine, understood, name=kind.name, sender=SENDER, received_on=LAST_DAY
    ).report
    stored, stored_cpu = time.perf_counter(), time.process_time()
    with engine.connect() as conn:
        is_right = counts_are_right(conn, LAST_DAY)
    take_out(engine)
    assert report.rows_loaded == rows, report
    return {
        "rows": rows,
        "bare_read_s": round(bare, 3),
        "read_s": round(read - start, 3),
        "read_cpu_s": round(read_cpu - cpu, 3),
        "store_s": round(stored - read, 3),
        "store_cpu_s": round(stored_cpu - read_cpu, 3),
        "counts_are_right": is_right,
    }


def write_day(path: Path, conn: Connection, rows: int) -> None:
    """Write a workbook of new reports, all of one day and not worked on yet."""
    made = Reports(bulk.sites(conn, scope=Scope.city()), rows, seed=1)
    workbook = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = workbook.add_worksheet("举报台账")
    number = 0
    for chunk in made.chunks():
        for values in zip(*chunk.values(), strict=True):
            row: dict[str, Any] = dict(zip(chunk, values, strict=True))
            row |= {"report_no": f"RB{number:08}", "received_on": LAST_DAY, "status": "received"}
            row |= {"verified_on": None, "closed_on": None}
            header, line = ledger_lines([row])
            if number == 0:
                sheet.write_row(0, 0, header)
            number += 1
            cells = [str(cell) if isinstance(cell, date) else cell for cell in line]
            sheet.write_row(number, 0, cells)
    workbook.close()


def _bare_read(path: Path) -> float:
    start = time.perf_counter()
    CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return time.perf_counter() - start


def counts_are_right(conn: Connection, week: date) -> bool:
    """Whether the weekly counts of a week say what counting its reports says."""
    report, summary = violation_report.c, weekly_summary.c
    keys = (report.county_code, report.status, report.violation_type_group)
    facts = select(*keys, func.count()).where(report.week == week).group_by(*keys)
    kept = select(summary.county_code, summary.status, summary.kind, summary.n).where(
        summary.subject == "violation_report", summary.week == week
    )
    return {tuple(row) for row in conn.execute(facts)} == {tuple(row) for row in conn.execute(kept)}


def take_out(engine: Engine) -> None:
    """Take the imported reports out, so that the next measurement finds the same database."""
    batches = select(import_batch.c.id).where(import_batch.c.imported_by == SENDER.name)
    with engine.begin() as conn:
        conn.execute(delete(violation_report).where(*_OF_THE_DAY))
        conn.execute(delete(import_problem).where(import_problem.c.batch_id.in_(batches)))
        conn.execute(delete(import_batch).where(import_batch.c.imported_by == SENDER.name))
        summaries.rebuild(conn, {"violation_report": [LAST_DAY]})


if __name__ == "__main__":
    main()
