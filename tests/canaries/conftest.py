"""The city of canaries, built once, and everybody who reads it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import streamlit as st

from data_access.engine import get_engine
from tests.canaries.city import build
from tests.databases import forget_engines
from tests.workers import shared_folder, turn


@pytest.fixture(scope="session")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city of canaries. Not to be written to."""
    folder = shared_folder(tmp_path_factory)
    path = folder / "canaries.db"
    with turn(folder / "canaries.lock"):
        if not path.exists():
            build(path)
    return path


@contextmanager
def serve(database: Path) -> Iterator[None]:
    """Serve a database as the built-in sample while the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{database}")
        patch.setattr("data_access.engine.SAMPLE_PATH", database)
        forget_engines()
        try:
            yield
        finally:
            get_engine().dispose()
            forget_engines()
            st.cache_resource.clear()


@pytest.fixture
def city(canaries: Path, tmp_path: Path) -> Iterator[Path]:
    """The city of canaries, served to this test alone."""
    copy = Path(shutil.copy(canaries, tmp_path))
    with serve(copy):
        yield copy


@pytest.fixture(scope="module")
def city_to_look_at(canaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The city of canaries, served to all tests of a file, which add to its log alone."""
    copy = Path(shutil.copy(canaries, tmp_path_factory.mktemp("city")))
    with serve(copy):
        yield copy
