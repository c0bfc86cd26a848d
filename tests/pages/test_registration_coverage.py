"""登记覆盖: bars, funnel and list agree with the rows, and a choice in a chart narrows the list."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from data_access import accounts, migration
from data_access.engine import connect_to
from tests import factories as make
from tests.factories import CITY, EARLIER, SOUTH, THURSDAY
from tests.pages.by_hand import Ledgers, same_weekday
from tests.pages.conftest import OpenPage
from tests.pages.elements import chart_rows, found_in

PAGE = "pages/ledgers/registration_coverage.py"
LAST_DAY = "2022-08-25"
BARS, MAP, FUNNEL, COURSE = "由低到高", "地图", "四个环节", "每周进展"  # as their alt says
ITEMS = 7


@pytest.fixture(scope="module")
def ledgers(sample: Path) -> Ledgers:
    return Ledgers.read(sample)


@pytest.fixture(scope="module")
def verified_by(sample: Path) -> Callable[[str], set[int]]:
    """Return the institutions of which all seven items had an outcome by the day."""
    with closing(sqlite3.connect(sample)) as db:
        rows = db.execute(
            "SELECT institution_id, item, verified_on FROM verification WHERE outcome != 'pending'"
        ).fetchall()

    def verified(day: str) -> set[int]:
        items: dict[int, set[str]] = {}
        for institution, item, on in rows:
            if on <= day:
                items.setdefault(institution, set()).add(item)
        return {institution for institution, known in items.items() if len(known) == ITEMS}

    return verified


def chart(page: AppTest, which: str) -> list[dict[str, Any]]:
    [found] = [each for each in page.get("vega_lite_chart") if each.proto.alt.endswith(which)]
    return chart_rows(found)


def listed(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


def written(part: int, whole: int) -> str:
    return f"{part / whole:.1%}（{part:,}/{whole:,}）"


@pytest.mark.parametrize("day", [LAST_DAY, "2022-07-13"])
@pytest.mark.parametrize("account", ["leader@demo", "supervisor@demo", "450224@demo"])
def test_bars_funnel_course_and_list_agree_with_the_rows(
    open_page: OpenPage,
    ledgers: Ledgers,
    verified_by: Callable[[str], set[int]],
    county_codes: dict[str, str],
    account: str,
    day: str,
) -> None:
    is_county = account.startswith("450224")
    own = ledgers.of("450224" if is_county else None)
    codes = ["450224"] if is_county else list(county_codes)

    page = open_page(PAGE, account, day=day)

    assert not page.exception
    assert not page.error
    assert {row["county_code"]: row["written"] for row in chart(page, BARS)} == {
        code: written(*own.of(code).coverage(day)) for code in codes
    }
    assert [row["n"] for row in chart(page, FUNNEL)] == own.funnel(day, verified_by(day))
    assert [row["written"] for row in chart(page, COURSE)] == [
        written(*own.coverage(each)) for each in same_weekday(day)
    ]
    missing = own.unregistered(day)
    assert sorted(listed(page)["机构名称"]) == sorted(row["name"] for row in missing)
    assert page.subheader[1].value == f"未登记机构 {len(missing)} 家：卡在哪一项"
    assert written(*own.coverage(day)) in page.subheader[0].value


def test_bars_are_ranked_lowest_first_and_small_counties_come_last(open_page: OpenPage) -> None:
    bars = chart(open_page(PAGE, "leader@demo"), BARS)

    ranked = [bar["coverage"] for bar in bars if not bar["small"]]
    assert ranked == sorted(ranked)
    assert [bar["small"] for bar in bars] == sorted(bar["small"] for bar in bars)


def test_map_colours_what_has_a_boundary_and_writes_the_new_areas_beside_it(
    open_page: OpenPage, county_codes: dict[str, str]
) -> None:
    found = found_in(open_page(PAGE, "leader@demo"), county_codes.values())

    assert set(found) == set(county_codes.values())


def test_county_reads_no_name_of_another_county_or_its_institutions(
    open_page: OpenPage, secrets_of_others: set[str], county_codes: dict[str, str]
) -> None:
    page = open_page(PAGE, "450224@demo", county=["柳南区"])

    assert found_in(page, secrets_of_others) == {}
    own = found_in(page, [county_codes["450224"]])["融安县"]
    assert {"vega_lite_chart", "dataframe", "subheader"} <= set(own)
    assert set(listed(page)["县区"]) == {"融安县"}


def test_address_opens_the_narrowed_view_and_the_filters_show_it(
    open_page: OpenPage, ledgers: Ledgers
) -> None:
    page = open_page(
        PAGE, "leader@demo", day="2022-07-13", county=["柳南区", "柳北区"], category=["体育"]
    )

    assert str(page.date_input(key="day").value) == "2022-07-13"
    assert page.multiselect(key="county").value == ["450204", "450205"]
    assert page.multiselect(key="category").value == ["sports"]
    assert {row["county_code"]: row["written"] for row in chart(page, BARS)} == {
        code: written(*ledgers.of(code, "sports").coverage("2022-07-13"))
        for code in ("450204", "450205")
    }
    assert set(listed(page)["机构类别"]) == {"体育"}
    assert set(listed(page)["县区"]) == {"柳南区", "柳北区"}


def test_address_that_names_no_county_category_or_day_changes_nothing(
    open_page: OpenPage, ledgers: Ledgers
) -> None:
    page = open_page(PAGE, "leader@demo", day="yesterday", county=["天河区"], category=["金融"])

    assert not page.exception
    assert not page.error
    assert written(*ledgers.coverage(LAST_DAY)) in page.subheader[0].value


@pytest.mark.parametrize(
    ("key", "point"),
    [
        ("coverage.bars", {"county": [{"county_code": "450204"}]}),
        ("coverage.map", {"county": [{"county_code": "450204"}]}),
    ],
)
def test_county_chosen_in_a_chart_narrows_the_list_alone(
    open_page: OpenPage, ledgers: Ledgers, key: str, point: dict[str, list[dict[str, str]]]
) -> None:
    page = open_page(PAGE, "leader@demo")
    whole = len(chart(page, BARS))
    page.session_state[key] = {"selection": point}
    page.run()

    missing = ledgers.of("450204").unregistered(LAST_DAY)
    assert sorted(listed(page)["机构名称"]) == sorted(row["name"] for row in missing)
    assert len(chart(page, BARS)) == whole


def test_forged_choice_of_another_county_changes_nothing_for_a_county_account(
    open_page: OpenPage,
) -> None:
    page = open_page(PAGE, "450224@demo")
    own = page.dataframe[0].value
    page.session_state["coverage.bars"] = {"selection": {"county": [{"county_code": "450204"}]}}
    page.run()

    assert not page.exception
    assert not page.error
    assert page.dataframe[0].value.equals(own)


def test_day_before_any_data_explains_itself(open_page: OpenPage) -> None:
    page = open_page(PAGE, "leader@demo", day="2020-01-02")

    assert not page.exception
    assert not page.error
    assert page.info[0].value.startswith("所选范围内没有在营的非学科类机构。")
    assert not page.get("vega_lite_chart")
    assert not page.dataframe


def day_before(days: int) -> date:
    return THURSDAY - timedelta(days=days)


@pytest.fixture(scope="module")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('coverage') / 'city.db'}"
    engine = connect_to(url)
    migration.upgrade(engine)
    with engine.begin() as conn:
        accounts.add_demonstration_accounts(conn)
        make.report(conn)  # so that the first choice of day is the Thursday
        make.institution(conn, name="登记在册", platform_registered_on=THURSDAY)
        make.institution(conn, name="合格未登", qualified_on=EARLIER)
        later = make.institution(
            conn, name="当天注销", deregistered_on=THURSDAY, operating_status="deregistered"
        )
        held = make.institution(conn, name="卡在消防")
        make.verification(conn, held, item="premises", outcome="fail")
        make.verification(conn, held, item="staff", outcome="pending")
        make.verification(conn, held, item="licence", verified_on=EARLIER, outcome="fail")
        make.verification(conn, held, item="licence", verified_on=day_before(3))
        make.verification(conn, later)
        make.institution(conn, name="学科一家", category="subject")
        make.institution(conn, name="南区一家", county_code=SOUTH)
    engine.dispose()
    return url


class TestSmallCity:
    """What holds an institution up, counted in the head."""

    @pytest.fixture
    def database_url(self, small_city: str) -> str:
        return small_city

    def test_list_says_what_holds_each_up_qualified_ones_first(self, open_page: OpenPage) -> None:
        rows = listed(open_page(PAGE, f"{CITY}@demo"))

        assert dict(zip(rows["机构名称"], rows["卡在哪一项"], strict=True)) == {
            "合格未登": "已合格，待登记",
            "卡在消防": (
                "不合格：场地条件；待核：师资聘任；"
                "未核查：证照办理、培训内容、培训规模、报班参培学生人数"
            ),
        }
        assert rows["机构名称"].iloc[0] == "合格未登"

    def test_day_decides_what_is_in_operation_and_registered(self, open_page: OpenPage) -> None:
        page = open_page(PAGE, f"{CITY}@demo", day=str(day_before(1)))

        assert chart(page, BARS)[0]["written"] == "0.0%（0/4）"
        assert {"登记在册", "当天注销"} <= set(listed(page)["机构名称"])

    def test_subject_institutions_are_counted_apart(self, open_page: OpenPage) -> None:
        page = open_page(PAGE, "leader@demo")

        assert "学科一家" not in set(listed(page)["机构名称"])
        assert page.caption[0].value.endswith(
            "学科类机构另计，不在以上数字内：在营 1 家，其中平台已登记 0 家。"
        )
