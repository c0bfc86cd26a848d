"""A hundred sessions at once, for as long as the office has them: quick, without an error, flat."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests import crowd, loops
from tests.crowd import Click
from tests.databases import sample_database
from tests.servers import DASHBOARD, Server, serve
from tests.workers import shared_folder

SESSIONS = 100
RERUNS = 20_000
WARMING = 2_000  # of the sessions, after one visitor an account has seen each page
P95_SECONDS = 1.0
GROWTH = 1.10
SETTLING_SECONDS = 90.0  # the server collects garbage every 30 s


@dataclass(frozen=True)
class Used:
    """What a process holds: resident memory in MiB, CPU in seconds, threads, open connections."""

    memory: float
    cpu: float
    threads: int
    connections: int


def used(server: Server) -> Used:
    process = psutil.Process(server.process.pid)
    with process.oneshot():
        cpu = process.cpu_times()
        return Used(
            memory=process.memory_info().rss / 2**20,
            cpu=cpu.user + cpu.system,
            threads=process.num_threads(),
            connections=len(process.net_connections()),
        )


def percentile(clicks: Sequence[Click], share: float) -> float:
    seconds = sorted(click.seconds for click in clicks)
    return seconds[int(share * (len(seconds) - 1))]


def table(clicks: Sequence[Click], before: Used, after: Used) -> str:
    """What ``docs/performance.md`` tells of a run."""
    p50, p95, p99 = (percentile(clicks, share) for share in (0.5, 0.95, 0.99))
    minutes = (clicks[-1].at - clicks[0].at) / 60
    return (
        f"{len(clicks):,} reruns of {len({c.visitor for c in clicks})} sessions in {minutes:.1f}"
        f" min: p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s;"
        f" {(after.cpu - before.cpu) / len(clicks) * 1000:.0f} ms of CPU a rerun;"
        f" {before.memory:.0f} → {after.memory:.0f} MiB"
    )


@contextmanager
def served(folder: Path, sample: Path) -> Iterator[Server]:
    copy = shutil.copy(sample, folder)
    environment = {"DATABASE_URL": f"sqlite:///{copy}", "MALLOC_ARENA_MAX": "2"}
    with serve(*DASHBOARD, log=folder / "server.log", env=environment) as server:
        yield server


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_database(shared_folder(tmp_path_factory))


def test_crowd_clicks_without_an_error(sample: Path, tmp_path: Path) -> None:
    """The quick case: three visitors, a click each second, and nothing is left of them after."""
    with served(tmp_path, sample) as server:
        with crowd.crowd(
            *(server.url,),
            sessions=3,
            folder=tmp_path,
            every=0.5,
            accounts=["leader@demo", "supervisor@demo", "450225@demo"],
            pages=["submissions", "registration_coverage"],
        ) as people:
            clicks = people.wait_for(lambda clicks: len(clicks) >= 12)
        log = server.log.read_text(errors="replace")

    assert [click for click in clicks if click.errors] == []
    assert {click.what for click in clicks} == {"page", "filter"}
    assert min(click.elements for click in clicks) > 5
    assert "Traceback" not in log


@pytest.mark.soak
def test_hundred_sessions_click_every_five_seconds_and_memory_stays_flat(
    sample: Path, tmp_path: Path
) -> None:
    with served(tmp_path, sample) as server:
        toured = loops.run(crowd.tour(server.url))
        assert [click for click in toured if click.errors] == []
        with crowd.crowd(server.url, sessions=SESSIONS, folder=tmp_path) as people:
            people.wait_for(lambda clicks: len(clicks) >= WARMING, seconds=1800)
            before = used(server)
            clicks = people.wait_for(lambda clicks: len(clicks) >= WARMING + RERUNS, seconds=7200)
            after = used(server)
        clicks = clicks[WARMING:]
        print(table(clicks, before, after))  # noqa: T201
        (tmp_path / "table.txt").write_text(table(clicks, before, after), encoding="utf-8")

    assert [click for click in clicks if click.errors] == []
    assert percentile(clicks, 0.95) <= P95_SECONDS
    assert after.memory <= GROWTH * before.memory
    assert after.connections <= before.connections + SESSIONS // 20
    assert after.threads <= before.threads + SESSIONS // 20
