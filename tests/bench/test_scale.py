from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from data_access import versions
from data_access.engine import connect_to
from data_access.schema import data_version
from tests.bench import scale
from tests.bench.statements import listening
from tests.databases import sample_database
from tests.servers import ROOT
from tests.workers import shared_folder


def cost(wall_ms: float, **other: Any) -> dict[str, Any]:
    return {
        "page": "overview",
        "role": "leader",
        "queries": 3,
        "rows": 1_000,
        "cpu_ms": wall_ms,
        "wall_ms": wall_ms,
        "by_function": {"weekly.weekly_counts": [wall_ms, wall_ms]},
        "error": "",
        **other,
    }


def measured(reports: int, wall_ms: float, **other: Any) -> dict[str, Any]:
    return {
        "reports": reports,
        "built_s": None,
        "day": None,
        "limits": {"empty_page_ms": 3.0, "index_scan_ms": 1.0, "period_reports": 5_000},
        "pages": [cost(wall_ms, **other)],
        "worst": [cost(wall_ms, choice="ten years")],
        "peak_mib": 400.0,
    }


@pytest.mark.parametrize(
    ("small", "large", "steep"),
    [
        (10.0, 13.0, False),
        (10.0, 13.1, True),
        (1.0, 2.9, False),  # less than sizes of one page differ by chance
        (1.0, 3.1, True),
        (10.0, 5.0, False),
    ],
)
def test_a_page_is_steep_above_the_ratio_and_above_chance(
    small: float, large: float, steep: bool
) -> None:
    assert scale.is_steep(cost(large), cost(small)) == steep


def test_the_table_marks_what_is_beyond_the_limits() -> None:
    def marks(small: float, large: float) -> int:
        told = scale.lines("sqlite", [measured(1_000, small), measured(100_000, large)])
        return "\n".join(told).count("✗")

    assert marks(60.0, 60.0) == 0
    assert marks(60.1, 60.1) == 1
    assert marks(20.0, 60.0) == 1
    assert marks(20.0, 61.0) == 2


def test_the_table_has_the_worst_filters_and_pages_that_did_not_draw() -> None:
    large = measured(100_000, 5.0, error="页面出错")
    told = "\n".join(scale.lines("postgresql", [measured(1_000, 5.0), large]))

    assert "### PostgreSQL, 1,000 and 100,000 reports" in told
    assert "| overview | leader | 3 | 1,000 → 1,000 |" in told
    assert "| ten years | 1,000 | 5.0 |" in told
    assert "overview as leader did not draw: 页面出错" in told


def test_statements_are_noted_with_their_function_and_writes_are_not_sent_again(
    tmp_path: Path,
) -> None:
    engine = connect_to(f"sqlite:///{tmp_path / 'small.db'}")
    data_version.create(engine)
    with listening() as asked, engine.begin() as conn:
        conn.execute(insert(data_version).values(id=1, version=7))
        assert versions.current(conn) == 7
        conn.execute(select(data_version.c.id)).all()
    asked.measure(engine, 3)
    engine.dispose()

    assert [each.function for each in asked.sent] == ["versions.current", "-"]
    assert asked.rows == 2
    assert asked.wall_ms > 0
    assert set(asked.by_function) == {"versions.current", "-"}


def test_nothing_is_noted_any_more_when_the_run_is_over(tmp_path: Path) -> None:
    engine = connect_to(f"sqlite:///{tmp_path / 'small.db'}")
    data_version.create(engine)
    with listening() as asked:
        pass
    with engine.connect() as conn:
        conn.execute(select(data_version.c.id)).all()
    engine.dispose()

    assert asked.sent == []


def bench(folder: Path, *arguments: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.scale", "--json", f"--folder={folder}", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_bench_runs_on_a_small_city(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shutil.copy(sample_database(shared_folder(tmp_path_factory)), tmp_path / "liuzhou.db")
    # One size: each takes a process that imports all pages.
    found = bench(
        tmp_path,
        *("--sizes=2_000", "--databases=sqlite", "--repeats=1", "--no-worst"),
        *("--page=violation_map", "--role=leader", "--day=200"),
    )

    (size,) = found["sqlite"]
    (page,) = size["pages"]
    assert (page["page"], page["role"], page["error"]) == ("violation_map", "leader", "")
    assert page["queries"] > 3
    assert page["rows"] > 50
    assert 0 < size["limits"]["period_reports"] < 2_600 + 2_000
    assert 0 < size["peak_mib"] < 2_000
    assert size["day"]["rows"] == 200
    assert size["day"]["counts_are_right"] is True
    assert (tmp_path / "2000.db").exists()


@pytest.mark.soak
@pytest.mark.postgres
def test_the_bench_runs_on_both_databases_and_finds_them_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("scale")
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own where the tests run as root
    for parent in folder.parents[:2]:
        parent.chmod(0o755)
    shutil.copy(sample_database(shared_folder(tmp_path_factory)), folder / "liuzhou.db")
    asked = (
        "--sizes=500,2_000",
        "--repeats=1",
        "--page=overview",
        "--role=supervisor",
        "--day=200",
    )
    first, again = bench(folder, *asked), bench(folder, *asked)

    for backend in ("sqlite", "postgresql"):
        assert [size["reports"] for size in first[backend]] == [500, 2_000]
        assert all(size["built_s"] for size in first[backend])
        assert not any(size["built_s"] for size in again[backend])
        assert all(size["day"]["counts_are_right"] for size in again[backend])
        for size in again[backend]:
            assert [page["error"] for page in size["pages"]] == [""]
            assert size["worst"][0]["choice"]
    # Who reads is told to PostgreSQL, which answers with a row: once for each result of the page.
    pairs = zip(again["sqlite"], again["postgresql"], strict=True)
    (small, large) = (there["pages"][0]["rows"] - here["pages"][0]["rows"] for here, there in pairs)
    assert 0 < small == large < again["sqlite"][0]["pages"][0]["queries"]
