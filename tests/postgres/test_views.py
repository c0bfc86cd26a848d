"""On PostgreSQL, behind both walls, every page shows the sample as it does on SQLite."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data_access.accounts import Role
from data_access.engine import get_engine
from tests.databases import PostgresDatabase, sample_database
from tests.menu import ACCOUNTS, entries
from tests.pages.conftest import forget, open_by_sign_in
from tests.ui.charts.arrow import decoded
from ui import navigation
from ui.navigation import MENU, MenuEntry

pytestmark = pytest.mark.postgres

# Each page once, as who is shown least of it; what leaders read, on another day and narrowed. As
# everybody it is the long way.
READERS = (Role.COUNTY, Role.SUPERVISOR, Role.LEADER)
# Made of evidence alone, which is held against SQLite's day by day in `test_evidence`.
ELSEWHERE = (navigation.BACKTEST,)
LEAST = {entry: role for role in reversed(READERS) for entry in entries(role)}
VISITS = [
    pytest.param(
        role,
        entry,
        id=f"{entry.url_path}-{role}",
        marks=[pytest.mark.soak] if LEAST[entry] is not role or entry in ELSEWHERE else [],
    )
    for role in READERS
    for entry in entries(role)
]
# Lists of one page that its address opens.
LISTS = {
    "overview": ["检查明细"],
    "rectification": ["逾期", "本周到期", "本周销号", "反弹"],
    "refund_disputes": ["未化解", "本周登记", "本周化解", "诉讼中"],
}
MORE_VISITS = [
    pytest.param(
        entry, rows, id=f"{entry.url_path}-{rows}", marks=[pytest.mark.soak] if place else []
    )
    for entry in entries(Role.SUPERVISOR)
    for place, rows in enumerate(LISTS.get(entry.url_path, []))
]
NARROWED = (navigation.OVERVIEW, navigation.BRIEFING, navigation.REFUND_DISPUTES)
OpenOn = Callable[..., AppTest]


@pytest.fixture(scope="module")
def on_sqlite(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    copy = shutil.copy(sample_database(folder), tmp_path_factory.mktemp("views"))
    return f"sqlite:///{copy}"


@pytest.fixture
def open_on(sample: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenOn]:
    """Open a page by an address as somebody signed in, on the database of that URL."""
    monkeypatch.setattr("ui.issuer.is_configured", lambda: True)

    def open_on(url: str, script: str, account: str, **parameters: Any) -> AppTest:
        forget()  # while the addresses of what was opened are still known
        monkeypatch.setenv("DATABASE_URL", url)
        if url == sample.plain_url:  # medians are worked out as the owner
            monkeypatch.setenv("IMPORT_DATABASE_URL", sample.owner_url)
        else:
            monkeypatch.delenv("IMPORT_DATABASE_URL", raising=False)
        assert url.startswith(get_engine().dialect.name)
        return open_by_sign_in(script, account, **parameters)

    yield open_on
    forget()


def shown(page: AppTest) -> dict[str, Any]:
    """All that a page says, but the tables."""
    return {
        "titles": [each.value for each in (*page.title, *page.subheader)],
        "figures": [
            (card.label, card.value, card.delta, list(card.proto.chart_data))
            for card in page.metric
        ],
        "words": [each.value for each in (*page.caption, *page.info, *page.markdown)],
        "links": [link.proto.label for link in page.get("page_link")],
        "choices": [
            [option.content for option in each.proto.options] for each in page.get("button_group")
        ],
        "filters": [(box.label, box.options) for box in page.multiselect],
        "charts": [
            [decoded(each.data.data) for each in chart.proto.datasets]
            for chart in page.get("vega_lite_chart")
        ],
        "maps": [chart.proto.json for chart in page.get("deck_gl_json_chart")],
    }


def assert_same(on_postgres: AppTest, on_sqlite: AppTest) -> None:
    assert not on_postgres.exception
    assert not on_postgres.error
    assert on_postgres.subheader, "a page, and not the question who it is"
    assert shown(on_postgres) == shown(on_sqlite)
    tables = [each.value for each in on_postgres.dataframe]
    expected = [each.value for each in on_sqlite.dataframe]
    assert len(tables) == len(expected)
    for table, same in zip(tables, expected, strict=True):
        pd.testing.assert_frame_equal(
            table.drop(columns="导入时间", errors="ignore"),
            same.drop(columns="导入时间", errors="ignore"),
        )


@pytest.mark.parametrize(("role", "entry"), VISITS)
def test_page_shows_the_same(
    open_on: OpenOn, sample: PostgresDatabase, on_sqlite: str, role: Role, entry: MenuEntry
) -> None:
    assert_same(
        *(open_on(url, entry.script, ACCOUNTS[role]) for url in (sample.plain_url, on_sqlite))
    )


@pytest.mark.parametrize(("entry", "rows"), MORE_VISITS)
def test_list_shows_the_same(
    open_on: OpenOn, sample: PostgresDatabase, on_sqlite: str, entry: MenuEntry, rows: str
) -> None:
    """One list a page; the others, of the same rows, are left to the soak."""
    pages = [
        open_on(url, entry.script, "supervisor@demo", rows=rows)
        for url in (sample.plain_url, on_sqlite)
    ]

    assert_same(*pages)
    assert len(pages[0].dataframe)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(
            entry, id=entry.url_path, marks=[] if entry in NARROWED else [pytest.mark.soak]
        )
        for entry in entries(Role.LEADER)
        if entry not in MENU["县区工作"]
    ],
)
def test_narrowed_page_of_an_earlier_day_shows_the_same(
    open_on: OpenOn, sample: PostgresDatabase, on_sqlite: str, entry: MenuEntry
) -> None:
    """Days and filters narrow the queries of all pages alike: most are left to the soak."""
    both = (sample.plain_url, on_sqlite)
    asked = {"day": "2022-07-20", "county": ["柳南区", "融安县"], "category": ["文化艺术", "体育"]}

    assert_same(*(open_on(url, entry.script, "leader@demo", **asked) for url in both))
