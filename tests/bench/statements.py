"""The statements of a run, and what they cost when they are sent again.

A page is drawn once, which tells what it asks; then its reading statements are sent again on a warm
database, some times. Time counts from before a statement is sent until its rows are here. CPU is
this thread's and, on PostgreSQL, that of the server's process of the connection, too; where it
takes workers to its help, wall alone has them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from tests.servers import ROOT

HOME = str(ROOT / "data_access")
# What only passes statements on.
PASSING = {"frames.py", "queries.py", "connections.py"}


@dataclass
class Statement:
    """One statement, the function of data_access that sent it, and what it costs (milliseconds)."""

    function: str
    sql: str
    parameters: Any
    rows: int = 0
    wall_ms: float = 0.0
    cpu_ms: float = 0.0


@dataclass
class Statements:
    """The reading statements of a run."""

    sent: list[Statement] = field(default_factory=list)

    def measure(self, engine: Engine, repeats: int) -> None:
        """Send them again in their order, in one transaction each time; the medians count."""
        runs = []
        for _ in range(repeats):
            with engine.connect() as conn:
                runs.append([_cost(conn, statement) for statement in self.sent])
        for statement, costs in zip(self.sent, zip(*runs, strict=True), strict=True):
            statement.rows = costs[0][0]
            statement.wall_ms = statistics.median(cost[1] for cost in costs)
            statement.cpu_ms = statistics.median(cost[2] for cost in costs)

    @property
    def rows(self) -> int:
        """Rows that come back."""
        return sum(each.rows for each in self.sent)

    @property
    def wall_ms(self) -> float:
        return sum(each.wall_ms for each in self.sent)

    @property
    def cpu_ms(self) -> float:
        return sum(each.cpu_ms for each in self.sent)

    @property
    def by_function(self) -> dict[str, tuple[float, float]]:
        """Wall and CPU milliseconds of each function, the slowest first."""
        spent: dict[str, tuple[float, float]] = {}
        for each in self.sent:
            wall, cpu = spent.get(each.function, (0.0, 0.0))
            spent[each.function] = (wall + each.wall_ms, cpu + each.cpu_ms)
        return dict(sorted(spent.items(), key=lambda item: -item[1][0]))


@contextmanager
def listening() -> Iterator[Statements]:
    """Note every reading statement of every engine of this process until the block ends."""
    statements = Statements()

    def before(
        _conn: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, executemany: bool
    ) -> None:
        if not executemany and sql.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.sent.append(Statement(sender(), sql, parameters))

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", before)


def _cost(conn: Connection, statement: Statement) -> tuple[int, float, float]:
    """Return rows, wall and CPU milliseconds of sending a statement and reading its rows."""
    wall, cpu = time.perf_counter(), _cpu_ms(conn)
    rows = conn.exec_driver_sql(statement.sql, statement.parameters).fetchall()
    return len(rows), (time.perf_counter() - wall) * 1000, _cpu_ms(conn) - cpu


def _cpu_ms(conn: Connection) -> float:
    own = time.thread_time() * 1000
    if conn.dialect.name == "sqlite":
        return own
    pid = conn.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    # The kernel's clock of another process, as in ``pages.cpu_ms``.
    return own + time.clock_gettime((~pid << 3) | 2) * 1000


def sender() -> str:
    """Return the function of data_access that is sending a statement, innermost first."""
    frame = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(HOME) and Path(path).name not in PASSING:
            return f"{Path(path).stem}.{frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return "-"
