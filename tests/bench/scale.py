"""What pages and a day's import cost as the database grows: ``make bench-scale``.

``python -m tests.bench.scale [--sizes N,N] [--databases sqlite,postgresql] [--folder DIR]
[--repeats N] [--page PATH…] [--role ROLE…] [--no-worst] [--day N] [--no-import] [--json]``

Each database is built once in the folder and found there again. A process of its own draws every
page of each role on each database; what its statements cost on the warm database stands in a
table in Markdown, the largest size against the smallest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from data_access import migration
from data_access.engine import connect_to
from tests.bench import scale_databases
from tests.bench.scale_databases import Database
from tests.servers import ROOT

LARGEST_RATIO = 1.3
LONGEST_MS = 60
MOST_MIB = 600
LONGEST_WRITE_S = 2.0
# Below this two measurements of one thing differ more than sizes do.
NOISE_MS = 2.0
BACKENDS = ("sqlite", "postgresql")
Measured = dict[str, Any]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=(100_000, 1_000_000))
    parser.add_argument("--databases", type=lambda said: said.split(","), default=BACKENDS)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "scale")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--page", action="append", help="only this page, by its path")
    parser.add_argument("--role", action="append", help="only as this role")
    parser.add_argument("--no-worst", action="store_true", help="default filters alone")
    parser.add_argument("--day", type=int, default=10_000, help="so many reports of one day")
    parser.add_argument("--no-import", action="store_true", help="import nothing")
    parser.add_argument("--json", action="store_true", help="for a program")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    found = {backend: measure(backend, options) for backend in options.databases}
    if options.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
        return
    for backend, measured in found.items():
        sys.stdout.writelines(f"{line}\n" for line in lines(backend, measured))


def _sizes(said: str) -> tuple[int, ...]:
    return tuple(sorted({int(size) for size in said.split(",")}))


def measure(backend: str, options: argparse.Namespace) -> list[Measured]:
    """Measure every size on one database system, the smallest first."""
    with ExitStack() as stack:
        server = None
        if backend == "postgresql":
            server = stack.enter_context(scale_databases.postgres_server(options.folder))
        measured = []
        for reports in options.sizes:
            tell(f"{backend}, {reports:,} reports")
            database = (
                scale_databases.postgres(options.folder, server, reports)
                if server is not None
                else scale_databases.sqlite(options.folder, reports)
            )
            measured.append(measure_database(database, options))
        return measured


def measure_database(database: Database, options: argparse.Namespace) -> Measured:
    """Draw the pages on a database and import a day into it, in processes of their own.

    Raises ``SystemExit`` where the database was built with another schema.
    """
    engine = connect_to(database.import_url)
    is_current = migration.is_current(engine)
    engine.dispose()
    if not is_current:
        raise SystemExit(f"{database.url} has an older schema: delete it, and it is built again")
    asked = [f"--page={path}" for path in options.page or ()]
    asked += [f"--role={role}" for role in options.role or ()]
    if options.no_worst:
        asked.append("--no-worst")
    pages = run("scale_pages", f"--repeats={options.repeats}", *asked, env=database.env)
    owner = {**database.env, "DATABASE_URL": database.import_url}
    day = None if options.no_import else run("scale_import", f"--rows={options.day}", env=owner)
    return {"reports": database.reports, "built_s": database.built_s, "day": day} | pages


def run(module: str, *arguments: str, env: dict[str, str]) -> Measured:
    """Run a module of the bench in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result: Measured = json.loads(done.stdout.splitlines()[-1])
    return result


def lines(backend: str, measured: list[Measured]) -> Iterator[str]:
    """Yield the table of one database system in Markdown, and what stands below it."""
    small, large = measured[0], measured[-1]
    sizes = " and ".join(f"{each['reports']:,}" for each in (small, large))
    yield f"\n### {'SQLite' if backend == 'sqlite' else 'PostgreSQL'}, {sizes} reports\n"
    yield (
        "| page | reader | queries | rows | CPU ms | ratio | wall ms | ratio | slowest query |"
        " worst filters | rows | wall ms |"
    )
    yield "|---|---|---:|---:|---:|---:|---:|---:|---|---|---:|---:|"
    smaller = {(page["page"], page["role"]): page for page in small["pages"]}
    worst = {(page["page"], page["role"]): page for page in large["worst"]}
    for page in large["pages"]:
        key = (page["page"], page["role"])
        yield _line(page, smaller[key], worst.get(key))
    yield ""
    for each in measured:
        yield from _below(each)


def _line(page: Measured, small: Measured, worst: Measured | None) -> str:
    slowest, (ms, _) = next(iter(page["by_function"].items()), ("", (0.0, 0.0)))
    wall = f"{small['wall_ms']:,.1f} → {page['wall_ms']:,.1f}"
    cells = [
        page["page"],
        page["role"],
        f"{page['queries']}",
        f"{small['rows']:,} → {page['rows']:,}",
        f"{small['cpu_ms']:,.1f} → {page['cpu_ms']:,.1f}",
        f"{ratio(page, small, 'cpu_ms'):.2f}",
        f"{wall}{' ✗' if page['wall_ms'] > LONGEST_MS else ''}",
        f"{ratio(page, small):.2f}{' ✗' if is_steep(page, small) else ''}",
        f"{slowest} {ms:,.1f}",
        *((worst["choice"], f"{worst['rows']:,}", f"{worst['wall_ms']:,.1f}") if worst else "   "),
    ]
    return f"| {' | '.join(cells)} |"


def ratio(page: Measured, small: Measured, time: str = "wall_ms") -> float:
    """What a page costs at the largest size ÷ at the smallest."""
    ratio: float = page[time] / max(small[time], 0.01)
    return ratio


def is_steep(page: Measured, small: Measured) -> bool:
    """Whether a page costs more at the largest size by more than is allowed, and than noise."""
    more = page["wall_ms"] - small["wall_ms"]
    return ratio(page, small) > LARGEST_RATIO and bool(more > NOISE_MS)


def _below(measured: Measured) -> Iterator[str]:
    limits, day = measured["limits"], measured["day"]
    yield (
        f"- {measured['reports']:,} reports: peak memory of all pages"
        f" {measured['peak_mib']:,.0f} MiB (limit {MOST_MIB}); an index-only count of the"
        f" {limits['period_reports']:,} reports of the default 13 weeks"
        f" {limits['index_scan_ms']:,.1f} ms; an empty page {limits['empty_page_ms']:,.1f} ms"
        + (f"; built in {measured['built_s']:,.0f} s" if measured["built_s"] else "")
    )
    if day:
        yield (
            f"- {measured['reports']:,} reports, and {day['rows']:,} of one day imported: read"
            f" {day['read_s']:.2f} s (CPU {day['read_cpu_s']:.2f}), transaction"
            f" {day['store_s']:.2f} s (CPU {day['store_cpu_s']:.2f}; limit {LONGEST_WRITE_S:g} s),"
            f" a bare read of the file {day['bare_read_s']:.2f} s; weekly counts"
            f" {'right' if day['counts_are_right'] else 'WRONG'}"
        )
    for page in measured["pages"]:
        if page["error"]:
            yield f"- {page['page']} as {page['role']} did not draw: {page['error']}"


def tell(said: str) -> None:
    """Say on the way what is being measured."""
    sys.stderr.write(f"{said}\n")


if __name__ == "__main__":
    main()
