"""Names of pupils, telephone and identity numbers: in the file, and nowhere in the database."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, select

from data_access import schema
from data_access.ledgers.importing import Imported, import_file
from data_access.ledgers.kinds import KINDS, Kind, Masks, Read
from data_access.ledgers.masking import IDENTITY, NAME, PHONE
from data_access.ledgers.storing import Sender
from tests.data_access.ledgers.conftest import CITY, Load
from tests.data_access.ledgers.files import DISPUTE, INSTITUTION, read_rows, said, xlsx
from tests.data_access.ledgers.understandings import roster

CALL, CARD, CHILD = "13800138000", "450205201001011234", "李小明"
SAID = f"家长反映{CHILD}（{CARD}）在此上课，电话{CALL}"
KEPT = f"家长反映{NAME}（{IDENTITY}）在此上课，电话{PHONE}"
REPORT = {
    "线索编号": "JB-1",
    "接报日期": "2022-07-04",
    "举报渠道": "12345 热线",
    "违规类型": "一对一",
    "县区": "柳北区",
    "办理状态": "已受理",
}
TOLD = "有 {} 格含电话、证件号码或姓名，已隐去后入库，原文不保存"


def send(
    engine: Engine,
    kind: str,
    *rows: dict[str, Any],
    sender: Sender = CITY,
    name: str = "台账.csv",
) -> Imported:
    buffer = StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    data = buffer.getvalue().encode()
    return import_file(engine, KINDS[kind], data, file_name=name, sender=sender)


def everything(engine: Engine) -> str:
    """All that the database holds, as one text."""
    with engine.connect() as conn:
        return "\n".join(
            repr(tuple(row))
            for table in schema.metadata.sorted_tables
            for row in conn.execute(select(table))
        )


def told(imported: Imported, severity: str = "warning") -> list[tuple[str | None, str]]:
    return [(p.column, p.problem) for p in imported.report.problems if p.severity == severity]


def row_of(kind: Kind, text: str) -> dict[str, Any]:
    """A row of the ledger with ``text`` in each of its columns that takes what people write."""
    cells: dict[str, Any] = {"学生姓名": CHILD}
    for column in kind.columns:
        if column.read in (Read.TEXT, Read.GROUPED) and column.masks is not Masks.PHONE:
            cells[column.header] = text if column.masks is Masks.NAMES else text[:30]
        if column.masks is Masks.NOTHING or column.name == "issue_type":
            cells[column.header] = "0" * 64 if column.name == "sha256" else "BH-1"
        if column.words and column.name != "aspect":  # of a check of safety alone
            cells[column.header] = next(iter(column.words.values()))[0]
        if column.read in (Read.DAY, Read.DAY_AHEAD) and column.required:
            cells[column.header] = "2022-07-04"
        if column.read in (Read.COUNT, Read.MONEY) and column.required:
            cells[column.header] = 1
        if column.read is Read.PERIOD:
            cells[column.header] = "2022-07-07"
        if column.read is Read.COUNTY:
            cells[column.header] = "柳北区"
    return cells


def test_no_ledger_keeps_any_of_it_and_sending_it_again_changes_nothing(database: Engine) -> None:
    secrets = (CALL, CARD, CHILD)
    files = [(kind.name, row_of(kind, f"甲{CALL}，{CARD}，{CHILD}")) for kind in KINDS.values()]

    for kind, row in files:
        first = send(database, kind, row, name=f"{CALL}.csv")
        assert (first.report.rows_loaded, first.report.rows_rejected) == (1, 0), told(
            first, "error"
        )
    held = everything(database)
    assert not [secret for secret in secrets if secret in held]
    assert held.count(PHONE) > len(KINDS)
    assert NAME in held
    assert IDENTITY in held

    with database.connect() as conn:
        facts = [
            table
            for table in schema.metadata.sorted_tables
            if table.name not in ("import_batch", "import_problem", "audit_event")
        ]
        before = [conn.execute(select(table)).all() for table in facts]
    for kind, row in files:
        again = send(database, kind, row, name=f"{CALL}.csv")
        assert (again.report.rows_loaded, again.report.rows_updated) == (0, 1)
    with database.connect() as conn:
        assert [conn.execute(select(table)).all() for table in facts] == before


def test_reporters_words_are_kept_without_it_and_their_phone_in_its_own_column(
    database: Engine,
) -> None:
    send(
        database,
        "violation_reports",
        {**REPORT, "学生姓名": CHILD, "内容摘要": SAID, "举报人电话": CALL, "地址": f"找{CALL}"},
    )

    with database.connect() as conn:
        row = conn.execute(select(schema.violation_report)).one()
    assert (row.summary, row.reporter_phone, row.address) == (KEPT, CALL, f"找{PHONE}")


def test_one_warning_a_column_says_how_many_cells(database: Engine) -> None:
    rows = [
        {**REPORT, "线索编号": f"JB-{n}", "孩子姓名": CHILD, "内容摘要": text}
        for n, text in enumerate((f"电话{CALL}", f"{CHILD}退费", SAID, "无"))
    ]

    assert told(send(database, "violation_reports", *rows)) == [
        ("内容摘要", TOLD.format(3)),
        ("孩子姓名", "含个人信息，不入库"),
    ]


def test_several_sheets_are_counted_together(database: Engine) -> None:
    header = [*REPORT, "内容摘要"]
    sheets = {
        name: [header, [f"JB-{name}", *list(REPORT.values())[1:4], name, "已受理", SAID]]
        for name in ("柳北区", "城中区")
    }

    imported = import_file(
        database,
        KINDS["violation_reports"],
        xlsx(**sheets),
        file_name="全市.xlsx",
        sender=CITY,
    )

    assert told(imported) == [("内容摘要", TOLD.format(2))]


@pytest.mark.parametrize(
    ("header", "is_personal"),
    [
        *(
            (header, True)
            for header in ("学生姓名", "孩子姓名", "学生", "家长姓名", "姓名", "家长")
        ),
        *(
            (header, True)
            for header in ("学生 姓名（必填）", "家长姓名", "举报人", "联系人", "监护人姓名")
        ),
        *((header, True) for header in ("身份证号", "家长电话", "家庭住址", "微信号")),
        *((header, False) for header in ("微信群", "学生数", "负责人", "学校名称", "备考")),
    ],
)
def test_columns_about_persons_are_told_apart_from_unknown_ones(
    header: str, is_personal: bool
) -> None:
    understanding = read_rows({**DISPUTE, header: "李小明"}, kind="refund_disputes")

    words = "含个人信息，不入库" if is_personal else "这一列不在本台账之内，已忽略"
    assert said(understanding) == [f"— {header}：{words}"]
    [sheet] = understanding.sheets
    assert (header in sheet.personal, header in sheet.unknown) == (is_personal, not is_personal)


def test_problems_do_not_repeat_it_and_the_sender_gets_the_row_back_as_he_wrote_it(
    database: Engine,
) -> None:
    row = {**REPORT, "学生姓名": CHILD, "办理状态": f"问{CALL}", "举报人电话": CALL * 9}

    imported = send(database, "violation_reports", {**row, "内容摘要": SAID})

    values = [p.value for p in imported.report.problems if p.severity == "error"]
    assert sorted(map(str, values)) == sorted([f"问{PHONE}", PHONE])
    held = everything(database)
    assert not [secret for secret in (CALL, CARD, CHILD) if secret in held]
    sheet = openpyxl.load_workbook(BytesIO(imported.rejects_workbook())).active
    assert sheet is not None
    back = [cell.value for cell in sheet[2]]
    assert {CHILD, SAID, f"问{CALL}", CALL * 9} <= set(back)


def test_problems_found_while_storing_do_not_repeat_it_either(database: Engine) -> None:
    item = {
        "台账编号": "ZG-1",
        "县区": "柳北区",
        "问题来源": "检查",
        "问题类型": "无证办学",
        "严重程度": "一般",
        "登记日期": "2022-07-04",
        "整改期限": "2022-07-20",
        "整改状态": "已销号",
        "佐证材料": SAID,
        "复核人": f"韦{CALL}",
    }

    imported = send(
        database,
        "rectifications",
        item,
        sender=Sender("county@x", "450205", is_county_account=True),
    )

    values = {p.value for p in imported.report.problems if p.column == "复核人"}
    assert values == {None, f"韦{PHONE}"}
    assert CALL not in everything(database)


def test_old_values_keep_none_of_it(database: Engine) -> None:
    send(database, "violation_reports", {**REPORT, "内容摘要": "甲", "举报人电话": CALL})
    with database.begin() as conn:  # as a version that hid nothing left it
        conn.execute(schema.violation_report.update().values(summary=f"电话{CALL}"))

    changed = {**REPORT, "内容摘要": f"电话{CALL}！", "举报人电话": "0772-3812345"}
    send(database, "violation_reports", changed)

    with database.connect() as conn:
        rows = conn.execute(select(schema.row_change)).all()
    assert {(row.column_name, row.old_value, row.new_value) for row in rows} == {
        ("summary", f"电话{PHONE}", f"电话{PHONE}！"),
        ("reporter_phone", PHONE, PHONE),
    }


def test_identity_number_in_the_place_of_a_credit_code_is_refused(database: Engine) -> None:
    imported = send(database, "institutions", {**INSTITUTION, "统一社会信用代码": CARD})

    [(column, problem)] = told(imported, "error")
    assert (column, problem[:9]) == ("统一社会信用代码", "像是身份证号，不能")
    assert CARD not in everything(database)


def test_rows_of_another_county_leave_nothing_in_this_county_s_problems(database: Engine) -> None:
    foreign = {**DISPUTE, "县区": "融水", "机构名称": "他县机构", "涉及金额": "他县金额"}

    imported = send(
        database, "refund_disputes", DISPUTE, foreign, foreign, sender=Sender("甲", "450202")
    )

    assert imported.report.rows_rejected == 2
    assert {p.value for p in imported.report.problems if p.row in (3, 4)} <= {None, "融水"}
    held = everything(database)
    assert "他县" not in held
    said = sum(held.count(known) for known in ("融水苗族自治县", "'融水'", "'融水镇'"))
    assert held.count("融水") == said


def test_telephone_column_is_quoted_in_no_problem(load: Load) -> None:
    stored = load("roster_entries", roster(phone="1" * 65))

    assert [p.value for p in stored.problems if p.severity == "error"] == [PHONE]
