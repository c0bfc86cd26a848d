"""收费监管 on a city in which one institution raised its price, and another county's did too."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, SOUTH, THURSDAY
from tests.pages.conftest import OpenPage

PAGE = "pages/ledgers/fees.py"
SPRING, JUNE = date(2022, 3, 1), date(2022, 6, 10)


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('fees') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        for county, name in ((CITY, "城中"), (SOUTH, "柳南")):
            for number in range(6):
                place = make.institution(conn, name=f"{name}琴行{number}", county_code=county)
                lesson = {"county_code": county, "course": "启蒙", "lesson_minutes": 45}
                yuan = 96.0 + 2 * number
                make.price(conn, place, **lesson, price_yuan_per_lesson=yuan, effective_on=SPRING)
            raised = make.institution(
                conn, name=f"{name}涨价班", county_code=county, category="sports"
            )
            lesson = {"county_code": county, "price_yuan_per_lesson": 100.0}
            make.price(conn, raised, **lesson, lesson_minutes=60, effective_on=SPRING)
            make.price(
                conn, raised, **lesson, lesson_minutes=36, price_unit="term", effective_on=JUNE
            )
            make.report(conn, county_code=county)  # so that the page counts as of the Thursday
        summaries.rebuild_all(conn)
    engine.dispose()
    return url


def listed(page: AppTest) -> list[str]:
    return page.dataframe[0].value["机构名称"].tolist()


@pytest.mark.parametrize("account", ["leader@demo", "supervisor@demo"])
def test_city_sees_who_is_suspected_how_many_by_chance_and_on_what_evidence(
    open_page: OpenPage, account: str
) -> None:
    page = open_page(PAGE, account)
    row = page.dataframe[0].value.iloc[0]

    assert not page.exception
    assert page.subheader[0].value == (
        "2 家机构的 2 门课程疑似涨价；如果涨跌全凭偶然，预计不到 0.1 门。"
    )
    assert sorted(listed(page)) == ["城中涨价班", "柳南涨价班"]
    assert row["比暑期前"] == "涨 66.7%"
    assert row["每标准课时（元）"] == "75.0 → 125.0"
    assert row["同行（家）"] == "本县区 6，共 13"
    assert row["变了什么"] == (
        "课时由 60 分钟改为 36 分钟；计价由 元/人·课时 改为 元/人·期；每人每课时仍为 100.00 元"
    )
    assert "涨 66.7%（同行持平），主要自 6 月 10 日起" in page.markdown[-1].value.replace("\\", "")
    assert len(page.get("vega_lite_chart")) == 2


def test_county_sees_its_own_held_against_its_own_and_is_told_so(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", county="城中区")
    shown = "".join(each.value for each in (*page.markdown, *page.caption, *page.subheader))

    assert not page.exception
    assert listed(page) == ["柳南涨价班"]
    assert page.dataframe[0].value["同行（家）"].tolist() == ["本县区 6"]
    assert "这里只与本县区的同行相比" in shown
    assert "城中" not in shown
    assert page.dataframe[1].value["县区"].unique().tolist() == ["柳南区"]


def test_choice_of_county_and_category_narrows_what_is_told_and_not_who_the_peers_are(
    open_page: OpenPage,
) -> None:
    whole = open_page(PAGE, "leader@demo").dataframe[0].value.set_index("机构名称")
    page = open_page(PAGE, "leader@demo", county="城中区", category="体育")
    arts = open_page(PAGE, "leader@demo", category="文化艺术")

    assert listed(page) == ["城中涨价班"]
    assert page.dataframe[0].value["比同行"].tolist() == [whole.loc["城中涨价班", "比同行"]]
    assert "没有发现疑似涨价" in arts.subheader[0].value
    assert "没有疑似涨价的课程" in arts.info[0].value


def test_day_before_the_rise_has_no_suspicion(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2022-06-09")

    assert "没有发现疑似涨价" in page.subheader[0].value


def test_day_before_any_price_says_that_there_is_no_ledger(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2022-01-01")

    assert "没有课程收费台账" in page.subheader[0].value
    assert "暂不能公布" in page.subheader[1].value


def test_prices_of_the_city_and_its_counties_can_be_published(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo")
    cells = page.dataframe[1].value

    assert cells["县区"].tolist() == ["全市", "城中区", "柳南区"]
    assert cells["机构（家）"].tolist() == [14, 7, 7]
    assert "琴行" not in cells.to_string()
    assert [each.label for each in page.get("download_button")][-2:] == [
        "下载公布稿（PDF）",
        "下载公布稿（Excel）",
    ]
    assert THURSDAY > JUNE
