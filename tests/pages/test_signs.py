"""Suspected rises and refund alarms in overview, briefing and self-review, for each reader."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from data_access.freezing import freeze
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY
from tests.pages.conftest import OpenPage
from tests.pages.elements import found_in

OVERVIEW, BRIEFING = "pages/city/overview.py", "pages/city/briefing.py"
REVIEW, FEES = "pages/county/self_review.py", "pages/ledgers/fees.py"
SPRING, JUNE = date(2022, 3, 1), date(2022, 6, 10)
OF_CITY = "疑似涨价 2 家 2 门（仅凭偶然预计不到 0.1 门）"
OF_COUNTY = "疑似涨价 1 家 1 门（仅凭偶然预计"
ALARM = "8 月 25 日这一周退费预警 1 个县区、1 家机构"


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two counties, in each a raised price; in the first an institution with nine disputes."""
    url = f"sqlite:///{tmp_path_factory.mktemp('signs') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        for county, name in ((CITY, "城中"), (SOUTH, "柳南")):
            lesson = {"county_code": county, "lesson_minutes": 45}
            for number in range(6):
                place = make.institution(conn, name=f"{name}琴行{number}", county_code=county)
                yuan = 96.0 + 2 * number
                make.price(conn, place, **lesson, price_yuan_per_lesson=yuan, effective_on=SPRING)
            raised = make.institution(
                conn, name=f"{name}涨价班", county_code=county, category="sports"
            )
            for yuan, day in ((100.0, SPRING), (170.0, JUNE)):
                make.price(conn, raised, **lesson, price_yuan_per_lesson=yuan, effective_on=day)
            make.report(conn, county_code=county)  # so that pages count as of the Thursday
        busy = make.institution(conn, name="城中学堂")
        for week in range(20):
            make.dispute(conn, opened_on=THURSDAY - timedelta(weeks=week))
        for _ in range(9):
            make.dispute(conn, institution_id=busy, institution_name="城中学堂")
        summaries.rebuild_all(conn)
    with engine.begin() as conn:
        freeze(conn, THURSDAY, by=None)
    engine.dispose()
    return url


def said(page: AppTest) -> str:
    """Everything a page says, links too."""
    words = (*page.subheader, *page.markdown, *page.caption, *page.info)
    links = [link.proto.label for link in page.get("page_link")]
    return "\n".join([*links, *(each.value for each in words)]).replace("\\", "")


@pytest.mark.parametrize("account", ["leader@demo", "supervisor@demo"])
@pytest.mark.parametrize("path", [OVERVIEW, BRIEFING])
def test_city_reads_how_many_are_suspected_and_whose_disputes_stand_out(
    open_page: OpenPage, account: str, path: str
) -> None:
    page = open_page(path, account)
    shown = said(page)

    assert not page.exception
    assert OF_CITY in shown
    assert ALARM in shown
    assert "退费纠纷异常增多：城中学堂（城中区，9 件" in shown
    assert "疑似涨价 2 家 2 门，最突出的是" in shown


def test_numbers_are_those_of_the_page_that_lists_them(open_page: OpenPage) -> None:
    fees = open_page(FEES, "leader@demo")

    assert (
        fees.subheader[0].value
    ) == "2 家机构的 2 门课程疑似涨价；如果涨跌全凭偶然，预计不到 0.1 门。"
    assert "1 个县区、1 家机构的登记数异常增多" in said(
        open_page("pages/ledgers/refund_disputes.py", "leader@demo")
    )


@pytest.mark.parametrize("path", [OVERVIEW, BRIEFING, REVIEW])
def test_county_reads_its_own_alone(open_page: OpenPage, path: str) -> None:
    page = open_page(path, f"{SOUTH}@demo", county="城中区")

    assert not page.exception
    assert found_in(page, ["城中涨价班", "城中学堂", "城中区"]) == {}
    assert "退费预警 1" not in said(page)
    if path != REVIEW:
        assert OF_COUNTY in said(page)


def test_choice_narrows_what_is_told_and_not_who_the_peers_are(open_page: OpenPage) -> None:
    south = said(open_page(OVERVIEW, "leader@demo", county="柳南区"))
    arts = said(open_page(OVERVIEW, "leader@demo", category="文化艺术"))
    sports = said(open_page(OVERVIEW, "leader@demo", category="体育"))

    assert "疑似涨价 1 家 1 门，是柳南涨价班（柳南区），比暑期前涨 70.0%" in south
    assert "退费纠纷异常增多" not in south
    assert "门课程中没有发现疑似涨价" in arts
    assert "疑似涨价 2 家 2 门" in sports  # of its own kind nobody has a peer


@pytest.mark.parametrize("path", [OVERVIEW, BRIEFING])
def test_frozen_week_says_nothing_of_them(open_page: OpenPage, path: str) -> None:
    page = open_page(path, "leader@demo", basis="会上冻结")

    assert not page.exception
    assert "冻结" in said(page)
    assert "疑似涨价" not in said(page)
    assert "退费预警" not in said(page)


@pytest.mark.parametrize("path", [OVERVIEW, BRIEFING])
def test_day_before_any_row_says_nothing_of_them(open_page: OpenPage, path: str) -> None:
    page = open_page(path, "leader@demo", day="2020-01-02")

    assert not page.exception
    assert "疑似涨价" not in said(page)
    assert "退费预警" not in said(page)


@pytest.mark.parametrize("account", [f"{CITY}@demo", "leader@demo"])
def test_review_of_a_county_is_judged_among_its_own_whoever_reads(
    open_page: OpenPage, account: str
) -> None:
    page = open_page(REVIEW, account, of="城中区")
    lines = page.dataframe[1].value.set_index("对照指标")

    assert lines.loc["疑似涨价机构", ["本县区", "判断"]].tolist() == ["14.3%（1/7）", "未达到"]
    assert lines.loc["可公布价格监测", ["本县区", "判断"]].tolist() == ["100.0%（1/1）", "无定数"]
    assert lines.loc["退费预警", "本县区"] == "2 个"
    assert "只与本县区同行相比" in lines.loc["疑似涨价机构", "数的是什么"]
