"""每周报表: the sample recounted in another way, cells with their rows, files, readers."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration, summaries
from data_access.engine import connect_to, get_engine
from data_access.schema import audit_event
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.pages.conftest import Files, OpenPage
from tests.pages.elements import found_in

PAGE = "pages/city/weekly_report.py"
OWN = "450224@demo"
FORM, BULLETIN, EFFECT = 0, 1, 2  # tables of the page while no cell is chosen
NUMBERS = ["出动人次", "排查个次", "证照不全", "学科类违规", "非学科违规", "个人人次"]
REFUNDS = ["退费金额", "退费人数"]
DISGUISED = [
    *("一对一", "高端家政", "众筹私教", "住家教师", "研学旅行", "咨询或文化传播名义"),
    "假注销真运营",
]


def shown(page: AppTest, place: int = FORM) -> pd.DataFrame:
    return page.dataframe[place].value.set_index("县区")


def choose(page: AppTest, key: str, row: int, header: str) -> AppTest:
    page.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [[row, header]]}}
    return page.run()


def by_hand(sample: Path, first: str, last: str, county: str | None = None) -> dict[str, Any]:
    """The same week in SQL, place by place, without any code of the form's."""
    of = "AND i.county_code = :county" if county else ""
    asked = {"first": first, "last": last, "county": county}
    with closing(sqlite3.connect(sample)) as db:
        db.row_factory = sqlite3.Row
        visits = db.execute(
            f"""SELECT i.*, o.id AS own, o.category, o.operating_status, o.licence_no,
                       o.licence_valid_to, o.deregistered_on
                FROM inspection i LEFT JOIN institution o
                  ON o.id = i.institution_id AND o.county_code = i.county_code
                WHERE date(i.inspected_on) BETWEEN :first AND :last AND NOT i.withheld {of}""",  # noqa: S608
            asked,
        ).fetchall()
        refunded = db.execute(
            f"""SELECT COALESCE(SUM(refunded_yuan), 0), COALESCE(SUM(students), 0)
                FROM refund_dispute i
                WHERE route = 'refund' AND resolved_on BETWEEN :first AND :last {of}""",  # noqa: S608
            asked,
        ).fetchone()
    without, subject, other, disguised = set(), set(), set(), Counter()
    for row in visits:
        what = row["violation_type_group"]
        if row["outcome"] != "violation" or what == "线上直播":
            continue
        name = row["institution_name_key"] or row["institution_name"] or row["address"]
        place = (row["county_code"], row["own"] or name or row["place_name"] or row["id"])
        day = row["inspected_on"]
        is_bad = (
            row["own"] is None
            or row["operating_status"] == "unlicensed"
            or not (row["licence_no"] or "").strip()
            or (row["licence_valid_to"] or "9999") < day
            or (row["deregistered_on"] or "9999") <= day
            or what == "无证办学"
        )
        if is_bad:
            without.add(place)
        elif what in (*DISGUISED, "学科类违规开班"):
            (subject if row["category"] == "subject" else other).add(place)
        if what in DISGUISED:
            disguised[what] += 1
    return {
        "出动人次": sum(row["people"] or 0 for row in visits),
        "排查个次": len(visits),
        "证照不全": len(without),
        "学科类违规": len(subject - without),
        "非学科违规": len(other - without),
        "个人人次": sum(row["individuals"] or 0 for row in visits),
        "退费金额": refunded[0],
        "退费人数": refunded[1],
        "变异形态": disguised,
    }


@pytest.mark.parametrize(
    ("day", "first"),
    [("2022-08-25", "2022-08-19"), ("2022-08-10", "2022-08-05"), ("2022-05-12", "2022-05-06")],
)
def test_week_of_the_sample_is_what_it_is_recounted_to_be(
    open_page: OpenPage, sample: Path, county_codes: dict[str, str], day: str, first: str
) -> None:
    form = shown(open_page(PAGE, "leader@demo", day=day))

    assert form.index.tolist() == [*county_codes.values(), "合计"]
    for code, name in {**county_codes, None: "合计"}.items():
        expected = by_hand(sample, first, day, code)
        said = form.loc[name, [*NUMBERS, *REFUNDS]].to_dict()
        assert said == {each: expected[each] for each in (*NUMBERS, *REFUNDS)}, name
        words = form.loc[name, "变异形态"]
        listed = dict(each.rsplit(" ", 1) for each in words.split("、")) if words != "无" else {}
        assert {word: int(n) for word, n in listed.items()} == dict(expected["变异形态"])


