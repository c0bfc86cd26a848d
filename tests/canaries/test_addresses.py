"""A secret page's address is one like any other that there is not, to who may not open it.

Asked for by name, as a browser that comes in asks: the frontend knows no page yet. Everything that
is sent is held against what an address is sent that no page has ever had.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data_access import schema
from data_access.accounts import PERMISSIONS, Role
from data_access.engine import get_engine
from tests.canaries.markers import Reader
from tests.canaries.readers import BY_ROLE, NOBODY, STRANGER
from tests.canaries.visitor import EveryFile, Screen, recorded
from tests.menu import entries
from tests.pages.conftest import claims, visit
from ui.navigation import ENTRIES, MENU, VISIT_PLANS, MenuEntry

UNKNOWN = "no_such_page"
WIDGET = re.compile(rb"(?<=\$\$ID-)[0-9a-f]{32}")
SECRET = [entry for entry in ENTRIES if entry.is_secret]
READERS = [*BY_ROLE.values(), NOBODY]


def kept_from(reader: Reader) -> list[MenuEntry]:
    """Return the secret pages that a reader may not open."""
    may = PERMISSIONS[reader.role] if reader.role else frozenset()
    return [entry for entry in SECRET if entry.permission not in may]


KEPT = [
    pytest.param(reader, entry, id=f"{entry.url_path}-{reader.name}")
    for reader in READERS
    for entry in kept_from(reader)
]
each_kept = pytest.mark.parametrize(("reader", "entry"), KEPT)
each_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


@contextmanager
def asking_for(name: str) -> Iterator[None]:
    """Let every run say the name of a page, and not the number that the frontend has for it."""

    def said(**data: Any) -> RerunData:
        return RerunData(**{**data, "page_script_hash": "", "page_name": name})

    with patch("streamlit.testing.v1.local_script_runner.RerunData", said):
        yield


def come_in(
    reader: Reader,
    name: str,
    *,
    user: dict[str, Any] | None = None,
    made: Container[str] = (),
    **said: str,
) -> tuple[Screen, AppTest]:
    """Come in by an address; return what the first two runs sent, but for files that are made."""
    page = visit(said | ({"as": reader.account} if reader.account and not user else {}))
    page.context = {"url": f"http://127.0.0.1/{name}"}
    if user is not None:
        page.user = user
    with recorded(made) as screen:
        with asking_for(name):
            page.run()
        page.run()
    assert not page.exception
    return screen, page


def of_length(entry: MenuEntry) -> str:
    """An address that no page has, as long as that of a page: messages say lengths."""
    return UNKNOWN.ljust(len(entry.url_path), "x")[: len(entry.url_path)]


def without_names(screen: Screen, name: str) -> list[tuple[str, bytes]]:
    """Return all that was sent, but for what anybody can work out of the address asked for.

    That is the address itself, by whose digest the frontend knows a page, and the numbers of
    widgets, which are digests with that in them.
    """
    return [
        (
            kind,
            WIDGET.sub(
                b"", body.replace(calc_hash(name).encode(), b"").replace(name.encode(), b"")
            ),
        )
        for kind, body in screen.comparable()
    ]


@each_kept
def test_secret_address_is_answered_like_one_that_there_is_not(
    city: Path, reader: Reader, entry: MenuEntry
) -> None:
    secret, page = come_in(reader, entry.url_path)
    unknown, _ = come_in(reader, of_length(entry))

    assert without_names(secret, entry.url_path) == without_names(unknown, of_length(entry))
    assert secret.leaks(reader) == set()
    # Streamlit's own dialog comes with this message, but for who has to sign in first. AppTest
    # sends one more of it, whatever page is asked for by name.
    told = [kind for kind, _ in secret.parts if kind == "page_not_found"]
    assert len(told) == (2 if reader.role else 1)
    assert refused() == ([(reader.account, entry.url_path)] if reader.role else [])
    assert page.title[0].value.startswith("没有这个页面" if reader.role else "登录")


def refused() -> list[tuple[str, str]]:
    """What administrators are told: that a page was tried, and by whom."""
    event = schema.audit_event.c
    stmt = select(event.email, event.target).where(
        event.action == "refused", event.email.like("%@demo")
    )
    with get_engine().connect() as conn:
        return [(email, target) for email, target in conn.execute(stmt)]


@pytest.mark.parametrize(
    ("reader", "entry"), [param for param in KEPT if param.values[1] is VISIT_PLANS]
)
def test_secret_address_with_the_issuer_is_answered_like_one_that_there_is_not(
    city: Path, monkeypatch: pytest.MonkeyPatch, reader: Reader, entry: MenuEntry
) -> None:
    monkeypatch.setattr("ui.issuer.is_configured", lambda: True)
    for user in [claims(reader.account)] if reader.account else [STRANGER, {}]:
        secret, _ = come_in(reader, entry.url_path, user=user)
        unknown, _ = come_in(reader, of_length(entry), user=user)

        assert without_names(secret, entry.url_path) == without_names(unknown, of_length(entry))


@pytest.mark.parametrize("entry", SECRET, ids=lambda entry: entry.url_path)
def test_who_may_open_a_secret_page_comes_to_it_by_its_address(
    city: Path, entry: MenuEntry
) -> None:
    _, page = come_in(BY_ROLE[Role.SUPERVISOR], entry.url_path)

    assert page.title[0].value.startswith(entry.title)


@each_reader
@pytest.mark.parametrize("asked", ["", "accounts", UNKNOWN])
def test_no_message_names_a_secret_page_to_who_may_not_open_it(
    city: Path, reader: Reader, asked: str
) -> None:
    screen, _ = come_in(reader, asked)
    sent = b"".join(body for _, body in screen.sent())
    named = {
        word
        for entry in kept_from(reader)
        for word in (entry.url_path, entry.script, entry.title, entry.icon)
        if word.encode() in sent
    }

    assert named == set()


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param([first for first, *_ in MENU.values()], id="a page of each section"),
        pytest.param(ENTRIES, id="every page", marks=pytest.mark.soak),
    ],
)
@pytest.mark.parametrize(
    "reader",
    [reader for reader in BY_ROLE.values() if kept_from(reader)],
    ids=lambda reader: reader.name,
)
def test_menu_names_no_secret_page_wherever_its_reader_is(
    city: Path, reader: Reader, asked: list[MenuEntry]
) -> None:
    """The menu is made of the role and the address, before any page is run."""
    assert reader.role
    for entry in (each for each in entries(reader.role) if each in asked):
        screen, _ = come_in(reader, entry.url_path, made=EveryFile())
        menus = [body for kind, body in screen.parts if kind == "navigation"]

        assert menus
        assert {
            word
            for secret in kept_from(reader)
            for word in (secret.url_path, secret.title, secret.icon)
            if any(word.encode() in menu for menu in menus)
        } == set()


def test_section_of_secret_pages_is_in_no_menu_without_any_of_them(city: Path) -> None:
    found = {}
    for reader in READERS:
        screen, _ = come_in(reader, "", made=EveryFile())
        [*_, last] = [body for kind, body in screen.parts if kind == "navigation"]
        found[reader.role] = list(ForwardMsg.FromString(last).navigation.sections)

    assert {role for role, sections in found.items() if "督查暗访" in sections} == {
        Role.LEADER,
        Role.SUPERVISOR,
    }
