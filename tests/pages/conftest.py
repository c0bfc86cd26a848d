"""Open a page of the dashboard, in process, as a demonstration account."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data_access.engine import get_engine
from tests.databases import sample_database
from tests.workers import shared_folder

DASHBOARD = Path(__file__).parents[2] / "dashboard.py"
OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample database as it was built. Not to be written to."""
    return sample_database(shared_folder(tmp_path_factory))


@pytest.fixture
def database_url(sample: Path) -> str:
    return f"sqlite:///{sample}"


def visit(address: dict[str, str | list[str]]) -> AppTest:
    """A new visitor with these parameters in the address bar."""
    app = AppTest.from_file(str(DASHBOARD), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app


def open_by_address(script: str, account: str | None, **parameters: str | list[str]) -> AppTest:
    """Open ``script`` as ``account``, by an address with these parameters."""
    page = visit(parameters | ({"as": account} if account else {}))
    # As Streamlit finds a page by its address, for a visitor who has been on no other before.
    page._page_hash = calc_hash(Path(script).stem)
    return page.run()


@pytest.fixture
def open_page(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """``open_by_address`` on the database of ``database_url``."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    get_engine.cache_clear()

    yield open_by_address
    get_engine().dispose()
    get_engine.cache_clear()
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
