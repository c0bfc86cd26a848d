"""Open a page of the dashboard, in process, as a demonstration account."""

from __future__ import annotations

import inspect
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import make_url
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner
from streamlit.util import calc_hash

from data_access import accounts, clock, migration
from data_access.engine import connect_to
from tests.charts import charts_are_held_to_their_schema
from tests.databases import forget_engines, sample_database
from tests.workers import shared_folder

__all__ = ["charts_are_held_to_their_schema"]

Stamp = tuple[int, ...]
# The database, as it was then, that the caches of this process hold results of.
KEPT_OF = pytest.StashKey[tuple[Path, Stamp] | None]()
DASHBOARD = Path(__file__).parents[2] / "dashboard.py"
OpenPage = Callable[..., AppTest]
Files = dict[str, Callable[[], bytes]]

# Every AppTest asks all installed packages whether they bring components, which takes longer than
# most pages do. They are asked once.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

# So are scripts compiled once; a server, too, keeps them for all its visitors.
ScriptCache.get_bytecode = partial(ScriptCache.get_bytecode, ScriptCache())  # type: ignore[method-assign]


def wait_for_the_end(runner: LocalScriptRunner, timeout: float = 3) -> None:
    """Wait until the thread of a script has ended; raise ``RuntimeError`` where it has not in time.

    AppTest itself asks a thousand times a second, and takes the interpreter from the script each
    time: that was a seventh of what a page costs.
    """
    assert runner._script_thread
    runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        runner.join()
        raise RuntimeError(f"the script has not ended after {timeout} seconds")


local_script_runner.require_widgets_deltas = wait_for_the_end


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample database as it was built. Not to be written to."""
    return sample_database(shared_folder(tmp_path_factory))


class Copy:
    """A copy of the sample that tests hand on to each other for as long as none writes to it."""

    def __init__(self, sample: Path, folder: Path) -> None:
        self._sample, self._folder = sample, folder
        self._path: Path | None = None
        self._as_copied: Stamp = ()

    def url(self) -> str:
        if self._path is None or stamp(self._path) != self._as_copied:
            self.remove()
            self._path = Path(shutil.copy(self._sample, self._folder / f"{uuid.uuid4().hex}.db"))
            self._as_copied = stamp(self._path)
        return f"sqlite:///{self._path}"

    def remove(self) -> None:
        if self._path is not None:
            for ending in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)


def stamp(path: Path) -> Stamp:
    """What is another as soon as anything is written to a database."""
    wal = path.with_name(f"{path.name}-wal")
    return (path.stat().st_mtime_ns, wal.stat().st_size if wal.exists() else 0)


@pytest.fixture(scope="session")
def copy_of_the_sample(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    copy = Copy(sample, tmp_path_factory.mktemp("copies"))
    yield copy
    copy.remove()  # folders of tests are kept, and it is large


@pytest.fixture
def database_url(copy_of_the_sample: Copy) -> str:
    """The sample as it was built: whatever a test writes is there for no other."""
    return copy_of_the_sample.url()


@pytest.fixture(scope="session")
def only_accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demonstration accounts and nothing else. Not to be written to."""
    path = tmp_path_factory.mktemp("accounts") / "office.db"
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
    engine.dispose()
    return path


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """The files that pages offer, by name; made when they are asked for."""
    offered: Files = {}
    add_deferred = MediaFileManager.add_deferred

    def remember(self: Any, data: Callable[[], bytes], *args: Any, **named: Any) -> str:
        offered[named["file_name"]] = data
        return add_deferred(self, data, *args, **named)

    monkeypatch.setattr(MediaFileManager, "add_deferred", remember)
    return offered


def visit(address: dict[str, str | list[str]]) -> AppTest:
    """A new visitor with these parameters in the address bar."""
    app = AppTest.from_file(str(DASHBOARD), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app


def open_by_address(script: str, account: str | None, **parameters: str | list[str]) -> AppTest:
    """Open ``script`` as ``account``, by an address with these parameters."""
    return _arrive(visit(parameters | ({"as": account} if account else {})), script)


def open_by_sign_in(script: str, email: str, **parameters: str | list[str]) -> AppTest:
    """Open ``script`` by its address as somebody whom the issuer has just signed in.

    ``ui.issuer.is_configured`` must say that there is an issuer. Every call is a sign-in of its
    own, and writes one down.
    """
    page = visit(parameters)
    page.user = claims(email)
    return _arrive(page, script)


def claims(email: str) -> dict[str, Any]:
    """What an issuer says of somebody who signs in now; ``st.user`` says it at every run."""
    now = int(clock.now().replace(tzinfo=clock.TIME_ZONE).timestamp())
    return {"is_logged_in": True, "email": email, "iat": now, "nonce": uuid.uuid4().hex}


def _arrive(page: AppTest, script: str) -> AppTest:
    ask_for(page, script)
    return page.run()


def ask_for(page: AppTest, script: str) -> None:
    """Ask for a page by its address, as a visitor who has been on no other before."""
    page._page_hash = calc_hash(Path(script).stem)
    page.context = {"url": f"http://127.0.0.1/{Path(script).stem}"}


@pytest.fixture
def open_page(
    database_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """``open_by_address`` on the database of ``database_url``, served as the built-in sample.

    What pages have kept is kept from test to test, as it is from visitor to visitor; but not
    where the database is another, and not around a test that puts something in its own place.
    """
    path = Path(make_url(database_url).database)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("data_access.engine.SAMPLE_PATH", path)
    is_ordinary = "monkeypatch" not in inspect.signature(request.function).parameters
    if not is_ordinary or (path, stamp(path)) != request.session.stash.get(KEPT_OF, None):
        forget()
    forget_engines()

    yield open_by_address
    forget_engines()
    request.session.stash[KEPT_OF] = (path, stamp(path)) if is_ordinary else None


@pytest.fixture
def open_signed_in(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """``open_by_sign_in`` on the database of ``database_url``, served with an issuer.

    Nobody may choose who to be.
    """
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr("ui.issuer.is_configured", lambda: True)
    forget_engines()

    yield open_by_sign_in
    forget()


def forget() -> None:
    """Leave the next test neither the engines nor what was kept of its database."""
    forget_engines()
    st.cache_resource.clear()


@pytest.fixture(scope="session")
def county_codes(sample: Path) -> dict[str, str]:
    """The reporting units of the sample by code, in the order of the city's documents."""
    with closing(sqlite3.connect(sample)) as db:
        return dict(db.execute("SELECT code, name FROM county ORDER BY ordinal"))


@pytest.fixture(scope="session")
def secrets_of_others(sample: Path) -> set[str]:
    """What nobody of 融安县 (450224) may read: names of other counties and of what is in them."""
    with closing(sqlite3.connect(sample)) as db:
        counties = {name for (name,) in db.execute("SELECT name FROM county WHERE code != 450224")}
        named: dict[bool, set[str]] = {True: set(), False: set()}
        for table, column in (
            ("institution", "name"),
            ("refund_dispute", "institution_name"),
            ("rectification", "institution_name"),
            ("inspection", "institution_name"),
        ):
            for name, code in db.execute(f"SELECT {column}, county_code FROM {table}"):  # noqa: S608
                named[code == "450224"].add(name or "")
    own = "、".join(named[True])  # a name of another county may be a part of an own one
    return counties | {name for name in named[False] if name not in own}
