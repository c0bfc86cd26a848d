"""Start a server of this project as a process of its own, and stop it again."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Protocol

ROOT = Path(__file__).parents[1]
SAMPLE_SERVER = "tests.sample_server"
DASHBOARD = ("-m", SAMPLE_SERVER)
# Processes that have imported the server already: importing takes longer than many a test.
WARM = multiprocessing.get_context("forkserver")
WARM.set_forkserver_preload(["tests.warm_server"])
START_SECONDS = 90  # a loaded CI machine imports slowly
STOP_SECONDS = 20


class Running(Protocol):
    """What tests do with the process of a server; ``subprocess.Popen`` does it."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def send_signal(self, sig: int, /) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


@dataclass(frozen=True)
class Copied:
    """A copy of a warm process, used as ``subprocess.Popen`` is."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self.process.pid
        return self.process.pid

    def poll(self) -> int | None:
        return self.process.exitcode

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, sig: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def wait(self, timeout: float | None = None) -> int:
        self.process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.process.name, timeout or 0)
        return code


@dataclass(frozen=True)
class Server:
    """A server that answers: its address, its process, and where its output goes."""

    url: str
    process: Running
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
    with _answering(Server(f"http://127.0.0.1:{port}", process, log), answers) as server:
        yield server


@contextmanager
def serve_warm(
    module: str,
    *,
    log: Path,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
    port: int | None = None,
) -> Iterator[Server]:
    """Run ``python -m MODULE --port N`` as ``serve`` does, at once.

    The process is a copy of one that has imported the server, and all that pages use, before it
    had any environment, configuration or address. Where starting is what a test is about, or what
    a process takes, it is started by ``serve``.
    """
    port = port or free_port()
    log.write_bytes(b"")
    arguments = (module, str(port), str(log), str(cwd), {**os.environ, **(env or {})})
    process = WARM.Process(target=_run, args=arguments, name=module, daemon=True)
    with _nobody_s_main():
        process.start()
    with _answering(
        Server(f"http://127.0.0.1:{port}", Copied(process), log), "/_stcore/health"
    ) as server:
        yield server


@contextmanager
def _nobody_s_main() -> Iterator[None]:
    """Have no ``__main__`` that a new process would run before anything else.

    A test that draws a page leaves the dashboard's script there.
    """
    held = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = held


def _run(module: str, port: str, log: str, cwd: str, environment: dict[str, str]) -> None:
    """Become that module's process."""
    output = os.open(log, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, "--port", port]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


@contextmanager
def _answering(server: Server, answers: str) -> Iterator[Server]:
    """Give a server as soon as it is up, and stop it when the block ends."""
    try:
        wait_until_up(server, answers)
        yield server
    finally:
        server.process.terminate()
        try:
            server.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


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
