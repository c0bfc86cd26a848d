"""数据质量 for each role: what is found, who sees it, what can be taken away."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pandas as pd
import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, schema
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.pages.conftest import Files, OpenPage

PAGE = "pages/county/data_quality.py"


def before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('quality') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        for number in range(12):
            make.report(
                conn,
                report_no=f"JB-{number:02}",
                place_name="角宿大厦",
                received_by_us_on=EARLIER,
            )
        make.report(conn, report_no="JB-BARE", received_by_us_on=before(3), summary="原话")
        make.report(
            conn,
            report_no="JB-FAR",
            received_by_us_on=EARLIER,
            longitude=109.6,
            latitude=25.8,  # in the north of the city
        )
        make.report(
            conn,
            report_no="JB-SOUTH",
            county_code=SOUTH,
            received_on=before(40),
            received_by_us_on=before(40),
            place_name="亢宿大厦",
        )
        mended = make.dispute(
            conn,
            dispute_no="TF-MENDED",
            institution_id=make.institution(
                conn, operating_status="suspended", address="城中街道1号"
            ),
            opened_on=EARLIER,
            received_by_us_on=EARLIER,
            status="resolved",
            resolved_on=before(20),
            route="legal",
        )
        assert mended
        conn.execute(
            insert(schema.row_change).values(
                table_name="refund_dispute",
                row_key="TF-MENDED",
                county_code=CITY,
                column_name="route",
                new_value="legal",
                email="甲@example.org",
                changed_on=before(2),
            )
        )
        (stop,) = make.visit_plan(conn, CITY, status="sealed")
        make.inspection(
            conn,
            inspection_no="JC-SEALED",
            visit_stop_id=stop,
            withheld=True,
            institution_name="未公布的机构",
        )
    engine.dispose()
    return url


def rules(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


def numbers(page: AppTest) -> list[str]:
    return page.dataframe[1].value["编号"].tolist()


def test_county_sees_what_to_mend_first_and_its_rows(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{CITY}@demo")

    assert not page.exception
    assert page.subheader[0].value == (
        "城中区台账 16 行中 14 行没有问题（87.5%），比 8 月 18 日改好 1 行、新出问题 1 行；"
        "先改“举报坐标不在本县区”1 行"
    )
    found = rules(page)
    wrong = found[found["有问题（行）"] > 0]
    assert wrong[["问题", "比上周", "谁来改"]].to_numpy().tolist() == [
        ["举报坐标不在本县区", "持平", "县区"],
        ["举报没有地点", "↑ 增加 1（新出 1）", "县区"],
    ]
    mended = found[found["问题"] == "已化解而没有化解途径"]
    assert mended["比上周"].tolist() == ["↓ 减少 1（改好 1）"]
    assert "许可证号在别的县区也有" not in found["问题"].tolist()
    assert numbers(page) == ["JB-FAR"]
    assert "公里" in page.dataframe[1].value["错在哪里"].iloc[0]
    assert len(page.dataframe) == 2


def test_address_opens_the_rows_of_a_rule_and_of_all(open_page: OpenPage, files: Files) -> None:
    page = open_page(PAGE, f"{CITY}@demo", rule="举报没有地点")
    assert numbers(page) == ["JB-BARE"]

    page = open_page(PAGE, f"{CITY}@demo", rule="全部问题")
    assert numbers(page) == ["JB-FAR", "JB-BARE"]
    sheet = pd.read_excel(BytesIO(files["数据质量（全部问题）.xlsx"]()), engine="calamine")
    assert sheet["编号"].tolist() == ["JB-FAR", "JB-BARE"]
    assert list(sheet.columns) == [
        *("台账", "问题", "县区", "编号", "名称", "错在哪里", "已有（天）", "知道自"),
        *("谁来改", "怎么改"),
    ]
    assert "原话" not in sheet.to_string()


@pytest.mark.parametrize("account", ["supervisor@demo", "leader@demo"])
def test_city_sees_counties_side_by_side_without_what_is_sealed(
    open_page: OpenPage, account: str
) -> None:
    page = open_page(PAGE, account)

    assert not page.exception
    counties = page.dataframe[2].value
    assert len(counties) == 12
    assert counties["县区"].iloc[0] == "城中区"
    assert counties["合格率"].tolist()[:3] == ["87.5%（14/16）", "—", "0.0%（0/1）"]
    assert counties["与全体相比"].tolist()[:3] == ["看不出差别", "行数少，不比", "行数少，不比"]
    assert "检查的机构不在机构台账" not in page.selectbox[0].options
    assert "检查的机构不在机构台账" not in rules(page)["问题"].tolist()
    assert any("17 行中 14 行" in each.value for each in page.subheader)


def test_county_sees_nothing_of_another_whatever_the_address_asks(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", county="城中区", day="2022-08-25", rule="举报没有地点")

    assert numbers(page) == ["JB-SOUTH"]
    assert "JB-FAR" not in "".join(frame.value.to_string() for frame in page.dataframe)


def test_category_leaves_what_is_of_no_institution_out(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", category="体育")

    assert page.subheader[0].value == "全市没有台账数据"
    assert page.info


def test_long_list_is_turned_by_the_page_and_its_file_says_how_much_it_holds(
    open_page: OpenPage, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.pager.PAGE_ROWS", 1)
    monkeypatch.setattr("ui.pager.FILE_ROWS", 2)
    page = open_page(PAGE, "leader@demo", rule="全部问题")
    (number,) = page.number_input

    def sentence() -> str:
        (said,) = [each.value for each in page.caption if each.value.startswith("第 ")]
        return said

    assert (numbers(page), sentence()) == (["JB-FAR"], "第 1–1 条，共 3 条")
    number.set_value(3).run()
    assert (numbers(page), sentence()) == (["JB-BARE"], "第 3–3 条，共 3 条")

    sheet = pd.read_excel(BytesIO(files["数据质量（全部问题）.xlsx"]()), engine="calamine")
    assert sheet["编号"].tolist() == ["JB-FAR", "JB-SOUTH"]
    assert "下载 Excel（前 2 行，共 3 行）" in [each.label for each in page.get("download_button")]
