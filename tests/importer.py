"""Imports that may be killed or run out of room: ``python -m tests.importer``.

Each line of standard input is a list in JSON: an address, the limit in bytes of any file it
writes (or null), and the arguments of ``python -m data_access``. Each is run by a process of its
own, whose number is printed when it begins and whose exit code when it ends (below 0: killed by
that signal). Python is started once, so that a moment is one of the import and not of its imports.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers import ROOT

IMPORTED_LATE = (
    "psycopg",
    "python_calamine",
    "sqlalchemy.dialects.postgresql.psycopg",
    "xlsxwriter",
)


def serve() -> None:
    from data_access.__main__ import main

    for name in (
        "xlsxwriter",
        "python_calamine",
        "psycopg",
        "sqlalchemy.dialects.postgresql.psycopg",
    ):
        importlib.import_module(name)  # what is imported late
    print(0, flush=True)  # noqa: T201  ready
    for line in sys.stdin:
        url, limit, arguments = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.environ["DATABASE_URL"] = url
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            sys.stdout = sys.stderr  # the numbers go where they can be told from what is said
            code = 70
            try:
                code = main(arguments)
            finally:
                sys.stderr.flush()
                os._exit(code)
        print(pid, flush=True)  # noqa: T201
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


class Importer:
    """Runs commands one after the other; what they say goes into ``said``."""

    def __init__(self, process: subprocess.Popen[str], said: Path) -> None:
        self._process, self.said = process, said

    def begin(self, url: str, arguments: Sequence[str], *, limit: int | None = None) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([url, limit, list(arguments)]) + "\n")
        self._process.stdin.flush()
        return self._number()

    def end(self) -> int:
        return self._number()

    def run(self, url: str, arguments: Sequence[str], *, limit: int | None = None) -> int:
        self.begin(url, arguments, limit=limit)
        return self.end()

    def kill_after(self, seconds: float, url: str, arguments: Sequence[str]) -> int:
        """Begin, kill it after so many seconds, and return its exit code: 0 where it had ended."""
        pid = self.begin(url, arguments)
        time.sleep(seconds)  # the moment is what the test is about
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self.end()

    def words(self) -> str:
        """Return all that was said since this was asked last."""
        text = self.said.read_text(encoding="utf-8")
        with self.said.open("r+") as file:
            file.truncate(0)
        return text

    def _number(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def importer(folder: Path) -> Iterator[Importer]:
    said = folder / "importer.err"
    with said.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.importer"],
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        running = Importer(process, said)
        running.end()  # it is ready
        yield running
    finally:
        process.communicate(timeout=30)


if __name__ == "__main__":
    serve()
