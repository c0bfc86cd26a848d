"""Debian's packages that tests need, installed where they lack."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence


def install(*packages: str) -> None:
    """Install packages by apt-get, as root or through sudo; where neither can be, do nothing."""
    as_root: list[str] = []
    if os.geteuid() != 0:
        as_root = ["sudo"] if sys.stdin.isatty() else ["sudo", "--non-interactive"]
    if not shutil.which("apt-get") or (as_root and not shutil.which("sudo")):
        return
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    run([*apt, "update", "--quiet"])
    run([*apt, "install", "--yes", "--quiet", "--no-install-recommends", *packages])


def run(
    command: Sequence[str], *, env: dict[str, str] | None = None, timeout: float | None = None
) -> None:
    """Run a command, its output to standard error."""
    sys.stderr.write(f"$ {' '.join(command)}\n")
    sys.stderr.flush()
    subprocess.run(
        command, env=env, timeout=timeout, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )
