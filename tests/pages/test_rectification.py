"""整改销号 on a city of a few items, each of which shows in one place and not in another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, schema, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY
from tests.pages.conftest import OpenPage

PAGE = "pages/ledgers/rectification.py"


def before(days: int) -> object:
    return THURSDAY - timedelta(days=days)


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('rectification') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        make.report(conn)  # so that the first choice of day is the Thursday
        arts = make.institution(conn, category="arts")
        item = make.rectification(
            conn, ledger_no="ZG-LATE", institution_id=arts, due_on=before(3), severity=3
        )
        make.rectification(conn, ledger_no="ZG-TODAY", due_on=THURSDAY, opened_on=before(8))
        make.rectification(conn, ledger_no="ZG-SOUTH", county_code=SOUTH, due_on=before(-9))
        make.rectification(
            conn, ledger_no="ZG-CLOSED", opened_on=before(20), closed_on=before(1), status="closed"
        )
        make.rectification(conn, ledger_no="ZG-HIDDEN", withheld=True, due_on=before(50))
        back = make.rectification(conn, ledger_no="ZG-BACK", spells=False, due_on=before(-3))
        make.spell(conn, back, closed_on=before(50))
        make.spell(conn, back, spell_no=2, opened_on=before(40))
        for step in ("register", "assign"):
            conn.execute(
                insert(schema.rectification_event).values(
                    rectification_id=item,
                    county_code=CITY,
                    happened_on=before(80),
                    step=step,
                    received_by_us_on=THURSDAY,
                )
            )
        summaries.rebuild_all(conn)
    engine.dispose()
    return url


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def ledger_numbers(page: AppTest) -> list[str]:
    return page.dataframe[0].value["台账编号"].tolist()


def test_leader_sees_the_figures_and_the_most_urgent_first(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo")

    assert not page.exception
    assert figures(page) == {
        "未销号": "4 件",
        "其中逾期　1/4": "1 件",
        "本周到期": "1 件",
        "本周销号": "1 件",
        "反弹率　1/1": "100.0%",
    }
    assert page.subheader[0].value.startswith("未销号 4 件，逾期 1 件，")
    assert ledger_numbers(page) == ["ZG-LATE", "ZG-TODAY", "ZG-BACK", "ZG-SOUTH"]
    assert page.dataframe[0].value["最近环节"].tolist()[0] == "交办"
    assert len(page.get("vega_lite_chart")) == 2


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        ("逾期", ["ZG-LATE"]),
        ("本周到期", ["ZG-TODAY"]),
        ("本周销号", ["ZG-CLOSED"]),
        ("反弹", ["ZG-BACK"]),
    ],
)
def test_address_opens_the_rows_behind_a_figure(
    open_page: OpenPage, rows: str, listed: list[str]
) -> None:
    assert ledger_numbers(open_page(PAGE, "leader@demo", rows=rows)) == listed


def test_only_supervisors_see_what_is_born_of_an_unreleased_plan(open_page: OpenPage) -> None:
    assert "ZG-HIDDEN" in ledger_numbers(open_page(PAGE, "supervisor@demo"))
    assert "ZG-HIDDEN" not in ledger_numbers(open_page(PAGE, f"{CITY}@demo"))


def test_county_sees_its_own_items_whatever_the_address_asks(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", county="城中区")

    assert ledger_numbers(page) == ["ZG-SOUTH"]
    assert page.subheader[0].value == "未销号 1 件，没有逾期的。"


def test_filters_of_the_address_narrow_figures_and_list(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", category="文化艺术")

    assert ledger_numbers(page) == ["ZG-LATE"]
    assert figures(page)["未销号"] == "1 件"


def test_earlier_day_knows_nothing_of_what_came_after(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day=str(before(10)))

    assert sorted(ledger_numbers(page)) == ["ZG-BACK", "ZG-CLOSED", "ZG-LATE", "ZG-SOUTH"]


def test_empty_list_explains_itself(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", rows="逾期")

    assert not page.exception
    assert not page.dataframe
    assert "没有“逾期”的事项" in page.info[0].value


def test_county_without_any_item_gets_a_page_all_the_same(open_page: OpenPage) -> None:
    page = open_page(PAGE, "450226@demo", day=str(THURSDAY))

    assert not page.exception
    assert page.subheader[0].value == "截至 8 月 25 日，没有未销号的整改事项。"
    page = open_page(PAGE, "450226@demo", day="2021-01-01")
    assert page.subheader[0].value == "截至 2021 年 1 月 1 日，没有未销号的整改事项。"
    assert figures(page)["反弹率　0/0"] == "—"
