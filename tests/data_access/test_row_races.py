"""Two who act on one row at the same moment, on SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_access.engine import get_engine
from tests.data_access import clerks
from tests.data_access.races_of_rows import RACES
from tests.data_access.visits import an_office


@RACES
def test_exactly_one_gets_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, race: Callable[..., Any]
) -> None:
    with an_office(tmp_path, monkeypatch):
        with get_engine().begin() as conn:
            clerks.add_people(conn)
        race(get_engine())
        assert clerks.counted(get_engine()) == clerks.counted_afresh(get_engine())
