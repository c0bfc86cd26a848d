"""A ledger, a second version of it, and what an import of either leaves in a database."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select

from data_access import migration, schema, summaries
from data_access.engine import connect_to
from data_access.ledgers import importing
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.storing import Sender
from tests.importer import Importer

Contents = dict[str, str]
# Of an import that is done twice these say so; all others are as after one.
TOLD = {"import_batch", "import_problem", "audit_event", "data_version"}
# Numbers that a database gives out, and moments.
_VOLATILE = {"id", "batch_id", "first_batch_id", "imported_at", "at", "detail"}


def write_reports(path: Path, rows: int, *, second: bool = False) -> Path:
    """Write reports; in the second version a half is new, a half changed, and one is wrong."""
    first = rows // 2 if second else 0
    lines = ["线索编号,接报日期,举报渠道,违规类型,县区,办理状态,楼宇小区"]
    lines += [
        f"JB{number:06},2022-0{5 + second}-{number % 28 + 1:02},举报邮箱,一对一,城中,"
        f"{'属实' if second else '受理'},{number % 50} 号楼"
        for number in range(first, first + rows)
    ]
    if second:
        lines.append("JB999999,不是日期,举报邮箱,一对一,城中,受理,1 号楼")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def arguments(ledger: Path) -> list[str]:
    return ["import", "violation_reports", str(ledger), "--rejects", str(ledger.parent)]


def prepare(engine: Engine, ledger: Path) -> None:
    """Make the tables, and put the first version in."""
    migration.upgrade(engine)
    done = importing.import_file(
        engine,
        KINDS["violation_reports"],
        ledger,
        file_name=ledger.name,
        sender=Sender("测试"),
    )
    assert done.report.rows_loaded > 0


def contents(url: str) -> Contents:
    """A digest of what stands in every table, but for numbers and moments."""
    engine = connect_to(url)
    found = {}
    with engine.connect() as conn:
        for table in schema.metadata.sorted_tables:
            columns = [column for column in table.c if column.name not in _VOLATILE]
            rows = sorted(repr(tuple(row)) for row in conn.execute(select(*columns or table.c)))
            found[table.name] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
    engine.dispose()
    return found


def figures(found: Contents) -> Contents:
    return {name: said for name, said in found.items() if name not in TOLD}


def kill_at_random_moments(
    importer: Importer,
    fresh: Callable[[], str],
    ledger: Path,
    *,
    kills: int,
    settled: Callable[[str], None] = lambda _url: None,
) -> tuple[int, int]:
    """Kill an import at moments of its whole time: all or nothing is left, and the next succeeds.

    ``fresh`` gives the address of a database as ``prepare`` left it, ``settled`` waits until the
    server knows that the killed one is gone. Returns how many kills left nothing, and all.
    """
    url = fresh()
    nothing = contents(url)
    began = time.monotonic()
    assert importer.run(url, arguments(ledger)) == 3, importer.words()
    seconds = time.monotonic() - began
    everything = contents(url)
    assert len({name for name in nothing if nothing[name] != everything[name]}) >= 7, "all change"

    moments = random.Random(20220825)  # noqa: S311  the same moments every time
    left = [0, 0]
    for kill in range(kills):
        url = fresh()
        moment = (kill + moments.random()) / kills * 1.05 * seconds
        importer.kill_after(moment, url, arguments(ledger))
        settled(url)
        found = contents(url)
        assert found in (nothing, everything), {
            name for name in found if found[name] not in (nothing[name], everything[name])
        } or "some tables are as before, and some as after"
        left[found == everything] += 1
        assert importer.run(url, arguments(ledger)) == 3, importer.words()
        again = figures(contents(url))
        assert again == figures(everything), {
            name: (said, everything[name], nothing[name])
            for name, said in again.items()
            if said != everything[name]
        }
    return left[0], left[1]


def three_at_once(
    url: str, engine: Engine, importers: tuple[Importer, Importer], folder: Path
) -> None:
    """Two command lines and a page send overlapping files at the same moment: all are right."""
    rows = 400
    first = write_reports(folder / "one.csv", rows)
    second = write_reports(folder / "two.csv", rows, second=True)  # the second half again, and more
    results: list[importing.FileReport] = []

    def page() -> None:
        sent = importing.import_file(
            engine,
            KINDS["violation_reports"],
            first,
            file_name="页面.csv",
            sender=Sender("450202@demo", "450202", is_county_account=True),
        )
        results.append(sent.report)

    thread = threading.Thread(target=page)
    for running, ledger in zip(importers, (first, second), strict=True):
        running.begin(url, arguments(ledger))
    thread.start()
    codes = [running.end() for running in importers]
    thread.join()

    assert codes == [0, 3], [running.words() for running in importers]
    assert not results[0].is_unread, results[0].problems
    with engine.connect() as conn:
        reports = schema.violation_report
        assert conn.scalar(select(func.count()).select_from(reports)) == rows * 3 // 2
        batches = schema.import_batch.c
        sums = select(func.count(), func.sum(batches.rows_loaded), func.sum(batches.rows_read))
        assert tuple(conn.execute(sums).one()) == (3, rows * 3 // 2, rows * 3 + 1)
    counted = contents(url)["weekly_summary"]
    with engine.begin() as conn:
        summaries.rebuild_all(conn)
    assert contents(url)["weekly_summary"] == counted
