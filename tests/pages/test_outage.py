"""While the database is away: the last good figures with their time, and nothing beyond them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, text
from streamlit.testing.v1 import AppTest

from data_access import accounts, clock, migration, reachable, schema, summaries
from data_access.engine import connect_to, get_engine
from data_access.failures import NOT_SAVED
from tests import factories as make
from tests.data_access import clerks
from tests.factories import CITY
from tests.outages import without_file
from tests.pages.conftest import OpenPage
from ui import downloads, outage, session
from ui.navigation import (
    ACCESS_LOG,
    ACCOUNTS,
    HOTSPOTS,
    LEDGER_IMPORT,
    OVERVIEW,
    RECTIFICATION,
    REGISTRATION_COVERAGE,
    SELF_REVIEW,
    VISIT_PLANS,
)

LEADER, SUPERVISOR, CLERK, ADMIN = "leader@demo", "supervisor@demo", f"{CITY}@demo", "admin@demo"
BACK_THEN = "数据库暂时连不上。以下是 8月25日 14:03 的数字，恢复后自动更新"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few rows, so that pages are quick."""
    path = tmp_path_factory.mktemp("outage") / "city.db"
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        make.report(conn)  # so that the first choice of day is the Thursday
        clerks.item(conn, ledger_no="ZG-OWN", source="report")
        make.institution(conn, name="示例中心", name_key="示例中心")
        summaries.rebuild_all(conn)
    engine.dispose()
    return path


@pytest.fixture
def database_url(built: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(built, tmp_path)}"


