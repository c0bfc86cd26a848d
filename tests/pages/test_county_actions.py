"""行动机制 on the page: a county puts on record what it has, the city sees who lacks what."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Files, OpenPage

SCRIPT = "pages/county/county_actions.py"
DAY = "2022-08-25"


def excel(files: Files, name: str) -> pd.DataFrame:
    return pd.read_excel(BytesIO(files[name]()), dtype=str, engine="calamine")


def save(page: AppTest) -> AppTest:
    return next(button for button in page.button if button.label == "保存").click().run()


def test_county_records_a_duty_with_evidence_and_its_history(
    open_page: OpenPage, files: Files
) -> None:
    page = open_page(SCRIPT, "450225@demo", day=DAY)
    assert not page.exception
    assert page.subheader[0].value.startswith("行动机制 6 项，已完成 3 项；9 月 30 日（周五）前")
    assert page.selectbox[0].options[0] == "举报邮箱 · 未完成"
    assert "向社会公开集中治理举报邮箱" in page.caption[0].value

    page.text_input[0].set_value("jubao@example.org")
    page.date_input[0].set_value(date(2022, 8, 20))
    save(page)
    assert "登记完成须填佐证" in page.error[0].value

    page.text_area[0].set_value("公示于县政府网站")
    save(page)
    assert "已保存：举报邮箱。" in page.success[0].value
    assert page.subheader[0].value.startswith("行动机制 6 项，已完成 4 项")
    own = excel(files, "行动机制.xlsx").set_index("职责")
    assert own.loc["举报邮箱", ["进展", "内容", "佐证"]].tolist() == [
        "已完成",
        "jubao@example.org",
        "公示于县政府网站",
    ]

    page.selectbox[0].select("举报邮箱 · 已完成").run()
    page.text_input[0].set_value("xin@example.org")
    save(page)
    history = excel(files, "行动机制-修改记录.xlsx")
    assert history[["职责", "改了什么", "原来", "改为"]].to_numpy().tolist() == [
        ["举报邮箱", "内容", "jubao@example.org", "xin@example.org"]
    ]


def test_supervisor_sees_who_lacks_what_and_records_nothing(
    open_page: OpenPage, files: Files
) -> None:
    page = open_page(SCRIPT, "supervisor@demo", day=DAY)

    assert not page.exception
    assert page.subheader[0].value.startswith("三江侗族自治县逾期没有联系人；")
    assert not page.text_area
    undone = excel(files, "行动机制-未完成的.xlsx")
    assert len(undone) == 18
    assert undone.loc[undone["进展"] == "逾期 27 天", "县区"].tolist() == ["三江侗族自治县"]


def test_leader_takes_away_whom_to_call(open_page: OpenPage, files: Files) -> None:
    page = open_page(SCRIPT, "leader@demo", day=DAY, rows="联系人和举报方式")

    assert not page.exception
    ways = excel(files, "行动机制-联系人和举报方式.xlsx").set_index("县区")
    assert len(ways) == 12
    assert ways.loc["鱼峰区", "联系人"] == "联系人寅 0772-0009999"
    assert ways.loc["三江侗族自治县", ["联系人", "举报电话"]].isna().all()
