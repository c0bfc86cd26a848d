"""An office as it runs: its own database and accounts, and an issuer that signs people in."""

from __future__ import annotations

import json
import shutil
import sqlite3
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.servers import ROOT, Server, free_port, serve

LEADER = "li.ming@lz.gov.cn"
CLERK = "wang.fang@lz.gov.cn"
CLERKS_COUNTY = "450224"
STRANGER = "chen.jie@lz.gov.cn"

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
    database, clock = folder / "office.db", folder / "clock"
    shutil.copy(sample, database)
    clock.write_text("0", encoding="utf-8")
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM account")
    port = free_port()
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
            redirect_uri=f"http://127.0.0.1:{port}/oauth2callback",
            server_metadata_url=f"{issuer.url}/.well-known/openid-configuration",
        )
        serving = serve(
            *("-m", "tests.office_server"),
            log=folder / "server.log",
            cwd=folder,
            env={
                "DATABASE_URL": f"sqlite:///{database}",
                "CLOCK_FILE": str(clock),
                "PYTHONPATH": str(ROOT),
            },
            port=port,
        )
        with serving as server:
            office = Office(server, issuer, database, clock)
            office.let_in(LEADER, "leader")
            office.let_in(CLERK, "county", CLERKS_COUNTY)
            yield office


def write_settings(folder: Path, **auth: str) -> None:
    """Write what Streamlit reads of the folder it is started in: settings, and the issuer."""
    (folder / ".streamlit").mkdir(exist_ok=True)
    shutil.copy(ROOT / ".streamlit" / "config.toml", folder / ".streamlit")
    lines = ["[auth]", *(f"{name} = {json.dumps(value)}" for name, value in auth.items())]
    (folder / ".streamlit" / "secrets.toml").write_text("\n".join(lines), encoding="utf-8")