@pytest.fixture(autouse=True)
def as_it_began(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database is asked at every run, and what one test found out no other knows."""
    monkeypatch.setattr(reachable, "SECONDS", 0.0)
    monkeypatch.setattr(outage, "_taken_away", {})
    yield
    reachable._away = False


@pytest.fixture
def afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 14:03 of a meeting's day wherever the hour is asked for."""
    then = datetime.fromisoformat("2022-08-25 14:03:27")
    monkeypatch.setattr(clock, "now", lambda: then)


def figures(page: AppTest) -> list[Any]:
    return [
        [(card.label, card.value, card.delta) for card in page.metric],
        [each.value for each in page.subheader],
        [each.value.to_dict() for each in page.dataframe],
        [list(each.proto.datasets) for each in page.get("vega_lite_chart")],
    ]


def is_nothing_shown(page: AppTest) -> bool:
    return not any(page.get(kind) for kind in ("metric", "dataframe", "subheader", "table"))


def test_figures_stay_with_their_time_and_are_new_again_afterwards(
    open_page: OpenPage, database_url: str, afternoon: None
) -> None:
    page = open_page(RECTIFICATION.script, LEADER)
    before = figures(page)
    assert before[0]
    assert not page.warning

    with without_file(database_url):
        page.run()
        assert [each.value for each in page.warning] == [BACK_THEN]
        assert figures(page) == before
        assert not page.error
        assert not page.exception

    page.run()
    assert not page.warning
    assert figures(page) == before


def test_page_that_loses_the_database_in_its_midst_goes_on_with_what_is_kept(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(REGISTRATION_COVERAGE.script, LEADER)
    before = figures(page)
    load = session.load.version_of_run
    gone = []

    def lose() -> int | None:
        # The account has just been read.
        if not gone:
            gone.append(without_file(database_url))
            gone[0].__enter__()
            monkeypatch.setattr("ui.filters.run", failing)
        return load()

    def failing(*_given: Any) -> Any:
        monkeypatch.undo()
        monkeypatch.setattr("data_access.engine.SAMPLE_PATH", session.get_engine().url.database)
        with get_engine().connect() as conn:
            conn.execute(text("SELECT 1"))

    monkeypatch.setattr(session.load, "version_of_run", lose)
    try:
        page.run()
    finally:
        gone[0].__exit__(None, None, None)

    assert page.warning[0].value.startswith("数据库暂时连不上。以下是 ")
    assert figures(page) == before
    assert not page.error


def test_what_was_not_worked_out_before_is_left_out_and_said(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(RECTIFICATION.script, LEADER)
    with without_file(database_url):
        page.multiselect[0].select(page.multiselect[0].options[1]).run()

        assert [each.value for each in page.info] == [outage.NOT_HERE]
        assert is_nothing_shown(page)
        assert not page.error

    page.run()
    assert page.metric
    assert outage.NOT_HERE not in [each.value for each in page.info]


def test_new_visitor_sees_nothing_but_that_it_goes_on_by_itself(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(RECTIFICATION.script, LEADER)
    with without_file(database_url):
        page = open_page(RECTIFICATION.script, LEADER)

        assert [each.value for each in page.warning] == [outage.AWAY]
        assert is_nothing_shown(page)
        assert not page.error

    page.run()
    assert page.metric


@pytest.mark.parametrize(("minutes", "holds"), [(10, True), (10.001, False)])
def test_session_goes_on_for_ten_minutes_from_when_its_account_was_read(
    open_page: OpenPage,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    minutes: float,
    holds: bool,
) -> None:
    monkeypatch.setattr(outage, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    page = open_page(RECTIFICATION.script, LEADER)
    with without_file(database_url):
        monkeypatch.setattr(
            outage, "time", SimpleNamespace(monotonic=lambda: 1000.0 + minutes * 60)
        )
        page.run()

        assert bool(page.metric) is holds
        if not holds:
            assert [each.value for each in page.warning] == [outage.AWAY]
            assert is_nothing_shown(page)


def test_other_account_in_the_address_sees_nothing(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(RECTIFICATION.script, LEADER)
    with without_file(database_url):
        page.query_params["as"] = CLERK
        page.run()

        assert is_nothing_shown(page)
        assert [each.value for each in page.warning] == [outage.AWAY]


@pytest.mark.parametrize("change", ["deactivated", "signed out"])
def test_account_that_was_taken_away_by_this_server_does_not_go_on(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    page = open_page(RECTIFICATION.script, CLERK)
    admin = open_page(ACCOUNTS.script, ADMIN, email=CLERK)
    press(admin, "确认停用" if change == "deactivated" else "确认结束登录")
    assert not admin.error
    with without_file(database_url):
        page.run()

        assert is_nothing_shown(page)


def press(page: AppTest, words: str) -> AppTest:
    [button] = [each for each in page.button if each.label == words]
    return button.click().run()


def test_sign_in_that_is_over_by_its_hours_does_not_go_on(
    open_signed_in: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_signed_in(RECTIFICATION.script, LEADER)
    now = clock.now()
    with without_file(database_url):
        page.run()
        assert page.metric

        monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=12, seconds=2))
        page.run()
        assert is_nothing_shown(page)


def test_another_sign_in_of_the_same_account_does_not_go_on(
    open_signed_in: OpenPage, database_url: str
) -> None:
    page = open_signed_in(RECTIFICATION.script, LEADER)
    with without_file(database_url):
        page.user = {**page.user, "nonce": "another"}
        page.run()

        assert is_nothing_shown(page)


def test_who_signed_out_does_not_go_on(open_signed_in: OpenPage, database_url: str) -> None:
    page = open_signed_in(RECTIFICATION.script, LEADER)
    user = page.user
    with without_file(database_url):
        page.user = {"is_logged_in": False}
        page.run()
        assert is_nothing_shown(page)

        page.user = user
        page.run()
        assert is_nothing_shown(page)


@pytest.mark.parametrize(
    ("entry", "account"),
    [(VISIT_PLANS, SUPERVISOR), (HOTSPOTS, SUPERVISOR), (ACCOUNTS, ADMIN), (ACCESS_LOG, ADMIN)],
    ids=lambda each: getattr(each, "url_path", each),
)
def test_what_is_asked_for_every_time_is_not_shown_from_before(
    open_page: OpenPage,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    entry: Any,
    account: str,
) -> None:
    page = open_page(entry.script, account)
    assert not is_nothing_shown(page)
    with without_file(database_url):
        page.run()

        assert is_nothing_shown(page)
        assert [each.value for each in page.info] == [outage.NOT_HERE]
        assert not page.error


def test_county_goes_on_with_its_own_review(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(SELF_REVIEW.script, CLERK)
    before = figures(page)
    with without_file(database_url):
        assert figures(page.run()) == before
        assert not page.error


def test_slides_go_on(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(OVERVIEW.script, LEADER, present="1")
    said = [each.value for each in page.markdown]
    with without_file(database_url):
        page.run()

        assert [each.value for each in page.markdown] == said
        assert page.warning[0].value.startswith("数据库暂时连不上。以下是 ")


def test_file_that_is_asked_for_meanwhile_is_not_handed_out(
    open_page: OpenPage,
    database_url: str,
    files: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_page(RECTIFICATION.script, LEADER)
    assert files
    with without_file(database_url):
        for make in files.values():
            with pytest.raises(downloads.NotHandedOutError):
                make()


def test_what_is_sent_meanwhile_is_said_not_to_be_saved_until_after_the_recovery(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("pages/city/briefing.py", SUPERVISOR)
    number = decided()
    page.text_area[0].input("周五前报送整改清单")
    next(each for each in page.text_input if each.label == "责任人").input("李主任")
    with without_file(database_url):
        press(page, "保存")
        assert any(NOT_SAVED in each.value for each in page.error), told(page)
        page.run()
        assert any(NOT_SAVED in each.value for each in page.error), "still said"

    page.run()  # as the page does by itself
    assert any(NOT_SAVED in each.value for each in page.error)
    assert not page.warning
    assert decided() == number
    page.run()
    assert not page.error


def told(page: AppTest) -> list[str]:
    return [each.value for each in (*page.error, *page.warning, *page.info, *page.success)]


def decided() -> int:
    with get_engine().connect() as conn:
        return len(conn.execute(select(schema.decision.c.id)).all())


def test_import_page_says_that_nothing_was_written(
    open_page: OpenPage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(LEDGER_IMPORT.script, CLERK)
    content = "县区,机构名称,机构类别,经营状态,排查日期\n融水县,甲,学科类,正常,2022-07-01\n"
    page.file_uploader[0].set_value(("机构.csv", content.encode(), "text/csv"))
    with without_file(database_url):
        page.run()

        assert any("库中数据未变" in each.value for each in page.error)
        assert not page.exception
