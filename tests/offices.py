"""An office as it runs: its own database and accounts, and an issuer that signs people in."""

from __future__ import annotations

import json
import shutil
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.servers import ROOT, Server, free_port, serve, serve_warm

LEADER = "li.ming@lz.gov.cn"
CLERK = "wang.fang@lz.gov.cn"
CLERKS_COUNTY = "450224"
STRANGER = "chen.jie@lz.gov.cn"

DATABASE, CLOCK = "office.db", "clock"  # in the office's folder

CLIENT_SECRET = "what-the-issuer-knows-this-client-by"  # noqa: S105
COOKIE_SECRET = "what-this-server-signs-its-cookies-with"  # noqa: S105


@dataclass(frozen=True)
class Office:
    """A served office: where, by which issuer, on which database, and its clock."""

    server: Server
    issuer: Server
    database: Path
    clock: Path

    @property
    def url(self) -> str:
        return self.server.url

    def move_clock(self, *, hours: float) -> None:
        """Let the office's clock go that many hours ahead of the true one."""
        self.clock.write_text(str(hours * 3600), encoding="utf-8")

    def let_in(self, email: str, role: str, county: str | None = None) -> None:
        self.write(
            "INSERT INTO account (email, role, county_code, active) VALUES (?, ?, ?, 1)"
            " ON CONFLICT DO UPDATE SET active = 1",
            (email, role, county),
        )

    def write(self, statement: str, parameters: tuple[object, ...] = ()) -> None:
        with closing(sqlite3.connect(self.database, timeout=30)) as db, db:
            db.execute(statement, parameters)

    def log_of(self, email: str) -> list[tuple[str, str | None]]:
        """What the access log says of that person: action and reason, oldest first."""
        with closing(sqlite3.connect(self.database, timeout=30)) as db:
            rows = db.execute(
                "SELECT action, detail FROM audit_event WHERE email = ? ORDER BY id", (email,)
            ).fetchall()
        return [
            (action, json.loads(detail).get("why") if detail else None) for action, detail in rows
        ]

    def issuer_says(self, subject: str, **claims: Any) -> None:
        """Let the issuer say these claims of whoever signs in as ``subject``."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.issuer.url}/users/{quote(subject)}",
            data=json.dumps(claims).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


@contextmanager
def serve_office(sample: Path, folder: Path) -> Iterator[Office]:
    """Serve a copy of the sample with accounts of its own and no demonstration account.

    The server is started in a folder of its own, where its secrets.toml lies as in an office.
    """
    port = free_port()
    with (
        issuer_of(sample, folder, url=f"http://127.0.0.1:{port}") as issuer,
        office_process(folder, port=port) as server,
    ):
        yield office_of(server, issuer, folder)


@contextmanager
def issuer_of(sample: Path, folder: Path, *, url: str) -> Iterator[Server]:
    """Run the issuer of an office that people reach at ``url``, and write all its server needs."""
    shutil.copy(sample, folder / DATABASE)
    (folder / CLOCK).write_text("0", encoding="utf-8")
    with closing(sqlite3.connect(folder / DATABASE)) as db, db:
        db.execute("DELETE FROM account")
    issuing = serve(
        *("-W", "ignore", "-m", "oidc_provider_mock"),
        log=folder / "issuer.log",
        answers="/.well-known/openid-configuration",
    )
    with issuing as issuer:
        write_settings(
            folder,
            client_id="liuzhou",
            client_secret=CLIENT_SECRET,
            cookie_secret=COOKIE_SECRET,
            redirect_uri=f"{url}/oauth2callback",
            server_metadata_url=f"{issuer.url}/.well-known/openid-configuration",
        )
        yield issuer


def office_process(folder: Path, *, port: int) -> AbstractContextManager[Server]:
    """Run one process of the office's server."""
    return serve_warm(
        "tests.office_server",
        log=folder / f"server-{port}.log",
        cwd=folder,
        env={
            "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
            "CLOCK_FILE": str(folder / CLOCK),
            "PYTHONPATH": str(ROOT),
        },
        port=port,
    )


def office_of(server: Server, issuer: Server, folder: Path) -> Office:
    """Return the office with the accounts that it has from the start."""
    office = Office(server, issuer, folder / DATABASE, folder / CLOCK)
    office.let_in(LEADER, "leader")
    office.let_in(CLERK, "county", CLERKS_COUNTY)
    return office


def write_settings(folder: Path, **auth: str) -> None:
    """Write what Streamlit reads of the folder it is started in: settings, and the issuer."""
    (folder / ".streamlit").mkdir(exist_ok=True)
    shutil.copy(ROOT / ".streamlit" / "config.toml", folder / ".streamlit")
    lines = ["[auth]", *(f"{name} = {json.dumps(value)}" for name, value in auth.items())]
    (folder / ".streamlit" / "secrets.toml").write_text("\n".join(lines), encoding="utf-8")
