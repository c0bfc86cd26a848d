"""Open a page of the dashboard, in process, as a demonstration account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

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


@pytest.fixture
def open_page(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Open ``script`` as ``account``, by an address with these parameters."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    get_engine.cache_clear()

    def open_page(script: str, account: str | None, **parameters: str | list[str]) -> AppTest:
        address = parameters | ({"as": account} if account else {})
        menu = visit(address).run().switch_page(script)
        # A visitor who comes by an address has been on no other page before.
        page = visit(address)
        page._page_hash = menu._page_hash
        return page.run()

    yield open_page
    get_engine().dispose()
    get_engine.cache_clear()
    st.cache_resource.clear()
