"""A workbook of several ledgers: which sheets are read, and what is told of the others."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, func, select

from data_access import schema
from data_access.__main__ import main
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.problems import UnreadableFileError
from data_access.ledgers.understanding import Understanding
from data_access.ledgers.values import Setting
from data_access.ledgers.workbooks import TO_DO, understand_ledger, understand_workbook
from tests.data_access.ledgers.files import (
    COUNTIES,
    DISPUTE,
    INSTITUTION,
    TODAY,
    saved,
    table,
    xlsx,
)

VERIFICATION = {
    "县区": "城中区",
    "机构名称": "甲子培训中心",
    "核查项目": "办学资质",
    "核查日期": None,
    "核查结果": None,
}


def read(data: bytes, crs: str = "wgs84") -> dict[str, Understanding]:
    setting = Setting(TODAY, 2022, COUNTIES, "450202", crs)
    found = understand_workbook(TO_DO, "待办.xlsx", data, setting=setting)
    return {each.kind.name: each for each in found}


def test_each_sheet_is_read_as_the_ledger_it_is_named_after_in_the_order_of_storing() -> None:
    found = read(xlsx(退费纠纷=table(DISPUTE), 填写说明=[["一"]], 机构台账=table(INSTITUTION)))

    assert list(found) == ["institutions", "refund_disputes"]
    assert [each.rows_read for each in found.values()] == [1, 1]
    assert [p.problem for each in found.values() for p in each.problems] == []


def test_row_without_an_outcome_and_a_day_says_nothing_and_is_counted_apart() -> None:
    filled = {**VERIFICATION, "核查项目": "场地条件", "核查日期": "2022-08-24", "核查结果": "合格"}
    half = {**VERIFICATION, "核查项目": "证照办理", "核查结果": "合格"}

    found = read(xlsx(资质核查=table(VERIFICATION, filled, half)))["verifications"]

    assert found.rows["item"].tolist() == ["premises", "certificates"]
    assert found.rows["row"].tolist() == [3, 4]
    assert found.rejected.tolist() == [False, True]  # half of it is none
    assert [p.problem for p in found.problems] == ["有 1 行没有填，未导入", "必填项没有填，请补填"]


def test_other_and_hidden_sheets_are_told_of() -> None:
    book = openpyxl.Workbook()
    book.active.title = "草稿"
    book.active.append(["甲"])
    for title in ("机构台账", "退费纠纷"):
        sheet = book.create_sheet(title)
        for row in table(INSTITUTION if title == "机构台账" else DISPUTE):
            sheet.append(row)
    book["退费纠纷"].sheet_state = "hidden"
    book.create_sheet("空的")

    found = read(saved(book))

    assert list(found) == ["institutions"]
    assert [(p.sheet, p.problem) for p in found["institutions"].problems] == [
        ("草稿", "不是待办工作簿的工作表，未导入"),
        ("退费纠纷", "隐藏的工作表，未导入"),
    ]


def test_workbook_without_such_a_sheet_is_not_read() -> None:
    with pytest.raises(UnreadableFileError, match="没有找到待办工作簿的工作表，应有这些：机构台账"):
        read(xlsx(Sheet1=table(INSTITUTION)))


def test_sheet_that_is_not_what_its_name_says_stops_the_whole_file() -> None:
    with pytest.raises(UnreadableFileError, match="工作表“退费纠纷”缺少必填列"):
        read(xlsx(机构台账=table(INSTITUTION), 退费纠纷=table(INSTITUTION)))


def test_places_are_where_we_wrote_them_whatever_is_chosen() -> None:
    placed = {**INSTITUTION, "经度": 109.41, "纬度": 24.31}

    found = read(xlsx(机构台账=table(placed)), crs="gcj02")["institutions"]

    assert (found.rows["longitude"][0], found.rows["latitude"][0]) == (109.41, 24.31)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_command_line_takes_it_as_one_file_with_one_report(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database.url.database}")
    monkeypatch.chdir(tmp_path)
    broken = {**DISPUTE, "纠纷编号": "TF-002", "处理状态": "不知"}
    path = tmp_path / "待办.xlsx"
    path.write_bytes(xlsx(机构台账=table(INSTITUTION), 退费纠纷=table(DISPUTE, broken)))

    assert main(["import", "to_do", str(path)]) == 3

    back = openpyxl.load_workbook(tmp_path / "待办_退回.xlsx")
    assert back.sheetnames == ["退费纠纷"]
    with database.connect() as conn:
        batch = schema.import_batch.c
        rows = conn.execute(select(batch.kind, batch.rows_read, batch.rows_rejected)).all()
        linked = conn.scalar(select(func.count(schema.refund_dispute.c.institution_id)))
    assert [tuple(row) for row in rows] == [("institutions", 1, 0), ("refund_disputes", 2, 1)]
    assert linked == 1  # the institution of the same workbook is known by then


@pytest.mark.parametrize(
    ("kind", "data", "named"),
    [
        ("violation_reports", xlsx(机构台账=table(INSTITUTION), 填写说明=[["一"]]), "待办工作簿"),
        (
            "violation_reports",
            xlsx(机构台账=table(INSTITUTION), 退费纠纷=table(DISPUTE)),
            "待办工作簿",
        ),
        ("violation_reports", xlsx(table(DISPUTE)), "退费纠纷"),
        ("refund_disputes", xlsx(table(INSTITUTION)), "机构台账"),
        ("institutions", xlsx([["甲", "乙"], ["1", "2"]]), None),
    ],
    ids=["guide", "sheets", "disputes", "institutions", "none"],
)
def test_refusal_names_the_ledger_that_the_file_is(
    kind: str, data: bytes, named: str | None
) -> None:
    setting = Setting(TODAY, 2022, COUNTIES)

    with pytest.raises(UnreadableFileError) as refused:
        understand_ledger(KINDS[kind], "台账.xlsx", data, setting=setting)

    hint = f"这个文件像是“{named}”，请把台账种类改选为“{named}”再试"
    assert str(refused.value).endswith(hint if named else "请核对文件和台账种类")
