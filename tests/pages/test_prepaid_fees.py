"""预收费监管 on a city of a few charges, each of which shows in one place and not in another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import SOUTH, THURSDAY
from tests.pages.conftest import OpenPage

PAGE = "pages/ledgers/prepaid_fees.py"
DAY = THURSDAY.isoformat()


def after(days: int) -> date:
    return THURSDAY + timedelta(days=days)


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('prepaid') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    runs = {"course_starts_on": after(1), "course_ends_on": after(60)}
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        sound = make.institution(conn, name="示例稳妥", category="sports", fee_supervision="escrow")
        make.charge(conn, sound, receipt_no="SOUND", amount_yuan=8000.0, months=2, **runs)
        make.charge(conn, sound, receipt_no="UNSAID", into_escrow=None, lessons=8)
        stopped = make.institution(
            conn, name="示例停业", operating_status="suspended", fee_supervision="deposit"
        )
        make.charge(conn, stopped, receipt_no="STOPPED", amount_yuan=600.0, months=2, **runs)
        south = make.institution(conn, name="示例南部", county_code=SOUTH, fee_supervision="none")
        make.charge(
            conn,
            south,
            receipt_no="LONG",
            county_code=SOUTH,
            months=6,
            lessons=96,
            amount_yuan=20_000.0,
            into_escrow=False,
            **runs,
        )
        make.charge(
            conn, south, receipt_no="OLD", county_code=SOUTH, charged_on=after(-365), months=6,
            course_ends_on=after(-180),
        )  # fmt: skip
        make.institution(conn, name="示例不明", county_code=SOUTH)
        summaries.rebuild_all(conn)
    engine.dispose()
    return url


def figures(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def listed(page: AppTest, column: str) -> list[str]:
    return page.dataframe[0].value[column].tolist()


def test_leader_reads_who_stopped_first_then_what_broke_a_rule(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day=DAY)

    assert not page.exception
    assert page.subheader[0].value.replace("\\", "") == (
        "1 家停业、注销或无证机构约有 600 元预收费没上完课，没有写明在账户外的；"
        "在营的“示例南部”账户外最多，约 2.0 万元；近一年 4 笔收费中 1 笔违规。"
    )
    assert figures(page) == {
        "停业仍有预收费": "1 家",
        "未上课预收费": "3.0 万元",
        "其中账户外": "2.0 万元",
        "违规收费": "1 笔",
        "是否入账未填": "1 笔",
        "监管方式未填": "1 家",
    }
    assert listed(page, "机构名称") == ["示例停业"]
    assert len(page.get("vega_lite_chart")) == 4
    notes = page.caption[-1].value.replace("\\", "")
    assert "未上课金额是估算" in notes
    assert "每周 2 课时" in notes
    assert "预收费监管率 50.0%（2/4）" in notes
    assert "1 家没有登记监管方式，计入分母" in notes


@pytest.mark.parametrize(
    ("rows", "column", "values"),
    [
        ("违规收费", "票据号", ["LONG", "LONG", "LONG"]),
        ("风险资金", "机构名称", ["示例停业", "示例南部", "示例稳妥"]),
        ("未监管机构", "机构名称", ["示例不明", "示例南部"]),
    ],
)
def test_address_opens_the_rows_behind_a_figure(
    open_page: OpenPage, rows: str, column: str, values: list[str]
) -> None:
    page = open_page(PAGE, "supervisor@demo", day=DAY, rows=rows)

    assert sorted(listed(page, column)) == sorted(values)
    if rows == "风险资金":
        assert listed(page, column) == values


def test_every_finding_names_rule_version_and_document(open_page: OpenPage) -> None:
    found = open_page(PAGE, "supervisor@demo", day=DAY, rows="违规收费").dataframe[0].value

    by_rule = found.set_index("问题")
    assert set(by_rule.index) == {
        "一次收费超过三个月",
        "一次收费超过六十课时",
        "预收费未进入监管账户",
    }
    assert by_rule.loc["一次收费超过三个月", "规定自"] == date(2018, 8, 22)
    assert by_rule.loc["一次收费超过六十课时", "依据"].startswith("教监管函〔2021〕2号《")
    assert by_rule.loc["一次收费超过六十课时", "情况"] == "收 96 课时，限 60 课时"


def test_a_charge_is_judged_by_its_own_day_and_shown_for_a_year(open_page: OpenPage) -> None:
    page = open_page(PAGE, "supervisor@demo", day=after(-1).isoformat(), rows="违规收费")

    # Looked at a day earlier the old one is within the year; the others are not charged yet.
    assert listed(page, "票据号") == ["OLD"]
    assert listed(page, "问题") == ["一次收费超过三个月"]


def test_county_sees_its_own_charges_whatever_the_address_asks(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", day=DAY, county="城中区", rows="风险资金")

    assert listed(page, "机构名称") == ["示例南部"]
    assert figures(page)["停业仍有预收费"] == "0 家"
    assert page.subheader[0].value.startswith("没有停业、注销或无证机构欠着预收费")


def test_category_of_the_address_narrows_figures_and_list(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day=DAY, category="体育", rows="风险资金")

    assert listed(page, "机构名称") == ["示例稳妥"]
    assert figures(page)["违规收费"] == "0 笔"
    assert "预收费监管率 100.0%（1/1）" in page.caption[-1].value.replace("\\", "")


def test_county_without_anything_gets_a_page_all_the_same(open_page: OpenPage) -> None:
    page = open_page(PAGE, "450226@demo", day=DAY)

    assert not page.exception
    assert "近一年没有预收费台账记录" in page.subheader[0].value
    assert "没有“停业仍有预收费”的记录" in page.info[0].value
