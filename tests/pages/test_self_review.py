"""县区自查, for a county, for a leader and for the supervision team."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from data_access import accounts, migration
from data_access.engine import connect_to
from tests.factories import CITY, SOUTH
from tests.pages.conftest import Files, OpenPage
from tests.review_city import fill

PAGE = "pages/county/self_review.py"
WORKBOOK = "待办工作簿（2022-08-25）.xlsx"
DAY = {"day": "2022-08-25"}


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('review') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        fill(conn)
    engine.dispose()
    return url


def test_county_reads_what_it_has_to_do_and_takes_the_workbook_along(
    open_page: OpenPage, files: Files
) -> None:
    page = open_page(PAGE, f"{CITY}@demo", of="柳南区", county="柳南区", **DAY)

    assert not page.exception
    first, second, towns = (element.value for element in page.subheader)
    assert first.startswith("8 月 25 日（周四）前要办：整改销号 2 件（逾期 1 件）")
    assert second.startswith("城中区对照 38 条，")
    assert "未能判定街道" in towns
    assert page.selectbox == []
    assert page.dataframe[0].value["事项"].tolist()[-3:] == ["甲10", "甲11", "甲12"]
    lines = page.dataframe[1].value
    assert lines["判断"].tolist()[0] == "未达到"
    # No more than a county: the median of one is none, and of the other rows nothing is said.
    assert set(lines["全市中位数"]) <= {
        "—",
        "0 件",
        "0 次",
        "0 种",
        "0 家",
        "0 个",
        "0 人",
        "0 元",
        "0.5 件",
    }
    book = openpyxl.load_workbook(BytesIO(files[f"城中区{WORKBOOK}"]()))
    assert [sheet.max_row - 1 for sheet in book][1:] == [2, 3, 9, 2]


def test_leader_begins_with_the_county_most_in_need_and_takes_no_workbook(
    open_page: OpenPage, files: Files
) -> None:
    page = open_page(PAGE, "leader@demo", **DAY)

    assert page.selectbox[0].value == SOUTH  # three overdue items, and not one
    assert page.subheader[1].value.startswith("柳南区对照 38 条")
    assert not any("待办工作簿" in name for name in files)

    page.selectbox[0].select(CITY).run()
    assert page.subheader[1].value.startswith("城中区对照 38 条")
    assert "XT-1" not in page.dataframe[0].value["事项"].tolist()


def test_supervisor_sees_of_a_county_what_the_county_sees(
    open_page: OpenPage, files: Files
) -> None:
    own = open_page(PAGE, f"{CITY}@demo", **DAY)

    page = open_page(PAGE, "supervisor@demo", county="城中区", **DAY)

    assert page.selectbox == []
    assert page.dataframe[0].value.equals(own.dataframe[0].value)
    assert page.dataframe[1].value.equals(own.dataframe[1].value)
    assert f"城中区{WORKBOOK}" in files


def test_kind_and_judgement_narrow_their_lists(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{CITY}@demo", task="整改销号", judged="待登记", **DAY)

    assert page.dataframe[0].value["事项"].tolist() == ["ZG-LATE", "ZG-TODAY"]
    assert set(page.dataframe[1].value["判断"]) == {"待登记"}


def test_page_says_where_no_median_was_worked_out(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_access.city_medians.refresh", lambda _day: False)

    page = open_page(PAGE, f"{CITY}@demo", **DAY)

    assert any("全市中位数尚未计算" in caption.value for caption in page.caption)
    assert "待计算" in set(page.dataframe[1].value["全市中位数"])
