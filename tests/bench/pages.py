"""What a page costs: CPU of the server for its first run and for a rerun, bytes, throughput.

CPU is that of the server's process. Pages take turns with the empty page, a few reruns each, and
every ratio is taken within one turn: what slows the machine slows both.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain

from tests.bench.client import Run, Session, session
from tests.servers import Server

WARMING_RUNS = 3
TURNS = 6
RUNS_PER_TURN = 5
SESSION_COUNTS = (1, 10, 50)
LOAD_RUNS = 60  # at least, over all sessions


@dataclass(frozen=True)
class Target:
    """A page of a server, opened as an account."""

    name: str
    server: Server
    page: str = ""
    account: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Open a session on it."""
        return session(self.server.url, self.page, self.account, **self.parameters)


@dataclass(frozen=True)
class Load:
    """Reruns of many sessions at once."""

    sessions: int
    runs_per_second: float
    p95_ms: float


@dataclass
class Cost:
    """What was measured of one target. CPU in milliseconds."""

    target: Target
    first_cpu_ms: float = 0.0
    second_visit_cpu_ms: float = 0.0
    first_bytes: int = 0
    rerun_bytes: float = 0.0
    turn_cpu_ms: list[float] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)

    @property
    def rerun_cpu_ms(self) -> float:
        """The middle one of the turns' means."""
        return statistics.median(self.turn_cpu_ms)

    def ratio_to(self, empty: Cost) -> float:
        """The middle one of the ratios within each turn."""
        pairs = zip(self.turn_cpu_ms, empty.turn_cpu_ms, strict=True)
        return statistics.median(own / other for own, other in pairs)


async def measure(targets: Sequence[Target]) -> list[Cost]:
    """Measure every target. The first is what the others are compared with."""
    async with AsyncExitStack() as stack:
        costs = [Cost(target) for target in targets]
        sessions = [await stack.enter_async_context(first_visit(cost)) for cost in costs]
        for _ in range(TURNS):
            for cost, open_session in zip(costs, sessions, strict=True):
                await take_turn(cost, open_session)
    for cost in costs:
        for count in SESSION_COUNTS:
            cost.loads.append(await load(cost.target, count))
    return costs


@asynccontextmanager
async def first_visit(cost: Cost) -> AsyncIterator[Session]:
    """Open the page for the first time on this server, and a second time with caches filled."""
    target = cost.target
    async with target.session() as visitor:
        before = cpu_ms(target.server)
        run = await visitor.run()
        cost.first_cpu_ms = cpu_ms(target.server) - before
        cost.first_bytes = run.received_bytes
        async with target.session() as another:
            before = cpu_ms(target.server)
            await another.run()
            cost.second_visit_cpu_ms = cpu_ms(target.server) - before
        for _ in range(WARMING_RUNS):
            await visitor.run()
        yield visitor


async def take_turn(cost: Cost, visitor: Session) -> None:
    """Add a few reruns to what is known of a page."""
    before = cpu_ms(cost.target.server)
    runs = [await visitor.run() for _ in range(RUNS_PER_TURN)]
    cost.turn_cpu_ms.append((cpu_ms(cost.target.server) - before) / RUNS_PER_TURN)
    cost.rerun_bytes = statistics.fmean(run.received_bytes for run in runs)


async def load(target: Target, count: int) -> Load:
    """Rerun ``count`` sessions at once, each without pause."""
    reruns = max(LOAD_RUNS // count, 3)
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(target.session()) for _ in range(count)]
        for visitor in visitors:
            await visitor.run()

        async def rerun(visitor: Session) -> list[Run]:
            return [await visitor.run() for _ in range(reruns)]

        start = time.perf_counter()
        runs = list(chain.from_iterable(await asyncio.gather(*map(rerun, visitors))))
        seconds = time.perf_counter() - start
    times = sorted(run.milliseconds for run in runs)
    return Load(count, len(runs) / seconds, times[int(0.95 * (len(times) - 1))])


def cpu_ms(server: Server) -> float:
    """CPU time the server's process has used so far, in milliseconds.

    The kernel's clock of another process (``clock_getcpuclockid``): to the nanosecond, where
    psutil counts in hundredths of a second and one rerun costs less than that.
    """
    return time.clock_gettime((~server.process.pid << 3) | 2) * 1000
