"""The rules of docs/architecture.md, checked."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ui.navigation import ENTRIES

ROOT = Path(__file__).parents[1]
ROOMS = ("data_access", "analysis", "ui")
SOURCES = [path for room in ROOMS for path in sorted(ROOT.glob(f"{room}/**/*.py"))]
SCRIPTS = sorted(ROOT.glob("pages/*/*.py"))

# What the modules under a path may not import. The first match counts.
DRAWING = {"streamlit", "altair", "pydeck"}
FORBIDDEN = {
    "data_access/__main__.py": {*DRAWING, "analysis", "ui", "pages"},
    # Works out what it freezes: see docs/decisions/0008-frozen-weeks.md.
    "data_access/freezing.py": {*DRAWING, "ui", "pages", "sample_data"},
    # Works out what stands in the middle: see docs/decisions/0009-city-medians.md.
    "data_access/city_medians.py": {*DRAWING, "ui", "pages", "sample_data"},
    # Draws a lot again: see docs/decisions/0006-a-lot-is-drawn-again.md.
    "data_access/verify_command.py": {*DRAWING, "ui", "pages", "sample_data"},
    "data_access": {*DRAWING, "analysis", "ui", "pages", "sample_data"},
    "analysis": {*DRAWING, "sqlalchemy", "data_access", "ui", "pages", "sample_data"},
    "ui/exports": {"streamlit", "sqlalchemy", "sample_data"},
    "ui/charts": {"streamlit", "sqlalchemy", "sample_data"},
    "ui/maps.py": {"streamlit", "sqlalchemy", "sample_data"},
    "ui/palette.py": {"streamlit", "sqlalchemy", "data_access", "sample_data"},
    "ui/start_checks.py": {"pages", "sample_data"},  # tells why there is no database
    "ui/errors.py": {"pages", "sample_data"},  # tells a database that is away from other errors
    "ui": {"sqlalchemy", "pages", "sample_data"},
    "pages": {"sqlalchemy", "altair", "pydeck", "sample_data"},
}
PAGE_LINE_LIMIT = 80
MODULE_LINE_LIMIT = 400


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    """Top-level names of the packages a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", [*SOURCES, *SCRIPTS], ids=name_of)
def test_imports_point_downwards(path: Path) -> None:
    forbidden = next(
        banned for place, banned in FORBIDDEN.items() if name_of(path).startswith(place)
    )

    assert not imports(path) & forbidden


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_page_asks_for_its_permission_before_anything_else_is_called(path: Path) -> None:
    permission = {entry.script: entry.permission for entry in ENTRIES}[name_of(path)]
    body = ast.parse(path.read_text(encoding="utf-8")).body
    statements = [node for node in body if isinstance(node, ast.Assign | ast.Expr)]
    calls = (node for each in statements for node in ast.walk(each) if isinstance(node, ast.Call))

    assert ast.unparse(next(calls)) == f"require(Permission.{permission.name})"


def test_every_script_is_in_the_menu_and_every_entry_has_its_script() -> None:
    assert {name_of(path) for path in SCRIPTS} == {entry.script for entry in ENTRIES}


def test_no_page_lies_where_streamlit_serves_it_without_sign_in() -> None:
    assert not list(ROOT.glob("pages/*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_page_is_a_short_plain_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= PAGE_LINE_LIMIT
    assert "unsafe_allow_html" not in text
    assert "session_state" not in text


@pytest.mark.parametrize(
    "path",
    # A migration is written once and read as a list.
    [path for path in SOURCES if "migrations/versions" not in name_of(path)],
    ids=name_of,
)
def test_module_is_short_enough_to_know_one_s_way_in(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINE_LIMIT


def test_nothing_is_fetched_from_the_internet_by_name() -> None:
    address = re.compile(r"https?://(?!127\.0\.0\.1|localhost|www\.w3\.org)")
    found = [
        f"{name_of(path)}: {line.strip()}"
        for path in [*SOURCES, *SCRIPTS, ROOT / "dashboard.py"]
        for line in path.read_text(encoding="utf-8").splitlines()
        if address.search(line)
    ]

    assert found == []
