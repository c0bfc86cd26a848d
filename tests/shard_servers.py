"""Real PostgreSQL servers for tests of shards: a coordinator and two database machines of facts.

The server that the other tests start comes without ``postgres_fdw``. These are started from the
system's own packages; ``python -m tests.shard_servers`` installs Debian's where there are none.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, text

from data_access.row_security import READERS
from tests import debian
from tests.databases import OWNER, PostgresServer, administration, make_role
from tests.servers import free_port

PASSWORD = "shards"  # noqa: S105  of servers that listen on 127.0.0.1 while a test runs
READER = "test_reader"
PACKAGE = "postgresql"
_SETTINGS = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "lock_timeout=60s"),
    *("max_connections=60", "shared_buffers=128MB", "max_wal_size=4GB", "log_min_messages=fatal"),
)


@dataclass
class ShardServer:
    """One server: where its rows lie, and how to stop it and start it again."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def login(self, name: str, database: str) -> str:
        """Return the address of an account whose password is its name."""
        url = make_url(self.url).set(username=name, password=name, database=database)
        return url.render_as_string(hide_password=False)

    def start(self) -> None:
        settings = " ".join(f"-c {each}" for each in _SETTINGS)
        options = f"-h 127.0.0.1 -p {self.port} -k '' {settings}"
        log = self.folder / "log"
        where = ("-w", "-s", "-D", self.folder, "-l", log)
        _run(self.programs / "pg_ctl", *where, "-o", options, "start")

    def stop(self) -> None:
        """Stop at once, as a machine does that loses its power."""
        _run(self.programs / "pg_ctl", "-w", "-s", "-D", self.folder, "-m", "immediate", "stop")


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL of the system's that has ``postgres_fdw``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/lib/postgres_fdw.so"))
    return found[-1].parents[1] / "bin" if found else None


@contextmanager
def shard_servers(number: int) -> Iterator[list[ShardServer]]:
    """Start servers that listen on 127.0.0.1 and ask for passwords; they are gone afterwards."""
    bin_folder = programs()
    assert bin_folder is not None
    home = Path(tempfile.mkdtemp(prefix="shards-"))
    servers: list[ShardServer] = []
    try:
        password = home / "password"
        password.write_text(PASSWORD)
        _hand_over(home, password)
        first = home / "0"
        _run(
            *(bin_folder / "initdb", "-N", "-A", "scram-sha-256", "-U", "postgres"),
            *(f"--pwfile={password}", "--locale=C.UTF-8", "-E", "UTF8", "-D", first),
        )
        for place in range(1, number):
            _run("cp", "-a", first, home / str(place))
        for place in range(number):
            servers.append(ShardServer(bin_folder, home / str(place), free_port()))
            servers[-1].start()
        yield servers
    finally:
        for server in servers:
            if (server.folder / "postmaster.pid").exists():
                server.stop()
        shutil.rmtree(home)


def make_database(server: ShardServer, name: str, *, template: str = "template0") -> None:
    """Create a database of the owner's, with the accounts that every server here has."""
    with administration(PostgresServer(server.url)) as engine, engine.connect() as conn:
        make_role(conn, OWNER, f"LOGIN PASSWORD '{OWNER}'")
        make_role(conn, READERS, "NOLOGIN")
        make_role(conn, READER, f"LOGIN PASSWORD '{READER}' IN ROLE {READERS}")
        conn.execute(text(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}"))
    database = make_url(server.url).set(database=name).render_as_string(hide_password=False)
    with administration(PostgresServer(database)) as engine, engine.connect() as conn:
        conn.execute(text("CREATE EXTENSION IF NOT EXISTS postgres_fdw"))
        conn.execute(text(f"GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {OWNER}"))


def shard_arguments(servers: Sequence[ShardServer], database: str) -> list[str]:
    """Return what ``python -m data_access shard`` is told of the shards."""
    to = [part for each in servers for part in ("--to", each.login(OWNER, database))]
    return [*to, "--reader", f"{READER}:{READER}"]


def _hand_over(*paths: Path) -> None:
    """Give paths to the account that PostgreSQL runs under where tests run as root."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        for path in paths:
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _run(*command: str | Path) -> None:
    user = "postgres" if os.geteuid() == 0 else None
    # In no folder that this account may not enter.
    done = subprocess.run(
        [str(part) for part in command],
        cwd="/",
        user=user,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    if programs() is None:
        debian.install(PACKAGE)
    if programs() is None:
        sys.exit(f"There is no postgres_fdw here. Install the package {PACKAGE}, then run again.")
