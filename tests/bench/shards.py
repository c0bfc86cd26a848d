"""What queries cost on one machine and on shards: ``python -m tests.bench.shards [--reports N]``.

CPU is counted and not waited for: of the dashboard, of the coordinator and of the shard that works
most, which would be machines of their own. The servers are those of the tests of shards.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from unittest.mock import patch

import psutil
from sqlalchemy import Engine

from data_access import __main__ as command_line
from data_access.accounts import Role, scope_of
from data_access.engine import connect_to
from data_access.row_security import tell
from sample_data import volume
from tests.databases import OWNER
from tests.queries import COUNTY, arguments_of_all, name_of, scoped
from tests.shard_servers import (
    READER,
    ShardServer,
    make_database,
    shard_arguments,
    shard_servers,
)

SINGLE, SHARDED = "single", "sharded"
SHOWN = 15
RUNS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the servers, fill them and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.shards")
    parser.add_argument("--reports", type=int, default=1_000_000)
    wanted = parser.parse_args(arguments).reports
    with shard_servers(3) as servers:
        prepare(servers, wanted)
        owner = connect_to(servers[0].login(OWNER, SINGLE))
        ways = {name: connect_to(servers[0].login(READER, name)) for name in (SINGLE, SHARDED)}
        sys.stdout.write(table(owner, ways, [postmaster(each) for each in servers]))
        for engine in (owner, *ways.values()):
            engine.dispose()
    return 0


def prepare(servers: Sequence[ShardServer], reports: int) -> None:
    """Fill one database with reports, and a copy of it that is then sharded."""
    coordinator, *shards = servers
    make_database(coordinator, SINGLE)
    volume.fill(coordinator.login(OWNER, SINGLE), reports, seed=1, progress=_tell)
    make_database(coordinator, SHARDED, template=SINGLE)
    for each in shards:
        make_database(each, SHARDED)
    begun = time.monotonic()
    with patch.dict("os.environ", {"DATABASE_URL": coordinator.login(OWNER, SHARDED)}):
        assert command_line.main(["shard", *shard_arguments(shards, SHARDED)]) == 0
    _tell(f"moved to the shards in {time.monotonic() - begun:.0f} s")


def postmaster(server: ShardServer) -> psutil.Process:
    """Return the process that all others of a server are children of."""
    return psutil.Process(int((server.folder / "postmaster.pid").read_text().split()[0]))


def table(owner: Engine, ways: dict[str, Engine], machines: Sequence[psutil.Process]) -> str:
    """Return, in Markdown, the queries that cost most on shards and the sum of all, in ms."""
    lines = [
        "| query | scope | CPU, one machine | coordinator | busiest shard | wall, one | shards |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for role, county in ((Role.SUPERVISOR, None), (Role.COUNTY, COUNTY)):
        rows = costs(owner, ways, machines, role, county)
        rows.sort(key=lambda row: -row[1][1] - row[1][2])
        total = [sum(each) for each in zip(*(spent for _, spent in rows), strict=True)]
        for name, spent in [*rows[:SHOWN], (f"all {len(rows)} queries", total)]:
            told = " | ".join(f"{1000 * seconds:,.0f}" for seconds in spent)
            lines.append(f"| {name} | {'city' if county is None else 'county'} | {told} |")
    return "\n".join(lines) + "\n"


def costs(
    owner: Engine,
    ways: dict[str, Engine],
    machines: Sequence[psutil.Process],
    role: Role,
    county: str | None,
) -> list[tuple[str, list[float]]]:
    """Return what each query costs a reader: CPU on one machine and on shards, and the wall's."""
    scope = scope_of(role, county)
    rows = []
    with owner.connect() as seeing, ways[SINGLE].connect() as one, ways[SHARDED].connect() as two:
        asked = arguments_of_all(seeing, COUNTY)
        for query in scoped():
            ask = partial(query, scope=scope, **asked(query))
            for conn in (one, two):
                conn.rollback()
                tell(conn, email="bench", role=role, scope=scope)
            single, wall = cost(partial(ask, one), machines)
            sharded, wall_of_shards = cost(partial(ask, two), machines)
            spent = [single[0], sharded[0], max(sharded[1:]), wall, wall_of_shards]
            rows.append((name_of(query), spent))
    return rows


def cost(
    ask: Callable[[], object], machines: Sequence[psutil.Process]
) -> tuple[list[float], float]:
    """Return CPU seconds of each server, and the wall's, for one run of a warm database."""
    ask()
    before, begun = [spent(each) for each in machines], time.perf_counter()
    for _ in range(RUNS):
        ask()
    wall = (time.perf_counter() - begun) / RUNS
    after = [spent(each) for each in machines]
    return [(b - a) / RUNS for a, b in zip(before, after, strict=True)], wall


def spent(machine: psutil.Process) -> float:
    """Return the CPU seconds of a server's processes; those of connections stay while it runs."""
    return sum(
        sum(each.cpu_times()[:2]) for each in machine.children(recursive=True) if each.is_running()
    )


def _tell(said: str) -> None:
    sys.stderr.write(f"{said}\n")


if __name__ == "__main__":
    sys.exit(main())
