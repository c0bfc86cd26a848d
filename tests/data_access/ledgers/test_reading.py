"""A whole file understood, as the ledgers of offices are."""

from __future__ import annotations

import hashlib
from datetime import date, time

import openpyxl
import pandas as pd
import pytest

from data_access.ledgers.kinds import KINDS, Read
from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.values import database_columns
from tests.data_access.ledgers.files import (
    DISPUTE,
    INSTITUTION,
    read,
    read_rows,
    said,
    saved,
    table,
    xls,
    xlsx,
)

NOWHERE = {key: value for key, value in INSTITUTION.items() if key != "县区"}
REPORT = {
    "线索编号": "JB-001",
    "接报日期": "2022年7月5日",
    "举报渠道": "12345热线",
    "违规类型": "一对一",
    "县区": "融水",
    "办理状态": "属实",
    "上课时间": "19：00—20：30",
    "内容摘要": "第一行\n第二行",
}


def refusal(data: bytes, kind: str = "institutions", **given) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        read(data, kind, **given)
    return str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_of_the_database_is_there_with_its_type(kind: str) -> None:
    ledger = KINDS[kind]
    row = {column.header: "x" for column in ledger.columns if column.required}

    understanding = read_rows(row, kind=kind)

    names = [name for column in ledger.columns for name in database_columns(column)]
    dtypes = understanding.rows.dtypes.astype(str).to_dict()
    assert list(dtypes) == ["sheet", "row", *names]
    assert set(understanding.cleared) == set(names)
    for column in ledger.columns:
        wanted = {
            Read.COUNT: "Int64",
            Read.MONEY: "Float64",
            Read.NUMBER: "Float64",
            Read.YES_NO: "boolean",
            Read.DAY: "datetime64[s]",
            Read.DAY_AHEAD: "datetime64[s]",
        }.get(column.read, "object")
        assert {dtypes[name] for name in database_columns(column)} == {wanted}, column.name


def test_report_is_understood_as_a_row_of_the_database() -> None:
    data = xlsx(table(REPORT))

    understanding = read(data, "violation_reports")

    row = understanding.rows.iloc[0]
    assert said(understanding) == []
    assert (row["sheet"], row["row"]) == ("Sheet1", 2)
    assert row["received_on"] == pd.Timestamp(2022, 7, 5)
    assert (row["channel"], row["channel_group"]) == ("12345热线", "12345 热线")
    assert row["county_code"] == "450225"
    assert (row["class_starts_at"], row["class_ends_at"]) == (time(19), time(20, 30))
    assert row["summary"] == "第一行\n第二行"
    assert row["status"] == "substantiated"
    assert row["institution_name"] is None
    assert pd.isna(row["verified_on"])
    assert understanding.sha256 == hashlib.sha256(data).hexdigest()
    assert understanding.header_of["Sheet1"]["class_ends_at"] == "上课时间"


def test_three_formats_of_one_table_are_understood_alike() -> None:
    rows = [["机构台账"], [], *table(INSTITUTION, {**INSTITUTION, "机构名称": "乙丑"})]
    text = "\n".join(",".join(cell or "" for cell in row) for row in rows)

    of_xlsx = read(xlsx(rows, title="台账"))
    of_xls = read(xls(rows, title="台账"), file_name="台账.xls")
    of_csv = read(text.encode("gb18030"), file_name="台账.csv")

    pd.testing.assert_frame_equal(of_xlsx.rows, of_xls.rows)
    pd.testing.assert_frame_equal(of_xlsx.rows, of_csv.rows)
    assert of_csv.rows["row"].tolist() == [4, 5]
    assert of_csv.sheets[0].header_row == 3


def test_real_dates_and_serials_are_days() -> None:
    rows = [
        {**INSTITUTION, "机构名称": name, "排查日期": day}
        for name, day in (("甲", date(2022, 7, 5)), ("乙", 44747), ("丙", 20220705))
    ]

    found = read_rows(*rows).rows["found_on"]

    assert found.tolist() == [pd.Timestamp(2022, 7, 5)] * 3


