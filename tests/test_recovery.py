"""Sessions that nobody touches come back by themselves when the database does."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests import loops
from tests.crowd import signed_in
from tests.data_access import clerks
from tests.databases import postgres_sample, sample_database
from tests.offices import CLIENT_SECRET, COOKIE_SECRET, write_settings
from tests.outages import stoppable_postgres, without_file
from tests.patient import PatientVisitor
from tests.servers import ROOT, SAMPLE_SERVER, Server, free_port, serve, serve_warm
from tests.workers import shared_folder

BANNER = "数据库暂时连不上。以下是 "
PAGE = "rectification"
READERS = ("leader@demo", "supervisor@demo", "450202@demo", "450224@demo", "450225@demo")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "city.db"
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        make.report(conn)  # so that the first choice of day is the Thursday
        clerks.item(conn, ledger_no="ZG-OWN", source="report")
        summaries.rebuild_all(conn)
    engine.dispose()
    return path


@pytest.fixture
def served(small: Path, tmp_path: Path) -> Iterator[Server]:
    log, env = tmp_path / "server.log", {"DATABASE_URL": f"sqlite:///{small}"}
    with serve_warm(SAMPLE_SERVER, log=log, env=env) as server:
        yield server


def is_told(visitor: PatientVisitor) -> bool:
    return any(each.startswith(BANNER) for each in visitor.alerts)


async def through_an_outage(
    visitors: list[PatientVisitor], stop: Callable[[], object], start: Callable[[], object]
) -> tuple[float, float]:
    """Let all look at a page, the database go, each click once; let it come, and nobody click.

    Returns the slowest click while it was away and the slowest recovery, in seconds.
    """
    for visitor in visitors:
        await visitor.open()
        click = await visitor.go(PAGE)
        assert not click.errors
        assert visitor.figures
    before = [list(visitor.figures) for visitor in visitors]
    await asyncio.to_thread(stop)
    clicks = await asyncio.gather(*(visitor.rerun() for visitor in visitors))
    assert [click.errors for click in clicks if click.errors] == []
    assert all(is_told(visitor) for visitor in visitors)
    assert [visitor.figures for visitor in visitors] == before
    assert all(visitor.timers for visitor in visitors)

    recovering = asyncio.gather(*(visitor.until_not(is_told) for visitor in visitors))
    await asyncio.to_thread(start)
    began = time.monotonic()
    await recovering
    took = time.monotonic() - began
    pairs = zip(visitors, before, strict=True)  # the last run of each may still be under way
    await asyncio.gather(*(each.until_not(lambda v, f=f: v.figures != f) for each, f in pairs))
    assert not any(visitor.timers for visitor in visitors), "nobody looks any more"
    assert not any(visitor.unsafe for visitor in visitors)
    await asyncio.gather(*(visitor.close() for visitor in visitors))
    return max(click.seconds for click in clicks), took


def test_sessions_come_back_by_themselves(served: Server, small: Path) -> None:
    away = without_file(f"sqlite:///{small}")
    visitors = [PatientVisitor(served.url, account) for account in READERS[:2]]

    loops.run(
        through_an_outage(
            visitors, lambda: away.__enter__(), lambda: away.__exit__(None, None, None)
        )
    )

    log = served.log.read_text(encoding="utf-8")
    assert log.count("failed, number") <= len(visitors)


@pytest.mark.soak
@pytest.mark.postgres
def test_fifty_sessions_live_through_a_stop_of_thirty_seconds(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(sample_database(shared_folder(tmp_path_factory)), tmp_path / "liuzhou.db")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    write_settings(
        tmp_path,
        client_id="liuzhou",
        client_secret=CLIENT_SECRET,
        cookie_secret=COOKIE_SECRET,
        redirect_uri=f"{url}/oauth2callback",
        server_metadata_url="http://127.0.0.1:9/.well-known/openid-configuration",
    )
    with stoppable_postgres() as postgres, postgres_sample(postgres.server, tmp_path) as database:
        env = {
            "DATABASE_URL": database.plain_url,
            "IMPORT_DATABASE_URL": database.owner_url,
            "PYTHONPATH": str(ROOT),
        }
        serving = serve(
            "-m", "server", log=tmp_path / "server.log", cwd=tmp_path, env=env, port=port
        )
        with serving as server:
            visitors = [
                PatientVisitor(
                    url,
                    (email := READERS[number % len(READERS)]),
                    number=number,
                    cookies=signed_in(url, email, COOKIE_SECRET),
                )
                for number in range(50)
            ]

            def start() -> None:
                time.sleep(30)
                postgres.start()

            clicked, recovered = loops.run(through_an_outage(visitors, postgres.stop, start))
            log = server.log.read_text(encoding="utf-8")
    with capsys.disabled():
        print(  # noqa: T201
            f"\n50 sessions, PostgreSQL stopped for 30 s: slowest click {clicked:.2f} s, "
            f"all back {recovered:.2f} s after it answers"
        )
    assert log.count("failed, number") <= len(visitors)
