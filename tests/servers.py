"""Start a server of this project as a process of its own, and stop it again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DASHBOARD = ("-m", "tests.sample_server")
START_SECONDS = 90  # a loaded CI machine imports slowly
STOP_SECONDS = 20


@dataclass(frozen=True)
class Server:
    """A server that answers: its address, its process, and where its output goes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def serve(
    *arguments: str,
    log: Path,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
    port: int | None = None,
    answers: str = "/_stcore/health",
) -> Iterator[Server]:
    """Run ``python ARGUMENTS --port N`` until the block ends.

    ``env`` is added to this process's environment; the server is up when it answers at
    ``answers``. Raises ``AssertionError`` with its output when it exits or does not answer.
    """
    port = port or free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments, "--port", str(port)],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        wait_until_up(server, answers)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_up(server: Server, answers: str) -> None:
    """Return once the server answers at that address."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}{answers}", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no server at {server.url}:\n{server.log.read_text(errors='replace')}")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
