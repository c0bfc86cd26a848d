"""底数比对 on a city of few records, each of which shows in one place and not in another."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import make_url
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.pages.conftest import OpenPage
from tests.pages.elements import found_in

PAGE = "pages/county/reconciliation.py"
YES, NO, LATER, UNDO = "是同一家", "不是同一家", "先跳过", "撤回上一个"
LICENCE, CODE = "示许字〔2021〕00012号", "91450204XXXX000018"


def write(conn: Any) -> None:
    """A pair to decide in each county, two in the south, and one of each thing that is odd."""
    accounts.add_demonstration_accounts(conn)
    for county, names in ((CITY, ("甲子美术",)), (SOUTH, ("乙丑书法", "丙寅舞蹈"))):
        for at, name in enumerate(names):
            phone = f"1000000{county[3:]}{at}"
            make.institution(
                conn, county_code=county, name=f"{name}培训中心", phone=phone, licence_no=LICENCE,
                address=f"立春路{county[3:]}{at}号",
            )  # fmt: skip
            make.roster(conn, county_code=county, name=f"{name}培训", phone=phone)
    known = make.institution(
        conn,
        county_code=SOUTH,
        name="丁卯围棋馆",
        credit_code=CODE,
        operating_status="deregistered",
        deregistered_on=date(2022, 7, 1),
    )
    make.institution(conn, county_code=SOUTH, name="戊辰声乐馆")
    matched = {"institution_id": known, "match_status": "matched", "credit_code": CODE}
    make.roster(
        conn, county_code=SOUTH, name="丁卯围棋馆", received_by_us_on=date(2022, 7, 14), **matched
    )
    make.roster(
        conn, county_code=CITY, source="platform", entry_no="PT1", name="丁卯围棋馆", **matched
    )
    make.roster(conn, county_code=SOUTH, source="platform", name="己巳轮滑教育")
    make.roster(
        conn, county_code=SOUTH, name="庚午托管", match_status="dismissed", dismissed_reason="托管"
    )
    make.roster(conn, county_code=SOUTH, name="辛未古筝", received_by_us_on=date(2022, 9, 1))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("reconciliation") / "city.db"
    engine = connect_to(f"sqlite:///{path}")
    migration.upgrade(engine)
    with engine.begin() as conn:
        write(conn)
        for county in (CITY, SOUTH):
            make.report(conn, county_code=county)
    engine.dispose()
    return path.read_bytes()


@pytest.fixture
def database_url(built: bytes, tmp_path: Path) -> str:
    path = tmp_path / "city.db"
    path.write_bytes(built)
    return f"sqlite:///{path}"


def press(page: AppTest, label: str) -> AppTest:
    return next(each for each in page.button if each.label == label).click().run()


def labels(page: AppTest) -> set[str]:
    return {each.label for each in page.button}


def queue(page: AppTest) -> pd.DataFrame | None:
    return page.table[0].value if page.table else None


def listed(page: AppTest, column: str = "机构名称") -> list[str]:
    return page.dataframe[-1].value[column].tolist()


def decided(url: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(str(make_url(url).database))) as db:
        return db.execute(
            "SELECT name, verdict, match_status FROM roster_decision JOIN roster_entry"
            " ON roster_entry.id = roster_entry_id ORDER BY roster_decision.id"
        ).fetchall()


def test_county_decides_pair_after_pair_and_takes_the_last_one_back(
    open_page: OpenPage, database_url: str
) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", rows="已判定")

    assert not page.exception
    assert page.subheader[0].value == (
        "底数名单账账相符 25.0%（1/4）；还有 2 对待判定，1 行在台账里找不到。"
    )
    assert not page.warning
    shown = queue(page)
    assert shown is not None
    compared = ["名称 不同", "地址 名单缺", "电话 相同", "许可证 名单缺", "县区 相同"]
    assert [said.replace("\u2060", "") for said in shown.index] == compared
    assert shown["机构台账"].iloc[0] == "乙丑书法培训【中心】"
    assert UNDO not in labels(page)

    page = press(page, YES)
    assert not page.warning
    assert decided(database_url) == [("乙丑书法培训", "same", "matched")]
    assert "还有 1 对" in page.markdown[0].value
    page = press(page, NO)
    assert queue(page) is None
    assert "没有待判定的对子" in page.markdown[0].value
    assert listed(page, "名单名称") == ["丙寅舞蹈培训", "乙丑书法培训"]
    page = press(page, UNDO)
    assert decided(database_url) == [("乙丑书法培训", "same", "matched")]
    assert queue(page) is not None
    assert UNDO not in labels(page)


def test_pair_put_off_comes_back_after_the_others(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo")
    first = queue(page)

    page = press(page, LATER)
    second = queue(page)
    page = press(page, LATER)

    assert first is not None
    assert second is not None
    assert not first.equals(second)
    assert first.equals(queue(page))


def test_second_of_two_people_is_told(open_page: OpenPage, database_url: str) -> None:
    one, other = (open_page(PAGE, who) for who in (f"{SOUTH}@demo", "supervisor@demo"))
    while "乙丑书法" not in str(queue(other)):
        other = press(other, LATER)
    press(one, NO)

    other = press(other, YES)

    assert "已由他人判定" in other.warning[0].value
    assert "丙寅舞蹈" in str(queue(other))
    assert decided(database_url) == [("乙丑书法培训", "different", "unmatched")]


def test_county_is_sent_nothing_of_another(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{CITY}@demo", rows="一码两县区", county="柳南区")

    assert found_in(page, ["乙丑书法", "柳南区", "一码两县区", "丙寅"]) == {}
    assert listed(page) == ["丁卯围棋馆"], "matched elsewhere, it is one that is not in the ledger"
    assert "50.0%" not in page.subheader[0].value


def test_leader_reads_figures_of_all_counties_and_decides_nothing(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", rows="一码两县区")

    assert not page.exception
    assert not {YES, NO, LATER} & labels(page)
    by_county = page.dataframe[0].value
    assert by_county["县区"].tolist() == ["城中区", "柳南区"]
    assert by_county["相符/行数"].tolist() == ["0/2", "1/4"]
    assert by_county["在别县区"].tolist() == [1, 0]
    by_list = page.dataframe[1].value
    assert by_list["名单"].tolist() == ["教育部", "全国平台"]
    assert by_list["相符/行数"].tolist() == ["1/4", "0/2"]
    assert page.dataframe[2].value["出处"].tolist() == ["机构台账", "全国平台", "教育部"]


@pytest.mark.parametrize(
    ("rows", "column", "names"),
    [
        ("台账没有", "机构名称", ["己巳轮滑教育"]),
        ("名单都没有", "机构名称", ["戊辰声乐馆"]),
        ("待判定", "名单名称", ["乙丑书法培训", "丙寅舞蹈培训"]),
        ("一证多点", "机构名称", ["乙丑书法培训中心", "丙寅舞蹈培训中心"]),
        ("注销后仍在", "机构名称", ["丁卯围棋馆"]),
        ("已排除", "机构名称", ["庚午托管"]),
    ],
)
def test_address_opens_the_list_behind_a_figure(
    open_page: OpenPage, rows: str, column: str, names: list[str]
) -> None:
    assert listed(open_page(PAGE, f"{SOUTH}@demo", rows=rows), column) == names


def test_lists_that_came_later_are_not_known_on_an_earlier_day(open_page: OpenPage) -> None:
    page = open_page(PAGE, f"{SOUTH}@demo", day="2022-05-31")
    assert "还没有底数名单" in page.subheader[0].value

    page = open_page(PAGE, f"{SOUTH}@demo", day="2022-09-01")
    assert "辛未古筝" in listed(page)
    assert EARLIER < THURSDAY
