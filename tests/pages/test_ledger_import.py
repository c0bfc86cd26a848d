"""台账导入: nothing is written before 确认, and what is rejected comes back to be mended."""

from __future__ import annotations

import re
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import streamlit as st
from sqlalchemy import Table, func, select
from streamlit.testing.v1 import AppTest

from data_access import schema
from data_access.engine import get_engine
from data_access.ledgers.importing import import_file
from tests.data_access.ledgers.files import saved, table, xls, xlsx
from tests.pages.conftest import Files, OpenPage
from tests.pages.elements import found_in
from ui.formatting import plain

PAGE = "pages/county/ledger_import.py"
OWN, OTHER = "450224@demo", "450225@demo"
HEADER = ["所属县区", "机构名称", "机构类别", "经营状态", "排查日期", "微信群"]
GOOD = ["融安县", "甲子书法培训中心", "文化艺术", "在营", "2022-07-05", "群一"]
WARNED = ["融安县", "乙丑足球俱乐部", "体育", "在营", "7月5日", None]
BAD = ["融安县", "丙寅编程工作室", "编程类", "在营", "2022-07-06", "群二"]
THREE_ROWS = xlsx([["融安县校外培训机构台账"], [], HEADER, GOOD, WARNED, BAD], title="机构")


@pytest.fixture
def database_url(only_accounts: Path, tmp_path: Path) -> str:
    """A database of this test's own, with accounts and no ledgers."""
    return f"sqlite:///{shutil.copy(only_accounts, tmp_path)}"


