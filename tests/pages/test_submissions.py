"""材料报送 on the page: a county puts on record what it sent, the city sees the season."""

from __future__ import annotations

from io import BytesIO

import pandas as pd
from streamlit.testing.v1 import AppTest

from data_access.submissions import digest
from tests.pages.conftest import Files, OpenPage

SCRIPT = "pages/county/submissions.py"
DAY = "2022-08-25"


def excel(files: Files, name: str) -> pd.DataFrame:
    return pd.read_excel(BytesIO(files[name]()), dtype=str, engine="calamine")


def submit(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def test_county_records_mends_and_takes_back(open_page: OpenPage, files: Files) -> None:
    page = open_page(SCRIPT, "450225@demo", day=DAY)
    assert not page.exception
    assert page.subheader[0].value == "逾期未报 1 份：8 月 18 日前典型案例；当天要报每周报表"
    assert "按时 83.3%（10/12）" in page.caption[0].value
    choice = page.selectbox[0]
    assert choice.options[0] == "8 月 18 日前典型案例 · 逾期未报"
    assert any("文件本身不保存" in each.value for each in page.caption)

    submit(page, "登记报送")
    assert "请选择报送的文件" in page.error[0].value

    page.file_uploader[0].set_value(("案例.docx", b"first", "application/msword"))
    submit(page, "登记报送")
    assert "8 月 18 日前典型案例，8 月 25 日（周四）报送，文件 案例.docx" in page.success[0].value
    assert page.subheader[0].value == "当天要报每周报表"
    listed = excel(files, "材料报送.xlsx").set_index("材料")
    row = listed.loc["8 月 18 日前典型案例"]
    assert row["报送情况"] == "迟报 7 天"
    assert row["文件摘要（SHA-256）"] == digest(b"first")

    sent = next(
        each for each in page.selectbox[0].options if each.startswith("8 月 18 日前典型案例 ·")
    )
    page.selectbox[0].select(sent).run()
    page.file_uploader[0].set_value(("更正.docx", b"second", "application/msword"))
    submit(page, "保存更正")
    listed = excel(files, "材料报送.xlsx").set_index("材料")
    assert listed.loc["8 月 18 日前典型案例", "文件摘要（SHA-256）"] == digest(b"second")

    page.selectbox[0].select(sent).run()
    submit(page, "确认撤回")
    assert page.subheader[0].value.startswith("逾期未报 1 份：8 月 18 日前典型案例")


def test_a_file_that_is_on_record_as_another_document_is_told(open_page: OpenPage) -> None:
    page = open_page(SCRIPT, "450225@demo", day=DAY)
    page.file_uploader[0].set_value(("案例.docx", b"first", "application/msword"))
    submit(page, "登记报送")
    assert "已登记为" not in page.success[0].value

    page.file_uploader[0].set_value(("周报.docx", b"first", "application/msword"))
    submit(page, "登记报送")

    assert "这个文件已登记为8 月 18 日前典型案例（文件摘要相同）" in page.success[0].value


def test_supervisor_sees_the_season_and_records_nothing(open_page: OpenPage, files: Files) -> None:
    page = open_page(SCRIPT, "supervisor@demo", day=DAY)

    assert not page.exception
    assert page.subheader[0].value == (
        "逾期未报 4 份，三江侗族自治县 3 份、融水苗族自治县 1 份；当天到期的还有 3 份未报"
    )
    assert not page.file_uploader
    assert not [button for button in page.button if button.key and "submission." in button.key]
    owing = excel(files, "材料报送-未报、迟报和待报.xlsx")
    assert len(owing) == 8 + 4 + 3
    assert owing["县区"].drop_duplicates().tolist() == [
        "柳江区",
        "柳城县",
        "融安县",
        "融水苗族自治县",
        "三江侗族自治县",
    ]


def test_leader_reads_shares_with_their_fractions(open_page: OpenPage, files: Files) -> None:
    page = open_page(SCRIPT, "leader@demo", day=DAY, rows="各县区按时率")

    assert not page.exception
    shares = excel(files, "材料报送-各县区按时率.xlsx").set_index("县区")["按时/应报"]
    assert shares["融安县"] == "66.7%（8/12）"
    assert shares["城中区"] == "100.0%（13/13）"


def test_few_documents_have_no_percentage(open_page: OpenPage, files: Files) -> None:
    page = open_page(SCRIPT, "leader@demo", day="2022-08-03", rows="各县区按时率")

    assert not page.exception
    shares = excel(files, "材料报送-各县区按时率.xlsx").set_index("县区")["按时/应报"]
    assert not shares.str.contains("%").any()
    assert shares["融安县"].startswith("4/")
