"""Whatever a ledger holds is drawn as text: no link, no picture, no request, nothing that runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import address, wait_until_drawn
from tests.hostile import HOSTILE
from tests.hostile_database import build
from tests.servers import SAMPLE_SERVER, serve_warm
from ui.formatting import UNSEEN

pytestmark = pytest.mark.browser

SUPERVISOR = "supervisor@demo"
SCRIPT = "tests.browser.script_server"
SHOWN = 200  # letters, as the page of texts shows them
# Every text that Markdown was read for, by the element around it, and what else came of it.
DRAWN = """(key) => [...document.querySelectorAll(
  `.st-key-${key} [data-testid="stMarkdownContainer"], .st-key-${key} [data-testid="stHeading"]`
)].filter(each => !each.closest('[data-testid="stMetricValue"]')).map(each => ({
  text: each.textContent.replace(/\\s+/g, ' ').trim(),
  others: [...each.querySelectorAll('*')].map(e => e.tagName.toLowerCase())
    .filter(tag => !['div', 'p', 'span', 'strong', 'h3', 'label'].includes(tag)),
}))"""
MADE_OF_TEXT = """() => [...document.querySelectorAll(
  'a[href], img[src], script[src], iframe, object, svg[onload], [onerror], [onload]'
)].map(each => each.href || each.src || each.outerHTML)  // whole addresses"""


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard on a database of hostile names."""
    folder = tmp_path_factory.mktemp("hostile")
    build(folder / "hostile.db")
    environment = {"DATABASE_URL": f"sqlite:///{folder / 'hostile.db'}"}
    with serve_warm(SAMPLE_SERVER, log=folder / "server.log", env=environment) as server:
        yield server.url


@pytest.fixture
def troubles(page: Page) -> list[str]:
    """What went wrong in the page so far: errors of its scripts, and dialogs that opened."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    # Streamlit looks for its server below the page's own address first.
    page.on(
        "console",
        lambda said: (
            found.append(said.text) if said.type == "error" and "404" not in said.text else None
        ),
    )
    return found


def drawn(text: str) -> str:
    """A text as it is to be read on a screen, where spaces run together."""
    return " ".join(UNSEEN.sub("", " ".join(text.splitlines())).split())


def test_text_is_read_as_written_in_every_element(
    page: Page, troubles: list[str], sample: Path, tmp_path: Path
) -> None:
    copy = shutil.copy(sample, tmp_path)
    environment = {"DATABASE_URL": f"sqlite:///{copy}", "SCRIPT": "texts"}
    with serve_warm(SCRIPT, log=tmp_path / "server.log", env=environment) as server:
        page.goto(server.url)
        wait_until_drawn(page)
        found = {name: page.evaluate(DRAWN, f"text-{name}") for name in HOSTILE}
        forgotten = page.locator("[class*=st-key-raw-]").locator("a[href*='evil'], img")
        assert forgotten.count() == 0  # nor do links come of texts that were not escaped

    wrong: list[Any] = []
    for name, elements in found.items():
        text = drawn(HOSTILE[name][:SHOWN])
        # An alert takes an emoji that it begins with for its icon.
        allowed = {text, f"{text}：全部经过", ""} | ({"教师"} if "joiner" in name else set())
        assert len(elements) > 10
        wrong += [(name, each) for each in elements if each["text"] not in allowed]
        wrong += [(name, each) for each in elements if each["others"]]
    assert wrong == []
    assert troubles == []


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        pytest.param("overview", {}, marks=pytest.mark.soak),
        pytest.param("registration_coverage", {}, marks=pytest.mark.soak),
        pytest.param("rectification", {"rows": "未销号"}, marks=pytest.mark.soak),
        pytest.param("prepaid_fees", {"rows": "风险资金"}, marks=pytest.mark.soak),
        pytest.param("refund_disputes", {"rows": "一企一策"}, marks=pytest.mark.soak),
        pytest.param("violation_map", {}, marks=pytest.mark.soak),
        ("ledger_import", {}),
    ],
)
def test_page_full_of_hostile_names_is_text(
    page: Page,
    troubles: list[str],
    hostile_url: str,
    path: str,
    parameters: dict[str, str],
) -> None:
    """The other pages are left to the soak: they are made of the same elements."""
    page.goto(address(hostile_url, SUPERVISOR, path, **parameters))
    wait_until_drawn(page)
    choose_rows(page)

    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0
    made = [each for each in page.evaluate(MADE_OF_TEXT) if not is_own(each, hostile_url)]
    assert made == []
    assert troubles == []


def choose_rows(page: Page) -> None:
    """Choose the first rows of the first table, one by one: pages write their names out."""
    for row in range(4 if page.get_by_test_id("stDataFrame").count() else 0):
        table = page.get_by_test_id("stDataFrame").first
        table.scroll_into_view_if_needed()
        table.click(position={"x": 16, "y": 38 + 35 * row + 17})
        wait_until_drawn(page)


def is_own(address_: str, base: str) -> bool:
    """Whether an address is of the menu, of the frontend, or a part of the page itself."""
    return address_.startswith((base, "/", "./", "#", "data:image/svg+xml,%3Csvg"))


def test_place_with_a_hostile_name_is_named_as_text(
    page: Page, troubles: list[str], hostile_url: str
) -> None:
    page.goto(address(hostile_url, SUPERVISOR, "violation_map"))
    wait_until_drawn(page)

    # The one place with a report that was found to be true.
    expect(page.get_by_role("heading", level=3).first).to_contain_text(HOSTILE["markdown_link"])
    made = [each for each in page.evaluate(MADE_OF_TEXT) if not is_own(each, hostile_url)]
    assert made == []
    assert troubles == []
