"""Addresses changed by hand: nothing raises, and nothing is shown that is not the reader's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_access.accounts import Role
from data_access.reference import UNITS
from tests.canaries.markers import PLAN, REPORTER, Reader, marker
from tests.canaries.readers import BY_ROLE, NEIGHBOUR, NOBODY
from tests.canaries.visitor import EveryFile, Visitor
from tests.menu import entries
from ui.navigation import ENTRIES, FEES, MENU, MenuEntry

TECHNICAL = (b"Traceback", b"sqlalchemy", b"site-packages", b"SELECT ", b"sqlite", b"/work/")
ADDRESS = ("address: ", "page_info_changed: ")  # says what the visitor wrote into it
# Of widgets that are drawn only where another one is chosen first.
LATE_PARAMETERS = {"since", "until"}
ALWAYS = {"period": "自定起止"}

VALUES: dict[str, Any] = {
    "a neighbour's code": NEIGHBOUR.county,
    "a neighbour's name": marker(NEIGHBOUR.county or "", "county", "name"),
    "every county's name": [marker(unit.code, "county", "name") for unit in UNITS],
    "a list of another page": ["逾期", "一企一策", "检查明细", "反弹", "诉讼中"],
    "a code of a list": "overdue",
    "the first day there is": "0001-01-01",
    "the last day there is": "9999-12-31",
    "a day that is none": "2022-02-30",
    "two days": "2022-08-25,2022-08-24",
    "repeated days": ["2022-08-25", "2022-08-24"],
    "not a day": "not a day",
    "nothing": "",
    "a number": "-99999999999999999999",
    "very long": "长" * 3_000,
    "very many": [str(number) for number in range(500)],
    "markup": "<img src=x onerror=alert(1)>",
    "Markdown": "[a](javascript:alert(1)) ![b](http://example.org/c)",
    "SQL": "' OR 1=1; DROP TABLE account; --",
    "a path": "../../../../etc/passwd",
    "a formula": '=HYPERLINK("http://example.org")',
    "control characters": "\x00\x07\x1b[31m\r\n",
    "right to left": "\u202e\u2066융안",
    "four bytes": "𠮷👩‍👩‍👧",
    "JSON": '{"selection": {"rows": [0]}}',
}
IN_SHORT = {
    "every county's name",
    "the first day there is",
    "not a day",
    "control characters",
    "SQL",
}
COUNTY, LEADER = BY_ROLE[Role.COUNTY], BY_ROLE[Role.LEADER]


@pytest.fixture(scope="module")
def city(city_to_look_at: Path) -> Path:
    return city_to_look_at


def parameters(reader: Reader, entry: MenuEntry) -> set[str]:
    """Return the parameters that the widgets of a page take from its address."""
    page = Visitor(reader, entry.script)
    bound = {getattr(proto, "query_param_key", "") for _, proto in page.elements()}
    return (bound | LATE_PARAMETERS) - {""}


def check(visitor: Visitor, reader: Reader) -> None:
    leaks = visitor.screen.leaks(reader)
    assert {leak for leak in leaks if not leak.startswith(ADDRESS)} == set()
    sent = b"".join(body for kind, body in visitor.screen.sent() if kind != "log")
    assert [word for word in TECHNICAL if word in sent] == []


def with_values(names: list[str]) -> Any:
    values = [pytest.param(VALUES[name], id=name) for name in names]
    return pytest.mark.parametrize("value", values)


def with_pages(*readers: Reader) -> Any:
    pages = [
        pytest.param(reader, entry, id=f"{entry.url_path}-{reader.name}")
        for reader in readers
        for entry in entries(reader.role or Role.ADMIN)
    ]
    return pytest.mark.parametrize(("reader", "entry"), pages)


@with_pages(COUNTY)
def test_address_that_says_the_same_of_everything_opens_the_page(
    city: Path, reader: Reader, entry: MenuEntry
) -> None:
    names = parameters(reader, entry)
    made: set[str] = set()

    for name in sorted(IN_SHORT):
        said = {**dict.fromkeys(names, VALUES[name]), **ALWAYS}
        check(Visitor(reader, entry.script, made=made, **said), reader)


@pytest.mark.soak
@with_values(list(VALUES))
@with_pages(COUNTY, LEADER, BY_ROLE[Role.ADMIN])
def test_address_that_says_anything_of_one_thing_opens_the_page(
    city: Path, reader: Reader, entry: MenuEntry, value: Any
) -> None:
    for name in sorted(parameters(reader, entry)):
        said = {**ALWAYS, name: value} if name in LATE_PARAMETERS else {name: value}
        check(Visitor(reader, entry.script, **said), reader)


@with_pages(COUNTY)
def test_address_cannot_say_what_the_dashboard_keeps_to_itself(
    city: Path, reader: Reader, entry: MenuEntry
) -> None:
    said = {
        "session.email": "supervisor@demo",
        "session.refused": "x",
        "ledger_import.done": "x",
        "ledger_import.history": VALUES["JSON"],
        "embed": "true",
        "plan": marker(PLAN, "visit_plan", "id"),
        "reveal": marker(REPORTER, "violation_report", "summary"),
    }
    visitor = Visitor(reader, entry.script, made=EveryFile(), **said)

    check(visitor, reader)
    assert visitor.app.title[0].value.startswith(entry.title)
    assert visitor.app.session_state["session.email"] == reader.account


@pytest.mark.parametrize("reader", [*BY_ROLE.values(), NOBODY], ids=lambda reader: reader.name)
def test_page_that_there_is_not_shows_nothing(city: Path, reader: Reader) -> None:
    for name in ("no_such_page", "..%2F..%2Fserver", "长" * 3_000, "overview/../access_log"):
        visitor = Visitor(reader, f"pages/{name}.py")

        assert visitor.screen.leaks(reader) == set()


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param([first for first, *_ in MENU.values()], id="a page of each section"),
        pytest.param(ENTRIES, id="every page", marks=pytest.mark.soak),
    ],
)
def test_signed_in_with_the_issuer_nobody_becomes_another_by_address(
    city: Path, monkeypatch: pytest.MonkeyPatch, asked: list[MenuEntry]
) -> None:
    """Who somebody is, is asked before any page is run."""
    monkeypatch.setattr("ui.issuer.is_configured", lambda: True)
    user = {"is_logged_in": True, "email": COUNTY.account}

    # Prices are judged among peers, and the city of the canaries has none to tell of.
    for entry in (each for each in entries(Role.COUNTY) if each in asked and each is not FEES):
        said = {"as": [COUNTY.account, "supervisor@demo"]}
        visitor = Visitor(COUNTY, entry.script, user=user, made=EveryFile(), **said)

        check(visitor, COUNTY)
        assert {seen.owner for seen in visitor.screen.markers()} >= {COUNTY.county}