def test_sheet_is_shown_as_it_was_read() -> None:
    rows = [
        ["机构台账"],
        ["序号", " 县 区 ", "机构名称", "类别", "状态", "发现日期", "备注", "备注"],
    ]

    understanding = read(xlsx([*rows, [1, *INSTITUTION.values()]]))

    (sheet,) = understanding.sheets
    assert (sheet.name, sheet.header_row, sheet.rows_read) == ("Sheet1", 2, 1)
    assert sheet.columns == {
        "县 区": "县区",
        "机构名称": "机构名称",
        "类别": "机构类别",
        "状态": "经营状态",
        "发现日期": "排查日期",
    }
    assert sheet.unknown == ("备注", "备注")
    assert said(understanding) == ["— 备注：这一列不在本台账之内，已忽略"] * 2


def test_column_that_means_the_same_as_another_is_told() -> None:
    understanding = read_rows({**INSTITUTION, "状态": "停业"})

    assert understanding.rows["operating_status"].tolist() == ["operating"]
    assert said(understanding) == ["— 状态：与“经营状态”列重复，只采用“经营状态”，本列已忽略"]


def test_column_without_a_header_is_told_when_it_holds_something() -> None:
    rows = table(INSTITUTION)

    understanding = read(xlsx([[*rows[0], None], [*rows[1], "随手记"]]))

    assert said(understanding) == ["— —：有内容但没有表头的列，已忽略"]


def test_money_in_wan_is_scaled_and_a_title_that_says_so_alone_is_told() -> None:
    wan = {**DISPUTE, "涉及金额（万元）": "1.2"}
    del wan["涉及金额"]

    assert read_rows(wan, kind="refund_disputes").rows["amount_yuan"].tolist() == [12_000]

    understanding = read(xlsx([["单位：万元"], *table(DISPUTE)]), "refund_disputes")
    assert understanding.rows["amount_yuan"].tolist() == [1200]
    assert said(understanding, "warning") == [
        "— 涉及金额：表头上方另写了金额单位，本列未注明，按元处理；如为万元，请写入本列表头"
    ]


# County -------------------------------------------------------------------------------


def test_county_is_the_cells_else_the_sheets_else_the_senders() -> None:
    rows = table(
        {**INSTITUTION, "机构名称": "甲", "县区": "柳北"},
        {**INSTITUTION, "机构名称": "乙", "县区": None},
    )

    assert read(xlsx(融水县=rows)).rows["county_code"].tolist() == ["450205", "450225"]
    assert read(xlsx(rows), county="450205").rows["county_code"].tolist() == ["450205"] * 2


def test_county_of_the_sheet_serves_a_ledger_without_the_column() -> None:
    understanding = read(xlsx(融水=table(NOWHERE), 柳城县=table(NOWHERE)))

    assert understanding.rows["county_code"].tolist() == ["450225", "450222"]
    assert not understanding.rejected.any()


def test_county_of_a_text_file_is_that_of_its_name() -> None:
    text = "\n".join(",".join(row) for row in table(NOWHERE))

    assert read(text.encode(), file_name="融水县.csv").rows["county_code"].tolist() == ["450225"]


def test_row_without_any_county_is_rejected() -> None:
    understanding = read_rows(NOWHERE)

    assert said(understanding) == ["2 —：县区没有填，请补填"]


