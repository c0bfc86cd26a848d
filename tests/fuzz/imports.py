"""Import mutated ledgers and hold each against what is promised of any file.

``python -m tests.fuzz.imports --seed 1 --files 1000 --database empty.db --folder DIR`` prints one
line of figures as JSON, or what went wrong, having kept the file in the folder.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import sys
import time
import traceback
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, func, select, text

from data_access import schema, summaries
from data_access.engine import connect_to
from data_access.ledgers.importing import Imported, import_file
from data_access.ledgers.kinds import Kind
from data_access.ledgers.storing import Sender
from tests.fuzz.mutants import Mutant, mutant

MEMORY: Final = 3 * 2**30  # of addresses; what is held is measured by who starts this
AFRESH: Final = 100  # files, after which the database is an empty one again
RECEIVED: Final = date(2022, 8, 25)
CHINESE: Final = re.compile("[\u4e00-\u9fff]")
OURS: Final = re.compile(r"Traceback|Error\b|Exception|0x[0-9a-f]{6}|<class|\.py\b|/work|/usr")


class BrokenPromise(Exception):  # noqa: N818 - it says what happened
    """A file after whose import something is not as it must be."""


def need(holds: bool, *said: Any) -> None:
    if not holds:
        raise BrokenPromise(*said)


def check(engine: Engine, sent: Mutant) -> Imported:
    """Import a file, twice, with its rejected rows tried once more."""
    before = counts(engine)
    imported = send(engine, sent)
    report = imported.report
    told(imported)
    after = counts(engine)
    if report.is_unread:
        changed = {name for name in after if after[name] != before[name]}
        need(changed <= {"audit_event"}, "a file that was refused left rows", changed)
        need(not imported.batch_ids, "a file that was refused has a batch")
        return imported
    need(
        report.rows_read == report.rows_loaded + report.rows_updated + report.rows_rejected,
        "rows do not add up",
    )
    agrees_with(engine, imported, before, after)
    integrity(engine)
    come_back(engine, sent, imported)
    again(engine, sent, imported)
    return imported


def send(engine: Engine, sent: Mutant, data: bytes | None = None, **given: Any) -> Imported:
    return import_file(
        engine,
        sent.kind,
        sent.data if data is None else data,
        **{
            "file_name": sent.file_name,
            "sender": Sender("supervisor@demo", sent.county),
            "crs": sent.crs,
            "received_on": RECEIVED,
            **given,
        },
    )


def told(imported: Imported) -> None:
    """Every problem is told in Chinese and short, and none shows the machine's own words."""
    for problem in imported.report.problems:
        shown = problem.problem.replace(problem.value or "\0", "")
        need(bool(CHINESE.search(shown)), "not in Chinese", problem)
        need(len(problem.problem) < 2_000, "a problem as long as a page", len(problem.problem))
        need(len(problem.value or "") <= 200, "a value as long as a page")
    json.dumps(imported.report.as_json(), ensure_ascii=False).encode("utf-8")
    if imported.report.is_unread:
        [only] = imported.report.problems
        need(not OURS.search(only.problem), "the machine's own words", only)


def agrees_with(
    engine: Engine, imported: Imported, before: Counter[str], after: Counter[str]
) -> None:
    """What is reported is what stands in the database."""
    report, batch = imported.report, schema.import_batch
    names = ("rows_read", "rows_loaded", "rows_updated", "rows_rejected")
    with engine.connect() as conn:
        kept = conn.execute(
            select(*(func.sum(batch.c[name]) for name in names)).where(
                batch.c.id.in_(imported.batch_ids)
            )
        ).one()
    need(tuple(kept) == tuple(getattr(report, name) for name in names), "batch differs", kept)
    new = Counter({name: after[name] - before[name] for name in after})
    need(new["import_problem"] == len(report.problems), "problems differ", new["import_problem"])
    need(new["import_batch"] == len(imported.batch_ids), "batches differ")
    rejected = sum(int(each.rejected.sum()) for each in imported.understandings)
    need(rejected == report.rows_rejected, "rejected rows differ", rejected)
    told_rows = {
        (each.kind.name, p.sheet, p.row)
        for each in imported.understandings
        for p in each.problems
        if p.severity == "error" and p.row is not None
    }
    need(len(told_rows) == rejected, "rows rejected without a reason, or reasons for none")
    if isinstance(imported.understandings[0].kind, Kind) and len(imported.understandings) == 1:
        table = imported.understandings[0].kind.table.name
        loaded = new[table]
        if table == "rectification_event":  # one that was inferred until now is there already
            need(0 <= loaded <= report.rows_loaded, "loaded rows differ", loaded)
        else:
            need(loaded == report.rows_loaded, "loaded rows differ", loaded)


