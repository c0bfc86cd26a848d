"""违规地图: its list, its reports, its filters in the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.factories import NEW_AREA
from tests.pages.conftest import OpenPage
from ui import violation_map
from ui.map_files import boundaries

SCRIPT = "pages/ledgers/violation_map.py"
ROLES = ["leader@demo", "supervisor@demo", "450224@demo"]


def places(page: AppTest) -> pd.DataFrame:
    return page.dataframe[0].value


def reports(page: AppTest) -> pd.DataFrame:
    return page.dataframe[1].value


@pytest.mark.parametrize("account", ROLES)
def test_map_says_where_it_is_worst_and_lists_the_places_and_their_reports(
    open_page: OpenPage, account: str
) -> None:
    page = open_page(SCRIPT, account)

    assert "处有举报" in page.subheader[0].value
    assert len(page.get("deck_gl_json_chart")) == 1
    worst = places(page)
    assert worst["属实"].is_monotonic_decreasing
    assert {"地点", "举报", "核实率", "主要类型"} <= set(worst.columns)
    assert {"线索编号", "办理状态", "上课时间"} <= set(reports(page).columns)


@pytest.mark.parametrize("account", ROLES)
def test_nobody_sees_phones_or_the_reporters_words(open_page: OpenPage, account: str) -> None:
    page = open_page(SCRIPT, account, unplaced="true")

    columns = {name for table in page.dataframe for name in table.value.columns}
    assert not {"举报人电话", "内容摘要"} & columns


def test_county_sees_its_own_places_alone(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, "450224@demo")

    assert set(places(page)["县区"]) == {"融安"}
    assert set(reports(page)["县区"]) == {"融安"}
    assert not page.sidebar.multiselect or "县区" not in labels(page.sidebar.multiselect)


def labels(widgets: Iterable[object]) -> set[str]:
    return {widget.label for widget in widgets}  # type: ignore[attr-defined]


def test_address_narrows_by_type_channel_state_and_time(open_page: OpenPage) -> None:
    page = open_page(
        SCRIPT,
        "leader@demo",
        type=["一对一", "住家教师"],
        channel=["12345 热线"],
        state=["属实"],
        period="自定起止",
        since="2022-07-01",
        until="2022-07-31",
    )

    rows = reports(page)
    assert set(rows["违规类型"]) <= {"一对一", "住家教师"}
    assert set(rows["举报渠道"]) == {"12345 热线"}
    assert set(rows["办理状态"]) == {"属实"}
    days = pd.to_datetime(rows["接报日期"])
    assert days.between("2022-07-01", "2022-07-31").all()


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2022-08-20", "2022-08-01", "2022 年 8 月 1 日至 8 月 20 日接报"),
        ("2022-08-01", "2026-11-30", "2022 年 8 月 1 日至 8 月 25 日接报"),
        ("2026-11-01", "2026-11-30", "2022 年 8 月 25 日接报"),
        ("0001-01-01", "9999-12-31", "2022 年 8 月 19 日至 8 月 25 日接报"),
        ("<b>", "2022-02-30", "2022 年 8 月 19 日至 8 月 25 日接报"),
    ],
)
def test_days_that_cannot_be_are_not_taken_from_an_address(
    open_page: OpenPage, since: str, until: str, said: str
) -> None:
    page = open_page(SCRIPT, "leader@demo", period="自定起止", since=since, until=until)

    assert not page.error
    assert not page.exception
    assert [each.value for each in page.caption if said in each.value]


def test_fewer_weeks_are_fewer_reports(open_page: OpenPage) -> None:
    counts = [
        places(open_page(SCRIPT, "leader@demo", period=period))["举报"].sum()
        for period in ("近 13 周", "近 4 周", "本周")
    ]

    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[1] > counts[2] > 0


def test_reports_without_coordinates_are_counted_and_open_their_list(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, "supervisor@demo", unplaced="true")

    [label] = [box.label for box in page.expander]
    listed = page.dataframe[2].value
    assert label == f"另有无坐标的举报 {len(listed)} 件"


def test_new_area_without_polygon_shows_its_places_and_says_why_it_has_no_outline(
    open_page: OpenPage,
) -> None:
    page = open_page(SCRIPT, "leader@demo")
    page.multiselect(key="county").set_value([NEW_AREA]).run()

    assert set(places(page)["县区"]) == set(reports(page)["县区"]) == {"柳东"}
    notes = "".join(caption.value for caption in page.caption)
    assert "柳东新区没有边界图形，只标地点" in notes


def test_boundary_file_with_an_approval_number_prints_it(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved = replace(boundaries(), approval_number="桂S（2022）00号")
    monkeypatch.setattr(violation_map, "boundaries", lambda: approved)

    page = open_page(SCRIPT, "leader@demo")

    assert "审图号：桂S（2022）00号" in "".join(caption.value for caption in page.caption)


def test_nothing_found_explains_itself(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, "leader@demo")
    page.date_input(key="day").set_value(date(2020, 1, 2)).run()

    assert page.subheader[0].value == "所选范围内没有举报"
    assert "放宽" in page.info[0].value
    assert not page.dataframe


def test_reports_beyond_the_first_two_hundred_are_on_the_pages_after_it(
    open_page: OpenPage,
) -> None:
    page = open_page(SCRIPT, "supervisor@demo")
    first = page.dataframe[1].value["线索编号"].tolist()
    assert len(first) == 200
    assert any(each.value.startswith("第 1–200 条，共 ") for each in page.caption)

    page.number_input[0].set_value(2).run()

    second = page.dataframe[1].value["线索编号"].tolist()
    assert second
    assert not set(first) & set(second)
    assert any(each.value.startswith("第 201–") for each in page.caption)