def test_ledger_that_must_have_counties_is_not_read_without_them() -> None:
    nowhere = {header: value for header, value in DISPUTE.items() if header != "县区"}

    with pytest.raises(UnreadableFileError, match="缺少必填列：县区"):
        read_rows(nowhere, kind="refund_disputes")

    by_sheet = read(xlsx(融水=table(nowhere)), kind="refund_disputes")
    by_sender = read_rows(nowhere, kind="refund_disputes", county="450225")
    for understanding in (by_sheet, by_sender):
        assert understanding.rows["county_code"].tolist() == ["450225"]
        assert not understanding.rejected.any()


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("rectification_events", {"台账编号": "ZG-1", "发生日期": "2022-07-05", "环节": "交办"}),
        ("roster_entries", {"名单来源": "教育部", "机构名称": "甲子"}),
        (
            "verifications",
            {
                "机构名称": "甲子",
                "核查项目": "办学资质",
                "核查日期": "2022-07-05",
                "核查结果": "合格",
            },
        ),
    ],
)
def test_row_that_finds_its_county_elsewhere_needs_none(kind: str, row: dict[str, str]) -> None:
    understanding = read_rows(row, kind=kind)

    assert not understanding.rejected.any()
    assert understanding.rows["county_code"].isna().all()


def test_row_that_contradicts_the_sender_is_rejected() -> None:
    understanding = read_rows(
        {**INSTITUTION, "县区": "柳北区"}, {**INSTITUTION, "机构名称": "乙丑"}, county="450202"
    )

    assert understanding.rejected.tolist() == [True, False]
    assert said(understanding) == [
        "2 县区：本行的县区与报送县区城中区不符，请改正县区或由所属县区报送"
    ]


def test_sheet_of_another_county_contradicts_the_sender() -> None:
    assert read(xlsx(柳北区=table(NOWHERE)), county="450202").rejected.all()


def test_county_that_is_none_is_said_once() -> None:
    understanding = read_rows({**INSTITUTION, "县区": "青秀区"}, county="450202")

    assert len(said(understanding)) == 1
    assert understanding.rows["county_code"].tolist() == [None]


# Cells --------------------------------------------------------------------------------


def test_required_cell_that_is_empty_rejects_its_row() -> None:
    understanding = read_rows(INSTITUTION, {**INSTITUTION, "机构名称": "乙", "排查日期": " "})

    assert said(understanding) == ["3 排查日期：必填项没有填，请补填"]
    assert understanding.rejected.tolist() == [False, True]


def test_value_that_is_not_understood_rejects_its_row_in_any_column() -> None:
    understanding = read_rows({**INSTITUTION, "学生人数": "约30"})

    (problem,) = understanding.problems
    assert (problem.sheet, problem.row, problem.column) == ("Sheet1", 2, "学生人数")
    assert (problem.value, problem.severity) == ("约30", "error")
    assert understanding.rejected.tolist() == [True]
    assert understanding.rows["students"].isna().all()


def test_cell_is_emptied_by_saying_so_but_not_where_a_value_must_stand() -> None:
    understanding = read_rows({**INSTITUTION, "地址": "清空", "注销日期": " 清空 "})

    assert not understanding.rejected.any()
    assert understanding.rows["address"].tolist() == [None]
    assert [name for name, said in understanding.cleared.items() if said.any()] == [
        *("deregistered_on", "address")
    ]

    for header in ("机构名称", "排查日期", "县区"):
        refused = read_rows({**INSTITUTION, header: "清空"}, county="450202")
        assert said(refused) == [f"2 {header}：此列不能清空，请填写"]
        assert not any(mask.any() for mask in refused.cleared.values())


def test_broken_formula_is_shown_for_what_it_is() -> None:
    book = openpyxl.load_workbook(_as_file(xlsx(table({**INSTITUTION, "学生人数": 5}))))
    book.active["F2"] = "#REF!"
    book.active["F2"].data_type = "e"

    understanding = read(saved(book))

    assert said(understanding) == ["2 学生人数：单元格里的公式出错，请改成数值或文字"]
    assert understanding.problems[0].value == "#REF!"


def test_long_cell_is_cut_short_in_its_problem() -> None:
    understanding = read_rows({**INSTITUTION, "机构名称": "甲" * 5000})

    assert understanding.problems[0].value == "甲" * 200