def drop(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Drop the files into the box."""
    return page.file_uploader[0].set_value([(name, data, "") for name, data in files]).run()


def confirm(page: AppTest) -> AppTest:
    [button] = [button for button in page.button if button.label.startswith("确认导入")]
    return button.click().run()


def stored(table: Table = schema.institution) -> int:
    with get_engine().connect() as conn:
        return conn.scalar(select(func.count()).select_from(table)) or 0


def names() -> list[str]:
    with get_engine().connect() as conn:
        return list(conn.scalars(select(schema.institution.c.name).order_by("id")))


def frames(page: AppTest) -> list[pd.DataFrame]:
    return [each.value for each in page.dataframe]


def texts(elements: Any) -> list[str]:
    return [element.value for element in elements]


def test_file_is_understood_and_shown_before_anything_is_written(open_page: OpenPage) -> None:
    page = drop(open_page(PAGE, OWN), ("机构台账.xlsx", THREE_ROWS))

    assert not page.exception
    assert not page.error
    assert any(
        "读到 3 行 = 将新增 2 ＋ 已有 0 ＋ 将退回 1" in text for text in texts(page.markdown)
    )
    assert texts(page.text)[0] == (
        "工作表“机构”：第 3 行是表头，认出 5 列，3 行；对应为 所属县区→县区；"
        "不认识而未读的列：微信群"
    )
    problems = frames(page)[0]
    rows = problems[problems["行"].notna()]
    assert rows[["处理", "工作表", "行", "列", "单元格原文"]].values.tolist() == [
        ["提示", "机构", 5, "排查日期", "7月5日"],
        ["退回", "机构", 6, "机构类别", "编程类"],
    ]
    assert "学科类" in rows["问题"].iloc[1]  # the words that would have been understood
    assert stored() == stored(schema.import_batch) == stored(schema.import_problem) == 0


def test_columns_about_persons_are_told_before_anything_is_written(open_page: OpenPage) -> None:
    header = "机构名称,机构类别,经营状态,排查日期,学生姓名,地址"
    rows = "甲,体育,在营,2022-07-05,李小明,电话13800138000"

    page = drop(open_page(PAGE, OWN), ("机构.csv", f"{header}\n{rows}\n".encode()))

    assert "含个人信息，不入库的列：学生姓名" in texts(page.text)[0]
    assert "不认识" not in texts(page.text)[0]
    told = frames(page)[0].set_index("列")["问题"].to_dict()
    assert told["学生姓名"] == "含个人信息，不入库"
    assert told["地址"] == "有 1 格含电话、证件号码或姓名，已隐去后入库，原文不保存"


def test_confirmed_file_is_counted_listed_and_its_rejects_go_in_once_mended(
    open_page: OpenPage, files: Files
) -> None:
    page = confirm(drop(open_page(PAGE, OWN), ("机构台账.xlsx", THREE_ROWS)))

    assert texts(page.success) == [
        "**机构台账.xlsx** 已导入：读到 3 行 = 新增 2 ＋ 已有 0 ＋ 退回 1"
    ]
    assert names() == ["甲子书法培训中心", "乙丑足球俱乐部"]
    history = frames(page)[-1]
    assert history[
        ["台账", "县区", "文件", "读到行数", "新增", "已有", "退回", "导入人"]
    ].values.tolist() == [["机构台账", "融安县", "机构台账.xlsx", 3, 2, 0, 1, OWN]]

    book = openpyxl.load_workbook(BytesIO(files["机构台账_退回.xlsx"]()))
    sheet = book["机构"]
    cells = [[cell.value for cell in row] for row in sheet.rows]
    assert [*HEADER, "退回原因"] in cells
    assert cells[-1][1] == "丙寅编程工作室"
    assert cells[-1][-1].startswith("机构类别：")
    sheet.cell(len(cells), HEADER.index("机构类别") + 1, "科技")
    page = confirm(drop(page, ("机构台账_退回.xlsx", saved(book))))

    assert "新增 1 ＋ 已有 0 ＋ 退回 0" in page.success[0].value
    assert names() == ["甲子书法培训中心", "乙丑足球俱乐部", "丙寅编程工作室"]
    assert frames(page)[-1]["文件"].tolist() == ["机构台账_退回.xlsx", "机构台账.xlsx"]


def test_batch_of_the_history_opens_what_was_wrong_with_it(open_page: OpenPage) -> None:
    page = confirm(drop(open_page(PAGE, OWN), ("机构台账.xlsx", THREE_ROWS)))
    page.session_state["ledger_import.history"] = {"selection": {"rows": [0], "columns": []}}
    page.run()

    assert page.subheader[-1].value == "问题：机构台账.xlsx"
    problems = frames(page)[-1]
    assert problems["处理"].iloc[0] == "退回"
    assert problems["行"].iloc[0] == 6


def test_same_file_again_changes_nothing(open_page: OpenPage) -> None:
    page = confirm(drop(open_page(PAGE, OWN), ("机构台账.xlsx", THREE_ROWS)))
    page = drop(page, ("机构台账.xlsx", THREE_ROWS))
    assert any("将新增 0 ＋ 已有 2 ＋ 将退回 1" in text for text in texts(page.markdown))

    page = confirm(page)

    assert "新增 0 ＋ 已有 2 ＋ 退回 1" in page.success[0].value
    assert stored() == 2
    assert stored(schema.row_change) == 0
    assert len(frames(page)[-1]) == 2


def test_look_says_how_many_known_rows_will_be_others(open_page: OpenPage) -> None:
    page = confirm(drop(open_page(PAGE, OWN), ("机构台账.xlsx", xlsx([HEADER, GOOD, WARNED]))))
    renamed = dict(zip(HEADER, GOOD, strict=True)) | {"经营状态": "停业"}

    page = drop(page, ("机构台账.xlsx", xlsx([HEADER, [*renamed.values()], WARNED])))

    assert any("将退回 0；已有的行中将改动 1 行" in text for text in texts(page.markdown))
    assert "退回 0；已有的行中改动 1 行" in confirm(page).success[0].value


def test_coordinates_are_asked_about_only_of_ledgers_that_have_them(open_page: OpenPage) -> None:
    page = open_page(PAGE, OWN)
    page.selectbox[0].set_value("course_fees").run()

    assert [box.label for box in page.selectbox] == ["台账种类"]
    assert not [text for text in texts(page.caption) if "自动在整改台账立账" in text]


def test_checks_say_that_findings_become_items_by_themselves(open_page: OpenPage) -> None:
    page = open_page(PAGE, OWN)
    page.selectbox[0].set_value("compliance_checks").run()

    assert [text for text in texts(page.caption) if "自动在整改台账立账" in text]


def test_two_files_are_understood_and_imported_each_for_itself(open_page: OpenPage) -> None:
    one = xlsx(table(dict(zip(HEADER, GOOD, strict=True))))
    other = "\n".join(",".join(str(cell or "") for cell in row) for row in [HEADER, WARNED, GOOD])
    page = drop(open_page(PAGE, OWN), ("一.xlsx", one), ("二.csv", other.encode("gb18030")))
    assert [text.split("　")[0] for text in texts(page.markdown) if "将新增" in text] == [
        "**一.xlsx**",
        "**二.csv**",
    ]

    page = confirm(page)

    assert [text.split("：")[1] for text in texts(page.success)] == [
        "读到 1 行 = 新增 1 ＋ 已有 0 ＋ 退回 0",
        "读到 2 行 = 新增 1 ＋ 已有 1 ＋ 退回 0；已有的行没有改动",
    ]
    assert sorted(names()) == sorted([GOOD[1], WARNED[1]])


def test_old_workbook_is_read_too(open_page: OpenPage) -> None:
    page = drop(open_page(PAGE, OWN), ("机构台账.xls", xls([HEADER, GOOD])))

    assert any("将新增 1 ＋ 已有 0 ＋ 将退回 0" in text for text in texts(page.markdown))


def test_row_of_another_county_is_rejected_in_a_county_s_file(open_page: OpenPage) -> None:
    foreign = ["融水县", *GOOD[1:]]
    page = drop(open_page(PAGE, OWN), ("台账.xlsx", xlsx([HEADER, foreign])))
    problems = frames(page)[0].set_index("处理")
    assert problems.loc["退回", ["行", "列", "单元格原文"]].tolist() == [2, "所属县区", "融水县"]

    page = confirm(page)

    assert "新增 0 ＋ 已有 0 ＋ 退回 1" in page.success[0].value
    assert stored() == 0


def test_county_sees_its_own_files_and_no_other_s(open_page: OpenPage) -> None:
    confirm(drop(open_page(PAGE, OWN), ("机构台账.xlsx", THREE_ROWS)))

    page = open_page(PAGE, OTHER)

    assert not page.dataframe
    assert "还没有导入过文件" in page.info[0].value
    assert found_in(page, ["融安县", "机构台账.xlsx", "编程类"]) == {}
    assert [box.label for box in page.selectbox] == ["台账种类", "坐标系"]


def test_administrator_sees_what_is_wrong_and_none_of_the_cells(
    open_page: OpenPage, files: Files
) -> None:
    page = drop(open_page(PAGE, "admin@demo"), ("机构台账.xlsx", THREE_ROWS))
    secret = [GOOD[1], WARNED[1], BAD[1], "编程类", "7月5日", "2022-07-05", "群一"]
    assert found_in(page, secret) == {}
    assert "单元格原文" not in frames(page)[0].columns
    assert frames(page)[0]["行"].dropna().tolist() == [5, 6]

    page = confirm(page)
    page.session_state["ledger_import.history"] = {"selection": {"rows": [0], "columns": []}}
    page.run()

    assert "新增 2 ＋ 已有 0 ＋ 退回 1" in page.success[0].value
    assert page.subheader[-1].value == "问题：机构台账.xlsx"
    assert found_in(page, secret) == {}
    assert not any(name.endswith("_退回.xlsx") for name in files)
    for name, make in files.items():
        book = openpyxl.load_workbook(BytesIO(make()))
        cells = {str(cell.value) for row in book.active.rows for cell in row}
        assert not cells & set(secret), name


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("台账.xlsx", b"%PDF-1.7 not a workbook"),
        ("台账.xls", THREE_ROWS[:200]),
        ("台账.xlsx", THREE_ROWS[:-400]),
        ("台账.xlsx", b""),
        ("台账.csv", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("台账.xlsx", xlsx([["什么", "也", "不是"], [1, 2, 3]])),
    ],
    ids=["pdf", "workbook under an old name", "truncated", "empty", "picture", "no header"],
)
def test_file_that_is_no_ledger_is_refused_in_chinese_and_cannot_be_confirmed(
    open_page: OpenPage, name: str, data: bytes
) -> None:
    page = drop(open_page(PAGE, OWN), (name, data))

    assert not page.exception
    [message] = texts(page.error)
    assert message.startswith(f"**{name}**：")
    assert sum("\u4e00" <= sign <= "\u9fff" for sign in message) > 5
    assert not any(button.label.startswith("确认导入") for button in page.button)
    assert stored(schema.import_batch) == 0


def test_file_name_is_shown_as_it_is(open_page: OpenPage) -> None:
    page = drop(open_page(PAGE, OWN), ("a_b_[c](d).xlsx", b"x"), ("_e_.xlsx", xlsx([HEADER, GOOD])))

    assert page.error[0].value.startswith(r"**a\_b\_\[c\]\(d\).xlsx**")
    assert any(text.startswith(r"**\_e\_.xlsx**") for text in texts(page.markdown))


def test_supervisor_sends_for_the_city_or_for_one_county(open_page: OpenPage) -> None:
    foreign = ["融水县", *GOOD[1:]]
    file = ("台账.xlsx", xlsx([HEADER, GOOD, foreign]))
    page = drop(open_page(PAGE, "supervisor@demo"), file)
    assert any("将新增 2 ＋ 已有 0 ＋ 将退回 0" in text for text in texts(page.markdown))

    page.selectbox[1].set_value("450225").run()

    assert any("将新增 1 ＋ 已有 0 ＋ 将退回 1" in text for text in texts(page.markdown))
    assert frames(page)[0].set_index("处理").loc["退回", "行"] == 2


def test_unreadable_file_beside_a_good_one_does_not_keep_it_out(open_page: OpenPage) -> None:
    page = drop(open_page(PAGE, OWN), ("坏.xlsx", b"x"), ("好.xlsx", xlsx([HEADER, GOOD])))
    assert [button.label for button in page.button if "确认" in button.label] == [
        "确认导入 1 个文件"
    ]

    page = confirm(page)

    assert len(page.error) == len(page.success) == 1
    assert names() == [GOOD[1]]


@pytest.mark.parametrize(("rows", "is_of_use"), [([BAD], False), ([BAD, GOOD], True)])
def test_confirming_is_put_forward_only_where_a_row_would_be_written(
    open_page: OpenPage, rows: list[Any], is_of_use: bool
) -> None:
    page = drop(open_page(PAGE, OWN), ("机构台账.xlsx", xlsx([HEADER, *rows])))

    [button] = [button for button in page.button if button.label == "确认导入 1 个文件"]
    assert (button.proto.type == "primary") is is_of_use
    said = any("没有一行可以写入" in text for text in texts(page.caption))
    assert said is not is_of_use


def test_row_that_is_there_already_is_one_to_be_written(open_page: OpenPage) -> None:
    page = confirm(drop(open_page(PAGE, OWN), ("机构台账.xlsx", xlsx([HEADER, GOOD]))))
    page = drop(page, ("又一份.xlsx", xlsx([HEADER, GOOD, BAD])))

    [button] = [button for button in page.button if button.label == "确认导入 1 个文件"]
    assert button.proto.type == "primary"


def test_page_forgets_the_last_result_when_new_files_are_dropped(open_page: OpenPage) -> None:
    page = confirm(drop(open_page(PAGE, OWN), ("机构台账.xlsx", THREE_ROWS)))
    assert page.file_uploader[0].value == []

    page = drop(page, ("又一份.xlsx", xlsx([HEADER, GOOD])))

    assert not page.success
    assert any("又一份" in text for text in texts(page.markdown))


def test_other_ledger_under_the_chosen_kind_is_refused(open_page: OpenPage) -> None:
    page = open_page(PAGE, OWN)
    page.selectbox[0].set_value("refund_disputes").run()

    page = drop(page, ("机构台账.xlsx", THREE_ROWS))

    assert "纠纷编号" in page.error[0].value
    assert stored(schema.refund_dispute) == 0


def test_file_that_breaks_the_import_leaves_the_others_be(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = drop(open_page(PAGE, OWN), ("坏.xlsx", THREE_ROWS), ("好.xlsx", THREE_ROWS))
    quoted = f"{GOOD[1]} 13900001111"

    def breaks(*args: Any, **named: Any) -> Any:
        if named["file_name"] == "坏.xlsx":
            raise ValueError(quoted)
        return import_file(*args, **named)

    monkeypatch.setattr("ui.ledger_import.import_file", breaks)
    page = confirm(page)

    [told] = texts(page.error)
    assert "坏" in told
    assert "ValueError" not in told
    assert "甲子" not in told
    number = re.search("编号 ([0-9a-f]{8}) 告诉系统管理员", told)
    assert number
    assert number.group(1) in caplog.text
    assert "甲子" not in caplog.text
    assert "13900001111" not in caplog.text
    assert stored() == 2
    assert not page.exception


def test_second_click_goes_on_where_the_first_was_interrupted(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = [*GOOD]
    other[1] = "丁卯美术培训中心"
    files = ("一.xlsx", THREE_ROWS), ("二.xlsx", xlsx([HEADER, other], title="机构"))
    page = drop(open_page(PAGE, OWN), *files)
    clicked = [True]

    def interrupted(*args: Any, progress: Any, **named: Any) -> Any:
        if named["file_name"] == "二.xlsx" and clicked:
            clicked.clear()
            progress = lambda *_: st.rerun()  # noqa: E731  as another click does
        return import_file(*args, progress=progress, **named)

    monkeypatch.setattr("ui.ledger_import.import_file", interrupted)
    page = confirm(page)
    assert stored() == 2  # of the second file nothing is written

    page = confirm(page)

    assert stored() == 3
    assert ["新增 2 ＋ 已有 0" in words for words in texts(page.success)] == [True, False]
    assert "新增 1 ＋ 已有 0" in texts(page.success)[1]


def test_file_name_is_shown_as_text(open_page: OpenPage) -> None:
    name = "[点这里](http://evil.example) **粗** :red[红].xlsx"
    page = confirm(drop(open_page(PAGE, OWN), (name, THREE_ROWS)))

    [told] = texts(page.success)
    assert plain(name) in told
    assert name not in told