def test_golden_week_by_the_numbers(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2022-08-25")

    assert not page.exception
    assert shown(page).loc["合计", [*NUMBERS, *REFUNDS]].tolist() == [
        *[835, 146, 7, 0, 1, 20],
        *[194470.0, 61],
    ]
    assert page.subheader[0].value == (
        "8 月 19 日至 8 月 25 日，全市出动 835 人次、排查 146 个次，查出违规 26 处："
        "证照不全 7 家，证照齐全而违规开展学科类培训 1 家，其他违规 18 处。"
    )
    assert "8 月 25 日（周四）" in page.caption[0].value
    assert "暗访" not in page.caption[0].value


def test_bulletin_counts_the_campaign_and_this_week_side_by_side(
    open_page: OpenPage, sample: Path
) -> None:
    bulletin = shown(open_page(PAGE, "leader@demo"), BULLETIN)
    so_far, week = (by_hand(sample, first, "2022-08-25") for first in ("2022-07-01", "2022-08-19"))

    for name in ("出动人次", "排查个次"):
        assert bulletin.loc["合计", f"累计{name}"] == so_far[name]
        assert bulletin.loc["合计", f"本周{name}"] == week[name]
    assert (bulletin.iloc[:-1].sum() == bulletin.iloc[-1]).all()


@pytest.mark.parametrize("row", [3, 12])  # 柳北区, 合计
@pytest.mark.parametrize("header", [*NUMBERS, *REFUNDS])
def test_cell_lists_the_rows_whose_number_it_is(open_page: OpenPage, row: int, header: str) -> None:
    page = open_page(PAGE, "leader@demo")
    value = shown(page).iloc[row][header]
    choose(page, "weekly.form", row, header)

    assert not page.exception
    if not value:
        assert len(page.dataframe) == 3 or shown(page, 1)["计入"].sum() == 0
        return
    listed = page.dataframe[1].value
    assert listed["计入"].sum() == value
    assert set(listed["县区"]) == ({"柳北区"} if row == 3 else set(listed["县区"]))
    number = "纠纷编号" if header in REFUNDS else "检查编号"
    assert listed[number].is_unique


@pytest.mark.parametrize("header", ["累计齐全违规", "累计恶意涨价", "本周化解人数"])
def test_cell_of_the_bulletin_lists_its_rows(open_page: OpenPage, header: str) -> None:
    page = open_page(PAGE, "leader@demo")
    value = shown(page, BULLETIN).loc["合计", header]
    choose(page, "weekly.bulletin", 12, header)

    assert value > 0
    assert page.dataframe[2].value["计入"].sum() == value


def test_text_cell_is_written_out_and_lists_its_rows(open_page: OpenPage) -> None:
    page = choose(open_page(PAGE, "leader@demo"), "weekly.form", 12, "变异形态")

    assert any("一对一 2、" in each.value for each in page.markdown)
    assert len(page.dataframe[1].value) == 5


@pytest.mark.parametrize(
    ("row", "header"), [(0, "县区"), (99, "出动人次"), (-1, "出动人次"), (0, "没有的栏")]
)
def test_cell_that_counts_nothing_or_is_none_lists_nothing(
    open_page: OpenPage, row: int, header: str
) -> None:
    page = choose(open_page(PAGE, "leader@demo"), "weekly.form", row, header)

    assert not page.exception
    assert len(page.dataframe) == 3


def test_county_sees_its_own_week_and_nobody_else(
    open_page: OpenPage, sample: Path, secrets_of_others: set[str]
) -> None:
    page = open_page(PAGE, OWN, county="柳南区")
    expected = by_hand(sample, "2022-08-19", "2022-08-25", "450224")

    assert shown(page).index.tolist() == ["融安县", "合计"]
    assert shown(page).loc["融安县", NUMBERS].to_dict() == {n: expected[n] for n in NUMBERS}
    choose(page, "weekly.form", 1, "排查个次")
    assert len(page.dataframe[1].value) == expected["排查个次"]
    assert found_in(page, secrets_of_others) == {}


def test_what_a_county_sees_of_itself_is_what_the_city_sees_of_it(open_page: OpenPage) -> None:
    own = shown(open_page(PAGE, OWN)).loc["融安县"]

    assert own.equals(shown(open_page(PAGE, "leader@demo")).loc["融安县"])


def test_category_narrows_nothing_and_the_page_says_so(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", category="体育")

    assert shown(page).equals(shown(open_page(PAGE, "leader@demo")))
    assert "不随“机构类别”筛选变化" in page.caption[0].value


def test_week_under_way_is_said_to_be_and_ends_with_the_day(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2022-08-23")

    assert page.subheader[0].value.startswith("8 月 19 日至 8 月 23 日，")
    assert "本周未结束" in page.caption[0].value


def test_comparison_says_what_it_does_not_prove(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo")
    words = [each.value for each in (*page.markdown, *page.caption)]

    assert len(page.dataframe[EFFECT].value) == 10
    assert any("与行动前（最多 13 个整周）相比" in each for each in words)
    assert any("没有未开展行动的地方作对照，不能据此认定是行动带来的" in each for each in words)


def test_day_before_the_campaign_has_nothing_to_compare(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2022-06-22")

    assert not page.exception
    assert shown(page, BULLETIN).loc["合计", "累计排查个次"] == 0
    assert any("还没有可比的周" in each.value for each in page.markdown)


def exports() -> list[dict[str, Any]]:
    with get_engine().connect() as conn:
        stmt = select(audit_event).where(audit_event.c.action == "export")
        return [json.loads(row.detail) for row in conn.execute(stmt)]


@pytest.mark.parametrize(
    ("county", "unit", "stem", "rows"),
    [([], "柳州市", "全市", 13), (["柳南区"], "柳南区", "柳南区", 2)],
)
def test_files_are_of_the_chosen_counties_and_logged(
    open_page: OpenPage, files: Files, county: list[str], unit: str, stem: str, rows: int
) -> None:
    page = open_page(PAGE, "leader@demo", county=county)
    names = [f"{name}_{stem}_2022-08-25.xlsx" for name in ("汇总表", "通报表")]
    books = [openpyxl.load_workbook(BytesIO(files[name]())) for name in names]

    assert books[0].worksheets[0]["A2"].value == f"填报单位：{unit}“双减”办"
    total = [cell.value for cell in books[0].worksheets[0][3 + rows]]
    assert total[0] == "合计"
    assert total[2:8] == shown(page).loc["合计", NUMBERS].tolist()
    assert [each["what"] for each in exports()] == [
        "柳州市各地查处变相违规学科类培训情况汇总表（线下）",
        "柳州市校外培训治理专项行动进展情况通报表",
    ]
    assert {each["rows"] for each in exports()} == {rows}


@pytest.fixture(scope="module")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A visit that is told of, and two that were born of a plan that is not released."""
    url = f"sqlite:///{tmp_path_factory.mktemp('weekly') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        known = make.institution(conn, licence_no="证 1", name="公开")
        make.inspection(conn, institution_id=known, people=3)
        for number in (1, 2):
            make.inspection(
                conn,
                inspection_no=f"AF{number}",
                institution_name="暗访所见",
                people=50,
                outcome="violation",
                withheld=True,
                visit_stop_id=make.visit_stop(conn),
            )
        make.inspection(conn, county_code=SOUTH, inspected_on=EARLIER)
        summaries.rebuild_all(conn)
    engine.dispose()
    return url


class TestUnreleasedPlans:
    @pytest.fixture
    def database_url(self, small_city: str) -> str:
        return small_city

    @pytest.mark.parametrize("account", ["supervisor@demo", "leader@demo", f"{CITY}@demo"])
    def test_form_leaves_out_what_is_not_released_whoever_reads(
        self, open_page: OpenPage, account: str
    ) -> None:
        page = open_page(PAGE, account, day=THURSDAY.isoformat())

        assert shown(page).loc["合计", NUMBERS].tolist() == [3, 1, 0, 0, 0, 0]
        choose(page, "weekly.form", len(shown(page)) - 1, "排查个次")
        assert page.dataframe[1].value["机构名称"].tolist() == ["公开"]
        assert found_in(page, {"暗访所见", "AF1"}) == {}

    @pytest.mark.parametrize(
        ("account", "told"),
        [("supervisor@demo", True), ("leader@demo", False), (f"{CITY}@demo", False)],
    )
    def test_only_who_sees_more_elsewhere_is_told_what_is_left_out(
        self, open_page: OpenPage, account: str, told: bool
    ) -> None:
        page = open_page(PAGE, account, day=THURSDAY.isoformat())

        assert ("未公布的暗访计划" in page.caption[0].value) == told

    def test_week_without_a_visit_says_so(self, open_page: OpenPage) -> None:
        page = open_page(PAGE, "leader@demo", day="2022-08-11")

        assert page.subheader[0].value == "8 月 5 日至 8 月 11 日，全市没有检查记录。"
        assert set(shown(page)["排查个次"]) == {0}