def integrity(engine: Engine) -> None:
    """Keys lead somewhere, and the weekly counts are those of the facts."""
    with engine.connect() as conn:
        need(not conn.execute(text("PRAGMA foreign_key_check")).all(), "keys lead nowhere")
        kept = summed(conn)
        summaries.rebuild_all(conn)
        counted = summed(conn)
        conn.rollback()
    need(kept == counted, "summaries differ", sorted(kept ^ counted, key=repr)[:4])


def summed(conn: Connection) -> set[tuple[Any, ...]]:
    return {
        (table.name, *(round(v, 2) if isinstance(v, float) else v for v in row))
        for table in schema.metadata.sorted_tables
        if table.name.endswith("_summary")
        for row in conn.execute(select(table))
    }


def come_back(engine: Engine, sent: Mutant, imported: Imported) -> None:
    """The workbook of rejected rows is read again, and has every one of them."""
    report = imported.report
    if not report.rows_rejected:
        return
    workbook = imported.rejects_workbook()
    back = send(engine, sent, workbook, file_name="退回.xlsx", dry_run=True)
    need(not back.report.is_unread, "rejected rows cannot be sent again", back.report.problems)
    need(
        back.report.rows_read == report.rows_rejected,
        "rejected rows are lost on the way",
        back.report.rows_read,
    )


def again(engine: Engine, sent: Mutant, first: Imported) -> None:
    """The same file once more loads nothing and changes nothing."""
    before = everything(engine)
    report = send(engine, sent).report
    need(not report.rows_loaded, "loaded the second time", report.rows_loaded)
    need(not report.rows_changed, "changed the second time", report.rows_changed)
    need(report.rows_read == first.report.rows_read, "read otherwise the second time")
    after = everything(engine)
    for name in before:
        need(before[name] == after[name], "another the second time", name)


LOGS: Final = ("import_batch", "import_problem", "audit_event")


def everything(engine: Engine) -> dict[str, list[Any]]:
    """All rows of all tables but those that log what was sent."""
    with engine.connect() as conn:
        return {
            table.name: sorted(map(tuple, conn.execute(select(table))), key=repr)
            for table in schema.metadata.sorted_tables
            if table.name not in LOGS
        }


def counts(engine: Engine) -> Counter[str]:
    metadata: MetaData = schema.metadata
    with engine.connect() as conn:
        return Counter(
            {
                table.name: conn.scalar(select(func.count()).select_from(table)) or 0
                for table in metadata.sorted_tables
            }
        )


def afresh(old: Engine | None, empty: Path, path: Path) -> Engine:
    """Return an engine on a copy of the empty database; the old one's is removed."""
    remove(old)
    return connect_to(f"sqlite:///{shutil.copy(empty, path)}")


def remove(engine: Engine | None) -> None:
    if engine is None or not engine.url.database:
        return
    engine.dispose()
    for ending in ("", "-wal", "-shm"):
        Path(engine.url.database + ending).unlink(missing_ok=True)


def used_seconds() -> float:
    return sum(
        of.ru_utime + of.ru_stime
        for of in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def run(seed: int, numbers: range, empty: Path, folder: Path) -> dict[str, Any]:
    """Check the files of a seed; what they came to. The first that breaks a promise is kept."""
    figures: Counter[str] = Counter()
    slowest = (0.0, -1)
    engine: Engine | None = None
    for place, number in enumerate(numbers):
        if place % AFRESH == 0 or engine is None:
            engine = afresh(engine, empty, folder / f"{seed}-{number}.db")
        sent = mutant(seed, number)
        start = used_seconds()
        try:
            imported = check(engine, sent)
        except Exception as error:  # noqa: BLE001  none may escape
            name = f"{seed}-{number}{Path(sent.file_name).suffix}"
            (folder / name).write_bytes(sent.data)
            said = f"{name} {sent.kind.name} {sent.county} {sent.done}: {error!r:.2000}"
            sys.stdout.write(f"{said}\n{traceback.format_exc()[-1500:]}")
            figures["broken"] += 1
            continue
        slowest = max(slowest, (used_seconds() - start, number))
        figures += Counter(
            files=1,
            refused=int(imported.report.is_unread),
            rows=imported.report.rows_read,
            rejected=imported.report.rows_rejected,
        )
    remove(engine)
    return {**figures, "slowest_seconds": round(slowest[0], 2), "slowest": slowest[1]}


def most_memory() -> int:
    """Return the most MiB that this program held; ``ru_maxrss`` counts whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--database", type=Path, required=True, help="an empty migrated one")
    parser.add_argument("--folder", type=Path, required=True)
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    start = time.monotonic()
    figures = run(args.seed, range(args.first, args.first + args.files), args.database, args.folder)
    figures["seconds"] = round(time.monotonic() - start)
    figures["mib"] = most_memory()
    figures["xls_mib"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    sys.stdout.write(json.dumps(figures) + "\n")
    return 1 if figures.get("broken") else 0


if __name__ == "__main__":
    sys.exit(main())
