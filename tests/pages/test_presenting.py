"""投屏: the overview as slides, one answer each, moved by buttons and keys and by nothing else."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage
from tests.pages.elements import elements
from ui.presenting import place_of

PAGE = "pages/city/overview.py"
LEADER, COUNTY = "leader@demo", "450224@demo"
HEADINGS = [
    *("六项数字", "登记覆盖", "整改销号", "退费纠纷"),
    *("预收费和专项检查", "专项督查四个方面", "会议决定"),
]


def title(page: AppTest) -> str:
    [words] = [each.value for each in page.markdown if each.value.startswith("##### ")]
    return words.removeprefix("##### ")


def keys(page: AppTest) -> dict[str, str]:
    """The key of each button that has one."""
    return {each.label: each.proto.shortcut for each in page.button if each.proto.shortcut}


def press(page: AppTest, label: str) -> AppTest:
    [button] = [each for each in page.button if each.label == label]
    return button.click().run()


def test_slides_take_the_screen_without_menu_or_filters(open_page: OpenPage) -> None:
    page = open_page(PAGE, LEADER, present="1")

    assert not page.exception
    assert list(page.sidebar.children.values()) == []
    assert not page.title
    assert "有 14 项例外值得会议决定" in title(page)
    assert any("演示数据" in each.value for each in page.markdown)


def test_every_slide_is_one_sentence_its_picture_and_its_source(open_page: OpenPage) -> None:
    page = open_page(PAGE, LEADER, present="1")
    for number, heading in enumerate(HEADINGS, start=1):
        assert any(f"{heading}　{number}/{len(HEADINGS)}" in each.value for each in page.markdown)
        assert title(page)
        assert [each for each in elements(page) if each.type == "vega_lite_chart"]
        [source] = [each.value for each in page.markdown if "来源：" in each.value]
        assert "截至 2022 年 8 月 25 日" in source
        if number < len(HEADINGS):
            page = press(page, "下一页")


def test_arrows_and_the_keys_of_a_presenter_lead_on_and_back(open_page: OpenPage) -> None:
    page = open_page(PAGE, LEADER, present="1", slide="2")

    assert keys(page) == {
        "上一页": "left",
        "1 六项数字": "pageup",
        "3 整改销号": "pagedown",
        "下一页": "right",
        "退出投屏": "escape",
    }
    assert "9 月 30 日" in title(page)
    assert "值得会议决定" in title(press(page, "1 六项数字"))


def test_first_slide_has_no_way_back_and_the_last_no_way_on(open_page: OpenPage) -> None:
    def disabled(page: AppTest) -> list[str]:
        return [each.label for each in page.button if each.disabled]

    assert disabled(open_page(PAGE, LEADER, present="1")) == ["上一页"]
    assert disabled(open_page(PAGE, LEADER, present="1", slide="7")) == ["下一页"]


@pytest.mark.parametrize(
    ("said", "place"), [("", 0), ("0", 0), ("-3", 0), ("x", 0), ("99", 5), ("3", 2), ("４", 3)]
)
def test_slide_that_there_is_not_is_the_nearest(said: str, place: int) -> None:
    assert place_of(said, 6) == place


def test_day_and_county_of_the_address_hold_on_the_wall(open_page: OpenPage) -> None:
    page = open_page(PAGE, LEADER, present="1", day="2022-08-18", county="融安县", basis="会上冻结")

    assert title(page).startswith("截至 8 月 18 日（周四），融安县有 ")
    assert any("会上冻结" in each.value for each in page.markdown)


def test_day_that_is_none_is_the_latest(open_page: OpenPage) -> None:
    page = open_page(PAGE, LEADER, present="1", day="2022-13-45")

    assert title(page).startswith("截至 8 月 25 日")


def test_county_is_shown_itself_and_asks_for_a_neighbour_in_vain(open_page: OpenPage) -> None:
    page = open_page(PAGE, COUNTY, present="1", county="柳南区")

    assert title(page).startswith("截至 8 月 25 日（周四），融安县有 ")


def test_week_that_nobody_froze_is_said_on_the_wall(open_page: OpenPage) -> None:
    page = open_page(PAGE, LEADER, present="1", basis="会上冻结")

    assert title(page).startswith("8 月 25 日这一周的数字还没有冻结")
    assert [each.label for each in page.button] == ["退出投屏"]


def test_leaving_brings_the_page_back(open_page: OpenPage) -> None:
    page = press(open_page(PAGE, LEADER, present="1", slide="3"), "退出投屏")

    assert page.title[0].value.startswith("全市总览")
    assert "present" not in page.query_params
    assert "slide" not in page.query_params


def test_button_on_the_page_begins_the_slides(open_page: OpenPage) -> None:
    page = press(open_page(PAGE, LEADER), "投屏")

    assert "有 14 项例外值得会议决定" in title(page)


def test_administrator_gets_no_slides(open_page: OpenPage) -> None:
    page = open_page(PAGE, "admin@demo", present="1")

    assert len(page.error) == 1
    assert not page.markdown
