from __future__ import annotations

import pytest

from data_access.ledgers.headers import Header, find_header
from data_access.ledgers.kinds import KINDS
from data_access.ledgers.workbook import RawSheet, read_sheets
from tests.data_access.ledgers.files import xlsx

DISPUTES = ["纠纷编号", "县区", "机构名称", "登记日期", "涉及学生数", "涉及金额", "处理状态"]


def header_of(rows, kind: str = "refund_disputes", merged=()) -> Header | None:
    (sheet,) = read_sheets("a.xlsx", xlsx(rows, merged=merged))
    return find_header(KINDS[kind], sheet)


def columns(header: Header | None) -> list[str | None]:
    assert header is not None
    return [heading.column.name if heading.column else None for heading in header.headings]


def one(header: str, kind: str = "refund_disputes"):
    """Return what one header means, beside two that are known."""
    found = header_of([["纠纷编号", "线索编号", "县区", header]], kind)
    assert found is not None
    return found.headings[-1]


@pytest.mark.parametrize(
    "header",
    [
        "登记日期",
        " 登记 日期 ",
        "登记\n日期",
        "登记日期（必填）",
        "登记日期(年月日)",
        "登记日期*",
        "*登记日期：",
        "【登记日期】"[1:-1],
        "受理日期",
        "登记　日期",
    ],
)
def test_header_is_known_by_its_words_alone(header: str) -> None:
    assert one(header).column.name == "opened_on"


@pytest.mark.parametrize("header", ["登记", "日期", "登记日期备注", "备案日期", "处理结果"])
def test_other_words_are_no_header(header: str) -> None:
    assert one(header).column is None


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("涉及金额", 1),
        ("涉及金额（元）", 1),
        ("涉及金额（万元）", 10_000),
        ("涉及金额(单位：万元)", 10_000),
        ("涉及金额\n（万元）", 10_000),
        ("涉及金额万元", 10_000),
        ("涉及金额/万元", 10_000),
        ("涉及金额【万元】", 10_000),
        ("涉及金额（必填，万元）", 10_000),
        ("涉及金额（千元）", 1_000),
    ],
)
def test_unit_in_the_header_scales_the_column(header: str, scale: int) -> None:
    heading = one(header)

    assert (heading.column.name, heading.scale) == ("amount_yuan", scale)


@pytest.mark.parametrize(
    "header", ["场地面积（㎡）", "场地面积㎡", "建筑面积(平方米)", "场地面积/m²"]
)
def test_square_metres_are_the_unit_of_the_column(header: str) -> None:
    heading = one(header, "institutions")

    assert (heading.column.name, heading.scale) == ("floor_area_m2", 1)


def test_unit_means_nothing_in_a_column_of_text() -> None:
    assert one("内容摘要（万元）", "violation_reports").scale == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_header_and_synonym_of_every_ledger_is_known(kind: str) -> None:
    for column in KINDS[kind].columns:
        for word in (column.header, *column.synonyms):
            others = [other.header for other in KINDS[kind].columns if other is not column][:2]
            assert column.name in columns(header_of([[*others, word]], kind)), word


def test_columns_stand_in_any_order_among_unknown_ones() -> None:
    found = header_of([["序号", "备注", *reversed(DISPUTES)]])

    assert columns(found)[:4] == [None, None, "status", "amount_yuan"]
    assert [h.text for h in found.headings if h.is_unknown] == ["备注"]


def test_title_rows_stand_above_the_header() -> None:
    found = header_of([["退费纠纷台账"], [], ["填报单位：城中区教育局"], DISPUTES, ["TF-1"]])

    assert found.last_row == 3
    assert columns(found)[0] == "dispute_no"


def test_header_cells_of_two_rows_are_read_together() -> None:
    rows = [
        ["退费纠纷台账"],
        ["纠纷编号", "县区", "机构信息", None, "登记日期", "涉及情况", None, "处理状态"],
        [None, None, "名称", "代码", None, "学生数", "金额（万元）", None],
    ]
    merged = ("A1:H1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "F2:G2", "H2:H3")

    found = header_of(rows, merged=merged)

    assert found.last_row == 2
    assert columns(found) == [
        *("dispute_no", "county_code", "institution_name", "credit_code", "opened_on"),
        *("students", "amount_yuan", "status"),
    ]
    assert found.headings[6].scale == 10_000
    assert [h.text for h in found.headings][2:4] == ["名称", "代码"]
    assert found.layout[2] == "机构信息\n名称"


def test_layout_of_two_rows_is_understood_as_one() -> None:
    layout = ["纠纷编号", "县区", "机构信息\n名称", "机构信息\n代码", "涉及情况\n金额（万元）"]

    found = header_of([layout])

    assert columns(found) == [
        *("dispute_no", "county_code", "institution_name", "credit_code", "amount_yuan")
    ]
    assert found.headings[4].scale == 10_000


def test_two_rows_need_no_merged_cells() -> None:
    found = header_of([["纠纷编号", "县区", "机构信息", "", "状态"], ["", "", "名称", "代码", ""]])

    assert columns(found) == [
        *("dispute_no", "county_code", "institution_name", "credit_code", "status")
    ]
    assert found.last_row == 1


def test_unit_may_stand_in_a_row_of_its_own() -> None:
    rows = [DISPUTES, [None, None, None, None, "（人）", "（万元）", None]]
    merged = ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "G1:G2")

    found = header_of(rows, merged=merged)

    assert found.last_row == 1
    assert columns(found)[5] == "amount_yuan"
    assert found.headings[5].scale == 10_000


def test_data_below_are_no_second_header_row() -> None:
    found = header_of([DISPUTES, ["TF-1", "城中区", "状态", "2022-07-05", 3, 1200, "未化解"]])

    assert found.last_row == 0


def test_county_merged_down_the_data_is_no_taller_header() -> None:
    found = header_of([DISPUTES, ["TF-1", "城中区"], ["TF-2", None]], merged=("B2:B3",))

    assert found.last_row == 0


def test_of_two_columns_that_mean_the_same_the_canonical_one_is_taken() -> None:
    found = header_of([["纠纷编号", "县区", "状态", "处理状态", "处理状态"]])

    assert columns(found) == ["dispute_no", "county_code", None, "status", None]
    assert [h.duplicate_of for h in found.headings] == [None, None, "处理状态", None, "处理状态"]


@pytest.mark.parametrize("rows", [[["甲", "乙"], ["丙", "丁"]], [["县区", "数量"]], [["机构台账"]]])
def test_sheet_without_two_known_headers_has_no_header(rows) -> None:
    assert header_of(rows) is None


def test_required_columns_that_are_missing_are_named_but_never_the_county() -> None:
    found = header_of([["纠纷编号", "机构名称", "涉及学生数", "涉及金额", "登记日期"]])

    assert found.missing(KINDS["refund_disputes"]) == ["处理状态"]


def test_unit_named_in_the_title_alone_is_noticed() -> None:
    unmeasured = header_of([["单位：万元"], DISPUTES]).unmeasured()

    assert [heading.text for heading in unmeasured] == ["涉及金额"]
    assert header_of([["单位：城中区教育局"], DISPUTES]).unmeasured() == []


def test_merged_range_beyond_the_sheet_is_harmless() -> None:
    sheet = RawSheet("a", [[*DISPUTES]], merged=[((0, 5), (1_048_575, 16_383)), ((-3, 0), (9, 0))])

    assert find_header(KINDS["refund_disputes"], sheet).known >= len(DISPUTES) - 1
