"""退费纠纷 on a city of a few disputes, each of which shows in one place and not in another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import SOUTH, THURSDAY
from tests.pages.conftest import OpenPage

PAGE = "pages/ledgers/refund_disputes.py"


def before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('refunds') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        many = make.institution(conn, name="示例多次", category="sports")
        for number in range(3):
            make.dispute(
                conn,
                dispute_no=f"TF-MANY-{number}",
                institution_id=many,
                institution_name="示例多次",
                opened_on=before(10 * number),
                plan_in_place=False,
            )
        make.dispute(conn, dispute_no="TF-COURT", opened_on=before(90), status="litigation")
        make.dispute(
            conn,
            dispute_no="TF-DONE",
            institution_name="示例已办",
            opened_on=before(12),
            resolved_on=before(2),
            status="resolved",
            route="refund",
            refunded_yuan=500.0,
        )
        make.dispute(
            conn,
            dispute_no="TF-SOUTH",
            institution_name="示例大额",
            county_code=SOUTH,
            opened_on=before(60),
            students=29,
            amount_yuan=100_000.0,
            plan_in_place=True,
        )
        summaries.rebuild_all(conn)
    engine.dispose()
    return url


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def dispute_numbers(page: AppTest) -> list[str]:
    return page.dataframe[0].value["纠纷编号"].tolist()


def test_leader_sees_the_figures_and_whom_to_watch_for_what_reason(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo")
    watched = page.dataframe[0].value

    assert not page.exception
    assert figures(page) == {
        "未化解": "5 件",
        "涉及学生": "33 人",
        "涉及金额": "10.4 万元",
        "本周登记": "1 件",
        "本周化解": "1 件",
        "未化解中位天数": "20 天",
    }
    assert page.subheader[0].value == (
        "未化解 5 件、10.4 万元，件数与 8 月 18 日持平；2 家机构需要一企一策。"
    )
    assert watched["机构名称"].tolist() == ["示例大额", "示例多次"]
    assert watched["列入原因"].tolist() == ["10.0 万元未化解", "30 天内 3 件"]
    assert watched["一企一策"].tolist() == ["是", "否"]
    assert len(page.get("vega_lite_chart")) == 4


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        ("未化解", ["TF-COURT", "TF-SOUTH", "TF-MANY-2", "TF-MANY-1", "TF-MANY-0"]),
        ("本周登记", ["TF-MANY-0"]),
        ("本周化解", ["TF-DONE"]),
        ("诉讼中", ["TF-COURT"]),
    ],
)
def test_address_opens_the_rows_behind_a_figure(
    open_page: OpenPage, rows: str, listed: list[str]
) -> None:
    assert dispute_numbers(open_page(PAGE, "leader@demo", rows=rows)) == listed


def test_county_sees_its_own_disputes_whatever_the_address_asks(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", county="城中区", rows="未化解")

    assert dispute_numbers(page) == ["TF-SOUTH"]
    assert figures(page)["涉及学生"] == "29 人"


def test_category_of_the_address_narrows_figures_and_list(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", category="体育", rows="未化解")

    assert figures(page)["未化解"] == "3 件"
    assert dispute_numbers(page) == ["TF-MANY-2", "TF-MANY-1", "TF-MANY-0"]


def test_earlier_day_shows_a_dispute_that_was_not_resolved_yet(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day=str(before(5)), rows="未化解")

    assert "TF-DONE" in dispute_numbers(page)
    assert "TF-MANY-0" not in dispute_numbers(page)


def test_day_of_another_year_says_which(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2021-01-01")

    assert page.subheader[0].value == "截至 2021 年 1 月 1 日，没有未化解的退费纠纷。"
    assert page.metric[0].help.startswith("截至 2021 年 1 月 1 日（周五）已登记")


def test_county_without_any_dispute_gets_a_page_all_the_same(open_page: OpenPage) -> None:
    page = open_page(PAGE, "450226@demo")

    assert not page.exception
    assert "没有未化解的退费纠纷" in page.subheader[0].value
    assert "没有“一企一策”的记录" in page.info[0].value
    assert figures(page)["未化解中位天数"] == "—"
