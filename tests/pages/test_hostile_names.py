"""Names from ledgers go to the browser as text, on every page and for every role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data_access.accounts import Role
from tests.hostile import FILE_NAMES, HOSTILE, as_stored
from tests.hostile_database import build
from tests.menu import ACCOUNTS, entries
from tests.pages.conftest import OpenPage
from tests.pages.elements import elements
from ui.formatting import plain
from ui.navigation import REFUND_DISPUTES, SELF_REVIEW, VIOLATION_MAP

READ_AS_MARKDOWN = {
    *("markdown", "caption", "heading", "alert", "metric", "page_link", "expander", "button"),
    *("subheader", "title", "header", "info", "success", "warning", "error", "text_input"),
}
OWN = {**ACCOUNTS, Role.COUNTY: "450203@demo"}  # whose ledgers they are
# Each page once in short, as who is shown most of it, and what a county's own page says to it.
MOST = {
    entry: role
    for role in (Role.ADMIN, Role.LEADER, Role.COUNTY, Role.SUPERVISOR)
    for entry in entries(role)
} | {SELF_REVIEW: Role.COUNTY}
VISITS = [
    pytest.param(
        OWN[role],
        entry.script,
        id=f"{role}-{entry.url_path}",
        marks=[pytest.mark.soak] if MOST[entry] is not role else [],
    )
    for role in Role
    for entry in entries(role)
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "hostile.db"
    build(path)
    return path


@pytest.fixture
def database_url(hostile: Path) -> str:
    return f"sqlite:///{hostile}"


def markdown(page: AppTest) -> Iterator[str]:
    """Every text of the page that the browser reads as Markdown."""
    for element in elements(page):
        if element.type in READ_AS_MARKDOWN:
            for name in ("body", "label", "help", "value"):
                text = getattr(element.proto, name, "")
                if isinstance(text, str) and text:
                    yield text


def unescaped(text: str) -> list[str]:
    """The hostile names that stand in a text as Markdown that means something."""
    names = {as_stored(name) for name in HOSTILE} | set(FILE_NAMES)
    return [name for name in names if plain(name) != name and name in text]


@pytest.mark.parametrize(("account", "script"), VISITS)
def test_page_shows_hostile_names_without_an_error(
    open_page: OpenPage, account: str, script: str
) -> None:
    page = open_page(script, account)

    assert [error.value for error in page.error] == []
    assert not page.exception
    assert [(text, found) for text in markdown(page) if (found := unescaped(text))] == []


def test_headline_names_a_hostile_place(open_page: OpenPage) -> None:
    page = open_page(VIOLATION_MAP.script, OWN[Role.SUPERVISOR])

    assert plain(HOSTILE["markdown_link"]) in page.subheader[0].value


def test_note_names_hostile_institutions(open_page: OpenPage) -> None:
    page = open_page(REFUND_DISPUTES.script, OWN[Role.LEADER], rows="一企一策")

    named = [
        name
        for name in HOSTILE
        if any(plain(as_stored(name)) in each.value for each in page.caption)
    ]
    assert named  # or the next line says nothing
    assert not any(re.search(r"(?<!\\)[<\[*_]", each.value) for each in page.caption)