def test_problems_stand_in_the_order_of_sheets_and_rows() -> None:
    broken = {**INSTITUTION, "机构类别": "x", "学生人数": "约3", "经度": "x"}
    data = xlsx(柳北区=table(INSTITUTION, broken), 城中区=table(broken))

    rows = [(problem.sheet, problem.row) for problem in read(data).problems]

    assert rows == sorted(rows, key=lambda at: (at[0] != "柳北区", at[1] or 0))


# Sheets -------------------------------------------------------------------------------


def test_hidden_sheets_are_left_out_and_told_and_empty_ones_left_out() -> None:
    book = openpyxl.load_workbook(_as_file(xlsx(table(INSTITUTION))))
    book.create_sheet("Sheet2")
    hidden = book.create_sheet("字典")
    hidden.sheet_state = "hidden"
    for row in table(INSTITUTION):
        hidden.append(row)

    understanding = read(saved(book))

    assert [(s.name, s.skipped) for s in understanding.sheets] == [
        *(("Sheet1", None), ("Sheet2", "空工作表"), ("字典", "隐藏的工作表"))
    ]
    assert understanding.rows_read == 1
    assert said(understanding) == ["— —：隐藏的工作表，未导入"]


def test_sheet_of_words_is_left_out_and_told_beside_a_ledger() -> None:
    understanding = read(xlsx(填表说明=[["一、本表每周四前报送"]], 台账=table(INSTITUTION)))

    assert [s.name for s in understanding.sheets] == ["填表说明", "台账"]
    assert [(p.sheet, p.problem) for p in understanding.problems] == [
        ("填表说明", "没有找到表头，未导入")
    ]


def test_summary_that_shares_two_headers_is_left_out_and_told() -> None:
    understanding = read(xlsx(汇总=[["县区", "机构名称", "家数"]], 台账=table(INSTITUTION)))

    assert said(understanding) == ["— —：没有找到表头，未导入"]


def test_sheet_of_a_county_is_never_left_out() -> None:
    assert "工作表“柳北区”没有找到表头" in refusal(
        xlsx(城中区=table(NOWHERE), 柳北区=[["甲子", "体育"]])
    )


@pytest.mark.parametrize("sheet", ["Sheet2", "柳北区"])
def test_required_column_that_is_missing_in_one_sheet_refuses_the_file(sheet: str) -> None:
    short = {key: value for key, value in NOWHERE.items() if key != "机构类别"}

    assert f"工作表“{sheet}”缺少必填列：机构类别" in refusal(
        xlsx(**{"城中区": table(NOWHERE), sheet: table(short)})
    )


@pytest.mark.parametrize("rows", [[], [["甲", "乙"]], [["机构台账"], ["城中区", "甲子"]]])
def test_file_without_a_header_is_refused(rows) -> None:
    assert refusal(xlsx(rows)) == (
        "没有找到机构台账的表头，应有这些列：机构名称、机构类别、经营状态、排查日期。请核对文件和台账种类"
    )


def test_ledger_of_another_kind_is_refused() -> None:
    assert "缺少必填列" in refusal(xlsx(table(DISPUTE)), "violation_reports")


def test_header_without_rows_is_told() -> None:
    understanding = read(xlsx([list(INSTITUTION)]))

    assert understanding.rows_read == 0
    assert said(understanding) == ["— —：表头以下没有数据行"]


def test_more_rows_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_access.ledgers.reading.MAX_ROWS", 3)
    rows = [{**NOWHERE, "机构名称": name} for name in "甲乙"]

    assert refusal(xlsx(城中区=table(*rows), 柳北区=table(*rows))) == (
        "数据超过 3 行，请拆分后再报送"
    )


def test_progress_goes_up_to_the_end() -> None:
    told: list[tuple[float, str]] = []

    read(
        xlsx(城中区=table(NOWHERE), 柳北区=table(NOWHERE)),
        progress=lambda share, words: told.append((share, words)),
    )

    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert told[0][1] == "正在读取文件"


def _as_file(data: bytes):
    from io import BytesIO

    return BytesIO(data)
