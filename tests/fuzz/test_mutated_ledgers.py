"""Mutated ledgers, sent as files: none breaks the import, and every row is answered for.

What is held of each file stands in ``imports.py``. A file that breaks a promise is kept in the
test's folder, and made again by its seed and number:
``python -m tests.fuzz.imports --seed 1 --first 183 --files 1 --database EMPTY --folder DIR``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access import migration
from data_access.engine import connect_to
from data_access.ledgers.kinds import KINDS
from tests.data_access.ledgers.files import xlsx
from tests.fuzz.imports import check
from tests.fuzz.mutants import Mutant
from tests.fuzz.mutated_rows import EXTREMES
from tests.servers import ROOT

SEEDS: Final = (1, 2, 3)
MOST_MIB: Final = 1_024  # what the longest file that is taken may need
MOST_XLS_MIB: Final = 2_048  # of the process in which an .xls is read
MOST_SECONDS: Final = 30  # of a processor, for one file sent three times and looked at


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    engine = connect_to(f"sqlite:///{tmp_path / 'empty.db'}")
    migration.upgrade(engine)
    engine.dispose()
    return tmp_path / "empty.db"


def run(seed: int, n: int, empty: Path) -> dict[str, Any]:
    """Check files in a process of their own, whose memory is its own."""
    folder = empty.parent / "kept"
    folder.mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.imports", "--seed", str(seed), "--files", str(n)),
            *("--database", str(empty), "--folder", str(folder)),
        ],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{folder}: {done.stdout[-5_000:]}{done.stderr[-2_000:]}"
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def test_mutated_ledgers_are_imported_or_refused_with_a_reason(empty: Path) -> None:
    figures = run(20220825, 25, empty)

    assert figures["files"] == 25
    assert figures["mib"] < MOST_MIB


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_a_thousand_mutated_ledgers_break_nothing(empty: Path, seed: int) -> None:
    figures = run(seed, 345, empty)  # of every seed ledger five in every format

    assert figures["files"] == 345
    assert figures["rows"] > 1_000
    assert figures["mib"] < MOST_MIB
    assert figures["xls_mib"] < MOST_XLS_MIB
    assert figures["slowest_seconds"] < MOST_SECONDS


@st.composite
def rows_of_a_ledger(draw: st.DrawFn) -> Mutant:
    """Whole rows of one ledger, most cells plausible, some of anything."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    headers = [column.header for column in kind.columns if column.required or draw(st.booleans())]
    plausible = [
        *("城中区", "甲中心", "2022-07-05", "30", "1.2万", "是", "体育", "在营", "合格", "受理"),
        *("一般", "暗访", "未化解", "JB-1", "91440300192203821X"),
    ]
    words = [
        next(iter(column.words.values()))[0]
        for column in kind.columns
        if column.words and column.header in headers
    ]
    cell = st.sampled_from([*plausible, *words]) | st.sampled_from(EXTREMES) | st.text(max_size=9)
    rows = draw(st.lists(st.lists(cell, min_size=len(headers), max_size=len(headers)), max_size=6))
    clean = [["".join(c for c in text if c.isprintable())[:30_000] for text in row] for row in rows]
    data = xlsx([headers, *clean])
    county = draw(st.sampled_from([None, "450205"]))
    return Mutant(kind, "台账.xlsx", data, county, "wgs84", ())


@pytest.fixture
def filling(empty: Path) -> Engine:
    return connect_to(f"sqlite:///{empty}")


UNTROUBLED: Final = list(HealthCheck)


@settings(max_examples=5, deadline=None, suppress_health_check=UNTROUBLED)
@given(rows_of_a_ledger())
def test_rows_of_anything_add_up_whatever_is_there_already(filling: Engine, sent: Mutant) -> None:
    check(filling, sent)


@pytest.mark.soak
@settings(max_examples=300, deadline=None, suppress_health_check=UNTROUBLED)
@given(rows_of_a_ledger())
def test_three_hundred_files_of_rows_of_anything_add_up(filling: Engine, sent: Mutant) -> None:
    """The same for more files than there is time for each time."""
    check(filling, sent)
